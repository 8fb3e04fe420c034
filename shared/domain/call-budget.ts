/**
 * Which call to a remote may be made now: a pure function of (state, what the vendor allows, the
 * call, now). All workers of a connection share one state, which `shared/ports/call-budget.ts` keeps.
 *
 * A call is refused, and told when to come back, while
 *
 * - the remote asked for a pause (429 with Retry-After);
 * - the breaker is open, or the one call that tries has no answer yet;
 * - as many calls are under way as may be at once;
 * - a window is used up, or so far that the rest is kept for a higher priority.
 *
 * Nothing here lasts: a permit of a worker that died ends by itself, windows drain, pauses are
 * bounded. Where the clock steps back a little, time stands still until it has caught up; where it
 * steps back far, everything steps back with it.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type Breaker,
  closedBreaker,
  noteAnswered,
  noteFailed,
  shiftBreaker,
} from "./circuit-breaker.ts";
import type { RecordType } from "./identifiers.ts";
import {
  allowanceOf,
  countCall,
  type QuotaWindow,
  readyAtMs,
  remainingAt,
  shiftUse,
  toldAt,
  unused,
  type WindowUse,
} from "./quota-window.ts";
import { assert, assertNever } from "./sync-error.ts";

/** Highest first. `backfill` is the reading of everything. */
export const callPriorities = ["payment", "document", "customer", "backfill"] as const;
export type CallPriority = (typeof callPriorities)[number];

/** The share of each window, and of the calls at once, that a priority leaves to those above it. */
const reservedPercent: Readonly<Record<CallPriority, number>> = {
  payment: 0,
  document: 5,
  customer: 20,
  backfill: 50,
};

const priorities: Readonly<Record<RecordType, CallPriority>> = {
  payment: "payment",
  invoice: "document",
  creditNote: "document",
  order: "document",
  customer: "customer",
  product: "customer",
};

export function priorityOf(recordType: RecordType): CallPriority {
  return priorities[recordType];
}

/** What a vendor allows. */
export interface QuotaLimits {
  readonly windows: readonly QuotaWindow[];
  /** Absent where the vendor names none. */
  readonly callsAtOnceMax?: number | undefined;
}

/** What a vendor's page says it allows; a connection's settings may say otherwise. */
export interface DeclaredQuota extends QuotaLimits {
  /** The page, and the day on which it was read. */
  readonly source: string;
  readonly readOn: string;
}

export interface CallBudgetState {
  /** The latest moment the state knows of, epoch ms. */
  readonly atMs: number;
  /** By the window's name. */
  readonly uses: Readonly<Record<string, WindowUse>>;
  readonly underWay: readonly CallPermit[];
  readonly pause?: CallPause | undefined;
  readonly breaker: Breaker;
}

export interface CallPermit {
  readonly id: string;
  /** After this the worker is taken for dead. */
  readonly untilMs: number;
  /** The one call by which an open breaker finds out. */
  readonly isProbe: boolean;
}

/** What the remote asked for. */
interface CallPause {
  readonly untilMs: number;
  readonly code: "quota-spent" | "connection-paused";
}

export interface AskedCall {
  /** Of the permit, where it is granted; made by whoever asks. */
  readonly id: string;
  readonly priority: CallPriority;
  /** The windows it counts in, by name. */
  readonly windows: readonly string[];
}

export type CallRefusalCode = "quota-reserved" | "quota-spent" | "connection-paused";

export type Asked =
  | { readonly kind: "granted"; readonly state: CallBudgetState }
  | {
      readonly kind: "refused";
      readonly code: CallRefusalCode;
      readonly retryAfterMs: number;
      readonly state: CallBudgetState;
    };

export type CallOutcome =
  /** Whatever was said, the remote is there. */
  | { readonly kind: "answered"; readonly remaining?: Remaining | undefined }
  /** Refused for a spent quota, nothing was done; leave the remote alone for so long. */
  | {
      readonly kind: "throttled";
      readonly waitMs: number;
      readonly remaining?: Remaining | undefined;
    }
  /** No answer, or that of a remote that is unwell; it may say how long it will be. */
  | { readonly kind: "failed"; readonly waitMs?: number | undefined }
  /** We stopped listening, which says nothing about the remote. */
  | { readonly kind: "unheard" };

/** Calls left by the remote's own headers, by the window's name. */
type Remaining = Readonly<Record<string, number>>;

export function freshBudget(nowMs: number): CallBudgetState {
  return { atMs: nowMs, uses: {}, underWay: [], breaker: closedBreaker };
}

/** Throws a `bug` where the call counts in a window that is not declared. */
export function askForCall(
  before: CallBudgetState,
  quota: QuotaLimits,
  call: AskedCall,
  nowMs: number,
): Asked {
  const state = atTime(before, nowMs);
  const windows = call.windows.map((name) => {
    const window = quota.windows.find((one) => one.name === name);
    assert(window !== undefined, "quota-window-unknown");
    return window;
  });
  const [longest] = blocksOf(state, quota, windows, call.priority).sort(
    (left, right) => right.untilMs - left.untilMs,
  );
  if (longest !== undefined) {
    const retryAfterMs = Math.max(1, longest.untilMs - nowMs);
    return { kind: "refused", code: longest.code, retryAfterMs, state };
  }
  const counted = windows.map((window) => [
    window.name,
    countCall(window, useOf(state, window), state.atMs),
  ]);
  const permit: CallPermit = {
    id: call.id,
    untilMs: state.atMs + limits.callLeaseMs,
    isProbe: state.breaker.open !== undefined,
  };
  return {
    kind: "granted",
    state: {
      ...state,
      uses: { ...declaredUses(state, quota), ...Object.fromEntries(counted) },
      underWay: [...state.underWay, permit],
    },
  };
}

/**
 * Takes note of what became of a call. Harmless when repeated; of a permit that has ended, only what
 * the remote said of its quota is heeded.
 */
export function noteAnswer(
  before: CallBudgetState,
  permitId: string,
  outcome: CallOutcome,
  nowMs: number,
): CallBudgetState {
  const state = atTime(before, nowMs);
  const permit = state.underWay.find(({ id }) => id === permitId);
  const noted = {
    ...state,
    underWay: state.underWay.filter((one) => one !== permit),
    breaker: permit === undefined ? state.breaker : breakerAfter(state, permit, outcome),
  };
  switch (outcome.kind) {
    case "answered":
      return withRemaining(noted, outcome.remaining);
    case "throttled": {
      const told = withRemaining(noted, outcome.remaining);
      return withPause(withoutSpent(told), outcome.waitMs, "quota-spent");
    }
    case "failed":
      return outcome.waitMs === undefined
        ? noted
        : withPause(noted, outcome.waitMs, "connection-paused");
    case "unheard":
      return noted;
    default:
      return assertNever(outcome);
  }
}

/** How a connection stands. `open`: calls are made. `unreachable`: the breaker is open. */
export interface CallBudgetView {
  readonly state: "open" | "paused" | "unreachable" | "probing";
  /** Until when no call is made. */
  readonly untilMs?: number | undefined;
  readonly failuresInARow: number;
  readonly callsUnderWay: number;
  readonly callsAtOnceMax?: number | undefined;
  readonly windows: readonly WindowView[];
}

interface WindowView extends QuotaWindow {
  /** For the highest priority. */
  readonly remaining: number;
  /** By the remote's own word, as it stands after the calls granted since. */
  readonly told?: { readonly remaining: number; readonly atMs: number } | undefined;
}

export function viewBudget(
  stored: CallBudgetState,
  quota: QuotaLimits,
  nowMs: number,
): CallBudgetView {
  const state = atTime(stored, nowMs);
  return {
    ...standingOf(state),
    failuresInARow: state.breaker.failures,
    callsUnderWay: state.underWay.length,
    ...(quota.callsAtOnceMax === undefined ? {} : { callsAtOnceMax: quota.callsAtOnceMax }),
    windows: quota.windows.map((window) => {
      const use = useOf(state, window);
      const told = toldAt(window, use, state.atMs);
      const remaining = remainingAt(window, use, state.atMs);
      if (told === undefined) return { ...window, remaining };
      return { ...window, remaining, told: { remaining: told.calls, atMs: told.atMs } };
    }),
  };
}

/** What stands in a call's way, and when it is over if nothing else is granted before. */
interface Block {
  readonly untilMs: number;
  readonly code: CallRefusalCode;
}

function blocksOf(
  state: CallBudgetState,
  quota: QuotaLimits,
  windows: readonly QuotaWindow[],
  priority: CallPriority,
): Block[] {
  const reserved = reservedPercent[priority];
  return [
    pauseBlock(state),
    breakerBlock(state),
    slotBlock(state, quota, reserved),
    ...windows.map((window) => windowBlock(state, window, reserved)),
  ].filter((block) => block !== undefined);
}

function pauseBlock({ pause, atMs }: CallBudgetState): Block | undefined {
  return pause !== undefined && pause.untilMs > atMs ? pause : undefined;
}

function breakerBlock({ breaker, underWay, atMs }: CallBudgetState): Block | undefined {
  const { open } = breaker;
  if (open === undefined) return undefined;
  const probe = underWay.find(({ isProbe }) => isProbe);
  const untilMs = Math.max(open.untilMs, probe?.untilMs ?? 0);
  return untilMs > atMs ? { untilMs, code: "connection-paused" } : undefined;
}

/** A slot comes free when a call is answered, which is mostly long before its permit ends. */
function slotBlock(
  { underWay, atMs }: CallBudgetState,
  { callsAtOnceMax }: QuotaLimits,
  reserved: number,
): Block | undefined {
  if (callsAtOnceMax === undefined) return undefined;
  if (underWay.length < allowanceOf(callsAtOnceMax, reserved)) return undefined;
  const code = underWay.length < callsAtOnceMax ? "quota-reserved" : "quota-spent";
  return { untilMs: atMs + limits.callSlotWaitMs, code };
}

function windowBlock(
  state: CallBudgetState,
  window: QuotaWindow,
  reserved: number,
): Block | undefined {
  const use = useOf(state, window);
  const untilMs = readyAtMs(window, use, reserved, state.atMs);
  if (untilMs <= state.atMs) return undefined;
  const isReserved = readyAtMs(window, use, 0, state.atMs) <= state.atMs;
  return { untilMs, code: isReserved ? "quota-reserved" : "quota-spent" };
}

function useOf(state: CallBudgetState, window: QuotaWindow): WindowUse {
  return state.uses[window.name] ?? unused;
}

/** Without the windows of a former quota. */
function declaredUses(state: CallBudgetState, quota: QuotaLimits): Record<string, WindowUse> {
  const declared = new Set(quota.windows.map(({ name }) => name));
  return Object.fromEntries(Object.entries(state.uses).filter(([name]) => declared.has(name)));
}

function breakerAfter(
  { breaker, atMs }: CallBudgetState,
  { isProbe }: CallPermit,
  outcome: CallOutcome,
): Breaker {
  if (outcome.kind === "unheard") return breaker;
  if (outcome.kind === "failed") return noteFailed(breaker, isProbe, atMs);
  return noteAnswered(breaker, isProbe);
}

function withPause(
  state: CallBudgetState,
  waitMs: number,
  code: CallPause["code"],
): CallBudgetState {
  const untilMs = state.atMs + Math.min(Math.max(0, waitMs), limits.callPauseMaxMs);
  const isShorter = state.pause !== undefined && state.pause.untilMs >= untilMs;
  return isShorter ? state : { ...state, pause: { untilMs, code } };
}

/** Of windows that a call of ours counted in; a vendor's other headers are not ours to keep. */
function withRemaining(state: CallBudgetState, remaining: Remaining = {}): CallBudgetState {
  const uses = Object.entries(state.uses).map(([name, use]) => {
    const calls = remaining[name];
    return [name, calls === undefined ? use : { ...use, told: { calls, atMs: state.atMs } }];
  });
  return { ...state, uses: Object.fromEntries(uses) };
}

/** Of a window that is spent, the pause says all: when it is over, the remote's window is a new one. */
function withoutSpent(state: CallBudgetState): CallBudgetState {
  const uses = Object.entries(state.uses).map(([name, { slices, told }]) => [
    name,
    told === undefined || told.calls === 0 ? { slices } : { slices, told },
  ]);
  return { ...state, uses: Object.fromEntries(uses) };
}

function standingOf(state: CallBudgetState): Pick<CallBudgetView, "state" | "untilMs"> {
  const paused = pauseBlock(state);
  const { open } = state.breaker;
  if (open === undefined) {
    return paused === undefined ? { state: "open" } : { state: "paused", untilMs: paused.untilMs };
  }
  const untilMs = Math.max(open.untilMs, paused?.untilMs ?? 0);
  return untilMs > state.atMs ? { state: "unreachable", untilMs } : { state: "probing" };
}

/** The state by now: what has ended is gone, and a clock that stepped back does no harm. */
function atTime(state: CallBudgetState, nowMs: number): CallBudgetState {
  const stepMs = nowMs - state.atMs;
  const moved = stepMs < -limits.clockStepMaxMs ? shifted(state, stepMs) : state;
  const atMs = Math.max(moved.atMs, nowMs);
  const underWay = moved.underWay.filter(({ untilMs }) => untilMs > atMs);
  return { ...moved, atMs, underWay };
}

function shifted(state: CallBudgetState, byMs: number): CallBudgetState {
  const { pause } = state;
  return {
    atMs: state.atMs + byMs,
    uses: Object.fromEntries(
      Object.entries(state.uses).map(([name, use]) => [name, shiftUse(use, byMs)]),
    ),
    underWay: state.underWay.map((one) => ({ ...one, untilMs: one.untilMs + byMs })),
    ...(pause === undefined ? {} : { pause: { ...pause, untilMs: pause.untilMs + byMs } }),
    breaker: shiftBreaker(state.breaker, byMs),
  };
}
