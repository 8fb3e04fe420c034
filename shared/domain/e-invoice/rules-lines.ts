/** Rules on lines, on what is a percentage of what, and on the digits of amounts. */
import { divideRounded, parseDecimal } from "../decimal.ts";
import { formatMoney, minorDigitsOf, type Money, money } from "../money.ts";
import type { Adjustment, EInvoice, Line } from "./model.ts";
import { findings, type RuleFinding } from "./rule-finding.ts";

/** Amounts of a line and of a percentage may differ by so many hundredths (Peppol's own room). */
const ROOM_HUNDREDTHS = 2n;
const HUNDREDTH_DIGITS = 2;

export function lineRules(invoice: EInvoice): RuleFinding[] {
  return [
    ...(invoice.lines.length === 0 ? findings("BR-16", null, "a line", "none") : []),
    ...invoice.lines.flatMap((line) => [
      ...priceRule(line),
      ...amountRule(line),
      ...line.adjustments.flatMap((one) => percentRule(one, `line ${line.id}`)),
    ]),
    ...invoice.adjustments.flatMap((one) =>
      percentRule(one, one.isCharge ? "charge" : "allowance"),
    ),
    ...digitRules(invoice),
  ];
}

function priceRule({ id, price, baseQuantity }: Line): RuleFinding[] {
  return [
    ...(parseDecimal(price).units < 0n ? findings("BR-27", `line ${id}`, "no sign", price) : []),
    ...(parseDecimal(baseQuantity).units <= 0n
      ? findings("PEPPOL-EN16931-R121", `line ${id}`, "above zero", baseQuantity)
      : []),
  ];
}

/** Quantity times price, by base quantity, with what is put on and taken off. */
function amountRule(line: Line): RuleFinding[] {
  const [quantity, price, base] = [line.quantity, line.price, line.baseQuantity].map(parseDecimal);
  if (quantity === undefined || price === undefined || base === undefined) return [];
  if (base.units <= 0n) return [];
  const { currency } = line.amount;
  const digits = minorDigitsOf(currency) + base.scale;
  const priced = divideRounded(
    quantity.units * price.units * 10n ** BigInt(digits),
    base.units * 10n ** BigInt(quantity.scale + price.scale),
    "half-up",
  );
  const adjusted = line.adjustments.reduce(
    (sofar, { isCharge, amount }) => sofar + (isCharge ? amount.minor : -amount.minor),
    0n,
  );
  return near(
    "PEPPOL-EN16931-R120",
    `line ${line.id}`,
    money(priced + adjusted, currency),
    line.amount,
  );
}

function percentRule({ amount, base, percent }: Adjustment, where: string): RuleFinding[] {
  if (base === null || percent === null) return [];
  const { units, scale } = parseDecimal(percent);
  const expected = divideRounded(base.minor * units, 10n ** BigInt(scale + 2), "half-up");
  return near("PEPPOL-EN16931-R040", where, money(expected, base.currency), amount);
}

function near(rule: string, where: string, expected: Money, found: Money): RuleFinding[] {
  const gap = expected.minor - found.minor;
  const digits = minorDigitsOf(expected.currency);
  const hundredths = (gap < 0n ? -gap : gap) * 10n ** BigInt(HUNDREDTH_DIGITS);
  if (hundredths <= ROOM_HUNDREDTHS * 10n ** BigInt(digits)) return [];
  return findings(rule, where, formatMoney(expected), formatMoney(found));
}

/** The standard has no amount with more than two digits, whatever the currency has. */
function digitRules({ totals, taxes, lines, adjustments }: EInvoice): RuleFinding[] {
  const amounts: readonly (readonly [rule: string, where: string | null, amount: Money])[] = [
    ["BR-DEC-09", null, totals.lines],
    ["BR-DEC-12", null, totals.withoutTax],
    ["BR-DEC-13", null, totals.tax],
    ["BR-DEC-14", null, totals.withTax],
    ["BR-DEC-16", null, totals.prepaid],
    ["BR-DEC-18", null, totals.payable],
    ...adjustments.map(({ isCharge, amount }) =>
      isCharge
        ? (["BR-DEC-05", "charge", amount] as const)
        : (["BR-DEC-01", "allowance", amount] as const),
    ),
    ...taxes.flatMap(({ code, taxable, tax }) => [
      ["BR-DEC-19", `tax ${code}`, taxable] as const,
      ["BR-DEC-20", `tax ${code}`, tax] as const,
    ]),
    ...lines.map(({ id, amount }) => ["BR-DEC-23", `line ${id}`, amount] as const),
  ];
  return amounts.flatMap(([rule, where, amount]) => {
    const surplus = minorDigitsOf(amount.currency) - HUNDREDTH_DIGITS;
    const isFine = surplus <= 0 || amount.minor % 10n ** BigInt(surplus) === 0n;
    return isFine ? [] : findings(rule, where, "two digits", formatMoney(amount));
  });
}
