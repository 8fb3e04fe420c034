/**
 * Whether a remote that keeps failing is left alone.
 *
 * ```
 *          failures in a row                 pause over: one call tries
 *  closed ──────────────────▶ open ──────────────────────────▶ half open
 *    ▲                         ▲   pause doubled, up to a bound    │ │
 *    │                         └──────────── it fails ─────────────┘ │
 *    └──────────────────── it is answered ──────────────────────────┘
 * ```
 *
 * Half open is no state of its own: it is an open breaker whose pause is over. That one call at a
 * time tries is the budget's business, which knows the calls under way.
 */
import { limits } from "#shared/config/limits.ts";

export interface Breaker {
  /** In a row. */
  readonly failures: number;
  readonly open?: OpenBreaker | undefined;
}

interface OpenBreaker {
  readonly untilMs: number;
  readonly pauseMs: number;
}

export const closedBreaker: Breaker = { failures: 0 };

/** A call was answered. While open, only the call that tries is heeded: others are from before. */
export function noteAnswered(breaker: Breaker, isProbe: boolean): Breaker {
  return breaker.open === undefined || isProbe ? closedBreaker : breaker;
}

export function noteFailed(breaker: Breaker, isProbe: boolean, nowMs: number): Breaker {
  const failures = breaker.failures + 1;
  const { open } = breaker;
  if (open !== undefined) {
    if (!isProbe) return breaker;
    return { failures, open: openedAt(nowMs, open.pauseMs * 2) };
  }
  if (failures < limits.breakerFailuresMax) return { failures };
  return { failures, open: openedAt(nowMs, limits.breakerPauseMs) };
}

/** The same breaker by a clock that was set by so much. */
export function shiftBreaker(breaker: Breaker, byMs: number): Breaker {
  const { open } = breaker;
  if (open === undefined) return breaker;
  return { ...breaker, open: { ...open, untilMs: open.untilMs + byMs } };
}

function openedAt(nowMs: number, wantedMs: number): OpenBreaker {
  const pauseMs = Math.min(wantedMs, limits.breakerPauseMaxMs);
  return { untilMs: nowMs + pauseMs, pauseMs };
}
