/**
 * A flow is the table of rules for one record type: which connections take part, who may set which
 * field, how a newcomer is matched. It is data; `shared/flows` has the ones in force.
 */
import type { ConnectionId, RecordType } from "./identifiers.ts";
import type { Fields } from "./records.ts";

/**
 * - `system-of-record`: only this connection sets the field; another's edit is put back. Until it
 *   holds the record itself, the value of any side stands in.
 * - `newest`: the edit we saw last wins, on our one clock; two systems' clocks are never compared.
 * - `manual`: two different edits are kept as a conflict until a person decides.
 * - `derived`: computed by us; every other edit is put back.
 * - `by-state`: one of these, by another field of the golden record, such as a document's status.
 */
export type FieldPolicy =
  | { readonly kind: "system-of-record"; readonly connection: ConnectionId }
  | { readonly kind: "newest" }
  | { readonly kind: "manual" }
  | { readonly kind: "derived" }
  | {
      readonly kind: "by-state";
      readonly field: string;
      readonly states: Readonly<Record<string, SimplePolicy>>;
      /** In every state not named, and while the field is blank. */
      readonly otherwise: SimplePolicy;
      readonly whileBlank: SimplePolicy;
    };

export type SimplePolicy = Exclude<FieldPolicy, { readonly kind: "by-state" }>;

/** The connection that derivations speak as; it is never written to. */
export const derivedBy: ConnectionId = "tieout";

export interface FieldRule {
  readonly policy: FieldPolicy;
  /** The connections the field is written to; it is never written elsewhere. */
  readonly sides: readonly ConnectionId[];
}

interface SideRule {
  /** Whether a record that the connection lacks is made there. */
  readonly create: "always" | "never";
  /**
   * What becomes of the record here when a user archives or deletes it in another connection. Nothing
   * is ever deleted. `archive` is for records no money hangs on; others are left for review.
   */
  readonly whenEndedElsewhere: "keep" | "review" | "archive";
}

/** Exact keys only. The first key that finds a record decides. */
interface MatchRule {
  readonly kind: string;
  /** The key of a record, or `undefined` where it lacks what the key needs. */
  readonly keyOf: (fields: Fields) => string | undefined;
}

export interface Flow {
  readonly recordType: RecordType;
  readonly sides: Readonly<Record<ConnectionId, SideRule>>;
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly match: readonly MatchRule[];
  /** Whether money hangs on the record, so that it is never archived without a person. */
  readonly holdsMoney?: (fields: Fields) => boolean;
  /** Whether the record is over and done with: it is not made in a connection that lacks it. */
  readonly isOver?: (fields: Fields) => boolean;
  /** Fields that must be filled before a record is made in a connection. */
  readonly required: readonly string[];
}

export function ruleOf(flow: Flow, field: string): FieldRule | undefined {
  return Object.hasOwn(flow.fields, field) ? flow.fields[field] : undefined;
}

/** The policy in force for the golden record as it stands. */
export function policyInForce(policy: FieldPolicy, golden: Fields): SimplePolicy {
  if (policy.kind !== "by-state") return policy;
  const state = golden[policy.field];
  if (state === undefined || state === null) return policy.whileBlank;
  const named = typeof state === "string" && Object.hasOwn(policy.states, state);
  return (named ? policy.states[state] : undefined) ?? policy.otherwise;
}
