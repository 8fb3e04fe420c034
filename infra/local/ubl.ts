/**
 * `npm run ubl -- export <canonical id>`: an issued invoice or credit note as UBL 2.1, on standard
 * output or in a file. `npm run ubl -- check <file>`: what a file of UBL says, and the rules it breaks.
 *
 * Without more, `export` asks the stack that `npm start` runs. With `--table` and `--secret` it asks a
 * deployment, with the credentials and the region that the AWS CLI would use.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { env } from "#shared/config/names.ts";
import type { RuleFinding } from "#shared/domain/e-invoice/rule-finding.ts";
import { formatMoney } from "#shared/domain/money.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { type ExportDependencies, exportInvoice } from "#shared/sync/export-invoice.ts";
import { readEInvoice } from "#shared/sync/read-e-invoice.ts";
import { readAddresses } from "./drop.ts";
import { useLocalStack } from "./use-local-stack.ts";

const USAGE = `Usage: npm run ubl -- export <canonical id> [options]
       npm run ubl -- check <file.xml>

  --out <file>      where the document is written; standard output without it
  --table <name>    the mapping table of a deployment, with
  --secret <name>   the secret of its connections
  --stack <file>    addresses of a local stack, in place of .local/stack.json

Exits with 0 where all is well, 1 where a document is refused or breaks a rule, 2 where it could not look.
`;

/** The books answer within seconds or not at all. */
const EXPORT_TIMEOUT_MS = 60_000;

class UsageError extends Error {}

function readOptions(args: readonly string[]) {
  const text = { type: "string" } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { out: text, table: text, secret: text, stack: text },
  });
  const [command, subject, surplus] = positionals;
  if (command !== "export" && command !== "check") throw new UsageError("export or check?");
  if (subject === undefined || surplus !== undefined) throw new UsageError(`${command} what?`);
  if ((values.table === undefined) !== (values.secret === undefined)) {
    throw new UsageError("--table and --secret go together");
  }
  return { command, subject, ...values };
}

type Options = ReturnType<typeof readOptions>;

async function connect({ table, secret, stack }: Options): Promise<ExportDependencies> {
  // Not at the top: a file is checked without loading AWS's clients.
  const { composeExport } = await import("#shared/runtime/compose-export.ts");
  if (table !== undefined) {
    return composeExport({ [env.table]: table, [env.connectionsSecret]: secret })();
  }
  const addresses = readAddresses(stack);
  useLocalStack(addresses);
  return composeExport({
    [env.table]: addresses.tables["mapping"],
    [env.connectionsSecret]: addresses.secrets.connections,
  })();
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function tellFindings(findings: readonly RuleFinding[]): void {
  for (const { rule, severity, where, expected, found } of findings) {
    const place = where === null ? "" : ` ${where}:`;
    tell(
      `${severity === "error" ? "broken" : "note"}: ${rule}${place} ${expected} expected, ${found} found`,
    );
  }
}

async function exportDocument(options: Options): Promise<boolean> {
  const deps = await connect(options);
  const signal = AbortSignal.timeout(EXPORT_TIMEOUT_MS);
  const outcome = await exportInvoice(deps, options.subject, signal);
  if (outcome.kind === "refused") {
    const { code, fix, field, findings = [] } = outcome;
    tell(`refused: ${code}${field === undefined ? "" : ` (${field})`}`);
    tellFindings(findings);
    tell(fix);
    return false;
  }
  tellFindings(outcome.notes);
  if (options.out === undefined) process.stdout.write(outcome.text);
  else {
    writeFileSync(options.out, outcome.text);
    tell(`${outcome.number} is in ${options.out}.`);
  }
  return true;
}

function checkFile({ subject }: Options): boolean {
  const reading = readEInvoice(eInvoiceReading, readFileSync(subject));
  if (reading.kind === "refused") {
    const { code, field, fix } = reading.failure;
    tell(`refused: ${code}${field === undefined ? "" : ` (${field})`}`);
    if (fix !== undefined) tell(fix);
    return false;
  }
  const { invoice, findings, leftOut } = reading;
  const { totals, lines, buyer } = invoice;
  const total = `${formatMoney(totals.withTax)} ${invoice.currency}`;
  tell(`${invoice.kind} ${invoice.number} of ${invoice.issuedOn} for ${buyer.name}`);
  tell(`${lines.length} lines, ${total}, of it tax ${formatMoney(totals.tax)}`);
  if (leftOut.length > 0) tell(`not read: ${leftOut.join(", ")}`);
  tellFindings(findings);
  const isWhole = findings.every(({ severity }) => severity === "note");
  tell(isWhole ? "Every rule holds." : "See docs/e-invoices.md for the rules.");
  return isWhole;
}

try {
  const options = readOptions(process.argv.slice(2));
  const isFine = options.command === "check" ? checkFile(options) : await exportDocument(options);
  process.exitCode = isFine ? 0 : 1;
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && "code" in error);
  tell(error instanceof Error ? error.message : String(error));
  if (isUsage) tell(`\n${USAGE}`);
  process.exitCode = 2;
}
