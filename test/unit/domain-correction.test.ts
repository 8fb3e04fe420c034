import { describe, expect, it } from "vitest";
import {
  type Billing,
  billOrder,
  creditNotesOf,
  type OrderToBill,
} from "#shared/domain/bill-order.ts";
import {
  correctionDay,
  creditNoteIdOf,
  decideCorrection,
  isTakenBack,
} from "#shared/domain/correction.ts";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import { invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";

const orderId = "order-000000000000000000000001";
const at = "2026-11-27T10:00:00.000Z";
const customer = { canonicalId: "customer-000000000000000000000001" };
const other = { canonicalId: "customer-000000000000000000000002" };

function lineOf(minor: bigint, over: Partial<DocumentLine> = {}): DocumentLine {
  const amount = money(minor, "EUR");
  return {
    product: null,
    productCode: "W-1",
    description: "Widget",
    quantity: "1",
    unitPrice: formatMoney(amount),
    discountRate: "0",
    amount,
    ...over,
  };
}

function anOrder(fields: Fields = {}): CrossReference {
  return {
    ...newCrossReference(orderId, "order", at),
    fields: {
      number: "SO-17",
      status: "won",
      customer,
      orderedOn: "2026-05-04",
      currency: "EUR",
      lines: [lineOf(10_000n)],
      ...fields,
    },
  };
}

/** Made from the order as it was, then issued. */
function anInvoice(fields: Fields = {}, from: Fields = anOrder().fields): CrossReference {
  const derived = { customer, currency: from["currency"], lines: from["lines"] };
  const observed = Object.fromEntries(
    Object.entries(derived).map(([field, value]) => [field, digestField(value ?? null)]),
  );
  return {
    ...newCrossReference(invoiceIdOf(orderId), "invoice", at),
    fields: {
      ...derived,
      status: "issued",
      number: "INV-1",
      total: money(10_000n, "EUR"),
      ...fields,
    },
    sides: { tieout: { state: "linked", observed, sent: observed } },
  };
}

const today = "2026-11-27";

function bill(order: CrossReference, invoice: CrossReference, over: Partial<OrderToBill> = {}) {
  return billOrder({ order, invoices: [invoice], today, ...over });
}

function disputed(order: CrossReference, ...invoices: readonly CrossReference[]) {
  const billed = invoices.length === 0 ? [anInvoice()] : invoices;
  const { disputes } = billOrder({ order, invoices: billed, today });
  const [dispute] = disputes;
  if (dispute === undefined || disputes.length > 1) throw new Error(`${disputes.length} disputes`);
  return dispute;
}

/** The one draft that is billed, and nothing to decide about. */
function draftOf({ invoices, disputes }: Billing) {
  expect(disputes).toEqual([]);
  expect(invoices).toHaveLength(1);
  return invoices[0];
}

const changed = anOrder({ lines: [lineOf(12_000n)] });

describe("an order that changed after its invoice was issued", () => {
  it("has the whole invoice taken back and the whole order billed anew", () => {
    const { code, correction, notice } = disputed(changed);

    expect(code).toBe("correction-proposed");
    expect(correction).toMatchObject({
      orderId,
      invoiceId: invoiceIdOf(orderId),
      number: 1,
      takesBack: [lineOf(10_000n)],
      billsAnew: [lineOf(12_000n)],
      amounts: [
        {
          before: money(10_000n, "EUR"),
          after: money(12_000n, "EUR"),
          change: money(2_000n, "EUR"),
        },
      ],
    });
    expect(notice).toBe(
      "Invoice INV-1 (EUR 100.00, now 120.00) was issued before the deal changed: a correction waits for approval.",
    );
  });

  it("in another currency has a change of each", () => {
    const dollars = lineOf(0n, { amount: money(9_000n, "USD") });
    const { correction } = disputed(anOrder({ currency: "USD", lines: [dollars] }));

    expect(correction?.amounts.map(({ change }) => change)).toEqual([
      money(-10_000n, "EUR"),
      money(9_000n, "USD"),
    ]);
  });

  it.each<[string, Fields]>([
    ["a customer", { customer: other }],
    ["a quantity", { lines: [lineOf(10_000n, { quantity: "2", unitPrice: "50.00" })] }],
    ["a product", { lines: [lineOf(10_000n, { productCode: "W-2" })] }],
    ["a line", { lines: [lineOf(10_000n), lineOf(1n)] }],
  ])("in %s has a correction proposed", (_name, fields) => {
    expect(disputed(anOrder(fields)).code).toBe("correction-proposed");
  });

  it.each<[string, Fields, Fields]>([
    ["was changed back", {}, {}],
    ["changed in words only", { lines: [lineOf(10_000n, { description: "A widget" })] }, {}],
    [
      "says what a bookkeeper made of its invoice",
      { lines: [lineOf(12_000n)] },
      { lines: [lineOf(12_000n)] },
    ],
    ["did not change, while a bookkeeper changed its invoice", {}, { lines: [lineOf(9_000n)] }],
    ["has a void invoice", { lines: [lineOf(12_000n)] }, { status: "void" }],
    ["has a draft", { lines: [lineOf(12_000n)] }, { status: "draft" }],
  ])("needs no correction where it %s", (_name, orderFields, invoiceFields) => {
    const billing = bill(anOrder(orderFields), anInvoice(invoiceFields));

    expect(draftOf(billing)).toHaveProperty("canonicalId", invoiceIdOf(orderId));
  });

  it("needs none where its customer took the one in that was billed", () => {
    const survivor = {
      ...newCrossReference(other.canonicalId, "customer", at),
      absorbed: [customer.canonicalId],
    };

    const billing = bill(anOrder({ customer: other }), anInvoice(), { customer: survivor });

    expect(draftOf(billing)).toHaveProperty("fields.customer", other);
  });

  it.each([
    [{ status: "submitted" }, "invoice-awaits-approval"],
    [{ amountCredited: money(1n, "EUR") }, "correction-by-hand"],
    [{ lines: null }, "correction-by-hand"],
  ])("is held for the books where its invoice is %o", (fields, code) => {
    const dispute = disputed(changed, anInvoice(fields));

    expect(dispute.code).toBe(code);
    expect(dispute.correction).toBeUndefined();
  });
});

describe("an order that is won no more after its invoice was issued", () => {
  const lost = anOrder({ status: "lost" });

  it("has the invoice taken back, and nothing billed anew", () => {
    const { code, correction } = disputed(lost);

    expect(code).toBe("order-gone-but-billed");
    expect(correction).not.toHaveProperty("billsAnew");
    expect(correction?.amounts).toEqual([
      { before: money(10_000n, "EUR"), after: money(0n, "EUR"), change: money(-10_000n, "EUR") },
    ]);
  });

  it("is done with where the books credited all of it", () => {
    const credited = anInvoice({ status: "paid", amountCredited: money(10_000n, "EUR") });

    expect(bill(lost, credited)).toMatchObject({ invoices: [], disputes: [] });
  });
});

describe("a decision about a correction", () => {
  const by = "jane";
  const { name } = disputed(changed);
  const datedOn = "2026-11-27";
  const approved = decideCorrection(changed, name, { decision: "approved", by, at, datedOn });

  it("approves that invoice, and is in the trail", () => {
    expect(isTakenBack(approved, name.invoiceId)).toBe(true);
    expect(isTakenBack(changed, name.invoiceId)).toBe(false);
    expect(approved.trail).toEqual([
      { kind: "decided", at, by, connection: "tieout", what: "correction", decisions: [] },
    ]);
  });

  it("makes a credit note of the invoice's lines, dated as it was approved", () => {
    const [creditNote] = creditNotesOf({ order: approved, invoices: [anInvoice()], today });

    expect(creditNote?.fields).toEqual({
      reference: "SO-17",
      customer,
      invoice: { canonicalId: name.invoiceId },
      order: { canonicalId: orderId },
      issuedOn: datedOn,
      currency: "EUR",
      taxTreatment: undefined,
      lines: [lineOf(10_000n)],
    });
    expect(creditNote?.canonicalId).toMatch(/^creditNote-/);
  });

  it("bills the order anew by its next invoice, of the same day and due from there", () => {
    expect(draftOf(bill(approved, anInvoice()))).toMatchObject({
      canonicalId: invoiceIdOf(orderId, 1),
      fields: { issuedOn: datedOn, dueOn: "2026-12-27", lines: [lineOf(12_000n)] },
    });
  });

  it("may be followed by another correction, with a credit note of its own", () => {
    const second = { ...anInvoice({}, changed.fields), canonicalId: invoiceIdOf(orderId, 1) };
    const again = { ...approved, fields: anOrder({ lines: [lineOf(15_000n)] }).fields };
    const next = disputed(again, anInvoice(), second);

    expect(next.name).toMatchObject({ number: 2, invoiceId: second.canonicalId });
    const both = decideCorrection(again, next.name, { decision: "approved", by, at, datedOn });
    const ids = creditNotesOf({ order: both, invoices: [anInvoice(), second], today }).map(
      ({ canonicalId }) => canonicalId,
    );
    expect(new Set(ids).size).toBe(2);
    expect(ids).toEqual((both.corrections ?? []).map(creditNoteIdOf));
  });

  it("against it is for that proposal only: another change asks anew", () => {
    const dismissed = decideCorrection(changed, name, { decision: "dismissed", by, at });

    expect(bill(dismissed, anInvoice())).toMatchObject({ invoices: [], disputes: [] });
    const more = { ...dismissed, fields: anOrder({ lines: [lineOf(13_000n)] }).fields };
    expect(disputed(more).name.hash).not.toBe(name.hash);
    const twice = decideCorrection(more, disputed(more).name, { decision: "dismissed", by, at });
    expect(twice.corrections).toHaveLength(1);
  });
});

describe("the day of a correction", () => {
  it.each([
    ["today, of books nobody has asked", undefined, "2026-11-27"],
    [
      "today, where that is open",
      { baseCurrency: "EUR", lockedThrough: "2026-06-30" },
      "2026-11-27",
    ],
    [
      "the first open day after today",
      { baseCurrency: "EUR", lockedThrough: "2026-12-31" },
      "2027-01-01",
    ],
  ])("is %s", (_name, ledger, day) => {
    expect(correctionDay("2026-11-27", ledger)).toBe(day);
  });
});
