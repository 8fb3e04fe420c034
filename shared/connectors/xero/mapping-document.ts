/** What invoices and credit notes of Xero have in common, both ways. */
import { formatDecimal, parseDecimal, roundDecimal } from "#shared/domain/decimal.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import {
  type Fields,
  type FieldValue,
  type InvoiceStatus,
  isReference,
  type TaxTreatment,
  taxTreatments,
} from "#shared/domain/records.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import { fromLines, toLines } from "./mapping-lines.ts";
import { checkFilled, checkLength, checkNotCleared, lengthMax } from "./refusals.ts";
import type { RawDocument } from "./schema.ts";
import {
  type Completeness,
  dateOf,
  decimalOf,
  exactNumber,
  moneyOf,
  named,
  sentText,
  textOf,
  unreadable,
} from "./wire.ts";

const statuses: ReadonlyMap<string, InvoiceStatus> = new Map([
  ["DRAFT", "draft"],
  ["SUBMITTED", "submitted"],
  ["AUTHORISED", "issued"],
  ["PAID", "paid"],
  ["VOIDED", "void"],
  ["DELETED", "deleted"],
]);

const lineAmountTypes: Readonly<Record<TaxTreatment, string>> = {
  exclusive: "Exclusive",
  inclusive: "Inclusive",
  none: "NoTax",
};

/** Xero's own digits of a rate, and ours of its reciprocal: any rate below a million comes back. */
const CURRENCY_RATE_DIGITS = 6;
const RECIPROCAL_DIGITS = 18;

/** Throws SyncError `invalid-input` on a document that breaks its own shape. */
export function documentFields(raw: RawDocument, completeness: Completeness, books: Books) {
  const status = statuses.get(raw.Status);
  if (status === undefined) throw unreadable("value-unknown", "Status");
  const currency = named("CurrencyCode", () => parseCurrency(raw.CurrencyCode));
  const treatment = treatmentOf(raw.LineAmountTypes);
  return {
    reference: textOf(raw.Reference, completeness),
    customer: contactOf(raw.Contact, completeness, books),
    status,
    issuedOn: dateOf(raw.Date, "Date", completeness),
    currency,
    exchangeRate: exchangeRateOf(raw.CurrencyRate),
    taxTreatment: treatment,
    lines: raw.LineItems ? toLines(raw.LineItems, currency, { books, treatment }) : undefined,
    subtotal: moneyOf(raw.SubTotal, currency, "SubTotal"),
    tax: moneyOf(raw.TotalTax, currency, "TotalTax"),
    total: moneyOf(raw.Total, currency, "Total"),
  };
}

/** The contact of a document or payment as a reference to the customer. */
export function contactOf(
  contact: RawDocument["Contact"],
  completeness: Completeness,
  { connection }: Pick<Books, "connection">,
): FieldValue | undefined {
  const externalId = textOf(contact?.ContactID, completeness);
  if (typeof externalId !== "string") return externalId;
  return { connection, recordType: "customer", externalId };
}

/**
 * What of a document is sent, but its number and type. Lines and tax treatment say what the other
 * means, so where one is owed both go; and then all lines, since Xero drops those left out. A new
 * document is a draft, without tax where nobody said how it is taxed.
 */
export function documentChanges(
  write: RemoteWrite,
  { books, takesDiscounts }: { readonly books: Books; readonly takesDiscounts: boolean },
) {
  const { fields, record, externalId } = write;
  const isNew = externalId === undefined;
  const key = isNew ? documentKeyOf(write) : undefined;
  checkDocument(write);
  const owesLines = fields["lines"] !== undefined || fields["taxTreatment"] !== undefined;
  const known = treatmentIn(fields["taxTreatment"] ?? record["taxTreatment"]);
  const treatment = known ?? (isNew ? "none" : undefined);
  const lines = owesLines ? (fields["lines"] ?? record["lines"]) : undefined;
  const customer = key?.customer ?? idOfReference(fields["customer"]);
  return {
    ...(isNew ? { Status: "DRAFT" } : {}),
    ...((isNew || owesLines) && treatment !== undefined
      ? { LineAmountTypes: lineAmountTypes[treatment] }
      : {}),
    ...(customer === undefined ? {} : { Contact: { ContactID: customer } }),
    ...textFrom("Reference", key?.reference ?? fields["reference"]),
    ...filledTextFrom("Date", fields["issuedOn"]),
    ...filledTextFrom("CurrencyCode", fields["currency"]),
    ...(typeof fields["exchangeRate"] === "string"
      ? { CurrencyRate: currencyRateFrom(fields["exchangeRate"]) }
      : {}),
    ...(lines === undefined || lines === null
      ? {}
      : { LineItems: fromLines(lines, { books, treatment, takesDiscounts }) }),
  };
}

/** A draft that is to be withdrawn. */
export function isDeletion({ fields, externalId }: RemoteWrite): boolean {
  return externalId !== undefined && fields["status"] === "deleted";
}

/** What a document of ours is found by again: the order's number on it, and the contact's id. */
export function documentKeyOf(write: RemoteWrite): { reference: string; customer: string } {
  const reference = write.fields["reference"] ?? write.record["reference"];
  const customer = write.fields["customer"] ?? write.record["customer"];
  checkFilled(reference, "reference");
  checkFilled(customer, "customer");
  const contactId = idOfReference(customer);
  assert(contactId !== undefined, "reference-unresolved");
  return { reference: sentText(reference), customer: contactId };
}

/** Throws SyncError `rejected` (`status-not-writable`) for what only a person may do in Xero. */
export function checkStatus(write: RemoteWrite): void {
  const { status } = write.fields;
  const isNewDraft = write.externalId === undefined && (status === "draft" || status === null);
  if (status === undefined || isNewDraft || isDeletion(write)) return;
  throw new SyncError({
    kind: "rejected",
    code: "status-not-writable",
    field: "status",
    fix: "Change the status of the document in Xero.",
  });
}

/** Whether what is left of a document says anything: nothing does of what was withdrawn. */
export function hasEnded(status: FieldValue | undefined): boolean {
  return status === "void" || status === "deleted";
}

function checkDocument({ fields, externalId }: RemoteWrite): void {
  checkLength(fields["reference"], "reference", lengthMax.reference);
  if (externalId === undefined) return;
  for (const field of ["customer", "issuedOn", "currency", "taxTreatment", "lines"]) {
    checkNotCleared(fields[field], field);
  }
  // In another currency Xero takes the rate of the day by itself.
  if (fields["currency"] === undefined) checkNotCleared(fields["exchangeRate"], "exchangeRate");
}

/** `undefined` where the answer does not say, which no answer in full does. */
function treatmentOf(type: string | null | undefined): TaxTreatment | undefined {
  if (type === undefined || type === null || type === "") return undefined;
  const treatment = taxTreatments.find((known) => lineAmountTypes[known] === type);
  if (treatment === undefined) throw unreadable("value-unknown", "LineAmountTypes");
  return treatment;
}

function treatmentIn(value: FieldValue | undefined): TaxTreatment | undefined {
  return taxTreatments.find((known) => known === value);
}

/**
 * Xero's rate is what one of the books' currency buys of the document's; ours is what one of the
 * document's is worth in the books' currency, so each is the other's reciprocal.
 */
function exchangeRateOf(value: string | null | undefined): string | undefined {
  const rate = decimalOf(value, "CurrencyRate");
  return rate === undefined || rate === "0" ? undefined : reciprocalOf(rate, RECIPROCAL_DIGITS);
}

/** Throws SyncError `rejected` (`exchange-rate-unsuitable`) for what Xero cannot hold as a rate. */
function currencyRateFrom(exchangeRate: string): object {
  const isPositive = parseDecimal(exchangeRate).units > 0n;
  const rate = isPositive ? reciprocalOf(exchangeRate, CURRENCY_RATE_DIGITS) : "0";
  if (rate !== "0") return exactNumber(rate);
  throw new SyncError({
    kind: "rejected",
    code: "exchange-rate-unsuitable",
    field: "exchangeRate",
    fix: "Correct the exchange rate: how many of the books' currency one of the document's is worth.",
  });
}

function reciprocalOf(text: string, digits: number): string {
  const { units, scale } = parseDecimal(text);
  const guarded = { units: 10n ** BigInt(scale + digits + 1) / units, scale: digits + 1 };
  return formatDecimal({ units: roundDecimal(guarded, digits, "half-up"), scale: digits });
}

function textFrom(name: string, value: FieldValue | undefined): Fields {
  return value === undefined ? {} : { [name]: sentText(value) };
}

/** A blank of these is refused for what is there, and left out of what is new. */
export function filledTextFrom(name: string, value: FieldValue | undefined): Fields {
  return typeof value === "string" ? { [name]: value } : {};
}

function idOfReference(value: FieldValue | undefined): string | undefined {
  if (!isReference(value)) return undefined;
  assert("externalId" in value, "reference-unresolved");
  return value.externalId;
}
