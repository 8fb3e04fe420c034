/** The resources we use, as a table: where they are, how one is read, how one is sent. */

import * as z from "zod";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, UnreadableRecord } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import type { Envelope, Query } from "./client.ts";
import { withCustomFields, withCustomTexts } from "./custom-places.ts";
import { unreadableAnswer } from "./errors.ts";
import { fromCreditNote, toCreditNote } from "./mapping-credit-note.ts";
import { fromCustomer, toCustomer } from "./mapping-customer.ts";
import { toOverpayment, toPrepayment } from "./mapping-deposit.ts";
import { fromInvoice, toInvoice } from "./mapping-invoice.ts";
import { toPayment } from "./mapping-payment.ts";
import { fromProduct, toProduct } from "./mapping-product.ts";
import type { Completeness } from "./wire.ts";

export interface Resource {
  readonly recordType: RecordType;
  /** The path, and the name of the list in answers and bodies. */
  readonly plural: string;
  readonly idField: string;
  readonly isPaged: boolean;
  /**
   * How some of it are read by id: all from the one list there is, many in a call by `IDs`, or each
   * under a path of its own.
   */
  readonly byId: "list" | "ids" | "path";
  /** What a list of changes is asked for: ours among all there are. */
  readonly filter: Query;
  /** Goes with every read and write of the resource. */
  readonly query: Query;
  readonly toRecord: (element: unknown, completeness: Completeness, books: Books) => ObservedRecord;
  /** `undefined` where nothing of what is owed is Xero's. Absent: read only. */
  readonly fromWrite?: (write: RemoteWrite, books: Books) => object | undefined;
}

/** Unit prices with four digits; the resources that do not know the parameter are not sent it. */
const FOUR_DIGITS: Query = [["unitdp", "4"]];

/** Archived contacts are left out of lists unless asked for. */
export const ARCHIVED_TOO: Query = [["includeArchived", "true"]];

const customers: Resource = {
  recordType: "customer",
  plural: "Contacts",
  idField: "ContactID",
  isPaged: true,
  byId: "ids",
  filter: ARCHIVED_TOO,
  query: [],
  toRecord: toCustomer,
  fromWrite: fromCustomer,
};

const products: Resource = {
  recordType: "product",
  plural: "Items",
  idField: "ItemID",
  isPaged: false,
  byId: "list",
  filter: [],
  query: FOUR_DIGITS,
  toRecord: toProduct,
  fromWrite: fromProduct,
};

const invoices: Resource = {
  recordType: "invoice",
  plural: "Invoices",
  idField: "InvoiceID",
  isPaged: true,
  byId: "ids",
  filter: [["where", 'Type=="ACCREC"']],
  query: FOUR_DIGITS,
  toRecord: toInvoice,
  fromWrite: fromInvoice,
};

const creditNotes: Resource = {
  recordType: "creditNote",
  plural: "CreditNotes",
  idField: "CreditNoteID",
  isPaged: true,
  byId: "path",
  filter: [["where", 'Type=="ACCRECCREDIT"']],
  query: FOUR_DIGITS,
  toRecord: toCreditNote,
  fromWrite: fromCreditNote,
};

const payments: Resource = {
  recordType: "payment",
  plural: "Payments",
  idField: "PaymentID",
  isPaged: true,
  byId: "path",
  filter: [],
  query: [],
  toRecord: (element, _completeness, books) => toPayment(element, books),
};

const prepayments: Resource = {
  ...payments,
  plural: "Prepayments",
  idField: "PrepaymentID",
  toRecord: (element, _completeness, books) => toPrepayment(element, books),
};

const overpayments: Resource = {
  ...payments,
  plural: "Overpayments",
  idField: "OverpaymentID",
  toRecord: (element, _completeness, books) => toOverpayment(element, books),
};

/** A record type stands in one list, but payments: money ahead of an invoice, or on top, has its own. */
const resources: Readonly<Partial<Record<RecordType, readonly [Resource, ...Resource[]]>>> = {
  customer: [customers],
  product: [products],
  invoice: [invoices],
  creditNote: [creditNotes],
  payment: [payments, prepayments, overpayments],
};

export const unsupported: Failure = {
  kind: "rejected",
  code: "record-type-unsupported",
  fix: "Leave this record type to another connection: the flow must not name Xero for it.",
};

/**
 * The resources of a record type, with the places of the company's custom fields on them. Throws
 * SyncError `rejected` (`record-type-unsupported`) for what the definition does not name.
 */
export function resourcesOf(
  recordType: RecordType,
  places: readonly CustomPlace[] = [],
): readonly [Resource, ...Resource[]] {
  const known = resources[recordType];
  if (known === undefined) throw new SyncError(unsupported);
  if (places.length === 0) return known;
  const [first, ...others] = known;
  return [withPlaces(first, places), ...others.map((resource) => withPlaces(resource, places))];
}

/** The resource of a record type, and the first of those that have several. */
export function resourceOf(recordType: RecordType, places: readonly CustomPlace[] = []): Resource {
  return resourcesOf(recordType, places)[0];
}

function withPlaces(resource: Resource, places: readonly CustomPlace[]): Resource {
  const { recordType, toRecord, fromWrite } = resource;
  return {
    ...resource,
    toRecord: (element, completeness, books) => {
      const record = toRecord(element, completeness, books);
      return withCustomFields(record, element, places, completeness);
    },
    ...(fromWrite === undefined
      ? {}
      : {
          fromWrite: (write, books) =>
            withCustomTexts(fromWrite(write, books), write, recordType, places),
        }),
  };
}

/** The elements of an answer. Throws SyncError `retryable` where the list is not there. */
export function elementsOf(envelope: Envelope | undefined, resource: Resource): readonly unknown[] {
  const list = listIn(envelope, resource);
  if (list === undefined) throw unreadableAnswer();
  return list;
}

/** The same, `undefined` where the list is not there. */
export function listIn(
  envelope: Envelope | undefined,
  resource: Resource,
): readonly unknown[] | undefined {
  return z.array(z.unknown()).safeParse(envelope?.[resource.plural]).data;
}

/** The id of an element, `undefined` where it has none. */
export function idOf(element: unknown, idField: string): ExternalId | undefined {
  if (typeof element !== "object" || element === null) return undefined;
  const id = Object.entries(element).find(([key]) => key === idField)?.[1];
  return typeof id === "string" && id !== "" ? id : undefined;
}

export interface ReadElements {
  readonly records: ObservedRecord[];
  readonly unreadable: UnreadableRecord[];
}

/** Reads one element to the side it belongs on. Throws where it cannot even be named. */
export function readElement(
  into: ReadElements,
  element: unknown,
  recordType: RecordType,
  idField: string,
  read: () => ObservedRecord,
): ObservedRecord | undefined {
  const externalId = idOf(element, idField);
  if (externalId === undefined) throw unreadableAnswer();
  try {
    const record = read();
    into.records.push(record);
    return record;
  } catch (cause) {
    into.unreadable.push({ recordType, externalId, failure: readingFailure(cause) });
    return undefined;
  }
}

/** Why an element could not be read. Rethrows what is not about its content. */
export function readingFailure(cause: unknown): UnreadableRecord["failure"] {
  if (cause instanceof z.ZodError) {
    const field = cause.issues[0]?.path.join(".") ?? "";
    return { kind: "invalid-input", code: "record-unreadable", field };
  }
  if (cause instanceof SyncError && cause.failure.kind === "invalid-input") return cause.failure;
  throw cause;
}
