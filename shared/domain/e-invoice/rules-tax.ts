/** Rules on the breakdown of tax: one group for each category and rate, and what each category asks. */
import { divideRounded, parseDecimal } from "../decimal.ts";
import { formatMoney, minorDigitsOf, type Money, money, sum } from "../money.ts";
import type { EInvoice, TaxCategory, TaxCategoryCode, TaxSubtotal } from "./model.ts";
import { findings, type RuleFinding } from "./rule-finding.ts";

/** How the rules of each category are named, and what they ask of its rate and its reason. */
const categories: Readonly<
  Record<
    TaxCategoryCode,
    {
      readonly rules: string;
      readonly rate: "above zero" | "0" | "none";
      readonly isExempt: boolean;
    }
  >
> = {
  S: { rules: "BR-S", rate: "above zero", isExempt: false },
  Z: { rules: "BR-Z", rate: "0", isExempt: false },
  E: { rules: "BR-E", rate: "0", isExempt: true },
  AE: { rules: "BR-AE", rate: "0", isExempt: true },
  K: { rules: "BR-IC", rate: "0", isExempt: true },
  G: { rules: "BR-G", rate: "0", isExempt: true },
  O: { rules: "BR-O", rate: "none", isExempt: true },
};

export function taxRules(invoice: EInvoice): RuleFinding[] {
  const used: readonly UsedCategory[] = [
    ...invoice.lines.map((line) => ({
      ...{ tax: line.tax, amount: line.amount, where: `line ${line.id}`, rateRule: "05" },
    })),
    ...invoice.adjustments.map(({ tax, isCharge, amount }) => ({
      tax,
      amount: isCharge ? amount : money(-amount.minor, amount.currency),
      where: isCharge ? "charge" : "allowance",
      rateRule: isCharge ? "07" : "06",
    })),
  ];
  return [
    ...(invoice.taxes.length === 0 ? findings("BR-CO-18", null, "a tax breakdown", "none") : []),
    ...used.flatMap((one) => rateRule(one.tax, one.rateRule, one.where)),
    ...used.flatMap((one) => groupRule(one, invoice)),
    ...invoice.taxes.flatMap((subtotal) => subtotalRules(subtotal, used, invoice)),
  ];
}

interface UsedCategory {
  readonly tax: TaxCategory;
  readonly amount: Money;
  readonly where: string;
  readonly rateRule: string;
}

function rateRule({ code, percent }: TaxCategory, number: string, where: string): RuleFinding[] {
  const { rules, rate } = categories[code];
  const units = percent === null ? undefined : parseDecimal(percent).units;
  const isRight =
    rate === "none" ? units === undefined : rate === "0" ? units === 0n : (units ?? 0n) > 0n;
  return isRight ? [] : findings(`${rules}-${number}`, where, `rate ${rate}`, percent ?? "none");
}

/** Every category that is used has its group. */
function groupRule({ tax, where }: UsedCategory, { taxes }: EInvoice): RuleFinding[] {
  if (taxes.some((subtotal) => isSameTax(subtotal, tax))) return [];
  const name = `${tax.code} ${tax.percent ?? ""}`.trim();
  return findings(`${categories[tax.code].rules}-01`, where, `a breakdown of ${name}`, "none");
}

function subtotalRules(
  subtotal: TaxSubtotal,
  used: readonly UsedCategory[],
  { currency }: EInvoice,
): RuleFinding[] {
  const { rules, isExempt } = categories[subtotal.code];
  const where = `tax ${subtotal.code} ${subtotal.percent ?? ""}`.trim();
  const taxable = sum(
    used.filter(({ tax }) => isSameTax(tax, subtotal)).map(({ amount }) => amount),
    currency,
  );
  const hasReason = subtotal.exemptionReason !== null;
  return [
    ...(taxable.minor === subtotal.taxable.minor
      ? []
      : findings(`${rules}-08`, where, formatMoney(taxable), formatMoney(subtotal.taxable))),
    ...(hasReason === isExempt
      ? []
      : findings(
          `${rules}-10`,
          where,
          isExempt ? "a reason" : "no reason",
          hasReason ? "one" : "none",
        )),
    ...(isExempt && subtotal.tax.minor !== 0n
      ? findings(`${rules}-09`, where, formatMoney(money(0n, currency)), formatMoney(subtotal.tax))
      : []),
    ...rateTimesTaxable(subtotal, where),
  ];
}

/**
 * BR-CO-17: the tax of a group is its taxable amount times its rate. The validators of the standard
 * let it differ by less than one unit of the currency, since books round each line by itself; what
 * they round is shown as a note.
 */
function rateTimesTaxable({ taxable, tax, percent }: TaxSubtotal, where: string): RuleFinding[] {
  const { currency } = taxable;
  const digits = minorDigitsOf(currency);
  const rate = parseDecimal(percent ?? "0");
  const exactAt = (scale: number): bigint => {
    const units = taxable.minor * rate.units * 10n ** BigInt(scale);
    return divideRounded(units, 10n ** BigInt(digits + rate.scale + 2), "half-up");
  };
  const expected = money(exactAt(digits), currency);
  if (tax.minor === expected.minor) return [];
  // Where the currency has no hundredths the standard still counts in them.
  const scale = Math.max(digits, STANDARD_DIGITS);
  const gap = tax.minor * 10n ** BigInt(scale - digits) - exactAt(scale);
  const isWithin = rate.units !== 0n && (gap < 0n ? -gap : gap) < 10n ** BigInt(scale);
  const severity = isWithin ? "note" : "error";
  return findings("BR-CO-17", where, formatMoney(expected), formatMoney(tax)).map((finding) => ({
    ...finding,
    severity,
  }));
}

const STANDARD_DIGITS = 2;

/** Rates that are the same number are one rate. */
export function isSameTax(left: TaxCategory, right: TaxCategory): boolean {
  if (left.code !== right.code) return false;
  if (left.percent === null || right.percent === null) return left.percent === right.percent;
  const [one, other] = [parseDecimal(left.percent), parseDecimal(right.percent)];
  return one.units * 10n ** BigInt(other.scale) === other.units * 10n ** BigInt(one.scale);
}
