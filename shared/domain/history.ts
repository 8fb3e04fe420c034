/**
 * The history: one entry per saved revision of a cross-reference, each linked by a hash to the one
 * before it. The newest link stands in the mapping table, the entries in an append-only log.
 *
 * ```
 * table: chain 3 ◀── entry 3 ── previous ──▶ entry 2 ── previous ──▶ entry 1
 * ```
 *
 * What an entry says is judged here, and where the one before it must be; reading and hashing are
 * the adapters' business.
 */
import type { CanonicalId, RecordType } from "./identifiers.ts";
import type { TrailEntry } from "./trail.ts";

export interface HistoryEntry {
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  readonly revision: number;
  /** Our clock, epoch ms; never before that of the revision before. */
  readonly savedAt: number;
  /** Absent, with `previousChain`, where the history begins. */
  readonly previousSavedAt?: number | undefined;
  readonly previousChain?: string | undefined;
  /** Hash of all the rest of the entry. */
  readonly chain: string;
  /** Hash of the whole record as the table stored it. */
  readonly bodyHash: string;
  readonly trail: readonly TrailEntry[];
}

/** An entry as it was found; not intact where its hash does not follow from what it says. */
export interface FoundEntry {
  readonly entry: HistoryEntry;
  readonly isIntact: boolean;
}

/** What the table says of a record's newest revision. */
export interface HistoryHead {
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  readonly revision: number;
  /** These three are absent of a record that was last saved before there was a history. */
  readonly chain?: string | undefined;
  readonly savedAt?: number | undefined;
  readonly previousSavedAt?: number | undefined;
  /** Of the record as it stands in the table now. */
  readonly bodyHash: string;
  readonly trail: readonly TrailEntry[];
}

/** Where an entry must be, and what it must say. */
export interface HistoryLink {
  readonly revision: number;
  /** Unknown where the entry that would tell is not there. */
  readonly savedAt?: number | undefined;
  /** The revision was saved then or earlier. */
  readonly savedBy: number;
  /** Unknown where the entry that would tell is not there, or not to be trusted. */
  readonly chain?: string | undefined;
}

/** Headings of docs/errors.md. */
export type HistoryBreakCode =
  /** The entry is not in the log. */
  | "history-link-missing"
  /** The entry is there, and is not what was written. */
  | "history-link-altered"
  /** The log is right, and the record in the table is not what was saved. */
  | "history-record-altered"
  /** The log knows the record, and the table does not. */
  | "history-record-missing"
  /** An entry to which no link of the record's chain leads. */
  | "history-entry-foreign";

export type LinkVerdict =
  | { readonly kind: "kept"; readonly entry: HistoryEntry }
  /** So young that it may still be on its way to the log. */
  | { readonly kind: "pending" }
  | { readonly kind: "broken"; readonly code: "history-link-missing" }
  | {
      readonly kind: "broken";
      readonly code: "history-link-altered" | "history-record-altered";
      readonly entry: HistoryEntry;
    };

/** The newest link; undefined where the record was not saved since there is a history. */
export function newestLink({ revision, savedAt, chain }: HistoryHead): HistoryLink | undefined {
  if (chain === undefined || savedAt === undefined) return undefined;
  return { revision, savedAt, savedBy: savedAt, chain };
}

/**
 * What is to be said of a link. `found` are the record's entries at the place the link names, copies
 * and others included; what was saved before `recordedBy`, epoch ms, must be in the log by now.
 */
export function judgeLink(
  link: HistoryLink,
  found: readonly FoundEntry[],
  head: HistoryHead,
  recordedBy: number,
): LinkVerdict {
  const ofRevision = found.filter(({ entry }) => entry.revision === link.revision);
  const expected = ofRevision.find(
    ({ entry, isIntact }) => isIntact && (link.chain === undefined || entry.chain === link.chain),
  );
  if (expected !== undefined) {
    const { entry } = expected;
    const isAsStored = link.revision !== head.revision || entry.bodyHash === head.bodyHash;
    return isAsStored
      ? { kind: "kept", entry }
      : { kind: "broken", code: "history-record-altered", entry };
  }
  const [altered] = ofRevision;
  if (altered !== undefined) {
    return { kind: "broken", code: "history-link-altered", entry: altered.entry };
  }
  if (link.savedBy >= recordedBy) return { kind: "pending" };
  return { kind: "broken", code: "history-link-missing" };
}

/** The link before this one; undefined where the history begins. */
export function linkBefore(
  link: HistoryLink,
  verdict: LinkVerdict,
  head: HistoryHead,
): HistoryLink | undefined {
  const entry = "entry" in verdict ? verdict.entry : undefined;
  const isProven = entry !== undefined && !isAltered(verdict);
  if (link.revision <= 1 || (isProven && entry.previousChain === undefined)) return undefined;
  const isNewest = link.revision === head.revision;
  // Of the newest revision the table itself tells, and of no other.
  if (isNewest && entry === undefined && head.previousSavedAt === undefined) return undefined;
  const savedAt = entry?.previousSavedAt ?? (isNewest ? head.previousSavedAt : undefined);
  return {
    revision: link.revision - 1,
    savedAt,
    savedBy: Math.min(savedAt ?? link.savedBy, link.savedBy),
    chain: isProven ? entry.previousChain : undefined,
  };
}

/** What an altered entry says of the one before it is a place to look, and no proof. */
function isAltered(verdict: LinkVerdict): boolean {
  return verdict.kind === "broken" && verdict.code === "history-link-altered";
}
