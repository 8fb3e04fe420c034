/** Lines of an order are line items of a deal; their amounts are computed here, to the minor unit. */
import {
  type Decimal,
  formatDecimal,
  multiplyDecimals,
  normalizeDecimal,
  parseDecimal,
  subtractDecimals,
} from "#shared/domain/decimal.ts";
import type { CanonicalId, ConnectionId, ExternalId } from "#shared/domain/identifiers.ts";
import { type CurrencyCode, type Money, roundToMoney } from "#shared/domain/money.ts";
import type { DocumentLine, Reference } from "#shared/domain/records.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import {
  inField,
  LINE_ID_PROPERTY,
  type Properties,
  type PropertyPatch,
  readText,
  writeText,
} from "./mapping.ts";
import { recurringProperties, withoutTerms } from "./mapping-billing.ts";
import { CODE_PROPERTY, COST_PROPERTY } from "./mapping-product.ts";
import type { RemoteObject } from "./schema.ts";

const PRODUCT_ID = "hs_product_id";
const QUANTITY = "quantity";
const PRICE = "price";
const UNIT_DISCOUNT = "discount";
const DISCOUNT_PERCENTAGE = "hs_discount_percentage";
const POSITION = "hs_position_on_quote";
const CURRENCY = "hs_line_item_currency_code";
const NAME = "name";

/** The company's name of a tax. HubSpot's own tax rates are ids of a library that its API does not give. */
export const TAX_CODE_PROPERTY = "tieout_tax_code";

export const lineProperties: readonly string[] = [
  PRODUCT_ID,
  CODE_PROPERTY,
  NAME,
  QUANTITY,
  PRICE,
  UNIT_DISCOUNT,
  DISCOUNT_PERCENTAGE,
  POSITION,
  CURRENCY,
  TAX_CODE_PROPERTY,
  COST_PROPERTY,
  LINE_ID_PROPERTY,
  ...recurringProperties,
];

const ONE: Decimal = { units: 1n, scale: 0 };
/** A unit discount that is no exact fraction of the price with so many digits is not converted. */
const RATE_DIGITS_MAX = 12;

/** The lines of one deal in the order a person sees. Throws `invalid-input` with the line's field. */
export function readLines(
  items: readonly RemoteObject[],
  connection: ConnectionId,
  currency: CurrencyCode,
): DocumentLine[] {
  return [...items]
    .sort(comparePlaces)
    .map((item, index) =>
      inField(`lines[${index}]`, () => readLine(item.properties, connection, currency)),
    );
}

/** The unique key of a line of ours; the same at each try. */
export function lineKeyOf(canonicalId: CanonicalId, index: number): string {
  return `${canonicalId}:${index}`;
}

/**
 * All that a line item holds of a line, blanks too: it may stand where another line stood. A cost that
 * nothing was said of is left out of a new order's line, which then takes it from its product.
 */
export function writeLine(
  line: DocumentLine,
  place: {
    readonly index: number;
    readonly currency: CurrencyCode | null;
    readonly isNew: boolean;
  },
): PropertyPatch {
  const { index, currency, isNew } = place;
  const { taxCode = null, unitCost } = line;
  return {
    [PRODUCT_ID]: line.product === null ? "" : externalIdOf(line.product),
    [CODE_PROPERTY]: writeText(line.productCode),
    [NAME]: writeText(line.description),
    [QUANTITY]: normalizeDecimal(line.quantity),
    [PRICE]: normalizeDecimal(line.unitPrice),
    [DISCOUNT_PERCENTAGE]: percentageOf(line.discountRate),
    [UNIT_DISCOUNT]: "",
    [POSITION]: String(index),
    [TAX_CODE_PROPERTY]: writeText(taxCode),
    ...(unitCost === undefined && isNew ? {} : { [COST_PROPERTY]: writeCost(unitCost ?? null) }),
    // The deal says how it is billed; a line item would speak before it.
    ...withoutTerms,
    ...(currency === null ? {} : { [CURRENCY]: currency }),
  };
}

/** The id of a reference that the engine resolved to this connection. */
export function externalIdOf(reference: Reference): ExternalId {
  assert("externalId" in reference, "reference-unresolved");
  return reference.externalId;
}

function readLine(
  properties: Properties,
  connection: ConnectionId,
  currency: CurrencyCode,
): DocumentLine {
  const itemCurrency = readText(properties[CURRENCY]);
  if (itemCurrency !== null && itemCurrency !== currency) {
    throw new SyncError({ kind: "invalid-input", code: "currencies-differ" });
  }
  const quantity = readNumber(properties, QUANTITY);
  const unitPrice = readNumber(properties, PRICE);
  const discountRate = readRate(properties, unitPrice);
  const productId = readText(properties[PRODUCT_ID]);
  return {
    product:
      productId === null ? null : { connection, recordType: "product", externalId: productId },
    productCode: readText(properties[CODE_PROPERTY]),
    description: readText(properties[NAME]),
    quantity: formatDecimal(quantity),
    unitPrice: formatDecimal(unitPrice),
    discountRate: formatDecimal(discountRate),
    amount: amountOf(quantity, unitPrice, discountRate, currency),
    ...readExtras(properties),
  };
}

/** Tax code and cost, as far as their properties are there: null where blank. */
function readExtras(properties: Properties): Pick<DocumentLine, "taxCode" | "unitCost"> {
  const { [TAX_CODE_PROPERTY]: code, [COST_PROPERTY]: cost } = properties;
  const costText = readText(cost);
  return {
    ...(code === undefined ? {} : { taxCode: readText(code) }),
    ...(cost === undefined
      ? {}
      : { unitCost: costText === null ? null : normalizeDecimal(costText) }),
  };
}

function writeCost(unitCost: string | null): string {
  return unitCost === null ? "" : normalizeDecimal(unitCost);
}

function amountOf(
  quantity: Decimal,
  unitPrice: Decimal,
  discountRate: Decimal,
  currency: CurrencyCode,
): Money {
  const share = subtractDecimals(ONE, discountRate);
  const exact = multiplyDecimals(multiplyDecimals(quantity, unitPrice), share);
  return roundToMoney(exact, currency, "half-up");
}

function readNumber(properties: Properties, property: string): Decimal {
  const text = readText(properties[property]);
  if (text === null) throw new SyncError({ kind: "invalid-input", code: "line-incomplete" });
  return parseDecimal(text);
}

function readRate(properties: Properties, unitPrice: Decimal): Decimal {
  const percentage = parseDecimal(readText(properties[DISCOUNT_PERCENTAGE]) ?? "0");
  const discount = parseDecimal(readText(properties[UNIT_DISCOUNT]) ?? "0");
  if (discount.units === 0n) return { units: percentage.units, scale: percentage.scale + 2 };
  const rate = percentage.units === 0n ? divideExactly(discount, unitPrice) : undefined;
  if (rate !== undefined) return rate;
  throw new SyncError({
    kind: "invalid-input",
    code: "line-discount-unsupported",
    fix: "Give the line item's discount in HubSpot as a percentage.",
  });
}

function divideExactly(dividend: Decimal, divisor: Decimal): Decimal | undefined {
  if (divisor.units === 0n) return undefined;
  const denominator = divisor.units * 10n ** BigInt(dividend.scale);
  for (let scale = 0; scale <= RATE_DIGITS_MAX; scale += 1) {
    const numerator = dividend.units * 10n ** BigInt(divisor.scale + scale);
    if (numerator % denominator === 0n) return { units: numerator / denominator, scale };
  }
  return undefined;
}

function percentageOf(rate: string): string {
  return formatDecimal(multiplyDecimals(parseDecimal(rate), { units: 100n, scale: 0 }));
}

/** By the place on the quote where there is one, then by age. */
function comparePlaces(left: RemoteObject, right: RemoteObject): number {
  const places = [placeOf(left), placeOf(right)] as const;
  if (places[0] !== places[1]) return places[0] < places[1] ? -1 : 1;
  return left.id.length - right.id.length || (left.id < right.id ? -1 : 1);
}

function placeOf(item: RemoteObject): number {
  const text = readText(item.properties[POSITION]);
  return text === null || Number.isNaN(Number(text)) ? Number.POSITIVE_INFINITY : Number(text);
}
