/** Reading: pages of what changed, and records by id. */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { ConnectionId, ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ChangePage, ReadByIdsResult, ReadChangesRequest } from "#shared/ports/connector.ts";
import type { Envelope, Query, ReadCall, XeroClient } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { unreadableAnswer } from "./errors.ts";
import { toEmbeddedPayment } from "./mapping-payment.ts";
import { followMerged } from "./merged-contacts.ts";
import {
  elementsOf,
  idOf,
  type ReadElements,
  type Resource,
  readElement,
  resourceOf,
} from "./resources.ts";
import { invoiceSchema, paginationSchema } from "./schema.ts";

/** Xero takes up to 1,000; a page of 200 invoices with their lines stays well below 1 MB. */
const PAGE_SIZE = 200;
const CALLS_AT_ONCE = 4;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export const INVOICES_ONLY = 'Type=="ACCREC"';

export interface Source {
  readonly client: XeroClient;
  readonly connection: ConnectionId;
  /** The company's custom fields in Xero. */
  readonly places?: readonly CustomPlace[];
}

/**
 * One page, newest change first; the cursor is the number of the page. A page is an offset into a
 * list that moves while it is read. Newest first, a record that changes meanwhile pushes others to
 * later pages, where they are read again; oldest first it would pull one past us, unread. Archived
 * and merged contacts come along: that they ended is a change like any other.
 */
export async function readChangePage(
  source: Source,
  recordType: RecordType,
  request: ReadChangesRequest,
): Promise<ChangePage> {
  const resource = resourceOf(recordType, source.places);
  const page = pageOf(request.cursor);
  const envelope = await source.client.read({
    path: resource.plural,
    query: [...resource.query, ...filterOf(recordType), ...pagingOf(resource, page)],
    modifiedSinceMs: request.since,
    signal: request.signal,
  });
  const elements = elementsOf(envelope, resource);
  const read = readAll(elements, resource, source.connection);
  const isLast = !resource.isPaged || isLastPage(envelope, page, elements.length);
  return isLast ? read : { ...read, nextCursor: String(page + 1) };
}

/**
 * Records by id. Invoices bring their payments along, merged contacts those that took them in. Ids that
 * are not GUIDs are missing without a call: Xero refuses a whole list for one of them.
 */
export async function readRecordsById(
  source: Source,
  recordType: RecordType,
  externalIds: readonly ExternalId[],
  signal: AbortSignal,
): Promise<ReadByIdsResult> {
  const resource = resourceOf(recordType, source.places);
  const asked = [...new Set(externalIds)];
  const ids = asked.filter((id) => GUID.test(id));
  const wanted = new Set(ids.map(lowerCase));
  const read: ReadElements = { records: [], unreadable: [] };
  for (const element of await readElements(source, resource, ids, signal)) {
    const id = idOf(element, resource.idField);
    if (id !== undefined && !wanted.has(lowerCase(id))) continue;
    const record = readInto(read, element, resource, source.connection);
    const isInvoice = record?.recordType === "invoice" && record.excluded === undefined;
    if (isInvoice) readPayments(read, element, record.version, source.connection);
  }
  const found = new Set(
    [...read.records, ...read.unreadable]
      .filter((entry) => entry.recordType === recordType)
      .map((entry) => lowerCase(entry.externalId)),
  );
  const missing = asked.filter((id) => !found.has(lowerCase(id)));
  if (!read.records.some(({ life }) => life === "merged")) return { ...read, missing };
  const followed = await followMerged(read, async (winnerIds) =>
    readAll(await readElements(source, resource, winnerIds, signal), resource, source.connection),
  );
  return { ...followed, missing };
}

async function readElements(
  source: Source,
  resource: Resource,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<unknown[]> {
  const batches = await runLimited(callsFor(resource, ids), async (call) => {
    const query = [...resource.query, ...call.query];
    const envelope = await source.client.read({ ...call, query, signal });
    return envelope === undefined ? [] : elementsOf(envelope, resource);
  });
  return batches.flat();
}

/** Every item: the list has no pages, and no filter by id. */
export async function listItems(source: Source, signal: AbortSignal): Promise<ReadElements> {
  const resource = resourceOf("product", source.places);
  const envelope = await source.client.read({
    path: resource.plural,
    query: resource.query,
    signal,
  });
  return readAll(elementsOf(envelope, resource), resource, source.connection);
}

export function readAll(
  elements: readonly unknown[],
  resource: Resource,
  connection: ConnectionId,
): ReadElements {
  const into: ReadElements = { records: [], unreadable: [] };
  for (const element of elements) readInto(into, element, resource, connection);
  return into;
}

function readInto(
  into: ReadElements,
  element: unknown,
  resource: Resource,
  connection: ConnectionId,
): ObservedRecord | undefined {
  return readElement(into, element, resource.recordType, resource.idField, () =>
    resource.toRecord(element, "whole", connection),
  );
}

export async function runLimited<Input, Output>(
  inputs: readonly Input[],
  run: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  for (let start = 0; start < inputs.length; start += CALLS_AT_ONCE) {
    outputs.push(...(await Promise.all(inputs.slice(start, start + CALLS_AT_ONCE).map(run))));
  }
  return outputs;
}

export function chunksOf<Element>(elements: readonly Element[], sizeMax: number): Element[][] {
  const chunks: Element[][] = [];
  for (let start = 0; start < elements.length; start += sizeMax) {
    chunks.push(elements.slice(start, start + sizeMax));
  }
  return chunks;
}

export function pagingOf(resource: Resource, page: number, pageSize = PAGE_SIZE): Query {
  if (!resource.isPaged) return [];
  return [
    ["order", "UpdatedDateUTC DESC"],
    ["page", String(page)],
    ["pageSize", String(pageSize)],
  ];
}

export function isLastPage(envelope: Envelope | undefined, page: number, count: number): boolean {
  const pagination = envelope?.["pagination"];
  if (pagination === undefined || pagination === null) return count < PAGE_SIZE;
  const parsed = paginationSchema.safeParse(pagination);
  if (!parsed.success) throw unreadableAnswer(parsed.error);
  return page >= Number(parsed.data.pageCount);
}

/** Archived contacts are left out of lists unless asked for. */
function filterOf(recordType: RecordType): Query {
  if (recordType === "invoice") return [["where", INVOICES_ONLY]];
  return recordType === "customer" ? [["includeArchived", "true"]] : [];
}

function pageOf(cursor: string | undefined): number {
  if (cursor === undefined) return 1;
  if (/^[1-9]\d{0,8}$/.test(cursor)) return Number(cursor);
  throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
}

type Call = Required<Pick<ReadCall, "path" | "mayBeMissing">> & { readonly query: Query };

function callsFor(resource: Resource, ids: readonly string[]): Call[] {
  const path = resource.plural;
  if (ids.length === 0) return [];
  if (resource.recordType === "product") return [{ path, query: [], mayBeMissing: false }];
  if (resource.recordType === "payment") {
    return ids.map((id) => ({
      path: `${path}/${encodeURIComponent(id)}`,
      query: [],
      mayBeMissing: true,
    }));
  }
  const archived: Query = resource.recordType === "customer" ? [["includeArchived", "true"]] : [];
  const { readBatchMax } = xeroDefinition.limits;
  return chunksOf(ids, readBatchMax).map((chunk) => ({
    path,
    // Paged, since an unpaged list shows neither lines nor the pointer of a merged contact.
    query: [["IDs", chunk.join(",")], ...archived, ...pagingOf(resource, 1, readBatchMax)],
    mayBeMissing: false,
  }));
}

function readPayments(
  into: ReadElements,
  element: unknown,
  version: number,
  connection: ConnectionId,
): void {
  const { InvoiceID: invoiceId, CurrencyCode: currency, Payments } = invoiceSchema.parse(element);
  for (const payment of Payments ?? []) {
    readElement(into, payment, "payment", "PaymentID", () =>
      toEmbeddedPayment(payment, { invoiceId, currency, version }, connection),
    );
  }
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
