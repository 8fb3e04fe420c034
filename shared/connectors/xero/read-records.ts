/** Reading: pages of what changed, and records by id. */
import type { CustomPlace } from "#shared/domain/custom-field.ts";
import type { ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { ChangePage, ReadByIdsResult, ReadChangesRequest } from "#shared/ports/connector.ts";
import type { Books } from "./books.ts";
import type { Envelope, Query, ReadCall, XeroClient } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { unreadableAnswer } from "./errors.ts";
import { walkFrom } from "./list-walk.ts";
import { toEmbeddedPayment } from "./mapping-payment.ts";
import { followMerged } from "./merged-contacts.ts";
import {
  ARCHIVED_TOO,
  elementsOf,
  idOf,
  type ReadElements,
  type Resource,
  readElement,
  resourceOf,
  resourcesOf,
} from "./resources.ts";
import { paginationSchema, payingSchema } from "./schema.ts";
import type { WriteOffReader } from "./write-offs.ts";

/** Xero takes up to 1,000; a page of 200 invoices with their lines stays well below 1 MB. */
const PAGE_SIZE = 200;
const CALLS_AT_ONCE = 4;
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

export interface Source {
  readonly client: XeroClient;
  readonly books: Books;
  readonly writeOffs: WriteOffReader;
  readonly now: () => number;
  /** The company's custom fields in Xero. */
  readonly places?: readonly CustomPlace[];
}

/**
 * One page, newest change first. A page is an offset into a list that moves while it is read. Newest
 * first, a record that changes meanwhile pushes others to later pages, where they are read again;
 * oldest first it would pull one past us, unread. Archived and merged contacts come along: that they
 * ended is a change like any other.
 */
export async function readChangePage(
  source: Source,
  recordType: RecordType,
  request: ReadChangesRequest,
): Promise<ChangePage> {
  const walk = walkFrom(resourcesOf(recordType, source.places), request.cursor, source.now());
  const { list, number } = walk.page;
  const envelope = await source.client.read({
    path: list.plural,
    query: [...list.query, ...list.filter, ...pagingOf(list, number)],
    modifiedSinceMs: request.since,
    signal: request.signal,
  });
  const elements = elementsOf(envelope, list);
  await source.writeOffs.learn(list, elements, request.signal);
  const read = readAll(elements, list, source.books);
  const isLast = !list.isPaged || isLastPage(envelope, number, elements.length);
  const nextCursor = walk.cursorAfter(isLast);
  return nextCursor === undefined ? read : { ...read, nextCursor };
}

/**
 * Records by id. Invoices and credit notes bring their payments along, merged contacts those that took
 * them in. Ids that are not GUIDs are missing without a call: Xero refuses a whole list for one of them.
 */
export async function readRecordsById(
  source: Source,
  recordType: RecordType,
  externalIds: readonly ExternalId[],
  signal: AbortSignal,
): Promise<ReadByIdsResult> {
  const resources = resourcesOf(recordType, source.places);
  const asked = [...new Set(externalIds)];
  const read: ReadElements = { records: [], unreadable: [] };
  let open = asked;
  // What is not in the first list is looked for in the next.
  for (const resource of resources) {
    const ids = open.filter((id) => GUID.test(id));
    const wanted = new Set(ids.map(lowerCase));
    for (const element of await readElements(source, resource, ids, signal)) {
      const id = idOf(element, resource.idField);
      if (id !== undefined && !wanted.has(lowerCase(id))) continue;
      const record = readInto(read, element, resource, source.books);
      if (record !== undefined) readPayments(read, element, record, source.books);
    }
    const found = new Set(
      [...read.records, ...read.unreadable]
        .filter((entry) => entry.recordType === recordType)
        .map((entry) => lowerCase(entry.externalId)),
    );
    open = open.filter((id) => !found.has(lowerCase(id)));
  }
  const missing = open;
  if (!read.records.some(({ life }) => life === "merged")) return { ...read, missing };
  const [resource] = resources;
  const followed = await followMerged(read, async (winnerIds) =>
    readAll(await readElements(source, resource, winnerIds, signal), resource, source.books),
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
  const elements = batches.flat();
  await source.writeOffs.learn(resource, elements, signal);
  return elements;
}

/** Every item: the list has no pages, and no filter by id. */
export async function listItems(source: Source, signal: AbortSignal): Promise<ReadElements> {
  const resource = resourceOf("product", source.places);
  const envelope = await source.client.read({
    path: resource.plural,
    query: resource.query,
    signal,
  });
  return readAll(elementsOf(envelope, resource), resource, source.books);
}

export function readAll(
  elements: readonly unknown[],
  resource: Resource,
  books: Books,
): ReadElements {
  const into: ReadElements = { records: [], unreadable: [] };
  for (const element of elements) readInto(into, element, resource, books);
  return into;
}

function readInto(
  into: ReadElements,
  element: unknown,
  resource: Resource,
  books: Books,
): ObservedRecord | undefined {
  return readElement(into, element, resource.recordType, resource.idField, () =>
    resource.toRecord(element, "whole", books),
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

type Call = Required<Pick<ReadCall, "path" | "mayBeMissing">> & { readonly query: Query };

function callsFor(resource: Resource, ids: readonly string[]): Call[] {
  const path = resource.plural;
  if (ids.length === 0) return [];
  if (resource.byId === "list") return [{ path, query: [], mayBeMissing: false }];
  if (resource.byId === "path") {
    return ids.map((id) => ({
      path: `${path}/${encodeURIComponent(id)}`,
      query: [],
      mayBeMissing: true,
    }));
  }
  const archived: Query = resource.recordType === "customer" ? ARCHIVED_TOO : [];
  const { readBatchMax } = xeroDefinition.limits;
  return chunksOf(ids, readBatchMax).map((chunk) => ({
    path,
    // Paged, since an unpaged list shows neither lines nor the pointer of a merged contact.
    query: [["IDs", chunk.join(",")], ...archived, ...pagingOf(resource, 1, readBatchMax)],
    mayBeMissing: false,
  }));
}

/** The payments that an invoice shows, or the refunds of a credit note. */
function readPayments(
  into: ReadElements,
  element: unknown,
  record: ObservedRecord,
  books: Books,
): void {
  const { recordType, externalId, version, fields } = record;
  if (recordType !== "invoice" && recordType !== "creditNote") return;
  if (record.excluded !== undefined) return;
  const { CurrencyCode: currency, Payments } = payingSchema.parse(element);
  const paid = { recordType, externalId, version, currency, customer: fields["customer"] };
  for (const payment of Payments ?? []) {
    readElement(into, payment, "payment", "PaymentID", () =>
      toEmbeddedPayment(payment, paid, books),
    );
  }
}

function lowerCase(text: string): string {
  return text.toLowerCase();
}
