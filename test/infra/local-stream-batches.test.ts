import { describe, expect, it } from "vitest";
import { cutBatches } from "#infra/local/host/stream-batches.ts";

const records = (count: number, text = "") =>
  Array.from({ length: count }, (_, index) => ({ index, text }));
const sizes = (batches: readonly unknown[][]) => batches.map((batch) => batch.length);

describe("batches of a stream", () => {
  it("hold all records in their order, at most so many each", () => {
    const batches = cutBatches(records(7), 3);

    expect(sizes(batches)).toEqual([3, 3, 1]);
    expect(batches.flat()).toEqual(records(7));
  });

  it("end before they are more than an invocation takes", () => {
    expect(sizes(cutBatches(records(5, "x".repeat(2_500_000)), 10_000))).toEqual([2, 2, 1]);
  });

  it("take a record alone that is too large for any", () => {
    const large = { text: "x".repeat(7_000_000) };

    expect(sizes(cutBatches([{}, large, {}], 10))).toEqual([1, 1, 1]);
  });

  it("are none of nothing", () => {
    expect(cutBatches([], 10)).toEqual([]);
  });
});
