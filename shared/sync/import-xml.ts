/**
 * A file of XML from the inbox. Each payment of a bank statement becomes a row that the tie-out reads; an
 * e-invoice is held against the document of the books that it is, and linked to it.
 *
 * 1. Read all of the file; one that cannot be trusted is refused whole, and nothing is kept.
 * 2. Add the counts, once per run.
 * 3. Keep what it says: a statement that came before takes its own place; a link that is there
 *    already is found unchanged.
 * 4. Publish the result file: one line a payment, with the document that it names; of an e-invoice a
 *    line for all that is wrong with it.
 *
 * The caller has started the run and finishes it. May be repeated after a failure anywhere.
 */
import type { BankRow } from "#shared/domain/bank-rows.ts";
import type { BankStatement } from "#shared/domain/bank-statement.ts";
import { resultKeyOf } from "#shared/domain/file-key.ts";
import { formatListedRows, type ListedRow, resultContentType } from "#shared/domain/file-result.ts";
import type { BankRowStore } from "#shared/ports/bank-rows.ts";
import type { FileStore, OpenedXml } from "#shared/ports/files.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import type { ChangeEvent, ChangeQueue } from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { judgeEInvoice, type JudgeEInvoiceDependencies } from "./judge-e-invoice.ts";
import { nowText } from "./now-text.ts";

export interface ImportXmlDependencies extends JudgeEInvoiceDependencies {
  readonly files: Pick<FileStore, "publish">;
  readonly runs: Pick<RunStore, "add">;
  readonly changes: ChangeQueue;
  readonly bankRows: BankRowStore;
  /** Throws SyncError `invalid-input` with a fix on a file that cannot be trusted. */
  readonly readStatements: (content: Uint8Array) => readonly ReadStatement[];
  readonly clock: Clock;
  readonly log: Pick<Log, "moved">;
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

/** What a file says, and how that is kept. */
interface Reading {
  readonly outcomes: readonly ListedRow[];
  readonly recordCount: number;
  readonly keep: (signal: AbortSignal) => Promise<void>;
}

/** Throws SyncError `invalid-input` with a fix where the file is to be refused. */
export async function importXmlFile(
  deps: ImportXmlDependencies,
  drop: { readonly key: string; readonly droppedAtMs: number },
  { document, content }: OpenedXml,
  runId: string,
  signal: AbortSignal,
): Promise<XmlImport> {
  const { outcomes, recordCount, keep } =
    document === "e-invoice"
      ? await readDocument(deps, drop.droppedAtMs, content, runId)
      : readPayments(deps, content);
  const rejected = outcomes.filter(({ faults }) => faults.length > 0);
  const counted = { rowCount: outcomes.length, rejectedRowCount: rejected.length, recordCount };
  await deps.runs.add(runId, `${runId}:import`, {
    rows: BigInt(counted.rowCount),
    rejectedRows: BigInt(counted.rejectedRowCount),
    records: BigInt(counted.recordCount),
  });
  await keep(signal);
  const result = formatListedRows(runId, outcomes);
  await deps.files.publish(resultKeyOf(drop.key), result, resultContentType);
  return counted;
}

/** Payments are counted from 1: there is no header. */
function readPayments(deps: ImportXmlDependencies, content: Uint8Array): Reading {
  const statements = deps.readStatements(content);
  return {
    outcomes: statements
      .flatMap(({ rows }) => rows)
      .map(({ record_key: key }, index) => ({
        ...{ row: index + 1, key },
        ...{ status: "applied", faults: [] },
      })),
    recordCount: 0,
    keep: async (signal) => {
      for (const { statement, rows } of statements) {
        signal.throwIfAborted();
        const { account, statementId, createdAtMs } = statement;
        await deps.bankRows.save({ account, statementId, createdAtMs, rows });
      }
    },
  };
}

async function readDocument(
  deps: ImportXmlDependencies,
  droppedAtMs: number,
  content: Uint8Array,
  runId: string,
): Promise<Reading> {
  const { number, faults, record } = await judgeEInvoice(deps, content);
  const status = faults.length > 0 ? "rejected" : "applied";
  const outcomes = [{ row: 1, key: number, status, faults }] as const;
  if (record === undefined) return { outcomes, recordCount: 0, keep: async () => undefined };
  const { recordType, externalId } = record;
  const event: ChangeEvent = {
    connection: eInvoiceConnection,
    recordType,
    externalId,
    capturedAt: nowText(deps),
    record: { ...record, version: droppedAtMs, life: "live" },
    via: "file",
    tries: 0,
  };
  return {
    outcomes,
    recordCount: 1,
    keep: async () => {
      await deps.changes.send([event], { runId });
      const moved = { from: eInvoiceConnection, recordType, id: externalId, to: "changes", runId };
      deps.log.moved({ ...moved, result: "captured" });
    },
  };
}

/** The source that e-invoices belong to. It speaks for nobody: of an issued document the books decide. */
const eInvoiceConnection = "e-invoices";
