import { describe, expect, it } from "vitest";
import { money } from "#shared/domain/money.ts";
import { summarizeCustomer } from "#shared/domain/summary.ts";
import {
  aRelatedCreditNote as aCreditNote,
  aRelatedInvoice as anInvoice,
  aRelatedPayment as aPayment,
} from "#test/support/related-documents.ts";

const today = "2026-11-22";
const eur = (minor: bigint) => money(minor, "EUR");

const blank = {
  balanceCurrency: null,
  openBalance: null,
  overdueBalance: null,
  revenue: null,
  costOfSales: null,
  grossProfit: null,
  marginRate: null,
  costCoverageRate: null,
  openCredit: null,
  balanceSummary: null,
  lastPaymentOn: null,
};

describe("a customer's summary", () => {
  it("adds up what is owed and what was earned, tax left out", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice(),
        anInvoice({
          status: "paid",
          amountPaid: money(12_000n, "EUR"),
          amountDue: money(0n, "EUR"),
        }),
        anInvoice({ amountPaid: money(11_999n, "EUR"), amountDue: money(1n, "EUR") }),
      ],
      today,
    );

    expect(fields).toEqual({
      balanceCurrency: "EUR",
      openBalance: money(12_001n, "EUR"),
      overdueBalance: money(0n, "EUR"),
      revenue: money(30_000n, "EUR"),
      costOfSales: null,
      grossProfit: null,
      marginRate: null,
      costCoverageRate: "0",
      openCredit: money(0n, "EUR"),
      balanceSummary: null,
      lastPaymentOn: null,
    });
  });

  it.each([
    ["yesterday", "2026-11-21", 12_000n, undefined],
    ["today", "2026-11-22", 0n, "2026-11-22"],
    ["tomorrow", "2026-11-23", 0n, "2026-11-23"],
    ["never", null, 0n, undefined],
  ])("counts what was due %s as overdue or not", (_day, dueOn, overdue, nextDueOn) => {
    const summary = summarizeCustomer([anInvoice({ dueOn })], today);

    expect(summary.fields["overdueBalance"]).toEqual(money(overdue, "EUR"));
    expect(summary.nextDueOn).toBe(nextDueOn);
  });

  it("names the earliest due date of what is still owed", () => {
    const summary = summarizeCustomer(
      [
        anInvoice({ dueOn: "2026-12-09" }),
        anInvoice({ dueOn: "2026-12-02" }),
        anInvoice({ dueOn: "2026-11-25", amountDue: money(0n, "EUR") }),
        anInvoice({ dueOn: "2026-11-01" }),
      ],
      today,
    );

    expect(summary.nextDueOn).toBe("2026-12-02");
  });

  it.each(["draft", "submitted", "void", "deleted"] as const)(
    "counts nothing of an invoice that is %s",
    (status) => {
      const { fields, nextDueOn } = summarizeCustomer([anInvoice({ status })], today);

      expect(fields).toEqual(blank);
      expect(nextDueOn).toBeUndefined();
    },
  );

  it("leaves the amounts blank for several currencies, and tells all of them in text", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice({
          total: money(5_000n, "JPY"),
          tax: money(0n, "JPY"),
          amountDue: money(5_000n, "JPY"),
        }),
        anInvoice(),
        anInvoice({ amountDue: money(50n, "EUR") }),
      ],
      today,
    );

    expect(fields).toEqual({ ...blank, balanceSummary: "EUR 120.50; JPY 5000" });
  });

  it("does not take a draft in another currency for a second currency", () => {
    const draft = anInvoice({
      status: "draft",
      total: money(1n, "JPY"),
      tax: money(0n, "JPY"),
      amountDue: money(1n, "JPY"),
    });

    const { fields } = summarizeCustomer([anInvoice(), draft], today);

    expect(fields["balanceCurrency"]).toBe("EUR");
    expect(fields["openBalance"]).toEqual(money(12_000n, "EUR"));
  });

  it("remembers the last settled payment; deleted and undated ones and write-offs left out", () => {
    const { fields } = summarizeCustomer(
      [
        aPayment({ paidOn: "2026-11-10" }),
        aPayment({ paidOn: "2026-11-12" }),
        aPayment({ paidOn: "2026-11-20", isSettled: false }),
        aPayment({ paidOn: null }),
        aPayment({ paymentKind: "write-off", paidOn: "2026-11-20" }),
      ],
      today,
    );

    expect(fields["lastPaymentOn"]).toBe("2026-11-12");
  });

  it("takes credit notes off the revenue, and shows what they still owe the customer apart", () => {
    const { fields } = summarizeCustomer([anInvoice(), aCreditNote()], today);

    expect(fields).toMatchObject({
      revenue: eur(5_000n),
      openBalance: eur(12_000n),
      openCredit: eur(6_000n),
    });
  });

  it.each(["draft", "submitted", "void", "deleted"] as const)(
    "counts nothing of a credit note that is %s",
    (status) => {
      const { fields } = summarizeCustomer([anInvoice(), aCreditNote({ status })], today);

      expect(fields).toMatchObject({ revenue: eur(10_000n), openCredit: eur(0n) });
    },
  );

  it("owes the customer what is left of deposits and overpayments, and not of refunds", () => {
    const { fields } = summarizeCustomer(
      [
        aPayment({ paymentKind: "deposit", amountOpen: eur(300n), paidOn: "2026-11-01" }),
        aPayment({ paymentKind: "overpayment", amountOpen: eur(20n), paidOn: "2026-11-02" }),
        aPayment({ paymentKind: "deposit", amountOpen: eur(5_000n), isSettled: false }),
        aPayment({ paymentKind: "refund", amountOpen: eur(1n), paidOn: "2026-11-09" }),
        aPayment({ amountOpen: null, paidOn: null }),
      ],
      today,
    );

    expect(fields).toMatchObject({
      balanceCurrency: "EUR",
      openBalance: eur(0n),
      revenue: eur(0n),
      openCredit: eur(320n),
      lastPaymentOn: "2026-11-02",
    });
  });

  it("does not take a deposit that is used up for a second currency", () => {
    const used = aPayment({ paymentKind: "deposit", amountOpen: money(0n, "JPY") });

    const { fields } = summarizeCustomer([anInvoice(), used], today);

    expect(fields["balanceCurrency"]).toBe("EUR");
  });

  it("tells profit and margin of the documents whose cost is known, and how many those are", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice({ costOfSales: eur(6_000n) }),
        anInvoice({ total: eur(30_000n), tax: eur(0n), costOfSales: null }),
        aCreditNote({ total: eur(1_000n), tax: eur(0n), costOfSales: eur(334n) }),
      ],
      today,
    );

    expect(fields).toMatchObject({
      revenue: eur(39_000n),
      costOfSales: eur(5_666n),
      grossProfit: eur(3_334n),
      // 3,334 of 9,000.
      marginRate: "0.3704",
      // 11,000 of 41,000.
      costCoverageRate: "0.2682",
    });
  });

  it("has no margin where what was billed was taken back in full", () => {
    const { fields } = summarizeCustomer(
      [
        anInvoice({ costOfSales: eur(6_000n) }),
        aCreditNote({ total: eur(12_000n), tax: eur(2_000n), costOfSales: eur(6_000n) }),
      ],
      today,
    );

    expect(fields).toMatchObject({
      revenue: eur(0n),
      costOfSales: eur(0n),
      grossProfit: eur(0n),
      marginRate: null,
      costCoverageRate: "1",
    });
  });
});
