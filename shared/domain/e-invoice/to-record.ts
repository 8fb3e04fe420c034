/** An e-invoice as canonical fields: what its document and its customer would be here. */
import {
  divideRounded,
  formatDecimal,
  multiplyDecimals,
  normalizeDecimal,
  parseDecimal,
} from "../decimal.ts";
import { formatMoney, type Money, roundToMoney } from "../money.ts";
import type { DocumentLine, Fields } from "../records.ts";
import type { EInvoice, Line, Party } from "./model.ts";

export interface EInvoiceRecords {
  readonly document: Fields;
  readonly customer: Fields;
}

/** Digits of a price for one, where the price is for several. */
const PRICE_DIGITS = 12;

/**
 * Amounts are those of the e-invoice, without tax in the lines. A charge or allowance of the document
 * becomes a line of its own, so that the lines sum to what is billed without tax.
 */
export function recordsOf(invoice: EInvoice): EInvoiceRecords {
  const { totals, kind, lines, adjustments } = invoice;
  const adjusted = adjustments.map(({ isCharge, amount, reason, reasonCode }): DocumentLine => {
    const signed: Money = isCharge ? amount : { ...amount, minor: -amount.minor };
    const isFreight = isCharge && reasonCode === "FC";
    return { ...plainLine(reason, signed), ...(isFreight ? { role: "shipping" as const } : {}) };
  });
  return {
    document: {
      number: invoice.number,
      reference: invoice.orderReference,
      issuedOn: invoice.issuedOn,
      ...(kind === "invoice" ? { dueOn: invoice.dueOn } : {}),
      currency: invoice.currency,
      taxTreatment: "exclusive",
      lines: [...lines.map(lineOf), ...adjusted],
      subtotal: totals.withoutTax,
      tax: totals.tax,
      total: totals.withTax,
      ...(kind === "invoice"
        ? { amountPaid: totals.prepaid, amountDue: totals.payable }
        : { amountOpen: totals.payable }),
    },
    customer: customerOf(invoice.buyer),
  };
}

/** At the line's own price where quantity and price give its amount; else one at that amount. */
function lineOf(line: Line): DocumentLine {
  const plain = { ...plainLine(line.name, line.amount), productCode: line.productCode };
  const [only, another] = line.adjustments;
  const isDiscount = only === undefined || (!only.isCharge && only.percent !== null);
  if (another !== undefined || !isDiscount) return plain;
  const base = parseDecimal(line.baseQuantity);
  const price = parseDecimal(line.price);
  if (base.units <= 0n) return plain;
  const units = divideRounded(
    price.units * 10n ** BigInt(base.scale + PRICE_DIGITS),
    base.units * 10n ** BigInt(price.scale),
    "half-up",
  );
  const unitPrice = formatDecimal({ units, scale: PRICE_DIGITS });
  const { units: percentUnits, scale } = parseDecimal(only?.percent ?? "0");
  const discountRate = formatDecimal({ units: percentUnits, scale: scale + 2 });
  const priced = { ...plain, quantity: normalizeDecimal(line.quantity), unitPrice, discountRate };
  return amountOf(priced).minor === line.amount.minor ? priced : plain;
}

function amountOf({ quantity, unitPrice, discountRate, amount }: DocumentLine): Money {
  const rate = parseDecimal(discountRate);
  const kept = { units: 10n ** BigInt(rate.scale) - rate.units, scale: rate.scale };
  const gross = multiplyDecimals(parseDecimal(quantity), parseDecimal(unitPrice));
  return roundToMoney(multiplyDecimals(gross, kept), amount.currency, "half-up");
}

function plainLine(description: string, amount: Money): DocumentLine {
  return {
    product: null,
    productCode: null,
    description,
    quantity: "1",
    unitPrice: normalizeDecimal(formatMoney(amount)),
    discountRate: "0",
    amount,
  };
}

function customerOf(buyer: Party): Fields {
  return {
    name: buyer.name,
    email: buyer.email,
    phone: buyer.phone,
    street: buyer.street,
    city: buyer.city,
    region: buyer.region,
    postalCode: buyer.postalCode,
    country: buyer.countryCode,
    taxNumber: buyer.vatNumber ?? buyer.registration,
  };
}
