import { describe, expect, it } from "vitest";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import { deriveInvoice, invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";

const orderId = "order-000000000000000000000001";
const customer = { canonicalId: "customer-000000000000000000000001" };
const lines: readonly DocumentLine[] = [
  {
    product: null,
    productCode: "W-1",
    description: "Widget",
    quantity: "4",
    unitPrice: "25.00",
    discountRate: "0",
    amount: money(10_000n, "EUR"),
  },
];

function anOrder(overrides: Fields = {}): CrossReference {
  return {
    ...newCrossReference(orderId, "order", "2026-11-22T10:00:00.000Z"),
    fields: {
      number: "SO-17",
      status: "won",
      customer,
      orderedOn: "2026-11-22",
      currency: "EUR",
      lines,
      total: money(10_000n, "EUR"),
      ...overrides,
    },
  };
}

describe("deriveInvoice", () => {
  it("hands on what a company added to its orders, but nothing an invoice has of its own", () => {
    const order = anOrder({
      deliveryNote: "https://notes.example/17",
      pickedOn: null,
      subtotal: "x",
    });

    const derivation = deriveInvoice(order, 14);

    expect(derivation).toMatchObject({
      fields: { deliveryNote: "https://notes.example/17", pickedOn: null, reference: "SO-17" },
    });
    expect(derivation).not.toHaveProperty("fields.subtotal");
  });

  it("bills a won order with its customer, lines and number, due by the customer's terms", () => {
    expect(deriveInvoice(anOrder(), 14)).toEqual({
      kind: "invoice",
      canonicalId: invoiceIdOf(orderId),
      fields: {
        reference: "SO-17",
        customer,
        order: { canonicalId: orderId },
        issuedOn: "2026-11-22",
        dueOn: "2026-12-06",
        currency: "EUR",
        lines,
      },
    });
  });

  it("hands on how the order is taxed, at which rate, and what each line cost", () => {
    const costed = lines.map((line) => ({ ...line, taxCode: "reduced", unitCost: "11.25" }));
    const order = anOrder({ taxTreatment: "inclusive", exchangeRate: "1.085", lines: costed });

    expect(deriveInvoice(order, 14)).toMatchObject({
      fields: { taxTreatment: "inclusive", exchangeRate: "1.085", lines: costed },
    });
  });

  it("bills the order's freight as a line of its own, behind the goods", () => {
    const order = anOrder({ shipping: money(1_250n, "EUR") });

    const derivation = deriveInvoice(order, 14);

    expect(derivation).toHaveProperty("fields.lines", [
      ...lines,
      {
        product: null,
        productCode: null,
        description: "Shipping",
        quantity: "1",
        unitPrice: "12.50",
        discountRate: "0",
        amount: money(1_250n, "EUR"),
        role: "shipping",
      },
    ]);
  });

  it.each([
    ["no freight is named", {}],
    ["freight is blank", { shipping: null }],
    ["freight is free", { shipping: money(0n, "EUR") }],
  ])("bills the goods alone where %s", (_name, fields) => {
    expect(deriveInvoice(anOrder(fields), 14)).toHaveProperty("fields.lines", lines);
  });

  it("says nothing of status, number and amounts, which are the books' to set", () => {
    const derivation = deriveInvoice(anOrder(), 14);

    const fields = derivation.kind === "invoice" ? Object.keys(derivation.fields) : [];
    expect(fields).toContain("lines");
    expect(fields).not.toContain("status");
    expect(fields).not.toContain("number");
    expect(fields).not.toContain("total");
  });

  it.each([
    ["the order's own due date before any terms", { dueOn: "2026-11-30" }, 14, "2026-11-30"],
    ["30 days where the customer has no terms", {}, undefined, "2026-12-22"],
    ["the same day for terms of 0 days", {}, 0, "2026-11-22"],
    ["no date where the order has none", { orderedOn: null }, 14, undefined],
    ["the order's own due date, whatever the terms", { dueOn: "2026-11-30" }, 1e12, "2026-11-30"],
  ])("takes %s", (_name, fields, termsDays, dueOn) => {
    const derivation = deriveInvoice(anOrder(fields), termsDays);

    expect(derivation).toMatchObject({ kind: "invoice" });
    expect(derivation.kind === "invoice" ? derivation.fields["dueOn"] : "none").toBe(dueOn);
  });

  it.each(["open", "lost", null, undefined])("bills nothing while the status is %s", (status) => {
    expect(deriveInvoice(anOrder({ status }), 14)).toEqual({ kind: "none" });
  });

  it.each([
    ["customer", { customer: null }, 14, "order-has-no-customer"],
    ["customer", { customer: undefined }, 14, "order-has-no-customer"],
    ["lines", { lines: [] }, 14, "order-has-no-lines"],
    ["lines", { lines: null }, 14, "order-has-no-lines"],
    ["readable due date", { orderedOn: "9999-12-31" }, 14, "order-due-date-unreadable"],
    ["readable due date", {}, 1e12, "order-due-date-unreadable"],
  ])("holds a won order without %s, and says what to do", (_name, fields, terms, code) => {
    const derivation = deriveInvoice(anOrder(fields), terms);

    expect(derivation).toMatchObject({ kind: "held", code, fix: expect.stringMatching(/\S+\.$/) });
  });
});

describe("invoiceIdOf", () => {
  it("is the same at each call, another for each order, and an invoice's", () => {
    expect(invoiceIdOf(orderId)).toBe(invoiceIdOf(orderId));
    expect(invoiceIdOf(orderId)).not.toBe(invoiceIdOf("order-000000000000000000000002"));
    expect(invoiceIdOf(orderId)).toMatch(/^invoice-[0-9a-z]{24}$/);
  });
});
