/**
 * The trail: what happened to a cross-reference in one saved step, and by which rule. Each save
 * carries the entries of that step only; the table's stream keeps them all in the history.
 *
 * Values appear only where they lost: the winner is in the golden record, the loser nowhere else.
 */
import type { CanonicalId, ConnectionId, ExternalId } from "./identifiers.ts";
import type { FieldValue, RecordLife } from "./records.ts";

export const decisionKinds = [
  "unchanged",
  "agreed",
  "taken",
  "restored",
  "conflict",
  "decided",
] as const;
export type DecisionKind = (typeof decisionKinds)[number];

export interface FieldDecision {
  readonly field: string;
  readonly kind: DecisionKind;
  /** The policy that decided. */
  readonly policy: string;
  /** The value that did not win, with whose it was; absent where nothing was lost. */
  readonly lost?: { readonly value: FieldValue; readonly by: ConnectionId } | undefined;
}

export const decidedThings = [
  "conflict",
  "retry",
  "approval",
  "end",
  "correction",
  "no-correction",
] as const;
type DecidedThing = (typeof decidedThings)[number];

interface Step<Kind extends string> {
  readonly kind: Kind;
  /** Our clock, ISO 8601 UTC. */
  readonly at: string;
}

export type TrailEntry =
  /** A connection showed the record. */
  | (Step<"seen"> & {
      readonly connection: ConnectionId;
      readonly speaksFor?: ConnectionId | undefined;
      readonly externalId: ExternalId;
      readonly version: number;
      readonly life: RecordLife;
      /** Sorted by field; `unchanged` ones are left out. */
      readonly decisions: readonly FieldDecision[];
    })
  /** A create was decided, or an archive; the call follows. */
  | (Step<"intended"> & { readonly connection: ConnectionId } & (
        | { readonly tries: number }
        | { readonly life: "archived" }
      ))
  /** A write took effect. */
  | (Step<"written"> & {
      readonly connection: ConnectionId;
      readonly externalId: ExternalId;
      readonly version: number;
      readonly isNew: boolean;
      readonly fields: readonly string[];
      readonly life?: "archived" | "live" | undefined;
    })
  /** A write did not take effect, or nobody knows. */
  | (Step<"failed"> & {
      readonly connection: ConnectionId;
      readonly failureKind: string;
      readonly code: string;
    })
  /** References that became known were filled in, after which nothing was left to write. */
  | (Step<"resolved"> & { readonly connection: ConnectionId })
  | (Step<"waiting"> & { readonly connection: ConnectionId; readonly waitsFor: readonly string[] })
  /** Held back because its run changes too much. */
  | (Step<"held"> & { readonly connection: ConnectionId; readonly runId?: string | undefined })
  /** Another record of the connection was merged into this one, or this one into another. */
  | (Step<"absorbed"> & { readonly connection: ConnectionId; readonly other: CanonicalId })
  | (Step<"merged-into"> & { readonly connection: ConnectionId; readonly other: CanonicalId })
  | (Step<"un-merged"> & { readonly connection: ConnectionId; readonly other: CanonicalId })
  /** A person decided: a conflict, a retry, an approval of a run or of a correction. */
  | (Step<"decided"> & {
      readonly by: string;
      readonly connection: ConnectionId;
      readonly what: DecidedThing;
      readonly decisions: readonly FieldDecision[];
    });
