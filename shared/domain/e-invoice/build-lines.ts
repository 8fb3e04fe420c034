/** The lines of a document as those of an e-invoice, whose amounts are always without tax. */
import {
  formatDecimal,
  multiplyDecimals,
  normalizeDecimal,
  parseDecimal,
  roundDecimal,
} from "../decimal.ts";
import { formatMoney, type Money, negate, roundToMoney, subtract, zero } from "../money.ts";
import type { DocumentLine, TaxTreatment } from "../records.ts";
import { cleanText } from "./clean-text.ts";
import type { Adjustment, DocumentAdjustment, Line, TaxCategory } from "./model.ts";
import type { EInvoiceRefusal } from "./refusal.ts";

/** What each of the company's own names of a tax is in the standard. */
export type TaxTable = Readonly<Record<string, TaxEntry>>;

interface TaxEntry extends TaxCategory {
  readonly exemptionReason: string | null;
}

/** The name in the table for lines that bear no tax code. */
const NO_TAX_CODE = "none";

/** What one taxed amount of the document is: a line or an adjustment, its code, and the books' tax. */
interface TaxedPart {
  readonly code: string;
  readonly amount: Money;
  /** Null where the books did not say. */
  readonly tax: Money | null;
}

export interface BuiltLines {
  readonly kind: "built";
  readonly lines: readonly Line[];
  readonly adjustments: readonly DocumentAdjustment[];
  readonly parts: readonly TaxedPart[];
}

const ONE = "C62";
/** Freight service (UNCL7161), and discount (UNCL5189). */
const FREIGHT = { reason: "Freight", reasonCode: "FC" } as const;
const DISCOUNT = { reason: "Discount", reasonCode: "95" } as const;

/**
 * Freight above zero becomes a charge of the document, beside at least one line. Refused where a tax
 * code is not in the table, or where amounts hold a tax that the books did not tell for each line.
 */
export function buildLines(
  source: readonly DocumentLine[],
  treatment: TaxTreatment,
  taxes: TaxTable,
): BuiltLines | EInvoiceRefusal {
  const lines: Line[] = [];
  const adjustments: DocumentAdjustment[] = [];
  const parts: TaxedPart[] = [];
  const hasGoods = source.some(({ role }) => role !== "shipping");
  for (const [index, line] of source.entries()) {
    const code = line.taxCode ?? NO_TAX_CODE;
    const entry = Object.hasOwn(taxes, code) ? taxes[code] : undefined;
    if (entry === undefined) return taxUnknown(code, index);
    const tax = treatment === "none" ? zero(line.amount.currency) : (line.tax ?? null);
    if (treatment === "inclusive" && tax === null) return taxMissing(index);
    const amount =
      tax !== null && treatment === "inclusive" ? subtract(line.amount, tax) : line.amount;
    const category = { code: entry.code, percent: entry.percent };
    parts.push({ code, amount, tax });
    if (line.role === "shipping" && hasGoods && amount.minor > 0n) {
      const none = { base: null, percent: null };
      adjustments.push({ isCharge: true, amount, ...none, ...FREIGHT, tax: category });
    } else {
      const id = String(lines.length + 1);
      const name = cleanText(line.description ?? "") ?? cleanText(line.productCode ?? "") ?? "-";
      const productCode = cleanText(line.productCode ?? "");
      const priced = priceOf(line, amount, treatment);
      lines.push({ id, name, productCode, unitCode: ONE, ...priced, amount, tax: category });
    }
  }
  return { kind: "built", lines, adjustments, parts };
}

type Priced = Pick<Line, "quantity" | "price" | "baseQuantity" | "adjustments">;

/**
 * Quantity and price as they stand, with the discount as an allowance, where that gives the line's
 * amount. Else (tax was taken out, or a price is below zero) the amount itself is the price, for as
 * many as there are: that is exact, where a price for one would have digits without end.
 */
function priceOf(line: DocumentLine, amount: Money, treatment: TaxTreatment): Priced {
  const quantity = parseDecimal(line.quantity);
  const price = parseDecimal(line.unitPrice);
  const gross = roundToMoney(multiplyDecimals(quantity, price), amount.currency, "half-up");
  const discount = subtract(gross, amount);
  const hasRate = parseDecimal(line.discountRate).units !== 0n;
  const isPlain = treatment !== "inclusive" && price.units >= 0n && gross.minor >= 0n;
  if (isPlain && (discount.minor === 0n || (hasRate && discount.minor > 0n))) {
    const adjustments = discount.minor === 0n ? [] : [discountOf(line, discount, gross)];
    return {
      quantity: normalizeDecimal(line.quantity),
      price: normalizeDecimal(line.unitPrice),
      baseQuantity: "1",
      adjustments,
    };
  }
  const isBelow = amount.minor < 0n;
  const count = quantity.units === 0n ? "1" : formatDecimal(sizeOf(quantity));
  return {
    quantity: isBelow ? `-${count}` : count,
    price: normalizeDecimal(formatMoney(isBelow ? negate(amount) : amount)),
    baseQuantity: count,
    adjustments: [],
  };
}

/** With its percentage where that gives the amount: where both were rounded, the amount alone. */
function discountOf({ discountRate }: DocumentLine, amount: Money, base: Money): Adjustment {
  const rate = parseDecimal(discountRate);
  const taken = multiplyDecimals({ units: base.minor, scale: 0 }, rate);
  const isGiven = roundDecimal(taken, 0, "half-up") === amount.minor;
  const percent = formatDecimal(multiplyDecimals(rate, { units: 100n, scale: 0 }));
  const share = isGiven ? { base, percent } : { base: null, percent: null };
  return { isCharge: false, amount, ...share, ...DISCOUNT };
}

function sizeOf(value: ReturnType<typeof parseDecimal>): ReturnType<typeof parseDecimal> {
  return { ...value, units: value.units < 0n ? -value.units : value.units };
}

function taxUnknown(code: string, index: number): EInvoiceRefusal {
  return {
    kind: "refused",
    code: "e-invoice-tax-unknown",
    fix: `Say in the connection's settings, under eInvoice.taxes, what the tax "${code}" is.`,
    field: `lines[${index}].taxCode`,
  };
}

function taxMissing(index: number): EInvoiceRefusal {
  return {
    kind: "refused",
    code: "e-invoice-tax-missing",
    fix: "The books tell no tax of this line; open the document in the books and save it again.",
    field: `lines[${index}].tax`,
  };
}
