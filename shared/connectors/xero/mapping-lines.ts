/** The lines of an invoice or credit note, both ways. */
import {
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
  roundDecimal,
  subtractDecimals,
} from "#shared/domain/decimal.ts";
import { formatMoney, roundToMoney, subtract, zero } from "#shared/domain/money.ts";
import {
  type DocumentLine,
  type FieldValue,
  isLines,
  type TaxTreatment,
} from "#shared/domain/records.ts";
import { type Books, isShippingAccount, taxCodeOf, taxTypeOf } from "./books.ts";
import { UNIT_PRICE_DIGITS_MAX, unitPriceFrom } from "./mapping-product.ts";
import { checkLength, lengthMax } from "./refusals.ts";
import type { RawLine } from "./schema.ts";
import { decimalOf, exactNumber, fractionDigitsOf, moneyOf, textOf, unreadable } from "./wire.ts";

/**
 * Xero keeps a discount in per cent with two digits and works out the amount from that
 * (community.xero.com, "Line total mismatch", read 2026-11); a finer one is sent as an amount.
 */
const DISCOUNT_DIGITS_MAX = 2;

/** Digits of a rate that is worked out from an amount: enough to give back any line below 10^9. */
const RATE_DIGITS = 12;

/** What the lines of a document are read and sent by. */
export interface LineRules {
  readonly books: Books;
  /** Absent where nobody said. */
  readonly treatment: TaxTreatment | undefined;
  /** Xero knows discounts on sales invoices only. */
  readonly takesDiscounts: boolean;
}

/**
 * A line of words alone has no amount: its quantity and price are zero. A tax that the settings do
 * not name reads as null, and no line of a document without tax has one. Throws SyncError
 * `invalid-input` where a line has a price and no amount.
 */
export function toLines(
  raw: readonly RawLine[],
  currency: string,
  { books, treatment }: Pick<LineRules, "books" | "treatment">,
): readonly DocumentLine[] {
  return raw.map((line, index) => {
    const path = `LineItems[${index}]`;
    const unitPrice = decimalOf(line.UnitAmount, `${path}.UnitAmount`);
    const amount = moneyOf(line.LineAmount, currency, `${path}.LineAmount`);
    if (amount === undefined && unitPrice !== undefined) {
      throw unreadable("line-incomplete", `${path}.LineAmount`);
    }
    const itemId = textOf(line.Item?.ItemID, "whole");
    const productCode = textOf(line.ItemCode, "whole") ?? null;
    const tax = moneyOf(line.TaxAmount, currency, `${path}.TaxAmount`);
    const isTaxed = treatment === "exclusive" || treatment === "inclusive";
    const accountCode = textOf(line.AccountCode, "whole") ?? null;
    const isShipping = productCode === null && isShippingAccount(books, accountCode);
    return {
      product: itemId
        ? { connection: books.connection, recordType: "product", externalId: itemId }
        : null,
      productCode,
      description: textOf(line.Description, "whole") ?? null,
      quantity: decimalOf(line.Quantity, `${path}.Quantity`) ?? "0",
      unitPrice: unitPrice ?? "0",
      discountRate: discountRateOf(line, path),
      amount: amount ?? zero(currency),
      ...(isTaxed ? { taxCode: taxCodeOf(books, line.TaxType ?? null) } : {}),
      ...(tax === undefined ? {} : { tax }),
      ...(isShipping ? { role: "shipping" as const } : {}),
    };
  });
}

/**
 * The lines as they are sent. LineAmount goes along although Xero works it out: where the two
 * differ Xero refuses the line, and no invoice comes out at another sum than the order's. It has tax
 * in it where the document's amounts do, as `amount` has. Tax amounts are Xero's and never sent.
 */
export function fromLines(value: FieldValue, rules: LineRules): readonly object[] {
  if (!isLines(value)) return [];
  const { books } = rules;
  return value.map((line) => {
    checkLength(line.productCode, "lines.productCode", lengthMax.itemCode);
    checkLength(line.description, "lines.description", lengthMax.lineDescription);
    const taxType = taxTypeOf(books, line.taxCode, rules.treatment);
    return {
      ...(line.productCode === null ? {} : { ItemCode: line.productCode }),
      // Xero keeps no line without words.
      Description: line.description ?? line.productCode ?? "-",
      ...(rules.takesDiscounts ? pricedFrom(line) : pricedFrom(withoutDiscount(line))),
      LineAmount: exactNumber(formatMoney(line.amount)),
      ...accountFrom(line, books),
      ...(taxType === undefined ? {} : { TaxType: taxType }),
    };
  });
}

/** A line with a code takes its account from the item; to send one would overrule that. */
function accountFrom({ productCode, role }: DocumentLine, books: Books): object {
  if (role === "shipping") return { AccountCode: books.shippingAccountCode };
  return productCode === null ? { AccountCode: books.salesAccountCode } : {};
}

function pricedFrom(line: DocumentLine): object {
  return {
    Quantity: exactNumber(line.quantity),
    UnitAmount: unitPriceFrom(line.unitPrice, "lines.unitPrice"),
    ...discountFrom(line),
  };
}

/**
 * The line at its price after the discount where that gives the same amount, else as one at the
 * line's amount.
 */
function withoutDiscount(line: DocumentLine): DocumentLine {
  const rate = parseDecimal(line.discountRate);
  if (rate.units === 0n) return line;
  const kept = subtractDecimals({ units: 1n, scale: 0 }, rate);
  const exact = multiplyDecimals(parseDecimal(line.unitPrice), kept);
  const units = roundDecimal(exact, UNIT_PRICE_DIGITS_MAX, "half-up");
  const unitPrice = formatDecimal({ units, scale: UNIT_PRICE_DIGITS_MAX });
  const gross = grossOf({ quantity: line.quantity, unitPrice });
  const isSame = roundToMoney(gross, line.amount.currency, "half-up").minor === line.amount.minor;
  const priced = isSame ? { unitPrice } : { quantity: "1", unitPrice: formatMoney(line.amount) };
  return { ...line, ...priced, discountRate: "0" };
}

function discountFrom(line: DocumentLine): object {
  const percent = formatDecimal(
    multiplyDecimals(parseDecimal(line.discountRate), { units: 100n, scale: 0 }),
  );
  if (percent === "0") return {};
  if (fractionDigitsOf(percent) <= DISCOUNT_DIGITS_MAX) {
    return { DiscountRate: exactNumber(percent) };
  }
  const gross = roundToMoney(grossOf(line), line.amount.currency, "half-up");
  return { DiscountAmount: exactNumber(formatMoney(subtract(gross, line.amount))) };
}

/** A discount given as an amount becomes the fraction that gives it back. */
function discountRateOf(line: RawLine, path: string): string {
  const percent = decimalOf(line.DiscountRate, `${path}.DiscountRate`) ?? "0";
  if (percent !== "0") {
    const { units, scale } = parseDecimal(percent);
    return formatDecimal({ units, scale: scale + 2 });
  }
  const amount = decimalOf(line.DiscountAmount, `${path}.DiscountAmount`) ?? "0";
  const gross = grossOf({
    quantity: decimalOf(line.Quantity, `${path}.Quantity`) ?? "0",
    unitPrice: decimalOf(line.UnitAmount, `${path}.UnitAmount`) ?? "0",
  });
  return amount === "0" || gross.units === 0n ? "0" : fractionOf(parseDecimal(amount), gross);
}

type Decimal = ReturnType<typeof parseDecimal>;

function grossOf(line: Pick<DocumentLine, "quantity" | "unitPrice">): Decimal {
  return multiplyDecimals(parseDecimal(line.quantity), parseDecimal(line.unitPrice));
}

function fractionOf(part: Decimal, whole: Decimal): string {
  const scale = RATE_DIGITS + 1;
  const partUnits = part.units * 10n ** BigInt(whole.scale + scale);
  const units = partUnits / (whole.units * 10n ** BigInt(part.scale));
  const rounded = roundDecimal({ units, scale }, RATE_DIGITS, "half-up");
  return formatDecimal({ units: rounded, scale: RATE_DIGITS });
}
