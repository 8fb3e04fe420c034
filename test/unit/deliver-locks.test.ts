import { beforeEach, describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";
import { retryParked } from "#shared/sync/retry-parked.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const ledger = { baseCurrency: "USD", currencies: ["USD", "EUR"], lockedThrough: "2025-12-31" };

let world: MemoryWorld;
let company: string;

beforeEach(async () => {
  world = createMemoryWorld({ ledger });
  world.books.complete = (recordType, fields) => {
    if (recordType !== "invoice") return;
    fields["status"] ??= "draft";
    fields["total"] ??= money(10_000n, "EUR");
  };
  company = world.crm.edit("customer", "c1", { name: "Harbour" });
  await told("customer", company);
});

async function told(recordType: "customer" | "order", id: string): Promise<void> {
  world.ports.clock.advance(1_000);
  await world.hint("crm", recordType, id);
  await world.settle();
}

function lineOf(minor: bigint): DocumentLine {
  const amount = money(minor, "EUR");
  return {
    product: null,
    productCode: "W-1",
    description: "Widget",
    quantity: "1",
    unitPrice: "100.00",
    discountRate: "0",
    amount,
  };
}

async function sell(over: Fields = {}): Promise<void> {
  world.crm.edit("order", "d1", {
    number: "SO-1",
    status: "won",
    customer: { connection: "crm", recordType: "customer", externalId: company },
    orderedOn: "2026-01-05",
    currency: "EUR",
    lines: [lineOf(10_000n)],
    ...over,
  });
  await told("order", "d1");
}

/** A bookkeeper's doing of which nobody has told us yet. */
function inBooks(fields: Fields): void {
  world.books.edit("invoice", invoices()[0]?.externalId, fields);
}

function invoices() {
  return world.books.all("invoice");
}

function theInvoice(): CrossReference {
  const xref = world.ports.all().find(({ recordType }) => recordType === "invoice");
  if (xref === undefined) throw new Error("no invoice");
  return xref;
}

async function parkedCodes(): Promise<string[]> {
  return (await world.ports.parked.list(10)).records.map(({ failure }) => failure.code);
}

describe("an invoice that is to be made in a closed period", () => {
  it("is not sent, and says the first day that is open", async () => {
    const writes = world.books.calls.write;
    await sell({ orderedOn: "2025-12-31" });

    expect(world.books.calls.write).toBe(writes);
    const [parked] = (await world.ports.parked.list(10)).records;
    expect(parked?.failure).toMatchObject({
      kind: "rejected",
      code: "period-closed",
      fix: expect.stringContaining("2026-01-01"),
    });
  });

  it("is made once its order has a day that is open", async () => {
    await sell({ orderedOn: "2025-12-31" });
    await sell({ orderedOn: "2026-01-01" });

    expect(invoices()).toHaveLength(1);
    expect(await parkedCodes()).toEqual([]);
  });

  it("is made by a retry once the books are opened", async () => {
    await sell({ orderedOn: "2025-12-31" });
    world.books.ledger = { ...ledger, lockedThrough: "2025-11-30" };
    const { canonicalId } = theInvoice();

    await retryParked(world.deps, { canonicalId, connection: "books" }, "jane");
    await world.settle();

    expect(invoices()).toHaveLength(1);
  });

  it("is made by the next full check once the books are opened, and tried once by each until then", async () => {
    await sell({ orderedOn: "2025-12-31" });
    await world.poll("full");
    await world.settle();
    expect(await parkedCodes()).toEqual(["period-closed"]);
    world.books.ledger = { ...ledger, lockedThrough: "2025-11-30" };

    await world.poll("full");
    await world.settle();

    expect(invoices()).toHaveLength(1);
    expect(await parkedCodes()).toEqual([]);
  });

  it("waits where the books cannot be asked, and is parked in the end rather than written blind", async () => {
    const failure = { kind: "retryable", code: "remote-unavailable" } as const;
    const failures = Array.from({ length: 4 * limits.triesMax }, () => failure);
    await sell({ status: "open" });
    world.crm.edit("order", "d1", { status: "won" });
    const order = world.crm.get("order", "d1");
    if (order === undefined) throw new Error("no order");
    world.books.failNextReads(...failures);
    await world.sight("crm", order);
    await world.settle();

    expect(invoices()).toEqual([]);
    expect(await parkedCodes()).toEqual(["remote-unavailable"]);
  });
});

describe("the facts of the ledger", () => {
  it("are read once for a batch, and not at all without a document", async () => {
    expect(world.books.calls.readLedger).toBe(0);
    for (const number of ["SO-1", "SO-2", "SO-3"]) {
      world.crm.edit("order", number, {
        number,
        status: "won",
        customer: { connection: "crm", recordType: "customer", externalId: company },
        orderedOn: "2026-01-05",
        currency: "EUR",
        lines: [lineOf(10_000n)],
      });
    }
    await world.poll("incremental");
    await world.settle();

    expect(invoices()).toHaveLength(3);
    expect(world.books.calls.readLedger).toBe(1);
  });
});

describe("a draft that changed in the books before its order's change arrived", () => {
  const changed = { lines: [lineOf(12_000n)] };

  beforeEach(() => sell());

  it("is read before it is written, and written where it is a draft still", async () => {
    const reads = world.books.calls.readByIds;
    await sell(changed);

    expect(world.books.calls.readByIds).toBe(reads + 1);
    expect(invoices()[0]?.fields["lines"]).toEqual(changed.lines);
  });

  it.each<[string, Fields]>([
    ["issued", { status: "issued" }],
    ["paid in part", { status: "issued", amountPaid: money(4_000n, "EUR") }],
    ["paid", { status: "paid", amountPaid: money(10_000n, "EUR") }],
    ["credited", { status: "issued", amountCredited: money(10_000n, "EUR") }],
  ])("is left as it is where it was %s, and what it says is believed", async (_name, fields) => {
    inBooks(fields);
    const writes = world.books.calls.write;
    await sell(changed);

    expect(world.books.calls.write).toBe(writes);
    expect(invoices()[0]?.fields["lines"]).toEqual([lineOf(10_000n)]);
    expect(theInvoice().fields["lines"]).toEqual([lineOf(10_000n)]);
    expect(sideOf(theInvoice(), "books").state).toBe("linked");
  });

  it("keeps what was owed in the trail", async () => {
    const lost: unknown[] = [];
    world.ports.onChange((change) => {
      if (change.kind !== "cross-reference") return;
      for (const entry of change.next.trail ?? []) {
        if (entry.kind !== "seen") continue;
        lost.push(...entry.decisions.flatMap(({ field, lost: one }) => (one ? [field] : [])));
      }
    });
    inBooks({ status: "issued" });
    await sell(changed);

    expect(lost).toContain("lines");
  });

  it.each<[string, Fields, string]>([
    ["waits for approval", { status: "submitted" }, "document-submitted"],
    ["is void", { status: "void" }, "document-void"],
    ["is dated in a closed period", { issuedOn: "2025-12-31" }, "period-closed"],
  ])("is held where it %s", async (_name, fields, code) => {
    inBooks(fields);
    const writes = world.books.calls.write;
    await sell(changed);

    expect(world.books.calls.write).toBe(writes);
    expect(await parkedCodes()).toEqual([code]);
  });

  it("is written once it is a draft again", async () => {
    inBooks({ status: "submitted" });
    await sell(changed);
    inBooks({ status: "draft" });
    await world.hint("books", "invoice", invoices()[0]?.externalId ?? "");
    await world.settle();

    expect(invoices()[0]?.fields["lines"]).toEqual(changed.lines);
    expect(await parkedCodes()).toEqual([]);
  });

  it("keeps its dates, and takes the rest, where the order is dated back into a closed period", async () => {
    await sell({ ...changed, orderedOn: "2025-12-01" });

    expect(invoices()[0]?.fields).toMatchObject({ issuedOn: "2026-01-05", lines: changed.lines });
    expect(await parkedCodes()).toEqual(["period-closed"]);
  });
});

describe("currencies", () => {
  it("holds a document in a currency that the books do not have", async () => {
    const writes = world.books.calls.write;
    await sell({ currency: "SEK" });

    expect(world.books.calls.write).toBe(writes);
    expect(await parkedCodes()).toEqual(["currency-not-in-books"]);
  });

  it("does not change what a customer is billed in once there are documents, and writes the rest", async () => {
    world.crm.edit("customer", company, { currency: "EUR" });
    await told("customer", company);
    await sell();
    expect(world.books.all("customer")[0]?.fields["currency"]).toBe("EUR");

    world.crm.edit("customer", company, { currency: "USD", phone: "1" });
    await told("customer", company);

    expect(world.books.all("customer")[0]?.fields).toMatchObject({ currency: "EUR", phone: "1" });
    expect(await parkedCodes()).toEqual(["customer-currency-fixed"]);

    world.crm.edit("customer", company, { currency: "EUR" });
    await told("customer", company);
    expect(await parkedCodes()).toEqual([]);
  });

  it("changes it while there are none", async () => {
    world.crm.edit("customer", company, { currency: "EUR" });
    await told("customer", company);
    world.crm.edit("customer", company, { currency: "USD" });
    await told("customer", company);

    expect(world.books.all("customer")[0]?.fields["currency"]).toBe("USD");
  });
});
