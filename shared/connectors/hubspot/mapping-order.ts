/** Orders are deals with their line items and their primary company. */
import type { ConnectionId, ExternalId } from "#shared/domain/identifiers.ts";
import { type CurrencyCode, type Money, parseCurrency, sum } from "#shared/domain/money.ts";
import {
  type DocumentLine,
  type Fields,
  type FieldValue,
  isLines,
  isMoney,
  isReference,
  type OrderStatus,
  type Reference,
} from "#shared/domain/records.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import {
  type FieldTable,
  ID_PROPERTY,
  inField,
  MERGED_IDS_PROPERTY,
  MODIFIED_PROPERTY,
  type Properties,
  type PropertyPatch,
  readDate,
  readFields,
  readText,
  writeFields,
  writeText,
} from "./mapping.ts";
import { billingTable, readBilling } from "./mapping-billing.ts";
import type { RemoteObject } from "./schema.ts";

/** Fields that are one property each; `total`, `currency`, billing and the rest have rules of their own. */
export const orderTable = {
  number: "tieout_order_number",
  dueOn: "tieout_due_on",
  taxTreatment: "tieout_tax_treatment",
  shipping: "tieout_shipping",
  exchangeRate: "tieout_exchange_rate",
  invoiceNumber: "tieout_invoice_number",
  invoiceStatus: "tieout_invoice_status",
  amountInvoiced: "tieout_amount_invoiced",
  amountTax: "tieout_amount_tax",
  amountCredited: "tieout_amount_credited",
  amountPaid: "tieout_amount_paid",
  amountWrittenOff: "tieout_amount_written_off",
  amountDue: "tieout_amount_due",
  revenue: "tieout_revenue",
  costOfSales: "tieout_cost_of_sales",
  grossProfit: "tieout_gross_profit",
  marginRate: "tieout_margin_rate",
  billingNotice: "tieout_billing_notice",
} as const satisfies FieldTable;

const totalTable = { total: "amount" } as const satisfies FieldTable;

export const NAME = "dealname";
const CLOSE_DATE = "closedate";
const CURRENCY = "deal_currency_code";
export const PIPELINE = "pipeline";
export const STAGE = "dealstage";

export const orderProperties: readonly string[] = [
  ...Object.values(orderTable),
  ...Object.values(billingTable),
  ...Object.values(totalTable),
  CLOSE_DATE,
  CURRENCY,
  PIPELINE,
  STAGE,
  ID_PROPERTY,
  MERGED_IDS_PROPERTY,
  MODIFIED_PROPERTY,
];

/** A company a deal is linked with, and how. */
export interface CompanyLink {
  readonly id: ExternalId;
  readonly typeIds: readonly string[];
}

/** HubSpot's own association types (developers.hubspot.com, associations v4, read 2026-11). */
export const associationTypes = {
  dealToLineItem: 19,
  lineItemToDeal: 20,
  dealToPrimaryCompany: 5,
  dealToCompany: 341,
} as const;

/** How a deal is linked with the company an order is for. */
export const companyTypes: readonly number[] = [
  associationTypes.dealToPrimaryCompany,
  associationTypes.dealToCompany,
];

/** The currency of a deal: its own, or where that is blank the account's. */
export function currencyOf(properties: Properties, home: CurrencyCode | null): CurrencyCode | null {
  const code = readText(properties[CURRENCY]);
  return code === null ? home : inField("currency", () => parseCurrency(code));
}

export function hasOwnCurrency(properties: Properties): boolean {
  return readText(properties[CURRENCY]) !== null;
}

/** The fields of a deal; the parts that are other objects come read. */
export function readOrder(
  dealId: ExternalId,
  properties: Properties,
  parts: {
    readonly customer: Reference | null;
    readonly status: OrderStatus;
    readonly currency: CurrencyCode;
    readonly lines: readonly DocumentLine[];
    readonly items: readonly RemoteObject[];
  },
): Fields {
  const fields = readFields("order", orderTable, properties, parts.currency);
  const orderedOn = inField("orderedOn", () => readDate(properties[CLOSE_DATE]));
  return {
    ...fields,
    ...readBilling(properties, parts.items, orderedOn),
    number: fields["number"] ?? `HS-${dealId}`,
    customer: parts.customer,
    status: parts.status,
    orderedOn,
    currency: parts.currency,
    lines: parts.lines,
    total:
      parts.lines.length > 0
        ? totalOf(parts.lines, fields["shipping"], parts.currency)
        : (readFields("order", totalTable, properties, parts.currency)["total"] ?? null),
  };
}

/**
 * The company an order is for: the primary one, or the only one. Throws `invalid-input`
 * (`customer-ambiguous`) for several of which none is primary: it is not for us to choose who pays.
 */
export function customerOf(
  links: readonly CompanyLink[],
  connection: ConnectionId,
): Reference | null {
  const primaryType = String(associationTypes.dealToPrimaryCompany);
  const primary = links.find((link) => link.typeIds.includes(primaryType));
  const chosen = primary ?? (links.length === 1 ? links[0] : undefined);
  if (chosen !== undefined) return { connection, recordType: "customer", externalId: chosen.id };
  if (links.length === 0) return null;
  throw new SyncError({
    kind: "invalid-input",
    code: "customer-ambiguous",
    field: "customer",
    fix: "Mark one of the deal's companies as primary in HubSpot.",
  });
}

/**
 * What is owed of the deal itself; stage, lines and company are written elsewhere. Lines that are
 * written say nothing of billing any more, so the deal is told of it with them.
 */
export function writeOrder(fields: Fields, record: Fields): PropertyPatch {
  const currency = textOf(fields["currency"] ?? record["currency"]);
  const lines = fields["lines"];
  const owed = { ...fields };
  if (isLines(lines)) {
    const { shipping, total } = { ...record, ...fields };
    if (owed["total"] === undefined) {
      owed["total"] = isMoney(total) ? total : totalOfAny(lines, shipping);
    }
    for (const field of Object.keys(billingTable)) {
      if (owed[field] === undefined) owed[field] = record[field];
    }
  }
  const table = { ...orderTable, ...billingTable, ...totalTable };
  const patch = writeFields("order", table, owed, currency);
  const orderedOn = fields["orderedOn"];
  if (orderedOn !== undefined) {
    const date = textOf(orderedOn);
    // A moment, not a date: noon in UTC is the same calendar day from -12 to +11 hours.
    patch[CLOSE_DATE] = date === null ? "" : `${date}T12:00:00.000Z`;
  }
  if (fields["currency"] !== undefined) patch[CURRENCY] = currency ?? "";
  return patch;
}

/** The name a person sees in the list of deals. */
export function writeOrderName(fields: Fields, record: Fields): PropertyPatch {
  const number = textOf(fields["number"] ?? record["number"]);
  return {
    [NAME]: inField("number", () => writeText(number === null ? "Order" : `Order ${number}`)),
  };
}

/**
 * What an answer to a write shows of the fields that were owed; `record` tells what an answer leaves
 * out. Throws as {@link readOrder} does.
 */
export function observeOrder(
  { fields: owed, record }: { readonly fields: Fields; readonly record: Fields },
  properties: Properties,
  parts: {
    readonly status: OrderStatus | undefined;
    readonly currency: CurrencyCode | null;
    readonly lines: readonly DocumentLine[] | undefined;
    readonly items: readonly RemoteObject[];
  },
): Fields {
  const { status, lines, items } = parts;
  const currency = currencyOf(properties, parts.currency);
  const table = { ...orderTable, ...(lines === undefined ? totalTable : {}) };
  const seen: Record<string, FieldValue> = readFields("order", table, properties, currency);
  if (properties[CLOSE_DATE] !== undefined) seen["orderedOn"] = readDate(properties[CLOSE_DATE]);
  Object.assign(seen, readBilling(properties, items, textOf(record["orderedOn"])));
  if (hasOwnCurrency(properties)) seen["currency"] = currency;
  if (status !== undefined) seen["status"] = status;
  if (isReference(owed["customer"])) seen["customer"] = owed["customer"];
  if (lines !== undefined) {
    seen["lines"] = lines;
    const shipping = seen["shipping"] === undefined ? record["shipping"] : seen["shipping"];
    if (lines.length > 0) seen["total"] = totalOfAny(lines, shipping) ?? null;
  }
  return Object.fromEntries(Object.entries(seen).filter(([field]) => owed[field] !== undefined));
}

function totalOf(
  lines: readonly DocumentLine[],
  shipping: FieldValue | undefined,
  currency: CurrencyCode,
): Money {
  const amounts = lines.map((line) => line.amount);
  return sum(isMoney(shipping) ? [...amounts, shipping] : amounts, currency);
}

function totalOfAny(
  lines: readonly DocumentLine[],
  shipping: FieldValue | undefined,
): Money | undefined {
  const [first] = lines;
  return first === undefined ? undefined : totalOf(lines, shipping, first.amount.currency);
}

function textOf(value: FieldValue | undefined): string | null {
  if (value === undefined || value === null) return null;
  assert(typeof value === "string", "field-value-unexpected");
  return value;
}
