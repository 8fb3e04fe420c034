/** What a comparison is asked for, and its pieces of SQL. */
import { SyncError } from "#shared/domain/sync-error.ts";
import { type FindingName, findings } from "#shared/domain/tie-out/classes.ts";
import type { TieOutRules } from "#shared/domain/tie-out/rules.ts";
import type { SnapshotManifest } from "#shared/domain/tie-out/snapshot-row.ts";

export interface Comparison {
  readonly manifest: SnapshotManifest;
  readonly rules: TieOutRules;
}

/** A text of SQL. Only plain signs, so that no reader of SQL can see more in it than one text. */
export function literal(text: string): string {
  if (!/^[A-Za-z0-9 .:/_-]*$/.test(text)) {
    throw new SyncError({ kind: "bug", code: "query-text-unsuitable" });
  }
  return `'${text}'`;
}

export function listOf(texts: readonly string[]): string {
  return texts.map(literal).join(", ");
}

/** Exact sums: 64 bits would not hold those of many documents. */
export function sumOf(expression: string): string {
  return `SUM(CAST(${expression} AS DECIMAL(38, 0)))`;
}

/** The class of a finding, as an expression over the column `finding`. */
export function classOfFinding(): string {
  const cases = Object.entries(findings).map(
    ([name, finding]) => `WHEN ${literal(name)} THEN ${literal(finding.class)}`,
  );
  return `CASE finding ${cases.join(" ")} END`;
}

/** Whether the cure of the finding is a change in the books. */
export function needsBooks(): string {
  const names = Object.keys(findings).filter((name) => findings[name as FindingName].needsBooks);
  return `finding IN (${listOf(names)})`;
}

/** The day through which the books are closed; before any date where they are not. */
export function lockedThrough({ manifest }: Comparison): string {
  return literal(manifest.ledger?.lockedThrough ?? "0000-00-00");
}
