/**
 * A file from the inbox becomes change events, a run with its counts, and a result file.
 *
 * 1. Open the file. The run's id follows from the key, the time of the drop and the content, so a
 *    second delivery of the same drop finds the run of the first and ends here if that was finished.
 *    Dropping the file again is a new drop, and a new run.
 * 2. Read all of it before anything is handed on: what shows a cut file stands at its end.
 * 3. Start the run.
 * 4. Queue a change event for each record. All of a drop bear the time of the drop as their version,
 *    so an older file that is read late never overwrites a newer one.
 * 5. Add the counts, once per run.
 * 6. Publish the result file, and finish the run.
 *
 * A file that cannot be trusted as a whole is refused: nothing is queued, the result file has one
 * line, and the run ends with the problem. After a crash anywhere the steps are repeated with the
 * same run, the same events, one receipt and the same result key; events that are queued twice find
 * nothing new the second time.
 */
import { limits } from "#shared/config/limits.ts";
import { settleDocuments } from "#shared/domain/file-documents.ts";
import { findProfile } from "#shared/domain/file-header.ts";
import { fileNameOf, isSafeFileKey, resultKeyOf } from "#shared/domain/file-key.ts";
import type { BoundProfile, FileProblem, FileProfile } from "#shared/domain/file-profile.ts";
import { settleRecords } from "#shared/domain/file-records.ts";
import { formatRefusal, formatResultFile } from "#shared/domain/file-result.ts";
import { type FileReading, type FileRow, isBlankRow, readRow } from "#shared/domain/file-rows.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { FileStore, InboxFile, OpenedXml, RowReader } from "#shared/ports/files.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import type { ChangeEvent, ChangeQueue } from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { type ImportXmlDependencies, importXmlFile } from "./import-xml.ts";

export interface ImportFileDependencies extends ImportXmlDependencies {
  readonly files: FileStore;
  readonly rowReader: RowReader;
  readonly profiles: readonly FileProfile[];
  readonly changes: ChangeQueue;
  readonly runs: RunStore;
  readonly clock: Clock;
  readonly log: Log;
}

export type ImportOutcome =
  | {
      readonly kind: "imported";
      readonly runId: string;
      readonly rowCount: number;
      readonly rejectedRowCount: number;
      readonly recordCount: number;
    }
  | { readonly kind: "refused"; readonly runId: string; readonly problem: FileProblem }
  /** An earlier delivery of the same drop was finished. */
  | { readonly kind: "repeated"; readonly runId: string }
  /** The file was taken out of the inbox before it could be read. */
  | { readonly kind: "gone" };

/** Built and queued at a time; the queue packs them into messages. */
const EVENTS_PER_SEND = 10 * limits.changeEventsPerMessageMax;

/** Imports one dropped file; may be repeated after any failure. Throws what the stores and queues throw. */
export async function importFile(
  deps: ImportFileDependencies,
  drop: { readonly key: string },
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const file = await deps.files.open(drop.key, signal);
  if (file === undefined) return { kind: "gone" };
  const runId = runIdOf(file);
  const known = await deps.runs.get(runId);
  if (known?.capturedAt !== undefined) return { kind: "repeated", runId };

  const content = await readContent(deps, file, signal);
  if (known === undefined) await startRun(deps, file, runId, content);
  if (content.kind === "refused") return refuse(deps, file, runId, content.problem);
  if (content.kind === "xml") return importXml(deps, file, runId, content, signal);

  const { bound, reading } = content;
  const rejectedRowCount = reading.rows.filter((row) => row.faults.length > 0).length;
  const counted = {
    rowCount: reading.rows.length,
    rejectedRowCount,
    recordCount: reading.records.length,
  };
  await deps.runs.add(runId, `${runId}:import`, {
    rows: BigInt(counted.rowCount),
    rejectedRows: BigInt(counted.rejectedRowCount),
    records: BigInt(counted.recordCount),
  });
  // Counted first: what share of a run changes is judged while its records are applied.
  await queueRecords(deps, file, runId, bound.profile, reading, signal);
  const result = formatResultFile(runId, reading.rows);
  await deps.files.publish(resultKeyFor(file, runId), result, CSV);
  await deps.runs.finishCapture(runId, nowText(deps));
  deps.log.info("file imported", { runId, profile: bound.profile.profile, ...counted });
  return { kind: "imported", runId, ...counted };
}

async function importXml(
  deps: ImportFileDependencies,
  file: InboxFile,
  runId: string,
  opened: OpenedXml,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  try {
    const counted = await importXmlFile(deps, file, opened, runId, signal);
    await deps.runs.finishCapture(runId, nowText(deps));
    deps.log.info("file imported", { runId, document: opened.document, ...counted });
    return { kind: "imported", runId, ...counted };
  } catch (cause) {
    return refuse(deps, file, runId, problemIn(cause));
  }
}

async function refuse(
  deps: ImportFileDependencies,
  file: InboxFile,
  runId: string,
  problem: FileProblem,
): Promise<ImportOutcome> {
  await deps.files.publish(resultKeyFor(file, runId), formatRefusal(runId, problem), CSV);
  await deps.runs.finishCapture(runId, nowText(deps), asRunProblem(problem));
  deps.log.info("file refused", { runId, code: problem.code });
  return { kind: "refused", runId, problem };
}

type Content =
  | OpenedXml
  | { readonly kind: "read"; readonly bound: BoundProfile; readonly reading: FileReading }
  | { readonly kind: "refused"; readonly problem: FileProblem };

const CSV = "text/csv; charset=utf-8";

async function readContent(
  deps: ImportFileDependencies,
  file: InboxFile,
  signal: AbortSignal,
): Promise<Content> {
  if (!isSafeFileKey(file.key)) {
    return refused(
      "file-key-refused",
      "Rename the file: no control characters, no backslash, no empty or dotted folder names.",
    );
  }
  if (file.bytes > limits.fileBytesMax) {
    return refused(
      "file-too-large",
      `Split the file; ${limits.fileBytesMax} bytes are the most.`,
      `${file.bytes} bytes`,
    );
  }
  if (/\.xml$/i.test(file.key)) return openXml(file);
  try {
    return await readRows(deps, file, signal);
  } catch (cause) {
    return { kind: "refused", problem: problemIn(cause) };
  }
}

/** How all namespaces of UBL 2 begin, and where that of the root stands. */
const UBL_NAMESPACE = "urn:oasis:names:specification:ubl:schema:xsd:";
const ROOT_BYTES_MAX = 4_096;

/** One beyond the bound is begun only: its reader refuses it by its length. */
async function openXml(file: InboxFile): Promise<OpenedXml> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.read({ from: 0, to: limits.xmlBytesMax + 1 })) chunks.push(chunk);
  const content = concatenate(chunks);
  const start = new TextDecoder().decode(content.subarray(0, ROOT_BYTES_MAX));
  const document = start.includes(UBL_NAMESPACE) ? "e-invoice" : "bank-statement";
  return { kind: "xml", document, content };
}

function concatenate(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((total, { length }) => total + length, 0));
  let end = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, end);
    end += chunk.length;
  }
  return bytes;
}

/** What makes the whole file unfit; anything else is thrown on. */
function problemIn(cause: unknown): FileProblem {
  if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
  const { code, fix, field } = cause.failure;
  if (fix === undefined) throw cause;
  return { code, fix, detail: field };
}

async function readRows(
  deps: ImportFileDependencies,
  file: InboxFile,
  signal: AbortSignal,
): Promise<Content> {
  let bound: BoundProfile | undefined;
  const rows: FileRow[] = [];
  let rowNumber = 0;
  let faultsLeft: number = limits.fileProblemsMax;
  for await (const cells of deps.rowReader.readRows(file.read())) {
    signal.throwIfAborted();
    rowNumber += 1;
    if (bound === undefined) {
      const choice = findProfile(deps.profiles, cells, fileNameOf(file.key));
      if (choice.kind === "refused") return choice;
      bound = choice.bound;
      continue;
    }
    if (isBlankRow(cells)) continue;
    const row = readRow(bound, rowNumber, cells, faultsLeft);
    faultsLeft -= row.faults.length;
    rows.push(row);
  }
  if (bound === undefined) {
    return refused("file-empty", "Put the names of the columns in the first row.");
  }
  const settle = bound.profile.layout === "row-per-line" ? settleDocuments : settleRecords;
  return { kind: "read", bound, reading: settle(bound, rows) };
}

async function queueRecords(
  deps: ImportFileDependencies,
  file: InboxFile,
  runId: string,
  profile: FileProfile,
  reading: FileReading,
  signal: AbortSignal,
): Promise<void> {
  const { connection, speaksFor, recordType } = profile;
  const capturedAt = nowText(deps);
  for (let start = 0; start < reading.records.length; start += EVENTS_PER_SEND) {
    signal.throwIfAborted();
    const slice = reading.records.slice(start, start + EVENTS_PER_SEND);
    const events = slice.map(({ externalId, fields }): ChangeEvent => {
      const version = file.droppedAtMs;
      const record = { recordType, externalId, version, life: "live", fields } as const;
      const via = "file" as const;
      return { connection, speaksFor, recordType, externalId, capturedAt, record, via, tries: 0 };
    });
    await deps.changes.send(events, { runId });
    for (const { externalId } of slice) {
      const moved = { from: connection, recordType, id: externalId, to: "changes", runId };
      deps.log.moved({ ...moved, result: "captured" });
    }
  }
}

async function startRun(
  deps: ImportFileDependencies,
  file: InboxFile,
  runId: string,
  content: Content,
): Promise<void> {
  await deps.runs.start({
    runId,
    kind: "import",
    startedAt: nowText(deps),
    subject: isSafeFileKey(file.key) ? file.key : escapeKey(file.key),
    connection: content.kind === "read" ? content.bound.profile.connection : undefined,
  });
}

function runIdOf(file: InboxFile): string {
  const { key, droppedAtMs, bytes, contentTag } = file;
  return `import-${digestText([key, droppedAtMs, bytes, contentTag].join("\n"))}`;
}

/** The answer to a key that is not safe to write to goes to a folder of our own. */
function resultKeyFor(file: InboxFile, runId: string): string {
  return isSafeFileKey(file.key) ? resultKeyOf(file.key) : `refused/${runId}.result.csv`;
}

function escapeKey(key: string): string {
  return key.replace(/[\p{Cc}\\]/gu, "_").slice(0, 200);
}

function refused(code: string, fix: string, detail?: string): Content {
  return { kind: "refused", problem: { code, fix, detail } };
}

function asRunProblem({ code, fix, detail }: FileProblem): {
  code: string;
  fix: string;
  detail?: string;
} {
  return detail === undefined ? { code, fix } : { code, fix, detail };
}

function nowText(deps: ImportFileDependencies): string {
  return new Date(deps.clock()).toISOString();
}
