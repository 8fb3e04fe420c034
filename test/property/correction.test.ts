import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billOrder, creditNotesOf } from "#shared/domain/bill-order.ts";
import { decideCorrection } from "#shared/domain/correction.ts";
import { newCrossReference } from "#shared/domain/cross-reference.ts";
import { invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import { type DocumentLine, type Fields, isLines } from "#shared/domain/records.ts";

const orderId = "order-000000000000000000000001";
const at = "2026-11-27T10:00:00.000Z";
const customer = { canonicalId: "customer-000000000000000000000001" };

function linesOf(currency: string): fc.Arbitrary<readonly DocumentLine[]> {
  const line = fc.bigInt({ min: -100_000n, max: 100_000n }).map((minor): DocumentLine => {
    const amount = money(minor, currency);
    const unitPrice = formatMoney(amount);
    const code = { product: null, productCode: "W-1", description: null };
    return { ...code, quantity: "1", unitPrice, discountRate: "0", amount };
  });
  return fc.array(line, { minLength: 1, maxLength: 6 });
}

const document = fc
  .constantFrom("EUR", "USD", "JPY")
  .chain((currency) => fc.record({ currency: fc.constant(currency), lines: linesOf(currency) }));

const wanted = fc.record({ status: fc.constantFrom("won", "lost"), document });

/** Amounts of a document by currency; a credit note's count against the others. */
function addTo(sums: Map<string, bigint>, { lines }: Fields, sign: bigint): void {
  if (!isLines(lines)) return;
  for (const { amount } of lines) {
    sums.set(amount.currency, (sums.get(amount.currency) ?? 0n) + sign * amount.minor);
  }
}

function nonZero(sums: ReadonlyMap<string, bigint>): Record<string, bigint> {
  return Object.fromEntries([...sums].filter(([, minor]) => minor !== 0n));
}

describe("a correction", () => {
  it("nets to exactly what the order came to ask for, in each currency", () => {
    fc.assert(
      fc.property(document, wanted, (before, { status, document: after }) => {
        const observed = {
          currency: digestField(before.currency),
          lines: digestField(before.lines),
          customer: digestField(customer),
        };
        const invoice = {
          ...newCrossReference(invoiceIdOf(orderId), "invoice", at),
          fields: { ...before, customer, status: "issued" },
          sides: { tieout: { state: "linked" as const, observed, sent: observed } },
        };
        const order = {
          ...newCrossReference(orderId, "order", at),
          fields: { number: "SO-1", status, customer, orderedOn: "2026-01-05", ...after },
        };
        const today = "2026-11-27";
        const [dispute] = billOrder({ order, invoices: [invoice], today }).disputes;
        if (dispute === undefined) return;
        const decision = { decision: "approved", by: "jane", at, datedOn: "2026-11-27" } as const;
        const approved = decideCorrection(order, dispute.name, decision);
        const toBill = { order: approved, invoices: [invoice], today };
        const { invoices: drafts } = billOrder(toBill);

        const documents = new Map<string, bigint>();
        addTo(documents, invoice.fields, 1n);
        for (const { fields } of creditNotesOf(toBill)) addTo(documents, fields, -1n);
        for (const { fields } of drafts) addTo(documents, fields, 1n);
        const asked = new Map<string, bigint>();
        if (status === "won") addTo(asked, order.fields, 1n);
        expect(nonZero(documents)).toEqual(nonZero(asked));

        const told = new Map<string, bigint>();
        addTo(told, invoice.fields, 1n);
        for (const { change } of dispute.correction?.amounts ?? []) {
          told.set(change.currency, (told.get(change.currency) ?? 0n) + change.minor);
        }
        expect(nonZero(told)).toEqual(nonZero(asked));
      }),
      { numRuns: 1_000 },
    );
  });
});
