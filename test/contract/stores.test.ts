/** What every store of the mapping table promises, asked of the twins in memory and of DynamoDB. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeCrossReference } from "#shared/aws/cross-reference-codec.ts";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createDedupStore } from "#shared/aws/dynamodb-dedup.ts";
import { createFileProfileStore } from "#shared/aws/dynamodb-file-profiles.ts";
import { createHistoryHeads } from "#shared/aws/dynamodb-history-heads.ts";
import { createLedgerStore } from "#shared/aws/dynamodb-ledgers.ts";
import { createParkedStore } from "#shared/aws/dynamodb-parked.ts";
import { createRecordWalk } from "#shared/aws/dynamodb-record-walk.ts";
import { createRelationStore } from "#shared/aws/dynamodb-relations.ts";
import { createRunStore } from "#shared/aws/dynamodb-runs.ts";
import { createWaitStore } from "#shared/aws/dynamodb-waits.ts";
import { createWatermarkStore } from "#shared/aws/dynamodb-watermarks.ts";
import { hashOf, sealRevision } from "#shared/aws/history-chain.ts";
import { decodeStreamRecord, type TableChange } from "#shared/aws/stream-images.ts";
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ExternalRef } from "#shared/domain/identifiers.ts";
import type { MatchKey } from "#shared/domain/match-key.ts";
import type {
  RelatedCreditNote,
  RelatedInvoice,
  RelatedPayment,
} from "#shared/domain/related-document.ts";
import { tieoutOrders } from "#shared/flows/files/tieout-orders.ts";
import { tieoutProducts } from "#shared/flows/files/tieout-products.ts";
import type { RecordWalk } from "#shared/ports/exports.ts";
import type { ConfirmedProfile, FileProfileStore } from "#shared/ports/file-profiles.ts";
import type { Claims, ParkedRecord } from "#shared/ports/mapping-table.ts";
import type { Run, RunStore } from "#shared/ports/runs.ts";
import {
  aCustomer,
  aCustomerId,
  aLinkedSide,
  aSettledCustomer,
} from "#test/support/cross-references.ts";
import { type DynamoDbEmulator, startDynamoDbEmulator } from "#test/support/dynamodb-emulator.ts";
import { createMemoryWalk } from "#test/support/memory-exports.ts";
import { createMemoryFileProfiles } from "#test/support/memory-file-profiles.ts";
import {
  createMemoryMappingTable,
  type MemoryMappingTable,
} from "#test/support/memory-mapping-table.ts";
import { createMemoryRuns } from "#test/support/memory-runs.ts";

type Stores = Omit<MemoryMappingTable, "all" | "onChange" | "onImage" | "tamper"> & {
  readonly runs: RunStore;
  readonly fileProfiles: FileProfileStore;
  readonly walk: RecordWalk;
  /** What the table's stream told so far. */
  changes(): Promise<readonly TableChange[]>;
};

interface Implementation {
  readonly name: string;
  start(): Promise<void>;
  fresh(): Promise<Stores>;
  stop(): Promise<void>;
}

const NOW_MS = Date.UTC(2026, 0, 5, 9);

const inMemory: Implementation = {
  name: "memory",
  start: async () => undefined,
  async fresh() {
    const table = createMemoryMappingTable(() => NOW_MS);
    const changes: TableChange[] = [];
    table.onChange((change) => changes.push(change));
    const walk = createMemoryWalk(table.all);
    const fileProfiles = createMemoryFileProfiles();
    const runs = createMemoryRuns();
    return { ...table, runs, walk, fileProfiles, changes: async () => changes };
  },
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
      const { table, readStream } = await emulator.createMappingTable();
      return {
        xrefs: createCrossReferenceStore(table, () => NOW_MS),
        relations: createRelationStore(table),
        waits: createWaitStore(table),
        watermarks: createWatermarkStore(table),
        dedup: createDedupStore(table),
        ledgers: createLedgerStore(table),
        parked: createParkedStore(table),
        heads: createHistoryHeads(table),
        runs: createRunStore(table, () => NOW_MS),
        fileProfiles: createFileProfileStore(table),
        walk: createRecordWalk(table),
        async changes() {
          const decoded = (await readStream()).map(decodeStreamRecord);
          return decoded.filter((change): change is TableChange => change.kind !== "other");
        },
      };
    },
    async stop() {
      await emulator?.stop();
    },
  };
}

const noClaims: Claims = { externalRefs: [], matchKeys: [] };
const crmRef: ExternalRef = { connection: "crm", recordType: "customer", externalId: "a#1/ü" };
const crmRefKey = "crm#customer#a#1/ü";
const emailKey: MatchKey = { recordType: "customer", kind: "email", key: "a@example.com" };
const emailKeyText = "customer#email#a@example.com";

function claims(externalRefs: readonly ExternalRef[], matchKeys: readonly MatchKey[] = []): Claims {
  return { externalRefs, matchKeys };
}

/** With what a second saving needs: the revision that the first one stored, and its seal. */
function saved(xref: CrossReference): CrossReference {
  const { chain, savedAt } = sealRevision(xref, encodeCrossReference(xref), NOW_MS);
  return { ...xref, revision: xref.revision + 1, chain, savedAt };
}

async function all<Thing>(things: AsyncIterable<Thing>): Promise<Thing[]> {
  return Array.fromAsync(things);
}

describe.each([inMemory, onDynamoDb()])("stores on $name", (implementation) => {
  let stores: Stores;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    stores = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  describe("file profiles", () => {
    const confirmed = (profile = tieoutOrders, revision = 1): ConfirmedProfile => ({
      profile,
      revision,
      confirmedAt: "2026-01-05T09:00:00.000Z",
      confirmedBy: "operator",
    });

    it("are read as they were confirmed, and listed by name", async () => {
      const formats = { decimalSign: ",", negatives: ["parentheses"] } as const;
      const products = confirmed({ ...tieoutProducts, formats, keyDigits: 6 });
      expect(await stores.fileProfiles.get("tieout-orders")).toBeUndefined();

      expect(await stores.fileProfiles.save(products)).toBe("saved");
      expect(await stores.fileProfiles.save(confirmed())).toBe("saved");

      expect(await stores.fileProfiles.get("tieout-products")).toEqual(products);
      expect(await stores.fileProfiles.list()).toEqual([confirmed(), products]);
    });

    it("are replaced by who looked at the last revision only", async () => {
      await stores.fileProfiles.save(confirmed());

      expect(await stores.fileProfiles.save(confirmed())).toBe("stale");
      expect(await stores.fileProfiles.save(confirmed(tieoutOrders, 3))).toBe("stale");
      expect(await stores.fileProfiles.save(confirmed(tieoutOrders, 2))).toBe("saved");
      expect((await stores.fileProfiles.get("tieout-orders"))?.revision).toBe(2);
    });

    it("are removed by who looked at the last revision only", async () => {
      await stores.fileProfiles.save(confirmed());

      expect(await stores.fileProfiles.remove("tieout-orders", 2)).toBe("stale");
      expect(await stores.fileProfiles.remove("tieout-products", 1)).toBe("stale");
      expect(await stores.fileProfiles.remove("tieout-orders", 1)).toBe("removed");
      expect(await stores.fileProfiles.list()).toEqual([]);
      expect(await stores.fileProfiles.save(confirmed())).toBe("saved");
    });
  });

  describe("cross-references", () => {
    it("are loaded as they were saved, one revision on", async () => {
      const xref = aSettledCustomer();

      expect(await stores.xrefs.save(xref, noClaims, [])).toBe("saved");

      const loaded = await stores.xrefs.load([xref.canonicalId, aCustomerId("none")]);
      expect([...loaded]).toEqual([[xref.canonicalId, saved(xref)]]);
    });

    it("are loaded by hundreds, each once", async () => {
      const xrefs = Array.from({ length: 230 }, (_, index) => aCustomer(String(index)));
      await Promise.all(xrefs.map((xref) => stores.xrefs.save(xref, noClaims, [])));
      const ids = xrefs.map((xref) => xref.canonicalId);

      const loaded = await stores.xrefs.load([...ids, ...ids]);

      expect(new Set(loaded.keys())).toEqual(new Set(ids));
    });

    it("are stale where another saved the same revision first", async () => {
      const xref = aCustomer("1");
      await stores.xrefs.save(xref, noClaims, []);
      await stores.xrefs.save({ ...saved(xref), fields: { name: "second" } }, noClaims, []);

      expect(await stores.xrefs.save(xref, noClaims, [])).toBe("stale");
      expect(await stores.xrefs.save(saved(xref), noClaims, [])).toBe("stale");

      const loaded = (await stores.xrefs.load([xref.canonicalId])).get(xref.canonicalId);
      expect(loaded).toMatchObject({ revision: 2, fields: { name: "second" } });
    });

    it("are stale where the history's link was lost on their way", async () => {
      const xref = aCustomer("1");
      await stores.xrefs.save(xref, noClaims, []);
      const { chain, savedAt: _savedAt, ...withoutLink } = saved(xref);
      const withOther = { ...saved(xref), chain: hashOf(chain ?? "") };

      expect(await stores.xrefs.save(withoutLink, noClaims, [])).toBe("stale");
      expect(await stores.xrefs.save(withOther, noClaims, [])).toBe("stale");
      expect(await stores.xrefs.save(saved(xref), noClaims, [])).toBe("saved");
    });

    it("are saved by exactly one of many at once", async () => {
      const tries = Array.from({ length: 8 }, () => aCustomer("1"));

      const outcomes = await Promise.all(
        tries.map((xref) => stores.xrefs.save(xref, claims([crmRef], [emailKey]), [])),
      );

      expect(outcomes.toSorted()).toEqual(["saved", ...Array(7).fill("stale")]);
    });

    it("keep nothing of a save that is stale", async () => {
      const xref = aCustomer("1");
      await stores.xrefs.save(xref, noClaims, []);

      expect(await stores.xrefs.save(xref, claims([crmRef], [emailKey]), [])).toBe("stale");

      expect((await stores.xrefs.findExternalRefs([crmRef])).size).toBe(0);
      expect((await stores.xrefs.findMatches([emailKey])).size).toBe(0);
    });

    it("refuse a claim on what is another's, and keep nothing of the save", async () => {
      await stores.xrefs.save(aCustomer("1"), claims([crmRef], [emailKey]), []);
      const booksRef = { ...crmRef, connection: "books" };

      const byRef = await stores.xrefs.save(aCustomer("2"), claims([booksRef, crmRef]), []);
      const byKey = await stores.xrefs.save(aCustomer("2"), claims([booksRef], [emailKey]), []);

      expect([byRef, byKey]).toEqual(["claimed", "claimed"]);
      expect((await stores.xrefs.load([aCustomerId("2")])).size).toBe(0);
      expect((await stores.xrefs.findExternalRefs([booksRef])).size).toBe(0);
    });

    it("hold their claims, and may claim them again, twice at once too", async () => {
      const xref = aCustomer("1");
      await stores.xrefs.save(xref, claims([crmRef, crmRef], [emailKey, emailKey]), []);
      await stores.xrefs.markSeen(crmRef, { digest: "digest-1", version: 7, revision: 7 });

      expect(await stores.xrefs.save(saved(xref), claims([crmRef], [emailKey]), [])).toBe("saved");

      expect(await stores.xrefs.findExternalRefs([crmRef, crmRef])).toEqual(
        new Map([
          [crmRefKey, { canonicalId: xref.canonicalId, seen: { digest: "digest-1", version: 7 } }],
        ]),
      );
      expect(await stores.xrefs.findMatches([emailKey])).toEqual(
        new Map([[emailKeyText, xref.canonicalId]]),
      );
    });

    it("are found by keys of any length, which differ in their last character", async () => {
      const long = { ...emailKey, key: `${"ü".repeat(5_000)}1` };
      const other = { ...emailKey, key: `${"ü".repeat(5_000)}2` };
      await stores.xrefs.save(aCustomer("1"), claims([], [long]), []);

      const found = await stores.xrefs.findMatches([long, other]);

      expect([...found]).toEqual([[`customer#email#${long.key}`, aCustomerId("1")]]);
    });

    it("take ninety-nine claims in one save", async () => {
      const refs = Array.from({ length: 99 }, (_, index) => ({
        ...crmRef,
        externalId: String(index),
      }));

      expect(await stores.xrefs.save(aCustomer("1"), claims(refs), [])).toBe("saved");

      expect((await stores.xrefs.findExternalRefs(refs)).size).toBe(99);
      await expect(
        stores.xrefs.save(aCustomer("2"), claims([...refs, crmRef]), []),
      ).rejects.toMatchObject({ failure: { kind: "bug", code: "claims-too-many" } });
    });

    it("remember the newest observation of a known reference", async () => {
      await stores.xrefs.save(aCustomer("1"), claims([crmRef]), []);
      const seen = async () => (await stores.xrefs.findExternalRefs([crmRef])).get(crmRefKey)?.seen;
      expect(await seen()).toBeUndefined();

      await stores.xrefs.markSeen(crmRef, { digest: "digest-5", version: 5, revision: 5 });
      await stores.xrefs.markSeen(crmRef, { digest: "digest-4", version: 4, revision: 4 });
      expect(await seen()).toEqual({ digest: "digest-5", version: 5 });

      await stores.xrefs.markSeen(crmRef, { digest: "digest-5b", version: 5, revision: 5 });
      expect(await seen()).toEqual({ digest: "digest-5b", version: 5 });
    });

    it("remember no observation of an unknown reference", async () => {
      await stores.xrefs.markSeen(crmRef, { digest: "digest", version: 1, revision: 1 });

      expect((await stores.xrefs.findExternalRefs([crmRef])).size).toBe(0);
    });
  });

  describe("heads of the history", () => {
    it("tell the newest link and what the last save did", async () => {
      const first = aCustomer("1");
      const trail = [
        { kind: "intended", at: "2026-01-05T09:00:00.000Z", connection: "crm", tries: 1 },
      ] as const;
      const second = { ...saved(first), trail };
      await stores.xrefs.save(first, noClaims, []);
      await stores.xrefs.save(second, noClaims, []);
      await stores.waits.register(first.canonicalId, {
        connection: "crm",
        canonicalId: aCustomerId("2"),
        recordType: "order",
      });

      const head = {
        canonicalId: first.canonicalId,
        recordType: "customer",
        revision: 2,
        chain: saved(second).chain,
        savedAt: NOW_MS,
        previousSavedAt: NOW_MS,
        bodyHash: hashOf(encodeCrossReference(second)),
        trail,
      };
      const loaded = await stores.heads.load([first.canonicalId, aCustomerId("none")]);
      expect([...loaded]).toEqual([[first.canonicalId, head]]);
      expect(await all(stores.heads.all())).toEqual([head]);
    });

    it("are told of every record, more than a page of them", async () => {
      const name = "x".repeat(60_000);
      const ids = Array.from({ length: 40 }, (_, index) => String(index));
      for (const id of ids) {
        await stores.xrefs.save(aCustomer(id, { fields: { name } }), noClaims, []);
      }

      const heads = await all(stores.heads.all());

      expect(new Set(heads.map(({ canonicalId }) => canonicalId))).toEqual(
        new Set(ids.map(aCustomerId)),
      );
      expect(heads).toHaveLength(40);
    });
  });

  describe("changes", () => {
    it("tell of each save with what was before, and of new references once", async () => {
      const first = aCustomer("1");
      const second = { ...saved(first), fields: { name: "second" } };
      await stores.xrefs.save(first, claims([crmRef], [emailKey]), []);
      await stores.xrefs.save(second, claims([crmRef]), ["crm", "books"]);
      await stores.xrefs.save(saved(second), noClaims, []);
      await stores.xrefs.markSeen(crmRef, { digest: "digest", version: 1, revision: 1 });

      const changes = await stores.changes();

      const ofRecord = changes.filter((change) => change.kind === "cross-reference");
      expect(ofRecord).toEqual([
        { kind: "cross-reference", next: saved(first), newlyLinked: [] },
        {
          kind: "cross-reference",
          previous: saved(first),
          next: saved(second),
          newlyLinked: ["books", "crm"],
        },
        {
          kind: "cross-reference",
          previous: saved(second),
          next: saved(saved(second)),
          newlyLinked: [],
        },
      ]);
      expect(changes.filter((change) => change.kind === "external-reference")).toEqual([
        { kind: "external-reference", ref: crmRef, canonicalId: first.canonicalId },
      ]);
    });

    it("tell of nothing else", async () => {
      const waiter = {
        connection: "crm",
        canonicalId: aCustomerId("1"),
        recordType: "order",
      } as const;
      await stores.waits.register(`ext#${crmRefKey}`, waiter);
      await stores.relations.setDueOn(aCustomerId("1"), "2026-02-01");
      await stores.watermarks.advance("crm", "customer", 1, 0);
      await stores.runs.start(aRun("1"));

      expect(await stores.changes()).toEqual([]);
    });
  });

  describe("relations", () => {
    const parent = aCustomerId("1");
    const eur = (minor: bigint) => ({ minor, currency: "EUR" });
    const invoice: RelatedInvoice = {
      kind: "invoice",
      canonicalId: "invoice-1",
      revision: 3,
      number: "INV-1",
      status: "issued",
      dueOn: "2026-02-01",
      total: eur(12_345_678_901_234_567_890n),
      tax: eur(-19n),
      amountPaid: eur(0n),
      amountCredited: eur(1n),
      amountWrittenOff: eur(2n),
      amountDue: eur(119n),
      costOfSales: eur(7n),
    };
    const creditNote: RelatedCreditNote = {
      kind: "credit-note",
      canonicalId: "creditNote-1",
      revision: 2,
      number: null,
      status: "paid",
      total: eur(10n),
      tax: eur(2n),
      amountUsed: eur(6n),
      amountOpen: eur(4n),
      costOfSales: null,
    };
    const payment: RelatedPayment = {
      kind: "payment",
      canonicalId: "payment-1",
      revision: 1,
      paymentKind: "deposit",
      isSettled: true,
      paidOn: null,
      amount: eur(30n),
      amountOpen: eur(0n),
    };
    const receipt: RelatedPayment = {
      ...payment,
      canonicalId: "payment-2",
      paymentKind: "receipt",
      paidOn: "2026-01-31",
      amount: null,
      amountOpen: null,
    };

    it("list the documents of one parent", async () => {
      await stores.relations.put(parent, payment);
      await stores.relations.put(parent, { ...invoice, number: null, dueOn: null });
      await stores.relations.put(parent, receipt);
      await stores.relations.put(parent, creditNote);
      await stores.relations.put(aCustomerId("2"), { ...payment, canonicalId: "payment-3" });

      expect(await stores.relations.list(parent)).toEqual([
        creditNote,
        { ...invoice, number: null, dueOn: null },
        payment,
        receipt,
      ]);
    });

    it("keep the newest image of a document", async () => {
      await stores.relations.put(parent, invoice);
      await stores.relations.put(parent, { ...invoice, revision: 2, status: "draft" });
      await stores.relations.put(parent, { ...invoice, status: "draft" });
      expect(await stores.relations.list(parent)).toEqual([invoice]);

      await stores.relations.put(parent, { ...invoice, revision: 4, status: "paid" });
      expect(await stores.relations.list(parent)).toMatchObject([{ revision: 4, status: "paid" }]);
    });

    it("list customers whose due date has passed, until it is moved or taken away", async () => {
      await stores.relations.setDueOn(aCustomerId("1"), "2026-02-01");
      await stores.relations.setDueOn(aCustomerId("2"), "2026-02-02");
      await stores.relations.setDueOn(aCustomerId("3"), "2026-01-31");
      await stores.relations.setDueOn(aCustomerId("4"), "2026-01-01");
      await stores.relations.setDueOn(aCustomerId("4"), "2026-03-01");
      await stores.relations.setDueOn(aCustomerId("5"), "2026-01-01");
      await stores.relations.setDueOn(aCustomerId("5"), undefined);
      await stores.relations.setDueOn(aCustomerId("6"), undefined);

      const due = await all(stores.relations.listDueBefore("2026-02-02"));

      expect(due).toEqual([aCustomerId("3"), aCustomerId("1")]);
    });

    it("stay when the parent is saved, and so does its due date", async () => {
      await stores.relations.put(parent, payment);
      await stores.relations.setDueOn(parent, "2026-01-01");

      await stores.xrefs.save(aCustomer("1"), noClaims, []);

      expect(await stores.relations.list(parent)).toHaveLength(1);
      expect(await all(stores.relations.listDueBefore("2026-02-02"))).toEqual([parent]);
    });
  });

  describe("waits", () => {
    const order = { connection: "crm", canonicalId: "order-1", recordType: "order" } as const;

    it("are listed by key and connection, once each, until removed", async () => {
      const inBooks = { ...order, connection: "books", runId: "run-1" };
      await stores.waits.register("key", order);
      await stores.waits.register("key", order);
      await stores.waits.register("key", inBooks);
      await stores.waits.register("key-2", { ...order, canonicalId: "order-2" });
      expect(await stores.waits.list("key")).toEqual([inBooks, order]);
      expect(await stores.waits.list("key", "crm")).toEqual([order]);
      expect(await stores.waits.list("key", undefined, 1)).toEqual([inBooks]);
      expect(await stores.waits.list("key", undefined, 2)).toEqual([inBooks, order]);
      expect(await stores.waits.list("nobody")).toEqual([]);

      await stores.waits.remove("key", order);
      await stores.waits.remove("key", order);

      expect(await stores.waits.list("key")).toEqual([inBooks]);
    });

    it("take a connection whose name begins with another's for another", async () => {
      await stores.waits.register("key", { ...order, connection: "crm-2" });

      expect(await stores.waits.list("key", "crm")).toEqual([]);
    });
  });

  describe("watermarks", () => {
    it("never move back", async () => {
      expect(await stores.watermarks.get("crm", "order")).toBeUndefined();

      await stores.watermarks.advance("crm", "order", 20, 1_000);
      await stores.watermarks.advance("crm", "order", 10, 2_000);

      expect(await stores.watermarks.get("crm", "order")).toEqual({
        reachedAt: 20,
        movedAtMs: 1_000,
        isSettled: false,
      });
      expect(await stores.watermarks.get("crm", "customer")).toBeUndefined();
      expect(await stores.watermarks.get("books", "order")).toBeUndefined();
    });

    it("are settled until they move, and only where they stand", async () => {
      await stores.watermarks.advance("crm", "product", 20, 1_000);
      await stores.watermarks.settle("crm", "product", 19);
      expect((await stores.watermarks.get("crm", "product"))?.isSettled).toBe(false);

      await stores.watermarks.settle("crm", "product", 20);
      expect((await stores.watermarks.get("crm", "product"))?.isSettled).toBe(true);

      await stores.watermarks.advance("crm", "product", 21, 3_000);
      expect((await stores.watermarks.get("crm", "product"))?.isSettled).toBe(false);
    });
  });

  describe("ledgers", () => {
    it("gives back what was last said of a connection's ledger, and of no other", async () => {
      const facts = { baseCurrency: "USD", currencies: ["USD", "EUR"], filedThrough: "2026-03-31" };
      await stores.ledgers.put("books", { baseCurrency: "NZD", lockedThrough: "2025-12-31" });
      expect(await stores.ledgers.get("books")).toEqual({
        baseCurrency: "NZD",
        lockedThrough: "2025-12-31",
      });

      await stores.ledgers.put("books", facts);

      expect(await stores.ledgers.get("books")).toEqual(facts);
      expect(await stores.ledgers.get("crm")).toBeUndefined();
    });
  });

  describe("dedup", () => {
    it("knows a delivery for its retention", async () => {
      const first = (id: string, nowMs: number) => stores.dedup.firstSeen("crm", id, nowMs);
      const endMs = NOW_MS + limits.dedupRetentionSeconds * 1_000;

      expect(await first("a", NOW_MS)).toBe(true);
      expect(await first("a", NOW_MS + 1)).toBe(false);
      expect(await first("b", NOW_MS + 1)).toBe(true);
      expect(await first("a", endMs - 1_000)).toBe(false);
      expect(await first("a", endMs)).toBe(true);
      expect(await stores.dedup.firstSeen("books", "a", NOW_MS)).toBe(true);
    });

    it("lets a forgotten delivery count", async () => {
      await stores.dedup.firstSeen("crm", "a", NOW_MS);

      await stores.dedup.forget("crm", "a");

      expect(await stores.dedup.firstSeen("crm", "a", NOW_MS)).toBe(true);
    });

    it("lets one of many at once be first", async () => {
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => stores.dedup.firstSeen("crm", "a", NOW_MS)),
      );

      expect(answers.filter((isFirst) => isFirst)).toHaveLength(1);
    });
  });

  describe("parked", () => {
    const failure = { kind: "invalid-input", code: "date-unreadable", field: "dueOn" } as const;
    const newcomer = (externalId: string, minute: string) => ({
      connection: "crm",
      recordType: "order" as const,
      externalId,
      failure: { ...failure, fix: "Correct the date." },
      parkedAt: `2026-01-05T09:${minute}:00.000Z`,
    });
    const refused = { kind: "rejected", code: "period-closed", fix: "Open the period." } as const;

    async function listAll(limit: number): Promise<ParkedRecord[]> {
      const records: ParkedRecord[] = [];
      let cursor: string | undefined;
      do {
        const page = await stores.parked.list(limit, cursor);
        records.push(...page.records);
        cursor = page.cursor;
      } while (cursor !== undefined);
      return records;
    }

    it("lists newcomers and refused or conflicting sides, newest first", async () => {
      const conflict = {
        field: "segment",
        golden: "retail",
        proposed: null,
        proposedBy: "crm",
        at: "2026-01-05T09:02:00.000Z",
      };
      const xref = aCustomer("1", {
        changedAt: "2026-01-05T09:03:00.000Z",
        sides: {
          crm: { ...aLinkedSide("crm-1", {}), state: "conflict", conflicts: [conflict] },
          books: { state: "rejected", observed: {}, sent: {}, failure: refused },
          shop: aLinkedSide("shop-1", {}),
        },
      });
      await stores.parked.park(newcomer("1", "01"));
      await stores.parked.park(newcomer("4", "04"));
      await stores.xrefs.save(xref, noClaims, []);

      const listed = await listAll(10);

      expect(listed).toEqual([
        newcomer("4", "04"),
        {
          connection: "books",
          recordType: "customer",
          canonicalId: xref.canonicalId,
          failure: refused,
          parkedAt: "2026-01-05T09:03:00.000Z",
        },
        {
          connection: "crm",
          recordType: "customer",
          externalId: "crm-1",
          canonicalId: xref.canonicalId,
          failure: {
            kind: "conflict",
            code: "field-conflict",
            field: "segment",
            fix: "Choose one of the two values, or set the field to the same value in both systems.",
          },
          parkedAt: "2026-01-05T09:02:00.000Z",
        },
        newcomer("1", "01"),
      ]);
      expect(await listAll(1)).toEqual(listed);
      expect((await stores.parked.list(1)).records).toHaveLength(1);
    });

    it("lists a record no longer once its sides are well", async () => {
      const side = { state: "rejected", observed: {}, sent: {}, failure: refused } as const;
      const xref = aCustomer("1", { sides: { books: side } });
      await stores.xrefs.save(xref, noClaims, []);
      const well = { ...saved(xref), sides: { books: aLinkedSide("books-1", xref.fields) } };

      await stores.xrefs.save(well, noClaims, []);

      expect(await listAll(10)).toEqual([]);
    });

    it("takes back those named, parked or not", async () => {
      await stores.parked.park(newcomer("1", "01"));
      await stores.parked.park(newcomer("2", "02"));

      await stores.parked.unpark([newcomer("1", "01"), newcomer("1", "01"), newcomer("3", "03")]);
      await stores.parked.unpark([]);

      expect(await listAll(10)).toEqual([newcomer("2", "02")]);
    });

    it("keeps the last word on a record that is parked again", async () => {
      await stores.parked.park(newcomer("1", "01"));
      await stores.parked.park(newcomer("1", "02"));

      expect(await listAll(10)).toEqual([newcomer("1", "02")]);
    });

    it("refuses a cursor it did not give", async () => {
      await expect(stores.parked.list(10, "{}")).rejects.toMatchObject({
        failure: { kind: "invalid-input", code: "cursor-unreadable" },
      });
    });
  });

  describe("runs", () => {
    it("add up exactly, once per receipt", async () => {
      await stores.runs.start(aRun("1"));
      const big = 12_345_678_901_234_567_890n;
      await stores.runs.add("1", "a", { records: 2n, "total.books.invoice.USD": big });
      await stores.runs.add("1", "a", { records: 2n, "total.books.invoice.USD": big });
      await stores.runs.add("1", "b", { records: 3n, "total.books.invoice.USD": -1n });
      await stores.runs.add("1", "c", {});
      await stores.runs.add("1", "c", { records: 1n });

      expect((await stores.runs.get("1"))?.counts).toEqual({
        records: 6n,
        "total.books.invoice.USD": big - 1n,
      });
    });

    it("lose no count to many at once", async () => {
      await stores.runs.start(aRun("1"));

      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          stores.runs.add("1", `receipt-${index % 10}`, { records: 1n }),
        ),
      );

      expect((await stores.runs.get("1"))?.counts).toEqual({ records: 10n });
    });

    it("take counts before they start, and start once", async () => {
      await stores.runs.add("1", "a", { records: 1n });
      expect(await stores.runs.get("1")).toBeUndefined();

      await stores.runs.start(aRun("1"));
      await stores.runs.start({ ...aRun("1"), subject: "another" });

      expect(await stores.runs.get("1")).toEqual({ ...aRun("1"), counts: { records: 1n } });
    });

    it("end by a problem, or well after all", async () => {
      const problem = { code: "file-unreadable", fix: "Send it again.", detail: "row 3" };
      await stores.runs.start({ ...aRun("1"), connection: "crm" });

      await stores.runs.finishCapture("1", "2026-01-05T10:00:00.000Z", problem);
      expect(await stores.runs.get("1")).toMatchObject({
        connection: "crm",
        capturedAt: "2026-01-05T10:00:00.000Z",
        problem,
      });

      await stores.runs.finishCapture("1", "2026-01-05T11:00:00.000Z");
      expect(await stores.runs.get("1")).toEqual({
        ...aRun("1"),
        connection: "crm",
        capturedAt: "2026-01-05T11:00:00.000Z",
        counts: {},
      });
    });

    it("that nobody started are not ended", async () => {
      await stores.runs.finishCapture("1", "2026-01-05T10:00:00.000Z");

      expect(await stores.runs.get("1")).toBeUndefined();
      expect((await stores.runs.list(10)).runs).toEqual([]);
    });

    it("are listed newest first, page by page", async () => {
      const ids = ["2", "5", "1", "4", "3"];
      for (const id of ids) await stores.runs.start(aRun(id));
      await stores.runs.add("4", "a", { records: 1n });

      const first = await stores.runs.list(3);
      const second = await stores.runs.list(3, first.cursor);

      expect(first.runs.map((run) => run.runId)).toEqual(["5", "4", "3"]);
      expect(first.runs[1]?.counts).toEqual({ records: 1n });
      expect(second.runs.map((run) => run.runId)).toEqual(["2", "1"]);
      expect(second.cursor).toBeUndefined();
    });

    it("are listed apart from tie-outs and exports", async () => {
      await stores.runs.start(aRun("1"));
      await stores.runs.start({ ...aRun("4"), kind: "export" });
      await stores.runs.start({ ...aRun("2"), kind: "tie-out" });
      await stores.runs.start({ ...aRun("3"), kind: "tie-out" });

      const first = await stores.runs.list(1, undefined, "tie-outs");
      const second = await stores.runs.list(1, first.cursor, "tie-outs");

      expect([...first.runs, ...second.runs].map((run) => run.runId)).toEqual(["3", "2"]);
      expect((await stores.runs.list(9)).runs.map((run) => run.runId)).toEqual(["1"]);
      const exports = await stores.runs.list(9, undefined, "exports");
      expect(exports.runs.map((run) => run.runId)).toEqual(["4"]);
    });
  });

  describe("a walk over records", () => {
    it("meets each record of its type once, whatever a page holds", async () => {
      const saving = Array.from({ length: 30 }, async (_, index) => {
        // Pages of DynamoDB end after 1 MB.
        const fields = { name: "x".repeat(60_000) };
        await stores.xrefs.save(aCustomer(String(index), { fields }), noClaims, []);
      });
      await Promise.all(saving);
      const order = { ...aCustomer("1"), canonicalId: `order-${"1".repeat(24)}` };
      await stores.xrefs.save({ ...order, recordType: "order" }, noClaims, []);

      const met: string[] = [];
      let pages = 0;
      for (let cursor: string | undefined, isOver = false; !isOver; pages += 1) {
        const page = await stores.walk.readPage("customer", cursor);
        met.push(...page.records.map(({ canonicalId }) => canonicalId));
        cursor = page.cursor;
        isOver = cursor === undefined;
      }

      const expected = Array.from({ length: 30 }, (_, index) => aCustomerId(String(index)));
      expect(met.toSorted()).toEqual(expected.toSorted());
      expect(pages).toBeGreaterThan(1);
    });
  });
});

function aRun(runId: string): Omit<Run, "counts"> {
  return {
    runId,
    kind: "import",
    startedAt: `2026-01-0${runId}T09:00:00.000Z`,
    subject: "orders.csv",
  };
}
