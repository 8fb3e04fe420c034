import type { SyncRequest } from "#shared/contracts/api.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { PollQueue } from "#shared/ports/queues.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { nowText } from "./now-text.ts";

/**
 * Starts a sync by hand: the same poll as the schedules send, with a run of its own to follow under
 * `/runs/{runId}`.
 */
export async function startSync(
  deps: { readonly polls: PollQueue; readonly runs: RunStore; readonly clock: Clock },
  request: SyncRequest,
): Promise<{ runId: string }> {
  const startedAt = nowText(deps);
  const runId = `sync-${startedAt.replace(/[^0-9]/g, "")}`;
  const kind = request.mode === "full" ? "full-check" : "poll";
  const subject = [request.connection ?? "all connections", request.recordType].join(" ").trim();
  await deps.runs.start({ runId, kind, startedAt, subject });
  const isOneSource = request.connection !== undefined && request.recordType !== undefined;
  // One source is read as it is; of several, whoever fans them out knows how many they are.
  if (isOneSource) await deps.runs.add(runId, "sources", { sources: 1n });
  await deps.polls.send({ ...request, runId, tries: 0 });
  return { runId };
}
