/**
 * References between records: from a connection's own ids to canonical ids on the way in, and back
 * to a connection's ids on the way out.
 */
import { type CrossReference, isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import {
  type CanonicalId,
  type ConnectionId,
  type ExternalRef,
  externalRefKey,
  isRecordType,
} from "#shared/domain/identifiers.ts";
import {
  type Fields,
  type FieldValue,
  isLines,
  isReference,
  type Reference,
} from "#shared/domain/records.ts";

/** External references that the fields point to and that are not canonical ids yet. */
export function pendingReferences(fields: Fields): ExternalRef[] {
  const pending: ExternalRef[] = [];
  for (const reference of referencesIn(fields)) {
    if ("externalId" in reference) pending.push(reference);
  }
  return pending;
}

/** Canonical ids that the fields point to. */
export function canonicalReferences(fields: Fields): CanonicalId[] {
  const ids: CanonicalId[] = [];
  for (const reference of referencesIn(fields)) {
    if ("canonicalId" in reference) ids.push(reference.canonicalId);
  }
  return ids;
}

/** The records that those refer to, but for their lines; each once. */
export function referredBy(records: Iterable<CrossReference>): CanonicalId[] {
  const ids = [...records].flatMap(({ fields: { lines: _lines, ...fields } }) =>
    canonicalReferences(fields),
  );
  return [...new Set(ids)];
}

/** The record of ours that the value refers to, where it is known. */
export function canonicalIdIn(value: FieldValue | undefined): CanonicalId | undefined {
  return isReference(value) && "canonicalId" in value ? value.canonicalId : undefined;
}

/** The fields with every reference that `known` has as a canonical id; the others as they were. */
export function resolveInward(
  fields: Fields,
  known: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>,
): Fields {
  return mapReferences(fields, (reference) => {
    if ("canonicalId" in reference) return reference;
    const entry = known.get(externalRefKey(reference));
    return entry === undefined ? reference : { canonicalId: entry.canonicalId };
  });
}

export interface OutwardFields {
  readonly fields: Fields;
  /** Keys of what the fields point to and the connection does not hold yet. */
  readonly waitsFor: readonly string[];
  /** What was resolved, by `externalRefKey`: turns the remote's answer back into canonical ids. */
  readonly resolved: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>;
}

/** The fields with every reference as the connection's own id, or what they wait for. */
export function resolveOutward(
  fields: Fields,
  connection: ConnectionId,
  targets: ReadonlyMap<CanonicalId, CrossReference>,
): OutwardFields {
  const waitsFor = new Set<string>();
  const resolved = new Map<string, { canonicalId: CanonicalId }>();
  const outward = mapReferences(fields, (reference) => {
    if ("externalId" in reference) {
      waitsFor.add(waitKeyOfRef(reference));
      return reference;
    }
    const own = targets.get(reference.canonicalId);
    const isThere = own !== undefined && isLinked(sideOf(own, connection));
    const target = isThere ? own : survivorOf(targets, reference.canonicalId);
    const side = target === undefined ? undefined : sideOf(target, connection);
    if (target !== undefined && side !== undefined && isLinked(side)) {
      const { recordType, canonicalId } = target;
      const ref = { connection, recordType, externalId: side.externalId };
      resolved.set(externalRefKey(ref), { canonicalId });
      return ref;
    }
    waitsFor.add(target?.canonicalId ?? reference.canonicalId);
    return reference;
  });
  return { fields: outward, waitsFor: [...waitsFor].sort(), resolved };
}

/** Merges of merges: a chain longer than this is no chain but a loop. */
const MERGE_HOPS_MAX = 10;

/** The record that the id leads to after merges, among those that were loaded. */
export function survivorOf(
  loaded: ReadonlyMap<CanonicalId, CrossReference>,
  id: CanonicalId | undefined,
): CrossReference | undefined {
  let xref = id === undefined ? undefined : loaded.get(id);
  for (let hops = 0; hops < MERGE_HOPS_MAX && xref?.mergedInto !== undefined; hops += 1) {
    xref = loaded.get(xref.mergedInto) ?? xref;
  }
  return xref;
}

/** The key under which one waits for a record whose canonical id is not known yet. */
export function waitKeyOfRef(ref: ExternalRef): string {
  return `ext#${externalRefKey(ref)}`;
}

/** The inverse of {@link waitKeyOfRef}; undefined for the key of a record that is known. */
export function refOfWaitKey(key: string): ExternalRef | undefined {
  const [prefix, connection, recordType = "", ...rest] = key.split("#");
  if (prefix !== "ext" || connection === undefined || rest.length === 0) return undefined;
  if (!isRecordType(recordType)) return undefined;
  return { connection, recordType, externalId: rest.join("#") };
}

function* referencesIn(fields: Fields): Generator<Reference> {
  for (const value of Object.values(fields)) {
    if (isReference(value)) yield value;
    if (isLines(value)) {
      for (const line of value) if (line.product !== null) yield line.product;
    }
  }
}

function mapReferences(fields: Fields, replace: (reference: Reference) => Reference): Fields {
  const mapped: Record<string, FieldValue | undefined> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (isReference(value)) mapped[name] = replace(value);
    else if (isLines(value)) {
      mapped[name] = value.map((line) =>
        line.product === null ? line : { ...line, product: replace(line.product) },
      );
    } else mapped[name] = value;
  }
  return mapped;
}
