/** What the lists of stuck records promise, asked of the twins in memory and of DynamoDB. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createParkedStore } from "#shared/aws/dynamodb-parked.ts";
import { createWaitStore } from "#shared/aws/dynamodb-waits.ts";
import type { CrossReference, Side } from "#shared/domain/cross-reference.ts";
import {
  type CrossReferenceStore,
  noClaims,
  type ParkedStore,
  type WaitStore,
} from "#shared/ports/mapping-table.ts";
import { aCustomer, aCustomerId, aLinkedSide } from "#test/support/cross-references.ts";
import { type DynamoDbEmulator, startDynamoDbEmulator } from "#test/support/dynamodb-emulator.ts";
import { createMemoryMappingTable } from "#test/support/memory-mapping-table.ts";

interface Stores {
  readonly xrefs: CrossReferenceStore;
  readonly parked: ParkedStore;
  readonly waits: WaitStore;
}

interface Implementation {
  readonly name: string;
  start(): Promise<void>;
  fresh(): Promise<Stores>;
  stop(): Promise<void>;
}

const clock = (): number => Date.UTC(2026, 0, 5, 9);

const inMemory: Implementation = {
  name: "memory",
  start: async () => undefined,
  fresh: async () => createMemoryMappingTable(clock),
  stop: async () => undefined,
};

function onDynamoDb(): Implementation {
  let emulator: DynamoDbEmulator | undefined;
  return {
    name: "DynamoDB",
    async start() {
      emulator = await startDynamoDbEmulator();
    },
    async fresh() {
      if (emulator === undefined) throw new Error("not started");
      const { table } = await emulator.createMappingTable();
      return {
        xrefs: createCrossReferenceStore(table, clock),
        parked: createParkedStore(table),
        waits: createWaitStore(table),
      };
    },
    async stop() {
      await emulator?.stop();
    },
  };
}

const failure = {
  kind: "rejected",
  code: "waits-for-unknown-record",
  fix: "Bring it in.",
} as const;
const blocked: Side = {
  state: "blocked",
  observed: {},
  sent: {},
  waitsFor: ["ext#files#customer#HARB", aCustomerId("9")],
  failure,
};
const at = (second: number): string => `2026-01-05T09:00:0${second}.000Z`;

describe.each([inMemory, onDynamoDb()])("the lists of stuck records on $name", (implementation) => {
  let stores: Stores;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    stores = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  async function save(
    ending: string,
    sides: CrossReference["sides"],
    over: Partial<CrossReference> = {},
  ): Promise<void> {
    const loaded = (await stores.xrefs.load([aCustomerId(ending)])).get(aCustomerId(ending));
    const xref = { ...(loaded ?? aCustomer(ending)), sides, ...over };
    expect(await stores.xrefs.save(xref, noClaims, [])).toBe("saved");
  }

  async function waitingIds(): Promise<string[]> {
    return (await stores.parked.listWaiting(10)).records.map(({ canonicalId }) => canonicalId);
  }

  it("show what waits for a record, with what it waits for and why it may wait long", async () => {
    await save("1", { crm: aLinkedSide("c1", {}), books: blocked }, { changedAt: at(1) });

    expect(await stores.parked.listWaiting(10)).toEqual({
      records: [
        {
          connection: "books",
          recordType: "customer",
          canonicalId: aCustomerId("1"),
          waitsFor: blocked.waitsFor,
          failure,
          waitingSince: at(1),
        },
      ],
    });
    expect(await stores.parked.list(10)).toEqual({ records: [] });
  });

  it("show it no longer once it goes on", async () => {
    await save("1", { books: blocked });
    await save("1", { books: aLinkedSide("b1", {}) });

    expect(await waitingIds()).toEqual([]);
  });

  it("show a record that waits for a person, too, among those first", async () => {
    const rejected: Side = { state: "rejected", observed: {}, sent: {}, failure };
    await save("1", { books: blocked, crm: rejected });

    expect(await waitingIds()).toEqual([]);
    expect((await stores.parked.list(10)).records).toMatchObject([{ connection: "crm" }]);

    await save("1", { books: blocked, crm: aLinkedSide("c1", {}) });

    expect(await waitingIds()).toEqual([aCustomerId("1")]);
    expect((await stores.parked.list(10)).records).toEqual([]);
  });

  it("show each record once, newest first, page by page", async () => {
    const endings = ["1", "2", "3", "4", "5"];
    for (const [index, ending] of endings.entries()) {
      await save(ending, { books: blocked }, { changedAt: at(index) });
    }

    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await stores.parked.listWaiting(2, cursor);
      expect(page.records.length).toBeLessThanOrEqual(2);
      ids.push(...page.records.map(({ canonicalId }) => canonicalId));
      cursor = page.cursor;
    } while (cursor !== undefined);

    expect(ids).toEqual(endings.toReversed().map(aCustomerId));
  });

  it("refuse where one goes on in the other", async () => {
    const rejected: Side = { state: "rejected", observed: {}, sent: {}, failure };
    for (const ending of ["1", "2"]) await save(ending, { books: rejected });
    const { cursor } = await stores.parked.list(1);
    expect(cursor).toBeDefined();

    await expect(stores.parked.listWaiting(1, cursor)).rejects.toMatchObject({
      failure: { kind: "invalid-input", code: "cursor-unreadable" },
    });
  });

  it("leave out a review that was dismissed, and show it when it comes up anew", async () => {
    const review = { code: "ended-elsewhere", at: at(1) };
    const side = aLinkedSide("b1", {});
    const codes = async () =>
      (await stores.parked.list(10)).records.map((record) => record.failure.code);
    await save("1", { books: { ...side, review } });
    expect(await codes()).toEqual(["ended-elsewhere"]);

    await save("1", { books: { ...side, review: { ...review, isDismissed: true } } });
    expect(await codes()).toEqual([]);

    await save("1", { books: { ...side, review } });
    expect(await codes()).toEqual(["ended-elsewhere"]);
  });

  it("name the run that holds a side back", async () => {
    const side: Side = { ...aLinkedSide("b1", {}), state: "awaiting-approval" };
    await save("1", { books: { ...side, waitsFor: ["run#import-1"] } });

    expect((await stores.parked.list(10)).records).toMatchObject([
      { failure: { code: "run-awaits-approval", field: "/runs/import-1" } },
    ]);
  });

  it("find what is parked of one newcomer", async () => {
    const ref = { connection: "crm", recordType: "customer", externalId: "a#1/ü" } as const;
    expect(await stores.parked.find(ref)).toBeUndefined();

    await stores.parked.park({ ...ref, failure, parkedAt: at(1) });
    expect(await stores.parked.find(ref)).toEqual({ ...ref, failure, parkedAt: at(1) });

    await stores.parked.unpark([ref]);
    expect(await stores.parked.find(ref)).toBeUndefined();
  });

  it("keep what waits for a run apart from what waits for a record", async () => {
    const waiter = {
      connection: "books",
      canonicalId: aCustomerId("1"),
      recordType: "customer",
      runId: "import-1",
    } as const;
    await stores.waits.register("run#import-1", waiter);
    await stores.waits.register("run#import-1", { ...waiter, connection: "crm" });
    await stores.waits.register(aCustomerId("9"), waiter);

    expect(await stores.waits.list("run#import-1")).toEqual([
      waiter,
      { ...waiter, connection: "crm" },
    ]);
    await stores.waits.remove("run#import-1", waiter);
    expect(await stores.waits.list("run#import-1")).toEqual([{ ...waiter, connection: "crm" }]);
  });
});
