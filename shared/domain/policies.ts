/** Short names for the rules that flows are written with. */
import type { FieldPolicy, FieldRule, SimplePolicy } from "./flow.ts";
import type { ConnectionId } from "./identifiers.ts";

export function systemOfRecord(connection: ConnectionId): SimplePolicy {
  return { kind: "system-of-record", connection };
}

export const newest: SimplePolicy = { kind: "newest" };
export const manual: SimplePolicy = { kind: "manual" };
export const derived: SimplePolicy = { kind: "derived" };

/** A rule whose field is written to the given connections, and to no other. */
export function rule(policy: FieldPolicy, ...sides: readonly ConnectionId[]): FieldRule {
  return { policy, sides };
}
