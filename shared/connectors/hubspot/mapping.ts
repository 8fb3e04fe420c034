/**
 * Properties to canonical fields and back: what is the same for every record type. HubSpot's values
 * are text both ways; a blank one is null, and `""` clears (developers.hubspot.com, properties,
 * read 2026-11). Money is decimal text in major units, in the currency of the record.
 */
import { formatDecimal, normalizeDecimal, parseDecimal } from "#shared/domain/decimal.ts";
import type { CanonicalId, ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import { type CurrencyCode, formatMoney, parseMoney } from "#shared/domain/money.ts";
import {
  type FieldKind,
  type Fields,
  type FieldValue,
  fieldKindOf,
  isMoney,
  type ObservedRecord,
} from "#shared/domain/records.ts";
import { assert, type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { ObjectType } from "./client.ts";
import { TEXT_LENGTH_MAX } from "./definition.ts";
import type { RemoteObject } from "./schema.ts";

export type SupportedType = "customer" | "product" | "order";

/** Values by property name, as they are read: null where blank, absent where not asked for. */
export type Properties = RemoteObject["properties"];

/** Values by property name, as they are written. */
export type PropertyPatch = Record<string, string>;

/** Canonical field to HubSpot property, one to one. */
export type FieldTable = Readonly<Record<string, string>>;

export const objectTypeOf: Readonly<Record<SupportedType, ObjectType>> = {
  customer: "companies",
  product: "products",
  order: "deals",
};

export const MODIFIED_PROPERTY = "hs_lastmodifieddate";

/** Ids of the records that were merged into this one, with `;` between; HubSpot's own. */
export const MERGED_IDS_PROPERTY = "hs_merged_object_ids";

/** Our canonical id on companies and deals; unique. */
export const ID_PROPERTY = "record_id";

/** Which of our records a line item is a line of, and which line: `<canonicalId>:<index>`; unique. */
export const LINE_ID_PROPERTY = "tieout_line_id";

function isSupported(recordType: RecordType): recordType is SupportedType {
  return Object.hasOwn(objectTypeOf, recordType);
}

/** Throws SyncError `rejected` (`record-type-unsupported`) for a type HubSpot does not hold for us. */
export function requireSupported(recordType: RecordType): SupportedType {
  if (isSupported(recordType)) return recordType;
  throw new SyncError(unsupported);
}

const unsupported: Failure = {
  kind: "rejected",
  code: "record-type-unsupported",
  fix: "Leave this record type to another connection: the flow must not name HubSpot for it.",
};

/** The fields of a table whose properties are present. Throws `invalid-input` with the field. */
export function readFields(
  recordType: SupportedType,
  table: FieldTable,
  properties: Properties,
  currency: CurrencyCode | null,
): Record<string, FieldValue> {
  const fields: Record<string, FieldValue> = {};
  for (const [field, property] of Object.entries(table)) {
    const text = properties[property];
    if (text === undefined) continue;
    const kind = kindOf(recordType, field);
    fields[field] = inField(field, () => readValue(kind, text, currency));
  }
  return fields;
}

/** The properties of those fields of a table that are present. Throws as {@link writeValue} does. */
export function writeFields(
  recordType: SupportedType,
  table: FieldTable,
  fields: Fields,
  currency: CurrencyCode | null,
): PropertyPatch {
  const patch: PropertyPatch = {};
  for (const [field, property] of Object.entries(table)) {
    const value = fields[field];
    if (value === undefined) continue;
    const kind = kindOf(recordType, field);
    patch[property] = inField(field, () => writeValue(kind.kind, value, currency));
  }
  return patch;
}

export function readText(text: string | null | undefined): string | null {
  return text === undefined || text === null || text.trim() === "" ? null : text;
}

/** A calendar date of a date or a moment: of a moment, the day it falls on in UTC. */
export function readDate(text: string | null | undefined): string | null {
  const value = readText(text);
  if (value === null) return null;
  const moment = new Date(/^-?\d{1,15}$/.test(value) ? Number(value) : value);
  if (Number.isNaN(moment.getTime())) {
    throw new SyncError({ kind: "invalid-input", code: "date-unreadable" });
  }
  return moment.toISOString().slice(0, 10);
}

/**
 * Text as it is sent. Throws `rejected` `field-too-long` for what HubSpot cannot hold: it would
 * refuse the whole batch for it.
 */
export function writeText(value: string | null): string {
  if (value === null) return "";
  if (value.length <= TEXT_LENGTH_MAX) return value;
  throw new SyncError({
    kind: "rejected",
    code: "field-too-long",
    fix: `Shorten the text to ${TEXT_LENGTH_MAX} characters, then retry.`,
  });
}

/**
 * The version of a record: when HubSpot last changed or archived it, epoch ms. Throws `invalid-input`
 * (`version-unreadable`) where no place has it.
 */
export function versionOf(object: RemoteObject): number {
  const times = [object.updatedAt, object.archivedAt, object.properties[MODIFIED_PROPERTY]]
    .map((text) => Date.parse(text ?? ""))
    .filter((time) => !Number.isNaN(time));
  if (times.length > 0) return Math.max(...times);
  throw new SyncError({ kind: "invalid-input", code: "version-unreadable" });
}

/** A record that is there; an archived one says nothing but that it ended. */
export function observedRecordOf(
  recordType: SupportedType,
  object: RemoteObject,
  fields: Fields,
): ObservedRecord {
  const isArchived = object.archived === true;
  const mergedFrom = mergedIdsOf(object);
  return {
    recordType,
    externalId: object.id,
    version: versionOf(object),
    life: isArchived ? "archived" : "live",
    registeredId: registeredIdOf(object),
    ...(mergedFrom.length === 0 ? {} : { mergedFrom }),
    fields: isArchived ? {} : fields,
  };
}

/**
 * The record of an id that leads to another one by now. Its version is that of the record it leads to,
 * which is later than any the id had of its own.
 */
export function mergedRecordOf(
  recordType: SupportedType,
  externalId: ExternalId,
  survivor: RemoteObject,
): ObservedRecord {
  const version = versionOf(survivor);
  return {
    recordType,
    externalId,
    version,
    life: "merged",
    mergedInto: survivor.id,
    fields: {},
  };
}

/** Records that this one took in, in HubSpot's order. */
export function mergedIdsOf(object: RemoteObject): ExternalId[] {
  const ids = (object.properties[MERGED_IDS_PROPERTY] ?? "").split(";").map((id) => id.trim());
  return [...new Set(ids)].filter((id) => id !== "" && id !== object.id);
}

export function registeredIdOf(object: RemoteObject): CanonicalId | undefined {
  return readText(object.properties[ID_PROPERTY]) ?? undefined;
}

/** Runs a step of mapping and names the field in what it throws. */
export function inField<Result>(field: string, step: () => Result): Result {
  try {
    return step();
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    throw new SyncError({ field, ...cause.failure }, cause);
  }
}

function readValue(
  kind: FieldKind,
  text: string | null,
  currency: CurrencyCode | null,
): FieldValue {
  const value = readText(text);
  if (value === null) return null;
  switch (kind.kind) {
    case "text":
      return value;
    case "decimal":
      return normalizeDecimal(value);
    case "whole-number":
      return readWholeNumber(value);
    case "date":
      return readDate(value);
    case "money":
      return currency === null ? null : parseMoney(value, currency);
    case "one-of":
      if (kind.values.includes(value)) return value;
      throw new SyncError({ kind: "invalid-input", code: "value-unknown" });
    default:
      throw new SyncError({ kind: "bug", code: "field-kind-unmapped" });
  }
}

function writeValue(
  kind: FieldKind["kind"],
  value: FieldValue,
  currency: CurrencyCode | null,
): string {
  if (value === null) return "";
  if (kind === "money") {
    assert(isMoney(value), "field-value-unexpected");
    // An amount stands beside the currency of its record, and has no other place for its own.
    if (value.currency === currency) return formatMoney(value);
    throw new SyncError({
      kind: "rejected",
      code: "currencies-differ",
      fix: "Give the record and its amounts one currency, then retry.",
    });
  }
  if (kind === "whole-number") {
    assert(typeof value === "number" && Number.isSafeInteger(value), "field-value-unexpected");
    return String(value);
  }
  assert(typeof value === "string", "field-value-unexpected");
  return kind === "decimal" ? formatDecimal(parseDecimal(value)) : writeText(value);
}

function readWholeNumber(text: string): number {
  const plain = normalizeDecimal(text);
  const value = Number(plain);
  if (/^-?\d+$/.test(plain) && Number.isSafeInteger(value)) return value;
  throw new SyncError({ kind: "invalid-input", code: "number-not-whole" });
}

function kindOf(recordType: SupportedType, field: string): FieldKind {
  const kind = fieldKindOf(recordType, field);
  assert(kind !== undefined, "field-unknown");
  return kind;
}
