/**
 * Finding what an uncertain create may have made. Xero's lists show a record as soon as it is made,
 * so what is not found is not there; only an unreadable candidate leaves the question open.
 */
import type { ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import { isReference, type ObservedRecord } from "#shared/domain/records.ts";
import { assertNever, SyncError } from "#shared/domain/sync-error.ts";
import type { LookUpRequest, LookUpResult } from "#shared/ports/connector.ts";
import { type Query, URL_LENGTH_MAX } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { contactNumberOf } from "./mapping-customer.ts";
import { documentKeyOf } from "./mapping-document.ts";
import {
  chunksOf,
  isLastPage,
  listItems,
  pagingOf,
  readAll,
  runLimited,
  type Source,
} from "./read-records.ts";
import { elementsOf, type ReadElements, resourceOf, unsupported } from "./resources.ts";

const PAGES_MAX = 50;
const notFound: LookUpResult = { kind: "not-found" };

/**
 * How long before the try a record is looked for: more than two clocks differ, and than an earlier
 * try of the same create lies back.
 */
const LOOK_BACK_MS = 24 * 60 * 60 * 1_000;

/** See {@link Connector.lookUp}: customers by our id, products by code, documents by reference and customer. */
export async function lookUpRecords(
  source: Source,
  recordType: RecordType,
  requests: readonly LookUpRequest[],
  signal: AbortSignal,
): Promise<readonly LookUpResult[]> {
  if (requests.length === 0) return [];
  switch (recordType) {
    case "customer":
      return lookUpCustomers(source, requests, signal);
    case "product":
      return lookUpProducts(source, requests, signal);
    case "invoice":
      return lookUpDocuments(requests, (since, contactIds) =>
        readInvoicesOf(source, contactIds, since, signal),
      );
    case "creditNote":
      return lookUpDocuments(requests, (since) =>
        readDocuments(source, "creditNote", [], since, signal),
      );
    case "order":
    case "payment":
      throw new SyncError(unsupported);
    default:
      return assertNever(recordType);
  }
}

async function lookUpCustomers(
  source: Source,
  requests: readonly LookUpRequest[],
  signal: AbortSignal,
): Promise<LookUpResult[]> {
  const resource = resourceOf("customer", source.places);
  const numbers = requests.flatMap(({ write }) => keyOf(() => contactNumberOf(write)) ?? []);
  const queries = queriesForNumbers(source, numbers);
  const answers = await runLimited(queries, async (query) => {
    const envelope = await source.client.read({ path: resource.plural, query, signal });
    return elementsOf(envelope, resource);
  });
  const read = readAll(answers.flat(), resource, source.books);
  return requests.map(({ write }) =>
    resultOf(read, (record) => record.registeredId === write.canonicalId),
  );
}

/** As many numbers in a call as its URL holds. */
function queriesForNumbers(source: Source, numbers: readonly string[]): Query[] {
  const { plural } = resourceOf("customer");
  const queryOf = (some: readonly string[]): Query => [
    ["where", some.map((number) => `ContactNumber=="${number}"`).join(" OR ")],
    ["includeArchived", "true"],
    ...pagingOf(resourceOf("customer"), 1),
  ];
  const groups: string[][] = [];
  for (const number of new Set(numbers)) {
    const last = groups.at(-1);
    const longer = last === undefined ? undefined : queryOf([...last, number]);
    const fits = longer && source.client.urlOf(plural, longer).length < URL_LENGTH_MAX;
    if (last !== undefined && fits) last.push(number);
    else groups.push([number]);
  }
  return groups.map(queryOf);
}

/** One call for any number of products: codes need no quoting when they are compared here. */
async function lookUpProducts(
  source: Source,
  requests: readonly LookUpRequest[],
  signal: AbortSignal,
): Promise<LookUpResult[]> {
  const read = await listItems(source, signal);
  return requests.map(({ write }) => {
    const code = write.fields["code"] ?? write.record["code"];
    return typeof code === "string"
      ? resultOf(read, ({ fields }) => isSameText(fields["code"], code))
      : notFound;
  });
}

/**
 * The documents that changed since the first try, compared here: a reference may hold any character,
 * and Xero does not say how one is quoted in a filter.
 */
async function lookUpDocuments(
  requests: readonly LookUpRequest[],
  read: (sinceMs: number, contactIds: readonly ExternalId[]) => Promise<ReadElements>,
): Promise<LookUpResult[]> {
  const keys = requests.map(({ write }) => keyOf(() => documentKeyOf(write)));
  const contactIds = [...new Set(keys.flatMap((key) => key?.customer ?? []))];
  if (contactIds.length === 0) return keys.map(() => notFound);
  const since = Math.min(...requests.map((request) => request.attemptedAtMs)) - LOOK_BACK_MS;
  const found = await read(Math.max(0, since), contactIds);
  return keys.map((key) =>
    key === undefined
      ? notFound
      : resultOf(
          found,
          ({ fields }) =>
            isSameText(fields["reference"], key.reference) &&
            isSameCustomer(fields["customer"], key.customer),
        ),
  );
}

/** Invoices are asked for by customer; credit notes cannot be, and there are few of a day. */
async function readInvoicesOf(
  source: Source,
  contactIds: readonly ExternalId[],
  sinceMs: number,
  signal: AbortSignal,
): Promise<ReadElements> {
  const batches = chunksOf(contactIds, xeroDefinition.limits.readBatchMax);
  const reads = await runLimited(batches, (batch) =>
    readDocuments(source, "invoice", [["ContactIDs", batch.join(",")]], sinceMs, signal),
  );
  return {
    records: reads.flatMap((part) => part.records),
    unreadable: reads.flatMap((part) => part.unreadable),
  };
}

async function readDocuments(
  source: Source,
  recordType: "invoice" | "creditNote",
  filter: Query,
  modifiedSinceMs: number,
  signal: AbortSignal,
): Promise<ReadElements> {
  const resource = resourceOf(recordType, source.places);
  const elements: unknown[] = [];
  for (let page = 1; page <= PAGES_MAX; page += 1) {
    const envelope = await source.client.read({
      path: resource.plural,
      query: [...resource.query, ...filter, ...resource.filter, ...pagingOf(resource, page)],
      modifiedSinceMs,
      signal,
    });
    const found = elementsOf(envelope, resource);
    elements.push(...found);
    await source.writeOffs.learn(resource, found, signal);
    if (isLastPage(envelope, page, found.length)) return readAll(elements, resource, source.books);
  }
  throw inconclusive();
}

/**
 * The oldest of those that stand. One that was archived, merged, deleted or voided since never stands
 * for the record that is looked for: nothing could be written to it.
 */
function resultOf(read: ReadElements, isIt: (record: ObservedRecord) => boolean): LookUpResult {
  const [record] = read.records
    .filter((candidate) => stands(candidate) && isIt(candidate))
    .sort((left, right) => left.version - right.version);
  if (record !== undefined) return { kind: "found", record };
  // One of these may be it; to say "not found" would make a second one.
  if (read.unreadable.length > 0) throw inconclusive();
  return notFound;
}

/** A write without its key is refused before any call, so that it cannot have made anything. */
function keyOf<Key>(read: () => Key): Key | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SyncError) return undefined;
    throw cause;
  }
}

function stands({ life, fields }: ObservedRecord): boolean {
  return life === "live" && fields["status"] !== "deleted" && fields["status"] !== "void";
}

/** Xero trims what it is sent, and tells codes apart without regard to case. */
function isSameText(value: ObservedRecord["fields"][string], text: string): boolean {
  return typeof value === "string" && value.trim().toLowerCase() === text.trim().toLowerCase();
}

function isSameCustomer(value: ObservedRecord["fields"][string], contactId: ExternalId): boolean {
  if (!isReference(value) || !("externalId" in value)) return false;
  return value.externalId.toLowerCase() === contactId.toLowerCase();
}

function inconclusive(): SyncError {
  return new SyncError({ kind: "retryable", code: "look-up-inconclusive" });
}
