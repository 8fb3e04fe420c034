/**
 * Line arithmetic of documents, as Xero documents it: every line is rounded to cents by itself, tax is
 * worked out per line and never on the total, all halves round away from zero.
 *
 *   line      = round2(quantity × unit × (1 − discount%))
 *   exclusive   tax = round2(line × rate)
 *   inclusive   tax = line − round2(line ÷ (1 + rate))
 */
import {
  divideHalfUp,
  MONEY_SCALE,
  PERCENT_SCALE,
  QUANTITY_SCALE,
  rounded,
  scaled,
  tenTo,
  textOf,
  UNIT_SCALE,
} from "./decimal.ts";
import { type Element, sentDecimal, sentText, tooLong } from "./element.ts";
import { findItemByCode, type UnitDecimals } from "./items.ts";
import { accountByCode, type Books } from "./organisation.ts";
import type { DocumentLine, LineAmountTypes } from "./records.ts";
import { percentOf, taxRateOf } from "./tax-rates.ts";

const DESCRIPTION_LENGTH_MAX = 4000;
const LINE_AMOUNT_MAX = scaled("9999999999.99", MONEY_SCALE);
const WHOLE_PERCENT = 100n * tenTo(PERCENT_SCALE);

export interface LineContext {
  /** Sold things take their defaults from an item's sales details, bought ones from its purchase details. */
  readonly isSale: boolean;
  /** What to say of a discount, where the document takes none. */
  readonly discountRefusal?: string;
  readonly lineAmountTypes: LineAmountTypes;
  readonly unitDecimals: UnitDecimals;
  /** Whether the document is leaving draft, when lines must be complete. */
  readonly isComplete: boolean;
  /** Line ids the document has now; a sent id outside of them is not kept. */
  readonly formerLineIds: ReadonlySet<string>;
}

export interface Totals {
  readonly SubTotal: string;
  readonly TotalTax: string;
  readonly Total: string;
}

/** One sent line with its defaults from the item and the account, and its amounts. */
export function readLine(
  books: Books,
  element: Element,
  context: LineContext,
  messages: string[],
): DocumentLine {
  const itemCode = sentText(element, "ItemCode") ?? "";
  const item = itemCode === "" ? undefined : findItemByCode(books, itemCode);
  if (itemCode !== "" && item === undefined) messages.push(`Item code '${itemCode}' is not valid`);
  const defaults = context.isSale ? item?.SalesDetails : item?.PurchaseDetails;
  const accountCode = sentText(element, "AccountCode") || (defaults?.AccountCode ?? "");
  const description =
    sentText(element, "Description") ||
    ((context.isSale ? item?.Description : item?.PurchaseDescription) ?? "");
  if (description === "" && item === undefined) messages.push("Description must be specified");
  if (description.length > DESCRIPTION_LENGTH_MAX) {
    messages.push(tooLong("Description", DESCRIPTION_LENGTH_MAX));
  }
  const sentId = sentText(element, "LineItemID")?.toLowerCase() ?? "";
  const identity = {
    LineItemID: context.formerLineIds.has(sentId) ? sentId : books.store.nextGuid(),
    Description: description,
    ItemCode: item?.Code ?? itemCode,
    AccountCode: accountCode,
  };
  const amounts = readAmounts(element, defaults?.UnitPrice, context, messages);
  if (amounts === undefined) {
    return {
      ...identity,
      TaxType: "NONE",
      LineAmount: "0.00",
      TaxAmount: "0.00",
      isTaxOverridden: false,
    };
  }
  const taxType = readTaxType(books, element, accountCode, defaults?.TaxType, context, messages);
  const sentTax = sentDecimal(element, "TaxAmount", MONEY_SCALE);
  return withTax(books, context.lineAmountTypes, {
    ...identity,
    ...amounts,
    TaxType: taxType,
    TaxAmount: textOf(sentTax ?? 0n, MONEY_SCALE),
    isTaxOverridden: sentTax !== undefined,
  });
}

/** The line with its tax worked out anew, or the caller's own tax kept where it was overridden. */
export function withTax(
  books: Books,
  lineAmountTypes: LineAmountTypes,
  line: DocumentLine,
): DocumentLine {
  if (lineAmountTypes === "NoTax") return { ...line, TaxAmount: "0.00", isTaxOverridden: false };
  if (line.isTaxOverridden || line.Quantity === undefined) return line;
  const taxRate = taxRateOf(books.organisation, line.TaxType);
  const percent = taxRate === undefined ? 0n : percentOf(taxRate);
  const amount = scaled(line.LineAmount, MONEY_SCALE);
  const tax =
    lineAmountTypes === "Exclusive"
      ? divideHalfUp(amount * percent, WHOLE_PERCENT)
      : amount - divideHalfUp(amount * WHOLE_PERCENT, WHOLE_PERCENT + percent);
  return { ...line, TaxAmount: textOf(tax, MONEY_SCALE) };
}

export function totalsOf(lines: readonly DocumentLine[], lineAmountTypes: LineAmountTypes): Totals {
  let amount = 0n;
  let tax = 0n;
  for (const line of lines) {
    amount += scaled(line.LineAmount, MONEY_SCALE);
    tax += scaled(line.TaxAmount, MONEY_SCALE);
  }
  const subTotal = lineAmountTypes === "Inclusive" ? amount - tax : amount;
  return {
    SubTotal: textOf(subTotal, MONEY_SCALE),
    TotalTax: textOf(tax, MONEY_SCALE),
    Total: textOf(subTotal + tax, MONEY_SCALE),
  };
}

/** What keeps a document with these lines from leaving draft. */
export function incompleteLines(lines: readonly DocumentLine[]): readonly string[] {
  return lines.some((line) => line.Quantity !== undefined && line.AccountCode === "")
    ? ["Account code must be specified"]
    : [];
}

type Amounts = Pick<
  DocumentLine,
  "Quantity" | "UnitAmount" | "DiscountRate" | "DiscountAmount" | "LineAmount"
>;

/** `undefined` for a line that is only a description. */
function readAmounts(
  element: Element,
  itemUnitPrice: string | undefined,
  context: LineContext,
  messages: string[],
): Amounts | undefined {
  const sentQuantity = sentDecimal(element, "Quantity", QUANTITY_SCALE);
  const sentUnit = sentDecimal(element, "UnitAmount", context.unitDecimals);
  const sentLine = sentDecimal(element, "LineAmount", MONEY_SCALE);
  const unitText = sentUnit === undefined ? itemUnitPrice : textOf(sentUnit, context.unitDecimals);
  if (sentQuantity === undefined && unitText === undefined && sentLine === undefined) {
    return undefined;
  }
  const quantity = sentQuantity ?? tenTo(QUANTITY_SCALE);
  const discount = readDiscount(element, context, messages);
  const isUnitMissing = unitText === undefined && sentLine !== undefined;
  const unit = isUnitMissing
    ? unitForLine(sentLine, quantity)
    : scaled(rounded(unitText ?? "0", context.unitDecimals), UNIT_SCALE);
  const expected = lineAmount(quantity, unit, discount);
  const amount = isUnitMissing ? sentLine : expected;
  if (sentLine !== undefined && sentLine !== amount) {
    messages.push(
      `The line total ${textOf(sentLine, MONEY_SCALE)} does not match the expected line total ${textOf(expected, MONEY_SCALE)}`,
    );
  }
  if (amount > LINE_AMOUNT_MAX || amount < -LINE_AMOUNT_MAX) {
    messages.push("The line amount is out of range");
  }
  return {
    Quantity: textOf(quantity, QUANTITY_SCALE),
    UnitAmount: textOf(unit, UNIT_SCALE),
    ...(discount.rate === 0n ? {} : { DiscountRate: textOf(discount.rate, PERCENT_SCALE) }),
    ...(discount.amount === 0n ? {} : { DiscountAmount: textOf(discount.amount, MONEY_SCALE) }),
    LineAmount: textOf(amount, MONEY_SCALE),
  };
}

interface Discount {
  /** Per cent in 10^-4 units. */
  readonly rate: bigint;
  /** Cents. */
  readonly amount: bigint;
}

function readDiscount(element: Element, context: LineContext, messages: string[]): Discount {
  const rate = sentDecimal(element, "DiscountRate", PERCENT_SCALE) ?? 0n;
  const amount = sentDecimal(element, "DiscountAmount", MONEY_SCALE) ?? 0n;
  if (rate < 0n || rate > WHOLE_PERCENT) messages.push("Discount rate must be between 0 and 100");
  if (rate !== 0n && amount !== 0n) {
    messages.push("Only one of DiscountRate and DiscountAmount can be specified");
  }
  if (context.discountRefusal !== undefined && (rate !== 0n || amount !== 0n)) {
    messages.push(context.discountRefusal);
  }
  return { rate, amount };
}

function lineAmount(quantity: bigint, unit: bigint, discount: Discount): bigint {
  const product = quantity * unit * (WHOLE_PERCENT - discount.rate);
  const productScale = QUANTITY_SCALE + UNIT_SCALE;
  const toMoney = tenTo(productScale - MONEY_SCALE) * WHOLE_PERCENT;
  return divideHalfUp(product, toMoney) - discount.amount;
}

function unitForLine(line: bigint, quantity: bigint): bigint {
  if (quantity === 0n) return 0n;
  return divideHalfUp(line * tenTo(UNIT_SCALE + QUANTITY_SCALE - MONEY_SCALE), quantity);
}

function readTaxType(
  books: Books,
  element: Element,
  accountCode: string,
  itemTaxType: string | undefined,
  context: LineContext,
  messages: string[],
): string {
  const account = accountByCode(books.organisation, accountCode);
  if (accountCode !== "" && (account === undefined || isReserved(account))) {
    messages.push(`Account code '${accountCode}' is not a valid code for this document.`);
  }
  if (accountCode === "" && context.isComplete) messages.push("Account code must be specified");
  if (context.lineAmountTypes === "NoTax") return "NONE";
  const taxType = sentText(element, "TaxType") || itemTaxType || account?.TaxType || "NONE";
  const taxRate = taxRateOf(books.organisation, taxType);
  if (taxRate === undefined) {
    messages.push(
      `The TaxType code '${taxType}' does not exist or cannot be used for this type of transaction.`,
    );
  } else if (account !== undefined && !taxRate.classes.includes(account.Class)) {
    messages.push(
      `The TaxType code '${taxType}' cannot be used with account code '${accountCode}'.`,
    );
  }
  return taxType;
}

function isReserved(account: { readonly Type: string; readonly SystemAccount?: string }): boolean {
  return account.Type === "BANK" || account.SystemAccount !== undefined;
}
