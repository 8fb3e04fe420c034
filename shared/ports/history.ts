/** The history: an append-only log of what was saved, and the newest links in the mapping table. */
import type { FoundEntry, HistoryEntry, HistoryHead } from "#shared/domain/history.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";

export interface HistoryWriter {
  /** Keeps the entries as they are; those that are kept already, in whatever batch, are no harm. */
  append(entries: readonly HistoryEntry[]): Promise<void>;
}

/** One record's entries. What it has read it keeps, so it is made anew for each question. */
export interface RecordHistory {
  /** The record's entries near this time, that of the time itself among them, copies included. */
  find(savedAt: number): Promise<readonly FoundEntry[]>;
  /** Objects that were opened so far. */
  openedCount(): number;
}

/** What stands in the log and is no entry, by the object that holds it. */
export interface UnreadableEntry {
  readonly object: string;
}

export interface HistoryReader {
  ofRecord(id: CanonicalId): RecordHistory;
  /** Every entry that says it was saved since then, epoch ms; in the order of hours, copies included. */
  since(savedAt: number): AsyncIterable<FoundEntry | UnreadableEntry>;
}

export interface HistoryHeads {
  /** Strongly consistent. */
  load(ids: readonly CanonicalId[]): Promise<ReadonlyMap<CanonicalId, HistoryHead>>;
  /** Every record of the table, in no order; each as it stands when it is read. */
  all(): AsyncIterable<HistoryHead>;
}
