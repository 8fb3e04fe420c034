import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type CrossReference, sideOf } from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { mergeRecord, recordWrite } from "#shared/domain/merge.ts";
import { owedFields } from "#shared/domain/owed.ts";
import type { Fields, FieldValue } from "#shared/domain/records.ts";
import {
  afterSightings,
  flowOfAllPolicies as flow,
  observationOf,
  type Sighting,
  sighting,
  sightings,
} from "#test/support/arbitraries.ts";

/** Writes all that a side is owed, as an obedient remote takes it. */
function deliver(xref: CrossReference, connection: "a" | "b", turn: number): CrossReference {
  const owed = owedFields(xref, connection, flow);
  if (owed.length === 0) return xref;
  const sent: Fields = Object.fromEntries(owed.map((field) => [field, xref.fields[field]]));
  const capturedAt = new Date(Date.UTC(2026, 0, 2)).toISOString();
  const externalId = `${connection}-1`;
  const written = { connection, externalId, version: turn, sent, observed: sent, capturedAt };
  return recordWrite(xref, written, flow);
}

/** What each remote holds after users' edits and our writes. */
function holdings(seen: readonly Sighting[], xref: CrossReference, connection: "a" | "b"): Fields {
  const held: Record<string, FieldValue | undefined> = {};
  for (const { side, fields } of seen) if (side === connection) Object.assign(held, fields);
  for (const field of owedFields(xref, connection, flow)) held[field] = xref.fields[field];
  return held;
}

describe("the merge", () => {
  it("agrees: once both sides took what they are owed, each holds the golden value", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const xref = afterSightings(seen);
        const disputed = new Set(
          ["a", "b"]
            .flatMap((side) => sideOf(xref, side).conflicts ?? [])
            .map(({ field }) => field),
        );
        for (const connection of ["a", "b"] as const) {
          const held = holdings(seen, xref, connection);
          for (const [field, value] of Object.entries(held)) {
            const golden = xref.fields[field];
            if (value === undefined || golden === undefined || disputed.has(field)) continue;
            expect(value).toEqual(golden);
          }
        }
      }),
    );
  });

  it("goes quiet: a side that took what it is owed is owed nothing more", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const merged = afterSightings(seen);
        const delivered = deliver(deliver(merged, "a", 100), "b", 100);

        expect(owedFields(delivered, "a", flow)).toEqual([]);
        expect(owedFields(delivered, "b", flow)).toEqual([]);
      }),
    );
  });

  it("is idempotent: the same sighting again decides nothing", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const xref = afterSightings(seen);
        const last = seen.at(-1);
        if (last === undefined) return;
        const again = mergeRecord(xref, observationOf(last, seen.length - 1), flow);

        expect(again.decisions).toEqual([]);
        expect(again.next.fields).toEqual(xref.fields);
      }),
    );
  });

  it("ignores the echo of our own write", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const merged = afterSightings(seen);
        const owed = owedFields(merged, "b", flow);
        const sent: Fields = Object.fromEntries(owed.map((field) => [field, merged.fields[field]]));
        const written = deliver(merged, "b", 100);
        const echo = mergeRecord(written, observationOf({ side: "b", fields: sent }, 100), flow);

        expect(echo.decisions).toEqual([]);
      }),
    );
  });

  it("lets nobody but its owner change a field, once the owner holds the record", () => {
    fc.assert(
      fc.property(sightings, sighting, (seen, { fields }) => {
        const owners: Sighting[] = [
          { side: "a", fields: { ownedByA: "red" } },
          { side: "b", fields: { ownedByB: "red" } },
        ];
        const before = afterSightings([...owners, ...seen]);
        const turn = seen.length + owners.length;
        const byB = mergeRecord(before, observationOf({ side: "b", fields }, turn), flow).next;
        const byA = mergeRecord(before, observationOf({ side: "a", fields }, turn), flow).next;

        expect(byB.fields["ownedByA"]).toEqual(before.fields["ownedByA"]);
        expect(byA.fields["ownedByB"]).toEqual(before.fields["ownedByB"]);
      }),
    );
  });

  it("never takes a computed field's value from a side", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        expect(afterSightings(seen).fields["computed"] ?? null).toBeNull();
      }),
    );
  });

  it("is symmetric: swapping the sides and their fields swaps the outcome", () => {
    const swapped = (one: Sighting): Sighting => {
      const { ownedByA, ownedByB, ...rest } = one.fields;
      const fields: Record<string, FieldValue | undefined> = { ...rest };
      if (ownedByA !== undefined) fields["ownedByB"] = ownedByA;
      if (ownedByB !== undefined) fields["ownedByA"] = ownedByB;
      return { side: one.side === "a" ? "b" : "a", fields };
    };
    fc.assert(
      fc.property(sightings, (seen) => {
        const left = afterSightings(seen);
        const right = afterSightings(seen.map(swapped));

        expect(right.fields["ownedByB"]).toEqual(left.fields["ownedByA"]);
        expect(right.fields["ownedByA"]).toEqual(left.fields["ownedByB"]);
        expect(right.fields["latest"]).toEqual(left.fields["latest"]);
        expect(right.fields["disputed"]).toEqual(left.fields["disputed"]);
      }),
    );
  });

  it("does not touch a field that the sighting does not hold", () => {
    fc.assert(
      fc.property(sightings, sighting, (seen, one) => {
        const before = afterSightings(seen);
        const { next } = mergeRecord(before, observationOf(one, seen.length), flow);
        for (const field of Object.keys(flow.fields)) {
          if (one.fields[field] === undefined) {
            expect(next.fields[field]).toEqual(before.fields[field]);
          }
        }
      }),
    );
  });

  it("leaves out a sighting older than what is known", () => {
    fc.assert(
      fc.property(sightings, sighting, (seen, { fields }) => {
        const xref = afterSightings([...seen, { side: "a", fields: { latest: "red" } }]);
        const late = mergeRecord(xref, observationOf({ side: "a", fields }, -1), flow);

        expect(late.stale).toBe(true);
        expect(late.next).toBe(xref);
      }),
    );
  });

  it("keeps both values of a field that two sides dispute", () => {
    const seen: Sighting[] = [
      { side: "a", fields: { disputed: "red" } },
      { side: "b", fields: { disputed: "blue" } },
    ];

    const xref = afterSightings(seen);

    expect(xref.fields["disputed"]).toBe("red");
    expect(sideOf(xref, "b")).toMatchObject({
      state: "conflict",
      conflicts: [{ field: "disputed", golden: "red", proposed: "blue" }],
    });
    expect(owedFields(xref, "b", flow)).toEqual([]);
  });

  it("does not take the remote's way of keeping a value for an edit", () => {
    const xref = afterSightings([{ side: "a", fields: { ownedByA: "red" } }]);
    const written = {
      connection: "b",
      externalId: "b-1",
      version: 50,
      sent: { ownedByA: "red" },
      observed: { ownedByA: "RED" },
      capturedAt: "2026-01-02T00:00:00.000Z",
    };

    const after = recordWrite(xref, written, flow);

    expect(sideOf(after, "b").observed["ownedByA"]).toBe(digestField("RED"));
    expect(owedFields(after, "b", flow)).toEqual([]);
  });
});
