import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { orderNumberIn, referenceOf } from "#shared/domain/document-reference.ts";

const orderNumbers = fc.stringMatching(/^[A-Z]{0,3}-?[0-9]{1,8}$/);
const days = fc
  .date({ min: new Date("2000-01-01"), max: new Date("2099-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
/** Which document of an order: that of a period or its own, and how many came before it. */
const places = fc.record({
  billedOn: fc.option(days, { nil: undefined }),
  earlierCount: fc.nat({ max: 9 }),
});

describe("the reference of a document", () => {
  it("is borne by no other of the same order", () => {
    fc.assert(
      fc.property(orderNumbers, places, places, (number, one, other) => {
        const isSame = one.billedOn === other.billedOn && one.earlierCount === other.earlierCount;
        const [left, right] = [one, other].map(({ billedOn, earlierCount }) =>
          referenceOf(number, earlierCount, billedOn),
        );

        expect(left === right).toBe(isSame);
      }),
    );
  });

  it("gives the order's number back", () => {
    fc.assert(
      fc.property(orderNumbers, places, (number, { billedOn, earlierCount }) => {
        const reference = String(referenceOf(number, earlierCount, billedOn));

        expect(orderNumberIn(reference) ?? reference).toBe(number);
      }),
    );
  });
});
