/** A run: one sync, import or check, with exact counts of what became of its records. */
import type { ConnectionId } from "#shared/domain/identifiers.ts";

export const runKinds = ["import", "poll", "full-check", "tie-out", "export"] as const;
type RunKind = (typeof runKinds)[number];

/** Tie-outs and exports are listed apart: between two of them there are more than a thousand polls. */
export type RunListing = "tie-outs" | "exports" | "others";

export function listingOf(kind: RunKind): RunListing {
  if (kind === "tie-out") return "tie-outs";
  return kind === "export" ? "exports" : "others";
}

/**
 * Counter names are paths: `rows`, `rejectedRows`, `records`, `applied`, `unchanged`, `excluded`,
 * `parked`, `owed.books.invoice` (writes that came up), `created.books.invoice`,
 * `updated.books.invoice`, `settled.books.invoice` (hints that found nothing left to do),
 * `refused.books.invoice`, `total.books.invoice.USD` (minor units of what was created).
 *
 * What the run changes, see `domain/blast-radius.ts`: `changed` (existing records), `blanked` (values),
 * `held` and `released` (writes). `holds` and `approvals` are 1 once it was held, once it was approved.
 *
 * Of a tie-out: `records` (rows of the snapshot), `matched.crm`, `matched.books`, `differences`,
 * `differences.<class>`, `aboveTolerance`.
 *
 * Of an export: `records`, `rows`, `leftOut`, `bytes`.
 */
export type Counts = Readonly<Record<string, bigint>>;

export interface Run {
  readonly runId: string;
  readonly kind: RunKind;
  readonly startedAt: string;
  /** All input has been handed on; the counts may still move while records are applied. */
  readonly capturedAt?: string | undefined;
  /** Connection of a poll, file of an import. */
  readonly subject: string;
  readonly connection?: ConnectionId | undefined;
  readonly problem?:
    | { readonly code: string; readonly fix: string; readonly detail?: string }
    | undefined;
  readonly counts: Counts;
}

export interface RunStore {
  start(run: Omit<Run, "counts">): Promise<void>;
  /**
   * Adds counts, one time per receipt: a message that is delivered again, with the same receipt,
   * adds nothing.
   */
  add(runId: string, receipt: string, counts: Counts): Promise<void>;
  /** Marks the input as handed on, or the run as ended by a problem. */
  finishCapture(
    runId: string,
    capturedAt: string,
    problem?: { readonly code: string; readonly fix: string; readonly detail?: string },
  ): Promise<void>;
  get(runId: string): Promise<Run | undefined>;
  /** Newest first: tie-outs, or all others. */
  list(
    limit: number,
    cursor?: string,
    of?: RunListing,
  ): Promise<{ runs: readonly Run[]; cursor?: string }>;
}
