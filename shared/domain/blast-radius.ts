/**
 * How much of what is known one run may change before a person has looked. A file with a shifted
 * column or a CRM that lost a property changes thousands of records in a minute, each of them by the
 * rules; only their number shows that something is wrong.
 */
import type { CrossReference } from "./cross-reference.ts";
import type { ConnectionId } from "./identifiers.ts";
import type { FieldDecision } from "./trail.ts";

export interface BlastRadiusLimits {
  /** A run that changes fewer existing records than this is never held for their share. */
  readonly changedRecordsMin: number;
  /** Of the run's records, as a fraction: more changed existing ones than this are too many. */
  readonly changedShareMax: number;
  /** More values than this that become blank are too many, however few the records. */
  readonly blankedValuesMax: number;
}

/** What one record adds to what its run changes. */
export interface Impact {
  /** An existing record that is owed a write for it; what is new is not counted. */
  readonly isChanged: boolean;
  /** Golden values that became blank. */
  readonly blankedValues: number;
}

export const noImpact: Impact = { isChanged: false, blankedValues: 0 };

/**
 * What the save that made this revision changes, by its own trail: the same whenever it is asked, so
 * that work which is repeated after a crash counts as it did before.
 */
export function impactOf(
  saved: Pick<CrossReference, "revision" | "fields" | "trail">,
  connection: ConnectionId,
): Impact {
  if (saved.revision <= 1) return noImpact;
  const sightings = (saved.trail ?? []).flatMap((entry) =>
    entry.kind === "seen" && entry.connection === connection ? [entry] : [],
  );
  const decisions = sightings.flatMap((entry) => entry.decisions);
  const hasEnded = sightings.some(({ life }) => life !== "live");
  const isChange = ({ kind }: FieldDecision): boolean => kind === "taken" || kind === "restored";
  const blanked = decisions.filter(
    ({ kind, field }) => kind === "taken" && saved.fields[field] === null,
  );
  return {
    isChanged: hasEnded || decisions.some(isChange),
    blankedValues: blanked.length,
  };
}

export type RunVerdict =
  | { readonly kind: "allowed" }
  | { readonly kind: "held"; readonly code: HoldCode; readonly fix: string };

type HoldCode = "run-changes-many-records" | "run-blanks-many-values";

type RunCounts = Readonly<Record<string, bigint>>;

/**
 * Whether what the run changes may go out, by its counters, which hold this batch's changes already.
 * A run that was held once stays held, whatever its share is later; one that was approved never is.
 */
export function judgeRun(limits: BlastRadiusLimits, counts: RunCounts): RunVerdict {
  const count = (path: string): number => Number(counts[path] ?? 0n);
  if (isApproved(counts)) return { kind: "allowed" };
  if (count("blanked") > limits.blankedValuesMax) return heldFor("run-blanks-many-values");
  const changed = count("changed");
  const share = changed / Math.max(1, recordCount(counts));
  const isTooMuch = changed >= limits.changedRecordsMin && share > limits.changedShareMax;
  if (isTooMuch || wasHeld(counts)) return heldFor("run-changes-many-records");
  return { kind: "allowed" };
}

/** Counters `holds` and `approvals` say of a run what its counts alone do not. */
export function wasHeld(counts: RunCounts): boolean {
  return (counts["holds"] ?? 0n) > 0n;
}

export function isApproved(counts: RunCounts): boolean {
  return (counts["approvals"] ?? 0n) > 0n;
}

/** Records of the run as far as it is known: those handed on, or those applied where they are more. */
function recordCount(counts: RunCounts): number {
  const sum = (...paths: readonly string[]): bigint =>
    paths.reduce((sofar, path) => sofar + (counts[path] ?? 0n), 0n);
  const [handedOn, applied] = [sum("records"), sum("applied", "unchanged", "excluded", "parked")];
  return Number(handedOn > applied ? handedOn : applied);
}

function heldFor(code: HoldCode): RunVerdict {
  return {
    kind: "held",
    code,
    fix: "Look at what the run changes. If it is meant, approve the run; if not, correct the source, and what is put right is let go by itself.",
  };
}
