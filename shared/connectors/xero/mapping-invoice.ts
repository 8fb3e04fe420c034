/** Invoices and Xero's documents of type ACCREC, both ways. */
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { parseCurrency } from "#shared/domain/money.ts";
import type { Fields, FieldValue, InvoiceStatus, ObservedRecord } from "#shared/domain/records.ts";
import { isReference } from "#shared/domain/records.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { fromLines, toLines } from "./mapping-lines.ts";
import {
  checkFilled,
  checkLength,
  checkNotCleared,
  lengthMax,
  lifeNotWritable,
} from "./refusals.ts";
import { invoiceSchema, type RawInvoice } from "./schema.ts";
import {
  type Completeness,
  dateOf,
  instantOf,
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

/**
 * A bill (ACCPAY) stands in the same list and is shown as excluded, with no fields. Voided and
 * deleted are statuses, so that they travel; the record stays live. Throws SyncError `invalid-input`
 * on an invoice that breaks its own shape, ZodError on another shape.
 */
export function toInvoice(
  element: unknown,
  completeness: Completeness,
  connection: ConnectionId,
): ObservedRecord {
  const raw = invoiceSchema.parse(element);
  const isBill = raw.Type !== "ACCREC";
  return {
    recordType: "invoice",
    externalId: raw.InvoiceID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    life: "live",
    ...(isBill ? { excluded: "bill" } : {}),
    fields: isBill ? {} : invoiceFields(raw, completeness, connection),
  };
}

/**
 * The invoice as it is sent; `undefined` where nothing that Xero holds is owed. A new one is a draft
 * without tax: what tax applies is decided in Xero, by whoever approves it. Lines are sent only when
 * they are owed, and then all of them, since Xero drops those left out. One that is to be deleted is
 * sent nothing else: whatever else is owed ends with it.
 */
export function fromInvoice(write: RemoteWrite, salesAccountCode: string) {
  const { fields, externalId } = write;
  if (write.life !== undefined) throw new SyncError(lifeNotWritable);
  checkStatus(write);
  if (externalId !== undefined && isDeletion(write)) {
    return { InvoiceID: externalId, Type: "ACCREC", Status: "DELETED" };
  }
  checkInvoice(write);
  const changes = {
    ...(isReference(fields["customer"])
      ? { Contact: { ContactID: contactIdOf(fields["customer"]) } }
      : {}),
    ...(fields["reference"] === undefined ? {} : { Reference: sentText(fields["reference"]) }),
    ...(typeof fields["issuedOn"] === "string" ? { Date: fields["issuedOn"] } : {}),
    ...(typeof fields["dueOn"] === "string" ? { DueDate: fields["dueOn"] } : {}),
    ...(typeof fields["currency"] === "string" ? { CurrencyCode: fields["currency"] } : {}),
    ...(fields["lines"] === undefined
      ? {}
      : { LineItems: fromLines(fields["lines"], salesAccountCode) }),
  };
  if (externalId !== undefined) {
    const isEmpty = Object.keys(changes).length === 0;
    return isEmpty ? undefined : { InvoiceID: externalId, Type: "ACCREC", ...changes };
  }
  const { reference, customer } = invoiceKeyOf(write);
  return {
    Type: "ACCREC",
    Status: "DRAFT",
    LineAmountTypes: "NoTax",
    ...changes,
    Reference: reference,
    Contact: { ContactID: customer },
  };
}

/** A draft that is to be withdrawn. */
export function isDeletion({ fields, externalId }: RemoteWrite): boolean {
  return externalId !== undefined && fields["status"] === "deleted";
}

/** What an invoice of ours is found by again: the order's number on it, and the contact's id. */
export function invoiceKeyOf(write: RemoteWrite): { reference: string; customer: string } {
  const reference = write.fields["reference"] ?? write.record["reference"];
  const customer = write.fields["customer"] ?? write.record["customer"];
  checkFilled(reference, "reference");
  checkFilled(customer, "customer");
  return { reference: sentText(reference), customer: contactIdOf(customer) };
}

/** Throws SyncError `rejected` (`status-not-writable`) for what only a person may do in Xero. */
function checkStatus(write: RemoteWrite): void {
  const { status } = write.fields;
  const isNewDraft = write.externalId === undefined && (status === "draft" || status === null);
  if (status === undefined || isNewDraft || isDeletion(write)) return;
  throw new SyncError({
    kind: "rejected",
    code: "status-not-writable",
    field: "status",
    fix: "Change the status of the invoice in Xero.",
  });
}

function checkInvoice({ fields, externalId }: RemoteWrite): void {
  checkLength(fields["reference"], "reference", lengthMax.reference);
  if (externalId === undefined) return;
  for (const field of ["customer", "issuedOn", "dueOn", "currency", "lines"]) {
    checkNotCleared(fields[field], field);
  }
}

function invoiceFields(
  raw: RawInvoice,
  completeness: Completeness,
  connection: ConnectionId,
): Fields {
  const status = statuses.get(raw.Status);
  if (status === undefined) throw unreadable("value-unknown", "Status");
  const currency = named("CurrencyCode", () => parseCurrency(raw.CurrencyCode));
  const customer = textOf(raw.Contact?.ContactID, completeness);
  return {
    number: textOf(raw.InvoiceNumber, completeness),
    reference: textOf(raw.Reference, completeness),
    customer:
      typeof customer === "string"
        ? { connection, recordType: "customer", externalId: customer }
        : customer,
    status,
    issuedOn: dateOf(raw.Date, "Date", completeness),
    dueOn: dateOf(raw.DueDate, "DueDate", completeness),
    currency,
    lines: raw.LineItems ? toLines(raw.LineItems, currency, connection) : undefined,
    subtotal: moneyOf(raw.SubTotal, currency, "SubTotal"),
    tax: moneyOf(raw.TotalTax, currency, "TotalTax"),
    total: moneyOf(raw.Total, currency, "Total"),
    amountPaid: moneyOf(raw.AmountPaid, currency, "AmountPaid"),
    amountCredited: moneyOf(raw.AmountCredited, currency, "AmountCredited"),
    amountDue: moneyOf(raw.AmountDue, currency, "AmountDue"),
  };
}

function contactIdOf(value: FieldValue | undefined): string {
  assert(isReference(value) && "externalId" in value, "reference-unresolved");
  return value.externalId;
}
