/**
 * Polls: what changed since the watermark, or, for a full check, every record there is.
 *
 * 1. a request without a connection becomes one request per connection and record type;
 * 2. read page by page, hand each page to the queue of changes with its records;
 * 3. move the watermark only past what the queue has taken;
 * 4. out of time: hand the rest on with the cursor.
 *
 * The watermark is in the remote's clock. Each poll reads the lookback before it again, so that
 * records of the same instant, or late in the remote's index, are not passed over; what comes twice
 * is found unchanged.
 */
import { limits } from "#shared/config/limits.ts";
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ConnectionId, RecordType } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ChangePage, Connector } from "#shared/ports/connector.ts";
import type { Watermark } from "#shared/ports/mapping-table.ts";
import type { ChangeEvent, PollRequest } from "#shared/ports/queues.ts";
import { delayAfter, isOwnTry, isTransient } from "./backoff.ts";
import type { PollDependencies } from "./dependencies.ts";
import { costWaiters } from "./cost-waits.ts";
import { deriveBilling } from "./derive-billing.ts";
import { HintSender } from "./hint-sender.ts";
import type { Invocation } from "./invocation.ts";
import { noteLedgers } from "./note-ledgers.ts";
import { nowText } from "./now-text.ts";
import { retryUnmade } from "./retry-unmade.ts";
import { sumUp } from "./roll-up.ts";
import { type Counted, Tally } from "./tally.ts";

export interface PollContext extends Invocation {
  /** The same when the message is delivered again. */
  readonly receipt: string;
}

export async function pollChanges(
  deps: PollDependencies,
  request: PollRequest,
  context: PollContext,
): Promise<void> {
  const { connection, recordType } = request;
  if (connection === undefined || recordType === undefined) {
    return fanOut(deps, request, context);
  }
  const connector = deps.connectors.get(connection);
  if (connector === undefined) {
    throw new SyncError({ kind: "invalid-input", code: "connection-unknown", field: connection });
  }
  let rest: SourceRequest = { ...request, connection, recordType };
  try {
    await readAll(deps, connector, rest, context, (next) => {
      rest = next;
    });
  } catch (cause) {
    if (!(cause instanceof SyncError) || !isTransient(cause.failure)) throw cause;
    // Goes on after the last page that was handed on: a quota that is spent again and again must not
    // have the same pages read again and again.
    const tries = rest.tries + (isOwnTry(cause.failure) ? 1 : 0);
    const delayMs = delayAfter(cause.failure, rest.tries);
    deps.log.info("poll-postponed", { connection, recordType, code: cause.failure.code, delayMs });
    if (request.mode === "full" || tries < limits.triesMax) {
      await deps.polls.send({ ...rest, tries }, { delayMs });
    }
  }
}

/** Step 1. */
async function fanOut(
  deps: PollDependencies,
  request: PollRequest,
  context: PollContext,
): Promise<void> {
  const sources = [...deps.connectors.values()]
    .filter(({ connection }) => (request.connection ?? connection) === connection)
    .flatMap(({ connection, definition }) =>
      definition.reads
        .filter((recordType) => (request.recordType ?? recordType) === recordType)
        .map((recordType) => ({ connection, recordType })),
    );
  const { mode } = request;
  const runId = mode === "full" ? await startFullCheck(deps, request) : request.runId;
  if (runId !== undefined) {
    await deps.runs.add(runId, "sources", { sources: BigInt(sources.length) });
  }
  for (const { connection, recordType } of sources) {
    await deps.polls.send({ mode, connection, recordType, runId, tries: 0 });
  }
  if (mode !== "full") return;
  await noteLedgers(deps, context.signal);
  await retryUnmade(deps, request, runId, context);
  await followCalendar(deps, runId, context);
}

async function startFullCheck(deps: PollDependencies, request: PollRequest): Promise<string> {
  const startedAt = nowText(deps);
  const runId = request.runId ?? `full-check-${startedAt.replace(/[^0-9]/g, "")}`;
  await deps.runs.start({ runId, kind: "full-check", startedAt, subject: "all connections" });
  return runId;
}

/**
 * What changes with the calendar alone: sums up customers whose due dates passed, and bills contracts
 * whose next period has begun. Beside these, what the day left over: documents that wait for a cost.
 */
async function followCalendar(
  deps: PollDependencies,
  runId: string | undefined,
  context: PollContext,
): Promise<void> {
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const cause = { runId, receipt: `${context.receipt}:overdue` };
  for await (const id of deps.relations.listDueBefore(dateOfEpochMs(deps.clock()))) {
    if (context.remainingMs() < limits.invocationReserveMs) break;
    const xref = (await deps.xrefs.load([id])).get(id);
    if (xref?.recordType === "order") await deriveBilling(deps, [xref], cause, hints);
    else if (xref?.recordType === "product") await costAll(deps, xref, cause, hints, context);
    else await sumUp(deps, new Map([[id, cause]]), hints);
  }
  await hints.send();
  await tally.save(deps.runs);
}

/** Until nobody waits for the product's cost any more, or the invocation runs out of time. */
async function costAll(
  deps: PollDependencies,
  product: CrossReference,
  cause: Counted,
  hints: HintSender,
  context: PollContext,
): Promise<void> {
  while (context.remainingMs() >= limits.invocationReserveMs) {
    const { isDone } = await costWaiters(deps, [product], cause, hints);
    if (isDone) return deps.relations.setDueOn(product.canonicalId, undefined);
  }
}

type SourceRequest = PollRequest & {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
};

/** Steps 2 to 4. `handedOn` is told what is left after each page. */
async function readAll(
  deps: PollDependencies,
  connector: Connector,
  request: SourceRequest,
  context: PollContext,
  handedOn: (rest: SourceRequest) => void,
): Promise<void> {
  const { connection, recordType } = request;
  const startedAtMs = deps.clock();
  const startedAt = new Date(startedAtMs).toISOString();
  const runId = request.runId ?? `poll-${connection}-${recordType}-${startedAt}`;
  const { lookbackMs } = connector.definition.changes;
  const isFirstPage = request.resume === undefined && request.mode === "incremental";
  const watermark = isFirstPage ? await deps.watermarks.get(connection, recordType) : undefined;
  const since = request.resume?.since ?? sinceOf(watermark, lookbackMs);
  const mayMovePerPage = connector.definition.changes.isOrdered && since !== undefined;
  let cursor = request.resume?.cursor;
  let reachedAt = request.resume?.reachedAt ?? 0;
  let rest: SourceRequest | undefined;
  for (let page = 0; page < limits.pollPagesPerInvocationMax; page += 1) {
    const { signal } = context;
    const read = await connector.readChanges(recordType, { since, cursor, signal });
    for (const record of read.records) reachedAt = Math.max(reachedAt, record.version);
    const isNews = read.records.length + read.unreadable.length > 0;
    if (isNews && request.runId === undefined) {
      const subject = `${connection} ${recordType}`;
      await deps.runs.start({ runId, kind: "poll", startedAt, subject, connection });
    }
    if (isNews) await handOn(deps, request, read, runId, `${context.receipt}:${page}`);
    cursor = read.nextCursor;
    if (cursor === undefined) {
      if (reachedAt > 0) {
        await deps.watermarks.advance(connection, recordType, reachedAt, deps.clock());
      }
      if (watermark !== undefined && isQuiet(watermark, reachedAt, startedAtMs - lookbackMs)) {
        await deps.watermarks.settle(connection, recordType, watermark.reachedAt);
      }
      return finish(deps, request, runId, context.receipt);
    }
    if (mayMovePerPage) {
      await deps.watermarks.advance(connection, recordType, reachedAt, deps.clock());
    }
    rest = { ...request, runId, resume: { cursor, since, reachedAt }, tries: 0 };
    handedOn(rest);
    if (context.remainingMs() < limits.invocationReserveMs) break;
  }
  if (rest !== undefined) await deps.polls.send(rest);
}

/** Once nothing can be late any more, the lookback would only read the last burst again and again. */
function sinceOf(watermark: Watermark | undefined, lookbackMs: number): number | undefined {
  if (watermark === undefined) return undefined;
  const { reachedAt, isSettled } = watermark;
  return isSettled ? reachedAt : Math.max(0, reachedAt - lookbackMs);
}

/** A whole poll that began a lookback after the watermark last moved, and found nothing newer. */
function isQuiet(watermark: Watermark, reachedAt: number, quietSinceMs: number): boolean {
  const { isSettled, movedAtMs } = watermark;
  return !isSettled && reachedAt <= watermark.reachedAt && movedAtMs < quietSinceMs;
}

async function handOn(
  deps: PollDependencies,
  request: SourceRequest,
  page: ChangePage,
  runId: string,
  receipt: string,
): Promise<void> {
  const { connection, recordType } = request;
  const capturedAt = nowText(deps);
  const events = page.records.map(
    (record): ChangeEvent => ({
      connection,
      recordType: record.recordType,
      externalId: record.externalId,
      capturedAt,
      record,
      via: request.mode === "full" ? "check" : "poll",
      tries: 0,
    }),
  );
  await deps.changes.send(events, { runId });
  for (const { externalId, failure } of page.unreadable) {
    await deps.parked.park({ connection, recordType, externalId, failure, parkedAt: capturedAt });
    const { code } = failure;
    deps.log.moved({
      from: connection,
      recordType,
      id: externalId,
      to: "tieout",
      result: "parked",
      code,
      runId,
    });
  }
  await deps.runs.add(runId, receipt, {
    records: BigInt(page.records.length + page.unreadable.length),
    parked: BigInt(page.unreadable.length),
  });
}

/** A run of one source is captured with it; a run of several when the last of them is. */
async function finish(
  deps: PollDependencies,
  request: SourceRequest,
  runId: string,
  receipt: string,
): Promise<void> {
  if (request.runId !== undefined) {
    const source = `${request.connection}.${request.recordType}`;
    await deps.runs.add(runId, `${receipt}:read`, { sourcesRead: 1n, [`read.${source}`]: 1n });
  }
  const run = await deps.runs.get(runId);
  if (run === undefined) return;
  const isCaptured = (run.counts["sourcesRead"] ?? 0n) >= (run.counts["sources"] ?? 0n);
  if (isCaptured) await deps.runs.finishCapture(runId, nowText(deps));
}
