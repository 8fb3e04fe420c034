/** A record and its past: what a read, a search index that lags, and a history can see of it. */
import * as z from "zod";
import type { Properties } from "./calculated.ts";
import { OBJECT_TYPES } from "./object-types.ts";

const HISTORY_MAX = 20;
/** How long a record that was archived can be restored; after that it is gone. */
const RECYCLE_BIN_MS = 90 * 24 * 3_600_000;

const sourceSchema = z.object({
  /** `INTEGRATION` for the API token, `CRM_UI` for a person at the page. */
  changeSource: z.enum(["INTEGRATION", "CRM_UI", "CALCULATED"]),
  sourceId: z.string(),
});
export type ChangeSource = z.infer<typeof sourceSchema>;

const versionSchema = z.object({
  atMs: z.number(),
  properties: z.record(z.string(), z.string()),
  /**
   * A merged record is gone, though its id still leads to the one that took it in; a purged one is
   * gone with all it held.
   */
  state: z.enum(["live", "archived", "merged", "purged"]),
});

/** What an archived record was linked with, to be linked with again when it is restored. */
const formerLinkSchema = z.object({
  type: z.enum(OBJECT_TYPES),
  id: z.string(),
  typeIds: z.array(z.number()),
});

const historySchema = sourceSchema.extend({ atMs: z.number(), value: z.string() });

export const recordSchema = z.object({
  id: z.string(),
  type: z.enum(OBJECT_TYPES),
  createdAtMs: z.number(),
  /** Oldest first, never empty; older ones than the search index can still show are dropped. */
  versions: z.array(versionSchema).min(1),
  /** Newest first, by property; nothing for a property that still has its first value. */
  history: z.record(z.string(), z.array(historySchema)),
  mergedInto: z.string().optional(),
  formerLinks: z.array(formerLinkSchema).optional(),
});

export type RecordVersion = z.infer<typeof versionSchema>;
export type RecordState = RecordVersion["state"];
export type FormerLink = z.infer<typeof formerLinkSchema>;
export type HistoryEntry = z.infer<typeof historySchema>;
export type StoredRecord = z.infer<typeof recordSchema>;

/** The record as it is now. */
export function currentVersion(record: StoredRecord): RecordVersion {
  const version = record.versions.at(-1);
  if (version === undefined) throw new Error(`Record ${record.id} has no version`);
  return version;
}

/** The record as it was at a time, or `undefined` where it was not there yet. */
export function versionAt(record: StoredRecord, atMs: number): RecordVersion | undefined {
  return record.versions.findLast((version) => version.atMs <= atMs);
}

export function isLive(record: StoredRecord): boolean {
  return currentVersion(record).state === "live";
}

/** The state as it is now: an archived record is purged once its time in the recycle bin is over. */
export function stateAt(record: StoredRecord, nowMs: number): RecordState {
  const { state, atMs } = currentVersion(record);
  return state === "archived" && atMs + RECYCLE_BIN_MS <= nowMs ? "purged" : state;
}

/** Adds a version and forgets those that nothing can see any more, given the index's age. */
export function pushVersion(
  record: StoredRecord,
  version: RecordVersion,
  searchSeesMs: number,
): void {
  record.versions.push(version);
  const oldest = record.versions.findLastIndex((candidate) => candidate.atMs <= searchSeesMs);
  if (oldest > 0) record.versions.splice(0, oldest);
}

/** Every value a property had, newest first: the first one came with the record. */
export function historyOf(record: StoredRecord, name: string): readonly HistoryEntry[] {
  return record.history[name] ?? initialHistory(record, currentVersion(record).properties, name);
}

/** Notes each changed property, an empty value for a cleared one. */
export function noteHistory(
  record: StoredRecord,
  changed: readonly string[],
  before: Properties,
  after: Properties,
  change: ChangeSource & { readonly atMs: number },
): void {
  for (const name of changed) {
    const earlier = record.history[name] ?? initialHistory(record, before, name);
    const entry = { ...change, value: after[name] ?? "" };
    record.history[name] = [entry, ...earlier].slice(0, HISTORY_MAX);
  }
}

function initialHistory(
  record: StoredRecord,
  properties: Properties,
  name: string,
): readonly HistoryEntry[] {
  const value = properties[name];
  if (value === undefined) return [];
  const changeSource = properties["hs_object_source"] === "CRM_UI" ? "CRM_UI" : "INTEGRATION";
  const sourceId = properties["hs_object_source_id"] ?? "";
  return [{ changeSource, sourceId, atMs: record.createdAtMs, value }];
}
