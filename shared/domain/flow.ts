/**
 * A flow is the table of rules for one record type: which connections take part, who may set which
 * field, how a newcomer is matched. It is data; `shared/flows` has the ones in force.
 */
import type { ConnectionId, RecordType } from "./identifiers.ts";
import type { Fields } from "./records.ts";

/**
 * - `system-of-record`: only this connection sets the field; another's edit is put back. Until it has
 *   said something itself, the first value of any side stands in.
 * - `newest`: the edit we saw last wins, on our one clock; two systems' clocks are never compared.
 * - `manual`: two different edits are kept as a conflict until a person decides.
 * - `derived`: computed by us; every other edit is put back.
 */
export type FieldPolicy =
  | { readonly kind: "system-of-record"; readonly connection: ConnectionId }
  | { readonly kind: "newest" }
  | { readonly kind: "manual" }
  | { readonly kind: "derived" };

export interface FieldRule {
  readonly policy: FieldPolicy;
  /** The connections that hold the field; it is never written elsewhere. */
  readonly sides: readonly ConnectionId[];
}

export interface SideRule {
  /** Whether a record that the connection lacks is made there. */
  readonly create: "always" | "never";
}

/** Exact keys only. The first key that finds a record decides. */
export interface MatchRule {
  readonly kind: string;
  /** The key of a record, or `undefined` where it lacks what the key needs. */
  readonly keyOf: (fields: Fields) => string | undefined;
}

export interface Flow {
  readonly recordType: RecordType;
  readonly sides: Readonly<Record<ConnectionId, SideRule>>;
  readonly fields: Readonly<Record<string, FieldRule>>;
  readonly match: readonly MatchRule[];
  /** Fields that must be filled before a record is made in a connection. */
  readonly required: readonly string[];
}

export function ruleOf(flow: Flow, field: string): FieldRule | undefined {
  return Object.hasOwn(flow.fields, field) ? flow.fields[field] : undefined;
}
