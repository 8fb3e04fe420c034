/**
 * The history as objects of a bucket: JSON Lines, one entry a line, sorted; one object for each batch
 * and hour.
 *
 * ```
 * history/2026/11/22/18/1795370400123-1795370419876-<hash of the content>.jsonl
 *         hour of saving, UTC  first and last time of saving, epoch ms
 * ```
 *
 * The key follows from the content, so a batch that comes again is the same object again, and an
 * entry is found by the time it was saved.
 */
import { limits } from "#shared/config/limits.ts";
import { historyPrefix } from "#shared/config/names.ts";
import type { FoundEntry, HistoryEntry } from "#shared/domain/history.ts";
import { isRecordType } from "#shared/domain/identifiers.ts";
import { decodeJson, encodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { TrailEntry } from "#shared/domain/trail.ts";
import { chainOf, hashOf } from "./history-chain.ts";

export interface HistoryObject {
  readonly key: string;
  readonly content: string;
}

const HOUR_MS = 3_600_000;
/** The last instant that a date can hold, epoch ms. */
const INSTANT_MAX = 8.64e15;

/** The entries in as few objects as hours and sizes allow; copies of one entry count as one. */
export function objectsOf(entries: readonly HistoryEntry[]): HistoryObject[] {
  const sorted = entries.toSorted(
    (left, right) =>
      left.savedAt - right.savedAt ||
      compare(left.canonicalId, right.canonicalId) ||
      left.revision - right.revision ||
      compare(left.chain, right.chain),
  );
  const lines = new Map(sorted.map((entry) => [lineOf(entry), entry]));
  const objects: { hour: number; bytes: number; lines: string[]; entries: HistoryEntry[] }[] = [];
  for (const [line, entry] of lines) {
    const hour = Math.floor(entry.savedAt / HOUR_MS);
    const bytes = Buffer.byteLength(line) + 1;
    const last = objects.at(-1);
    const isFull = (last?.bytes ?? 0) + bytes > limits.historyObjectBytesMax;
    if (last === undefined || last.hour !== hour || isFull) {
      objects.push({ hour, bytes, lines: [line], entries: [entry] });
    } else {
      last.bytes += bytes;
      last.lines.push(line);
      last.entries.push(entry);
    }
  }
  return objects.map((object) => {
    const content = `${object.lines.join("\n")}\n`;
    const [first, last] = [object.entries[0]?.savedAt, object.entries.at(-1)?.savedAt];
    const key = `${hourPrefix(object.hour * HOUR_MS)}${first}-${last}-${hashOf(content)}.jsonl`;
    return { key, content };
  });
}

/** Of the keys of all objects with entries saved in the same hour. */
export function hourPrefix(savedAt: number): string {
  return `${historyPrefix}${new Date(savedAt).toISOString().slice(0, 13).replace(/[-T]/g, "/")}/`;
}

/** Whether an object of this key may hold an entry that was saved then. */
export function holdsTime(key: string, savedAt: number): boolean {
  const [, first, last] = /\/(\d+)-(\d+)-[^/]*$/.exec(key) ?? [];
  return first !== undefined && Number(first) <= savedAt && savedAt <= Number(last);
}

function lineOf(entry: HistoryEntry): string {
  const { canonicalId, recordType, revision, savedAt, previousSavedAt, previousChain } = entry;
  const { chain, bodyHash, trail } = entry;
  const link = { previousSavedAt, previousChain, chain, bodyHash };
  return encodeJson({ canonicalId, recordType, revision, savedAt, ...link, trail });
}

/** Undefined for a line that is no entry: only an intact one is known to be what we wrote. */
export function entryOfLine(line: string): FoundEntry | undefined {
  const entry = parseLine(line);
  return entry === undefined ? undefined : { entry, isIntact: chainOf(entry) === entry.chain };
}

function parseLine(line: string): HistoryEntry | undefined {
  let parsed: unknown;
  try {
    parsed = decodeJson(line);
  } catch (error) {
    if (error instanceof SyncError && error.failure.kind === "invalid-input") return undefined;
    throw error;
  }
  if (typeof parsed !== "object" || parsed === null) return undefined;
  const { canonicalId, recordType, revision, savedAt, previousSavedAt, previousChain, ...rest } =
    parsed as Readonly<Record<string, unknown>>;
  const { chain, bodyHash, trail } = rest;
  const isEntry =
    typeof canonicalId === "string" &&
    typeof recordType === "string" &&
    isRecordType(recordType) &&
    isCount(revision) &&
    isInstant(savedAt) &&
    (previousSavedAt === undefined || isInstant(previousSavedAt)) &&
    (previousChain === undefined || typeof previousChain === "string") &&
    typeof chain === "string" &&
    typeof bodyHash === "string" &&
    Array.isArray(trail);
  if (!isEntry) return undefined;
  const head = { canonicalId, recordType, revision, savedAt, previousSavedAt, previousChain };
  return { ...head, chain, bodyHash, trail: trail as TrailEntry[] };
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isInstant(value: unknown): value is number {
  return isCount(value) && value <= INSTANT_MAX;
}

function compare(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
