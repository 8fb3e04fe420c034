/**
 * A person lets go what a run held back:
 *
 * 1. note on the run that it is approved: nothing more of it is held;
 * 2. free what waits for it, a slice at a time, and hint it;
 * 3. out of time: say so, and go on when called again.
 *
 * Killed between any two lines or repeated, it frees what is left.
 */
import { limits } from "#shared/config/limits.ts";
import { waitKeyOfRun } from "#shared/domain/approval.ts";
import { wasHeld } from "#shared/domain/blast-radius.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import type { Refusal } from "./operator-outcome.ts";
import { releaseHeld } from "./release-held.ts";

export interface Approval {
  readonly runId: string;
  readonly by: string;
  /** Differs from call to call. */
  readonly receipt: string;
  /** Milliseconds this invocation has left. */
  readonly remainingMs: () => number;
}

export type ApprovalOutcome =
  | {
      readonly kind: "approved";
      readonly runId: string;
      /** Writes that were let go by this call. */
      readonly released: number;
      /** False where more is left than one call can free: call again. */
      readonly isComplete: boolean;
    }
  | Refusal;

export async function approveRun(
  deps: Omit<OperatorDependencies, "parked" | "changes">,
  approval: Approval,
): Promise<ApprovalOutcome> {
  const { runId, by, receipt, remainingMs } = approval;
  const run = await deps.runs.get(runId);
  const key = waitKeyOfRun(runId);
  const isAnythingHeld = async () => (await deps.waits.list(key)).length > 0;
  // A run is forgotten before what it holds back is.
  if (run === undefined && !(await isAnythingHeld())) return runUnknown;
  if (run !== undefined && !wasHeld(run.counts)) return runNotHeld;
  await deps.runs.add(runId, "approval", { approvals: 1n });
  deps.log.info("run-approved", { runId });
  const waiters = await deps.waits.list(key);
  let released = 0;
  while (released < waiters.length && remainingMs() > limits.apiReserveMs) {
    const slice = waiters.slice(released, released + limits.releasesPerSliceMax);
    await releaseHeld(deps, slice, { runId, by, receipt: `${receipt}:${released}` });
    released += slice.length;
  }
  return { kind: "approved", runId, released, isComplete: released >= waiters.length };
}

const runUnknown: Refusal = {
  kind: "refused",
  status: 404,
  code: "run-unknown",
  fix: "List the runs under /runs.",
};

const runNotHeld: Refusal = {
  kind: "refused",
  status: 409,
  code: "run-not-held",
  fix: "Nothing of this run waits for approval: see its counts under /runs/<run id>.",
};
