import { describe, expect, it } from "vitest";
import {
  costliestLines,
  costOf,
  divideRounded,
  microdollarsPerMillion,
  shareOf,
  thousandthsOf,
  totalCost,
  type UsageLine,
} from "#test/bench/cost.ts";
import { prices, unitNames } from "#test/bench/prices.ts";

const writes: UsageLine = {
  caller: "apply-changes",
  action: "dynamodb:PutItem",
  unit: "dynamodb-writes",
  thousandths: 4_000_000n,
};
const halfRead: UsageLine = {
  caller: "poll-changes",
  action: "dynamodb:GetItem",
  unit: "dynamodb-reads",
  thousandths: 500n,
};

describe("list prices", () => {
  it("are what AWS charges for a million, a gigabyte or a gigabyte-second", () => {
    const dollarsOf = (unit: keyof typeof prices, count: bigint) =>
      microdollarsPerMillion(
        costOf({ caller: "", action: "", unit, thousandths: count * 1_000n }),
        1_000_000,
      );
    expect(dollarsOf("dynamodb-writes", 1_000_000n)).toBe(625_000n);
    expect(dollarsOf("dynamodb-reads", 1_000_000n)).toBe(125_000n);
    expect(dollarsOf("sqs-requests", 1_000_000n)).toBe(400_000n);
    expect(dollarsOf("lambda-requests", 1_000_000n)).toBe(200_000n);
    expect(dollarsOf("http-api-requests", 1_000_000n)).toBe(1_000_000n);
    expect(dollarsOf("schedules", 1_000_000n)).toBe(1_000_000n);
    expect(dollarsOf("s3-writes", 1_000n)).toBe(5_000n);
    expect(dollarsOf("s3-reads", 1_000n)).toBe(400n);
    expect(dollarsOf("secret-reads", 10_000n)).toBe(50_000n);
    expect(dollarsOf("log-bytes", 1_000_000_000n)).toBe(500_000n);
    // A million GB-seconds, since one alone is less than can be shown.
    expect(dollarsOf("lambda-gb-ms", 1_000_000_000n)).toBe(13_333_400n);
  });

  it("name their source, each", () => {
    expect(unitNames.filter((name) => prices[name].source === "")).toEqual([]);
  });
});

describe("cost of counted units", () => {
  it("is exact, also of half a unit", () => {
    expect(costOf(writes)).toBe(2_500_000_000_000_000n);
    expect(costOf(halfRead)).toBe(62_500_000_000n);
    expect(totalCost([writes, halfRead])).toBe(2_500_062_500_000_000n);
  });

  it("is told for a million records", () => {
    // 4,000 write units on 1,000 records: four each.
    expect(microdollarsPerMillion(totalCost([writes]), 1_000)).toBe(2_500_000n);
    expect(microdollarsPerMillion(totalCost([halfRead]), 1)).toBe(62_500n);
    expect(microdollarsPerMillion(0n, 7)).toBe(0n);
  });

  it("adds up the units of one kind only", () => {
    expect(thousandthsOf([writes, halfRead, writes], "dynamodb-writes")).toBe(8_000_000n);
    expect(thousandthsOf([writes], "s3-reads")).toBe(0n);
  });

  it("has its costliest line first, with equal lines as one and free ones left out", () => {
    const free: UsageLine = { ...halfRead, caller: "serve-api", thousandths: 0n };
    expect(costliestLines([halfRead, free, writes, halfRead])).toEqual([
      writes,
      { ...halfRead, thousandths: 1_000n },
    ]);
  });
});

describe("division", () => {
  it("rounds half up", () => {
    expect(divideRounded(5n, 2n)).toBe(3n);
    expect(divideRounded(4n, 3n)).toBe(1n);
    expect(divideRounded(0n, 9n)).toBe(0n);
  });

  it("refuses what it cannot round", () => {
    expect(() => divideRounded(1n, 0n)).toThrow(RangeError);
    expect(() => divideRounded(-1n, 2n)).toThrow(RangeError);
  });

  it("gives shares in hundredths of a percent", () => {
    expect(shareOf(1n, 3n)).toBe(3_333n);
    expect(shareOf(5n, 0n)).toBe(0n);
  });
});
