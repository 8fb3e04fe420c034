/**
 * The history of one record, newest first, a page at a time:
 *
 * 1. the mapping table tells the newest link;
 * 2. its entry is found in the log by the time it was saved, and must fit the link;
 * 3. the entry tells the link before it, and so on.
 *
 * An entry that is missing or does not fit is shown as broken, with its code; what lies beyond is
 * shown as far as there is a way to it.
 */
import { limits } from "#shared/config/limits.ts";
import type { HistoryBreakCode, HistoryHead, HistoryLink } from "#shared/domain/history.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { FieldDecision, TrailEntry } from "#shared/domain/trail.ts";
import type { HistoryViewDependencies } from "./dependencies.ts";
import { viewValue } from "./view-records.ts";
import { type HistoryStep, walkHistory } from "./walk-history.ts";

interface ViewedEntry {
  readonly revision: number;
  readonly savedAt?: string | undefined;
  /** `pending`: saved, and still on its way to the log. */
  readonly status: "kept" | "pending" | "broken";
  readonly code?: HistoryBreakCode | undefined;
  /** What the save did; absent where nothing that can be trusted tells. */
  readonly trail?: readonly unknown[] | undefined;
}

export interface HistoryPage {
  readonly canonicalId: CanonicalId;
  readonly recordType: string;
  readonly revision: number;
  readonly entries: readonly ViewedEntry[];
  readonly cursor?: string | undefined;
}

/** Undefined where the table has no such record. Throws `invalid-input` (`cursor-unreadable`). */
export async function readHistory(
  deps: HistoryViewDependencies,
  canonicalId: CanonicalId,
  page: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<HistoryPage | undefined> {
  const from = page.cursor === undefined ? undefined : linkOfCursor(page.cursor);
  const head = (await deps.heads.load([canonicalId])).get(canonicalId);
  if (head === undefined) return undefined;
  const history = deps.history.ofRecord(canonicalId);
  const entries: ViewedEntry[] = [];
  const limit = Math.min(page.limit, limits.historyEntriesPerPageMax);
  let next: HistoryLink | undefined;
  for await (const step of walkHistory({
    head,
    from,
    recordedBy: deps.clock() - limits.historyLagMs,
    find: async ({ savedAt }) => (savedAt === undefined ? undefined : history.find(savedAt)),
  })) {
    entries.push(viewStep(step, head));
    next = step.next?.savedAt === undefined ? undefined : step.next;
    const isFull = entries.length >= limit;
    if (isFull || history.openedCount() >= limits.historyObjectsPerPageMax) break;
  }
  const { recordType, revision } = head;
  const cursor = next === undefined ? {} : { cursor: cursorOf(next) };
  return { canonicalId, recordType, revision, entries, ...cursor };
}

function viewStep({ link, verdict }: HistoryStep, head: HistoryHead): ViewedEntry {
  const { revision, savedAt } = link;
  const at = savedAt === undefined ? {} : { savedAt: new Date(savedAt).toISOString() };
  switch (verdict.kind) {
    case "kept":
      return { revision, ...at, status: "kept", trail: verdict.entry.trail.map(viewTrailEntry) };
    case "pending": {
      // Of the newest revision the table itself tells what it did.
      const isNewest = revision === head.revision;
      const trail = isNewest ? { trail: head.trail.map(viewTrailEntry) } : {};
      return { revision, ...at, status: "pending", ...trail };
    }
    case "broken":
      return { revision, ...at, status: "broken", code: verdict.code };
  }
}

function viewTrailEntry(entry: TrailEntry): unknown {
  if (!("decisions" in entry)) return entry;
  return { ...entry, decisions: entry.decisions.map(viewDecision) };
}

/** What lost is shown as the values of a record are. */
function viewDecision({ lost, ...decision }: FieldDecision): unknown {
  return lost === undefined
    ? decision
    : { ...decision, lost: { value: viewValue(lost.value), by: lost.by } };
}

/** Opaque: where the next page begins. */
function cursorOf({ revision, savedAt, savedBy, chain }: HistoryLink): string {
  return [revision, savedAt, savedBy, chain ?? ""].join("~");
}

function linkOfCursor(cursor: string): HistoryLink {
  const [, revision, savedAt, savedBy, chain] =
    /^(\d{1,12})~(\d{1,15})~(\d{1,15})~([\w-]{0,64})$/.exec(cursor) ?? [];
  if (revision === undefined) {
    throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
  }
  return {
    revision: Number(revision),
    savedAt: Number(savedAt),
    savedBy: Number(savedBy),
    chain: chain === "" ? undefined : chain,
  };
}
