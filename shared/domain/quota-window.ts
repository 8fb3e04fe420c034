/**
 * The calls of one window of a quota, never counted too few: in whichever stretch of the window's
 * length one looks, no more calls than allowed are found, so a vendor whose windows begin at moments
 * we do not know finds none either.
 *
 * Calls are counted in slices, so that a day of them fits into a few numbers:
 *
 *   slice opened        slice full        counted until
 *   |--- length / 20 ---|------ length ------|
 *
 * A call of the slice's first moment is counted up to a twentieth longer than it must be.
 */

/** What a vendor allows: so many calls in any stretch of that length. */
export interface QuotaWindow {
  /** By which a connector's header table and the views name it. */
  readonly name: string;
  readonly lengthMs: number;
  /** At least 1. */
  readonly callsMax: number;
}

/** What was used of a window. */
export interface WindowUse {
  /** Oldest first. */
  readonly slices: readonly WindowSlice[];
  readonly told?: ToldRemaining | undefined;
}

interface WindowSlice {
  readonly fromMs: number;
  readonly calls: number;
}

/** What the remote said is left, less the calls granted since. It also counts calls of other programs. */
export interface ToldRemaining {
  readonly calls: number;
  readonly atMs: number;
}

export const unused: WindowUse = { slices: [] };

const SLICES = 20;

/**
 * How long the remote's word on what is left is heeded. In a window of a day no longer: when its day
 * begins anew it does not say, and one call an hour finds out.
 */
const TOLD_LIFE_MAX_MS = 3_600_000;

/**
 * How many of `callsMax` may be used where that share of them is kept back. One may always, or a
 * small quota would leave the lowest priority with nothing for ever.
 */
export function allowanceOf(callsMax: number, reservedPercent: number): number {
  if (callsMax <= 0) return 0;
  return Math.max(1, Math.floor((callsMax * (100 - reservedPercent)) / 100));
}

/** The first moment, from `nowMs` on, at which a call fits if none is made before it. */
export function readyAtMs(
  window: QuotaWindow,
  use: WindowUse,
  reservedPercent: number,
  nowMs: number,
): number {
  const ends = use.slices.map((slice) => endOf(window, slice));
  if (use.told !== undefined) ends.push(use.told.atMs + toldLifeMs(window));
  const moments = [nowMs, ...ends.filter((end) => end > nowMs).sort((a, b) => a - b)];
  const ready = moments.find((atMs) => {
    const allowed = allowanceOf(callsMaxAt(window, use, atMs), reservedPercent);
    return usedAt(window, use, atMs) < allowed;
  });
  return ready ?? nowMs + window.lengthMs;
}

/** The use with one more call in it; what no longer counts is dropped. */
export function countCall(window: QuotaWindow, use: WindowUse, nowMs: number): WindowUse {
  const live = use.slices.filter((slice) => endOf(window, slice) > nowMs);
  const last = live.at(-1);
  const isOpen = last !== undefined && nowMs < last.fromMs + sliceMs(window);
  const slices = isOpen
    ? [...live.slice(0, -1), { ...last, calls: last.calls + 1 }]
    : [...live, { fromMs: nowMs, calls: 1 }];
  const told = toldAt(window, use, nowMs);
  if (told === undefined) return { slices };
  return { slices, told: { ...told, calls: Math.max(0, told.calls - 1) } };
}

/** Calls that are left for the highest priority. */
export function remainingAt(window: QuotaWindow, use: WindowUse, nowMs: number): number {
  return Math.max(0, callsMaxAt(window, use, nowMs) - usedAt(window, use, nowMs));
}

/** The remote's word, while it is heeded. */
export function toldAt(
  window: QuotaWindow,
  use: WindowUse,
  nowMs: number,
): ToldRemaining | undefined {
  const { told } = use;
  return told !== undefined && nowMs < told.atMs + toldLifeMs(window) ? told : undefined;
}

/** The same use by a clock that was set by so much. */
export function shiftUse(use: WindowUse, byMs: number): WindowUse {
  const slices = use.slices.map((slice) => ({ ...slice, fromMs: slice.fromMs + byMs }));
  if (use.told === undefined) return { slices };
  return { slices, told: { ...use.told, atMs: use.told.atMs + byMs } };
}

function usedAt(window: QuotaWindow, use: WindowUse, atMs: number): number {
  return use.slices
    .filter((slice) => endOf(window, slice) > atMs)
    .reduce((sum, slice) => sum + slice.calls, 0);
}

/** All that is there for us: where other programs use the quota too, what they leave. */
function callsMaxAt(window: QuotaWindow, use: WindowUse, atMs: number): number {
  const told = toldAt(window, use, atMs);
  if (told === undefined) return window.callsMax;
  return Math.min(window.callsMax, usedAt(window, use, atMs) + told.calls);
}

function endOf(window: QuotaWindow, slice: WindowSlice): number {
  return slice.fromMs + sliceMs(window) + window.lengthMs;
}

function sliceMs(window: QuotaWindow): number {
  return Math.ceil(window.lengthMs / SLICES);
}

function toldLifeMs(window: QuotaWindow): number {
  return Math.min(window.lengthMs, TOLD_LIFE_MAX_MS);
}
