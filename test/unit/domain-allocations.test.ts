import { describe, expect, it } from "vitest";
import { imbalanceOf, settlementOf } from "#shared/domain/allocations.ts";
import { money } from "#shared/domain/money.ts";
import type { Allocation, Fields } from "#shared/domain/records.ts";

const eur = (minor: bigint) => money(minor, "EUR");

function anAllocation(kind: Allocation["kind"], minor: bigint): Allocation {
  const [source, target] = [`${kind}-1`, "inv-1"];
  return { kind, source, target, amount: eur(minor), allocatedOn: "2026-11-20" };
}

const settled: Fields = {
  status: "issued",
  total: eur(12_000n),
  amountDue: eur(2_000n),
  allocations: [anAllocation("payment", 7_000n), anAllocation("credit-note", 3_000n)],
};

describe("imbalanceOf", () => {
  it("is zero where the whole is what was allocated and what is open", () => {
    expect(imbalanceOf("invoice", settled)).toEqual(eur(0n));
    expect(imbalanceOf("invoice", { ...settled, amountDue: eur(0n) })).toEqual(eur(2_000n));
    expect(imbalanceOf("invoice", { ...settled, total: eur(11_999n) })).toEqual(eur(-1n));
  });

  it("holds of credit notes and deposits alike", () => {
    const { allocations } = settled;

    expect(
      imbalanceOf("creditNote", { total: eur(10_500n), allocations, amountOpen: eur(500n) }),
    ).toEqual(eur(0n));
    expect(
      imbalanceOf("payment", { amount: eur(10_500n), allocations, amountOpen: eur(400n) }),
    ).toEqual(eur(100n));
  });

  it.each([
    ["its allocations", { ...settled, allocations: undefined }],
    ["its whole", { ...settled, total: null }],
    ["what is open", { ...settled, amountDue: null }],
  ])("is not known where a document does not show %s", (_name, fields) => {
    expect(imbalanceOf("invoice", fields)).toBeUndefined();
  });

  it.each(["void", "deleted"])("is not asked of what is %s", (status) => {
    expect(imbalanceOf("invoice", { ...settled, status })).toBeUndefined();
  });
});

describe("settlementOf", () => {
  const total = eur(12_000n);

  it("is what the books say where they show no allocations", () => {
    const fields = { amountPaid: eur(7_000n), amountCredited: eur(3_000n) };

    expect(settlementOf(fields, total)).toEqual({
      paid: eur(7_000n),
      credited: eur(3_000n),
      writtenOff: eur(0n),
    });
    expect(settlementOf({}, total)).toMatchObject({ paid: eur(0n), credited: eur(0n) });
  });

  it("counts used deposits and overpayments as money", () => {
    const allocations = [
      anAllocation("deposit", 2_000n),
      anAllocation("overpayment", 500n),
      anAllocation("credit-note", 500n),
    ];
    const fields = { amountPaid: eur(7_000n), amountCredited: eur(3_000n), allocations };

    expect(settlementOf(fields, total)).toMatchObject({ paid: eur(9_500n), credited: eur(500n) });
  });

  it("tells a loss, which the books count as paid, from money", () => {
    const allocations = [anAllocation("payment", 5_000n), anAllocation("write-off", 2_000n)];
    const fields = { amountPaid: eur(7_000n), amountCredited: eur(3_000n), allocations };
    const deposit = anAllocation("deposit", 3_000n);

    expect(settlementOf({ ...fields, allocations: [...allocations, deposit] }, total)).toEqual({
      paid: eur(8_000n),
      credited: eur(0n),
      writtenOff: eur(2_000n),
    });
    expect(settlementOf({ ...fields, amountPaid: eur(1_000n) }, total)).toEqual({
      paid: eur(1_000n),
      credited: eur(3_000n),
      writtenOff: eur(0n),
    });
  });

  it("stays with the books where the allocations tell of more than was credited", () => {
    const allocations = [anAllocation("credit-note", 4_000n)];
    const fields = { amountPaid: eur(0n), amountCredited: eur(3_000n), allocations };

    expect(settlementOf(fields, total)).toMatchObject({ paid: eur(0n), credited: eur(3_000n) });
  });
});
