import { limits } from "#shared/config/limits.ts";
import type { Failure } from "#shared/domain/sync-error.ts";

/**
 * How long to leave a record alone after a failure, in ms: the remote's own word first, then doubling
 * from the first delay. The delay is spent in the queue, never in a function.
 */
export function delayAfter(failure: Failure, tries: number): number {
  const queueMax = limits.queueDelaySecondsMax * 1_000;
  if (failure.retryAfterMs !== undefined) return Math.min(failure.retryAfterMs, queueMax);
  if (failure.kind === "reauthorise") return Math.min(limits.reauthoriseDelayMs, queueMax);
  if (failure.kind === "uncertain") return limits.lookUpDelayMs;
  return Math.min(limits.retryDelayMs * 2 ** Math.min(tries, 10), queueMax);
}

/**
 * Whether a failure counts as one of a record's own tries. A spent quota or a lost consent says
 * nothing about the record, which waits for as long as it takes.
 */
export function isOwnTry(failure: Failure): boolean {
  return failure.kind !== "rate-limited" && failure.kind !== "reauthorise";
}

/** Whether the engine tries again by itself. */
export function isTransient(failure: Failure): boolean {
  return (
    failure.kind === "retryable" ||
    failure.kind === "rate-limited" ||
    failure.kind === "reauthorise" ||
    failure.kind === "uncertain"
  );
}
