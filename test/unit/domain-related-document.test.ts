import { describe, expect, it } from "vitest";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { Allocation, Fields } from "#shared/domain/records.ts";
import { relatedDocumentOf } from "#shared/domain/related-document.ts";

function anXref(recordType: RecordType, fields: Fields): CrossReference {
  const made = newCrossReference(`${recordType}-1`, recordType, "2026-11-22T10:00:00.000Z");
  return { ...made, revision: 3, fields };
}

function anAllocation(kind: Allocation["kind"], minor: bigint): Allocation {
  const [source, target] = [`${kind}-1`, "inv-1"];
  return { kind, source, target, amount: money(minor, "EUR"), allocatedOn: "2026-11-20" };
}

describe("relatedDocumentOf", () => {
  it("takes an invoice's money, dates and status, and its revision", () => {
    const xref = anXref("invoice", {
      number: "INV-7",
      status: "issued",
      dueOn: "2026-12-01",
      total: money(12_000n, "EUR"),
      tax: money(2_000n, "EUR"),
      amountPaid: money(5_000n, "EUR"),
      amountDue: money(7_000n, "EUR"),
    });

    expect(relatedDocumentOf(xref)).toEqual({
      kind: "invoice",
      canonicalId: "invoice-1",
      revision: 3,
      number: "INV-7",
      status: "issued",
      dueOn: "2026-12-01",
      total: money(12_000n, "EUR"),
      tax: money(2_000n, "EUR"),
      amountPaid: money(5_000n, "EUR"),
      amountCredited: money(0n, "EUR"),
      amountWrittenOff: money(0n, "EUR"),
      amountDue: money(7_000n, "EUR"),
      costOfSales: null,
    });
  });

  it("counts a deposit that an invoice was settled with as money, not as a credit", () => {
    const xref = anXref("invoice", {
      total: money(12_000n, "EUR"),
      amountPaid: money(5_000n, "EUR"),
      amountCredited: money(3_000n, "EUR"),
      amountDue: money(4_000n, "EUR"),
      allocations: [
        anAllocation("payment", 5_000n),
        anAllocation("deposit", 2_500n),
        anAllocation("credit-note", 500n),
      ],
      costOfSales: money(6_000n, "EUR"),
    });

    expect(relatedDocumentOf(xref)).toMatchObject({
      amountPaid: money(7_500n, "EUR"),
      amountCredited: money(500n, "EUR"),
      amountDue: money(4_000n, "EUR"),
      costOfSales: money(6_000n, "EUR"),
    });
  });

  it("takes a credit note's money and status, and tells what was used from what was paid back", () => {
    const xref = anXref("creditNote", {
      number: "CN-2",
      status: "issued",
      total: money(6_000n, "EUR"),
      tax: money(1_000n, "EUR"),
      allocations: [anAllocation("credit-note", 1_500n), anAllocation("payment", 4_000n)],
      amountOpen: money(500n, "EUR"),
    });

    expect(relatedDocumentOf(xref)).toEqual({
      kind: "credit-note",
      canonicalId: "creditNote-1",
      revision: 3,
      number: "CN-2",
      status: "issued",
      total: money(6_000n, "EUR"),
      tax: money(1_000n, "EUR"),
      amountUsed: money(1_500n, "EUR"),
      amountOpen: money(500n, "EUR"),
      costOfSales: null,
    });
  });

  it("takes what is not open of a credit note for used where its uses are not shown", () => {
    const fields = { total: money(6_000n, "EUR"), amountOpen: money(500n, "EUR") };

    expect(relatedDocumentOf(anXref("creditNote", fields))).toMatchObject({
      amountUsed: money(5_500n, "EUR"),
    });
    expect(relatedDocumentOf(anXref("creditNote", { total: fields.total }))).toMatchObject({
      amountUsed: money(0n, "EUR"),
      amountOpen: money(6_000n, "EUR"),
    });
  });

  it("counts an invoice whose books name only a total as owed in full, and as a draft", () => {
    const xref = anXref("invoice", { total: money(12_000n, "EUR"), amountDue: null });

    expect(relatedDocumentOf(xref)).toMatchObject({
      number: null,
      status: "draft",
      dueOn: null,
      tax: money(0n, "EUR"),
      amountPaid: money(0n, "EUR"),
      amountDue: money(12_000n, "EUR"),
    });
  });

  it("keeps a zero that is still owed apart from an amount that is not known", () => {
    const xref = anXref("invoice", { total: money(9n, "EUR"), amountDue: money(0n, "EUR") });

    expect(relatedDocumentOf(xref)).toMatchObject({ amountDue: money(0n, "EUR") });
  });

  it.each([
    ["settled", true],
    ["deleted", false],
    [null, false],
  ])("a payment that is %s counts: %s", (status, isSettled) => {
    const xref = anXref("payment", { status, paidOn: "2026-11-20", amount: money(1n, "EUR") });

    expect(relatedDocumentOf(xref)).toEqual({
      kind: "payment",
      canonicalId: "payment-1",
      revision: 3,
      paymentKind: "receipt",
      isSettled,
      paidOn: "2026-11-20",
      amount: money(1n, "EUR"),
      amountOpen: null,
    });
  });

  it("knows a deposit, and what is left of it", () => {
    const xref = anXref("payment", {
      kind: "deposit",
      status: "settled",
      amount: money(900n, "EUR"),
      amountOpen: money(0n, "EUR"),
    });

    expect(relatedDocumentOf(xref)).toMatchObject({
      paymentKind: "deposit",
      amount: money(900n, "EUR"),
      amountOpen: money(0n, "EUR"),
    });
  });

  it("has nothing to say of an invoice without money, or of other records", () => {
    expect(relatedDocumentOf(anXref("invoice", { total: null }))).toBeUndefined();
    expect(relatedDocumentOf(anXref("creditNote", { number: "CN-2" }))).toBeUndefined();
    expect(relatedDocumentOf(anXref("invoice", {}))).toBeUndefined();
    expect(relatedDocumentOf(anXref("order", { total: money(1n, "EUR") }))).toBeUndefined();
  });
});
