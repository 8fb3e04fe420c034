/**
 * Credit notes of the simulated Xero, driven by the vendor's own SDK: their life, their taxes, and what
 * their allocation does to invoices.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountingApi, CreditNote, Invoice, LineAmountTypes, type LineItem } from "xero-node";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createXeroSimulator } from "#infra/local/simulators/xero/simulator.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const ZERO_GUID = "00000000-0000-0000-0000-000000000000";
const HAS_ALLOCATION =
  "This document cannot be edited as it has a payment or credit note allocated to it.";
const START_MS = Date.UTC(2026, 10, 20, 12, 0, 0);
const { ACCRECCREDIT, ACCPAYCREDIT } = CreditNote.TypeEnum;
const { DRAFT, AUTHORISED, VOIDED, DELETED } = CreditNote.StatusEnum;

const options = {
  token: "fixed-token",
  tenantId: TENANT,
  webhookKey: "webhook-key",
  now: () => clockMs,
  limits: { perMinute: 1_000, perDay: 10_000 },
};

interface WebhookEvent {
  readonly eventCategory: string;
  readonly eventType: string;
  readonly resourceUrl: string;
  readonly data?: unknown;
}

let clockMs = START_MS;
let sim: XeroSimulator;
let api: AccountingApi;
let acme: string;

beforeEach(async () => {
  clockMs = START_MS;
  sim = await startXeroSimulator(options);
  api = new AccountingApi(`${sim.url}/api.xro/2.0`);
  api.accessToken = sim.token;
  acme = sim.user.createContact({ Name: "Acme" });
});

afterEach(() => sim.close());

function only<T>(list: readonly T[] | undefined): T {
  const [first, ...rest] = list ?? [];
  if (first === undefined || rest.length > 0) throw new Error("Expected exactly one");
  return first;
}

function aLine(more: LineItem = {}): LineItem {
  return { description: "Work", quantity: 1, unitAmount: 100, accountCode: "200", ...more };
}

function aNote(more: CreditNote = {}): CreditNote {
  return {
    type: ACCRECCREDIT,
    contact: { contactID: acme },
    date: "2026-11-10",
    lineItems: [aLine()],
    status: AUTHORISED,
    ...more,
  };
}

async function makeNote(more: CreditNote = {}): Promise<CreditNote> {
  return only(
    (await api.createCreditNotes(TENANT, { creditNotes: [aNote(more)] })).body.creditNotes,
  );
}

async function makeInvoice(more: Invoice = {}): Promise<string> {
  const { body } = await api.createInvoices(TENANT, {
    invoices: [
      {
        type: Invoice.TypeEnum.ACCREC,
        contact: { contactID: acme },
        date: "2026-11-01",
        dueDate: "2026-11-30",
        lineItems: [aLine()],
        status: Invoice.StatusEnum.AUTHORISED,
        ...more,
      },
    ],
  });
  return only(body.invoices).invoiceID ?? "";
}

async function invoice(id: string): Promise<Invoice> {
  return only((await api.getInvoice(TENANT, id)).body.invoices);
}

async function note(id: string | undefined): Promise<CreditNote> {
  return only((await api.getCreditNote(TENANT, id ?? "")).body.creditNotes);
}

function allocate(
  noteId: string | undefined,
  invoiceID: string,
  amount: number,
  date = "2026-11-15",
): Promise<unknown> {
  return api.createCreditNoteAllocation(TENANT, noteId ?? "", {
    allocations: [{ invoice: { invoiceID }, amount, date }],
  });
}

function change(id: string | undefined, creditNote: CreditNote): Promise<unknown> {
  return api.updateCreditNote(TENANT, id ?? "", { creditNotes: [creditNote] });
}

/** The messages of a refusal, in the order of the refused elements. */
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

describe("credit notes", () => {
  it("are numbered in a sequence of their own and hold all of their total", async () => {
    await makeInvoice();
    await makeNote({ creditNoteNumber: "CN-0002" });

    expect(await makeNote()).toMatchObject({ creditNoteNumber: "CN-0001" });
    expect(await makeNote({ reference: "Return" })).toMatchObject({
      creditNoteNumber: "CN-0003",
      type: "ACCRECCREDIT",
      status: "AUTHORISED",
      reference: "Return",
      date: new Date("2026-11-10"),
      subTotal: 100,
      totalTax: 15,
      total: 115,
      remainingCredit: 115,
      allocations: [],
      payments: [],
    });
  });

  it("refuse a number in use when put, and change its holder when posted", async () => {
    const made = await makeNote({ creditNoteNumber: "RMA-1", status: DRAFT });

    expect(await refusalOf(makeNote({ creditNoteNumber: "rma-1" }))).toEqual([
      "Credit Note # must be unique.",
    ]);
    await api.updateOrCreateCreditNotes(TENANT, {
      creditNotes: [aNote({ creditNoteNumber: "RMA-1", reference: "Late" })],
    });
    expect(await note(made.creditNoteID)).toMatchObject({
      reference: "Late",
      status: "AUTHORISED",
    });
    expect(await note("RMA-1")).toMatchObject({ creditNoteID: made.creditNoteID });
  });

  it("name what a bare one lacks, and an id that is not known", async () => {
    const calls = api.updateOrCreateCreditNotes(
      TENANT,
      {
        creditNotes: [
          { type: ACCRECCREDIT },
          {},
          aNote({ creditNoteID: ZERO_GUID.replace("0", "1") }),
        ],
      },
      true,
    );

    expect(await refusalOf(calls)).toEqual([
      "One or more line items must be specified",
      "A Contact must be specified for this type of transaction",
      "Credit Note Type must be ACCRECCREDIT or ACCPAYCREDIT",
      "An existing Credit Note with the specified CreditNoteID could not be found",
    ]);
    expect(sim.records("creditNotes")).toEqual([]);
  });

  it("are each judged alone where errors are not summarized", async () => {
    const { body } = await api.createCreditNotes(
      TENANT,
      { creditNotes: [aNote(), aNote({ lineItems: [] })] },
      false,
    );

    expect(body.creditNotes?.map((one) => [one.statusAttributeString, one.hasErrors])).toEqual([
      ["OK", false],
      ["ERROR", true],
    ]);
    expect(body.creditNotes?.[1]?.creditNoteID).toBe(ZERO_GUID);
    expect(sim.records("creditNotes")).toHaveLength(1);
  });

  it("live from draft over approved to void, and no way back", async () => {
    const { creditNoteID } = await makeNote({ status: DRAFT });
    await change(creditNoteID, { status: AUTHORISED });
    expect(await refusalOf(change(creditNoteID, { status: DRAFT }))).toEqual([
      "Credit note not of valid status for modification",
    ]);
    await change(creditNoteID, { reference: "Return" });
    await change(creditNoteID, { status: VOIDED });

    expect(await note(creditNoteID)).toMatchObject({
      status: "VOIDED",
      total: 115,
      remainingCredit: 0,
      reference: "Return",
    });
    expect(await refusalOf(change(creditNoteID, { reference: "Again" }))).toEqual([
      "Credit note not of valid status for modification",
    ]);
  });

  it("are deleted as drafts only, which frees their number", async () => {
    const draft = await makeNote({ status: DRAFT, creditNoteNumber: "RMA-1" });
    await change(draft.creditNoteID, { status: DELETED });
    const approved = await makeNote({ creditNoteNumber: "RMA-1" });

    expect(await refusalOf(change(approved.creditNoteID, { status: DELETED }))).toEqual([
      "Credit note not of valid status for modification",
    ]);
  });

  it("need account codes to leave draft, and take no discount", async () => {
    const bare = await makeNote({
      status: DRAFT,
      lineItems: [{ description: "Work", unitAmount: 1 }],
    });

    expect(await refusalOf(change(bare.creditNoteID, { status: AUTHORISED }))).toEqual([
      "Account code must be specified",
    ]);
    expect(await refusalOf(makeNote({ lineItems: [aLine({ discountRate: 10 })] }))).toEqual([
      "Discounts are not supported on credit notes",
    ]);
  });

  it("are listed by page with lines, and unpaged without them", async () => {
    for (const unitAmount of [1, 2, 3]) await makeNote({ lineItems: [aLine({ unitAmount })] });
    const page = async (number: number): Promise<CreditNote[] | undefined> => {
      const { body } = await api.getCreditNotes(
        TENANT,
        undefined,
        undefined,
        "Total DESC",
        number,
        undefined,
        2,
      );
      expect(body.pagination).toEqual({ page: number, pageSize: 2, pageCount: 2, itemCount: 3 });
      return body.creditNotes;
    };

    expect((await page(1))?.map((one) => one.lineItems?.[0]?.unitAmount)).toEqual([3, 2]);
    expect((await page(2))?.map((one) => one.lineItems?.[0]?.unitAmount)).toEqual([1]);
    const { body } = await api.getCreditNotes(TENANT);
    expect(body.creditNotes?.map((one) => one.lineItems)).toEqual([[], [], []]);
  });

  it("are found by where, and by when they changed", async () => {
    const first = await makeNote({ status: DRAFT });
    clockMs += 5_000;
    const second = await makeNote();
    const found = async (since?: Date, where?: string): Promise<readonly unknown[]> => {
      const { body } = await api.getCreditNotes(TENANT, since, where);
      return (body.creditNotes ?? []).map((one) => one.creditNoteID);
    };

    expect(await found(new Date(START_MS + 5_000))).toEqual([second.creditNoteID]);
    expect(await found(undefined, 'Status=="DRAFT"')).toEqual([first.creditNoteID]);
    expect(await found(undefined, `Contact.ContactID==Guid("${acme}")`)).toHaveLength(2);
    expect(await found(undefined, "RemainingCredit>115")).toEqual([]);
  });

  it("stand on purchases too, with numbers that may repeat", async () => {
    const supplied = { type: ACCPAYCREDIT, creditNoteNumber: "X-1" };
    const bought = [aLine({ accountCode: "400" })];
    const first = await makeNote({ ...supplied, lineItems: bought });
    const second = await makeNote({ ...supplied, lineItems: bought });

    expect(second.creditNoteID).not.toBe(first.creditNoteID);
    expect(second).toMatchObject({ type: "ACCPAYCREDIT", totalTax: 15 });
  });

  it("move with their contact when it is merged", async () => {
    const { creditNoteID } = await makeNote();
    const beta = sim.user.createContact({ Name: "Beta" });

    sim.user.mergeContacts(acme, beta);

    expect((await note(creditNoteID)).contact?.contactID).toBe(beta);
  });
});

describe("allocations", () => {
  it("settle invoices in parts and pay both sides off", async () => {
    const first = await makeInvoice();
    const second = await makeInvoice();
    const { creditNoteID, creditNoteNumber } = await makeNote();

    await api.createCreditNoteAllocation(TENANT, creditNoteID ?? "", {
      allocations: [
        { invoice: { invoiceID: first }, amount: 40.05, date: "2026-11-15" },
        { invoice: { invoiceID: second }, amount: 74.95, date: "2026-11-16" },
      ],
    });

    expect(await invoice(first)).toMatchObject({
      status: "AUTHORISED",
      amountDue: 74.95,
      amountPaid: 0,
      amountCredited: 40.05,
      creditNotes: [{ creditNoteID, creditNoteNumber, appliedAmount: 40.05, total: 115 }],
    });
    expect(await note(creditNoteID)).toMatchObject({
      status: "PAID",
      remainingCredit: 0,
      fullyPaidOnDate: new Date("2026-11-16"),
      allocations: [
        { amount: 40.05, date: new Date("2026-11-15"), invoice: { invoiceID: first } },
        { amount: 74.95, date: new Date("2026-11-16"), invoice: { invoiceID: second } },
      ],
    });
    const rest = await makeNote();
    await allocate(rest.creditNoteID, first, 74.95);
    expect(await invoice(first)).toMatchObject({
      status: "PAID",
      amountDue: 0,
      amountCredited: 115,
      fullyPaidOnDate: new Date("2026-11-15"),
    });
  });

  it("are shown on the invoice once for each credit note, with their sum", async () => {
    const id = await makeInvoice();
    const { creditNoteID } = await makeNote();
    await allocate(creditNoteID, id, 10);
    await allocate(creditNoteID, id, 5);

    expect(await invoice(id)).toMatchObject({
      amountCredited: 15,
      creditNotes: [{ creditNoteID, appliedAmount: 15 }],
    });
    expect((await note(creditNoteID)).allocations).toHaveLength(2);
  });

  it("open both sides again when they are deleted", async () => {
    const id = await makeInvoice();
    const { creditNoteID = "" } = await makeNote();
    await allocate(creditNoteID, id, 115);
    const made = only((await note(creditNoteID)).allocations);

    const { body } = await api.deleteCreditNoteAllocations(
      TENANT,
      creditNoteID,
      made.allocationID ?? "",
    );

    expect(body.isDeleted).toBe(true);
    expect(await invoice(id)).toMatchObject({
      status: "AUTHORISED",
      amountDue: 115,
      amountCredited: 0,
      creditNotes: [],
    });
    expect(await note(creditNoteID)).toMatchObject({
      status: "AUTHORISED",
      remainingCredit: 115,
      allocations: [],
    });
  });

  it("never take more than is left of either side", async () => {
    const id = await makeInvoice({ lineItems: [aLine({ unitAmount: 50 })] });
    const { creditNoteID } = await makeNote();
    const tooMuch = "Credit Note cannot be allocated as amount is greater than amount outstanding";

    expect(await refusalOf(allocate(creditNoteID, id, 57.51))).toEqual([tooMuch]);
    await allocate(creditNoteID, id, 57.5);
    expect(await refusalOf(allocate(creditNoteID, id, 1))).toEqual([
      "The invoice you are trying to allocate to has already been paid off",
      tooMuch,
    ]);
    const other = await makeInvoice({ lineItems: [aLine({ unitAmount: 500 })] });
    expect(await refusalOf(allocate(creditNoteID, other, 57.51))).toEqual([tooMuch]);
    expect(await refusalOf(allocate(creditNoteID, other, 0))).toEqual([
      "The allocation amount must be greater than zero",
    ]);
  });

  it("are kept all or none of one call, unless errors are not summarized", async () => {
    const id = await makeInvoice();
    const { creditNoteID = "" } = await makeNote();
    const allocations = [60, 60].map((amount) => ({
      invoice: { invoiceID: id },
      amount,
      date: "2026-11-15",
    }));

    await refusalOf(api.createCreditNoteAllocation(TENANT, creditNoteID, { allocations }));
    expect((await note(creditNoteID)).remainingCredit).toBe(115);

    const { body } = await api.createCreditNoteAllocation(
      TENANT,
      creditNoteID,
      { allocations },
      false,
    );
    expect(body.allocations?.map((one) => one.statusAttributeString)).toEqual(["OK", "ERROR"]);
    expect((await note(creditNoteID)).remainingCredit).toBe(55);
  });

  it("need both sides approved, of one contact, currency and side of trade", async () => {
    const id = await makeInvoice();
    const draft = await makeNote({ status: DRAFT });
    const foreign = await makeNote({ currencyCode: "EUR" as never });
    const bought = await makeNote({
      type: ACCPAYCREDIT,
      lineItems: [aLine({ accountCode: "400" })],
    });
    const strange = await makeNote({ contact: { name: "Beta" } });
    const open = await makeNote();
    const proposed = await makeInvoice({ status: Invoice.StatusEnum.DRAFT });

    expect(await refusalOf(allocate(draft.creditNoteID, id, 1))).toEqual([
      "Credit Note must be Authorised to be allocated",
    ]);
    expect(await refusalOf(allocate(foreign.creditNoteID, id, 1))).toEqual([
      "Credit Note cannot be allocated to an invoice in another currency",
    ]);
    expect(await refusalOf(allocate(bought.creditNoteID, id, 1))).toEqual([
      "Credit Note cannot be allocated to an incorrect invoice type",
    ]);
    expect(await refusalOf(allocate(strange.creditNoteID, id, 1))).toEqual([
      "Credit Note cannot be allocated to an invoice of another contact",
    ]);
    expect(await refusalOf(allocate(open.creditNoteID, proposed, 1))).toEqual([
      "The invoice you are trying to allocate to is not Authorised",
    ]);
    expect(await refusalOf(allocate(open.creditNoteID, ZERO_GUID, 1))).toEqual([
      "Invoice could not be found",
    ]);
  });

  it("lock both documents against edits, voiding and deleting", async () => {
    const id = await makeInvoice();
    const { creditNoteID } = await makeNote();
    await allocate(creditNoteID, id, 1);

    expect(await refusalOf(change(creditNoteID, { reference: "x" }))).toEqual([
      HAS_ALLOCATION,
      "Credit note not of valid status for modification",
    ]);
    expect(await refusalOf(change(creditNoteID, { status: VOIDED }))).toEqual([
      "The status VOIDED cannot be applied to the credit note because it has payments or credit notes allocated to it.",
    ]);
    const invoices = (one: Invoice): Promise<unknown> =>
      api.updateInvoice(TENANT, id, { invoices: [one] });
    expect(await refusalOf(invoices({ reference: "x" }))).toEqual([
      HAS_ALLOCATION,
      "Invoice not of valid status for modification",
    ]);
    expect(await refusalOf(invoices({ status: Invoice.StatusEnum.VOIDED }))).toEqual([
      "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
    ]);
  });

  it("and payments together never exceed an invoice", async () => {
    const id = await makeInvoice();
    const { creditNoteID } = await makeNote();
    await allocate(creditNoteID, id, 15);
    const pay = (amount: number): Promise<unknown> =>
      api.createPayments(TENANT, {
        payments: [
          { invoice: { invoiceID: id }, account: { code: "090" }, date: "2026-11-16", amount },
        ],
      });

    expect(await refusalOf(pay(100.01))).toEqual([
      "Payment amount exceeds the amount outstanding on this document",
    ]);
    await pay(100);
    expect(await invoice(id)).toMatchObject({
      status: "PAID",
      total: 115,
      amountPaid: 100,
      amountCredited: 15,
      amountDue: 0,
      fullyPaidOnDate: new Date("2026-11-16"),
    });
  });

  it("answer 404 for credit notes and allocations that do not exist", async () => {
    const { creditNoteID = "" } = await makeNote();
    const other = await makeNote();
    const id = await makeInvoice();
    await allocate(creditNoteID, id, 1);
    const { allocationID = "" } = only((await note(creditNoteID)).allocations);
    const status = async (path: string, method: string): Promise<number> => {
      const answer = await fetch(`${sim.url}/api.xro/2.0/CreditNotes/${path}`, {
        method,
        headers: { authorization: `Bearer ${sim.token}`, "xero-tenant-id": TENANT },
        ...(method === "PUT" ? { body: "{}" } : {}),
      });
      return answer.status;
    };

    expect(await status(`${ZERO_GUID}/Allocations`, "PUT")).toBe(404);
    expect(await status(`${creditNoteID}/Allocations/${ZERO_GUID}`, "DELETE")).toBe(404);
    expect(await status(`${other.creditNoteID}/Allocations/${allocationID}`, "DELETE")).toBe(404);
    expect(await status(ZERO_GUID, "GET")).toBe(404);
  });
});

describe("locked periods", () => {
  const locked =
    "The document date cannot be before the period lock date, currently set at 31 Oct 2026";

  it("hold for credit notes and for the dates of allocations", async () => {
    const id = await makeInvoice();
    const { creditNoteID } = await makeNote();
    const old = await makeNote({ date: "2026-10-05" });
    await allocate(old.creditNoteID, id, 1, "2026-10-05");
    const made = only((await note(old.creditNoteID)).allocations);
    sim.user.setLockDates({ periodLockDate: "2026-10-31", endOfYearLockDate: "" });

    expect(await refusalOf(makeNote({ date: "2026-10-31" }))).toEqual([locked]);
    expect(await refusalOf(change(creditNoteID, { date: "2026-10-31" }))).toEqual([locked]);
    expect(await refusalOf(change(old.creditNoteID, { reference: "x" }))).toEqual([locked]);
    expect(await refusalOf(allocate(creditNoteID, id, 1, "2026-10-31"))).toEqual([locked]);
    expect(
      await refusalOf(
        api.deleteCreditNoteAllocations(TENANT, old.creditNoteID ?? "", made.allocationID ?? ""),
      ),
    ).toEqual([locked]);
    await allocate(old.creditNoteID, id, 1, "2026-11-01");
    expect((await invoice(id)).amountCredited).toBe(2);
  });
});

describe("taxes of credit notes", () => {
  it.each([
    { taxType: "OUTPUT", unitAmount: 33.33, subTotal: 33.33, totalTax: 5, total: 38.33 },
    { taxType: "OUTPUT2", unitAmount: 33.33, subTotal: 33.33, totalTax: 6.67, total: 40 },
    { taxType: "RROUTPUT", unitAmount: 9.99, subTotal: 9.99, totalTax: 0.5, total: 10.49 },
    { taxType: "TAX003", unitAmount: 100, subTotal: 100, totalTax: 9.98, total: 109.98 },
    { taxType: "TAX004", unitAmount: 100, subTotal: 100, totalTax: 14.98, total: 114.98 },
    { taxType: "ZERORATEDOUTPUT", unitAmount: 100, subTotal: 100, totalTax: 0, total: 100 },
    { taxType: "NONE", unitAmount: 100, subTotal: 100, totalTax: 0, total: 100 },
  ])("adds $taxType to exclusive lines", async ({ taxType, unitAmount, ...totals }) => {
    const lineItems = [aLine({ taxType, unitAmount })];

    expect(await makeNote({ lineItems })).toMatchObject(totals);
  });

  it("takes tax out of inclusive lines, each line by itself", async () => {
    const lineItems = [10, 10, 10].map((unitAmount) => aLine({ unitAmount, taxType: "TAX003" }));

    expect(await makeNote({ lineItems, lineAmountTypes: LineAmountTypes.Inclusive })).toMatchObject(
      { subTotal: 27.27, totalTax: 2.73, total: 30 },
    );
  });

  it("leaves tax away where there is none, and keeps the tax that is sent", async () => {
    const lineItems = [aLine()];

    expect(await makeNote({ lineItems, lineAmountTypes: LineAmountTypes.NoTax })).toMatchObject({
      totalTax: 0,
      total: 100,
      lineItems: [{ taxType: "NONE", taxAmount: 0 }],
    });
    expect(await makeNote({ lineItems: [aLine({ taxAmount: 14.99 })] })).toMatchObject({
      totalTax: 14.99,
      total: 114.99,
    });
  });
});

describe("tax rates and currencies", () => {
  it("show a rate of two components, in the list and alone", async () => {
    const { body } = await api.getTaxRateByTaxType(TENANT, "TAX004");

    expect(only(body.taxRates)).toMatchObject({
      name: "GST and QST on Sales",
      effectiveRate: 14.975,
      taxComponents: [
        { name: "GST", rate: 5 },
        { name: "QST", rate: 9.975 },
      ],
    });
    const all = await api.getTaxRates(TENANT, 'TaxType=="TAX003"');
    expect(only(all.body.taxRates).displayTaxRate).toBe(9.975);
  });

  it("give a credit note its contact's currency and the rate that is sent, else the day's", async () => {
    const paris = sim.user.createContact({ Name: "Paris", DefaultCurrency: "EUR" });
    const contact = { contactID: paris };

    expect(await makeNote({ contact })).toMatchObject({ currencyCode: "EUR", currencyRate: 0.92 });
    expect(await makeNote({ contact, currencyRate: 0.875 })).toMatchObject({
      currencyRate: 0.875,
    });
    expect(await refusalOf(makeNote({ currencyCode: "JPY" as never }))).toEqual([
      "Organisation is not subscribed to currency JPY",
    ]);
    const { body } = await api.getCurrencies(TENANT, 'Code=="EUR"');
    expect(only(body.currencies)).toMatchObject({ code: "EUR", description: "Euro" });
  });
});

describe("what items cost", () => {
  it("is kept beside what they sell for", async () => {
    await api.createItems(
      TENANT,
      {
        items: [
          {
            code: "W-1",
            salesDetails: { unitPrice: 20, accountCode: "200" },
            purchaseDetails: { unitPrice: 12.3456, accountCode: "310" },
          },
        ],
      },
      true,
      4,
    );

    expect(only((await api.getItem(TENANT, "W-1", 4)).body.items)).toMatchObject({
      salesDetails: { unitPrice: 20 },
      purchaseDetails: { unitPrice: 12.3456 },
    });
  });
});

describe("webhooks of credit notes", () => {
  it("carry type and status, and tell of the invoice that an allocation changes", () => {
    const inProcess = createXeroSimulator(options);
    const { user } = inProcess;
    const document = {
      Contact: { ContactID: user.createContact({ Name: "Acme" }) },
      Date: "2026-11-01",
      LineItems: [{ Description: "Work", UnitAmount: "100", AccountCode: "200" }],
    };
    const dues = { Type: "ACCREC", Status: "AUTHORISED", DueDate: "2026-11-30" };
    const invoiceId = user.createInvoice({ ...document, ...dues });
    inProcess.takeWebhookBodies();

    const id = user.createCreditNote({ ...document, Type: "ACCRECCREDIT" });
    user.approveCreditNote(id);
    const allocation = { Invoice: { InvoiceID: invoiceId }, Amount: "115" };
    user.removeAllocation(user.allocate({ kind: "CreditNote", id }, allocation));
    user.voidCreditNote(id);

    const body = JSON.parse(only(inProcess.takeWebhookBodies())) as { events: WebhookEvent[] };
    expect(body.events.map((one) => [one.eventCategory, one.eventType, one.data])).toEqual([
      ["CREDITNOTE", "CREATE", { Type: "ACCRECCREDIT", Status: "DRAFT" }],
      ["CREDITNOTE", "UPDATE", { Type: "ACCRECCREDIT", Status: "AUTHORISED" }],
      ["CREDITNOTE", "UPDATE", { Type: "ACCRECCREDIT", Status: "PAID" }],
      ["INVOICE", "UPDATE", undefined],
      ["CREDITNOTE", "UPDATE", { Type: "ACCRECCREDIT", Status: "AUTHORISED" }],
      ["INVOICE", "UPDATE", undefined],
      ["CREDITNOTE", "UPDATE", { Type: "ACCRECCREDIT", Status: "VOIDED" }],
    ]);
    expect(body.events[0]?.resourceUrl).toBe(`https://api.xero.com/api.xro/2.0/CreditNotes/${id}`);
  });
});
