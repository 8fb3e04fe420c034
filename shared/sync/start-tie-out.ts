import type { TieOutStart } from "#shared/contracts/api.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { SnapshotQueue, TieOutQueue } from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { nowText } from "./now-text.ts";

/**
 * Starts a tie-out by hand: of a new snapshot, or again of one that is there. Its run is to be
 * followed under `/tie-outs/{runId}`.
 */
export async function startTieOut(
  deps: {
    readonly snapshotQueue: SnapshotQueue;
    readonly tieOuts: TieOutQueue;
    readonly runs: RunStore;
    readonly clock: Clock;
  },
  { period, from = period, to = period, snapshotId, inFlightSeconds }: TieOutStart,
): Promise<{ runId: string }> {
  const startedAt = nowText(deps);
  const runId = `tie-out-${startedAt.replace(/[^0-9]/g, "")}`;
  await deps.runs.start({ runId, kind: "tie-out", startedAt, subject: "all sides" });
  const request = { runId, choices: { from, to, inFlightSeconds }, tries: 0 };
  if (snapshotId === undefined) await deps.snapshotQueue.send(request);
  else await deps.tieOuts.send({ ...request, snapshotId });
  return { runId };
}
