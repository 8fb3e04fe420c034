/** v4 associations, single and in batches: 2,000 to create, 1,000 to read, 100 to archive. */
import * as z from "zod";
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { findAssociationType, typesBetween } from "./association-types.ts";
import type { LinkedRecord } from "./associations.ts";
import type { Crm } from "./crm.ts";
import { HubspotFailure, invalid, type RowError, resourceNotFound } from "./errors.ts";
import { type ObjectKind, resolveKind } from "./object-types.ts";
import type { ChangeSource, StoredRecord } from "./records.ts";
import { json, readBody, readCount, route, toIso } from "./wire.ts";

const CREATE_MAX = 2_000;
const READ_MAX = 1_000;
const ARCHIVE_MAX = 100;
const PAGE_MAX = 500;
const BATCH = "/crm/v4/associations/{type}/{toType}/batch";
const OF_RECORD = "/crm/v4/objects/{type}/{id}/associations";

const idSchema = z.object({ id: z.string() });
const createSchema = z.object({
  inputs: z.array(
    z.object({
      from: idSchema,
      to: idSchema,
      types: z
        .array(z.object({ associationCategory: z.string(), associationTypeId: z.string() }))
        .min(1),
    }),
  ),
});
const defaultSchema = z.object({ inputs: z.array(z.object({ from: idSchema, to: idSchema })) });
const readSchema = z.object({
  inputs: z.array(z.object({ id: z.string(), after: z.string().optional() })),
});
const archiveSchema = z.object({
  inputs: z.array(z.object({ from: idSchema, to: z.array(idSchema) })),
});
const labelledSchema = z
  .array(z.object({ associationCategory: z.string(), associationTypeId: z.string() }))
  .min(1);

interface Pair {
  readonly from: ObjectKind;
  readonly to: ObjectKind;
}

export function associationRoutes(crm: Crm, source: ChangeSource): Route[] {
  return [
    route("POST", `${BATCH}/create`, (request) => {
      const pair = pairOf(request);
      const inputs = limited(readBody(request, createSchema).inputs, CREATE_MAX);
      return batch(crm, 201, inputs, ({ from, to, types }) =>
        linkLabelled(crm, pair, from.id, to.id, types.map(readTypeId), source),
      );
    }),
    route("POST", `${BATCH}/associate/default`, (request) => {
      const pair = pairOf(request);
      const inputs = limited(readBody(request, defaultSchema).inputs, CREATE_MAX);
      return batch(crm, 200, inputs, ({ from, to }) =>
        linkByDefault(crm, pair, from.id, to.id, source),
      );
    }),
    route("POST", `${BATCH}/read`, (request) => readAll(crm, request)),
    route("POST", `${BATCH}/archive`, (request) => {
      const pair = pairOf(request);
      const inputs = limited(readBody(request, archiveSchema).inputs, ARCHIVE_MAX);
      for (const { from, to } of inputs) {
        for (const { id } of to) unlink(crm, pair, from.id, id, source);
      }
      return { status: 204 };
    }),
    route("GET", "/crm/v4/associations/{type}/{toType}/labels", (request) => {
      const { from, to } = pairOf(request);
      const results = typesBetween(from.type, to.type).map((type) => renderType(type.typeId));
      return json(200, { results });
    }),
    route("PUT", `${OF_RECORD}/default/{toType}/{toId}`, (request) => {
      const { id = "", toId = "" } = request.params;
      const result = linkByDefault(crm, pairOf(request), id, toId, source);
      const at = toIso(crm.parts.now());
      return json(200, { status: "COMPLETE", results: [result], startedAt: at, completedAt: at });
    }),
    route("GET", `${OF_RECORD}/{toType}`, (request) => listOf(crm, request)),
    route("PUT", `${OF_RECORD}/{toType}/{toId}`, (request) => {
      const { id = "", toId = "" } = request.params;
      const typeIds = readBody(request, labelledSchema).map(readTypeId);
      return json(201, linkLabelled(crm, pairOf(request), id, toId, typeIds, source));
    }),
    route("DELETE", `${OF_RECORD}/{toType}/{toId}`, (request) => {
      const { id = "", toId = "" } = request.params;
      unlink(crm, pairOf(request), id, toId, source);
      return { status: 204 };
    }),
  ];
}

function pairOf(request: SimRequest): Pair {
  const { type = "", toType = "" } = request.params;
  return { from: resolveKind(type), to: resolveKind(toType) };
}

function limited<Input>(inputs: readonly Input[], max: number): readonly Input[] {
  if (inputs.length === 0) throw invalid("Invalid input JSON: inputs must not be empty");
  if (inputs.length <= max) return inputs;
  throw invalid(
    `The maximum number of inputs supported in a batch request is ${max}. This request contains ${inputs.length} inputs.`,
  );
}

function readTypeId(type: { associationCategory: string; associationTypeId: string }): number {
  if (type.associationCategory === "HUBSPOT_DEFINED") return Number(type.associationTypeId);
  throw invalid(`Association category ${type.associationCategory} has no types in this account`);
}

function findEnd(crm: Crm, kind: ObjectKind, id: string): StoredRecord {
  const record = crm.parts.store.findLive(kind, id);
  if (record !== undefined) return record;
  throw invalid(`${kind.legacyName}=${id} is not a valid ID`, {
    subCategory: "crm.associations.INVALID_IDENTIFIER",
    context: { id: [id] },
  });
}

/** Answers ids as numbers, as HubSpot does against its own specification. */
function linkLabelled(
  crm: Crm,
  pair: Pair,
  fromId: string,
  toId: string,
  typeIds: readonly number[],
  source: ChangeSource,
) {
  const types = typeIds.map((typeId) => crm.associationType(pair.from, pair.to, typeId));
  const from = findEnd(crm, pair.from, fromId);
  const to = findEnd(crm, pair.to, toId);
  for (const type of types) crm.associate(from, to, type.typeId, source);
  return {
    fromObjectTypeId: pair.from.typeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: pair.to.typeId,
    toObjectId: Number(to.id),
    labels: types.flatMap((type) => type.label ?? []),
  };
}

function linkByDefault(crm: Crm, pair: Pair, fromId: string, toId: string, source: ChangeSource) {
  const { typeId } = crm.associationType(pair.from, pair.to);
  const from = findEnd(crm, pair.from, fromId);
  const to = findEnd(crm, pair.to, toId);
  crm.associate(from, to, undefined, source);
  return {
    from: { id: from.id },
    to: { id: to.id },
    associationSpec: { associationCategory: "HUBSPOT_DEFINED", associationTypeId: typeId },
  };
}

function unlink(crm: Crm, pair: Pair, fromId: string, toId: string, source: ChangeSource): void {
  const from = crm.parts.store.findLive(pair.from, fromId);
  const to = crm.parts.store.findLive(pair.to, toId);
  if (from !== undefined && to !== undefined) crm.dissociate(from, to, source);
}

/** Each row stands for itself; a row that fails is an entry in a 207. */
function batch<Input>(
  crm: Crm,
  status: number,
  inputs: readonly Input[],
  run: (input: Input) => unknown,
): SimResponse {
  const startedAt = toIso(crm.parts.now());
  const results: unknown[] = [];
  const errors: RowError[] = [];
  for (const input of inputs) {
    try {
      results.push(run(input));
    } catch (cause) {
      if (!(cause instanceof HubspotFailure)) throw cause;
      const { category = "VALIDATION_ERROR", subCategory, message, context = {} } = cause.fields;
      const more = subCategory === undefined ? {} : { subCategory };
      errors.push({ status: "error", category, ...more, message, context });
    }
  }
  return batchAnswer(crm, status, startedAt, results, errors);
}

/** A record with no such associations is an error row, not an empty result. */
function readAll(crm: Crm, request: SimRequest): SimResponse {
  const { from, to } = pairOf(request);
  const inputs = limited(readBody(request, readSchema).inputs, READ_MAX);
  const startedAt = toIso(crm.parts.now());
  const results: unknown[] = [];
  const errors: RowError[] = [];
  for (const { id, after } of inputs) {
    const record = crm.parts.store.findLive(from, id);
    const linked = record === undefined ? [] : crm.parts.associations.linked(record.id, to.type);
    if (linked.length === 0) errors.push(noneFound(from, to, id));
    else results.push({ from: { id }, ...pageOf(linked, after ?? null, PAGE_MAX, "to") });
  }
  return batchAnswer(crm, 200, startedAt, results, errors);
}

function noneFound(from: ObjectKind, to: ObjectKind, id: string): RowError {
  return {
    status: "error",
    category: "OBJECT_NOT_FOUND",
    subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
    message: `No ${to.singular} is associated with ${from.singular} ${id}.`,
    context: {
      fromObjectId: [id],
      fromObjectType: [from.singular],
      toObjectType: [to.singular],
    },
  };
}

function listOf(crm: Crm, request: SimRequest): SimResponse {
  const { from, to } = pairOf(request);
  const record = crm.parts.store.findLive(from, request.params["id"] ?? "");
  if (record === undefined) throw resourceNotFound();
  const limit = readCount(request.query.get("limit"), PAGE_MAX, PAGE_MAX);
  const linked = crm.parts.associations.linked(record.id, to.type);
  return json(200, pageOf(linked, request.query.get("after"), limit, "results"));
}

/** `after` is the id of the first associated record of the page. */
function pageOf(
  linked: readonly LinkedRecord[],
  after: string | null,
  limit: number,
  key: "to" | "results",
) {
  const rest = linked.filter(({ id }) => Number(id) >= Number(after ?? 0));
  const rows = rest.slice(0, limit).map(({ id, typeIds }) => ({
    toObjectId: Number(id),
    associationTypes: typeIds.map(renderType),
  }));
  const next = rest[limit]?.id;
  return { [key]: rows, ...(next === undefined ? {} : { paging: { next: { after: next } } }) };
}

function renderType(typeId: number) {
  const label = findAssociationType(typeId)?.label ?? null;
  return { category: "HUBSPOT_DEFINED", typeId, label };
}

function batchAnswer(
  crm: Crm,
  status: number,
  startedAt: string,
  results: readonly unknown[],
  errors: readonly RowError[],
): SimResponse {
  const times = { startedAt, completedAt: toIso(crm.parts.now()) };
  if (errors.length === 0) return json(status, { status: "COMPLETE", results, ...times });
  const numErrors = errors.length;
  return json(207, { status: "COMPLETE", results, numErrors, errors, ...times });
}
