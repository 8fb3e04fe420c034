/** Short names for the rules that flows are written with. */
import type { FieldPolicy, FieldRule, SimplePolicy } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";

type OwnedBy = Extract<SimplePolicy, { readonly kind: "system-of-record" }>;

export function systemOfRecord(connection: ConnectionId): OwnedBy {
  return { kind: "system-of-record", connection };
}

export const newest = { kind: "newest" } as const satisfies SimplePolicy;
export const manual = { kind: "manual" } as const satisfies SimplePolicy;
export const derived: SimplePolicy = { kind: "derived" };

/** A rule whose field is written to the given connections, and to no other. */
export function rule(policy: FieldPolicy, ...sides: readonly ConnectionId[]): FieldRule {
  return { policy, sides };
}
