/** The four resources we use, as a table: where they are, how one is read, how one is sent. */

import * as z from "zod";
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { ConnectionId, ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, UnreadableRecord } from "#shared/ports/connector.ts";
import type { Envelope, Query } from "./client.ts";
import { withCustomFields, withCustomTexts } from "./custom-places.ts";
import { unreadableAnswer } from "./errors.ts";
import { fromCustomer, toCustomer } from "./mapping-customer.ts";
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
  /** Goes with every read and write of the resource. */
  readonly query: Query;
  readonly toRecord: (
    element: unknown,
    completeness: Completeness,
    connection: ConnectionId,
  ) => ObservedRecord;
  /** `undefined` where nothing of what is owed is Xero's. Absent: read only. */
  readonly fromWrite?: (write: RemoteWrite, salesAccountCode: string) => object | undefined;
}

/** Unit prices with four digits; the resources that do not know the parameter are not sent it. */
const FOUR_DIGITS: Query = [["unitdp", "4"]];

const resources: Readonly<Partial<Record<RecordType, Resource>>> = {
  customer: {
    recordType: "customer",
    plural: "Contacts",
    idField: "ContactID",
    isPaged: true,
    query: [],
    toRecord: toCustomer,
    fromWrite: fromCustomer,
  },
  product: {
    recordType: "product",
    plural: "Items",
    idField: "ItemID",
    isPaged: false,
    query: FOUR_DIGITS,
    toRecord: toProduct,
    fromWrite: fromProduct,
  },
  invoice: {
    recordType: "invoice",
    plural: "Invoices",
    idField: "InvoiceID",
    isPaged: true,
    query: FOUR_DIGITS,
    toRecord: toInvoice,
    fromWrite: fromInvoice,
  },
  payment: {
    recordType: "payment",
    plural: "Payments",
    idField: "PaymentID",
    isPaged: true,
    query: [],
    toRecord: (element, _completeness, connection) => toPayment(element, connection),
  },
};

export const unsupported: Failure = {
  kind: "rejected",
  code: "record-type-unsupported",
  fix: "Leave this record type to another connection: the flow must not name Xero for it.",
};

/**
 * The resource, with the places of the company's custom fields on it. Throws SyncError `rejected`
 * (`record-type-unsupported`) for what the definition does not name.
 */
export function resourceOf(recordType: RecordType, places: readonly CustomPlace[] = []): Resource {
  const resource = resources[recordType];
  if (resource === undefined) throw new SyncError(unsupported);
  const { toRecord, fromWrite } = resource;
  if (places.length === 0) return resource;
  return {
    ...resource,
    toRecord: (element, completeness, connection) => {
      const record = toRecord(element, completeness, connection);
      return withCustomFields(record, element, places, completeness);
    },
    ...(fromWrite === undefined
      ? {}
      : {
          fromWrite: (write, salesAccountCode) =>
            withCustomTexts(fromWrite(write, salesAccountCode), write, recordType, places),
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
