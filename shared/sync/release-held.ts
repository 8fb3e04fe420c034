/** Lets go what a run held back, once the run is approved. */
import { limits } from "#shared/config/limits.ts";
import { releaseSide, waitKeyOfRun } from "#shared/domain/approval.ts";
import type { Waiter } from "#shared/ports/mapping-table.ts";
import { concurrently } from "./concurrently.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import { HintSender } from "./hint-sender.ts";
import { nowText } from "./now-text.ts";
import { saveDecided } from "./save-decided.ts";
import { type Counted, Tally } from "./tally.ts";

export interface Release {
  readonly runId: string;
  /** Who approved. */
  readonly by: string;
  /** The same when the work is done again. */
  readonly receipt: string;
}

/**
 * Frees each side, hints it, and only then forgets that it waited: a crash before repeats the work,
 * harmlessly.
 */
export async function releaseHeld(
  deps: Pick<ApplyDependencies, "xrefs" | "waits" | "runs" | "deliveries" | "flows" | "clock">,
  waiters: readonly Waiter[],
  release: Release,
): Promise<void> {
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const cause = { runId: release.runId, receipt: release.receipt };
  await concurrently(waiters, limits.tableConcurrencyMax, async (waiter) => {
    await releaseOne(deps, waiter, release.by, cause, hints);
    tally.count(cause, "released");
  });
  await hints.send();
  const key = waitKeyOfRun(release.runId);
  await concurrently(waiters, limits.tableConcurrencyMax, (waiter) =>
    deps.waits.remove(key, waiter),
  );
  await tally.save(deps.runs);
}

/** A side that moved to another record with a merge is let go there. */
async function releaseOne(
  deps: Pick<ApplyDependencies, "xrefs" | "flows" | "clock">,
  { canonicalId, connection, recordType }: Waiter,
  by: string,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const flow = deps.flows[recordType];
  const at = nowText(deps);
  const release = { connection, by, at };
  const saved = await saveDecided(deps, canonicalId, (xref) => releaseSide(xref, release, flow));
  if (saved === undefined) return;
  hints.add(saved.xref, [connection], cause);
  const { mergedInto } = saved.xref;
  if (mergedInto === undefined) return;
  const moved = await saveDecided(deps, mergedInto, (xref) => releaseSide(xref, release, flow));
  if (moved?.isSaved === true) hints.add(moved.xref, [connection], cause);
}
