/**
 * Writing: many records in a call, one result for each.
 *
 * Creates are PUT, which never touches what is there: a POST without an id would change the contact
 * or item of the same name or code. Updates are POST. The two never share a call.
 */
import { createHash } from "node:crypto";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { Fields } from "#shared/domain/records.ts";
import { assert, type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import type { Envelope, Query, WriteAnswer } from "./client.ts";
import { xeroDefinition } from "./definition.ts";
import { messagesIn, validationFailure } from "./errors.ts";
import { chunksOf, type Source } from "./read-records.ts";
import {
  idOf,
  listIn,
  type Resource,
  readingFailure,
  resourceOf,
  unsupported,
} from "./resources.ts";
import { outcomeSchema } from "./schema.ts";
import { settleEnds } from "./settle-ends.ts";
import { instantOf } from "./wire.ts";

const ZERO_GUID = "00000000-0000-0000-0000-000000000000";

/** A write with its place in the request, and what is sent for it. */
interface Row {
  readonly index: number;
  readonly write: RemoteWrite;
  readonly element: object;
}

type Results = Map<number, WriteResult>;

/** See {@link Connector.write}. A write that owes nothing Xero holds is done without a call, at version 0. */
export async function writeRecords(
  source: Source,
  recordType: RecordType,
  writes: readonly RemoteWrite[],
  signal: AbortSignal,
): Promise<readonly WriteResult[]> {
  if (!isWritable(recordType)) return writes.map(() => ({ kind: "failed", failure: unsupported }));
  const resource = resourceOf(recordType, source.places);
  const results: Results = new Map();
  const rows = prepareRows(source, resource, writes, results);
  const batchMax = xeroDefinition.limits.writeBatchMax[recordType];
  const creates = rows.filter((row) => row.write.externalId === undefined);
  const updates = rows.filter((row) => row.write.externalId !== undefined);
  const batches = [...chunksOf(creates, batchMax), ...chunksOf(updates, batchMax)];
  let stop: Failure | undefined;
  for (const batch of batches) {
    if (stop === undefined) stop = await sendBatch(source, resource, batch, results, signal);
    else failAll(batch, stop, results);
  }
  if (stop === undefined) await settleEnds(source, recordType, writes, results, signal);
  return writes.map((_, index) => {
    const result = results.get(index);
    assert(result !== undefined, "write-without-result");
    return result;
  });
}

function prepareRows(
  source: Source,
  resource: Resource,
  writes: readonly RemoteWrite[],
  results: Results,
): Row[] {
  const { fromWrite } = resource;
  assert(fromWrite !== undefined, "resource-read-only");
  return writes.flatMap((write, index) => {
    try {
      const element = fromWrite(write, source.books);
      if (element !== undefined) return [{ index, write, element }];
      assert(write.externalId !== undefined, "create-without-fields");
      const { externalId } = write;
      results.set(index, { kind: "written", externalId, version: 0, observed: {} });
    } catch (cause) {
      if (!(cause instanceof SyncError)) throw cause;
      results.set(index, { kind: "failed", failure: cause.failure });
    }
    return [];
  });
}

/**
 * Sends one call, and more where it is refused as a whole, so that one bad row does not hold the
 * others. Gives back a failure that every further call would meet too.
 */
async function sendBatch(
  source: Source,
  resource: Resource,
  rows: readonly Row[],
  results: Results,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  let answer: WriteAnswer;
  try {
    answer = await source.client.write(callOf(resource, rows, signal));
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    failAll(rows, cause.failure, results);
    return isForAll(cause.failure) ? cause.failure : undefined;
  }
  if (answer.kind === "answered") {
    takeResults(source, resource, rows, answer.envelope, results);
    return undefined;
  }
  for (const part of partsAfterRefusal(rows, answer, results)) {
    const stop = await sendBatch(source, resource, part, results, signal);
    if (stop !== undefined) {
      failAll(
        rows.filter((row) => !results.has(row.index)),
        stop,
        results,
      );
      return stop;
    }
  }
  return undefined;
}

/**
 * What to send again after a 400, which wrote nothing: the rows it found no fault with, or where it
 * does not say, each half alone.
 */
function partsAfterRefusal(
  rows: readonly Row[],
  answer: Extract<WriteAnswer, { kind: "refused" }>,
  results: Results,
): (readonly Row[])[] {
  const messages = answer.elements.map(messagesIn);
  const isOneToOne = messages.length === rows.length && messages.some((texts) => texts.length > 0);
  if (isOneToOne) {
    rows.forEach((row, index) => {
      const texts = messages[index] ?? [];
      if (texts.length > 0) failAll([row], validationFailure(texts), results);
    });
    const rest = rows.filter((row) => !results.has(row.index));
    return rest.length === 0 ? [] : [rest];
  }
  if (rows.length > 1 && answer.failure.failure.kind === "rejected") {
    const middle = Math.ceil(rows.length / 2);
    return [rows.slice(0, middle), rows.slice(middle)];
  }
  failAll(rows, answer.failure.failure, results);
  return [];
}

function callOf(resource: Resource, rows: readonly Row[], signal: AbortSignal) {
  const body = JSON.stringify({ [resource.plural]: rows.map((row) => row.element) });
  const isCreate = rows.every((row) => row.write.externalId === undefined);
  const method = isCreate ? ("PUT" as const) : ("POST" as const);
  const query: Query = [["summarizeErrors", "false"], ...resource.query];
  const path = resource.plural;
  // Only a create needs the key. An update repeats harmlessly, and under a key Xero would answer
  // "A, then B, then A again" within six minutes from its cache, leaving B in place.
  const idempotencyKey = isCreate ? idempotencyKeyOf(path, rows, body) : undefined;
  return { method, path, query, body, idempotencyKey, signal };
}

/**
 * The same for the same rows with the same content. The body is in it because Xero refuses a key
 * that comes back with another body; 128 characters are allowed.
 */
function idempotencyKeyOf(path: string, rows: readonly Row[], body: string): string {
  const keys = rows.map((row) => row.write.idempotencyKey);
  return createHash("sha256")
    .update(JSON.stringify([path, keys, body]))
    .digest("hex");
}

/** Elements answer rows by their place; another count leaves open which was written. */
function takeResults(
  source: Source,
  resource: Resource,
  rows: readonly Row[],
  envelope: Envelope,
  results: Results,
): void {
  const elements = listIn(envelope, resource);
  if (elements?.length !== rows.length) {
    const code = elements === undefined ? "remote-answer-unreadable" : "write-unconfirmed";
    failAll(rows, { kind: "uncertain", code }, results);
    return;
  }
  rows.forEach((row, index) => {
    results.set(row.index, resultOf(source, resource, elements[index]));
  });
}

function resultOf(source: Source, resource: Resource, element: unknown): WriteResult {
  const outcome = outcomeSchema.safeParse(element).data;
  const externalId = idOf(element, resource.idField);
  const messages = messagesIn(element);
  const isRefused =
    outcome?.StatusAttributeString === "ERROR" ||
    outcome?.HasErrors === true ||
    outcome?.HasValidationErrors === true ||
    externalId === ZERO_GUID ||
    messages.length > 0;
  if (isRefused) return { kind: "failed", failure: validationFailure(messages) };
  const version = versionOf(outcome?.UpdatedDateUTC);
  if (externalId === undefined || version === undefined) {
    return { kind: "failed", failure: { kind: "uncertain", code: "write-unconfirmed" } };
  }
  return { kind: "written", externalId, version, observed: observedIn(source, resource, element) };
}

/** Written all the same where it cannot be read: the next read finds out, and parks the record. */
function observedIn(source: Source, resource: Resource, element: unknown): Fields {
  try {
    return resource.toRecord(element, "part", source.books).fields;
  } catch (cause) {
    readingFailure(cause);
    return {};
  }
}

function versionOf(updatedAt: string | null | undefined): number | undefined {
  try {
    return instantOf(updatedAt ?? "", "UpdatedDateUTC");
  } catch (cause) {
    readingFailure(cause);
    return undefined;
  }
}

function failAll(rows: readonly Row[], failure: Failure, results: Results): void {
  for (const row of rows) results.set(row.index, { kind: "failed", failure });
}

/** A spent quota, a refused token or a passed deadline meets every other call as well. */
function isForAll(failure: Failure): boolean {
  return (
    failure.kind === "rate-limited" ||
    failure.kind === "reauthorise" ||
    failure.code === "call-aborted"
  );
}

type WritableType = (typeof xeroDefinition.writes)[number];

function isWritable(recordType: RecordType): recordType is WritableType {
  return xeroDefinition.writes.some((known) => known === recordType);
}
