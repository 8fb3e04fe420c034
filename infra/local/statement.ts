/**
 * `npm run statement -- <file.xml>`: what a bank statement says, and which documents its payments name.
 * Nothing is stored.
 */
import { readFileSync } from "node:fs";
import { formatMoney, money } from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type ReadBankStatement, readBankFile } from "#shared/runtime/bank-statement-reading.ts";

const USAGE = `Usage: npm run statement -- <file.xml>

Exits with 0 where the statement is whole and adds up, 1 where it is refused, 2 where there is no such file.
`;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function sayStatement({ statement, rows }: ReadBankStatement): void {
  const { statementId, account, currency, opening, closing } = statement;
  say(`statement ${statementId} of ${account}, ${currency}`);
  say(`  ${formatMoney(opening)} at the beginning, ${formatMoney(closing)} at the end: it adds up`);
  for (const row of rows) {
    const amount = formatMoney(money(row.gross_minor, row.currency));
    const state = row.excluded_by === null ? "" : `  (${row.excluded_by})`;
    say(`  ${row.document_date}  ${amount.padStart(14)}  ${row.record_key}${state}`);
  }
  const named = rows.filter((row) => !row.record_key.startsWith("bank:"));
  say(`  ${rows.length} payments, ${named.length} of them name a document`);
}

const [path, surplus] = process.argv.slice(2);
try {
  if (path === undefined || surplus !== undefined) throw new Error(USAGE);
  for (const one of readBankFile(readFileSync(path))) sayStatement(one);
} catch (error) {
  if (error instanceof SyncError) {
    const { code, field, fix } = error.failure;
    process.stderr.write(
      `refused: ${code}${field === undefined ? "" : ` (${field})`}\n${fix ?? ""}\n`,
    );
  } else {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  }
  process.exitCode = error instanceof SyncError ? 1 : 2;
}
