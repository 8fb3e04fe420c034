import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BlastRadiusLimits, judgeRun } from "#shared/domain/blast-radius.ts";

const limits: BlastRadiusLimits = {
  changedRecordsMin: 10,
  changedShareMax: 0.3,
  blankedValuesMax: 5,
};

interface Batch {
  readonly changed: number;
  readonly blanked: number;
}

const batch: fc.Arbitrary<Batch> = fc.record({
  changed: fc.nat({ max: 15 }),
  blanked: fc.nat({ max: 4 }),
});

/** Batches of one run, and an order in which each is first added and later judged. */
const race = fc.array(batch, { minLength: 1, maxLength: 8 }).chain((batches) =>
  fc
    .shuffledSubarray([...batches.keys(), ...batches.keys()], {
      minLength: 2 * batches.length,
      maxLength: 2 * batches.length,
    })
    .map((order) => ({ batches, order })),
);

const sum = (batches: readonly Batch[], of: keyof Batch): number =>
  batches.reduce((sofar, one) => sofar + one[of], 0);

describe("batches of one run", () => {
  it("let out together no more than the limits allow, in whatever order they are judged", () => {
    fc.assert(
      fc.property(race, fc.integer({ min: 1, max: 200 }), ({ batches, order }, records) => {
        const counts: Record<string, bigint> = { records: BigInt(records) };
        const added = new Set<number>();
        const allowed: Batch[] = [];
        for (const index of order) {
          const one = batches[index] ?? { changed: 0, blanked: 0 };
          if (!added.has(index)) {
            added.add(index);
            counts["changed"] = (counts["changed"] ?? 0n) + BigInt(one.changed);
            counts["blanked"] = (counts["blanked"] ?? 0n) + BigInt(one.blanked);
          } else if (judgeRun(limits, counts).kind === "allowed") {
            allowed.push(one);
          } else {
            counts["holds"] = 1n;
          }
        }

        expect(sum(allowed, "blanked")).toBeLessThanOrEqual(limits.blankedValuesMax);
        const most = Math.max(limits.changedRecordsMin - 1, limits.changedShareMax * records);
        expect(sum(allowed, "changed")).toBeLessThanOrEqual(most);
      }),
    );
  });

  it("let nothing out once one of them was held, until the run is approved", () => {
    const counts = fc.record({
      records: fc.bigInt({ min: 0n, max: 500n }),
      changed: fc.bigInt({ min: 0n, max: 500n }),
      blanked: fc.bigInt({ min: 0n, max: 50n }),
    });
    fc.assert(
      fc.property(counts, (some) => {
        expect(judgeRun(limits, { ...some, holds: 1n }).kind).toBe("held");
        expect(judgeRun(limits, { ...some, holds: 1n, approvals: 1n }).kind).toBe("allowed");
      }),
    );
  });
});
