/** The lines of an invoice, both ways. */
import {
  formatDecimal,
  multiplyDecimals,
  parseDecimal,
  roundDecimal,
} from "#shared/domain/decimal.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { formatMoney, roundToMoney, subtract, zero } from "#shared/domain/money.ts";
import { type DocumentLine, type FieldValue, isLines } from "#shared/domain/records.ts";
import { unitPriceFrom } from "./mapping-product.ts";
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

/**
 * A line of words alone has no amount: its quantity and price are zero. Throws SyncError
 * `invalid-input` where a line has a price and no amount.
 */
export function toLines(
  raw: readonly RawLine[],
  currency: string,
  connection: ConnectionId,
): readonly DocumentLine[] {
  return raw.map((line, index) => {
    const path = `LineItems[${index}]`;
    const unitPrice = decimalOf(line.UnitAmount, `${path}.UnitAmount`);
    const amount = moneyOf(line.LineAmount, currency, `${path}.LineAmount`);
    if (amount === undefined && unitPrice !== undefined) {
      throw unreadable("line-incomplete", `${path}.LineAmount`);
    }
    const itemId = textOf(line.Item?.ItemID, "whole");
    return {
      product: itemId ? { connection, recordType: "product", externalId: itemId } : null,
      productCode: textOf(line.ItemCode, "whole") ?? null,
      description: textOf(line.Description, "whole") ?? null,
      quantity: decimalOf(line.Quantity, `${path}.Quantity`) ?? "0",
      unitPrice: unitPrice ?? "0",
      discountRate: discountRateOf(line, path),
      amount: amount ?? zero(currency),
    };
  });
}

/**
 * The lines as they are sent. LineAmount goes along although Xero works it out: where the two
 * differ Xero refuses the line, and no invoice comes out at another sum than the order's.
 */
export function fromLines(value: FieldValue, salesAccountCode: string): readonly object[] {
  if (!isLines(value)) return [];
  return value.map((line) => {
    checkLength(line.productCode, "lines.productCode", lengthMax.itemCode);
    checkLength(line.description, "lines.description", lengthMax.lineDescription);
    return {
      ...(line.productCode === null ? {} : { ItemCode: line.productCode }),
      // Xero keeps no line without words.
      Description: line.description ?? line.productCode ?? "-",
      Quantity: exactNumber(line.quantity),
      UnitAmount: unitPriceFrom(line.unitPrice, "lines.unitPrice"),
      ...discountFrom(line),
      LineAmount: exactNumber(formatMoney(line.amount)),
      // A line with a code takes its account from the item; to send one would overrule that.
      ...(line.productCode === null ? { AccountCode: salesAccountCode } : {}),
    };
  });
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
