/**
 * An export: a file of rows in the outbox, and its manifest beside it.
 *
 * 1. the first message starts the run;
 * 2. gather: read page by page, put the rows away in parts, each in the order of its keys;
 * 3. out of time: hand on the rest, with the cursor and the names of the parts;
 * 4. all is gathered: hand on the names alone, so that the file has an invocation of its own;
 * 5. write: merge the parts and stream the file, then its manifest, then end the run.
 *
 * A part is named after its content and a file after its parts, so what is written again by a message
 * that came twice is the same, or stands beside it under another name. The manifest names one file,
 * and is written once that is whole: a file that no manifest names is none.
 */
import { limits } from "#shared/config/limits.ts";
import { exportPrefix } from "#shared/config/names.ts";
import type { ExportEntry } from "#shared/domain/export/entry.ts";
import { type ExportManifest, ExportTally } from "#shared/domain/export/manifest.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { ExportProgress, ExportRequest } from "#shared/ports/exports.ts";
import type { Run } from "#shared/ports/runs.ts";
import { delayAfter, isTransient } from "./backoff.ts";
import type { ExportRecordsDependencies } from "./dependencies.ts";
import { mergeParts, PartBuffer } from "./export-parts.ts";
import { type ExportSource, sourceOf } from "./export-sources.ts";
import type { Invocation } from "./invocation.ts";
import { nowText } from "./now-text.ts";

const begun: ExportProgress = { isGathered: false, parts: [], leftOutCount: 0, leftOut: [] };

export async function exportRecords(
  deps: ExportRecordsDependencies,
  request: ExportRequest,
  context: Invocation,
): Promise<void> {
  const run = await startedRun(deps, request);
  // A message that came again after its export had ended.
  if (run.capturedAt !== undefined) return;
  const { progress = begun, choices } = request;
  try {
    const source = sourceOf(deps, choices);
    if (progress.isGathered) return await writeFile(deps, { request, run, source }, context);
    const gathered = await gather(deps, source, progress, context);
    await deps.exportQueue.send({ ...request, progress: gathered, tries: 0 });
  } catch (cause) {
    if (!(cause instanceof SyncError) || cause.failure.kind === "bug") throw cause;
    await settle(deps, request, cause.failure);
  }
}

/** Where an export is in the outbox, but for the end of its name. */
function exportKeyOf(run: Pick<Run, "runId" | "startedAt" | "subject">): string {
  const time = run.startedAt.replace(/[-:]|\.\d+/g, "");
  return `${exportPrefix}${run.subject}/${time}-${digestText(run.runId).slice(0, 6)}`;
}

export function manifestKeyOf(run: Pick<Run, "runId" | "startedAt" | "subject">): string {
  return `${exportKeyOf(run)}.manifest.json`;
}

/** Step 1. The start that is stored counts: all names follow from it. */
async function startedRun(deps: ExportRecordsDependencies, request: ExportRequest): Promise<Run> {
  const { runId, choices } = request;
  const startedAt = nowText(deps);
  await deps.runs.start({ runId, kind: "export", startedAt, subject: choices.of });
  const run = await deps.runs.get(runId);
  if (run === undefined) throw new SyncError({ kind: "retryable", code: "run-unknown" });
  return run;
}

/** Steps 2 to 4. */
async function gather(
  deps: ExportRecordsDependencies,
  source: ExportSource,
  progress: ExportProgress,
  { signal, remainingMs }: Invocation,
): Promise<ExportProgress> {
  const parts = [...progress.parts];
  const leftOut = [...progress.leftOut];
  let { cursor, leftOutCount } = progress;
  const buffer = new PartBuffer();
  const flush = async (): Promise<void> => {
    const content = buffer.take();
    if (content === undefined) return;
    if (parts.length >= limits.exportPartsMax) throw new SyncError(tooLarge);
    parts.push(await deps.exports.stage(content));
  };
  for (;;) {
    signal.throwIfAborted();
    const page = await source.readPage(cursor);
    buffer.add(page.entries);
    leftOutCount += page.leftOut.length;
    leftOut.push(...page.leftOut.slice(0, limits.exportLeftOutListedMax - leftOut.length));
    cursor = page.cursor;
    const isOver = cursor === undefined || remainingMs() < limits.invocationReserveMs;
    if (isOver || buffer.isFull) await flush();
    if (isOver) return { cursor, isGathered: cursor === undefined, parts, leftOutCount, leftOut };
  }
}

interface Gathered {
  readonly request: ExportRequest;
  readonly run: Run;
  readonly source: ExportSource;
}

/** Step 5. */
async function writeFile(
  deps: ExportRecordsDependencies,
  { request, run, source }: Gathered,
  context: Invocation,
): Promise<void> {
  const { choices, runId, progress = begun } = request;
  const { parts, leftOut, leftOutCount } = progress;
  const writer = deps.tableWriters[choices.format];
  const tally = new ExportTally(source.columns);
  const entries = counted(mergeParts(deps.exports, parts), tally, context);
  const name = digestText([choices.format, ...parts].join("\n")).slice(0, 6);
  const file = `${exportKeyOf(run)}.${name}.${writer.extensionOf(choices)}`;
  const content = writer.write({ name: choices.of, columns: source.columns, entries }, choices);
  const written = await deps.exports.write(file, writer.contentType, content);
  const to = nowText(deps);
  const { records, rows } = tally;
  const manifest: ExportManifest = {
    version: 1,
    runId,
    ...choices,
    file,
    ...written,
    records,
    rows,
    columns: source.columns.map(({ level: _level, ...column }) => column),
    sums: tally.sums(),
    leftOut: { count: leftOutCount, listed: leftOut },
    asOf: { from: run.startedAt, to },
  };
  await deps.exports.writeManifest(manifestKeyOf(run), manifest);
  await deps.runs.add(runId, "export", {
    records: BigInt(records),
    rows: BigInt(rows),
    leftOut: BigInt(leftOutCount),
    bytes: BigInt(written.bytes),
  });
  await deps.runs.finishCapture(runId, to);
}

async function* counted(
  entries: AsyncIterable<ExportEntry>,
  tally: ExportTally,
  { signal, remainingMs }: Invocation,
): AsyncGenerator<ExportEntry> {
  for await (const entry of entries) {
    signal.throwIfAborted();
    if (remainingMs() < limits.exportReserveMs) throw new SyncError(tooLarge);
    tally.add(entry);
    yield entry;
  }
}

const tooLarge: Failure = {
  kind: "invalid-input",
  code: "export-too-large",
  fix: "Export less at once: only what changed since a day, with changedSince.",
};

/** What may pass is tried again from where it was; else the run ends with what a person is to do. */
async function settle(
  deps: ExportRecordsDependencies,
  request: ExportRequest,
  failure: Failure,
): Promise<void> {
  const { runId, tries } = request;
  if (isTransient(failure) && tries + 1 < limits.triesMax) {
    const delayMs = delayAfter(failure, tries);
    deps.log.info("export-postponed", { runId, code: failure.code, delayMs });
    await deps.exportQueue.send({ ...request, tries: tries + 1 }, { delayMs });
    return;
  }
  const { code, fix = "Start the export again; look at the log where it keeps failing." } = failure;
  const known = isTransient(failure) ? { code: "export-not-written", detail: code } : { code };
  await deps.runs.finishCapture(runId, nowText(deps), { fix, ...known });
}
