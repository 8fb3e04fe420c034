/** `/crm/v3/objects/{type}`: one record at a time, the full list, and merges. */
import * as z from "zod";
import type { Route, SimRequest } from "../simulator-core.ts";
import { findAssociationType } from "./association-types.ts";
import type { Crm } from "./crm.ts";
import { invalid, resourceNotFound } from "./errors.ts";
import { OBJECT_KINDS, type ObjectKind, resolveKind } from "./object-types.ts";
import { type ChangeSource, currentVersion, isLive, type StoredRecord } from "./records.ts";
import {
  givenPropertiesSchema,
  json,
  queryList,
  readBody,
  readCount,
  renderRecord,
  route,
  systemNames,
} from "./wire.ts";

const LIST_LIMIT_DEFAULT = 10;
const LIST_LIMIT_MAX = 100;
const LIST_LIMIT_WITH_HISTORY_MAX = 50;
const OBJECTS = "/crm/v3/objects/{type}";

/** Links to make with a new record, as create calls carry them. */
export const inlineAssociationsSchema = z
  .array(
    z.object({
      to: z.object({ id: z.string() }),
      types: z
        .array(z.object({ associationCategory: z.string(), associationTypeId: z.string() }))
        .min(1),
    }),
  )
  .optional();
export type InlineAssociations = z.infer<typeof inlineAssociationsSchema>;

const createSchema = z.object({
  properties: givenPropertiesSchema,
  associations: inlineAssociationsSchema,
});
const updateSchema = z.object({ properties: givenPropertiesSchema });
const purgeSchema = z.object({ objectId: z.string(), idProperty: z.string().optional() });
const mergeSchema = z.object({ primaryObjectId: z.string(), objectIdToMerge: z.string() });

export function objectRoutes(crm: Crm, source: ChangeSource): Route[] {
  return [
    route("GET", OBJECTS, (request) => list(crm, request)),
    route("POST", OBJECTS, (request) => {
      const kind = kindOf(request);
      const { properties, associations } = readBody(request, createSchema);
      const links = planLinks(crm, kind, associations);
      const record = crm.write(crm.parts.store.check(kind, undefined, properties), source);
      linkAll(crm, record, links, source);
      return json(201, renderWritten(crm, record));
    }),
    route("POST", `${OBJECTS}/merge`, (request) => {
      const kind = kindOf(request);
      if (kind.type === "products" || kind.type === "line_items") throw resourceNotFound();
      const { primaryObjectId, objectIdToMerge } = readBody(request, mergeSchema);
      const primary = findLive(crm, kind, primaryObjectId);
      const other = findLive(crm, kind, objectIdToMerge);
      if (primary === other) throw invalid("Cannot merge a record with itself");
      return json(200, renderWritten(crm, crm.merge(primary, other, source)));
    }),
    route("POST", "/crm/v3/objects/contacts/gdpr-delete", (request) => {
      const { objectId, idProperty } = readBody(request, purgeSchema);
      const record = crm.parts.store.find(OBJECT_KINDS.contacts, objectId, idProperty);
      if (record === undefined) throw resourceNotFound();
      crm.purge(record, source);
      return { status: 204 };
    }),
    route("GET", `${OBJECTS}/{id}`, (request) => {
      const kind = kindOf(request);
      const record = crm.parts.store.find(kind, idOf(request), idPropertyOf(request));
      const wantsArchived = request.query.get("archived") === "true";
      if (record === undefined || isLive(record) === wantsArchived) throw resourceNotFound();
      return json(200, renderAsked(crm, request, record));
    }),
    route("PATCH", `${OBJECTS}/{id}`, (request) => {
      const kind = kindOf(request);
      const { properties } = readBody(request, updateSchema);
      const record = findLive(crm, kind, idOf(request), idPropertyOf(request));
      crm.write(crm.parts.store.check(kind, record, properties), source);
      return json(200, renderWritten(crm, record, Object.keys(properties)));
    }),
    route("DELETE", `${OBJECTS}/{id}`, (request) => {
      const record = crm.parts.store.find(kindOf(request), idOf(request));
      if (record === undefined) throw resourceNotFound();
      crm.archive(record, source);
      return { status: 204 };
    }),
  ];
}

export function kindOf(request: SimRequest): ObjectKind {
  return resolveKind(request.params["type"] ?? "");
}

function idOf(request: SimRequest): string {
  return request.params["id"] ?? "";
}

function idPropertyOf(request: SimRequest): string | undefined {
  return request.query.get("idProperty") ?? undefined;
}

function findLive(crm: Crm, kind: ObjectKind, id: string, idProperty?: string): StoredRecord {
  const record = crm.parts.store.findLive(kind, id, idProperty);
  if (record === undefined) throw resourceNotFound();
  return record;
}

/** `after` is the id of the first record of the next page. */
function list(crm: Crm, request: SimRequest) {
  const kind = kindOf(request);
  const { query } = request;
  const hasHistory = query.has("propertiesWithHistory");
  const limitMax = hasHistory ? LIST_LIMIT_WITH_HISTORY_MAX : LIST_LIMIT_MAX;
  const limit = readCount(query.get("limit"), LIST_LIMIT_DEFAULT, limitMax);
  const after = query.get("after") ?? "0";
  if (!/^\d{1,15}$/.test(after)) throw invalid(`Invalid after ${after}: it must be a number`);
  const wanted = query.get("archived") === "true" ? "archived" : "live";
  const records = crm.parts.store.all(kind.type);
  const page: StoredRecord[] = [];
  for (let index = firstFrom(records, Number(after)); index < records.length; index += 1) {
    const record = records[index];
    if (record === undefined || crm.parts.store.stateOf(record) !== wanted) continue;
    page.push(record);
    if (page.length > limit) break;
  }
  const next = page[limit]?.id;
  const results = page.slice(0, limit).map((record) => renderAsked(crm, request, record));
  if (next === undefined) return json(200, { results });
  const link = `https://api.hubapi.com/crm/v3/objects/${kind.type}?limit=${limit}&after=${next}`;
  return json(200, { results, paging: { next: { after: next, link } } });
}

/** Index of the first record whose id is at least `id`, by bisection: ids only grow. */
function firstFrom(records: readonly StoredRecord[], id: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number(records[middle]?.id) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function renderAsked(crm: Crm, request: SimRequest, record: StoredRecord) {
  const { catalog, portalId } = crm.parts;
  const rendered = renderRecord(
    record,
    {
      portalId,
      properties: queryList(request, "properties"),
      propertiesWithHistory: queryList(request, "propertiesWithHistory"),
    },
    (name) => catalog.find(record.type, name) !== undefined,
  );
  const associations = renderAssociations(crm, record, queryList(request, "associations"));
  return associations === undefined ? rendered : { ...rendered, associations };
}

/** v3 lists a pair once for each of its association types. */
function renderAssociations(crm: Crm, record: StoredRecord, asked: readonly string[]) {
  const entries = asked.flatMap((name) => {
    const kind = resolveKind(name);
    const results = crm.parts.associations
      .linked(record.id, kind.type)
      .flatMap(({ id, typeIds }) =>
        typeIds.map((typeId) => ({ id, type: findAssociationType(typeId)?.name ?? "" })),
      );
    return results.length === 0 ? [] : [[kind.associationsKey, { results }] as const];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** The answer to a write: all of a new record, and of a changed one what was written. */
export function renderWritten(crm: Crm, record: StoredRecord, written?: readonly string[]) {
  const { catalog, portalId } = crm.parts;
  const kind = OBJECT_KINDS[record.type];
  const properties = written ?? Object.keys(currentVersion(record).properties);
  const view = { portalId, properties: [...properties, ...systemNames(kind)] };
  return renderRecord(record, view, (name) => catalog.find(record.type, name) !== undefined);
}

export interface PlannedLink {
  readonly to: StoredRecord;
  readonly typeId: number;
}

/** Checks the links a new record comes with, so that nothing is made where one is wrong. */
export function planLinks(crm: Crm, from: ObjectKind, given: InlineAssociations): PlannedLink[] {
  const links = (given ?? []).flatMap(({ to, types }) =>
    types.map(({ associationTypeId }) => {
      const typeId = Number(associationTypeId);
      const type = findAssociationType(typeId);
      const record =
        type?.from === from.type
          ? crm.parts.store.findLive(OBJECT_KINDS[type.to], to.id)
          : undefined;
      if (record === undefined) throw invalidLink(to.id, typeId);
      return { to: record, typeId };
    }),
  );
  const [first] = links;
  const second = links.find((link) => link.to !== first?.to);
  if (from.type === "line_items" && second !== undefined) {
    throw invalidLink(second.to.id, second.typeId);
  }
  return links;
}

function invalidLink(id: string, typeId: number) {
  return invalid(`One or more associations are not valid: ${id} by type ${typeId}`, {
    subCategory: "crm.associations.INVALID_IDENTIFIER",
    context: { id: [id] },
  });
}

export function linkAll(
  crm: Crm,
  record: StoredRecord,
  links: readonly PlannedLink[],
  source: ChangeSource,
): void {
  for (const { to, typeId } of links) crm.associate(record, to, typeId, source);
}
