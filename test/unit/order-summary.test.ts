import { describe, expect, it } from "vitest";
import { money } from "#shared/domain/money.ts";
import { summarizeOrder } from "#shared/domain/order-summary.ts";
import type { InvoiceStatus } from "#shared/domain/records.ts";
import {
  aRelatedCreditNote as aCreditNote,
  aRelatedInvoice as anInvoice,
  aRelatedPayment as aPayment,
} from "#test/support/related-documents.ts";

const eur = (minor: bigint) => money(minor, "EUR");

const unbilled = {
  invoiceNumber: null,
  invoiceStatus: null,
  amountInvoiced: null,
  amountTax: null,
  amountCredited: null,
  amountPaid: null,
  amountWrittenOff: null,
  amountDue: null,
  revenue: null,
  costOfSales: null,
  grossProfit: null,
  marginRate: null,
};

describe("an order's summary", () => {
  it("is blank while no invoice bills it", () => {
    expect(summarizeOrder([])).toEqual(unbilled);
    expect(summarizeOrder([anInvoice({ status: "void" })])).toEqual(unbilled);
    expect(summarizeOrder([anInvoice({ status: "deleted" }), aPayment()])).toEqual(unbilled);
  });

  it("adds up the invoices that bill it, in one order whatever came first", () => {
    const first = anInvoice({
      canonicalId: "invoice-a",
      number: "INV-1",
      status: "paid",
      amountPaid: eur(12_000n),
      amountDue: eur(0n),
      costOfSales: eur(4_000n),
    });
    const second = anInvoice({
      canonicalId: "invoice-b",
      number: "INV-2",
      amountPaid: eur(100n),
      amountDue: eur(11_900n),
      costOfSales: eur(9_000n),
    });
    const expected = {
      invoiceNumber: "INV-1, INV-2",
      invoiceStatus: "issued",
      amountInvoiced: eur(24_000n),
      amountTax: eur(4_000n),
      amountCredited: eur(0n),
      amountPaid: eur(12_100n),
      amountWrittenOff: eur(0n),
      amountDue: eur(11_900n),
      revenue: eur(20_000n),
      costOfSales: eur(13_000n),
      grossProfit: eur(7_000n),
      marginRate: "0.35",
    };

    expect(summarizeOrder([first, second])).toEqual(expected);
    expect(summarizeOrder([second, first])).toEqual(expected);
  });

  it("has no number while its only invoice has none, and has earned nothing by a draft", () => {
    expect(summarizeOrder([anInvoice({ number: null, status: "draft" })])).toMatchObject({
      invoiceNumber: null,
      invoiceStatus: "draft",
      amountInvoiced: eur(12_000n),
      revenue: null,
      grossProfit: null,
    });
  });

  it("never adds up two currencies", () => {
    const other = anInvoice({
      canonicalId: "invoice-2",
      number: "INV-2",
      total: money(1n, "JPY"),
      tax: money(0n, "JPY"),
      amountPaid: money(0n, "JPY"),
      amountCredited: money(0n, "JPY"),
      amountDue: money(1n, "JPY"),
    });
    const credited = aCreditNote({
      total: money(1n, "JPY"),
      tax: money(0n, "JPY"),
      amountUsed: money(0n, "JPY"),
      amountOpen: money(1n, "JPY"),
    });

    expect(summarizeOrder([other, anInvoice(), credited])).toMatchObject({
      invoiceNumber: "INV-1",
      amountInvoiced: eur(12_000n),
      amountCredited: eur(0n),
      revenue: eur(10_000n),
    });
  });

  it.each<[InvoiceStatus[], InvoiceStatus]>([
    [["paid"], "paid"],
    [["paid", "paid"], "paid"],
    [["paid", "issued"], "issued"],
    [["paid", "draft"], "issued"],
    [["issued", "draft"], "issued"],
    [["submitted", "draft"], "submitted"],
    [["draft", "draft"], "draft"],
    [["paid", "void"], "paid"],
    [["draft", "deleted"], "draft"],
  ])("with invoices that are %s is %s", (statuses, status) => {
    const invoices = statuses.map((one, index) =>
      anInvoice({ canonicalId: `invoice-${index}`, status: one }),
    );

    expect(summarizeOrder(invoices)).toMatchObject({ invoiceStatus: status });
  });

  it("goes back from paid when its invoice is opened again", () => {
    const paid = { status: "paid", amountPaid: eur(12_000n), amountDue: eur(0n) } as const;

    expect(summarizeOrder([anInvoice(paid)])).toMatchObject({
      invoiceStatus: "paid",
      amountPaid: eur(12_000n),
      amountDue: eur(0n),
    });
    expect(summarizeOrder([anInvoice()])).toMatchObject({
      invoiceStatus: "issued",
      amountPaid: eur(0n),
      amountDue: eur(12_000n),
    });
  });

  it("is not paid what was written off of its invoices", () => {
    const paid = { status: "paid", amountPaid: eur(9_000n), amountDue: eur(0n) } as const;

    expect(summarizeOrder([anInvoice({ ...paid, amountWrittenOff: eur(3_000n) })])).toMatchObject({
      invoiceStatus: "paid",
      amountInvoiced: eur(12_000n),
      amountPaid: eur(9_000n),
      amountWrittenOff: eur(3_000n),
      amountDue: eur(0n),
      revenue: eur(10_000n),
    });
  });

  it("is credited once for a credit note that was used for its invoice", () => {
    const invoice = anInvoice({ amountCredited: eur(6_000n), amountDue: eur(6_000n) });
    const used = aCreditNote({ status: "paid", amountUsed: eur(6_000n), amountOpen: eur(0n) });

    expect(summarizeOrder([invoice, used])).toMatchObject({
      amountInvoiced: eur(12_000n),
      amountCredited: eur(6_000n),
      amountDue: eur(6_000n),
      revenue: eur(5_000n),
    });
  });

  it.each([
    ["open", { amountOpen: eur(6_000n) }],
    ["paid back", { status: "paid", amountOpen: eur(0n) } as const],
  ])("has its revenue, not its balance, from a credit note that is %s", (_name, fields) => {
    expect(summarizeOrder([anInvoice(), aCreditNote(fields)])).toMatchObject({
      amountCredited: eur(0n),
      amountDue: eur(12_000n),
      revenue: eur(5_000n),
    });
  });

  it("tells no profit where the cost of a part is unknown", () => {
    const known = anInvoice({ canonicalId: "invoice-2", costOfSales: eur(1n) });

    expect(summarizeOrder([anInvoice(), known])).toMatchObject({
      revenue: eur(20_000n),
      costOfSales: null,
      grossProfit: null,
      marginRate: null,
    });
  });
});
