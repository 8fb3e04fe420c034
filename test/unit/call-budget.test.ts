import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import {
  askForCall,
  type CallBudgetState,
  type CallOutcome,
  type CallPriority,
  callPriorities,
  freshBudget,
  noteAnswer,
  priorityOf,
  type QuotaLimits,
  viewBudget,
} from "#shared/domain/call-budget.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";

const START_MS = Date.UTC(2026, 10, 22, 9);
const SECOND_MS = 1_000;
const answered: CallOutcome = { kind: "answered" };
const failed: CallOutcome = { kind: "failed" };

/** A budget that is asked and told in order, at a clock that is set by hand. */
function aBudget(quota: Partial<QuotaLimits> = {}) {
  const windows = [{ name: "minute", lengthMs: 60_000, callsMax: 20 }];
  const limit: QuotaLimits = { windows, ...quota };
  let state: CallBudgetState = freshBudget(START_MS);
  let count = 0;
  const budget = {
    nowMs: START_MS,
    ask(priority: CallPriority = "payment", names = [limit.windows[0]?.name ?? ""]) {
      count += 1;
      const id = `call-${count}`;
      const asked = askForCall(state, limit, { id, priority, windows: names }, budget.nowMs);
      state = asked.state;
      if (asked.kind === "granted") return { kind: asked.kind, id };
      return { kind: asked.kind, code: asked.code, retryAfterMs: asked.retryAfterMs };
    },
    tell(id: string | undefined, outcome: CallOutcome) {
      state = noteAnswer(state, id ?? "", outcome, budget.nowMs);
    },
    /** A call from its asking to its answer. */
    call(outcome: CallOutcome = answered, priority: CallPriority = "payment") {
      const asked = budget.ask(priority);
      if (asked.kind === "granted") budget.tell(asked.id, outcome);
      return asked;
    },
    /** Calls until one is refused; answers how many were not. */
    drain(priority: CallPriority) {
      for (let calls = 0; calls < 1_000; calls += 1) {
        if (budget.call(answered, priority).kind === "refused") return calls;
      }
      throw new Error("never refused");
    },
    view: () => viewBudget(state, limit, budget.nowMs),
  };
  return budget;
}

const granted = expect.objectContaining({ kind: "granted" });

describe("priorities", () => {
  it("are payments, then documents, then customers and products, then the reading of everything", () => {
    expect(callPriorities).toEqual(["payment", "document", "customer", "backfill"]);
    expect(Object.fromEntries(recordTypes.map((type) => [type, priorityOf(type)]))).toMatchObject({
      payment: "payment",
      invoice: "document",
      order: "document",
      customer: "customer",
      product: "customer",
    });
  });

  it("leave their reserve to those above, and a payment leaves nothing", () => {
    const budget = aBudget();

    expect(budget.drain("backfill")).toBe(10);
    expect(budget.ask("backfill")).toMatchObject({ code: "quota-reserved" });
    expect(budget.drain("customer")).toBe(6);
    expect(budget.drain("document")).toBe(3);
    expect(budget.drain("payment")).toBe(1);
    expect(budget.ask("payment")).toMatchObject({ code: "quota-spent" });
  });

  it("leave a quota of one call to whoever comes first", () => {
    const windows = [{ name: "search-second", lengthMs: 1_000, callsMax: 1 }];

    expect(aBudget({ windows }).ask("backfill")).toEqual(granted);
  });
});

describe("a window", () => {
  it("tells when to come back, and grants then and not a moment sooner", () => {
    const budget = aBudget();
    budget.drain("payment");
    const { retryAfterMs = 0 } = budget.ask();

    budget.nowMs += retryAfterMs - 1;
    expect(budget.ask()).toMatchObject({ kind: "refused", retryAfterMs: 1 });
    budget.nowMs += 1;
    expect(budget.ask()).toEqual(granted);
  });

  it("counts the calls of any minute, not of the minute by the clock", () => {
    const budget = aBudget();
    budget.nowMs += 59 * SECOND_MS;
    expect(budget.drain("payment")).toBe(20);

    budget.nowMs += 2 * SECOND_MS;
    expect(budget.ask()).toMatchObject({ kind: "refused" });
  });

  it("counts only the calls that are its own", () => {
    const windows = [
      { name: "ten-seconds", lengthMs: 10_000, callsMax: 1 },
      { name: "search-second", lengthMs: 1_000, callsMax: 1 },
    ];
    const budget = aBudget({ windows });

    expect(budget.ask("payment", ["search-second"])).toEqual(granted);
    expect(budget.ask("payment", ["ten-seconds"])).toEqual(granted);
    expect(budget.ask("payment", ["ten-seconds"])).toMatchObject({ code: "quota-spent" });
  });

  it("that is not declared is a fault of the header table", () => {
    expect(() => aBudget().ask("payment", ["hour"])).toThrow("quota-window-unknown");
  });
});

describe("what the remote says is left", () => {
  it("counts where other programs use the quota too", () => {
    const budget = aBudget();
    budget.call({ kind: "answered", remaining: { minute: 3 } });

    expect(budget.drain("payment")).toBe(3);
  });

  it("is shared out as the whole is: what others leave is all there is", () => {
    const budget = aBudget();
    budget.call({ kind: "answered", remaining: { minute: 7 } });

    expect(budget.drain("backfill")).toBe(3);
    expect(budget.drain("customer")).toBe(2);
  });

  it("never raises what is declared, and names of other windows are let pass", () => {
    const budget = aBudget();
    budget.call({ kind: "answered", remaining: { minute: 500, hour: 0 } });

    expect(budget.drain("payment")).toBe(19);
  });

  it("is forgotten after an hour in a window of a day, whose beginning nobody tells", () => {
    const windows = [{ name: "day", lengthMs: 24 * 3_600_000, callsMax: 5_000 }];
    const budget = aBudget({ windows });
    budget.call({ kind: "answered", remaining: { day: 0 } });
    expect(budget.ask()).toMatchObject({ code: "quota-spent", retryAfterMs: 3_600_000 });

    budget.nowMs += 3_600_000;

    expect(budget.ask()).toEqual(granted);
  });
});

describe("calls at once", () => {
  it("are bounded, and an answer makes room", () => {
    const budget = aBudget({ callsAtOnceMax: 2 });
    const first = budget.ask();
    budget.ask();
    expect(budget.ask()).toMatchObject({ code: "quota-spent", retryAfterMs: 1_000 });

    budget.tell(first.id, answered);

    expect(budget.ask()).toEqual(granted);
  });

  it("leave room for a higher priority", () => {
    const budget = aBudget({ callsAtOnceMax: 5 });
    budget.ask("backfill");
    budget.ask("backfill");

    expect(budget.ask("backfill")).toMatchObject({ code: "quota-reserved" });
    expect(budget.ask("customer")).toEqual(granted);
  });

  it("of a worker that died come back by themselves", () => {
    const budget = aBudget({ callsAtOnceMax: 1 });
    budget.ask();

    budget.nowMs += limits.callLeaseMs - 1;
    expect(budget.ask()).toMatchObject({ kind: "refused" });
    budget.nowMs += 1;
    expect(budget.ask()).toEqual(granted);
  });

  it("are given back once, however often they are told of", () => {
    const budget = aBudget({ callsAtOnceMax: 2 });
    const first = budget.ask();
    budget.ask();
    budget.tell(first.id, answered);
    budget.tell(first.id, answered);
    budget.ask();

    expect(budget.ask()).toMatchObject({ kind: "refused" });
  });
});

describe("a pause the remote asks for", () => {
  it("stops every priority, for as long as it says", () => {
    const budget = aBudget();
    budget.call({ kind: "throttled", waitMs: 37_000 });

    expect(budget.ask("payment")).toMatchObject({ code: "quota-spent", retryAfterMs: 37_000 });
    expect(budget.view()).toMatchObject({ state: "paused", untilMs: START_MS + 37_000 });
    budget.nowMs += 37_000;
    expect(budget.ask("payment")).toEqual(granted);
    expect(budget.view()).toMatchObject({ state: "open" });
  });

  it("is not cut short by a shorter one, nor by a call that was answered", () => {
    const budget = aBudget();
    const calls = [budget.ask(), budget.ask(), budget.ask()];
    budget.tell(calls[0]?.id, { kind: "throttled", waitMs: 30_000 });
    budget.tell(calls[1]?.id, { kind: "throttled", waitMs: 1_000 });
    budget.tell(calls[2]?.id, answered);

    expect(budget.ask()).toMatchObject({ retryAfterMs: 30_000 });
  });

  it("says all of the window that is spent: once it is over, that window is a new one", () => {
    const windows = [
      { name: "minute", lengthMs: 60_000, callsMax: 20 },
      { name: "day", lengthMs: 24 * 3_600_000, callsMax: 100 },
    ];
    const budget = aBudget({ windows });
    const { id } = budget.ask("payment", ["minute", "day"]);
    budget.tell(id, { kind: "throttled", waitMs: 5_000, remaining: { minute: 0, day: 3 } });

    budget.nowMs += 5_000;

    const remaining = budget.view().windows.map((window) => window.remaining);
    expect(remaining).toEqual([19, 3]);
  });

  it("is a day at the most, whatever it says", () => {
    const budget = aBudget();
    budget.call({ kind: "throttled", waitMs: 9e12 });

    expect(budget.ask()).toMatchObject({ retryAfterMs: limits.callPauseMaxMs });
  });

  it("is the connection's own where the remote is unwell and says for how long", () => {
    const budget = aBudget();
    budget.call({ kind: "failed", waitMs: 60_000 });

    expect(budget.ask()).toMatchObject({ code: "connection-paused", retryAfterMs: 60_000 });
  });
});

describe("the breaker", () => {
  function broken() {
    const budget = aBudget();
    for (let calls = 0; calls < limits.breakerFailuresMax; calls += 1) budget.call(failed);
    return budget;
  }

  it("opens after failures in a row, and only then", () => {
    const budget = aBudget();
    for (let calls = 1; calls < limits.breakerFailuresMax; calls += 1) budget.call(failed);
    budget.call(answered);
    for (let calls = 1; calls < limits.breakerFailuresMax; calls += 1) budget.call(failed);
    expect(budget.view()).toMatchObject({ state: "open", failuresInARow: 4 });

    budget.call(failed);

    expect(budget.view()).toMatchObject({
      state: "unreachable",
      untilMs: START_MS + limits.breakerPauseMs,
    });
    expect(budget.ask("payment")).toMatchObject({
      code: "connection-paused",
      retryAfterMs: limits.breakerPauseMs,
    });
  });

  it("takes a refusal for a sign of life", () => {
    const budget = aBudget();
    for (let calls = 1; calls < limits.breakerFailuresMax; calls += 1) budget.call(failed);

    budget.call({ kind: "throttled", waitMs: 0 });

    expect(budget.view()).toMatchObject({ state: "open", failuresInARow: 0 });
  });

  it("takes a call that we gave up for no sign at all", () => {
    const budget = aBudget();
    for (let calls = 0; calls < 15; calls += 1) budget.call({ kind: "unheard" });

    expect(budget.view()).toMatchObject({ state: "open", failuresInARow: 0 });
  });

  it("lets one call try after the pause, and closes when it is answered", () => {
    const budget = broken();
    budget.nowMs += limits.breakerPauseMs;
    expect(budget.view()).toMatchObject({ state: "probing" });

    const probe = budget.ask("backfill");
    expect(probe).toEqual(granted);
    expect(budget.ask("payment")).toMatchObject({ code: "connection-paused" });
    budget.tell(probe.id, answered);

    expect(budget.ask("payment")).toEqual(granted);
    expect(budget.view()).toMatchObject({ state: "open", failuresInARow: 0 });
  });

  it("pauses longer each time the call fails, up to a bound", () => {
    const budget = broken();
    const pauses: number[] = [];
    for (let tries = 0; tries < 9; tries += 1) {
      const { untilMs = 0 } = budget.view();
      pauses.push((untilMs - budget.nowMs) / SECOND_MS);
      budget.nowMs = untilMs;
      budget.call(failed);
    }

    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300]);
  });

  it("lets another call try where the worker of the first died", () => {
    const budget = broken();
    budget.nowMs += limits.breakerPauseMs;
    budget.ask();
    const { retryAfterMs = 0 } = budget.ask();

    budget.nowMs += retryAfterMs;

    expect(retryAfterMs).toBe(limits.callLeaseMs);
    expect(budget.ask()).toEqual(granted);
  });

  it("does not heed late answers of calls from before it opened", () => {
    const budget = aBudget();
    const early = [budget.ask(), budget.ask()];
    for (let calls = 0; calls < limits.breakerFailuresMax; calls += 1) budget.call(failed);

    budget.tell(early[0]?.id, answered);
    budget.tell(early[1]?.id, failed);

    expect(budget.view()).toMatchObject({
      state: "unreachable",
      untilMs: START_MS + limits.breakerPauseMs,
    });
  });
});

describe("a clock that steps back", () => {
  it("a little stands still until it has caught up", () => {
    const budget = aBudget();
    budget.drain("payment");

    budget.nowMs -= 10 * SECOND_MS;
    const { retryAfterMs = 0 } = budget.ask();
    budget.nowMs += retryAfterMs;

    expect(retryAfterMs).toBeGreaterThan(70 * SECOND_MS);
    expect(budget.ask()).toEqual(granted);
  });

  it("far takes pauses and windows along", () => {
    const budget = aBudget();
    budget.call({ kind: "throttled", waitMs: 30_000 });
    budget.drain("payment");

    budget.nowMs -= 365 * 24 * 3_600_000;

    expect(budget.ask()).toMatchObject({ retryAfterMs: 30_000 });
  });
});

describe("the view", () => {
  it("tells what is left of each window, by our count and by the remote's word", () => {
    const budget = aBudget({ callsAtOnceMax: 5 });
    budget.call({ kind: "answered", remaining: { minute: 12 } });
    budget.nowMs += SECOND_MS;
    budget.ask();

    expect(budget.view()).toEqual({
      state: "open",
      failuresInARow: 0,
      callsUnderWay: 1,
      callsAtOnceMax: 5,
      windows: [
        {
          name: "minute",
          lengthMs: 60_000,
          callsMax: 20,
          remaining: 11,
          told: { remaining: 11, atMs: START_MS },
        },
      ],
    });
  });
});
