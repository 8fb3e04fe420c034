import { describe, expect, it } from "vitest";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";
import { relatedDocumentOf } from "#shared/domain/related-document.ts";

function anXref(recordType: RecordType, fields: Fields): CrossReference {
  const made = newCrossReference(`${recordType}-1`, recordType, "2026-11-22T10:00:00.000Z");
  return { ...made, revision: 3, fields };
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
      amountDue: money(7_000n, "EUR"),
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
      isSettled,
      paidOn: "2026-11-20",
    });
  });

  it("has nothing to say of an invoice without money, or of other records", () => {
    expect(relatedDocumentOf(anXref("invoice", { total: null }))).toBeUndefined();
    expect(relatedDocumentOf(anXref("invoice", {}))).toBeUndefined();
    expect(relatedDocumentOf(anXref("order", { total: money(1n, "EUR") }))).toBeUndefined();
  });
});
