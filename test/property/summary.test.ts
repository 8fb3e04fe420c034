import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays } from "#shared/domain/calendar.ts";
import { money, subtract, sum } from "#shared/domain/money.ts";
import { invoiceStatuses, isMoney } from "#shared/domain/records.ts";
import { summarizeOrder } from "#shared/domain/order-summary.ts";
import type { RelatedInvoice } from "#shared/domain/related-document.ts";
import { summarizeCustomer } from "#shared/domain/summary.ts";

const today = "2026-11-22";
const cents = fc.bigInt({ min: 0n, max: 10n ** 12n });

function invoices(currencies: readonly string[]): fc.Arbitrary<RelatedInvoice[]> {
  const invoice = fc
    .record({
      total: cents,
      tax: cents,
      due: cents,
      cost: fc.option(cents, { nil: null }),
      dueIn: fc.option(fc.integer({ min: -40, max: 40 }), { nil: null }),
      status: fc.constantFrom(...invoiceStatuses),
      currency: fc.constantFrom(...currencies),
    })
    .map(({ total, tax, due, cost, dueIn, status, currency }) => ({
      kind: "invoice" as const,
      revision: 1,
      number: null,
      status,
      dueOn: dueIn === null ? null : addDays(today, dueIn),
      total: money(total, currency),
      tax: money(tax, currency),
      amountPaid: money(0n, currency),
      amountCredited: money(0n, currency),
      amountWrittenOff: money(0n, currency),
      costOfSales: cost === null ? null : money(cost, currency),
      amountDue: money(due, currency),
    }));
  return fc
    .array(invoice, { maxLength: 12 })
    .map((all) => all.map((one, index) => ({ ...one, canonicalId: `invoice-${index}` })));
}

const inEuros = invoices(["EUR"]);
const inAny = invoices(["EUR", "USD", "JPY"]);
const counted: ReadonlySet<string> = new Set(["issued", "paid"]);

describe("a customer's summary", () => {
  it("depends on the documents alone, not on the order in which they were seen", () => {
    fc.assert(
      fc.property(inAny, (documents) => {
        expect(summarizeCustomer([...documents].reverse(), today)).toEqual(
          summarizeCustomer(documents, today),
        );
      }),
    );
  });

  it("owes the sum of what its issued invoices owe, and never more of it overdue", () => {
    fc.assert(
      fc.property(inEuros, (documents) => {
        const claims = documents.filter(({ status }) => counted.has(status));
        const { openBalance, overdueBalance, revenue } = summarizeCustomer(documents, today).fields;
        const owed = sum(
          claims.map(({ amountDue }) => amountDue),
          "EUR",
        );
        const earned = sum(
          claims.map(({ total, tax }) => subtract(total, tax)),
          "EUR",
        );
        const isBilled = claims.length > 0;
        expect(openBalance).toEqual(isBilled ? owed : null);
        expect(revenue).toEqual(isBilled ? earned : null);
        expect(isMoney(overdueBalance) ? overdueBalance.minor <= owed.minor : !isBilled).toBe(true);
      }),
    );
  });

  it("stays the same until the day after the next due date", () => {
    fc.assert(
      fc.property(inEuros, (documents) => {
        const { fields, nextDueOn } = summarizeCustomer(documents, today);
        const lastDay = nextDueOn ?? "9999-12-31";

        expect(summarizeCustomer(documents, lastDay).fields).toEqual(fields);
      }),
    );
  });

  it("changes on the day after the next due date", () => {
    fc.assert(
      fc.property(inEuros, (documents) => {
        const { fields, nextDueOn } = summarizeCustomer(documents, today);
        fc.pre(nextDueOn !== undefined);

        expect(summarizeCustomer(documents, addDays(nextDueOn, 1)).fields).not.toEqual(fields);
      }),
    );
  });

  it("tells the profit of what it knows the cost of, and never more of the revenue than all", () => {
    fc.assert(
      fc.property(inEuros, (documents) => {
        const claims = documents.filter(({ status }) => counted.has(status));
        const known = claims.filter(({ costOfSales }) => costOfSales !== null);
        const { fields } = summarizeCustomer(documents, today);
        const cost = sum(
          known.map(({ costOfSales }) => costOfSales ?? money(0n, "EUR")),
          "EUR",
        );
        const earned = sum(
          known.map(({ total, tax }) => subtract(total, tax)),
          "EUR",
        );

        expect(fields["costOfSales"]).toEqual(known.length === 0 ? null : cost);
        expect(fields["grossProfit"]).toEqual(known.length === 0 ? null : subtract(earned, cost));
        expect(Number(fields["costCoverageRate"] ?? 0)).toBeLessThanOrEqual(1);
        expect(fields["costCoverageRate"] === "1").toBe(
          claims.some(({ total, tax }) => total.minor !== tax.minor) &&
            claims.every(
              ({ total, tax, costOfSales }) => costOfSales !== null || total.minor === tax.minor,
            ),
        );
      }),
    );
  });

  it("has amounts for one currency and text for several, never both", () => {
    fc.assert(
      fc.property(inAny, (documents) => {
        const { openBalance, overdueBalance, revenue, balanceCurrency, balanceSummary } =
          summarizeCustomer(documents, today).fields;
        const claims = documents.filter(({ status }) => counted.has(status));
        const currencies = new Set(claims.map(({ total }) => total.currency));
        const amounts = [openBalance, overdueBalance, revenue, balanceCurrency];

        expect(amounts.every((amount) => amount !== null)).toBe(currencies.size === 1);
        expect(amounts.every((amount) => amount === null)).toBe(currencies.size !== 1);
        expect(balanceSummary !== null).toBe(currencies.size > 1);
      }),
    );
  });
});

describe("an order's summary", () => {
  it("depends on the documents alone, not on the order in which they were seen", () => {
    fc.assert(
      fc.property(inAny, (documents) => {
        expect(summarizeOrder([...documents].reverse())).toEqual(summarizeOrder(documents));
      }),
    );
  });
});
