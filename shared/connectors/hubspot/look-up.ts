/**
 * Finds what a create of unknown outcome made: companies and deals by our id, which does not lag;
 * products by their code in the search index, which does. Only live records are found: what was
 * archived or merged away meanwhile never stands for the record that is looked for.
 */
import type { ObservedRecord } from "#shared/domain/records.ts";
import { isLines, isReference } from "#shared/domain/records.ts";
import type { LookUpRequest, LookUpResult } from "#shared/ports/connector.ts";
import { readInBatches } from "./batches.ts";
import { batchMax, SEARCH_LAG_MS } from "./definition.ts";
import { ID_PROPERTY, objectTypeOf, observedRecordOf, registeredIdOf } from "./mapping.ts";
import { CODE_PROPERTY, codeOf, productProperties } from "./mapping-product.ts";
import type { HubspotContext } from "./read-orders.ts";
import type { ReadRecords } from "./reading.ts";
import { readObjectsById } from "./related.ts";
import type { RemoteObject } from "./schema.ts";

/** Codes of one search: its body may have 3,000 characters. */
const CODES_MAX = 50;
const CODE_CHARACTERS_MAX = 1_500;

const notFound: LookUpResult = { kind: "not-found" };

/**
 * An order counts as found when it is whole. A deal that lacks lines or its company is reported as
 * not found: creating it again is an upsert by our id, and completes it.
 */
export async function lookUpRegistered(
  context: HubspotContext,
  recordType: "customer" | "order",
  requests: readonly LookUpRequest[],
  properties: readonly string[],
  toRecords: (objects: readonly RemoteObject[]) => Promise<ReadRecords>,
  signal: AbortSignal,
): Promise<LookUpResult[]> {
  const ids = [...new Set(requests.map((request) => request.write.canonicalId))];
  const objects = await readInBatches(ids, batchMax.objects, (batch) => {
    const selection = { ids: batch, properties, idProperty: ID_PROPERTY };
    return context.client.readObjects(objectTypeOf[recordType], selection, signal);
  });
  const { records } = await toRecords(objects);
  const byId = new Map(records.map((record) => [record.externalId, record]));
  const byRegisteredId = new Map(objects.map((object) => [registeredIdOf(object), object]));
  return requests.map((request) => {
    const object = byRegisteredId.get(request.write.canonicalId);
    if (object === undefined) return notFound;
    // One that is there and cannot be read is found all the same; the next read says why.
    const record = byId.get(object.id) ?? observedRecordOf(recordType, object, {});
    return isWhole(record, request) ? { kind: "found", record } : notFound;
  });
}

export async function lookUpProducts(
  context: HubspotContext,
  requests: readonly LookUpRequest[],
  toRecords: (objects: readonly RemoteObject[]) => Promise<ReadRecords>,
  nowMs: number,
  signal: AbortSignal,
): Promise<LookUpResult[]> {
  const codes = new Set(requests.map(({ write }) => codeOf(write.record) ?? codeOf(write.fields)));
  codes.delete(null);
  const found: RemoteObject[] = [];
  for (const batch of cutCodes([...codes].filter((code) => code !== null))) {
    // The index holds text in lower case, and IN compares with nothing else.
    const values = [...new Set(batch.map((code) => code.toLowerCase()))];
    const search = {
      filters: [{ propertyName: CODE_PROPERTY, operator: "IN" as const, values }],
      sort: "hs_object_id",
      properties: productProperties,
      limit: batchMax.search,
    };
    const page = await context.client.searchObjects("products", search, signal);
    found.push(...page.objects);
  }
  // The index may still show a product that was archived, and as it was then.
  const ids = [...new Set(found.map(({ id }) => id))];
  const live = await readObjectsById(context.client, "products", ids, productProperties, signal);
  const { records } = await toRecords([...live.values()]);
  return requests.map(({ write, attemptedAtMs }) => {
    const code = codeOf(write.record) ?? codeOf(write.fields);
    if (code === null) return notFound;
    const record = records.find((one) => one.fields["code"] === code);
    if (record !== undefined) return { kind: "found", record };
    return nowMs - attemptedAtMs < SEARCH_LAG_MS ? { kind: "too-early" } : notFound;
  });
}

function isWhole(record: ObservedRecord, { write }: LookUpRequest): boolean {
  const { fields } = record;
  const lines = write.fields["lines"];
  if (isLines(lines) && isLines(fields["lines"]) && fields["lines"].length < lines.length) {
    return false;
  }
  return !(isReference(write.fields["customer"]) && fields["customer"] === null);
}

function cutCodes(codes: readonly string[]): string[][] {
  const batches: string[][] = [];
  let characters = 0;
  for (const code of codes) {
    const batch = batches.at(-1);
    const isFull =
      batch === undefined ||
      batch.length >= CODES_MAX ||
      characters + code.length > CODE_CHARACTERS_MAX;
    if (isFull) {
      batches.push([code]);
      characters = code.length;
    } else {
      batch.push(code);
      characters += code.length;
    }
  }
  return batches;
}
