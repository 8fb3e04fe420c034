import { describe, expect, it } from "vitest";
import { money } from "#shared/domain/money.ts";
import { type RelatedDocument, summarizeCustomer, summarizeOrder } from "#shared/domain/summary.ts";

type Invoice = Extract<RelatedDocument, { kind: "invoice" }>;
type Payment = Extract<RelatedDocument, { kind: "payment" }>;

const today = "2026-11-22";

function anInvoice(overrides: Partial<Invoice> = {}): Invoice {
  return {
    kind: "invoice",
    canonicalId: "invoice-1",
    revision: 1,
    number: "INV-1",
    status: "issued",
    dueOn: "2026-12-01",
    total: money(12_000n, "EUR"),
    tax: money(2_000n, "EUR"),
    amountPaid: money(0n, "EUR"),
    amountDue: money(12_000n, "EUR"),
    ...overrides,
  };
}

function aPayment(overrides: Partial<Payment> = {}): Payment {
  return {
    kind: "payment",
    canonicalId: "payment-1",
    revision: 1,
    isSettled: true,
    paidOn: "2026-11-10",
    ...overrides,
  };
}

describe("a customer's summary", () => {
  it("adds up what is owed and what was earned, tax left out", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice(),
        anInvoice({
          status: "paid",
          amountPaid: money(12_000n, "EUR"),
          amountDue: money(0n, "EUR"),
        }),
        anInvoice({ amountPaid: money(11_999n, "EUR"), amountDue: money(1n, "EUR") }),
      ],
      today,
    );

    expect(fields).toEqual({
      balanceCurrency: "EUR",
      openBalance: money(12_001n, "EUR"),
      overdueBalance: money(0n, "EUR"),
      revenue: money(30_000n, "EUR"),
      balanceSummary: null,
      lastPaymentOn: null,
    });
  });

  it.each([
    ["yesterday", "2026-11-21", 12_000n, undefined],
    ["today", "2026-11-22", 0n, "2026-11-22"],
    ["tomorrow", "2026-11-23", 0n, "2026-11-23"],
    ["never", null, 0n, undefined],
  ])("counts what was due %s as overdue or not", (_day, dueOn, overdue, nextDueOn) => {
    const summary = summarizeCustomer([anInvoice({ dueOn })], today);

    expect(summary.fields["overdueBalance"]).toEqual(money(overdue, "EUR"));
    expect(summary.nextDueOn).toBe(nextDueOn);
  });

  it("names the earliest due date of what is still owed", () => {
    const summary = summarizeCustomer(
      [
        anInvoice({ dueOn: "2026-12-09" }),
        anInvoice({ dueOn: "2026-12-02" }),
        anInvoice({ dueOn: "2026-11-25", amountDue: money(0n, "EUR") }),
        anInvoice({ dueOn: "2026-11-01" }),
      ],
      today,
    );

    expect(summary.nextDueOn).toBe("2026-12-02");
  });

  it.each(["draft", "submitted", "void", "deleted"] as const)(
    "counts nothing of an invoice that is %s",
    (status) => {
      const { fields, nextDueOn } = summarizeCustomer([anInvoice({ status })], today);

      expect(fields).toEqual({
        balanceCurrency: null,
        openBalance: null,
        overdueBalance: null,
        revenue: null,
        balanceSummary: null,
        lastPaymentOn: null,
      });
      expect(nextDueOn).toBeUndefined();
    },
  );

  it("leaves the amounts blank for several currencies, and tells all of them in text", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice({
          total: money(5_000n, "JPY"),
          tax: money(0n, "JPY"),
          amountDue: money(5_000n, "JPY"),
        }),
        anInvoice(),
        anInvoice({ amountDue: money(50n, "EUR") }),
      ],
      today,
    );

    expect(fields).toEqual({
      balanceCurrency: null,
      openBalance: null,
      overdueBalance: null,
      revenue: null,
      balanceSummary: "EUR 120.50; JPY 5000",
      lastPaymentOn: null,
    });
  });

  it("does not take a draft in another currency for a second currency", () => {
    const draft = anInvoice({
      status: "draft",
      total: money(1n, "JPY"),
      tax: money(0n, "JPY"),
      amountDue: money(1n, "JPY"),
    });

    const { fields } = summarizeCustomer([anInvoice(), draft], today);

    expect(fields["balanceCurrency"]).toBe("EUR");
    expect(fields["openBalance"]).toEqual(money(12_000n, "EUR"));
  });

  it("remembers the last settled payment, deleted and undated ones left out", () => {
    const { fields } = summarizeCustomer(
      [
        aPayment({ paidOn: "2026-11-10" }),
        aPayment({ paidOn: "2026-11-12" }),
        aPayment({ paidOn: "2026-11-20", isSettled: false }),
        aPayment({ paidOn: null }),
      ],
      today,
    );

    expect(fields["lastPaymentOn"]).toBe("2026-11-12");
  });
});

describe("an order's summary", () => {
  it("is blank while no invoice bills it", () => {
    const blank = {
      invoiceNumber: null,
      invoiceStatus: null,
      amountInvoiced: null,
      amountPaid: null,
      amountDue: null,
    };

    expect(summarizeOrder([])).toEqual(blank);
    expect(summarizeOrder([anInvoice({ status: "void" })])).toEqual(blank);
    expect(summarizeOrder([anInvoice({ status: "deleted" }), aPayment()])).toEqual(blank);
  });

  it("adds up the invoices that bill it, in one order whatever came first", () => {
    const first = anInvoice({ canonicalId: "invoice-a", number: "INV-1", status: "paid" });
    const second = anInvoice({
      canonicalId: "invoice-b",
      number: "INV-2",
      amountPaid: money(100n, "EUR"),
    });
    const expected = {
      invoiceNumber: "INV-1, INV-2",
      invoiceStatus: "paid",
      amountInvoiced: money(24_000n, "EUR"),
      amountPaid: money(100n, "EUR"),
      amountDue: money(24_000n, "EUR"),
    };

    expect(summarizeOrder([first, second])).toEqual(expected);
    expect(summarizeOrder([second, first])).toEqual(expected);
  });

  it("has no number while its only invoice has none", () => {
    expect(summarizeOrder([anInvoice({ number: null, status: "draft" })])).toMatchObject({
      invoiceNumber: null,
      invoiceStatus: "draft",
      amountInvoiced: money(12_000n, "EUR"),
    });
  });

  it("never adds up two currencies", () => {
    const other = anInvoice({
      canonicalId: "invoice-2",
      number: "INV-2",
      total: money(1n, "JPY"),
      amountPaid: money(0n, "JPY"),
      amountDue: money(1n, "JPY"),
    });

    expect(summarizeOrder([other, anInvoice()])).toMatchObject({
      invoiceNumber: "INV-1",
      amountInvoiced: money(12_000n, "EUR"),
    });
  });
});
