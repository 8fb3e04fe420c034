/**
 * The rules of EN 16931 and of Peppol BIS Billing 3.0 that an e-invoice of ours can break, each by the
 * name it has there (ConnectingEurope/eInvoicing-EN16931, OpenPEPPOL/peppol-bis-invoice-3, read
 * 2026-11). Arithmetic is checked to the minor unit, except where the standard itself gives room.
 */
import { formatMoney, type Money, sum } from "../money.ts";
import type { EInvoice } from "./model.ts";
import { lineRules } from "./rules-lines.ts";
import { taxRules } from "./rules-tax.ts";
import { findings, type RuleFinding } from "./rule-finding.ts";

/** Empty where every rule holds. A `note` breaks none: it shows a difference that a rule gives room for. */
export function checkEInvoice(invoice: EInvoice): readonly RuleFinding[] {
  return [
    ...partyRules(invoice),
    ...totalRules(invoice),
    ...taxRules(invoice),
    ...lineRules(invoice),
    ...(invoice.profile === "peppol" ? peppolRules(invoice) : []),
  ];
}

function totalRules({ totals, lines, adjustments, taxes, currency }: EInvoice): RuleFinding[] {
  const sumOf = (amounts: readonly Money[]): bigint => sum(amounts, currency).minor;
  const adjusted = (isCharge: boolean): bigint =>
    sumOf(adjustments.filter((one) => one.isCharge === isCharge).map(({ amount }) => amount));
  const equal = (rule: string, found: Money, expected: bigint): RuleFinding[] =>
    found.minor === expected
      ? []
      : findings(rule, null, formatMoney({ minor: expected, currency }), formatMoney(found));
  const { withoutTax, withTax, tax } = totals;
  return [
    ...equal("BR-CO-10", totals.lines, sumOf(lines.map(({ amount }) => amount))),
    ...equal("BR-CO-11", totals.allowances, adjusted(false)),
    ...equal("BR-CO-12", totals.charges, adjusted(true)),
    ...equal(
      "BR-CO-13",
      withoutTax,
      totals.lines.minor - totals.allowances.minor + totals.charges.minor,
    ),
    ...equal("BR-CO-14", tax, sumOf(taxes.map((one) => one.tax))),
    ...equal("BR-CO-15", withTax, withoutTax.minor + tax.minor),
    ...equal(
      "BR-CO-16",
      totals.payable,
      withTax.minor - totals.prepaid.minor + totals.rounding.minor,
    ),
  ];
}

function partyRules({ seller, buyer, totals, dueOn, paymentTerms, taxes }: EInvoice) {
  const isTold = dueOn !== null || paymentTerms !== null;
  const ids = [seller.vatNumber, seller.registration];
  const isTaxed = taxes.some(({ code }) => code !== "O");
  return [
    ...(totals.payable.minor > 0n && !isTold
      ? findings("BR-CO-25", null, "a due date or payment terms", "none")
      : []),
    ...(ids.every((id) => id === null)
      ? findings("BR-CO-26", "seller", "a VAT number or a registration", "none")
      : []),
    ...(isTaxed && seller.vatNumber === null && seller.taxRegistration === null
      ? findings("BR-S-02", "seller", "a VAT number or a tax number", "none")
      : []),
    ...(taxes.some(({ code }) => code === "AE" || code === "K") && buyer.vatNumber === null
      ? findings("BR-AE-02", "buyer", "a VAT number", "none")
      : []),
  ];
}

function peppolRules({ seller, buyer, orderReference }: EInvoice): RuleFinding[] {
  return [
    ...(orderReference === null
      ? findings("PEPPOL-EN16931-R003", null, "an order's number", "none")
      : []),
    ...(buyer.endpoint === null
      ? findings("PEPPOL-EN16931-R010", "buyer", "an electronic address", "none")
      : []),
    ...(seller.endpoint === null
      ? findings("PEPPOL-EN16931-R020", "seller", "an electronic address", "none")
      : []),
  ];
}
