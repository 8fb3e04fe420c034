/**
 * A snapshot: every record of every side as that side shows it, read from the systems themselves and
 * never from the mapping table, which the tie-out is to prove.
 *
 * 1. the first message of a run names the sources: each connection and each record type it reads;
 * 2. read the first source page by page, write its rows in parts;
 * 3. out of time, or out of quota: write what was read, hand on the rest with the cursor;
 * 4. a source is read: hand on the others;
 * 5. none is left: write the manifest, and ask for the comparison.
 *
 * A message that comes again writes the same parts over themselves. Nothing is compared before the
 * manifest is there, and then only what has as many rows as the manifest says.
 */
import { limits } from "#shared/config/limits.ts";
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import type { Fields } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { SnapshotRow, SnapshotTally } from "#shared/domain/tie-out/snapshot-row.ts";
import {
  bankRowOf,
  sideOfConnection,
  snapshotRowOf,
  snapshotTypeOf,
  unreadableRow,
} from "#shared/domain/tie-out/snapshot-rows.ts";
import type { SnapshotProgress, SnapshotRequest } from "#shared/ports/queues.ts";
import { delayAfter, isOwnTry, isTransient } from "./backoff.ts";
import type { TakeSnapshotDependencies } from "./dependencies.ts";
import type { Invocation } from "./invocation.ts";
import { nowText } from "./now-text.ts";

/** A request that is under way: its run has a name and its sources are known. */
type Begun = SnapshotRequest & { readonly runId: string; readonly progress: SnapshotProgress };
type Source = SnapshotProgress["sources"][number];

const bankSource: Source = { connection: "bank", recordType: "payment" };

export async function takeSnapshot(
  deps: TakeSnapshotDependencies,
  request: SnapshotRequest,
  context: Invocation,
): Promise<void> {
  const begun = await begin(deps, request);
  const [source, ...others] = begun.progress.sources;
  if (source === undefined) return finish(deps, begun, context);
  const reading = new Reading(deps, begun, source);
  try {
    const isWhole = await reading.read(context);
    const sources = isWhole ? others : begun.progress.sources;
    const progress = { ...reading.progress(), sources };
    await deps.snapshotQueue.send({ ...begun, tries: 0, progress });
  } catch (cause) {
    if (!(cause instanceof SyncError) || !isTransient(cause.failure)) throw cause;
    await postpone(deps, begun, reading, cause.failure);
  }
}

/** Step 1. */
async function begin(deps: TakeSnapshotDependencies, request: SnapshotRequest): Promise<Begun> {
  const startedAtMs = deps.clock();
  const startedAt = new Date(startedAtMs).toISOString();
  const runId = request.runId ?? `tie-out-${startedAt.replace(/[^0-9]/g, "")}`;
  const { progress } = request;
  if (progress !== undefined) return { ...request, runId, progress };
  const sources = [...deps.connectors.values()].flatMap(({ connection, definition }) =>
    definition.reads.map((recordType) => ({ connection, recordType })),
  );
  if (deps.bankRows !== undefined) sources.push(bankSource);
  await deps.runs.start({ runId, kind: "tie-out", startedAt, subject: "all sides" });
  return { ...request, runId, progress: { startedAtMs, sources, written: [] } };
}

/** Reads one source; knows at each moment from where another invocation would have to go on. */
class Reading {
  readonly #deps: TakeSnapshotDependencies;
  readonly #begun: Begun;
  readonly #source: Source;
  #rows: SnapshotRow[] = [];
  #cursor: string | undefined;
  #written: readonly SnapshotTally[];
  #hasMoved = false;

  constructor(deps: TakeSnapshotDependencies, begun: Begun, source: Source) {
    this.#deps = deps;
    this.#begun = begun;
    this.#source = source;
    this.#cursor = begun.progress.cursor;
    this.#written = begun.progress.written;
  }

  /** Whether a page was read, so that a failure after it is the first one there. */
  get hasMoved(): boolean {
    return this.#hasMoved;
  }

  progress(): SnapshotProgress {
    const { startedAtMs, sources } = this.#begun.progress;
    return { startedAtMs, sources, cursor: this.#cursor, written: this.#written };
  }

  /** Steps 2 and 3; false where the source has more. */
  async read({ signal, remainingMs }: Invocation): Promise<boolean> {
    for (;;) {
      const page = await readPage(this.#deps, this.#source, this.#cursor, signal);
      this.#rows.push(...page.rows);
      this.#cursor = page.nextCursor;
      this.#hasMoved = true;
      const isLast = page.nextCursor === undefined;
      const isOver = isLast || remainingMs() < limits.invocationReserveMs;
      if (isOver || this.#rows.length >= limits.snapshotPartRowsMax) await this.flush();
      if (isOver) return isLast;
    }
  }

  /** Writes what was read since the last part. */
  async flush(): Promise<void> {
    if (this.#rows.length === 0) return;
    const { connection, recordType } = this.#source;
    const place = { side: sideOfConnection(connection), recordType: snapshotTypeOf(recordType) };
    const isSame = (tally: SnapshotTally): boolean =>
      tally.side === place.side && tally.recordType === place.recordType;
    const before = this.#written.find(isSame);
    const part = before?.parts ?? 0;
    const { runId: snapshotId } = this.#begun;
    await this.#deps.snapshots.writePart({ ...place, snapshotId, part }, this.#rows);
    const tally = { ...place, parts: part + 1, rows: (before?.rows ?? 0) + this.#rows.length };
    this.#written = [...this.#written.filter((one) => !isSame(one)), tally];
    this.#rows = [];
  }
}

interface RowPage {
  readonly rows: readonly SnapshotRow[];
  readonly nextCursor?: string | undefined;
}

async function readPage(
  deps: TakeSnapshotDependencies,
  { connection, recordType }: Source,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<RowPage> {
  const side = sideOfConnection(connection);
  if (side === "bank") {
    const page = await deps.bankRows?.readPage(cursor, signal);
    if (page === undefined) return { rows: [] };
    const { rows, unreadable, nextCursor } = page;
    const left = unreadable.map((key) => unreadableRow(side, key));
    return { rows: [...rows.map(bankRowOf), ...left], nextCursor };
  }
  const connector = deps.connectors.get(connection);
  if (connector === undefined) {
    throw new SyncError({ kind: "invalid-input", code: "connection-unknown", field: connection });
  }
  const page = await connector.readChanges(recordType, { cursor, signal });
  const matchKeyOf = (fields: Fields) => firstMatchKey(deps, recordType, fields);
  const rows = page.records.map((record) => snapshotRowOf(side, record, matchKeyOf));
  const unread = page.unreadable.map(({ externalId }) => unreadableRow(side, externalId));
  return { rows: [...rows, ...unread], nextCursor: page.nextCursor };
}

/** The evidence by which the engine, too, would find a record that carries no id of ours. */
function firstMatchKey(
  deps: TakeSnapshotDependencies,
  recordType: RecordType,
  fields: Fields,
): string | undefined {
  if (snapshotTypeOf(recordType) !== "customer") return undefined;
  for (const { kind, keyOf } of deps.flows[recordType].match) {
    const key = keyOf(fields);
    if (key !== undefined) return matchKeyText({ recordType, kind, key });
  }
  return undefined;
}

/** Goes on later after the last page that was read, so that no page is paid for again and again. */
async function postpone(
  deps: TakeSnapshotDependencies,
  begun: Begun,
  reading: Reading,
  failure: Failure,
): Promise<void> {
  await reading.flush();
  const before = reading.hasMoved ? 0 : begun.tries;
  const tries = before + (isOwnTry(failure) ? 1 : 0);
  const { connection, recordType } = begun.progress.sources[0] ?? bankSource;
  if (tries >= limits.triesMax) return fail(deps, begun, connection, failure);
  const delayMs = delayAfter(failure, before);
  deps.log.info("snapshot-postponed", { connection, recordType, code: failure.code, delayMs });
  await deps.snapshotQueue.send({ ...begun, tries, progress: reading.progress() }, { delayMs });
}

async function fail(
  deps: TakeSnapshotDependencies,
  { runId }: Begun,
  connection: ConnectionId,
  { code }: Failure,
): Promise<void> {
  await deps.runs.finishCapture(runId, nowText(deps), {
    code: "snapshot-not-taken",
    fix: "Look at the connection, then start the tie-out again.",
    detail: `${connection}: ${code}`,
  });
}

/** Step 5. */
async function finish(
  deps: TakeSnapshotDependencies,
  { runId, choices, progress }: Begun,
  { signal }: Invocation,
): Promise<void> {
  const { startedAtMs, written } = progress;
  const books = [...deps.connectors.values()].find((one) => one.readLedger !== undefined);
  const ledger = await books?.readLedger?.(signal);
  const inOrder = [...written].sort((left, right) => (orderOf(left) < orderOf(right) ? -1 : 1));
  const manifest = { snapshotId: runId, startedAtMs, written: inOrder };
  await deps.snapshots.writeManifest(ledger === undefined ? manifest : { ...manifest, ledger });
  const records = written.reduce((sofar, { rows }) => sofar + BigInt(rows), 0n);
  await deps.runs.add(runId, "snapshot", { records });
  await deps.tieOuts.send({ runId, choices, tries: 0 });
}

function orderOf({ side, recordType }: SnapshotTally): string {
  return `${side} ${recordType}`;
}
