/** Requests and answers as HubSpot writes them. */
import * as z from "zod";
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { invalid, JSON_HEADERS } from "./errors.ts";
import { OBJECT_KINDS, type ObjectKind } from "./object-types.ts";
import {
  currentVersion,
  historyOf,
  type RecordVersion,
  type StoredRecord,
  versionAt,
} from "./records.ts";

/** A property's value in a request: numbers come as the digits that were written, see {@link readBody}. */
export const givenPropertiesSchema = z.record(z.string(), z.union([z.string(), z.boolean()]));

/** A route; what it refuses it throws as a HubspotFailure. */
export function route(
  method: string,
  path: string,
  answer: (request: SimRequest) => SimResponse,
): Route {
  return { method, path, answer };
}

export function json(status: number, body: unknown): SimResponse {
  return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
}

/**
 * The body by its schema; every JSON number becomes its own digits as a string, so that `1.10` stays
 * `1.10` and ids are alike whichever way they were sent. Throws the 400 of a body HubSpot cannot read.
 */
export function readBody<Shape>(request: SimRequest, schema: z.ZodType<Shape>): Shape {
  const keepDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
    typeof value === "number" ? (context?.source ?? String(value)) : value;
  let given: unknown;
  try {
    given = JSON.parse(request.rawBody.toString("utf8"), keepDigits);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw invalid(`Invalid input JSON on line 1, column 1: ${cause.message}`);
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw invalid(`Invalid input JSON on line 1, column 1: ${where}: ${issue?.message ?? ""}`);
}

/** A list in the query, as repeated keys or with commas. */
export function queryList(request: SimRequest, name: string): readonly string[] {
  const parts = request.query.getAll(name).flatMap((value) => value.split(","));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** A whole number from 1 to `max`; throws a 400 for any other text. */
export function readCount(text: string | null | undefined, fallback: number, max: number): number {
  if (text === null || text === undefined) return fallback;
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count < 1 || count > max) {
    throw invalid(`Invalid limit ${text}: it must be a number from 1 to ${max}`);
  }
  return count;
}

export interface View {
  readonly portalId: number;
  /** Properties to answer; those the type has by default where none are named. */
  readonly properties: readonly string[];
  readonly propertiesWithHistory?: readonly string[];
}

/** A record as HubSpot answers it: empty properties are `null`, unknown ones are left out. */
export function renderRecord(
  record: StoredRecord,
  view: View,
  isKnown: (name: string) => boolean,
  version: RecordVersion = currentVersion(record),
): Record<string, unknown> {
  const kind = OBJECT_KINDS[record.type];
  const histories = view.propertiesWithHistory ?? [];
  const named = [...view.properties, ...histories];
  const names = [...(named.length === 0 ? kind.defaultProperties : named), ...systemNames(kind)];
  const properties: Record<string, string | null> = {};
  for (const name of [...new Set(names)].sort()) {
    if (isKnown(name)) properties[name] = version.properties[name] ?? null;
  }
  const archived = version.state === "archived";
  return {
    id: record.id,
    properties,
    ...(histories.length === 0
      ? {}
      : { propertiesWithHistory: renderHistories(record, histories.filter(isKnown)) }),
    createdAt: toIso(record.createdAtMs),
    updatedAt: version.properties[kind.modifiedProperty] ?? toIso(record.createdAtMs),
    archived,
    ...(archived ? { archivedAt: toIso(version.atMs) } : {}),
    url: `https://app.hubspot.com/contacts/${view.portalId}/record/${kind.typeId}/${record.id}`,
  };
}

/** The properties every answer has, asked for or not. */
export function systemNames(kind: ObjectKind): readonly string[] {
  return ["createdate", kind.modifiedProperty, "hs_object_id"];
}

/** What the search index holds of a record, which may be older than the record; `undefined` for none. */
export function indexedVersion(record: StoredRecord, seenMs: number): RecordVersion | undefined {
  const version = versionAt(record, seenMs);
  return version?.state === "live" ? version : undefined;
}

function renderHistories(record: StoredRecord, names: readonly string[]) {
  return Object.fromEntries(
    names.map((name) => [
      name,
      historyOf(record, name).map(({ value, atMs, changeSource, sourceId }) => ({
        value,
        timestamp: toIso(atMs),
        sourceType: changeSource,
        sourceId,
      })),
    ]),
  );
}

export function toIso(atMs: number): string {
  return new Date(atMs).toISOString();
}
