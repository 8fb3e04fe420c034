/** What became of each change: counted, logged, sent back to the queue alone, or parked. */
import { limits } from "#shared/config/limits.ts";
import type { ExternalRef } from "#shared/domain/identifiers.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { delayAfter, isOwnTry, isTransient } from "./backoff.ts";
import type { ApplyDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import type { Received, Tally } from "./tally.ts";

/** An event with the message it came in. */
export type ReceivedEvent = ChangeEvent & Received;

/**
 * Whoever had the event before may have saved what it saw, and died before it was remembered as seen:
 * what counts as seen may be what was seen before that.
 */
export function mayHaveBeenSaved({ isRepeated, tries }: ReceivedEvent): boolean {
  return isRepeated === true || tries > 0;
}

export function refOfEvent(event: ChangeEvent): ExternalRef {
  const { connection, recordType, externalId } = event;
  return { connection, recordType, externalId };
}

/** Back to the queue alone with a delay, or parked with a code and a fix. */
export async function settleFailure(
  deps: ApplyDependencies,
  event: ReceivedEvent,
  failure: Failure,
  tally: Tally,
  cause?: unknown,
): Promise<void> {
  const tries = event.tries + (isOwnTry(failure) ? 1 : 0);
  if (isTransient(failure) && tries < limits.triesMax) {
    const delayMs = delayAfter(failure, event.tries);
    const { receipt: _receipt, isRepeated: _isRepeated, runId, ...sent } = event;
    await deps.changes.send([{ ...sent, tries }], { runId, delayMs });
    return;
  }
  if (failure.kind === "bug") deps.log.error("change-failed", cause, { code: failure.code });
  const parkedAt = nowText(deps);
  await deps.parked.park({ ...refOfEvent(event), failure, parkedAt });
  report(deps, event, tally, "parked", failure.code);
}

export function report(
  deps: ApplyDependencies,
  event: ReceivedEvent,
  tally: Tally,
  result: "applied" | "unchanged" | "excluded" | "parked",
  code?: string,
): void {
  tally.count(event, result);
  deps.log.moved({
    from: event.connection,
    recordType: event.recordType,
    id: event.externalId,
    to: "tieout",
    result,
    code,
    runId: event.runId,
  });
}

export function failureOf(cause: unknown): Failure {
  if (cause instanceof SyncError) return cause.failure;
  return { kind: "bug", code: "unexpected-error" };
}
