/**
 * Rows of a snapshot from records as a side showed them. A row holds what that side says and no more: an
 * order's own lines and what it shows of its billing; an invoice's amounts as the books worked them out.
 * Pure; nothing here knows the mapping table, which the tie-out is to prove.
 */
import { snapshotSides } from "#shared/config/snapshot-schema.ts";
import { settlementOf } from "../allocations.ts";
import type { BankRow } from "../bank-rows.ts";
import { orderNumberIn } from "../document-reference.ts";
import { canonicalIdOf } from "../fingerprint.ts";
import {
  type ConnectionId,
  type ExternalId,
  externalRefKey,
  isOneOf,
  type RecordType,
} from "../identifiers.ts";
import { add, negate, sum, zero } from "../money.ts";
import {
  type Fields,
  type FieldValue,
  isAllocations,
  isLines,
  isMoney,
  isReference,
  type ObservedRecord,
} from "../records.ts";
import { assert } from "../sync-error.ts";
import { exclusionRules } from "./classes.ts";
import type { SnapshotRecordType, SnapshotRow, SnapshotSide } from "./snapshot-row.ts";

/** Which record of which side the tie-out compares as what. The books' invoice stands against the order. */
const placeOfType: Readonly<Record<RecordType, SnapshotRecordType>> = {
  customer: "customer",
  product: "product",
  order: "document",
  invoice: "document",
  creditNote: "credit-note",
  payment: "payment",
};

/** Records that could not be read are rows too, by this rule; none is left out. */
const unreadableRule = "unreadable";

/** The side that a connection is; throws `bug` for one that the tie-out does not know. */
export function sideOfConnection(connection: ConnectionId): SnapshotSide {
  assert(isOneOf(snapshotSides, connection), "snapshot-side-unknown");
  return connection;
}

export function snapshotTypeOf(recordType: RecordType): SnapshotRecordType {
  return placeOfType[recordType];
}

/**
 * The row of a record. `matchKeyOf` gives the record's first exact key by its flow, where it has one.
 * Dates and amounts of what is excluded stay: they are in the side's totals, under its rule.
 */
export function snapshotRowOf(
  side: SnapshotSide,
  record: ObservedRecord,
  matchKeyOf: (fields: Fields) => string | undefined = () => undefined,
): SnapshotRow {
  const { recordType, externalId, fields } = record;
  const name = { connection: side, recordType, externalId };
  const newcomerId = canonicalIdOf(recordType, externalRefKey(name));
  return {
    ...blank(side, externalId),
    registered_id: record.registeredId ?? newcomerId,
    match_key: matchKeyOf(fields) ?? null,
    changed_at_ms: BigInt(record.version),
    excluded_by: record.excluded ?? null,
    ...ofType[recordType](fields, side, externalId),
    ...(record.life === "live" ? {} : { status: record.life }),
  };
}

/** The row of a record that could not be read: its id is all that is known. */
export function unreadableRow(side: SnapshotSide, externalId: ExternalId): SnapshotRow {
  return { ...blank(side, externalId), excluded_by: unreadableRule };
}

/** A payment on a bank's statement; its key is the document that it names, where it names one. */
export function bankRowOf(row: BankRow): SnapshotRow {
  return { ...blank("bank", row.external_id), ...row };
}

type Part = Partial<SnapshotRow>;

const ofType: Readonly<
  Record<RecordType, (fields: Fields, side: SnapshotSide, externalId: ExternalId) => Part>
> = {
  customer: () => ({ status: "live" }),
  product: (fields) => ({ ...keyOf(fields["code"]), status: "live" }),
  order: orderPart,
  invoice: invoicePart,
  creditNote: creditNotePart,
  payment: paymentPart,
};

/**
 * What an order says: its own lines, and the billing that it shows. An order that is billed again and
 * again shows no single sum of what is to be billed; of it only the billing is compared.
 */
function orderPart(fields: Fields): Part {
  const ordered = isBilledOften(fields) ? undefined : orderedOf(fields);
  const treatment = textOf(fields["taxTreatment"]);
  const tax = minorOf(fields["amountTax"]);
  const invoiced = minorOf(fields["amountInvoiced"]);
  const isNet = treatment !== "inclusive";
  const isWhole = treatment === "inclusive" || treatment === "none";
  const invoicedNet = invoiced === null || tax === null ? null : invoiced - tax;
  const orderedNet = isNet ? ordered : tax === null ? undefined : less(ordered, tax);
  const orderStatus = textOf(fields["status"]);
  return {
    ...keyOf(fields["number"]),
    ...documentPart(fields, "orderedOn", fields["invoiceNumber"]),
    tax_treatment: treatment,
    ordered_minor: ordered ?? null,
    net_minor: orderedNet ?? invoicedNet,
    tax_minor: tax,
    gross_minor: invoiced ?? (isWhole ? (ordered ?? null) : null),
    credited_minor: minorOf(fields["amountCredited"]),
    paid_minor: minorOf(fields["amountPaid"]),
    open_minor: minorOf(fields["amountDue"]),
    status: orderStatus === "won" ? (textOf(fields["invoiceStatus"]) ?? "unbilled") : orderStatus,
  };
}

/** A deposit that was used is paid here as it is there, and a loss is not, whatever the books count them as. */
function invoicePart(fields: Fields): Part {
  const { total, amountPaid, amountCredited } = fields;
  const isShown = isMoney(amountPaid) && isMoney(amountCredited);
  const settled = isShown && isMoney(total) ? settlementOf(fields, total) : undefined;
  return {
    ...referencePart(fields),
    ...documentPart(fields, "issuedOn", fields["number"]),
    ...amountPart(fields),
    credited_minor: minorOf(settled?.credited ?? amountCredited),
    paid_minor: minorOf(settled?.paid ?? amountPaid),
    open_minor: minorOf(fields["amountDue"]),
  };
}

function creditNotePart(fields: Fields): Part {
  return {
    ...referencePart(fields),
    ...documentPart(fields, "issuedOn", fields["number"]),
    ...amountPart(fields),
    document_external_id: externalIdOf(fields["invoice"]),
    credited_minor: besideInvoicesOf(fields),
    open_minor: minorOf(fields["amountOpen"]),
  };
}

/** What a credit note has beside what invoices took of it: open still, or paid back. */
function besideInvoicesOf({ total, allocations, amountOpen }: Fields): bigint | null {
  if (!isMoney(total)) return null;
  if (!isAllocations(allocations)) return minorOf(amountOpen);
  const used = allocations.filter(({ kind }) => kind === "credit-note");
  const taken = used.reduce((sofar, { amount }) => sofar + amount.minor, 0n);
  return total.minor - taken;
}

/** Money that went back to a customer is below zero. What was written off is none. */
function paymentPart(fields: Fields): Part {
  const { amount } = fields;
  const isOut = fields["kind"] === "refund";
  const signed = isMoney(amount) ? (isOut ? negate(amount) : amount) : undefined;
  return {
    ...(textOf(fields["reference"]) === null ? {} : keyOf(fields["reference"])),
    customer_external_id: externalIdOf(fields["customer"]),
    document_external_id: externalIdOf(isOut ? fields["creditNote"] : fields["invoice"]),
    document_date: textOf(fields["paidOn"]),
    currency: signed?.currency ?? null,
    gross_minor: signed?.minor ?? null,
    open_minor: minorOf(fields["amountOpen"]),
    status: textOf(fields["status"]),
    ...(fields["kind"] === "write-off" ? { excluded_by: exclusionRules.writtenOff } : {}),
  };
}

function documentPart(fields: Fields, dateField: string, number: FieldValue | undefined): Part {
  return {
    customer_external_id: externalIdOf(fields["customer"]),
    document_number: textOf(number),
    document_date: textOf(fields[dateField]),
    currency: textOf(fields["currency"]),
    status: textOf(fields["status"]),
  };
}

function amountPart(fields: Fields): Part {
  return {
    tax_treatment: textOf(fields["taxTreatment"]),
    net_minor: minorOf(fields["subtotal"]),
    tax_minor: minorOf(fields["tax"]),
    gross_minor: minorOf(fields["total"]),
  };
}

function referencePart(fields: Fields): Part {
  const reference = textOf(fields["reference"])?.trim() ?? "";
  return { ...keyOf(reference), order_number: orderNumberIn(reference) ?? null };
}

/** Nothing where the text is blank, so that the record goes by its own id. */
function keyOf(value: FieldValue | undefined): Part {
  const key = textOf(value)?.trim() ?? "";
  return key === "" ? {} : { record_key: key };
}

function isBilledOften(fields: Fields): boolean {
  const period = textOf(fields["billingPeriod"]);
  return period !== null && period !== "once";
}

/** Undefined where the order has no lines: then nobody said what it comes to. */
function orderedOf(fields: Fields): bigint | undefined {
  const { lines, shipping, currency } = fields;
  if (!isLines(lines) || lines.length === 0 || typeof currency !== "string") return undefined;
  const goods = sum(
    lines.map((line) => line.amount),
    currency,
  );
  return add(goods, isMoney(shipping) ? shipping : zero(currency)).minor;
}

function less(whole: bigint | undefined, part: bigint): bigint | undefined {
  return whole === undefined ? undefined : whole - part;
}

function minorOf(value: FieldValue | undefined): bigint | null {
  return isMoney(value) ? value.minor : null;
}

function textOf(value: FieldValue | undefined): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function externalIdOf(value: FieldValue | undefined): ExternalId | null {
  return isReference(value) && "externalId" in value ? value.externalId : null;
}

function blank(side: SnapshotSide, externalId: ExternalId): SnapshotRow {
  return {
    record_key: `${side}:${externalId}`,
    order_number: null,
    external_id: externalId,
    registered_id: null,
    match_key: null,
    customer_external_id: null,
    document_external_id: null,
    document_number: null,
    document_date: null,
    currency: null,
    tax_treatment: null,
    ordered_minor: null,
    net_minor: null,
    tax_minor: null,
    gross_minor: null,
    credited_minor: null,
    paid_minor: null,
    open_minor: null,
    status: null,
    changed_at_ms: 0n,
    excluded_by: null,
  };
}
