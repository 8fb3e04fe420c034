/**
 * `POST /crm/v3/objects/{type}/search`: groups of filters (any group, all of its filters), one sort,
 * 10,000 results per query (developers.hubspot.com CRM search, read 2026-11). It reads an index that
 * lags behind the records, values included. Text is indexed in lower case: `EQ` minds no case, and
 * `IN` finds only values given in lower case.
 */
import * as z from "zod";
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import type { Properties } from "./calculated.ts";
import type { Crm } from "./crm.ts";
import { invalid } from "./errors.ts";
import { compareExact, type ExactDecimal, parseExact } from "./exact-decimal.ts";
import type { ObjectKind } from "./object-types.ts";
import { kindOf } from "./objects-routes.ts";
import type { PropertyDefinition } from "./properties.ts";
import { readInstant } from "./property-values.ts";
import type { RecordVersion, StoredRecord } from "./records.ts";
import { indexedVersion, json, readBody, readCount, renderRecord, route } from "./wire.ts";

const BODY_LENGTH_MAX = 3_000;
const GROUPS_MAX = 5;
const FILTERS_PER_GROUP_MAX = 6;
const FILTERS_MAX = 18;
const LIMIT_DEFAULT = 10;
const LIMIT_MAX = 200;
const RESULTS_MAX = 10_000;

const filterSchema = z.object({
  propertyName: z.string(),
  operator: z.enum([
    "EQ",
    "NEQ",
    "GT",
    "GTE",
    "LT",
    "LTE",
    "BETWEEN",
    "IN",
    "NOT_IN",
    "HAS_PROPERTY",
    "NOT_HAS_PROPERTY",
    "CONTAINS_TOKEN",
    "NOT_CONTAINS_TOKEN",
  ]),
  value: z.string().optional(),
  highValue: z.string().optional(),
  values: z.array(z.string()).optional(),
});
type Filter = z.infer<typeof filterSchema>;

const sortSchema = z.union([
  z.string(),
  z.object({ propertyName: z.string(), direction: z.enum(["ASCENDING", "DESCENDING"]).optional() }),
]);

const searchSchema = z.object({
  query: z.string().optional(),
  limit: z.string().optional(),
  after: z.string().optional(),
  sorts: z.array(sortSchema).optional(),
  properties: z.array(z.string()).optional(),
  filterGroups: z.array(z.object({ filters: z.array(filterSchema).min(1) })).optional(),
});
type Search = z.infer<typeof searchSchema>;

type Test = (properties: Properties) => boolean;
interface Hit {
  readonly record: StoredRecord;
  readonly version: RecordVersion;
}

export function searchRoutes(crm: Crm): Route[] {
  return [route("POST", "/crm/v3/objects/{type}/search", (request) => search(crm, request))];
}

function search(crm: Crm, request: SimRequest): SimResponse {
  const kind = kindOf(request);
  if (request.rawBody.toString("utf8").length > BODY_LENGTH_MAX) {
    throw invalid(`The request body must not be longer than ${BODY_LENGTH_MAX} characters`);
  }
  const asked = readBody(request, searchSchema);
  const limit = readCount(asked.limit, LIMIT_DEFAULT, LIMIT_MAX);
  const offset = readOffset(asked.after, limit);
  const matches = compileSearch(crm, kind, asked);
  const { store, catalog, portalId, searchIndex } = crm.parts;
  const seenMs = searchIndex.seenMs();
  const hits = store.all(kind.type).flatMap((record): Hit[] => {
    const version = indexedVersion(record, seenMs);
    return version !== undefined && matches(version.properties) ? [{ record, version }] : [];
  });
  sortHits(hits, crm, kind, asked.sorts ?? []);
  const view = { portalId, properties: asked.properties ?? [] };
  const isKnown = (name: string) => catalog.find(kind.type, name) !== undefined;
  const end = offset + limit;
  return json(200, {
    total: hits.length,
    results: hits
      .slice(offset, end)
      .map(({ record, version }) => renderRecord(record, view, isKnown, version)),
    ...(end < hits.length ? { paging: { next: { after: String(end) } } } : {}),
  });
}

function readOffset(after: string | undefined, limit: number): number {
  if (after === undefined || after === "") return 0;
  if (!/^\d{1,9}$/.test(after)) throw invalid(`Invalid after ${after}: it must be a number`);
  if (Number(after) + limit > RESULTS_MAX) {
    throw invalid(`A search cannot page beyond its first ${RESULTS_MAX} results`);
  }
  return Number(after);
}

function compileSearch(crm: Crm, kind: ObjectKind, asked: Search): Test {
  const groups = asked.filterGroups ?? [];
  const filterCount = groups.reduce((count, group) => count + group.filters.length, 0);
  const isTooMuch =
    groups.length > GROUPS_MAX ||
    filterCount > FILTERS_MAX ||
    groups.some((group) => group.filters.length > FILTERS_PER_GROUP_MAX);
  if (isTooMuch) {
    throw invalid(
      `A search takes up to ${GROUPS_MAX} filter groups of ${FILTERS_PER_GROUP_MAX} filters, and ${FILTERS_MAX} filters in all`,
    );
  }
  const compiled = groups.map((group) =>
    group.filters.map((filter) =>
      compileFilter(findDefinition(crm, kind, filter.propertyName), filter),
    ),
  );
  const words = tokensOf(asked.query ?? "");
  return (properties) =>
    (compiled.length === 0 || compiled.some((tests) => tests.every((test) => test(properties)))) &&
    hasWords(properties, kind, words);
}

function findDefinition(crm: Crm, kind: ObjectKind, name: string): PropertyDefinition {
  const definition = crm.parts.catalog.find(kind.type, name);
  if (definition !== undefined) return definition;
  const message = `Property "${name}" does not exist`;
  throw invalid(`There was a problem with the request. ${message}`, {
    errors: [{ message, code: "PROPERTY_DOESNT_EXIST", context: { propertyName: [name] } }],
  });
}

function compileFilter(definition: PropertyDefinition, filter: Filter): Test {
  const { propertyName: name, operator } = filter;
  switch (operator) {
    case "HAS_PROPERTY":
      return (properties) => properties[name] !== undefined;
    case "NOT_HAS_PROPERTY":
      return (properties) => properties[name] === undefined;
    case "IN":
    case "NOT_IN": {
      const values = new Set(required(filter.values, operator, "values"));
      const isIn = (value: string) =>
        values.has(definition.type === "string" ? value.toLowerCase() : value);
      return onValue(name, (value) => isIn(value) === (operator === "IN"));
    }
    case "CONTAINS_TOKEN":
    case "NOT_CONTAINS_TOKEN": {
      const pattern = tokenPattern(required(filter.value, operator, "value"));
      const isIn = (value: string) => searchedTexts(value).some((text) => pattern.test(text));
      return onValue(name, (value) => isIn(value) === (operator === "CONTAINS_TOKEN"));
    }
    case "BETWEEN": {
      const low = comparison(definition, required(filter.value, operator, "value"));
      const high = comparison(definition, required(filter.highValue, operator, "highValue"));
      return onValue(name, (value) => low(value) >= 0 && high(value) <= 0);
    }
    default: {
      const compare = comparison(definition, required(filter.value, operator, "value"));
      const holds = HOLDS[operator];
      return onValue(name, (value) => holds(compare(value)));
    }
  }
}

const HOLDS = {
  EQ: (order: number) => order === 0,
  NEQ: (order: number) => order !== 0,
  GT: (order: number) => order > 0,
  GTE: (order: number) => order >= 0,
  LT: (order: number) => order < 0,
  LTE: (order: number) => order <= 0,
} as const;

/** No filter on a value finds a record that has none. */
function onValue(name: string, holds: (value: string) => boolean): Test {
  return (properties) => {
    const value = properties[name];
    return value !== undefined && holds(value);
  };
}

function required<Value>(value: Value | undefined, operator: string, field: string): Value {
  if (value !== undefined) return value;
  throw invalid(
    `Invalid input JSON on line 1, column 1: Cannot construct instance of Filter, problem: operator ${operator} requires a ${field}`,
  );
}

/** How a stored value stands to a given one: by number, by time, or as text in lower case. */
function comparison(definition: PropertyDefinition, given: string): (value: string) => number {
  if (definition.type === "number") {
    const right = parseExact(given);
    if (right === undefined) throw invalid(`${given} was not a valid number.`);
    return (value) => compareExact(parseExact(value) ?? { units: 0n, scale: 0 }, right);
  }
  if (definition.type === "date" || definition.type === "datetime") {
    const right = readInstant(given);
    if (right === undefined) throw invalid(`${given} was not a valid long.`);
    return (value) => (readInstant(value) ?? 0) - right;
  }
  const right = given.trim().toLowerCase();
  return (value) => compareText(value.toLowerCase(), right);
}

function sortHits(hits: Hit[], crm: Crm, kind: ObjectKind, sorts: NonNullable<Search["sorts"]>) {
  if (sorts.length > 1) throw invalid("Only one sort is allowed");
  const [sort] = sorts;
  if (sort === undefined) return;
  const isDescending =
    typeof sort === "string" ? sort.startsWith("-") : sort.direction === "DESCENDING";
  const name = typeof sort === "string" ? sort.replace(/^-/, "") : sort.propertyName;
  const definition = findDefinition(crm, kind, name);
  const keyed = new Map(
    hits.map((hit) => [hit, sortKey(definition, hit.version.properties[name])]),
  );
  hits.sort((left, right) => {
    const order = compareKeys(keyed.get(left), keyed.get(right), isDescending);
    return order === 0 ? Number(left.record.id) - Number(right.record.id) : order;
  });
}

type SortKey = ExactDecimal | number | string | undefined;

function sortKey(definition: PropertyDefinition, value: string | undefined): SortKey {
  if (value === undefined) return undefined;
  if (definition.type === "number") return parseExact(value);
  if (definition.type === "date" || definition.type === "datetime") return readInstant(value);
  return value.toLowerCase();
}

/** Records without a value come last, whichever the direction. */
function compareKeys(left: SortKey, right: SortKey, isDescending: boolean): number {
  if (left === undefined || right === undefined) {
    return Number(left === undefined) - Number(right === undefined);
  }
  const order =
    typeof left === "object" && typeof right === "object"
      ? compareExact(left, right)
      : typeof left === "number" && typeof right === "number"
        ? left - right
        : compareText(String(left), String(right));
  return isDescending ? -order : order;
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function hasWords(properties: Properties, kind: ObjectKind, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const texts = kind.queriedProperties.flatMap((name) => searchedTexts(properties[name] ?? ""));
  return words.every((word) => texts.some((text) => text.startsWith(word)));
}

/** What a token can be found in: the whole text, its words, and the parts of those. */
function searchedTexts(value: string): readonly string[] {
  const text = value.toLowerCase();
  return [text, ...text.split(/\s+/), ...tokensOf(text)];
}

function tokensOf(text: string): string[] {
  return text
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((token) => token !== "");
}

/** `*` stands for any characters, at either end or within. */
function tokenPattern(token: string): RegExp {
  const parts = token.trim().toLowerCase().split("*");
  const escaped = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "su");
}
