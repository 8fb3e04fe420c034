/**
 * A file of XML from the inbox: each payment of a bank statement becomes a row that the tie-out reads.
 *
 * 1. Read all of the file; one that cannot be trusted is refused whole, and nothing is kept.
 * 2. Add the counts, once per run.
 * 3. Keep what it says: a statement that came before takes its own place.
 * 4. Publish the result file: one line a payment, with the document that it names.
 *
 * The caller has started the run and finishes it. May be repeated after a failure anywhere.
 */
import type { BankRow } from "#shared/domain/bank-rows.ts";
import type { BankStatement } from "#shared/domain/bank-statement.ts";
import { resultKeyOf } from "#shared/domain/file-key.ts";
import { formatResultFile } from "#shared/domain/file-result.ts";
import type { RowOutcome } from "#shared/domain/file-rows.ts";
import type { BankRowStore } from "#shared/ports/bank-rows.ts";
import type { FileStore, OpenedXml } from "#shared/ports/files.ts";
import type { RunStore } from "#shared/ports/runs.ts";

export interface ImportXmlDependencies {
  readonly files: Pick<FileStore, "publish">;
  readonly runs: Pick<RunStore, "add">;
  readonly bankRows: BankRowStore;
  /** Throws SyncError `invalid-input` with a fix on a file that cannot be trusted. */
  readonly readStatements: (content: Uint8Array) => readonly ReadStatement[];
}

interface ReadStatement {
  readonly statement: Pick<BankStatement, "account" | "statementId" | "createdAtMs">;
  readonly rows: readonly BankRow[];
}

export interface XmlImport {
  readonly rowCount: number;
  readonly rejectedRowCount: number;
  /** Change events that were queued. */
  readonly recordCount: number;
}

/** Throws SyncError `invalid-input` with a fix where the file is to be refused. */
export async function importXmlFile(
  deps: ImportXmlDependencies,
  drop: { readonly key: string },
  { content }: OpenedXml,
  runId: string,
  signal: AbortSignal,
): Promise<XmlImport> {
  const statements = deps.readStatements(content);
  const rows = statements.flatMap((one) => one.rows).map(outcomeOf);
  const counted = { rowCount: rows.length, rejectedRowCount: 0, recordCount: 0 };
  await deps.runs.add(runId, `${runId}:import`, {
    rows: BigInt(counted.rowCount),
    rejectedRows: 0n,
    records: 0n,
  });
  for (const { statement, rows: kept } of statements) {
    signal.throwIfAborted();
    const { account, statementId, createdAtMs } = statement;
    await deps.bankRows.save({ account, statementId, createdAtMs, rows: kept });
  }
  const result = formatResultFile(runId, rows);
  await deps.files.publish(resultKeyOf(drop.key), result, "text/csv; charset=utf-8");
  return counted;
}

/** Payments are counted from 1: there is no header. */
function outcomeOf({ record_key: key }: BankRow, index: number): RowOutcome {
  return { row: index + 1, key, faults: [] };
}
