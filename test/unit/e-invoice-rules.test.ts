import { describe, expect, it } from "vitest";
import { buildEInvoice } from "#shared/domain/e-invoice/build-e-invoice.ts";
import type { EInvoice, TaxSubtotal } from "#shared/domain/e-invoice/model.ts";
import { checkEInvoice } from "#shared/domain/e-invoice/rules.ts";
import { money, parseMoney } from "#shared/domain/money.ts";
import { aSource, eInvoiceSettings } from "#test/support/e-invoices.ts";

const euro = (text: string) => parseMoney(text, "EUR");

function anInvoice(taxCode = "standard", currency = "EUR"): EInvoice {
  const line = { description: "Cheese", quantity: "3", unitPrice: "10", taxCode };
  const source = aSource({ currency, lines: [line, { ...line, role: "shipping" }] });
  const outcome = buildEInvoice(source, eInvoiceSettings);
  if (outcome.kind === "built") return outcome.invoice;
  throw new Error(outcome.code);
}

function withTax(invoice: EInvoice, change: Partial<TaxSubtotal>): EInvoice {
  return { ...invoice, taxes: invoice.taxes.map((tax) => ({ ...tax, ...change })) };
}

function rulesOf(invoice: EInvoice): string[] {
  return checkEInvoice(invoice).map(({ rule, severity }) => `${severity} ${rule}`);
}

const whole = anInvoice();
const [line] = whole.lines;
const [charge] = whole.adjustments;
if (line === undefined || charge === undefined) throw new Error("no line or no charge");

describe("checkEInvoice", () => {
  it.each(["standard", "zero", "exempt", "none"])("finds nothing in one of %s", (code) => {
    expect(rulesOf(anInvoice(code))).toEqual([]);
  });

  it.each<[rules: readonly string[], invoice: EInvoice]>([
    [["error BR-S-10"], withTax(whole, { exemptionReason: "why" })],
    [["error BR-E-10"], withTax(anInvoice("exempt"), { exemptionReason: null })],
    [
      ["error BR-E-09", "error BR-CO-17"].toSorted(),
      withTax(anInvoice("exempt"), { tax: euro("0.01") }),
    ],
    [
      ["error BR-S-08", "note BR-CO-17"],
      withTax(whole, { taxable: euro("60.01"), tax: euro("15.01") }),
    ],
    [["error BR-S-05"], { ...whole, lines: [{ ...line, tax: { code: "S", percent: "0" } }] }],
    [["error BR-O-05"], { ...whole, lines: [{ ...line, tax: { code: "O", percent: "0" } }] }],
    [
      ["error BR-S-07"],
      { ...whole, adjustments: [{ ...charge, tax: { code: "S", percent: null } }] },
    ],
    [["error BR-Z-01"], { ...whole, lines: [{ ...line, tax: { code: "Z", percent: "0" } }] }],
    [["error BR-CO-25"], { ...whole, dueOn: null }],
    [
      ["error BR-AE-02"],
      {
        ...whole,
        buyer: { ...whole.buyer, vatNumber: null },
        taxes: whole.taxes.map((tax) => ({ ...tax, code: "AE" as const })),
      },
    ],
    [["error BR-27"], { ...whole, lines: [{ ...line, quantity: "-3", price: "-10" }] }],
    [["error PEPPOL-EN16931-R121"], { ...whole, lines: [{ ...line, baseQuantity: "0" }] }],
    [["error PEPPOL-EN16931-R120"], { ...whole, lines: [{ ...line, quantity: "3.01" }] }],
    [
      ["error PEPPOL-EN16931-R040"],
      { ...whole, adjustments: [{ ...charge, base: euro("100"), percent: "29.9" }] },
    ],
    [["error PEPPOL-EN16931-R003"], { ...whole, orderReference: null }],
    [["error PEPPOL-EN16931-R010"], { ...whole, buyer: { ...whole.buyer, endpoint: null } }],
    [["error PEPPOL-EN16931-R020"], { ...whole, seller: { ...whole.seller, endpoint: null } }],
  ])("finds %j", (rules, invoice) => {
    const found = rulesOf(invoice);

    for (const rule of rules) expect(found).toContain(rule);
  });

  it("names what it expected and what it found", () => {
    const invoice = { ...whole, totals: { ...whole.totals, withTax: euro("75.01") } };

    expect(checkEInvoice(invoice)).toEqual([
      { rule: "BR-CO-15", severity: "error", where: null, expected: "75.00", found: "75.01" },
      { rule: "BR-CO-16", severity: "error", where: null, expected: "75.01", found: "75.00" },
    ]);
  });

  it("takes tax that is off by less than one unit of the currency for rounding, and no more", () => {
    const off = (by: bigint) => {
      const [tax] = whole.taxes;
      return rulesOf(withTax(whole, { tax: money((tax?.tax.minor ?? 0n) + by, "EUR") }));
    };

    expect([off(99n), off(-99n)].map((rules) => rules.includes("note BR-CO-17"))).toEqual([
      true,
      true,
    ]);
    expect([off(100n), off(-100n)].map((rules) => rules.includes("error BR-CO-17"))).toEqual([
      true,
      true,
    ]);
  });

  it("gives yen the room of one yen, counted from the exact tax", () => {
    const inYen = (taxable: bigint, tax: bigint) =>
      rulesOf(
        withTax(anInvoice("reduced", "JPY"), {
          taxable: money(taxable, "JPY"),
          tax: money(tax, "JPY"),
        }),
      ).filter((rule) => rule.endsWith("BR-CO-17"));

    // 8.25 % of 100 yen is 8.25 yen.
    expect(inYen(100n, 8n)).toEqual([]);
    expect(inYen(100n, 9n)).toEqual(["note BR-CO-17"]);
    expect(inYen(100n, 10n)).toEqual(["error BR-CO-17"]);
  });

  it("asks nothing of Peppol of a document that does not claim it", () => {
    const invoice: EInvoice = { ...whole, profile: "en-16931", orderReference: null };

    expect(rulesOf({ ...invoice, buyer: { ...invoice.buyer, endpoint: null } })).toEqual([]);
  });
});
