/**
 * The stored form of a connection's budget: one JSON text with short keys, since it is written twice
 * for each call, and DynamoDB bills by the kilobyte.
 */
import type { CallBudgetState, CallPermit, QuotaLimits } from "#shared/domain/call-budget.ts";
import type { QuotaWindow, WindowUse } from "#shared/domain/quota-window.ts";
import { listOf, recordOfText, textOf, unreadable, wholeNumberOf } from "./value-codec.ts";

/** A new number for a new form; a budget of another form is forgotten, and counting begins anew. */
const FORM = 1;

/** Instants are stored as their distance from `at`. */
export function encodeBudgetState(state: CallBudgetState): string {
  const { atMs, uses, underWay, pause, breaker } = state;
  return JSON.stringify({
    f: FORM,
    at: atMs,
    u: Object.entries(uses).map(([name, { slices, told }]) => [
      name,
      slices.map(({ fromMs, calls }) => [atMs - fromMs, calls]),
      ...(told === undefined ? [] : [[atMs - told.atMs, told.calls]]),
    ]),
    w: underWay.map(({ id, untilMs, isProbe }) => [id, untilMs - atMs, isProbe ? 1 : 0]),
    ...(pause === undefined ? {} : { p: [pause.untilMs - atMs, pause.code] }),
    n: breaker.failures,
    ...(breaker.open === undefined
      ? {}
      : { o: [breaker.open.untilMs - atMs, breaker.open.pauseMs] }),
  });
}

/** Undefined for another form; throws SyncError `bug` (`stored-record-unreadable`) for none at all. */
export function decodeBudgetState(text: string): CallBudgetState | undefined {
  const stored = recordOfText(text);
  if (stored["f"] !== FORM) return undefined;
  const atMs = wholeNumberOf(stored["at"]);
  const failures = wholeNumberOf(stored["n"]);
  const { p: pause, o: open } = stored;
  return {
    atMs,
    uses: Object.fromEntries(listOf(stored["u"]).map((use) => useOf(use, atMs))),
    underWay: listOf(stored["w"]).map((permit) => permitOf(permit, atMs)),
    ...(pause === undefined ? {} : { pause: pauseOf(pause, atMs) }),
    breaker: open === undefined ? { failures } : { failures, open: openOf(open, atMs) },
  };
}

export function encodeQuota(quota: QuotaLimits): string {
  return JSON.stringify({
    windows: quota.windows.map(({ name, lengthMs, callsMax }) => [name, lengthMs, callsMax]),
    callsAtOnceMax: quota.callsAtOnceMax,
  });
}

export function decodeQuota(text: string): QuotaLimits {
  const { windows, callsAtOnceMax } = recordOfText(text);
  return {
    windows: listOf(windows).map((window): QuotaWindow => {
      const [name, lengthMs, callsMax] = listOf(window);
      return {
        name: textOf(name),
        lengthMs: wholeNumberOf(lengthMs),
        callsMax: wholeNumberOf(callsMax),
      };
    }),
    ...(callsAtOnceMax === undefined ? {} : { callsAtOnceMax: wholeNumberOf(callsAtOnceMax) }),
  };
}

function useOf(stored: unknown, atMs: number): [string, WindowUse] {
  const [name, slices, told] = listOf(stored);
  const use: WindowUse = {
    slices: listOf(slices).map((slice) => {
      const [ageMs, calls] = pairOf(slice);
      return { fromMs: atMs - ageMs, calls };
    }),
  };
  if (told === undefined) return [textOf(name), use];
  const [ageMs, calls] = pairOf(told);
  return [textOf(name), { ...use, told: { atMs: atMs - ageMs, calls } }];
}

function permitOf(stored: unknown, atMs: number): CallPermit {
  const [id, leftMs, isProbe] = listOf(stored);
  return { id: textOf(id), untilMs: atMs + wholeNumberOf(leftMs), isProbe: isProbe === 1 };
}

function pauseOf(stored: unknown, atMs: number): NonNullable<CallBudgetState["pause"]> {
  const [leftMs, code] = listOf(stored);
  if (code !== "quota-spent" && code !== "connection-paused") return unreadable("pause");
  return { untilMs: atMs + wholeNumberOf(leftMs), code };
}

function openOf(stored: unknown, atMs: number): { untilMs: number; pauseMs: number } {
  const [leftMs, pauseMs] = pairOf(stored);
  return { untilMs: atMs + leftMs, pauseMs };
}

function pairOf(stored: unknown): [number, number] {
  const [first, second] = listOf(stored);
  return [wholeNumberOf(first), wholeNumberOf(second)];
}
