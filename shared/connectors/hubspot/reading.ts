/** Reading records by page and by id, whatever their type. */
import type { ExternalId } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ReadChangesRequest, UnreadableRecord } from "#shared/ports/connector.ts";
import { readInBatches } from "./batches.ts";
import type { HubspotClient, ObjectType } from "./client.ts";
import { batchMax } from "./definition.ts";
import { MODIFIED_PROPERTY, mergedIdsOf, mergedRecordOf, type SupportedType } from "./mapping.ts";
import type { RemoteObject } from "./schema.ts";

export interface ReadRecords {
  readonly records: readonly ObservedRecord[];
  readonly unreadable: readonly UnreadableRecord[];
}

export interface ObjectPage {
  readonly objects: readonly RemoteObject[];
  readonly nextCursor?: string | undefined;
}

/**
 * Where a read goes on. `list` walks all live records by id, then `archived` those in the recycle bin.
 * `since` asks for what changed at a moment or later; `at` for what changed at exactly one moment, by
 * id, where that moment fills whole pages.
 */
type Cursor =
  | { readonly kind: "list"; readonly after: string | undefined }
  | { readonly kind: "archived"; readonly after: string | undefined }
  | { readonly kind: "since"; readonly ms: number }
  | { readonly kind: "at"; readonly ms: number; readonly afterId: string };

/** Maps each object; one that cannot be mapped is named, never left out. */
export function collectRecords(
  recordType: SupportedType,
  objects: readonly RemoteObject[],
  toRecord: (object: RemoteObject) => ObservedRecord,
): ReadRecords {
  const records: ObservedRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const object of objects) {
    try {
      records.push(toRecord(object));
    } catch (cause) {
      if (!(cause instanceof SyncError)) throw cause;
      unreadable.push({ recordType, externalId: object.id, failure: cause.failure });
    }
  }
  return { records, unreadable };
}

/** Types whose records can be merged, so that an id may lead to a record of another id. */
const mergeable: ReadonlySet<ObjectType> = new Set(["companies", "deals"]);

/**
 * One page of a type. Without a moment to start from it is a page of all records, archived ones last:
 * no search finds these, so a full read is where an end that nothing told of is found out. Each page of changes is a search of its own that begins at the last moment of
 * the page before. HubSpot's own `after` counts places: a record that changes while pages are read
 * moves to the end, and every later page would miss one; it also ends at 10,000.
 */
export async function readObjectPage(
  client: HubspotClient,
  type: ObjectType,
  properties: readonly string[],
  request: ReadChangesRequest,
): Promise<ObjectPage> {
  const cursor = cursorOf(request);
  if (cursor.kind === "list" || cursor.kind === "archived") {
    const isArchived = cursor.kind === "archived";
    const page = { properties, isArchived, after: cursor.after };
    const { objects, after } = await client.listObjects(type, page, request.signal);
    if (after !== undefined) {
      return { objects, nextCursor: encodeCursor({ kind: cursor.kind, after }) };
    }
    if (isArchived) return { objects };
    return { objects, nextCursor: encodeCursor({ kind: "archived", after: undefined }) };
  }
  const changedAt = { propertyName: MODIFIED_PROPERTY, value: String(cursor.ms) };
  const search =
    cursor.kind === "since"
      ? { filters: [{ ...changedAt, operator: "GTE" as const }], sort: MODIFIED_PROPERTY }
      : {
          filters: [
            { ...changedAt, operator: "EQ" as const },
            { propertyName: "hs_object_id", operator: "GT" as const, value: cursor.afterId },
          ],
          sort: "hs_object_id",
        };
  const { objects, hasMore } = await client.searchObjects(
    type,
    { ...search, properties, limit: batchMax.search },
    request.signal,
  );
  const next = nextSearch(cursor, objects.at(-1), hasMore);
  return next === undefined ? { objects } : { objects, nextCursor: encodeCursor(next) };
}

interface FoundObjects {
  readonly objects: readonly RemoteObject[];
  /** Ids that were asked for and lead to a record of another id. */
  readonly merged: readonly { readonly id: ExternalId; readonly survivor: RemoteObject }[];
  readonly missing: readonly ExternalId[];
}

/**
 * Records by id, live or archived; any number. The id of a record that was merged away leads to the
 * record that has its place, which a batch answers in its stead and which names the ids it took in.
 * What a batch leaves open is asked for by itself: only a single read promises to follow an old id.
 */
export async function findObjects(
  client: HubspotClient,
  type: ObjectType,
  ids: readonly ExternalId[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<FoundObjects> {
  const asked = new Set(ids);
  const found = new Map<ExternalId, RemoteObject>();
  const survivors = new Map<ExternalId, RemoteObject>();
  const isOpen = (id: ExternalId): boolean => !found.has(id) && !survivors.has(id);
  const take = (object: RemoteObject): void => {
    found.set(object.id, object);
    for (const id of mergedIdsOf(object)) if (asked.has(id)) survivors.set(id, object);
  };
  for (const isArchived of [false, true]) {
    const wanted = [...asked].filter(isOpen);
    const objects = await readInBatches(wanted, batchMax.objects, (batch) =>
      client.readObjects(type, { ids: batch, properties, isArchived }, signal),
    );
    for (const object of objects) take(object);
  }
  if (mergeable.has(type)) {
    await readInBatches([...asked].filter(isOpen), 1, async ([id = ""]) => {
      const object = await client.readObject(type, id, properties, signal);
      if (object === undefined) return [];
      take(object);
      if (object.id !== id) survivors.set(id, object);
      return [];
    });
  }
  for (const id of found.keys()) survivors.delete(id);
  return {
    objects: [...found.values()],
    merged: [...survivors].map(([id, survivor]) => ({ id, survivor })),
    missing: [...asked].filter(isOpen),
  };
}

/** The ids that lead elsewhere as records of their own, which say where. */
export function readMerged(recordType: SupportedType, merged: FoundObjects["merged"]): ReadRecords {
  const records: ObservedRecord[] = [];
  const unreadable: UnreadableRecord[] = [];
  for (const { id, survivor } of merged) {
    try {
      records.push(mergedRecordOf(recordType, id, survivor));
    } catch (cause) {
      if (!(cause instanceof SyncError)) throw cause;
      unreadable.push({ recordType, externalId: id, failure: cause.failure });
    }
  }
  return { records, unreadable };
}

function cursorOf(request: ReadChangesRequest): Cursor {
  if (request.cursor !== undefined) return decodeCursor(request.cursor);
  if (request.since !== undefined) return { kind: "since", ms: Math.max(0, request.since) };
  return { kind: "list", after: undefined };
}

function nextSearch(
  cursor: Extract<Cursor, { kind: "since" | "at" }>,
  last: RemoteObject | undefined,
  hasMore: boolean,
): Cursor | undefined {
  if (cursor.kind === "at") {
    if (hasMore && last !== undefined) return { ...cursor, afterId: last.id };
    return { kind: "since", ms: cursor.ms + 1 };
  }
  if (!hasMore || last === undefined) return undefined;
  const lastMs = Date.parse(last.properties[MODIFIED_PROPERTY] ?? "");
  if (lastMs > cursor.ms) return { kind: "since", ms: lastMs };
  return { kind: "at", ms: cursor.ms, afterId: "0" };
}

function encodeCursor(cursor: Cursor): string {
  switch (cursor.kind) {
    case "list":
    case "archived":
      return `${cursor.kind}:${cursor.after ?? ""}`;
    case "since":
      return `since:${cursor.ms}`;
    case "at":
      return `at:${cursor.ms}:${cursor.afterId}`;
  }
}

function decodeCursor(text: string): Cursor {
  const list = /^list:(.+)$/s.exec(text);
  if (list !== null) return { kind: "list", after: list[1] };
  const archived = /^archived:(.*)$/s.exec(text);
  if (archived !== null) return { kind: "archived", after: archived[1] || undefined };
  const since = /^since:(\d{1,15})$/.exec(text);
  if (since !== null) return { kind: "since", ms: Number(since[1]) };
  const at = /^at:(\d{1,15}):(\d+)$/.exec(text);
  if (at !== null) return { kind: "at", ms: Number(at[1]), afterId: at[2] ?? "0" };
  throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
}
