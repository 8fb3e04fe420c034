import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readUbl } from "#shared/connectors/file/ubl-read.ts";
import { writeUbl } from "#shared/connectors/file/ubl-write.ts";
import { buildEInvoice, type EInvoiceSource } from "#shared/domain/e-invoice/build-e-invoice.ts";
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";
import { checkEInvoice } from "#shared/domain/e-invoice/rules.ts";
import { type Money, money } from "#shared/domain/money.ts";
import { eInvoiceSettings, sources } from "#test/support/e-invoices.ts";

function built(source: EInvoiceSource): EInvoice {
  const outcome = buildEInvoice(source, eInvoiceSettings);
  if (outcome.kind === "built") return outcome.invoice;
  throw new Error(`${outcome.code} ${outcome.field} ${JSON.stringify(outcome.findings)}`);
}

const invoices = sources.map(built);

function brokenRules(invoice: EInvoice): string[] {
  return checkEInvoice(invoice)
    .filter(({ severity }) => severity === "error")
    .map(({ rule }) => rule);
}

const more = (amount: Money, by = 1n): Money => money(amount.minor + by, amount.currency);

function withTotals(invoice: EInvoice, totals: Partial<EInvoice["totals"]>): EInvoice {
  return { ...invoice, totals: { ...invoice.totals, ...totals } };
}

describe("an e-invoice of what books show", () => {
  it("keeps every rule", () => {
    fc.assert(
      fc.property(sources, (source) => {
        expect(brokenRules(built(source))).toEqual([]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("says of each amount what the books say", () => {
    fc.assert(
      fc.property(sources, (source) => {
        const { totals } = built(source);
        const { document } = source;

        expect([totals.withoutTax, totals.tax, totals.withTax, totals.payable]).toEqual([
          document["subtotal"],
          document["tax"],
          document["total"],
          document["amountDue"] ?? document["amountOpen"],
        ]);
      }),
    );
  });

  it("is the same once written as UBL and read again, and gives the same text again", () => {
    fc.assert(
      fc.property(invoices, (invoice) => {
        const text = writeUbl(invoice);
        const { invoice: read, leftOut } = readUbl(new TextEncoder().encode(text));

        expect(read).toEqual(invoice);
        expect(leftOut).toEqual([]);
        expect(writeUbl(read)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a wrong total", () => {
  it.each<[rule: string, spoil: (invoice: EInvoice) => EInvoice]>([
    ["BR-CO-10", (one) => withTotals(one, { lines: more(one.totals.lines) })],
    ["BR-CO-11", (one) => withTotals(one, { allowances: more(one.totals.allowances) })],
    ["BR-CO-12", (one) => withTotals(one, { charges: more(one.totals.charges) })],
    ["BR-CO-13", (one) => withTotals(one, { withoutTax: more(one.totals.withoutTax) })],
    ["BR-CO-14", (one) => withTotals(one, { tax: more(one.totals.tax) })],
    ["BR-CO-15", (one) => withTotals(one, { withTax: more(one.totals.withTax, -1n) })],
    ["BR-CO-16", (one) => withTotals(one, { payable: more(one.totals.payable) })],
    [
      "BR-CO-17",
      (one) => ({ ...one, taxes: one.taxes.map((tax) => ({ ...tax, tax: more(tax.tax, 200n) })) }),
    ],
    ["BR-CO-18", (one) => ({ ...one, taxes: [] })],
    ["BR-16", (one) => ({ ...one, lines: [] })],
  ])("breaks %s", (rule, spoil) => {
    fc.assert(
      fc.property(invoices, (invoice) => {
        expect(brokenRules(spoil(invoice))).toContain(rule);
      }),
    );
  });
});
