import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allocatedSum, imbalanceOf, settlementOf } from "#shared/domain/allocations.ts";
import { add, money, subtract } from "#shared/domain/money.ts";
import { type Allocation, allocationKinds, type Fields } from "#shared/domain/records.ts";

/** What happens to an invoice: a part is settled, by so much of what is open, or a settlement is taken back. */
type Step =
  | { readonly kind: Allocation["kind"]; readonly share: bigint }
  | { readonly kind: "taken-back"; readonly which: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom(...allocationKinds),
    share: fc.bigInt({ min: 1n, max: 1_000n }),
  }),
  fc.record({ kind: fc.constant("taken-back" as const), which: fc.nat(20) }),
);
const total = fc
  .tuple(fc.bigInt({ min: 1n, max: 10n ** 12n }), fc.constantFrom("EUR", "JPY", "KWD"))
  .map(([minor, currency]) => money(minor, currency));

/** The invoice as books show it after the steps. */
function invoiceAfter(whole: { minor: bigint; currency: string }, steps: readonly Step[]): Fields {
  let allocations: readonly Allocation[] = [];
  for (const [index, one] of steps.entries()) {
    const open = subtract(whole, allocatedSum(allocations, whole)).minor;
    if (one.kind === "taken-back") {
      allocations = allocations.filter((_, at) => at !== one.which % allocations.length);
    } else if (open > 0n) {
      const part = (open * one.share + 999n) / 1_000n;
      const amount = money(part, whole.currency);
      const source = `source-${index}`;
      const made = { kind: one.kind, source, target: "inv", amount, allocatedOn: null };
      allocations = [...allocations, made];
    }
  }
  // Books count a loss among what was paid.
  const amountPaid = allocatedSum(allocations, whole, "payment", "write-off");
  const settled = allocatedSum(allocations, whole);
  const amountDue = subtract(whole, settled);
  return {
    status: amountDue.minor === 0n ? "paid" : "issued",
    total: whole,
    allocations,
    amountPaid,
    amountCredited: subtract(settled, amountPaid),
    amountDue,
  };
}

describe("an invoice that is settled in many parts", () => {
  it("is the sum of its allocations and of what is open after each of 10,000 histories", () => {
    fc.assert(
      fc.property(total, fc.array(step, { maxLength: 20 }), (whole, steps) => {
        const invoice = invoiceAfter(whole, steps);
        const { paid, credited, writtenOff } = settlementOf(invoice, whole);
        const settled = add(add(paid, credited), writtenOff);
        const due = money(0n, whole.currency);

        expect(imbalanceOf("invoice", invoice)).toEqual(due);
        expect(add(settled, invoice["amountDue"] as typeof whole)).toEqual(whole);
        const uses = invoice["allocations"] as readonly Allocation[];
        expect(writtenOff).toEqual(allocatedSum(uses, whole, "write-off"));
      }),
      { numRuns: 10_000 },
    );
  });

  it("is found out of balance by whatever is missing", () => {
    fc.assert(
      fc.property(
        total,
        fc.array(step, { maxLength: 20 }),
        fc.bigInt({ min: 1n, max: 10n ** 6n }),
        (whole, steps, lost) => {
          const invoice = invoiceAfter(whole, steps);
          const missing = money(lost, whole.currency);
          const wrong = { ...invoice, total: add(whole, missing) };

          expect(imbalanceOf("invoice", wrong)).toEqual(missing);
        },
      ),
    );
  });
});
