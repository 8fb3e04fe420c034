/**
 * Verifies the history as a whole: the chain of every record, from the table's newest link to where
 * it begins, against every entry of the log.
 *
 * 1. the newest links are read from the table;
 * 2. every entry of the log is read once, in whatever order it stands there;
 * 3. each chain is walked, and what no chain led to is named.
 *
 * What is saved meanwhile is left for the next time. Needs some 500 bytes of memory for each
 * entry; `parts` has it done in turns, each on its own part of the records.
 */
import { limits } from "#shared/config/limits.ts";
import type { FoundEntry, HistoryBreakCode, HistoryHead } from "#shared/domain/history.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { HistoryViewDependencies } from "./dependencies.ts";
import { type HistoryStep, type HistoryWalk, walkHistory } from "./walk-history.ts";

interface HistoryBreak {
  readonly canonicalId: CanonicalId;
  readonly revision: number;
  readonly code: HistoryBreakCode;
}

/** A line of the log that is no entry, by its object. */
interface UnreadableLine {
  readonly object: string;
  readonly code: "history-entry-unreadable";
}

export type VerifyFinding = HistoryBreak | UnreadableLine;

export interface VerifyOptions {
  /** Epoch ms: what was saved earlier is not looked at. */
  readonly since?: number | undefined;
  readonly parts?: number | undefined;
  readonly onBreak: (found: VerifyFinding) => void;
}

export interface HistoryCounts {
  readonly records: number;
  /** Entries that are what they should be, where they should be. */
  readonly entries: number;
  /** Saved so shortly ago that they may still be on their way to the log. */
  readonly pending: number;
  /** Records whose history begins after their first revision, or not at all yet. */
  readonly begunLate: number;
  readonly breaks: number;
}

type Counts = { -readonly [Name in keyof HistoryCounts]: HistoryCounts[Name] };

const noCounts: HistoryCounts = { records: 0, entries: 0, pending: 0, begunLate: 0, breaks: 0 };

export async function verifyHistory(
  deps: HistoryViewDependencies,
  options: VerifyOptions,
): Promise<HistoryCounts> {
  const parts = options.parts ?? 1;
  const counts = { ...noCounts };
  for (let part = 0; part < parts; part += 1) {
    await verifyPart(deps, options, counts, (id) => partOf(id, parts) === part, part === 0);
  }
  return counts;
}

/** Verifies one record, by the links alone; undefined where the table has no such record. */
export async function verifyRecord(
  deps: HistoryViewDependencies,
  canonicalId: CanonicalId,
  { since, onBreak }: VerifyOptions,
): Promise<HistoryCounts | undefined> {
  const head = (await deps.heads.load([canonicalId])).get(canonicalId);
  if (head === undefined) return undefined;
  const counts = { ...noCounts };
  const history = deps.history.ofRecord(canonicalId);
  const recordedBy = deps.clock() - limits.historyLagMs;
  await checkChain({ head, since, recordedBy, counts, onBreak }, async ({ savedAt }) =>
    savedAt === undefined ? undefined : history.find(savedAt),
  );
  return counts;
}

async function verifyPart(
  deps: HistoryViewDependencies,
  { since, onBreak }: VerifyOptions,
  counts: Counts,
  isWanted: (id: CanonicalId) => boolean,
  isFirst: boolean,
): Promise<void> {
  const recordedBy = deps.clock() - limits.historyLagMs;
  const heads = new Map<CanonicalId, HistoryHead>();
  for await (const head of deps.heads.all()) {
    if (isWanted(head.canonicalId)) heads.set(head.canonicalId, { ...head, trail: [] });
  }
  const log = new Map<CanonicalId, FoundEntry[]>();
  for await (const found of deps.history.since(since ?? 0)) {
    if ("object" in found) {
      if (isFirst) report({ object: found.object, code: "history-entry-unreadable" });
    } else if (isWanted(found.entry.canonicalId)) keep(log, found);
  }
  for (const [canonicalId, head] of heads) {
    const entries = log.get(canonicalId) ?? [];
    log.delete(canonicalId);
    const check = { head, since, recordedBy, counts, onBreak };
    const reached = await checkChain(check, async ({ revision, savedAt }) => {
      const isThere = entries.some(({ entry }) => entry.revision === revision);
      // When it was saved is not known, so it may well be from before what was read.
      return isThere || savedAt !== undefined || since === undefined ? entries : undefined;
    });
    for (const { entry } of strangersIn(entries, reached, head, recordedBy)) {
      report({ canonicalId, revision: entry.revision, code: "history-entry-foreign" });
    }
  }
  for (const [canonicalId, entries] of log) {
    const revision = Math.max(...entries.map(({ entry }) => entry.revision));
    // A record that was made while the table was read is not missing from it.
    if (entries.every(({ entry }) => entry.savedAt >= recordedBy)) continue;
    report({ canonicalId, revision, code: "history-record-missing" });
  }

  function report(found: VerifyFinding): void {
    counts.breaks += 1;
    onBreak(found);
  }
}

interface ChainCheck {
  readonly head: HistoryHead;
  readonly since: number | undefined;
  readonly recordedBy: number;
  readonly counts: Counts;
  readonly onBreak: VerifyOptions["onBreak"];
}

/** Walks one chain and counts what is found; answers with the steps it took. */
async function checkChain(
  { head, since = 0, recordedBy, counts, onBreak }: ChainCheck,
  find: HistoryWalk["find"],
): Promise<readonly HistoryStep[]> {
  counts.records += 1;
  const steps: HistoryStep[] = [];
  const walk: HistoryWalk = {
    head,
    recordedBy,
    find: async (link) => ((link.savedAt ?? link.savedBy) < since ? undefined : find(link)),
  };
  for await (const step of walkHistory(walk)) {
    steps.push(step);
    const { link, verdict } = step;
    if (verdict.kind === "kept") counts.entries += 1;
    else if (verdict.kind === "pending") counts.pending += 1;
    else {
      counts.breaks += 1;
      const { revision } = link;
      onBreak({ canonicalId: head.canonicalId, revision, code: verdict.code });
    }
  }
  const last = steps.at(-1);
  const isLate = last === undefined ? head.chain === undefined : isBegunLate(last);
  if (isLate) counts.begunLate += 1;
  return steps;
}

function isBegunLate({ link, verdict, next }: HistoryStep): boolean {
  return verdict.kind === "kept" && next === undefined && link.revision > 1;
}

/** Entries to which no link led, and that are not of a save after the table was read. */
function strangersIn(
  entries: readonly FoundEntry[],
  reached: readonly HistoryStep[],
  head: HistoryHead,
  recordedBy: number,
): FoundEntry[] {
  const kept = new Set<string>();
  const altered = new Set<number>();
  for (const { link, verdict } of reached) {
    if (!("entry" in verdict)) continue;
    if (verdict.kind === "broken" && verdict.code === "history-link-altered") {
      altered.add(link.revision);
    } else kept.add(verdict.entry.chain);
  }
  return entries.filter(({ entry, isIntact }) => {
    if (altered.has(entry.revision) || (isIntact && kept.has(entry.chain))) return false;
    return entry.revision <= head.revision || entry.savedAt < recordedBy;
  });
}

/** Copies count as one; the trail is not needed once the entry is found intact. */
function keep(log: Map<CanonicalId, FoundEntry[]>, { entry, isIntact }: FoundEntry): void {
  const entries = log.get(entry.canonicalId) ?? [];
  const isCopy = entries.some((one) => isIntact && one.isIntact && one.entry.chain === entry.chain);
  if (!isCopy) entries.push({ entry: { ...entry, trail: [] }, isIntact });
  log.set(entry.canonicalId, entries);
}

/** Spreads ids over parts by their last character, a digit in base 36. */
function partOf(id: CanonicalId, parts: number): number {
  return (id.at(-1)?.charCodeAt(0) ?? 0) % parts;
}
