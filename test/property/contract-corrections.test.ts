/** Laws of a contract whose terms change, however, after some of its invoices were issued. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { billOrder, creditNotesOf } from "#shared/domain/bill-order.ts";
import { decideCorrection } from "#shared/domain/correction.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type Fields, isLines } from "#shared/domain/records.ts";
import { aContract, derivedInvoice, issueAll, lineOver } from "#test/support/contracts.ts";

const today = "2026-08-20";
const jane = { by: "jane", at: "2026-08-20T10:00:00.000Z", datedOn: today };

const day = fc.integer({ min: 1, max: 28 }).map((number) => String(number).padStart(2, "0"));
const terms: fc.Arbitrary<Fields> = fc.record({
  lines: fc.array(
    fc.bigInt({ min: 1n, max: 100_000n }).map((minor) => lineOver(minor)),
    {
      minLength: 1,
      maxLength: 3,
    },
  ),
  billingPeriod: fc.constantFrom("once", "monthly", "quarterly"),
  billingStartsOn: day.map((text) => `2026-02-${text}`),
  billingEndsOn: fc.option(
    fc.tuple(fc.integer({ min: 3, max: 9 }), day).map(([month, text]) => `2026-0${month}-${text}`),
  ),
});

/** Decides about one dispute after the other, until there is none. */
function decideAll(
  order: CrossReference,
  invoices: readonly CrossReference[],
  decisions: readonly boolean[],
): { readonly order: CrossReference; readonly decided: number } {
  let current = order;
  for (let decided = 0; decided <= invoices.length; decided += 1) {
    const { disputes } = billOrder({ order: current, invoices, today });
    const [dispute] = disputes;
    if (dispute === undefined) return { order: current, decided };
    const decision = decisions[decided % decisions.length] === true ? "approved" : "dismissed";
    current = decideCorrection(current, dispute.name, { ...jane, decision });
  }
  throw new Error("there are more disputes than invoices");
}

/** Minor units of all lines. */
function sumOf(documents: readonly { readonly fields: Fields }[]): bigint {
  const lines = documents.flatMap(({ fields }) =>
    isLines(fields["lines"]) ? fields["lines"] : [],
  );
  return lines.reduce((sum, { amount }) => sum + amount.minor, 0n);
}

describe("a contract whose terms change after invoices were issued", () => {
  it("bills exactly what the new terms ask for, once every correction is approved", () => {
    fc.assert(
      fc.property(terms, terms, (before, after) => {
        const invoices = issueAll(aContract(before), today);
        const { order } = decideAll(aContract(after), invoices, [true]);
        const toBill = { order, invoices, today };

        const billed =
          sumOf(invoices) - sumOf(creditNotesOf(toBill)) + sumOf(billOrder(toBill).invoices);

        expect(billed).toBe(sumOf(issueAll(aContract(after), today)));
      }),
    );
  });

  it("asks about each invoice once: whatever is decided, nothing is left to ask, nor later", () => {
    const decisions = fc.array(fc.boolean(), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(terms, terms, decisions, (before, after, answers) => {
        const invoices = issueAll(aContract(before), today);
        const decided = decideAll(aContract(after), invoices, answers);
        const ids = new Set(invoices.map(({ canonicalId }) => canonicalId));
        const made = billOrder({ order: decided.order, invoices, today }).invoices.filter(
          ({ canonicalId }) => !ids.has(canonicalId),
        );
        const issued = made.map(({ canonicalId, fields }) => derivedInvoice(canonicalId, fields));

        const all = [...invoices, ...issued];
        const later = billOrder({ order: decided.order, invoices: all, today });
        const known = new Set(all.map(({ canonicalId }) => canonicalId));
        expect(later.disputes).toEqual([]);
        expect(later.invoices.filter(({ canonicalId }) => !known.has(canonicalId))).toEqual([]);
        expect(decided.decided).toBeLessThanOrEqual(invoices.length);
      }),
    );
  });
});
