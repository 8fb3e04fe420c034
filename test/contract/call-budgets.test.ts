/** What a call budget promises, asked of the twin in memory and of DynamoDB. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCallBudgets } from "#shared/aws/dynamodb-call-budgets.ts";
import { budgetItemKey } from "#shared/aws/item-keys.ts";
import { decodeStreamRecord } from "#shared/aws/stream-images.ts";
import { keyOf, type Table } from "#shared/aws/table.ts";
import { limits } from "#shared/config/limits.ts";
import type { CallOutcome, CallPriority } from "#shared/domain/call-budget.ts";
import type { CallAnswer, CallBudget, PacedConnection } from "#shared/ports/call-budget.ts";
import { type DynamoDbEmulator, startDynamoDbEmulator } from "#test/support/dynamodb-emulator.ts";
import { createMemoryCallBudgets } from "#test/support/memory-call-budgets.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 9);
const MINUTE_MS = 60_000;

interface Implementation {
  readonly name: string;
  start(): Promise<void>;
  /** Two workers' views of one new store. */
  fresh(): Promise<readonly [CallBudget, CallBudget]>;
  stop(): Promise<void>;
}

const inMemory: Implementation = {
  name: "memory",
  start: async () => undefined,
  async fresh() {
    const budget = createMemoryCallBudgets();
    return [budget, budget];
  },
  stop: async () => undefined,
};

let emulator: DynamoDbEmulator;

async function aTable() {
  const { table, readStream } = await emulator.createMappingTable();
  return { table, readStream };
}

const onDynamoDb: Implementation = {
  name: "DynamoDB",
  async start() {
    emulator = await startDynamoDbEmulator();
  },
  async fresh() {
    const { table } = await aTable();
    return [createCallBudgets(table), createCallBudgets(table)];
  },
  stop: () => emulator.stop(),
};

function aConnection(
  callsMax: number,
  rest: Partial<PacedConnection & PacedConnection["quota"]> = {},
): PacedConnection {
  const { connection = "books", system = "xero", callsAtOnceMax } = rest;
  const windows = rest.windows ?? [{ name: "minute", lengthMs: MINUTE_MS, callsMax }];
  return { connection, system, quota: { windows, callsAtOnceMax } };
}

function aCall(priority: CallPriority = "payment") {
  return { priority, windows: ["minute"] };
}

function permitOf(answer: CallAnswer): string {
  if (answer.kind === "refused") throw new Error(`refused: ${answer.code}`);
  return answer.permit;
}

function countGranted(answers: readonly CallAnswer[]): number {
  return answers.filter(({ kind }) => kind === "granted").length;
}

describe.each([inMemory, onDynamoDb])("call budgets on $name", (implementation) => {
  let budget: CallBudget;
  let other: CallBudget;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    [budget, other] = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  async function call(
    by: CallBudget,
    of: PacedConnection,
    outcome: CallOutcome,
    nowMs = NOW_MS,
  ): Promise<void> {
    const permit = permitOf(await by.ask(of, aCall(), nowMs));
    await by.settle(of.connection, permit, outcome, nowMs);
  }

  it("are shared by all workers, and each connection has its own", async () => {
    const books = aConnection(2);
    await call(budget, books, { kind: "answered" });
    await call(other, books, { kind: "answered" });

    const refused = { kind: "refused", code: "quota-spent" };
    expect(await budget.ask(books, aCall(), NOW_MS)).toMatchObject(refused);
    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject(refused);
    const crm = aConnection(2, { connection: "crm" });
    expect(await budget.ask(crm, aCall(), NOW_MS)).toMatchObject({ kind: "granted" });
  });

  it("grant no more than the quota to many at once, and all of it in the end", async () => {
    const books = aConnection(12);
    const ask = () =>
      Promise.all(
        Array.from({ length: 15 }, (_, index) =>
          (index % 2 === 0 ? budget : other).ask(books, aCall(), NOW_MS),
        ),
      );

    let granted = 0;
    for (let rounds = 0; rounds < 5 && granted < 12; rounds += 1) {
      granted += countGranted(await ask());
    }

    expect(granted).toBe(12);
    expect(countGranted(await ask())).toBe(0);
  });

  it("tell when to come back, and grant then", async () => {
    const books = aConnection(1);
    await call(budget, books, { kind: "answered" });
    const refused = await other.ask(books, aCall(), NOW_MS);
    const waitMs = refused.kind === "refused" ? refused.retryAfterMs : 0;

    expect(waitMs).toBeGreaterThan(MINUTE_MS);
    expect((await other.ask(books, aCall(), NOW_MS + waitMs)).kind).toBe("granted");
  });

  it("leave the reserve of a higher priority alone", async () => {
    const books = aConnection(4);
    await budget.ask(books, aCall("backfill"), NOW_MS);
    await other.ask(books, aCall("backfill"), NOW_MS);

    expect(await budget.ask(books, aCall("backfill"), NOW_MS)).toMatchObject({
      code: "quota-reserved",
    });
    expect(await budget.ask(books, aCall("customer"), NOW_MS)).toMatchObject({ kind: "granted" });
  });

  it("give a slot back when it is settled, once, and of a dead worker by themselves", async () => {
    const books = aConnection(100, { callsAtOnceMax: 2 });
    const first = permitOf(await budget.ask(books, aCall(), NOW_MS));
    await other.ask(books, aCall(), NOW_MS);
    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject({ kind: "refused" });

    await budget.settle("books", first, { kind: "answered" }, NOW_MS);
    await other.settle("books", first, { kind: "answered" }, NOW_MS);

    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject({ kind: "granted" });
    expect(await budget.ask(books, aCall(), NOW_MS)).toMatchObject({ kind: "refused" });
    const later = NOW_MS + limits.callLeaseMs;
    expect(await budget.ask(books, aCall(), later)).toMatchObject({ kind: "granted" });
  });

  it("see at once what another worker gave back, though they knew it refused", async () => {
    const books = aConnection(100, { callsAtOnceMax: 1 });
    const permit = permitOf(await budget.ask(books, aCall(), NOW_MS));
    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject({ kind: "refused" });

    await budget.settle("books", permit, { kind: "answered" }, NOW_MS);

    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject({ kind: "granted" });
  });

  it("stop every worker for as long as the remote asks", async () => {
    const books = aConnection(100);
    await call(budget, books, { kind: "throttled", waitMs: 37_000 });

    expect(await other.ask(books, aCall(), NOW_MS + 1_000)).toEqual({
      kind: "refused",
      code: "quota-spent",
      retryAfterMs: 36_000,
    });
    expect(await other.ask(books, aCall(), NOW_MS + 37_000)).toMatchObject({ kind: "granted" });
  });

  it("heed what the remote says is left", async () => {
    const books = aConnection(100);
    await call(budget, books, { kind: "answered", remaining: { minute: 1 } });

    await call(other, books, { kind: "answered" });

    expect(await budget.ask(books, aCall(), NOW_MS)).toMatchObject({ code: "quota-spent" });
  });

  it("leave an unreachable remote alone, then let one of many workers try it", async () => {
    const books = aConnection(100);
    for (let calls = 0; calls < limits.breakerFailuresMax; calls += 1) {
      await call(calls % 2 === 0 ? budget : other, books, { kind: "failed" });
    }
    expect(await other.ask(books, aCall(), NOW_MS)).toMatchObject({ code: "connection-paused" });

    const later = NOW_MS + limits.breakerPauseMs;
    const answers = await Promise.all(
      [budget, other, budget, other, budget, other].map((one) => one.ask(books, aCall(), later)),
    );

    expect(countGranted(answers)).toBe(1);
  });

  it("take no note of a permit or a connection that they do not know", async () => {
    await budget.settle("books", "never-given", { kind: "failed" }, NOW_MS);
    await call(budget, aConnection(5), { kind: "answered" });
    await budget.settle("books", "never-given", { kind: "failed" }, NOW_MS);

    expect(await budget.view(NOW_MS)).toMatchObject([{ failuresInARow: 0, callsUnderWay: 0 }]);
  });

  it("go by the quota of whoever asks last", async () => {
    await call(budget, aConnection(1), { kind: "answered" });

    expect(await other.ask(aConnection(2), aCall(), NOW_MS)).toMatchObject({ kind: "granted" });
    expect(await budget.view(NOW_MS)).toMatchObject([{ windows: [{ callsMax: 2 }] }]);
  });

  it("show each connection that was asked for, with what is left", async () => {
    expect(await budget.view(NOW_MS)).toEqual([]);
    const crm = aConnection(10, { connection: "crm", system: "hubspot" });
    await call(budget, crm, { kind: "throttled", waitMs: 5_000, remaining: { minute: 4 } });
    await budget.ask(aConnection(60, { callsAtOnceMax: 5 }), aCall(), NOW_MS);

    expect(await other.view(NOW_MS + 1_000)).toEqual([
      {
        connection: "books",
        system: "xero",
        state: "open",
        failuresInARow: 0,
        callsUnderWay: 1,
        callsAtOnceMax: 5,
        windows: [{ name: "minute", lengthMs: MINUTE_MS, callsMax: 60, remaining: 59 }],
      },
      {
        connection: "crm",
        system: "hubspot",
        state: "paused",
        untilMs: NOW_MS + 5_000,
        failuresInARow: 0,
        callsUnderWay: 0,
        windows: [
          {
            name: "minute",
            lengthMs: MINUTE_MS,
            callsMax: 10,
            remaining: 4,
            told: { remaining: 4, atMs: NOW_MS },
          },
        ],
      },
    ]);
  });
});

describe("call budgets on DynamoDB", () => {
  beforeAll(() => onDynamoDb.start());
  afterAll(() => onDynamoDb.stop());

  it("tell nothing to the derivations", async () => {
    const { table, readStream } = await aTable();
    await createCallBudgets(table).ask(aConnection(5), aCall(), NOW_MS);

    const kinds = (await readStream()).map((record) => decodeStreamRecord(record).kind);
    expect(kinds).toEqual(["other"]);
  });

  it("count a call once where the answer to its saving was lost", async () => {
    const { table } = await aTable();
    // The SDK sends again what had no answer, and then finds its own save in the way.
    const twice: Table = {
      ...table,
      async put(item, condition) {
        await table.put(item, condition);
        return table.put(item, condition);
      },
    };

    const answer = await createCallBudgets(twice).ask(aConnection(5), aCall(), NOW_MS);

    expect(answer).toMatchObject({ kind: "granted" });
    expect(await createCallBudgets(table).view(NOW_MS)).toMatchObject([
      { callsUnderWay: 1, windows: [{ remaining: 4 }] },
    ]);
  });

  it("refuse for a moment where others always save first, and keep nothing", async () => {
    const { table } = await aTable();
    const rival = createCallBudgets(table);
    const pauses: number[] = [];
    const outrun: Table = {
      ...table,
      async put(item, condition) {
        await rival.settle("books", "any", { kind: "answered" }, NOW_MS);
        return table.put(item, condition);
      },
    };
    await rival.ask(aConnection(50), aCall(), NOW_MS);
    const budget = createCallBudgets(outrun, async (tries) => void pauses.push(tries));

    expect(await budget.ask(aConnection(50), aCall(), NOW_MS)).toEqual({
      kind: "refused",
      code: "quota-undecided",
      retryAfterMs: limits.budgetRetryMs,
    });
    expect(pauses).toHaveLength(limits.budgetTriesMax);
    expect(await rival.view(NOW_MS)).toMatchObject([{ callsUnderWay: 1 }]);
    await expect(budget.settle("books", "any", { kind: "answered" }, NOW_MS)).rejects.toMatchObject(
      { failure: { kind: "retryable", code: "save-contended" } },
    );
  });

  it("are written once for all that waits in one process", async () => {
    const { table } = await aTable();
    let puts = 0;
    const counted: Table = {
      ...table,
      put(item, condition) {
        puts += 1;
        return table.put(item, condition);
      },
    };
    const budget = createCallBudgets(counted);
    const of = aConnection(100, { callsAtOnceMax: 9 });
    const refused = { kind: "refused", code: "quota-spent", retryAfterMs: 0 } as const;
    const ask = (priority: CallPriority) => budget.ask(of, aCall(priority), NOW_MS);

    const granted = await Promise.all(Array.from({ length: 8 }, () => ask("payment")));
    expect([puts, countGranted(granted)]).toEqual([2, 8]);

    const [, , , last] = await Promise.all([
      budget.settle("books", permitOf(granted[0] ?? refused), { kind: "answered" }, NOW_MS),
      ask("payment"),
      ask("payment"),
      ask("payment"),
      budget.settle("books", permitOf(granted[1] ?? refused), { kind: "answered" }, NOW_MS),
    ]);
    expect(puts).toBe(4);
    expect(last).toMatchObject({ kind: "granted" });
  });

  it("write one unit before a call and one after, in a busy minute too", async () => {
    const { table } = await aTable();
    const budget = createCallBudgets(table);
    const windows = ["minute", "day", "app-minute"].map((name, index) => ({
      name,
      lengthMs: [MINUTE_MS, 24 * 3_600_000, MINUTE_MS][index] ?? MINUTE_MS,
      callsMax: 10_000,
    }));
    const of = aConnection(0, { windows, callsAtOnceMax: 5 });
    const names = windows.map(({ name }) => name);
    for (let calls = 0; calls < 60; calls += 1) {
      const nowMs = NOW_MS + calls * 1_500;
      const asked = await budget.ask(of, { priority: "payment", windows: names }, nowMs);
      const remaining = Object.fromEntries(names.map((name) => [name, 9_000 - calls]));
      await budget.settle("books", permitOf(asked), { kind: "answered", remaining }, nowMs);
    }

    const item = await table.get(budgetItemKey("books"));

    const bytes = Object.entries(item ?? {})
      .map(([name, { S = "", N = "" }]) => name.length + Buffer.byteLength(S + N))
      .reduce((sum, one) => sum + one, 0);
    expect(item).toMatchObject(keyOf(budgetItemKey("books")));
    expect(bytes).toBeLessThan(1_024);
  });

  it("forget a budget that another version of the product stored", async () => {
    const { table } = await aTable();
    const of = aConnection(1);
    await createCallBudgets(table).ask(of, aCall(), NOW_MS);
    await table.update(budgetItemKey("books"), {
      text: "SET budget = :budget",
      values: { ":budget": { S: '{"f":99}' } },
    });

    expect(await createCallBudgets(table).ask(of, aCall(), NOW_MS)).toMatchObject({
      kind: "granted",
    });
  });
});
