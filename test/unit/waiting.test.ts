import { beforeEach, describe, expect, it } from "vitest";
import { type CrossReference, type Side, sideOf } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import { type DocumentLine, recordFields } from "#shared/domain/records.ts";
import { blockSide, waitFailure } from "#shared/domain/waiting.ts";
import { flows } from "#shared/flows/flows.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { refOfWaitKey, waitKeyOfRef } from "#shared/sync/references.ts";
import { viewWaiting } from "#shared/sync/view-waiting.ts";
import { aCustomer } from "#test/support/cross-references.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const at = "2026-01-05T09:00:00.000Z";
const refused = { kind: "rejected", code: "name-taken", fix: "Rename one." } as const;

const line: DocumentLine = {
  product: null,
  productCode: "W-1",
  description: "Widget",
  quantity: "4",
  unitPrice: "25.00",
  discountRate: "0",
  amount: money(10_000n, "EUR"),
};

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

/** An order of a file, whose customer is another record of that file. */
async function order(status: "won" | "open" = "won"): Promise<void> {
  world.ports.clock.advance(1_000);
  await world.file("order", "1001", {
    number: "1001",
    status,
    customer: { connection: "files", recordType: "customer", externalId: "HARB" },
    orderedOn: "2026-01-05",
    currency: "EUR",
    lines: [line],
    total: money(10_000n, "EUR"),
  });
  await world.settle();
}

async function customer(): Promise<void> {
  await world.file("customer", "HARB", { name: "Harbour" });
  await world.settle();
}

async function waiting() {
  return (await viewWaiting(world.deps, 10, undefined)).records;
}

function theRecord(recordType: RecordType): CrossReference {
  const xref = world.ports.all().find((one) => one.recordType === recordType);
  if (xref === undefined) throw new Error(`no ${recordType}`);
  return xref;
}

describe("an order whose customer nobody knows", () => {
  beforeEach(() => order("open"));

  it("is listed with what it waits for, since when, and what to do", async () => {
    expect(await waiting()).toEqual([
      {
        connection: "crm",
        recordType: "order",
        canonicalId: theRecord("order").canonicalId,
        waitsFor: ["ext#files#customer#HARB"],
        waitingSince: theRecord("order").changedAt,
        failure: {
          kind: "rejected",
          code: "waits-for-unknown-record",
          field: "ext#files#customer#HARB",
          fix: expect.any(String),
        },
      },
    ]);
    expect(sideOf(theRecord("order"), "crm")).toMatchObject({
      state: "blocked",
      failure: { code: "waits-for-unknown-record" },
    });
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  });

  it("goes on by itself, and leaves the list, when the customer comes", async () => {
    await customer();

    expect(world.crm.all("order")).toHaveLength(1);
    expect(await waiting()).toEqual([]);
    expect(sideOf(theRecord("order"), "crm")).not.toHaveProperty("failure");
  });
});

describe("an invoice whose customer is refused in the books", () => {
  beforeEach(async () => {
    world.books.failNextWrites({ failure: refused, hasEffect: false });
    await customer();
    await order();
  });

  it("says that it waits for a refused record, which is parked itself", async () => {
    const parent = theRecord("customer").canonicalId;

    expect(await waiting()).toMatchObject([
      {
        connection: "books",
        recordType: "invoice",
        waitsFor: [parent],
        failure: { code: "waits-for-refused-record", field: parent, fix: expect.any(String) },
      },
    ]);
    expect(sideOf(theRecord("invoice"), "books").failure?.code).toBe("waits-for-refused-record");
    expect((await world.ports.parked.list(10)).records).toMatchObject([
      { canonicalId: parent, failure: { code: "name-taken" } },
    ]);
  });

  it("says so no more once the customer is mended, and is made", async () => {
    const [company] = world.crm.all("customer");
    world.crm.edit("customer", company?.externalId, { name: "Harbour Two" });
    await world.hint("crm", "customer", company?.externalId ?? "");
    await world.settle();

    expect(await waiting()).toEqual([]);
    expect(world.books.all("invoice")).toHaveLength(1);
  });

  it("is let go where nothing is owed any more, and is listed no longer", async () => {
    const [deal] = world.crm.all("order");
    world.crm.edit("order", deal?.externalId, { status: "lost" });
    world.ports.clock.advance(1_000);
    await world.hint("crm", "order", deal?.externalId ?? "");
    await world.settle();

    expect(await waiting()).toEqual([]);
    const side = sideOf(theRecord("invoice"), "books");
    expect(side.state).toBe("absent");
    expect(side).not.toHaveProperty("waitsFor");
    expect(side).not.toHaveProperty("failure");
  });
});

it("a wait tells what became of what is waited for, though that came after", async () => {
  const uncertain = { kind: "uncertain", code: "remote-unreachable" } as const;
  world.books.failNextWrites(
    { failure: uncertain, hasEffect: false },
    { failure: refused, hasEffect: false },
  );
  await world.file("customer", "HARB", { name: "Harbour" });
  await order();

  expect(sideOf(theRecord("customer"), "books").state).toBe("rejected");
  expect(await waiting()).toMatchObject([{ failure: { code: "waits-for-refused-record" } }]);
});

describe("why a wait does not end by itself", () => {
  const side = (state: Side["state"], over: Partial<Side> = {}): Side => ({
    state,
    observed: {},
    sent: {},
    ...over,
  });
  const ended = (by: string, life: "archived" | "merged"): Side =>
    side("tombstoned", { externalId: "1", ended: { life, by, at } });
  const awaited = (sides: CrossReference["sides"]): CrossReference => aCustomer("1", { sides });

  it.each([
    ["nobody knows it", undefined, "waits-for-unknown-record"],
    ["it was refused here", awaited({ books: side("rejected") }), "waits-for-refused-record"],
    ["it ended here", awaited({ books: ended("books", "archived") }), "waits-for-ended-record"],
    [
      "it ended elsewhere before it was made here",
      awaited({ crm: ended("crm", "archived") }),
      "waits-for-ended-record",
    ],
    ["it is on its way", awaited({ books: side("creating") }), undefined],
    ["it is not owed yet", awaited({}), undefined],
    ["it is there by now", awaited({ books: side("dirty", { externalId: "1" }) }), undefined],
    ["it was merged into another", awaited({ crm: ended("crm", "merged") }), undefined],
  ])("where %s: %s", (_name, record, code) => {
    expect(waitFailure(record, "customer-1", "books")?.code).toBe(code);
  });
});

describe("a side that is to wait", () => {
  const flow = flows.customer;
  const block = {
    connection: "books",
    waitsFor: ["x"],
    failure: undefined,
    at,
    intentTries: undefined,
  };
  const side = (state: Side["state"]): Side => ({ state, observed: {}, sent: {} });

  it.each(["absent", "creating", "uncertain", "dirty", "linked", "blocked"] as const)(
    "waits where it is %s",
    (state) => {
      const xref = aCustomer("1", { sides: { books: side(state) } });

      expect(sideOf(blockSide(xref, block, flow) ?? xref, "books")).toMatchObject({
        state: "blocked",
        waitsFor: ["x"],
      });
    },
  );

  it.each(["rejected", "conflict", "awaiting-approval", "tombstoned"] as const)(
    "keeps what is known where it is %s",
    (state) => {
      const xref = aCustomer("1", { sides: { books: side(state) } });

      expect(blockSide(xref, block, flow)).toBeUndefined();
    },
  );

  it("keeps what an uncertain create may have made to be looked up, unless another worker tries anew", () => {
    const intent = { idempotencyKey: "key", attemptedAt: at, tries: 2 };
    const xref = aCustomer("1", { sides: { books: { ...side("uncertain"), intent } } });

    expect(blockSide(xref, block, flow)).toBeUndefined();
    const blocked = blockSide(xref, { ...block, intentTries: 2 }, flow) ?? xref;
    expect(sideOf(blocked, "books")).toMatchObject({ state: "blocked", intent });
  });

  it("does not wait where another worker wrote what was owed", () => {
    const xref = aCustomer("1", { fields: {} });

    expect(blockSide(xref, block, flow)).toBeUndefined();
  });
});

describe("the key of a wait", () => {
  it("leads back to the record in its connection", () => {
    const ref = { connection: "files", recordType: "customer", externalId: "a#b" } as const;

    expect(refOfWaitKey(waitKeyOfRef(ref))).toEqual(ref);
  });

  it.each(["customer-1", "run#1", "ext#files", "ext#files#ship#1", "ext#files#customer"])(
    "%s is none of a record in a connection",
    (key) => {
      expect(refOfWaitKey(key)).toBeUndefined();
    },
  );
});

describe("waits in a circle", () => {
  /** What a record of each type may refer to. */
  const references = new Map(
    Object.entries(recordFields).map(([recordType, fields]): [string, string[]] => [
      recordType,
      Object.values(fields).flatMap((kind) =>
        kind.kind === "reference" ? [kind.to] : kind.kind === "lines" ? ["product"] : [],
      ),
    ]),
  );

  it("cannot be: no record type refers to itself, over however many others", () => {
    const reached = (from: string, seen: ReadonlySet<string>): string[] =>
      (references.get(from) ?? []).flatMap((to) =>
        seen.has(to) ? [to] : [to, ...reached(to, new Set([...seen, to]))],
      );

    for (const recordType of references.keys()) {
      expect(reached(recordType, new Set())).not.toContain(recordType);
    }
    expect(references.get("invoice")).toContain("customer");
    expect(references.get("order")).toContain("product");
  });

  it("do not hang a delivery where mergers lead in one, and one goes on when it is broken", async () => {
    await customer();
    const [left] = world.ports.all();
    if (left === undefined) throw new Error("no customer");
    const right = aCustomer("2", { mergedInto: left.canonicalId });
    await world.ports.xrefs.save(right, noClaims, []);
    const circle = { ...left, mergedInto: right.canonicalId };
    await world.ports.xrefs.save(
      { ...circle, sides: { ...left.sides, books: { state: "absent", observed: {}, sent: {} } } },
      noClaims,
      [],
    );

    await order();

    expect(await waiting()).toMatchObject([{ connection: "books", recordType: "invoice" }]);
  });
});
