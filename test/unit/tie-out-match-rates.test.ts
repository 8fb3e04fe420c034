import { describe, expect, it } from "vitest";
import type { RowClass } from "#shared/domain/tie-out/classes.ts";
import { type MatchedShare, matchRatesOf, percentOf } from "#shared/domain/tie-out/match-rates.ts";
import type { SnapshotSide } from "#shared/domain/tie-out/snapshot-row.ts";

function share(
  side: SnapshotSide,
  of: RowClass,
  records: bigint,
  valueMinor: bigint,
  overlap: { records: bigint; valueMinor: bigint } = { records, valueMinor },
): MatchedShare {
  return {
    side,
    recordType: "payment",
    currency: "GBP",
    class: of,
    records,
    valueMinor,
    overlapRecords: overlap.records,
    overlapMinor: overlap.valueMinor,
  };
}

/** Books 3.00 without a match and 1.00 with one; bank 1.00, which matches. */
const threePayments = [
  share("books", "missing-at-bank", 1n, 300n),
  share("books", "matched", 1n, 100n),
  share("bank", "matched", 1n, 100n),
];

describe("match rates", () => {
  it("give 25, 100 and 40 % by value for the same three payments, each with its side", () => {
    const rates = matchRatesOf(threePayments).filter(
      ({ by, denominator }) => by === "value" && denominator === "all",
    );

    expect(rates.map(({ side, matched, of, rate }) => [side, matched, of, rate])).toEqual([
      ["books", "1.00", "4.00", "25.00 %"],
      ["bank", "1.00", "1.00", "100.00 %"],
      ["both", "2.00", "5.00", "40.00 %"],
    ]);
  });

  it("give other figures by count", () => {
    const rates = matchRatesOf(threePayments).filter(
      ({ by, denominator }) => by === "count" && denominator === "all",
    );

    expect(rates.map(({ side, rate }) => [side, rate])).toEqual([
      ["books", "50.00 %"],
      ["bank", "100.00 %"],
      ["both", "66.66 %"],
    ]);
  });

  it("leave what rules exclude, and days that one side lacks, out of two denominators", () => {
    const shares = [
      share("books", "matched", 2n, 200n, { records: 1n, valueMinor: 100n }),
      share("books", "missing-at-bank", 1n, 100n, { records: 0n, valueMinor: 0n }),
      share("books", "excluded", 1n, 100n),
    ];

    const rates = matchRatesOf(shares).filter(({ by }) => by === "count");

    expect(rates.map(({ denominator, matched, of }) => [denominator, matched, of])).toEqual([
      ["all", "2", "4"],
      ["compared", "2", "3"],
      ["overlapping", "1", "1"],
    ]);
  });

  it.each([
    [99_999n, 100_000n, "99.99 %"],
    [1n, 1n, "100.00 %"],
    [0n, 3n, "0.00 %"],
    [0n, 0n, null],
  ])("say %s of %s as %s: never more than it is", (part, whole, rate) => {
    expect(percentOf(part, whole)).toBe(rate);
  });
});
