/** Values of the domain for property tests: small pools, so that edits collide as they do in life. */
import fc from "fast-check";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import type { Observation } from "#shared/domain/decide-field.ts";
import type { Flow } from "#shared/domain/flow.ts";
import { mergeRecord } from "#shared/domain/merge.ts";
import { derived, manual, newest, rule, systemOfRecord } from "#shared/domain/policies.ts";
import type { Fields } from "#shared/domain/records.ts";

/** One field for each policy; `a` and `b` stand for any two systems. */
export const flowOfAllPolicies: Flow = {
  recordType: "customer",
  sides: {
    a: { create: "always", whenEndedElsewhere: "keep" },
    b: { create: "always", whenEndedElsewhere: "keep" },
  },
  fields: {
    ownedByA: rule(systemOfRecord("a"), "a", "b"),
    ownedByB: rule(systemOfRecord("b"), "a", "b"),
    latest: rule(newest, "a", "b"),
    disputed: rule(manual, "a", "b"),
    computed: rule(derived, "a", "b"),
  },
  match: [],
  required: [],
};

const text = fc.constantFrom("red", "green", "blue", null);
const anyFields: fc.Arbitrary<Fields> = fc.record(
  { ownedByA: text, ownedByB: text, latest: text, disputed: text, computed: text },
  { requiredKeys: [] },
);

export interface Sighting {
  readonly side: "a" | "b";
  readonly fields: Fields;
}

export const sighting: fc.Arbitrary<Sighting> = fc.record({
  side: fc.constantFrom("a" as const, "b" as const),
  fields: anyFields,
});

export const sightings = fc.array(sighting, { minLength: 1, maxLength: 12 });

/** The `turn`-th thing that was seen; versions grow with the turns, as remotes' do. */
export function observationOf({ side, fields }: Sighting, turn: number): Observation {
  return {
    connection: side,
    externalId: `${side}-1`,
    version: turn + 1,
    life: "live",
    fields,
    capturedAt: new Date(Date.UTC(2026, 0, 1) + turn * 1_000).toISOString(),
  };
}

export function afterSightings(seen: readonly Sighting[]): CrossReference {
  let xref = newCrossReference(
    "customer-000000000000000000000000",
    "customer",
    "2026-01-01T00:00:00.000Z",
  );
  for (const [turn, one] of seen.entries()) {
    xref = mergeRecord(xref, observationOf(one, turn), flowOfAllPolicies).next;
  }
  return xref;
}
