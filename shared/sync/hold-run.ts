/**
 * Holds back what a run that changes too much would write, until a person approves the run:
 *
 * 1. add to each run of the batch what it changes;
 * 2. judge it by its counters, which other batches have added to as well;
 * 3. note on the run that it is held;
 * 4. register each side under the run, then set it to `awaiting-approval`: nothing delivers it;
 * 5. look once more: who approved in between did not see these.
 *
 * Step 1 comes first so that of all batches under way together no more than the limits allow goes
 * out, in whatever order they are judged. Repeating it holds what is owed by then; what is held
 * already is owed no more.
 */
import { limits } from "#shared/config/limits.ts";
import { holdSides, waitKeyOfRun } from "#shared/domain/approval.ts";
import { type Impact, isApproved, judgeRun, wasHeld } from "#shared/domain/blast-radius.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { blastRadius } from "#shared/flows/blast-radius.ts";
import { noClaims, type Waiter } from "#shared/ports/mapping-table.ts";
import type { Counts } from "#shared/ports/runs.ts";
import { concurrently } from "./concurrently.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import type { HintSender, PendingHint } from "./hint-sender.ts";
import { nowText } from "./now-text.ts";
import { releaseHeld } from "./release-held.ts";
import { type Counted, Tally } from "./tally.ts";

type HoldDependencies = Pick<
  ApplyDependencies,
  "xrefs" | "waits" | "runs" | "deliveries" | "flows" | "clock" | "log"
>;

/** One record of the batch, and what its run changes with it. */
export interface RunChange {
  readonly cause: Counted;
  readonly impact: Impact;
}

/** Takes the hints of held runs out of `hints`; `tally` has what else was counted in this batch. */
export async function holdRuns(
  deps: HoldDependencies,
  changes: readonly RunChange[],
  hints: HintSender,
  tally: Tally,
): Promise<void> {
  await saveImpact(deps, changes);
  for (const runId of hints.runIds()) {
    const counts = (await deps.runs.get(runId))?.counts ?? {};
    const verdict = judgeRun(blastRadius, added(counts, tally.sumsOf(runId)));
    if (verdict.kind === "allowed") continue;
    if (!wasHeld(counts)) {
      await deps.runs.add(runId, "hold", { holds: 1n });
      deps.log.info("run-held", { runId, code: verdict.code });
    }
    const pending = hints.take(runId);
    const held = await holdAll(deps, runId, pending);
    const isHeld = new Set(held.map(keyOf));
    hints.give(
      pending.filter(({ connection, hint }) => !isHeld.has(keyOf({ connection, ...hint }))),
    );
    for (const { connection, hint, cause } of pending) {
      if (cause !== undefined && isHeld.has(keyOf({ connection, ...hint }))) {
        tally.count(cause, "held");
      }
    }
    await releaseIfApproved(deps, runId, held);
  }
}

/** Step 1, under receipts of its own: the other counts of the batch are added at its end. */
async function saveImpact(deps: HoldDependencies, changes: readonly RunChange[]): Promise<void> {
  const tally = new Tally();
  for (const { cause, impact } of changes) {
    const of = { runId: cause.runId, receipt: `${cause.receipt}:impact` };
    if (impact.isChanged) tally.count(of, "changed");
    tally.count(of, "blanked", BigInt(impact.blankedValues));
  }
  await tally.save(deps.runs);
}

function added(counts: Counts, more: Counts): Counts {
  const sums: Record<string, bigint> = { ...counts };
  for (const [path, count] of Object.entries(more)) sums[path] = (sums[path] ?? 0n) + count;
  return sums;
}

function keyOf({ connection, canonicalId }: Pick<Waiter, "connection" | "canonicalId">): string {
  return `${connection} ${canonicalId}`;
}

/** Step 4. Answers what is kept back; the rest is owed no more, or must go on. */
async function holdAll(
  deps: HoldDependencies,
  runId: string,
  pending: readonly PendingHint[],
): Promise<Waiter[]> {
  const byRecord = Map.groupBy(pending, ({ hint }) => hint.canonicalId);
  const xrefs = await deps.xrefs.load([...byRecord.keys()]);
  const waiters = await concurrently([...byRecord], limits.tableConcurrencyMax, (entry) => {
    const [canonicalId, ofRecord] = entry;
    const connections = ofRecord.map(({ connection }) => connection);
    const xref = xrefs.get(canonicalId);
    return xref === undefined ? Promise.resolve([]) : holdRecord(deps, runId, xref, connections);
  });
  return waiters.flat();
}

async function holdRecord(
  deps: HoldDependencies,
  runId: string,
  read: CrossReference,
  connections: readonly ConnectionId[],
): Promise<Waiter[]> {
  const { canonicalId, recordType } = read;
  const hold = { runId, at: nowText(deps) };
  let xref: CrossReference | undefined = read;
  for (let tries = 0; tries < limits.saveTriesMax && xref !== undefined; tries += 1) {
    const { next, held } = holdSides(xref, connections, hold, deps.flows[recordType]);
    if (held.length === 0) return [];
    const waiters = held.map((connection) => ({ connection, canonicalId, recordType, runId }));
    for (const waiter of waiters) await deps.waits.register(waitKeyOfRun(runId), waiter);
    if ((await deps.xrefs.save(next, noClaims, [])) === "saved") {
      for (const { connection } of waiters) logHeld(deps, xref, connection, runId);
      return waiters;
    }
    xref = await reload(deps, canonicalId);
  }
  if (xref === undefined) return [];
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

async function reload(
  deps: HoldDependencies,
  canonicalId: CanonicalId,
): Promise<CrossReference | undefined> {
  return (await deps.xrefs.load([canonicalId])).get(canonicalId);
}

function logHeld(
  deps: HoldDependencies,
  { canonicalId, recordType }: CrossReference,
  connection: ConnectionId,
  runId: string,
): void {
  const place = { from: "tieout", recordType, id: canonicalId, to: connection };
  deps.log.moved({ ...place, result: "held", code: "run-awaits-approval", runId });
}

/** Step 5. */
async function releaseIfApproved(
  deps: HoldDependencies,
  runId: string,
  waiters: readonly Waiter[],
): Promise<void> {
  const [first] = waiters;
  if (first === undefined) return;
  const counts = (await deps.runs.get(runId))?.counts ?? {};
  if (!isApproved(counts)) return;
  await releaseHeld(deps, waiters, { runId, by: "operator", receipt: `late:${keyOf(first)}` });
}
