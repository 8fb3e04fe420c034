import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeCrossReference, encodeCrossReference } from "#shared/aws/cross-reference-codec.ts";
import { crossReferenceItem } from "#shared/aws/cross-reference-items.ts";
import {
  type CrossReference,
  type FieldConflict,
  type Side,
  sideStates,
} from "#shared/domain/cross-reference.ts";
import { digestField } from "#shared/domain/fingerprint.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { type Fields, type FieldValue, recordLives } from "#shared/domain/records.ts";
import { failureKinds } from "#shared/domain/sync-error.ts";
import {
  decidedThings,
  decisionKinds,
  type FieldDecision,
  type TrailEntry,
} from "#shared/domain/trail.ts";
import { afterSightings, sightings } from "#test/support/arbitraries.ts";
import { aSettledCustomer } from "#test/support/cross-references.ts";

const NOW_MS = Date.UTC(2026, 0, 6, 10, 30);

function roundTrip(xref: CrossReference): CrossReference {
  const { canonicalId, recordType, revision } = xref;
  return decodeCrossReference({ canonicalId, recordType, revision }, encodeCrossReference(xref));
}

/** Names that try the codec: digits look like positions, and each is one of a small pool. */
const name = fc.constantFrom("name", "email", "0", "7", "total", "lines", "toString", "");
const text = fc.string({ unit: "binary", maxLength: 20 });
const money = fc.record({ minor: fc.bigInt(), currency: fc.constantFrom("EUR", "JPY") });
const reference = fc.oneof(
  fc.record({ canonicalId: text }),
  fc.record({ connection: text, recordType: fc.constantFrom(...recordTypes), externalId: text }),
);
const orNull = <Value>(value: fc.Arbitrary<Value>) => fc.option(value);
const decimal = fc.constantFrom("0", "1", "1.0", "-2.50", "0.05");
const line = fc.record({
  product: orNull(reference),
  productCode: orNull(text),
  description: orNull(text),
  quantity: decimal,
  unitPrice: decimal,
  discountRate: decimal,
  amount: money,
});
const fieldValue: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.constant(null),
  text,
  fc.integer(),
  money,
  reference,
  fc.array(line, { maxLength: 3 }),
);
const fields: fc.Arbitrary<Fields> = fc.dictionary(name, fieldValue);
const instant = fc.oneof(
  fc
    .date({ min: new Date(0), max: new Date("2999-12-31"), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc.constantFrom("2026-01-05T09:00:00Z", "2026-01-05T09:00:00.123456Z"),
);
const optional = <Shape extends object>(
  shape: {
    [Key in keyof Shape]: fc.Arbitrary<Shape[Key]>;
  },
) => fc.record(shape, { requiredKeys: [] });

const failure = fc
  .tuple(
    fc.record({ kind: fc.constantFrom(...failureKinds), code: text }),
    optional({ fix: text, field: text, retryAfterMs: fc.nat() }),
  )
  .map(([required, more]) => ({ ...required, ...more }));
const conflict: fc.Arbitrary<FieldConflict> = fc.record(
  {
    field: name,
    golden: fieldValue,
    goldenBy: name,
    proposed: fieldValue,
    proposedBy: name,
    at: instant,
  },
  { requiredKeys: ["field", "golden", "proposed", "proposedBy", "at"] },
);

const decision: fc.Arbitrary<FieldDecision> = fc.record(
  {
    field: name,
    kind: fc.constantFrom(...decisionKinds),
    policy: text,
    lost: fc.record({ value: fieldValue, by: name }),
  },
  { requiredKeys: ["field", "kind", "policy"] },
);
const decisions = fc
  .uniqueArray(decision, { selector: ({ field }) => field, maxLength: 4 })
  .map((some) => some.sort((left, right) => (left.field < right.field ? -1 : 1)));
const connection = fc.constantFrom("crm", "books");
const place = { at: instant, connection, externalId: text, version: fc.maxSafeNat() };
const entry = <Kind extends TrailEntry["kind"], Shape extends object>(
  kind: Kind,
  shape: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> },
  ...optionalKeys: (keyof Shape & string)[]
) =>
  fc.record(
    { kind: fc.constant(kind), ...shape },
    {
      requiredKeys: Object.keys({ kind, ...shape }).filter(
        (key) => !(optionalKeys as string[]).includes(key),
      ) as never[],
    },
  );
const other = { at: instant, connection, other: text };
const trailEntry = fc.oneof(
  entry(
    "seen",
    { ...place, life: fc.constantFrom(...recordLives), decisions, speaksFor: name },
    "speaksFor",
  ),
  entry("intended", { at: instant, connection, tries: fc.nat() }),
  entry("intended", { at: instant, connection, life: fc.constant("archived") }),
  entry(
    "written",
    {
      ...place,
      isNew: fc.boolean(),
      fields: fc.array(name),
      life: fc.constantFrom("archived", "live"),
    },
    "life",
  ),
  entry("failed", { at: instant, connection, failureKind: text, code: text }),
  entry("resolved", { at: instant, connection }),
  entry("waiting", { at: instant, connection, waitsFor: fc.array(text) }),
  entry("held", { at: instant, connection, runId: text }, "runId"),
  entry("absorbed", other),
  entry("merged-into", other),
  entry("un-merged", other),
  entry("decided", {
    at: instant,
    by: text,
    connection,
    what: fc.constantFrom(...decidedThings),
    decisions,
  }),
) as fc.Arbitrary<TrailEntry>;

/** Digests that often are the golden value's own, and often all of them, as in life. */
function digestsFor(golden: Fields): fc.Arbitrary<Record<string, string>> {
  const own = Object.entries(golden).map(([field, value]): [string, string] => [
    field,
    digestField(value ?? null),
  ]);
  const digest = fc.constantFrom("other-1", "other-2", ...own.map(([, digest]) => digest));
  return fc
    .tuple(fc.dictionary(name, digest), fc.boolean())
    .map(([some, hasAll]) => (hasAll ? { ...some, ...Object.fromEntries(own) } : some));
}

function sideFor(golden: Fields): fc.Arbitrary<Side> {
  return fc
    .tuple(
      fc.record({
        state: fc.constantFrom(...sideStates),
        observed: digestsFor(golden),
        sent: digestsFor(golden),
      }),
      optional({
        externalId: text,
        remoteVersion: fc.maxSafeNat(),
        shownAt: instant,
        archivingSince: instant,
        intent: fc.record({ idempotencyKey: text, attemptedAt: instant, tries: fc.nat() }),
        failure,
        waitsFor: fc.array(text, { maxLength: 2 }),
        conflicts: fc.array(conflict, { maxLength: 2 }),
        review: fc.record(
          { code: text, at: instant, isDismissed: fc.constant(true as const) },
          { requiredKeys: ["code", "at"] },
        ),
        ended: fc.record({
          life: fc.constantFrom("archived", "deleted", "merged"),
          by: name,
          at: instant,
        }),
      }),
    )
    .map(([required, more]) => ({ ...required, ...more }));
}

const crossReference: fc.Arbitrary<CrossReference> = fields.chain((golden) =>
  fc
    .tuple(
      fc.record({
        canonicalId: text,
        recordType: fc.constantFrom(...recordTypes),
        revision: fc.nat(),
        fields: fc.constant(golden),
        sources: fc.dictionary(name, fc.record({ by: name, at: instant })),
        sides: fc.dictionary(fc.oneof(name, connection), sideFor(golden)),
        createdAt: instant,
        changedAt: instant,
      }),
      optional({
        runId: text,
        mergedInto: text,
        absorbed: fc.array(text, { maxLength: 2 }),
        trail: fc.array(trailEntry, { maxLength: 3 }),
      }),
    )
    .map(([required, more]) => ({ ...required, ...more })),
);

describe("cross-reference codec", () => {
  it("gives back every cross-reference as it was", () => {
    fc.assert(
      fc.property(crossReference, (xref) => {
        expect(roundTrip(xref)).toEqual(xref);
      }),
      { numRuns: 300 },
    );
  });

  it("gives back what merges make", () => {
    fc.assert(
      fc.property(sightings, (seen) => {
        const xref = afterSightings(seen);
        expect(roundTrip(xref)).toEqual(xref);
      }),
    );
  });

  it("leaves out what is undefined", () => {
    const xref = { ...aSettledCustomer(), fields: { name: undefined, email: null } };

    expect(Object.keys(roundTrip(xref).fields)).toEqual(["email"]);
  });

  /** A settled customer whose phone number was changed, with what is kept for the history. */
  function aCommonEdit(): CrossReference {
    const xref = aSettledCustomer();
    const decisions = [{ field: "phone", kind: "taken", policy: "system-of-record" }] as const;
    return {
      ...xref,
      revision: 12,
      trail: [
        {
          kind: "seen",
          at: xref.changedAt,
          connection: "crm",
          externalId: "18273645546",
          version: 1_767_603_600_000,
          life: "live",
          decisions,
        },
      ],
      chain: "A".repeat(32),
      savedAt: NOW_MS - 86_400_000,
    };
  }

  it("keeps a settled customer of twelve fields within one write unit", () => {
    const item = crossReferenceItem(aCommonEdit(), [], "12345678", NOW_MS);
    const bytes = Object.entries(item).reduce(
      (sum, [attribute, value]) =>
        sum + Buffer.byteLength(attribute) + Buffer.byteLength(value.S ?? value.N ?? ""),
      0,
    );

    expect(bytes).toBeLessThan(1_000);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["a newer version", '{"v":2,"c":0,"m":0,"f":{},"p":[],"d":{}}'],
    ["no fields", '{"v":1,"c":0,"m":0,"p":[],"d":{}}'],
    ["an unknown value", '{"v":1,"c":0,"m":0,"f":{"a":{"q":1}},"p":[],"d":{}}'],
    ["an unknown truth", '{"v":1,"c":0,"m":0,"f":{"a":true},"p":[],"d":{}}'],
    ["damaged money", '{"v":1,"c":0,"m":0,"f":{"a":{"m":"1.5 EUR"}},"p":[],"d":{}}'],
    ["an unknown state", '{"v":1,"c":0,"m":0,"f":{},"p":[],"d":{"crm":{"q":"odd"}}}'],
    ["a field that is not there", '{"v":1,"c":0,"m":0,"f":{},"p":[],"d":{"crm":{"g":[3]}}}'],
    ["no time", '{"v":1,"m":0,"f":{},"p":[],"d":{}}'],
    ["an impossible time", '{"v":1,"c":9e15,"m":0,"f":{},"p":[],"d":{}}'],
    ["an unknown failure", '{"v":1,"c":0,"m":0,"f":{},"p":[],"d":{"crm":{"z":{"kind":"odd"}}}}'],
  ])("refuses a body with %s", (_, body) => {
    const head = { canonicalId: "customer-1", recordType: "customer", revision: 1 } as const;

    expect(() => decodeCrossReference(head, body)).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ kind: "bug", code: "stored-record-unreadable" }),
      }),
    );
  });

  it("refuses a record that is larger than the table takes", () => {
    const fields = { name: "ü".repeat(200 * 1_024) };

    expect(() => crossReferenceItem({ ...aSettledCustomer(), fields }, [], "t", NOW_MS)).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ kind: "rejected", code: "record-too-large" }),
      }),
    );
  });
});
