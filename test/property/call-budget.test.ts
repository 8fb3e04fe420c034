/** Laws of the call budget, on calls, answers, deaths and clocks in any order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeBudgetState, encodeBudgetState } from "#shared/aws/call-budget-codec.ts";
import { limits } from "#shared/config/limits.ts";
import {
  askForCall,
  type CallBudgetState,
  type CallOutcome,
  type CallPriority,
  callPriorities,
  freshBudget,
  noteAnswer,
  type QuotaLimits,
} from "#shared/domain/call-budget.ts";
import type { QuotaWindow } from "#shared/domain/quota-window.ts";

const START_MS = Date.UTC(2026, 10, 22, 9);

const names = ["minute", "day", "search-second"] as const;
const lengths: Readonly<Record<(typeof names)[number], number>> = {
  minute: 60_000,
  day: 24 * 3_600_000,
  "search-second": 1_000,
};

const quota: fc.Arbitrary<QuotaLimits> = fc
  .record({
    callsMax: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 3, maxLength: 3 }),
    callsAtOnceMax: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  })
  .map(({ callsMax, callsAtOnceMax }) => ({
    windows: names.map((name, index) => ({
      name,
      lengthMs: lengths[name],
      callsMax: callsMax[index] ?? 1,
    })),
    callsAtOnceMax,
  }));

const remaining = fc.option(
  fc.dictionary(fc.constantFrom(...names, "other"), fc.integer({ min: 0, max: 20 })),
  { nil: undefined },
);
const waitMs = fc.oneof(fc.integer({ min: 0, max: 120_000 }), fc.integer({ min: 0, max: 1e12 }));

const outcome: fc.Arbitrary<CallOutcome> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("answered"), remaining }) },
  { weight: 4, arbitrary: fc.constant<CallOutcome>({ kind: "failed" }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("failed"), waitMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("throttled"), waitMs, remaining }) },
  { weight: 1, arbitrary: fc.constant<CallOutcome>({ kind: "unheard" }) },
);

type Step =
  | { readonly kind: "ask"; readonly priority: CallPriority; readonly windows: readonly string[] }
  /** Of the last call but so many: the first answer, one more, or one that comes too late. */
  | { readonly kind: "answer"; readonly pick: number; readonly outcome: CallOutcome }
  | { readonly kind: "wait"; readonly ms: number }
  | { readonly kind: "clock-back"; readonly ms: number };

const priority = fc.constantFrom(...callPriorities);
const windows = fc.subarray([...names]);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("ask"), priority, windows }) },
  { weight: 5, arbitrary: anAnswer(outcome) },
  { weight: 3, arbitrary: fc.oneof(aWait(5_000), aWait(100_000), aWait(30 * 3_600_000)) },
  { weight: 1, arbitrary: fc.oneof(aStepBack(600_000), aStepBack(1e11)) },
);
const steps = fc.array(step, { maxLength: 120 });

/** Calls as dense as they come, all of one window, at a clock that is set back now and then. */
const crowd = fc.array(
  fc.oneof(
    { weight: 10, arbitrary: fc.constant<Step>(anAsk(["minute"])) },
    { weight: 6, arbitrary: aWait(3_000) },
    { weight: 4, arbitrary: aWait(60_000) },
    { weight: 1, arbitrary: aStepBack(600_000) },
  ),
  { minLength: 60, maxLength: 150 },
);

/** A remote that is mostly down, and workers that die. */
const outage = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant<Step>(anAsk([])) },
    { weight: 5, arbitrary: anAnswer(fc.constant<CallOutcome>({ kind: "failed" })) },
    { weight: 1, arbitrary: anAnswer(outcome) },
    { weight: 3, arbitrary: aWait(20_000) },
  ),
  { minLength: 60, maxLength: 150 },
);

function anAsk(counted: readonly string[]): Step {
  return { kind: "ask", priority: "payment", windows: counted };
}

function anAnswer(outcomes: fc.Arbitrary<CallOutcome>): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant("answer"), pick: fc.nat({ max: 3 }), outcome: outcomes });
}

function aWait(msMax: number): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant("wait"), ms: fc.integer({ min: 0, max: msMax }) });
}

function aStepBack(msMax: number): fc.Arbitrary<Step> {
  return fc.record({ kind: fc.constant("clock-back"), ms: fc.integer({ min: 1, max: msMax }) });
}

interface Grant {
  /** By a clock that never steps back, unlike the one the budget is told. */
  readonly trueMs: number;
  readonly windows: readonly string[];
}

/** Runs the steps from an empty budget; `watch` sees each call before it is asked for. */
function run(
  limit: QuotaLimits,
  given: readonly Step[],
  watch: (state: CallBudgetState, asked: Step & { kind: "ask" }, nowMs: number) => void = () =>
    undefined,
) {
  let state = freshBudget(START_MS);
  let trueMs = START_MS;
  let nowMs = START_MS;
  const ids: string[] = [];
  const grants: Grant[] = [];
  for (const one of given) {
    if (one.kind === "wait") {
      trueMs += one.ms;
      nowMs += one.ms;
    } else if (one.kind === "clock-back") nowMs -= one.ms;
    else if (one.kind === "answer") {
      state = noteAnswer(state, ids.at(-1 - one.pick) ?? "", one.outcome, nowMs);
    } else {
      watch(state, one, nowMs);
      const id = `call-${ids.length}`;
      const asked = askForCall(state, limit, { ...one, id }, nowMs);
      state = asked.state;
      if (asked.kind === "refused") continue;
      ids.push(id);
      grants.push({ trueMs, windows: one.windows });
    }
  }
  return { state, nowMs, grants };
}

/** The most calls found in any stretch of the window's length. */
function mostIn(window: QuotaWindow, grants: readonly Grant[]): number {
  const moments = grants
    .filter((grant) => grant.windows.includes(window.name))
    .map(({ trueMs }) => trueMs);
  const counts = moments.map(
    (fromMs, index) =>
      moments.slice(index).filter((atMs) => atMs < fromMs + window.lengthMs).length,
  );
  return Math.max(0, ...counts);
}

describe("a call budget", () => {
  it("grants no more calls in any stretch of a window than are declared", () => {
    fc.assert(
      fc.property(quota, fc.oneof(steps, crowd), (limit, given) => {
        const { grants } = run({ windows: limit.windows }, given);

        for (const window of limit.windows) {
          expect(mostIn(window, grants)).toBeLessThanOrEqual(window.callsMax);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("uses a window up where calls come without end", () => {
    fc.assert(
      fc.property(quota, (limit) => {
        const asks = Array.from({ length: 400 }, (): Step[] => [
          { kind: "ask", priority: "payment", windows: ["minute"] },
          { kind: "answer", pick: 0, outcome: { kind: "answered" } },
          { kind: "wait", ms: 1_000 },
        ]).flat();
        const unbounded = { ...limit, callsAtOnceMax: undefined };
        const { grants } = run(unbounded, asks);
        const [minute] = limit.windows;
        if (minute === undefined) throw new Error("no window");

        // 400 s are six whole stretches of 63 s, each of which may be used up.
        expect(grants.length).toBeGreaterThanOrEqual(6 * minute.callsMax);
      }),
    );
  });

  it("never has more calls under way than may be at once", () => {
    fc.assert(
      fc.property(quota, steps, (limit, given) => {
        const { state } = run(limit, given);

        const most = limit.callsAtOnceMax ?? Number.POSITIVE_INFINITY;
        expect(state.underWay.length).toBeLessThanOrEqual(most);
      }),
    );
  });

  it("never refuses a priority where it would grant a lower one", () => {
    fc.assert(
      fc.property(quota, steps, (limit, given) => {
        run(limit, given, (state, asked, nowMs) => {
          const outcomes = callPriorities.map((one) => {
            const call = { id: "any", priority: one, windows: asked.windows };
            return askForCall(state, limit, call, nowMs).kind;
          });
          expect(outcomes).toEqual(outcomes.toSorted());
        });
      }),
    );
  });

  it("lets one call at a time try an unreachable remote", () => {
    fc.assert(
      fc.property(quota, outage, (limit, given) => {
        run(limit, given, (before, asked, nowMs) => {
          const after = askForCall(before, limit, { ...asked, id: "next" }, nowMs);
          const probes = after.state.underWay.filter(({ isProbe }) => isProbe);
          const isOpen = after.state.breaker.open !== undefined;
          expect(probes.length).toBeLessThanOrEqual(1);
          if (isOpen && after.kind === "granted") expect(probes).toMatchObject([{ id: "next" }]);
        });
      }),
      { numRuns: 300 },
    );
  });

  it("grants in the end to whoever comes back as told, whatever happened before", () => {
    fc.assert(
      fc.property(quota, steps, priority, windows, (limit, given, wanted, counted) => {
        const { state, nowMs: leftAtMs } = run(limit, given);
        let nowMs = leftAtMs;
        const call = { id: "patient", priority: wanted, windows: counted };
        let asked = askForCall(state, limit, call, nowMs);
        // Slots are asked for once a second; a dead worker holds one for fifteen.
        for (let tries = 0; asked.kind === "refused" && tries < 20; tries += 1) {
          nowMs += asked.retryAfterMs;
          asked = askForCall(asked.state, limit, call, nowMs);
        }

        expect(asked.kind).toBe("granted");
        const worst = 25 * 3_600_000 + 24 * 3_600_000 * 0.05 + limits.clockStepMaxMs;
        expect(nowMs - leftAtMs).toBeLessThanOrEqual(worst + 60_000);
      }),
    );
  });

  it("is kept as it is stored", () => {
    fc.assert(
      fc.property(quota, steps, (limit, given) => {
        const { state } = run(limit, given);

        expect(decodeBudgetState(encodeBudgetState(state))).toEqual(state);
      }),
    );
  });
});
