/**
 * What the goods on an invoice or a credit note cost the company: for each line quantity times what one
 * cost, rounded half-up to the document's minor unit, and the sum of the lines. Where the cost of one
 * line is not known, that of the document is not: a part of it would be taken for all.
 */
import { type Decimal, divideRounded, multiplyDecimals, parseDecimal } from "./decimal.ts";
import { type CurrencyCode, type Money, minorDigitsOf, money, sum, zero } from "./money.ts";
import { type DocumentLine, type Fields, isLines } from "./records.ts";

/** Where a line's own cost is missing, it is looked for here, in this order. */
export interface CostSources {
  /** The lines of the document's order, freight among them. */
  readonly orderLines: readonly DocumentLine[];
  /**
   * What one costs, by canonical id and by code of the product: exact decimal text in the currency of
   * the books.
   */
  readonly unitCosts: ReadonlyMap<string, string>;
}

/** Null where it is not known. */
export function costOfSales(document: Fields, sources: CostSources): Money | null {
  const { lines } = document;
  if (!isLines(lines)) return null;
  const [first] = lines;
  if (first === undefined) return null;
  const costs: Money[] = [];
  for (const line of lines) {
    const cost = costOfLine(line, document, sources);
    if (cost === null) return null;
    costs.push(cost);
  }
  return sum(costs, first.amount.currency);
}

/** The first line whose cost is not known for want of its product's. */
export function lineWithoutCost(document: Fields, sources: CostSources): DocumentLine | undefined {
  const lines = isLines(document["lines"]) ? document["lines"] : [];
  return lines.find((line) => {
    const isKnown = costOfLine(line, document, sources) !== null;
    return !isKnown && productCost(line, sources) === undefined;
  });
}

function costOfLine(line: DocumentLine, document: Fields, sources: CostSources): Money | null {
  const { currency } = line.amount;
  const quantity = parseDecimal(line.quantity);
  if (quantity.units === 0n) return zero(currency);
  const ordered = sources.orderLines.filter(
    (one) => one.amount.currency === currency && isSameGoods(one, line),
  );
  const unitCost = line.unitCost ?? agreedCost(ordered);
  if (typeof unitCost === "string") return timesUnitCost(quantity, unitCost, one, currency);
  // Freight has no cost of goods, unless somebody entered one.
  if ([line, ...ordered].some(({ role }) => role === "shipping")) return zero(currency);
  const ofProduct = productCost(line, sources);
  const { exchangeRate } = document;
  if (ofProduct === undefined || typeof exchangeRate !== "string") return null;
  const rate = parseDecimal(exchangeRate);
  return rate.units <= 0n ? null : timesUnitCost(quantity, ofProduct, rate, currency);
}

const one: Decimal = { units: 1n, scale: 0 };

/** `rate`: how many of the cost's currency one of the document's is worth. */
function timesUnitCost(
  quantity: Decimal,
  unitCost: string,
  rate: Decimal,
  currency: CurrencyCode,
): Money {
  const { units, scale } = multiplyDecimals(quantity, parseDecimal(unitCost));
  const dividend = units * 10n ** BigInt(minorDigitsOf(currency) + rate.scale);
  const divisor = rate.units * 10n ** BigInt(scale);
  return money(divideRounded(dividend, divisor, "half-up"), currency);
}

/** Undefined where an order sells the same goods at two costs: nobody can tell which of them it is. */
function agreedCost(ordered: readonly DocumentLine[]): string | undefined {
  const costs = new Set(ordered.map(({ unitCost }) => unitCost));
  const [only] = costs;
  return costs.size === 1 ? (only ?? undefined) : undefined;
}

function isSameGoods(left: DocumentLine, right: DocumentLine): boolean {
  const [leftId, rightId] = [productIdOf(left), productIdOf(right)];
  if (leftId !== undefined && rightId !== undefined) return leftId === rightId;
  if (left.productCode !== null || right.productCode !== null) {
    return left.productCode === right.productCode;
  }
  return leftId === rightId && left.description === right.description;
}

function productCost(line: DocumentLine, { unitCosts }: CostSources): string | undefined {
  const id = productIdOf(line);
  const byId = id === undefined ? undefined : unitCosts.get(id);
  return byId ?? (line.productCode === null ? undefined : unitCosts.get(line.productCode.trim()));
}

function productIdOf({ product }: DocumentLine): string | undefined {
  return product !== null && "canonicalId" in product ? product.canonicalId : undefined;
}
