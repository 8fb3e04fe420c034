/** What is always true of the simulated Xero's documents, whatever a bookkeeper does in whatever order. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { createXeroSimulator, type InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import { RefusedActionError } from "#infra/local/simulators/xero/user.ts";

const kinds = ["CreditNote", "Prepayment", "Overpayment"] as const;
const accounts = ["090", "091", "410", "200"];
const dates = ["2026-09-30", "2026-10-31", "2026-11-05", "2026-11-20"];

/** One act of a bookkeeper; `at` and `other` pick the records it is about among those there are. */
const acts = fc.record({
  what: fc.constantFrom(
    "invoice",
    "note",
    "prepay",
    "overpay",
    "pay",
    "refund",
    "allocate",
    "allocate",
    "removeAllocation",
    "reverse",
    "writeOff",
    "edit",
    "lock",
  ),
  at: fc.nat(20),
  other: fc.nat(20),
  cents: fc.integer({ min: -100, max: 20_000 }),
  status: fc.constantFrom("DRAFT", "AUTHORISED", "AUTHORISED", "VOIDED", "DELETED"),
  kind: fc.constantFrom(...kinds),
  account: fc.constantFrom(...accounts),
  date: fc.constantFrom(...dates),
  tax: fc.constantFrom("OUTPUT", "TAX004", "NONE"),
  how: fc.constantFrom("Exclusive", "Inclusive", "NoTax"),
});
type Act = typeof acts extends fc.Arbitrary<infer Drawn> ? Drawn : never;

/** Two contacts, of whom the first has one document of each kind. */
function open(): InProcessXero {
  const xero = createXeroSimulator({
    token: "fixed-token",
    tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58",
    webhookKey: "webhook-key",
    now: () => Date.UTC(2026, 10, 20),
  });
  const { user } = xero;
  const [ContactID] = ["Acme", "Beta"].map((Name) => user.createContact({ Name }));
  const document = {
    Contact: { ContactID },
    Date: "2026-11-05",
    DueDate: "2026-12-05",
    Status: "AUTHORISED",
    LineItems: [{ Description: "Work", UnitAmount: "100", AccountCode: "200" }],
    BankAccount: { Code: "090" },
  };
  user.createInvoice({ ...document, Type: "ACCREC" });
  user.createCreditNote({ ...document, Type: "ACCRECCREDIT" });
  user.receivePrepayment(document);
  user.receiveOverpayment({ ...document, Amount: "80" });
  return xero;
}

function picked<T>(list: readonly T[], at: number): T | undefined {
  return list[at % Math.max(1, list.length)];
}

function creditsOf(xero: InProcessXero) {
  return [
    ...xero.records("creditNotes").map((one) => ({ ...one, id: one.CreditNoteID })),
    ...xero.records("prepayments").map((one) => ({ ...one, id: one.PrepaymentID })),
    ...xero.records("overpayments").map((one) => ({ ...one, id: one.OverpaymentID })),
  ];
}

function creditIdOf(xero: InProcessXero, { kind, at }: Act): string {
  switch (kind) {
    case "CreditNote":
      return picked(xero.records("creditNotes"), at)?.CreditNoteID ?? "";
    case "Prepayment":
      return picked(xero.records("prepayments"), at)?.PrepaymentID ?? "";
    case "Overpayment":
      return picked(xero.records("overpayments"), at)?.OverpaymentID ?? "";
  }
}

function carryOut(xero: InProcessXero, act: Act): void {
  const { user } = xero;
  const { account, at, cents, date, how, kind, other, status, tax } = act;
  const amount = `${cents < 0 ? "-" : ""}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
  const contact = picked(xero.records("contacts"), at)?.ContactID ?? "";
  const invoice = picked(xero.records("invoices"), other)?.InvoiceID ?? "";
  const line = { Description: "Work", UnitAmount: amount, AccountCode: "200", TaxType: tax };
  const document = {
    Contact: { ContactID: contact },
    Date: date,
    DueDate: "2026-12-01",
    Status: status,
    LineAmountTypes: how,
    LineItems: [line, line],
    BankAccount: { Code: account },
    Amount: amount,
  };
  const payment = { Amount: amount, Date: date, Account: { Code: account } };
  const credit = { kind, id: creditIdOf(xero, act) };
  const does: Readonly<Record<Act["what"], () => unknown>> = {
    invoice: () => user.createInvoice({ ...document, Type: "ACCREC" }),
    note: () => user.createCreditNote({ ...document, Type: "ACCRECCREDIT" }),
    prepay: () => user.receivePrepayment(document),
    overpay: () => user.receiveOverpayment(document),
    pay: () => user.pay(invoice, payment),
    refund: () => user.refund(credit, payment),
    allocate: () =>
      user.allocate(credit, { Invoice: { InvoiceID: invoice }, Amount: amount, Date: date }),
    removeAllocation: () =>
      user.removeAllocation(picked(xero.records("allocations"), at)?.AllocationID ?? ""),
    reverse: () => user.deletePayment(picked(xero.records("payments"), at)?.PaymentID ?? ""),
    writeOff: () => user.writeOff(invoice, { Date: date }),
    edit: () => {
      if (other % 3 === 0) user.editInvoice(invoice, { Status: status });
      else if (other % 3 === 1) user.editInvoice(invoice, { LineItems: [line] });
      else if (kind === "CreditNote") user.editCreditNote(credit.id, { Status: status });
      else if (kind === "Prepayment") user.voidPrepayment(credit.id);
      else user.voidOverpayment(credit.id);
    },
    lock: () => user.setLockDates({ periodLockDate: date, endOfYearLockDate: "" }),
  };
  does[act.what]();
}

/** Cents of text with two decimals. */
function cents(text: string): bigint {
  return BigInt(text.replace(".", ""));
}

function sum(amounts: readonly { readonly Amount: string }[]): bigint {
  return amounts.reduce((total, { Amount }) => total + cents(Amount), 0n);
}

function expectBalanced(xero: InProcessXero): void {
  const allocations = xero.records("allocations");
  const payments = xero.records("payments").filter((one) => one.Status === "AUTHORISED");
  for (const invoice of xero.records("invoices")) {
    const paid = sum(payments.filter((one) => one.InvoiceID === invoice.InvoiceID));
    const credited = sum(allocations.filter((one) => one.InvoiceID === invoice.InvoiceID));
    const isStanding = invoice.Status !== "VOIDED" && invoice.Status !== "DELETED";
    const due = isStanding ? cents(invoice.Total) - paid - credited : 0n;
    expect(cents(invoice.AmountPaid)).toBe(paid);
    expect(cents(invoice.AmountCredited)).toBe(credited);
    expect(cents(invoice.AmountDue)).toBe(due);
    expect(invoice.Status === "PAID").toBe(isPaid(invoice.Status, due));
    if (!isStanding) expect([paid, credited]).toEqual([0n, 0n]);
  }
  for (const credit of creditsOf(xero)) {
    const refunded = sum(payments.filter((one) => one.credit?.id === credit.id));
    const allocated = sum(allocations.filter((one) => one.credit.id === credit.id));
    const isStanding = credit.Status !== "VOIDED" && credit.Status !== "DELETED";
    const remaining = isStanding ? cents(credit.Total) - refunded - allocated : 0n;
    expect(cents(credit.RemainingCredit)).toBe(remaining);
    expect(credit.Status === "PAID").toBe(isPaid(credit.Status, remaining));
    if (!isStanding) expect([refunded, allocated]).toEqual([0n, 0n]);
  }
}

/** An approved document is paid when nothing is left, and never before. */
function isPaid(status: string, left: bigint): boolean {
  return (status === "PAID" || status === "AUTHORISED") && left === 0n;
}

it("keeps total = paid + credited + due, and what remains of credits, through any acts", () => {
  const done = new Map<string, number>();

  fc.assert(
    fc.property(fc.array(acts, { maxLength: 40 }), (drawn) => {
      const xero = open();
      for (const act of drawn) {
        try {
          carryOut(xero, act);
          done.set(act.what, (done.get(act.what) ?? 0) + 1);
        } catch (cause) {
          if (!(cause instanceof RefusedActionError)) throw cause;
        }
        expectBalanced(xero);
      }
    }),
    { numRuns: 200 },
  );

  // Acts that are always refused would prove nothing.
  expect([...done.keys()].sort()).toEqual(
    [
      "allocate",
      "edit",
      "invoice",
      "lock",
      "note",
      "overpay",
      "pay",
      "prepay",
      "refund",
      "removeAllocation",
      "reverse",
      "writeOff",
    ].sort(),
  );
});
