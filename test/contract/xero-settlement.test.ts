/**
 * How documents of the simulated Xero are settled, driven by the vendor's own SDK: prepayments,
 * overpayments, refunds, write-offs and their undoing.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  AccountingApi,
  type CreditNote,
  type Invoice,
  type Overpayment,
  Payment,
  type Prepayment,
} from "xero-node";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import type { XeroUser } from "#infra/local/simulators/xero/user.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const LOCKED =
  "The document date cannot be before the period lock date, currently set at 31 Oct 2026";
const TOO_MUCH = "Payment amount exceeds the amount outstanding on this document";
const START_MS = Date.UTC(2026, 10, 20, 12, 0, 0);

let sim: XeroSimulator;
let user: XeroUser;
let api: AccountingApi;
let acme: string;

beforeEach(async () => {
  sim = await startXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    now: () => START_MS,
    limits: { perMinute: 1_000, perDay: 10_000 },
  });
  user = sim.user;
  api = new AccountingApi(`${sim.url}/api.xro/2.0`);
  api.accessToken = sim.token;
  acme = user.createContact({ Name: "Acme" });
});

afterEach(() => sim.close());

function only<T>(list: readonly T[] | undefined): T {
  const [first, ...rest] = list ?? [];
  if (first === undefined || rest.length > 0) throw new Error("Expected exactly one");
  return first;
}

const aLine = { Description: "Work", UnitAmount: "100", AccountCode: "200" };

/** An approved invoice of 115.00. */
function anInvoice(more: Readonly<Record<string, unknown>> = {}): string {
  return user.createInvoice({
    Type: "ACCREC",
    Status: "AUTHORISED",
    Contact: { ContactID: acme },
    Date: "2026-11-01",
    DueDate: "2026-11-30",
    LineItems: [aLine],
    ...more,
  });
}

/** An approved credit note of 115.00. */
function aNote(more: Readonly<Record<string, unknown>> = {}): string {
  return user.createCreditNote({
    Type: "ACCRECCREDIT",
    Status: "AUTHORISED",
    Contact: { ContactID: acme },
    Date: "2026-11-02",
    LineItems: [aLine],
    ...more,
  });
}

function aPrepayment(more: Readonly<Record<string, unknown>> = {}): string {
  return user.receivePrepayment({
    Contact: { ContactID: acme },
    BankAccount: { Code: "090" },
    Date: "2026-11-03",
    Reference: "RCT-1",
    LineItems: [aLine],
    ...more,
  });
}

function anOverpayment(more: Readonly<Record<string, unknown>> = {}): string {
  return user.receiveOverpayment({
    Contact: { ContactID: acme },
    BankAccount: { Code: "090" },
    Date: "2026-11-04",
    Reference: "Paid twice",
    Amount: "40",
    ...more,
  });
}

async function invoice(id: string): Promise<Invoice> {
  return only((await api.getInvoice(TENANT, id)).body.invoices);
}

async function note(id: string): Promise<CreditNote> {
  return only((await api.getCreditNote(TENANT, id)).body.creditNotes);
}

async function prepayment(id: string): Promise<Prepayment> {
  return only((await api.getPrepayment(TENANT, id)).body.prepayments);
}

async function overpayment(id: string): Promise<Overpayment> {
  return only((await api.getOverpayment(TENANT, id)).body.overpayments);
}

async function pay(payment: Payment): Promise<Payment> {
  const element = { account: { code: "090" }, date: "2026-11-15", ...payment };
  return only((await api.createPayments(TENANT, { payments: [element] })).body.payments);
}

function reverse(id: string | undefined): Promise<unknown> {
  return api.deletePayment(TENANT, id ?? "", { status: "DELETED" });
}

/** The messages of a refusal. */
async function refusalOf(call: Promise<unknown>): Promise<readonly string[]> {
  const thrown = await call.then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  if (thrown === undefined) throw new Error("The call was not refused");
  const { response } = JSON.parse(thrown) as {
    response: { body: { Elements?: { ValidationErrors?: { Message: string }[] }[] } };
  };
  return (response.body.Elements ?? []).flatMap((element) =>
    (element.ValidationErrors ?? []).map((error) => error.Message),
  );
}

describe("prepayments", () => {
  it("hold what came in, with its tax, and are shown on the invoices they settle", async () => {
    const id = aPrepayment();
    const invoiceID = anInvoice({ LineItems: [{ ...aLine, UnitAmount: "60" }] });

    expect(await prepayment(id)).toMatchObject({
      type: "RECEIVE-PREPAYMENT",
      status: "AUTHORISED",
      reference: "RCT-1",
      invoiceNumber: "RCT-1",
      total: 115,
      totalTax: 15,
      remainingCredit: 115,
      currencyCode: "USD",
    });
    await api.createPrepaymentAllocations(TENANT, id, {
      allocations: [{ invoice: { invoiceID }, amount: 69, date: "2026-11-15" }],
    });

    expect(await invoice(invoiceID)).toMatchObject({
      status: "PAID",
      amountPaid: 0,
      amountCredited: 69,
      amountDue: 0,
      prepayments: [{ prepaymentID: id, appliedAmount: 69, total: 115 }],
    });
    expect(await prepayment(id)).toMatchObject({ status: "AUTHORISED", remainingCredit: 46 });
    const { allocationID = "" } = only((await prepayment(id)).allocations);
    await api.deletePrepaymentAllocations(TENANT, id, allocationID);
    expect(await invoice(invoiceID)).toMatchObject({ status: "AUTHORISED", amountDue: 69 });
    expect(await prepayment(id)).toMatchObject({ remainingCredit: 115, allocations: [] });
  });

  it("are listed by page and filtered", async () => {
    const first = aPrepayment();
    aPrepayment({ Reference: "RCT-2" });

    const { body } = await api.getPrepayments(TENANT, undefined, undefined, undefined, 1);
    expect(body.pagination?.itemCount).toBe(2);
    const named = await api.getPrepayments(TENANT, undefined, 'Reference=="RCT-1"');
    expect(only(named.body.prepayments)).toMatchObject({ prepaymentID: first, lineItems: [] });
  });

  it("are in the currency of the account the money came into", async () => {
    const id = aPrepayment({ BankAccount: { Code: "091" }, CurrencyRate: "0.9" });

    expect(await prepayment(id)).toMatchObject({ currencyCode: "EUR", currencyRate: 0.9 });
    const allocation = { Invoice: { InvoiceID: anInvoice() }, Amount: "1" };
    expect(() => user.allocate({ kind: "Prepayment", id }, allocation)).toThrow(
      "Prepayment cannot be allocated to an invoice in another currency",
    );
  });

  it("need a contact, a bank account, lines and an open period", () => {
    user.setLockDates({ periodLockDate: "2026-10-31", endOfYearLockDate: "" });

    expect(() => user.receivePrepayment({ LineItems: [], Date: "2026-10-31" })).toThrow(
      [
        "Bank account could not be found",
        "A Contact must be specified for this type of transaction",
        LOCKED,
        "One or more line items must be specified",
      ].join(" "),
    );
    expect(() => aPrepayment({ BankAccount: { Code: "200" } })).toThrow("Bank account");
    expect(sim.records("prepayments")).toEqual([]);
  });
});

describe("overpayments", () => {
  it("hold what came in, without tax, and are allocated like any credit", async () => {
    const id = anOverpayment();
    const invoiceID = anInvoice();

    expect(await overpayment(id)).toMatchObject({
      type: "RECEIVE-OVERPAYMENT",
      status: "AUTHORISED",
      reference: "Paid twice",
      lineAmountTypes: "NoTax",
      lineItems: [{ accountCode: "610", taxType: "NONE", lineAmount: 40, unitAmount: 40 }],
      total: 40,
      totalTax: 0,
      remainingCredit: 40,
    });
    await api.createOverpaymentAllocations(TENANT, id, {
      allocations: [{ invoice: { invoiceID }, amount: 40, date: "2026-11-15" }],
    });

    expect(await invoice(invoiceID)).toMatchObject({
      amountCredited: 40,
      amountDue: 75,
      overpayments: [{ overpaymentID: id, appliedAmount: 40 }],
    });
    expect(await overpayment(id)).toMatchObject({ status: "PAID", remainingCredit: 0 });
    const { allocationID = "" } = only((await overpayment(id)).allocations);
    await api.deleteOverpaymentAllocations(TENANT, id, allocationID);
    expect(await overpayment(id)).toMatchObject({ status: "AUTHORISED", remainingCredit: 40 });
  });

  it("never give more than is left of them", async () => {
    const id = anOverpayment();
    const allocation = { invoice: { invoiceID: anInvoice() }, amount: 40.01, date: "2026-11-15" };

    expect(
      await refusalOf(api.createOverpaymentAllocations(TENANT, id, { allocations: [allocation] })),
    ).toEqual(["Overpayment cannot be allocated as amount is greater than amount outstanding"]);
  });

  it("are filtered by reference", async () => {
    const id = anOverpayment();
    anOverpayment({ Reference: "Other" });

    const { body } = await api.getOverpayments(TENANT, undefined, 'Reference=="Paid twice"');
    expect(only(body.overpayments).overpaymentID).toBe(id);
  });

  it("are voided while nothing of them is gone", async () => {
    const id = anOverpayment();
    const key = { kind: "Overpayment", id } as const;
    const paid = user.refund(key, { Amount: "1", Account: { Code: "090" } });

    expect(() => user.voidOverpayment(id)).toThrow(
      "The status VOIDED cannot be applied to the overpayment because it has payments or credit notes allocated to it.",
    );
    user.deletePayment(paid);
    user.voidOverpayment(id);
    expect(await overpayment(id)).toMatchObject({ status: "VOIDED", remainingCredit: 0 });
    expect(() => user.voidOverpayment(id)).toThrow("Overpayment not of valid status");
  });
});

describe("refunds", () => {
  it("pay a credit note back, and their reversal opens it again", async () => {
    const id = aNote();

    const part = await pay({ creditNote: { creditNoteID: id }, amount: 15 });
    const rest = await pay({ creditNoteNumber: "CN-0001", amount: 100, reference: "Wire" });

    expect(part).toMatchObject({
      paymentType: "ARCREDITPAYMENT",
      status: "AUTHORISED",
      creditNote: { creditNoteID: id, remainingCredit: 100 },
    });
    expect(part.invoice).toBeUndefined();
    expect(await note(id)).toMatchObject({
      status: "PAID",
      remainingCredit: 0,
      payments: [{ amount: 15 }, { amount: 100, reference: "Wire" }],
    });
    await reverse(rest.paymentID);
    expect(await note(id)).toMatchObject({
      status: "AUTHORISED",
      remainingCredit: 100,
      payments: [{ amount: 15 }],
    });
  });

  it("pay prepayments and overpayments back under types of their own", async () => {
    const prepaymentID = aPrepayment();
    const overpaymentID = anOverpayment();

    expect(await pay({ prepayment: { prepaymentID }, amount: 115 })).toMatchObject({
      paymentType: "ARPREPAYMENTPAYMENT",
      prepayment: { prepaymentID, status: "PAID" },
    });
    expect(await pay({ overpayment: { overpaymentID }, amount: 10 })).toMatchObject({
      paymentType: "AROVERPAYMENTPAYMENT",
      overpayment: { overpaymentID, remainingCredit: 30 },
    });
    const { body } = await api.getPayments(
      TENANT,
      undefined,
      `Overpayment.OverpaymentID==Guid("${overpaymentID}")`,
    );
    expect(only(body.payments)).toMatchObject({ amount: 10, overpayment: { overpaymentID } });
  });

  it("never exceed what remains, and need an approved credit", async () => {
    const id = aNote();
    const draft = aNote({ Status: "DRAFT" });
    user.allocate(
      { kind: "CreditNote", id },
      { Invoice: { InvoiceID: anInvoice() }, Amount: "15" },
    );

    expect(await refusalOf(pay({ creditNote: { creditNoteID: id }, amount: 100.01 }))).toEqual([
      TOO_MUCH,
    ]);
    expect(await refusalOf(pay({ creditNote: { creditNoteID: draft }, amount: 1 }))).toEqual([
      "Payments can only be made against Authorised documents",
    ]);
    expect(
      await refusalOf(
        pay({
          creditNote: { creditNoteID: id },
          invoice: { invoiceID: anInvoice() },
          amount: 1,
        }),
      ),
    ).toEqual(["Payment is applied to more than one document."]);
  });

  it("lock the credit note against edits and voiding", () => {
    const id = aNote();
    user.refund({ kind: "CreditNote", id }, { Amount: "1", Account: { Code: "090" } });

    expect(() => user.editCreditNote(id, { Reference: "x" })).toThrow(
      "This document cannot be edited as it has a payment or credit note allocated to it.",
    );
    expect(() => user.voidCreditNote(id)).toThrow("The status VOIDED cannot be applied");
  });

  it("keep the rate and what left the bank in its own currency", async () => {
    const id = aNote({ CurrencyCode: "EUR", CurrencyRate: "0.8" });

    expect(
      await pay({ creditNote: { creditNoteID: id }, amount: 40, currencyRate: 0.5 }),
    ).toMatchObject({ amount: 40, bankAmount: 80, currencyRate: 0.5 });
    expect(
      await pay({ creditNote: { creditNoteID: id }, amount: 40, account: { code: "091" } }),
    ).toMatchObject({ amount: 40, bankAmount: 40, currencyRate: 0.8 });
  });
});

describe("write-offs", () => {
  it("pay what is due from an expense account, and can be reversed", async () => {
    const id = anInvoice();
    user.pay(id, { Amount: "100", Account: { Code: "090" } });

    const paid = user.writeOff(id, { Date: "2026-11-18" });

    expect(await invoice(id)).toMatchObject({ status: "PAID", amountPaid: 115, amountDue: 0 });
    const { body } = await api.getPayment(TENANT, paid);
    expect(only(body.payments)).toMatchObject({
      amount: 15,
      reference: "Write-off",
      account: { code: "410" },
      status: Payment.StatusEnum.AUTHORISED,
    });
    user.deletePayment(paid);
    expect(await invoice(id)).toMatchObject({ status: "AUTHORISED", amountDue: 15 });
  });
});

describe("locked periods", () => {
  it("are shown by the organisation and refuse refunds, reversals and voiding in them", async () => {
    const id = aNote();
    const old = user.refund(
      { kind: "CreditNote", id },
      { Amount: "1", Date: "2026-10-05", Account: { Code: "090" } },
    );
    const before = anOverpayment({ Date: "2026-10-05" });
    user.setLockDates({ periodLockDate: "2026-10-31", endOfYearLockDate: "2025-12-31" });

    const { body } = await api.getOrganisations(TENANT);
    expect(only(body.organisations)).toMatchObject({
      periodLockDate: new Date("2026-10-31"),
      endOfYearLockDate: new Date("2025-12-31"),
    });
    const refund = { creditNote: { creditNoteID: id }, amount: 1 };
    expect(await refusalOf(pay({ ...refund, date: "2026-10-31" }))).toEqual([LOCKED]);
    expect(await refusalOf(reverse(old))).toEqual([LOCKED]);
    expect(() => user.voidOverpayment(before)).toThrow(LOCKED);
    await pay({ ...refund, date: "2026-11-01" });
  });
});

describe("contacts with credit", () => {
  it("owe what is due less what remains to them, and stay customers", async () => {
    anInvoice();
    aNote({ LineItems: [{ ...aLine, UnitAmount: "20" }] });
    anOverpayment();
    const { body } = await api.getContact(TENANT, acme);

    expect(only(body.contacts)).toMatchObject({
      isCustomer: true,
      isSupplier: false,
      balances: { accountsReceivable: { outstanding: 52, overdue: 0 } },
    });
  });

  it("are customers by a credit alone", async () => {
    aNote();

    expect(only((await api.getContact(TENANT, acme)).body.contacts).isCustomer).toBe(true);
  });

  it("pass all of it on when they are merged", async () => {
    const ids = [aPrepayment(), anOverpayment()] as const;
    const beta = user.createContact({ Name: "Beta" });

    user.mergeContacts(acme, beta);

    expect((await prepayment(ids[0])).contact?.contactID).toBe(beta);
    expect((await overpayment(ids[1])).contact?.contactID).toBe(beta);
  });
});

describe("the page", () => {
  async function acted(path: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const answer = await fetch(`${sim.url}${path}`, {
      method: "POST",
      body: new URLSearchParams(fields).toString(),
    });
    expect(answer.status).toBe(200);
    return (await answer.text()).replaceAll(/\s+/g, " ");
  }

  it("makes a credit note, allocates it, takes that back, refunds it and undoes all of it", async () => {
    const invoiceID = anInvoice();
    await acted("/ui/CreditNote", { Contact: "acme", Date: "2026-11-05", Amount: "50" });
    const { CreditNoteID: id } = only(sim.records("creditNotes"));
    await acted(`/ui/CreditNote/${id}`, { Status: "AUTHORISED" });
    const dated = { Date: "2026-11-06" };

    const shown = await acted(`/ui/CreditNote/${id}/allocate`, {
      ...dated,
      InvoiceID: invoiceID,
      Amount: "20",
    });

    expect(shown).toContain("Credit allocated");
    expect(shown).toContain("20.00 to INV-0001 on 2026-11-06");
    expect(await note(id)).toMatchObject({ total: 50, totalTax: 6.52, remainingCredit: 30 });
    const { AllocationID } = only(sim.records("allocations"));
    await acted(`/ui/allocations/${AllocationID}/remove`, {});
    await acted(`/ui/CreditNote/${id}/refund`, { ...dated, Code: "090", Amount: "50" });
    expect(await note(id)).toMatchObject({ status: "PAID", remainingCredit: 0 });
    await acted(`/ui/payments/${only(sim.records("payments")).PaymentID}`, {});
    await acted(`/ui/CreditNote/${id}`, { Status: "VOIDED" });
    expect(await note(id)).toMatchObject({ status: "VOIDED" });
  });

  it("receives prepayments and overpayments, and tells why one was refused", async () => {
    const received = { Contact: "Acme", Date: "2026-11-05", Amount: "23", Code: "090" };
    await acted("/ui/Prepayment", received);
    const shown = await acted("/ui/Overpayment", received);
    const { OverpaymentID } = only(sim.records("overpayments"));

    expect(shown).toContain("Overpayment received");
    expect(shown).toContain("23.00 USD");
    expect(only(sim.records("prepayments"))).toMatchObject({ Total: "23.00", TotalTax: "3.00" });
    await acted(`/ui/Overpayment/${OverpaymentID}`, { Status: "VOIDED" });
    expect(only(sim.records("overpayments")).Status).toBe("VOIDED");
    expect(await acted("/ui/Prepayment", { ...received, Contact: "Nobody" })).toContain(
      "No active contact has that name",
    );
  });
});
