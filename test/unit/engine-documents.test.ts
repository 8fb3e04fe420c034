/** What the books' documents come to in the CRM, on the whole engine. */
import { describe, expect, it } from "vitest";
import { money } from "#shared/domain/money.ts";
import type { Allocation, Fields } from "#shared/domain/records.ts";
import { createLifeStage, type LifeStage, lineOf, pay, referTo } from "#test/support/life-stage.ts";

const eur = (minor: bigint) => money(minor, "EUR");

function usedFor(invoice: string, minor: bigint): Allocation {
  const [kind, source] = ["credit-note" as const, "cn-1"];
  return { kind, source, target: invoice, amount: eur(minor), allocatedOn: "2026-01-07" };
}

function aCreditNote(stage: LifeStage, minor: bigint, uses: readonly Allocation[]): Fields {
  const used = uses.reduce((sofar, { amount }) => sofar + amount.minor, 0n);
  return {
    number: "CN-1",
    customer: referTo("books", "customer", stage.inBooks("customer", stage.company)),
    status: used === minor ? "paid" : "issued",
    currency: "EUR",
    lines: [lineOf(minor)],
    total: eur(minor),
    tax: eur(0n),
    allocations: uses,
    amountOpen: eur(minor - used),
  };
}

function setBooks(stage: LifeStage, recordType: "invoice" | "creditNote", id: string, f: Fields) {
  return stage.act("books", recordType, (books) => books.edit(recordType, id, f));
}

function dealOf(stage: LifeStage): Fields | undefined {
  return stage.world.crm.get("order", stage.deal)?.fields;
}

function companyOf(stage: LifeStage): Fields | undefined {
  return stage.world.crm.get("customer", stage.company)?.fields;
}

describe("a credit note made by hand in the books", () => {
  it("counts for the customer at once, and for the order once it is used for its invoice", async () => {
    const stage = await createLifeStage("issued");

    await setBooks(stage, "creditNote", "cn-1", aCreditNote(stage, 3_000n, []));

    expect(companyOf(stage)).toMatchObject({
      revenue: eur(7_000n),
      openBalance: eur(10_000n),
      openCredit: eur(3_000n),
    });
    expect(dealOf(stage)).toMatchObject({ amountCredited: eur(0n), revenue: eur(10_000n) });

    const uses = [usedFor(stage.invoice(), 3_000n)];
    await setBooks(stage, "creditNote", "cn-1", aCreditNote(stage, 3_000n, uses));
    await setBooks(stage, "invoice", stage.invoice(), {
      amountCredited: eur(3_000n),
      amountDue: eur(7_000n),
      allocations: uses,
    });

    expect(dealOf(stage)).toMatchObject({
      invoiceStatus: "issued",
      amountInvoiced: eur(10_000n),
      amountCredited: eur(3_000n),
      amountDue: eur(7_000n),
      revenue: eur(7_000n),
    });
    expect(companyOf(stage)).toMatchObject({ openBalance: eur(7_000n), openCredit: eur(0n) });
  });

  it("is linked when the books tell of the use on the invoice's side alone", async () => {
    const stage = await createLifeStage("issued");
    const uses = [usedFor(stage.invoice(), 3_000n)];
    // The poll of credit notes comes first; nothing is known of the invoice's order yet.
    const note = aCreditNote(stage, 3_000n, uses);
    stage.world.books.edit("creditNote", "cn-1", note);
    await stage.world.hint("books", "creditNote", "cn-1");
    await stage.world.settle();

    expect(dealOf(stage)).toMatchObject({ revenue: eur(7_000n) });
  });

  it("that is used for an invoice nobody has seen waits for it, and is linked then", async () => {
    const stage = await createLifeStage("issued");
    const { world } = stage;
    const customer = referTo("books", "customer", stage.inBooks("customer", stage.company));
    const late = { reference: "9001", customer, status: "issued", currency: "EUR", lines: [] };
    const id = world.books.edit("invoice", "late-1", late);

    await setBooks(stage, "creditNote", "cn-1", aCreditNote(stage, 500n, [usedFor(id, 500n)]));
    const unlinked = world.ports.all().find(({ recordType }) => recordType === "creditNote");
    expect(unlinked?.fields["invoice"]).toBeUndefined();

    await world.hint("books", "invoice", id);
    await world.settle();

    const linked = world.ports.all().find(({ recordType }) => recordType === "creditNote");
    const invoice = world.ports.all().find(({ fields }) => fields["reference"] === "9001");
    expect(linked?.fields["invoice"]).toEqual({ canonicalId: invoice?.canonicalId });
  });

  it("counts no more once it is void", async () => {
    const stage = await createLifeStage("issued");
    const uses = [usedFor(stage.invoice(), 3_000n)];
    await setBooks(stage, "creditNote", "cn-1", aCreditNote(stage, 3_000n, uses));
    expect(dealOf(stage)).toMatchObject({ revenue: eur(7_000n) });

    await setBooks(stage, "creditNote", "cn-1", { status: "void", allocations: [] });

    expect(dealOf(stage)).toMatchObject({ revenue: eur(10_000n), amountCredited: eur(0n) });
    expect(companyOf(stage)).toMatchObject({ revenue: eur(10_000n), openCredit: eur(0n) });
  });
});

describe("a deposit", () => {
  it("belongs to its customer, and is no revenue", async () => {
    const stage = await createLifeStage("issued");
    await stage.act("books", "payment", (books) =>
      books.edit("payment", "dep-1", {
        kind: "deposit",
        customer: referTo("books", "customer", stage.inBooks("customer", stage.company)),
        status: "settled",
        amount: eur(2_500n),
        amountOpen: eur(2_500n),
        allocations: [],
        paidOn: "2026-01-09",
      }),
    );

    expect(companyOf(stage)).toMatchObject({
      openBalance: eur(10_000n),
      openCredit: eur(2_500n),
      revenue: eur(10_000n),
      lastPaymentOn: "2026-01-09",
    });
  });
});

describe("a refund", () => {
  it("belongs to its credit note's customer, and is no payment of theirs", async () => {
    const stage = await createLifeStage("paid");
    await setBooks(stage, "creditNote", "cn-1", aCreditNote(stage, 1_000n, []));
    await stage.act("books", "payment", (books) =>
      books.edit("payment", "ref-1", {
        kind: "refund",
        creditNote: referTo("books", "creditNote", "cn-1"),
        status: "settled",
        amount: eur(1_000n),
        paidOn: "2026-02-01",
      }),
    );

    const customer = stage.world.ports.all().find((one) => one.recordType === "customer");
    const documents = await stage.world.ports.relations.list(customer?.canonicalId ?? "");
    expect(documents.map(({ kind }) => kind).sort()).toEqual([
      "credit-note",
      "invoice",
      "payment",
      "payment",
    ]);
    expect(companyOf(stage)).toMatchObject({ lastPaymentOn: "2026-01-06" });
  });
});

describe("an invoice that is opened again", () => {
  it("takes its deal back from paid", async () => {
    const stage = await createLifeStage("issued");
    await pay(stage, 10_000n);
    expect(dealOf(stage)).toMatchObject({ invoiceStatus: "paid", amountDue: eur(0n) });

    await stage.act("books", "payment", (books) =>
      books.edit("payment", "pay-1", { status: "deleted" }),
    );
    await setBooks(stage, "invoice", stage.invoice(), {
      status: "issued",
      amountPaid: eur(0n),
    });

    expect(dealOf(stage)).toMatchObject({
      invoiceStatus: "issued",
      amountPaid: eur(0n),
      amountDue: eur(10_000n),
    });
    expect(companyOf(stage)).toMatchObject({ openBalance: eur(10_000n), lastPaymentOn: null });
  });
});

describe("what goods cost", () => {
  it("comes with the order's lines, and makes the profit of deal and company", async () => {
    const stage = await createLifeStage("none");
    const lines = [{ ...lineOf(10_000n), unitCost: "62.50" }];
    await stage.act("crm", "order", (crm) =>
      crm.edit("order", stage.deal, { status: "won", lines, shipping: eur(1_000n) }),
    );
    expect(dealOf(stage)).toMatchObject({ invoiceStatus: "draft", amountInvoiced: eur(11_000n) });
    expect(dealOf(stage)).not.toHaveProperty("revenue");

    await setBooks(stage, "invoice", stage.invoice(), { status: "issued" });

    expect(dealOf(stage)).toMatchObject({
      revenue: eur(11_000n),
      costOfSales: eur(6_250n),
      grossProfit: eur(4_750n),
      marginRate: "0.4318",
    });
    expect(companyOf(stage)).toMatchObject({ grossProfit: eur(4_750n), costCoverageRate: "1" });

    const note = aCreditNote(stage, 5_000n, [usedFor(stage.invoice(), 5_000n)]);
    const back = { ...lineOf(5_000n), quantity: "0.5" };
    await setBooks(stage, "creditNote", "cn-1", { ...note, lines: [back] });

    // Half of it came back, at what it had cost on the order.
    expect(dealOf(stage)).toMatchObject({ revenue: eur(6_000n), costOfSales: eur(3_125n) });
  });

  it("is asked of the product where a bookkeeper billed, and stays once it was issued", async () => {
    const stage = await createLifeStage("none");
    const item = stage.inBooks("product", stage.item);
    await stage.act("books", "product", (books) =>
      books.edit("product", item, { unitCost: "40.00" }),
    );
    const customer = referTo("books", "customer", stage.inBooks("customer", stage.company));
    const line = lineOf(10_000n, referTo("books", "product", item));
    const fields = { customer, status: "issued", currency: "EUR", exchangeRate: "1" };
    await setBooks(stage, "invoice", "hand-1", { reference: "9001", ...fields, lines: [line] });
    expect(companyOf(stage)).toMatchObject({ costOfSales: eur(4_000n), costCoverageRate: "1" });

    await stage.act("books", "product", (books) =>
      books.edit("product", item, { unitCost: "55.00" }),
    );
    await setBooks(stage, "invoice", "hand-1", { amountPaid: eur(2_500n) });
    expect(companyOf(stage)).toMatchObject({ openBalance: eur(7_500n), costOfSales: eur(4_000n) });

    await setBooks(stage, "invoice", "hand-1", { lines: [{ ...line, quantity: "2" }] });
    expect(companyOf(stage)).toMatchObject({ costOfSales: eur(11_000n) });
  });

  it("reaches an issued invoice that lacked it when the order's lines are given one, and stays then", async () => {
    const stage = await createLifeStage("issued");
    const costIn = () => dealOf(stage)?.["costOfSales"] ?? null;
    const give = (unitCost: string) =>
      stage.act("crm", "order", (crm) =>
        crm.edit("order", stage.deal, { lines: [{ ...lineOf(10_000n), unitCost }] }),
      );
    expect(costIn()).toBeNull();

    await give("40.00");
    expect(costIn()).toEqual(eur(4_000n));

    await give("55.00");
    expect(costIn()).toEqual(eur(4_000n));
  });

  it("of a product that is shown after the invoice is waited for", async () => {
    const stage = await createLifeStage("none");
    const customer = referTo("books", "customer", stage.inBooks("customer", stage.company));
    stage.world.books.edit("product", "late-1", { code: "L-1", name: "Late", unitCost: "40.00" });
    const lines = [lineOf(10_000n, referTo("books", "product", "late-1"))];
    const fields = { customer, status: "issued", currency: "EUR", exchangeRate: "1", lines };
    await setBooks(stage, "invoice", "hand-1", { reference: "9001", ...fields });
    expect(companyOf(stage)).toMatchObject({ revenue: eur(10_000n), costCoverageRate: "0" });
    expect(companyOf(stage)).not.toHaveProperty("costOfSales");

    await stage.world.hint("books", "product", "late-1");
    await stage.world.settle();

    expect(companyOf(stage)).toMatchObject({ costOfSales: eur(4_000n), costCoverageRate: "1" });
  });

  it("reaches the documents that lacked it when a product is given one, and theirs is kept then", async () => {
    const stage = await createLifeStage("issued");
    const item = stage.inBooks("product", stage.item);
    const costs = (unitCost: string) =>
      stage.act("books", "product", (books) => books.edit("product", item, { unitCost }));
    await setBooks(stage, "invoice", stage.invoice(), { exchangeRate: "1" });
    const note = aCreditNote(stage, 5_000n, [usedFor(stage.invoice(), 5_000n)]);
    const lines = [{ ...lineOf(5_000n), quantity: "0.5" }];
    await setBooks(stage, "creditNote", "cn-1", { ...note, lines, exchangeRate: "1" });
    expect(dealOf(stage)).toMatchObject({ revenue: eur(5_000n) });
    expect(dealOf(stage)).not.toHaveProperty("costOfSales");

    await costs("40.00");
    const expected = { costOfSales: eur(2_000n), grossProfit: eur(3_000n) };
    expect(dealOf(stage)).toMatchObject(expected);
    expect(companyOf(stage)).toMatchObject({ ...expected, costCoverageRate: "1" });

    await costs("55.00");
    expect(dealOf(stage)).toMatchObject(expected);
  });

  it("reaches a document once all of its products have one, whichever comes first", async () => {
    const stage = await createLifeStage("none");
    const customer = referTo("books", "customer", stage.inBooks("customer", stage.company));
    const lines = ["A-1", "B-1"].map((productCode) => ({ ...lineOf(5_000n), productCode }));
    const fields = { customer, status: "issued", currency: "EUR", exchangeRate: "1", lines };
    await setBooks(stage, "invoice", "hand-1", { reference: "9001", ...fields });
    const shows = (code: string, more: Fields = {}) =>
      stage.act("books", "product", (books) =>
        books.edit("product", code, { code, name: code, ...more }),
      );

    await shows("B-1", { unitCost: "10.00" });
    await shows("A-1");
    expect(companyOf(stage)).not.toHaveProperty("costOfSales");
    await shows("A-1", { unitCost: "7.00" });

    expect(companyOf(stage)).toMatchObject({ costOfSales: eur(1_700n), costCoverageRate: "1" });
  });
});
