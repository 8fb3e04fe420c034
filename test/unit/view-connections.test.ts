import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { viewConnections } from "#shared/sync/view-connections.ts";
import { createMemoryCallBudgets } from "#test/support/memory-call-budgets.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 9);
const books = {
  connection: "books",
  system: "xero",
  quota: { windows: [{ name: "minute", lengthMs: 60_000, callsMax: 60 }], callsAtOnceMax: 5 },
};
const call = { priority: "payment", windows: ["minute"] } as const;

describe("the connections", () => {
  it("show what is left of each window, and what the remote said", async () => {
    const budgets = createMemoryCallBudgets();
    const asked = await budgets.ask(books, call, NOW_MS);
    const permit = asked.kind === "granted" ? asked.permit : "";
    const remaining = { minute: 41 };
    await budgets.settle("books", permit, { kind: "answered", remaining }, NOW_MS);

    const shown = await viewConnections({ budgets, clock: () => NOW_MS + 1_000 });

    expect(JSON.parse(JSON.stringify(shown))).toEqual([
      {
        connection: "books",
        system: "xero",
        state: "open",
        failuresInARow: 0,
        callsUnderWay: 0,
        callsAtOnceMax: 5,
        quota: [
          {
            window: "minute",
            lengthSeconds: 60,
            callsMax: 60,
            remaining: 41,
            told: { remaining: 41, at: "2026-11-22T09:00:00.000Z" },
          },
        ],
      },
    ]);
  });

  it("show until when one that cannot be reached is left alone", async () => {
    const budgets = createMemoryCallBudgets();
    for (let calls = 0; calls < limits.breakerFailuresMax; calls += 1) {
      const asked = await budgets.ask(books, call, NOW_MS);
      const permit = asked.kind === "granted" ? asked.permit : "";
      await budgets.settle("books", permit, { kind: "failed" }, NOW_MS);
    }

    expect(await viewConnections({ budgets, clock: () => NOW_MS })).toMatchObject([
      { state: "unreachable", until: "2026-11-22T09:00:05.000Z", failuresInARow: 5 },
    ]);
  });
});
