/**
 * The simulated Xero, driven by the vendor's own SDK: what it accepts, computes and refuses. Raw
 * requests stand where the SDK hides what is looked at (exact digits, bodies, missing headers).
 */
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountingApi, Contact, Invoice, type LineItem, Payment, type TaxType } from "xero-node";
import {
  startXeroSimulator,
  type XeroSimulator,
  type XeroSimulatorOptions,
} from "#infra/local/simulators/xero/index.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const ZERO_GUID = "00000000-0000-0000-0000-000000000000";
const START = Date.UTC(2026, 9, 1, 12, 0, 0, 250);
const DUPLICATE_ACME =
  "The contact name Acme is already assigned to another contact. The contact name must be unique across all active contacts.";
const HAS_PAYMENT =
  "This document cannot be edited as it has a payment or credit note allocated to it.";

let clock = START;
let sim: XeroSimulator;
let api: AccountingApi;

async function start(more: Partial<XeroSimulatorOptions> = {}): Promise<XeroSimulator> {
  return startXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    clientId: "client",
    clientSecret: "secret",
    now: () => clock,
    limits: { perMinute: 1_000, perDay: 10_000 },
    ...more,
  });
}

function sdkFor(simulator: XeroSimulator): AccountingApi {
  const made = new AccountingApi(`${simulator.url}/api.xro/2.0`);
  made.accessToken = simulator.token;
  return made;
}

beforeEach(async () => {
  clock = START;
  sim = await start();
  api = sdkFor(sim);
});

afterEach(async () => {
  await sim.close();
});

interface Refusal {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly messages: readonly string[];
}

/** What the SDK rejected with: a JSON text, in which validation messages lie under Elements. */
async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const thrown = await call.then(
    () => undefined,
    (reason: unknown) => String(reason),
  );
  if (thrown === undefined) throw new Error("The call was not refused");
  const { response } = JSON.parse(thrown) as {
    response: { statusCode: number; headers: Record<string, string>; body: unknown };
  };
  const elements =
    (response.body as { Elements?: { ValidationErrors?: { Message: string }[] }[] } | null)
      ?.Elements ?? [];
  const messages = elements.flatMap((element) =>
    (element.ValidationErrors ?? []).map((error) => error.Message),
  );
  return { ...response, messages };
}

async function raw(
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
  simulator = sim,
): Promise<{ readonly status: number; readonly text: string; readonly headers: Headers }> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    redirect: "manual",
    headers: {
      authorization: `Bearer ${simulator.token}`,
      "xero-tenant-id": TENANT,
      accept: "application/json",
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

function acted(path: string, fields: Readonly<Record<string, string>>): ReturnType<typeof raw> {
  return raw("POST", path, new URLSearchParams(fields).toString());
}

function only<T>(list: readonly T[] | undefined): T {
  const [first, ...rest] = list ?? [];
  if (first === undefined || rest.length > 0) throw new Error("Expected exactly one");
  return first;
}

async function makeContact(contact: Contact): Promise<Contact> {
  const { body } = await api.createContacts(TENANT, { contacts: [contact] }, true);
  return only(body.contacts);
}

function aLine(more: LineItem = {}): LineItem {
  return { description: "Work", quantity: 1, unitAmount: 100, accountCode: "200", ...more };
}

async function makeInvoice(more: Invoice = {}): Promise<Invoice> {
  const { body } = await api.createInvoices(
    TENANT,
    {
      invoices: [
        {
          type: Invoice.TypeEnum.ACCREC,
          contact: { name: "Acme" },
          date: "2026-10-01",
          dueDate: "2026-10-31",
          lineItems: [aLine()],
          status: Invoice.StatusEnum.AUTHORISED,
          ...more,
        },
      ],
    },
    true,
  );
  return only(body.invoices);
}

function idOf(invoice: Invoice): string {
  return invoice.invoiceID ?? "";
}

async function pay(invoice: Invoice, amount: number, date = "2026-10-05"): Promise<Payment> {
  const { body } = await api.createPayments(
    TENANT,
    {
      payments: [{ invoice: { invoiceID: idOf(invoice) }, account: { code: "090" }, date, amount }],
    },
    true,
  );
  return only(body.payments);
}

async function readInvoice(invoice: Invoice): Promise<Invoice> {
  const { body } = await api.getInvoice(TENANT, idOf(invoice));
  return only(body.invoices);
}

function updateInvoice(
  invoice: Invoice,
  change: Invoice,
): ReturnType<AccountingApi["updateInvoice"]> {
  return api.updateInvoice(TENANT, idOf(invoice), { invoices: [change] });
}

describe("contacts", () => {
  it("lists both addresses and all four phones of a new contact", async () => {
    const contact = await makeContact({ name: "Acme", emailAddress: "ap@acme.example" });

    expect(contact.addresses?.map((address) => address.addressType)).toEqual(["STREET", "POBOX"]);
    expect(contact.phones?.map((phone) => phone.phoneType)).toEqual([
      "DDI",
      "DEFAULT",
      "FAX",
      "MOBILE",
    ]);
    expect(contact.contactStatus).toBe("ACTIVE");
  });

  it("keeps the fields an update leaves out, and the address of the other type", async () => {
    const made = await makeContact({
      name: "Acme",
      taxNumber: "12-345",
      addresses: [{ addressType: "POBOX" as never, city: "Wellington" }],
    });

    const { body } = await api.updateContact(TENANT, made.contactID ?? "", {
      contacts: [{ addresses: [{ addressType: "STREET" as never, city: "Nelson" }] }],
    });

    const contact = only(body.contacts);
    expect(contact.taxNumber).toBe("12-345");
    expect(contact.addresses?.map((address) => address.city)).toEqual(["Nelson", "Wellington"]);
  });

  it("refuses a name that an active contact has, whatever its case", async () => {
    await makeContact({ name: "Acme" });

    const refusal = await refusalOf(
      api.createContacts(TENANT, { contacts: [{ name: "ACME" }] }, true),
    );

    expect(refusal.statusCode).toBe(400);
    expect(refusal.messages).toEqual([DUPLICATE_ACME.replace("Acme", "ACME")]);
  });

  it("frees the name of an archived contact and leaves it out of lists", async () => {
    const made = await makeContact({ name: "Acme" });
    await api.updateContact(TENANT, made.contactID ?? "", {
      contacts: [{ contactStatus: Contact.ContactStatusEnum.ARCHIVED }],
    });
    clock += 1;
    await makeContact({ name: "Acme" });

    const active = await api.getContacts(TENANT);
    const all = await api.getContacts(
      TENANT,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      true,
    );

    expect(active.body.contacts).toHaveLength(1);
    expect(all.body.contacts?.map((contact) => contact.contactStatus)).toEqual([
      "ARCHIVED",
      "ACTIVE",
    ]);
  });

  it("updates by ContactNumber, then by name, when posted to the list", async () => {
    const made = await makeContact({ name: "Acme", contactNumber: "crm-1" });

    const byNumber = await api.updateOrCreateContacts(
      TENANT,
      { contacts: [{ contactNumber: "crm-1", name: "Acme Ltd" }] },
      true,
    );
    const byName = await api.updateOrCreateContacts(
      TENANT,
      { contacts: [{ name: "acme ltd", taxNumber: "9" }] },
      true,
    );

    expect(only(byNumber.body.contacts).contactID).toBe(made.contactID);
    expect(only(byName.body.contacts).contactID).toBe(made.contactID);
    expect(sim.records("contacts")).toHaveLength(1);
  });

  it("reads a contact by its ContactNumber", async () => {
    const made = await makeContact({ name: "Acme", contactNumber: "crm-1" });

    const { body } = await api.getContactByContactNumber(TENANT, "crm-1");

    expect(only(body.contacts).contactID).toBe(made.contactID);
  });

  it("keeps payment terms and shows them only in full", async () => {
    const made = await makeContact({
      name: "Acme",
      paymentTerms: { sales: { day: 20, type: "OFFOLLOWINGMONTH" as never } },
    });

    const one = await api.getContact(TENANT, made.contactID ?? "");
    const list = await api.getContacts(TENANT);

    expect(only(one.body.contacts).paymentTerms?.sales).toEqual({
      day: 20,
      type: "OFFOLLOWINGMONTH",
    });
    expect(only(list.body.contacts).paymentTerms).toBeUndefined();
  });

  it("refuses texts that are longer than the vendor's field", async () => {
    const refusal = await refusalOf(
      api.createContacts(TENANT, { contacts: [{ name: "A", taxNumber: "9".repeat(51) }] }, true),
    );

    expect(refusal.messages).toEqual([
      "The field TaxNumber must be a string with a maximum length of 50.",
    ]);
  });

  it("works out balances from invoices without touching UpdatedDateUTC", async () => {
    const made = await makeContact({ name: "Acme" });
    clock += 60_000;
    const invoice = await makeInvoice({ contact: { contactID: made.contactID ?? "" } });
    await pay(invoice, 15);
    clock = Date.UTC(2026, 10, 1);

    const contact = only((await api.getContact(TENANT, made.contactID ?? "")).body.contacts);

    expect(contact.isCustomer).toBe(true);
    expect(contact.balances?.accountsReceivable).toEqual({ outstanding: 100, overdue: 100 });
    expect(contact.updatedDateUTC).toEqual(new Date(START));
  });
});

describe("batches", () => {
  const three = [{ name: "Acme" }, { name: "Beta" }, { name: "Acme" }];

  it("keeps nothing of a batch with one bad element when errors are summarized", async () => {
    const refusal = await refusalOf(api.createContacts(TENANT, { contacts: three }, true));

    expect(refusal.statusCode).toBe(400);
    expect(refusal.body).toMatchObject({ ErrorNumber: 10, Type: "ValidationException" });
    expect(refusal.messages).toEqual([DUPLICATE_ACME]);
    expect(sim.records("contacts")).toEqual([]);
  });

  it("answers 200 and judges each element alone, in order, when they are not", async () => {
    const { body } = await api.createContacts(TENANT, { contacts: three }, false);

    expect(body.contacts?.map((contact) => contact.statusAttributeString)).toEqual([
      "OK",
      "OK",
      "ERROR",
    ]);
    const failed = body.contacts?.[2];
    expect(failed?.contactID).toBe(ZERO_GUID);
    expect(failed?.hasValidationErrors).toBe(true);
    expect(failed?.validationErrors).toEqual([{ message: DUPLICATE_ACME }]);
    expect(sim.records("contacts").map((contact) => contact.Name)).toEqual(["Acme", "Beta"]);
  });

  it("takes back what a refused element had begun", async () => {
    const { body } = await api.createInvoices(
      TENANT,
      {
        invoices: [
          {
            type: Invoice.TypeEnum.ACCREC,
            contact: { name: "Made on the way" },
            lineItems: [aLine({ accountCode: "999" })],
          },
        ],
      },
      false,
    );

    expect(only(body.invoices).validationErrors).toEqual([
      { message: "Account code '999' is not a valid code for this document." },
    ]);
    expect(sim.records("contacts")).toEqual([]);
  });

  it("gives the same ids for the same calls in another simulator", async () => {
    const other = await start();
    const made = await makeContact({ name: "Acme" });

    const { body } = await sdkFor(other).createContacts(
      TENANT,
      { contacts: [{ name: "B" }] },
      true,
    );
    await other.close();

    expect(only(body.contacts).contactID).toBe(made.contactID);
  });
});

describe("lists", () => {
  beforeEach(async () => {
    for (const [name, contactNumber] of [
      ["Acme", "crm-1"],
      ["Beta", "crm-2"],
      ["Gamma", "crm-3"],
    ] as const) {
      await makeContact({ name, contactNumber });
      clock += 1_000;
    }
  });

  async function namesOf(query: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const { text } = await raw("GET", `/api.xro/2.0/Contacts?${new URLSearchParams(query)}`);
    const { Contacts } = JSON.parse(text) as { Contacts: { Name: string }[] };
    return Contacts.map((contact) => contact.Name);
  }

  it("pages with a pagination object", async () => {
    const { body } = await api.getContacts(
      TENANT,
      undefined,
      undefined,
      undefined,
      undefined,
      2,
      false,
      false,
      undefined,
      2,
    );

    expect(body.contacts?.map((contact) => contact.name)).toEqual(["Gamma"]);
    expect(body.pagination).toEqual({ page: 2, pageSize: 2, pageCount: 2, itemCount: 3 });
  });

  it("answers a page past the end with no records", async () => {
    expect(await namesOf({ page: "9" })).toEqual([]);
  });

  it("orders by a field, descending", async () => {
    expect(await namesOf({ order: "UpdatedDateUTC DESC" })).toEqual(["Gamma", "Beta", "Acme"]);
  });

  it("includes records changed within the second of If-Modified-Since", async () => {
    const { body } = await api.getContacts(TENANT, new Date(START + 1_000 + 500));

    expect(body.contacts?.map((contact) => contact.name)).toEqual(["Beta", "Gamma"]);
  });

  it.each([
    ['Name=="Beta"', ["Beta"]],
    ['Name=="Beta" OR ContactNumber=="crm-3"', ["Beta", "Gamma"]],
    ['Name!="Beta" AND (ContactNumber=="crm-2" OR ContactNumber=="crm-1")', ["Acme"]],
    ["EmailAddress==null", ["Acme", "Beta", "Gamma"]],
    ["UpdatedDateUTC>=DateTime(2026,10,01,12,00,02)", ["Gamma"]],
    ['Name=="beta"', []],
  ])("filters with where=%s", async (where, names) => {
    expect(await namesOf({ where })).toEqual(names);
  });

  it("filters by Guid in where and by IDs", async () => {
    const id = sim.records("contacts")[1]?.ContactID ?? "";

    expect(await namesOf({ where: `ContactID==Guid("${id}")` })).toEqual(["Beta"]);
    expect(await namesOf({ IDs: `${id},${ZERO_GUID}` })).toEqual(["Beta"]);
  });

  it("searches without regard to case", async () => {
    expect(await namesOf({ searchTerm: "AMM" })).toEqual(["Gamma"]);
  });

  it.each(["Name=", 'Nam=="x"', 'Name.Contains("x")', "Name constructor 1"])(
    "refuses where=%s as unreadable",
    async (where) => {
      const { status, text } = await raw(
        "GET",
        `/api.xro/2.0/Contacts?${new URLSearchParams({ where })}`,
      );

      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ Type: "QueryParseException" });
    },
  );
});

describe("items", () => {
  const widget = { code: "SKU-1", name: "Widget", salesDetails: { unitPrice: 33.3333 } };

  it("rounds unit prices to cents unless four decimals are asked for", async () => {
    await api.createItems(TENANT, { items: [widget] }, true);
    clock += 1;
    await api.createItems(TENANT, { items: [{ ...widget, code: "SKU-2" }] }, true, 4);

    const two = await api.getItems(TENANT);
    const four = await api.getItems(TENANT, undefined, undefined, undefined, 4);

    expect(two.body.items?.map((item) => item.salesDetails?.unitPrice)).toEqual([33.33, 33.33]);
    expect(four.body.items?.map((item) => item.salesDetails?.unitPrice)).toEqual([33.33, 33.3333]);
  });

  it("updates by Code when posted and refuses a second one when put", async () => {
    await api.createItems(TENANT, { items: [widget] }, true);

    const updated = await api.updateOrCreateItems(
      TENANT,
      { items: [{ code: "SKU-1", name: "Gadget" }] },
      true,
    );
    const refusal = await refusalOf(api.createItems(TENANT, { items: [widget] }, true));

    expect(only(updated.body.items)).toMatchObject({
      name: "Gadget",
      salesDetails: { unitPrice: 33.33 },
    });
    expect(refusal.messages).toEqual(["Price List Item with Code 'SKU-1' already exists"]);
  });

  it("limits Code to 30 and Name to 50 characters", async () => {
    const refusal = await refusalOf(
      api.createItems(TENANT, { items: [{ code: "c".repeat(31), name: "n".repeat(51) }] }, true),
    );

    expect(refusal.messages).toEqual([
      "The field Code must be a string with a maximum length of 30.",
      "The field Name must be a string with a maximum length of 50.",
    ]);
  });

  it("finds items by code, by address and in where", async () => {
    await api.createItems(TENANT, { items: [widget, { code: "SKU-2" }] }, true);

    const one = await api.getItem(TENANT, "SKU-1");
    const list = await api.getItems(TENANT, undefined, 'Code=="SKU-2" OR Code=="SKU-9"');

    expect(only(one.body.items).name).toBe("Widget");
    expect(only(list.body.items).code).toBe("SKU-2");
  });

  it("deletes an unused item and refuses to delete a used one", async () => {
    const { body } = await api.createItems(TENANT, { items: [widget, { code: "SKU-2" }] }, true);
    await makeInvoice({ lineItems: [aLine({ itemCode: "SKU-1" })] });

    const refusal = await refusalOf(api.deleteItem(TENANT, body.items?.[0]?.itemID ?? ""));
    const deleted = await api.deleteItem(TENANT, body.items?.[1]?.itemID ?? "");

    expect(refusal.statusCode).toBe(400);
    expect(deleted.response.status).toBe(204);
    expect(sim.records("items").map((item) => item.Code)).toEqual(["SKU-1"]);
  });
});

describe("invoice arithmetic", () => {
  async function totals(
    lineAmountTypes: string,
    lineItems: readonly unknown[],
    query = "",
  ): Promise<readonly string[]> {
    const { status, text } = await raw("PUT", `/api.xro/2.0/Invoices${query}`, {
      Invoices: [
        {
          Type: "ACCREC",
          Contact: { Name: "Acme" },
          LineAmountTypes: lineAmountTypes,
          LineItems: lineItems,
        },
      ],
    });
    expect(status).toBe(200);
    return ["SubTotal", "TotalTax", "Total"].map(
      (field) => new RegExp(`"${field}":([^,}]+)`).exec(text)?.[1] ?? "",
    );
  }
  const sold = { Description: "Work", AccountCode: "200" };

  it("adds tax to exclusive lines", async () => {
    const lines = [{ ...sold, Quantity: 3, UnitAmount: 33.35 }];
    expect(await totals("Exclusive", lines)).toEqual(["100.05", "15.01", "115.06"]);
  });

  it("takes tax out of inclusive lines", async () => {
    const lines = [{ ...sold, Quantity: 1, UnitAmount: 100 }];
    expect(await totals("Inclusive", lines)).toEqual(["86.96", "13.04", "100.00"]);
  });

  it("ignores tax types where there is no tax", async () => {
    const lines = [{ ...sold, Quantity: 1, UnitAmount: 100, TaxType: "OUTPUT" }];
    expect(await totals("NoTax", lines)).toEqual(["100.00", "0.00", "100.00"]);
  });

  it("rounds tax on every line and never on the total", async () => {
    const line = { ...sold, Quantity: 1, UnitAmount: 0.1 };
    expect(await totals("Exclusive", [line, line, line])).toEqual(["0.30", "0.06", "0.36"]);
  });

  it("rounds unit amounts to cents first, unless four decimals are asked for", async () => {
    const lines = [{ ...sold, Quantity: 3, UnitAmount: 33.3333, TaxType: "NONE" }];
    expect(await totals("Exclusive", lines)).toEqual(["99.99", "0.00", "99.99"]);
    expect(await totals("Exclusive", lines, "?unitdp=4")).toEqual(["100.00", "0.00", "100.00"]);
  });

  it("takes a discount off before rounding", async () => {
    const lines = [{ ...sold, Quantity: 1, UnitAmount: 9.99, DiscountRate: 12.5, TaxType: "NONE" }];
    expect(await totals("Exclusive", lines)).toEqual(["8.74", "0.00", "8.74"]);
  });

  it("keeps digits that a binary float would lose", async () => {
    const body = `{"Type":"ACCREC","Contact":{"Name":"Acme"},"LineItems":[{"Description":"x","Quantity":1,"UnitAmount":1.005,"TaxType":"NONE"},{"Description":"y","Quantity":1,"UnitAmount":9999999999.99,"TaxType":"NONE"}]}`;
    const { text } = await raw("PUT", "/api.xro/2.0/Invoices", body);
    expect(text).toContain('"UnitAmount":1.01,');
    expect(text).toContain('"Total":10000000001.00,');
  });

  it("refuses a line amount that its parts do not give", async () => {
    const refusal = await refusalOf(
      makeInvoice({ lineItems: [aLine({ quantity: 2, unitAmount: 10, lineAmount: 21 })] }),
    );
    expect(refusal.messages).toEqual([
      "The line total 21.00 does not match the expected line total 20.00",
    ]);
  });

  it("fills description, price and account from the item", async () => {
    await api.createItems(
      TENANT,
      {
        items: [
          {
            code: "SKU-1",
            description: "Sold widget",
            salesDetails: { unitPrice: 25, accountCode: "260" },
          },
        ],
      },
      true,
    );

    const invoice = await makeInvoice({ lineItems: [{ itemCode: "SKU-1", quantity: 2 }] });

    expect(only(invoice.lineItems)).toMatchObject({
      description: "Sold widget",
      unitAmount: 25,
      accountCode: "260",
      lineAmount: 50,
      taxAmount: 7.5,
    });
  });
});

describe("invoices", () => {
  it("numbers sales invoices in a sequence that skips numbers in use", async () => {
    await makeInvoice({ invoiceNumber: "INV-0002" });

    const first = await makeInvoice();
    const second = await makeInvoice();

    expect([first.invoiceNumber, second.invoiceNumber]).toEqual(["INV-0001", "INV-0003"]);
  });

  it("refuses a number in use when put, and updates its invoice when posted", async () => {
    const made = await makeInvoice({ invoiceNumber: "A-1", status: Invoice.StatusEnum.DRAFT });

    const refusal = await refusalOf(makeInvoice({ invoiceNumber: "A-1" }));
    const { body } = await api.updateOrCreateInvoices(
      TENANT,
      { invoices: [{ type: Invoice.TypeEnum.ACCREC, invoiceNumber: "A-1", reference: "PO 7" }] },
      true,
    );

    expect(refusal.messages).toEqual(["Invoice # must be unique."]);
    expect(only(body.invoices)).toMatchObject({ invoiceID: made.invoiceID, reference: "PO 7" });
  });

  it("is a draft by default and needs no due date", async () => {
    const { body } = await api.createInvoices(
      TENANT,
      {
        invoices: [
          { type: Invoice.TypeEnum.ACCREC, contact: { name: "Acme" }, lineItems: [aLine()] },
        ],
      },
      true,
    );

    expect(only(body.invoices)).toMatchObject({ status: "DRAFT", amountDue: 115 });
    expect(only(body.invoices).dueDate).toBeUndefined();
  });

  it("needs a due date and account codes to leave draft", async () => {
    const refusal = await refusalOf(
      makeInvoice({ dueDate: "", lineItems: [{ description: "Work", unitAmount: 10 }] }),
    );

    expect(refusal.messages).toEqual([
      "Account code must be specified",
      "Due Date must be specified",
    ]);
  });

  it("names everything a bare document lacks", async () => {
    const refusal = await refusalOf(
      api.createInvoices(TENANT, {
        invoices: [{ type: Invoice.TypeEnum.ACCREC, status: Invoice.StatusEnum.PAID }],
      }),
    );

    expect(refusal.messages).toEqual([
      "One or more line items must be specified",
      "Invoice not of valid status for creation",
      "A Contact must be specified for this type of transaction",
    ]);
  });

  it("replaces lines as a whole and keeps the ids that are sent", async () => {
    const made = await makeInvoice({
      lineItems: [aLine({ description: "kept" }), aLine({ description: "left out" })],
    });
    const keptId = made.lineItems?.[0]?.lineItemID ?? "";

    const { body } = await updateInvoice(made, {
      lineItems: [aLine({ lineItemID: keptId, unitAmount: 50 }), aLine({ description: "new" })],
    });

    const lines = only(body.invoices).lineItems ?? [];
    expect(lines.map((line) => line.description)).toEqual(["Work", "new"]);
    expect(lines[0]?.lineItemID).toBe(keptId);
    expect(only(body.invoices).total).toBe(172.5);
  });

  it("lives from draft over part payment to paid, and opens again without its payment", async () => {
    const made = await makeInvoice({ status: Invoice.StatusEnum.DRAFT });
    await updateInvoice(made, { status: Invoice.StatusEnum.AUTHORISED });
    const first = await pay(made, 15);
    const partPaid = await readInvoice(made);
    await pay(made, 100, "2026-10-09");
    const paid = await readInvoice(made);
    await api.deletePayment(TENANT, first.paymentID ?? "", { status: "DELETED" });
    const reopened = await readInvoice(made);

    expect(partPaid).toMatchObject({ status: "AUTHORISED", amountDue: 100, amountPaid: 15 });
    expect(paid).toMatchObject({ status: "PAID", amountDue: 0, amountPaid: 115 });
    expect(paid.fullyPaidOnDate).toEqual(new Date(Date.UTC(2026, 9, 9)));
    expect(paid.payments?.map((payment) => payment.amount)).toEqual([15, 100]);
    expect(reopened).toMatchObject({ status: "AUTHORISED", amountDue: 15, amountPaid: 100 });
    expect(reopened.fullyPaidOnDate).toBeUndefined();
  });

  it("counts an approved invoice of nothing as paid", async () => {
    const made = await makeInvoice({ lineItems: [aLine({ unitAmount: 0 })] });
    expect(made.status).toBe("PAID");
  });

  it("refuses edits of a paid invoice", async () => {
    const made = await makeInvoice();
    await pay(made, 115);

    const refusal = await refusalOf(updateInvoice(made, { reference: "late" }));

    expect(refusal.messages).toEqual([HAS_PAYMENT, "Invoice not of valid status for modification"]);
    expect(refusal.body).toMatchObject({ Elements: [{ Status: "PAID", HasErrors: true }] });
  });

  it("lets a part-paid invoice's due date change without touching UpdatedDateUTC", async () => {
    const made = await makeInvoice();
    clock += 1_000;
    await pay(made, 15);
    clock += 1_000;

    await updateInvoice(made, { dueDate: "2026-12-24" });

    const read = await readInvoice(made);
    expect(read.dueDate).toEqual(new Date(Date.UTC(2026, 11, 24)));
    expect(read.updatedDateUTC).toEqual(new Date(START + 1_000));
  });

  it("voids an approved invoice once, and only without payments", async () => {
    const made = await makeInvoice();
    const payment = await pay(made, 15);
    const voided = { status: Invoice.StatusEnum.VOIDED };

    const refused = await refusalOf(updateInvoice(made, voided));
    await api.deletePayment(TENANT, payment.paymentID ?? "", { status: "DELETED" });
    await updateInvoice(made, voided);
    const again = await refusalOf(updateInvoice(made, { reference: "x" }));

    expect(refused.messages).toEqual([
      "The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to it.",
    ]);
    expect(await readInvoice(made)).toMatchObject({ status: "VOIDED", amountDue: 0, total: 115 });
    expect(again.messages).toEqual(["Invoice not of valid status for modification"]);
  });

  it.each(["DRAFT", "SUBMITTED", "DELETED", "PAID"] as const)(
    "never takes an approved invoice to %s",
    async (status) => {
      const made = await makeInvoice();

      const refusal = await refusalOf(updateInvoice(made, { status: Invoice.StatusEnum[status] }));

      expect(refusal.messages).toEqual(["Invoice not of valid status for modification"]);
    },
  );

  it("deletes a draft", async () => {
    const made = await makeInvoice({ status: Invoice.StatusEnum.DRAFT });
    await updateInvoice(made, { status: Invoice.StatusEnum.DELETED });
    expect((await readInvoice(made)).status).toBe("DELETED");
  });

  it("refuses dates on or before a lock date, and changes of what stands there", async () => {
    const before = await makeInvoice({ date: "2026-09-30" });
    await acted("/ui/lock-dates", {
      periodLockDate: "2026-09-30",
      endOfYearLockDate: "2026-03-31",
    });

    const onPeriod = await refusalOf(makeInvoice({ date: "2026-09-30" }));
    const onYear = await refusalOf(makeInvoice({ date: "2026-03-31" }));
    const edit = await refusalOf(updateInvoice(before, { reference: "late" }));
    const open = await makeInvoice({ date: "2026-10-01" });

    const locked =
      "The document date cannot be before the period lock date, currently set at 30 Sep 2026";
    expect(onPeriod.messages).toEqual([locked]);
    expect(edit.messages).toEqual([locked]);
    expect(onYear.messages).toEqual([
      "The document date cannot be before the end of year lock date, currently set at 31-Mar-2026",
    ]);
    expect(open.status).toBe("AUTHORISED");
    const { body } = await api.getOrganisations(TENANT);
    expect(only(body.organisations).periodLockDate).toEqual(new Date(Date.UTC(2026, 8, 30)));
  });

  it("uses an active contact by name, makes an unknown one and refuses an archived one", async () => {
    const first = await makeInvoice();
    const second = await makeInvoice({ contact: { name: "acme" } });
    const contactID = first.contact?.contactID ?? "";
    await api.updateContact(TENANT, contactID, {
      contacts: [{ contactStatus: Contact.ContactStatusEnum.ARCHIVED }],
    });

    const refusal = await refusalOf(makeInvoice({ contact: { contactID } }));

    expect(second.contact?.contactID).toBe(contactID);
    expect(refusal.messages).toEqual([
      "The contact Acme is archived and cannot be used on a document.",
    ]);
  });

  it("drops contact persons when more than the ContactID is sent with a document", async () => {
    const made = await makeContact({ name: "Acme", contactPersons: [{ firstName: "Ann" }] });
    const contactID = made.contactID ?? "";

    await makeInvoice({ contact: { contactID } });
    const kept = sim.records("contacts")[0]?.ContactPersons;
    await makeInvoice({ contact: { contactID, name: "Acme" } });

    expect(kept).toHaveLength(1);
    expect(sim.records("contacts")[0]?.ContactPersons).toEqual([]);
  });

  it("refuses items, tax types and currencies that do not exist", async () => {
    const item = await refusalOf(makeInvoice({ lineItems: [aLine({ itemCode: "NO" })] }));
    const tax = await refusalOf(
      makeInvoice({ lineItems: [aLine({ taxType: "X" as TaxType & "X" })] }),
    );
    const currency = await refusalOf(makeInvoice({ currencyCode: "JPY" as never }));

    expect(item.messages).toEqual(["Item code 'NO' is not valid"]);
    expect(tax.messages).toEqual([
      "The TaxType code 'X' does not exist or cannot be used for this type of transaction.",
    ]);
    expect(currency.messages).toEqual(["Organisation is not subscribed to currency JPY"]);
  });

  it("shows lines in pages and not in unpaged lists", async () => {
    await makeInvoice();

    const list = await api.getInvoices(TENANT);
    const page = await raw("GET", "/api.xro/2.0/Invoices?page=1");

    expect(only(list.body.invoices).lineItems).toEqual([]);
    const { Invoices } = JSON.parse(page.text) as { Invoices: { LineItems: unknown[] }[] };
    expect(only(Invoices).LineItems).toHaveLength(1);
  });

  it("filters by number, status, contact and where", async () => {
    const made = await makeInvoice({ reference: "PO 7" });
    await makeInvoice({ contact: { name: "Beta" }, status: Invoice.StatusEnum.DRAFT });
    const numbersOf = async (query: Readonly<Record<string, string>>): Promise<unknown> => {
      const { text } = await raw("GET", `/api.xro/2.0/Invoices?${new URLSearchParams(query)}`);
      const { Invoices } = JSON.parse(text) as { Invoices: { InvoiceNumber: string }[] };
      return Invoices.map((invoice) => invoice.InvoiceNumber);
    };
    const contactId = made.contact?.contactID ?? "";

    expect(await numbersOf({ InvoiceNumbers: "INV-0002,INV-0009" })).toEqual(["INV-0002"]);
    expect(await numbersOf({ Statuses: "DRAFT,VOIDED" })).toEqual(["INV-0002"]);
    expect(await numbersOf({ ContactIDs: contactId })).toEqual(["INV-0001"]);
    expect(await numbersOf({ where: 'Reference=="PO 7"' })).toEqual(["INV-0001"]);
    expect(await numbersOf({ where: `Contact.ContactID==Guid("${contactId}")` })).toEqual([
      "INV-0001",
    ]);
  });

  it("gives the organisation's day rate to other currencies", async () => {
    const made = await makeInvoice({ currencyCode: "EUR" as never });
    const payment = await pay(made, 46);

    expect(made.currencyRate).toBe(0.92);
    expect(payment).toMatchObject({ amount: 46, bankAmount: 50 });
  });
});

describe("bills", () => {
  const bill = { type: Invoice.TypeEnum.ACCPAY, invoiceNumber: "SUP-9" };
  const spent = { lineItems: [aLine({ accountCode: "400" })] };

  it("may share a number, make a supplier and take no discount", async () => {
    await makeInvoice({ ...bill, ...spent });
    const second = await makeInvoice({ ...bill, ...spent });
    const refusal = await refusalOf(
      makeInvoice({ ...bill, lineItems: [aLine({ accountCode: "400", discountRate: 5 })] }),
    );

    const { body } = await api.getContact(TENANT, second.contact?.contactID ?? "");
    expect(only(body.contacts)).toMatchObject({ isSupplier: true, isCustomer: false });
    expect(refusal.messages).toEqual(["Discounts are not supported on bills"]);
  });

  it("lets the reference of a paid one change, and not its lines", async () => {
    const made = await makeInvoice({ ...bill, ...spent });
    await pay(made, 115);

    const { body } = await updateInvoice(made, { reference: "batch 7" });
    const refusal = await refusalOf(updateInvoice(made, spent));

    expect(only(body.invoices)).toMatchObject({ reference: "batch 7", status: "PAID" });
    expect(refusal.messages[0]).toBe(HAS_PAYMENT);
  });
});

describe("payments", () => {
  it("refuses more than is due", async () => {
    const made = await makeInvoice();

    const refusal = await refusalOf(pay(made, 115.01));

    expect(refusal.messages).toEqual([
      "Payment amount exceeds the amount outstanding on this document",
    ]);
  });

  it("refuses drafts and paid invoices", async () => {
    const draft = await makeInvoice({ status: Invoice.StatusEnum.DRAFT });
    const paid = await makeInvoice();
    await pay(paid, 115);

    const onDraft = await refusalOf(pay(draft, 10));
    const onPaid = await refusalOf(pay(paid, 10));

    const onlyApproved = "Payments can only be made against Authorised documents";
    expect(onDraft.messages).toEqual([onlyApproved]);
    expect(onPaid.messages).toEqual([
      onlyApproved,
      "Payment amount exceeds the amount outstanding on this document",
    ]);
  });

  it("refuses accounts that take no payments", async () => {
    const made = await makeInvoice();
    const refusal = await refusalOf(
      api.createPayment(TENANT, {
        invoice: { invoiceID: idOf(made) },
        account: { code: "200" },
        amount: 1,
      }),
    );
    expect(refusal.messages).toEqual(["Account type is invalid"]);
  });

  it("keeps deleted payments in lists and lets none be deleted twice", async () => {
    const made = await makeInvoice();
    const payment = await pay(made, 15);
    const remove = (): Promise<unknown> =>
      api.deletePayment(TENANT, payment.paymentID ?? "", { status: "DELETED" });
    await remove();

    const { body } = await api.getPayments(
      TENANT,
      undefined,
      `Invoice.InvoiceID==Guid("${idOf(made)}")`,
    );

    expect(only(body.payments).status).toBe(Payment.StatusEnum.DELETED);
    expect((await refusalOf(remove())).messages).toEqual(["Payment has already been deleted"]);
  });

  it("moves the invoice's UpdatedDateUTC", async () => {
    const made = await makeInvoice();
    clock += 5_000;
    await pay(made, 15);
    expect((await readInvoice(made)).updatedDateUTC).toEqual(new Date(START + 5_000));
  });
});

describe("settings", () => {
  it("lists accounts, tax rates and currencies", async () => {
    const accounts = await api.getAccounts(TENANT, undefined, 'Type=="BANK"');
    const taxRates = await api.getTaxRates(TENANT);
    const currencies = await api.getCurrencies(TENANT);

    expect(accounts.body.accounts?.map((account) => account.code)).toEqual(["090", "091"]);
    expect(
      taxRates.body.taxRates?.map((rate) => [rate.taxType, rate.effectiveRate]),
    ).toContainEqual(["OUTPUT", 15]);
    expect(currencies.body.currencies?.map((currency) => currency.code)).toEqual([
      "USD",
      "EUR",
      "GBP",
      "NZD",
      "AUD",
    ]);
  });
});

describe("who may call", () => {
  function tokenCall(
    form: Readonly<Record<string, string>>,
    secret = "secret",
  ): ReturnType<typeof raw> {
    return raw("POST", "/connect/token", new URLSearchParams(form).toString(), {
      authorization: `Basic ${Buffer.from(`client:${secret}`).toString("base64")}`,
      "content-type": "application/x-www-form-urlencoded",
    });
  }

  function organisation(token: string, tenant = TENANT): ReturnType<typeof raw> {
    return raw("GET", "/api.xro/2.0/Organisation", undefined, {
      authorization: `Bearer ${token}`,
      "xero-tenant-id": tenant,
    });
  }

  it("refuses an unknown token with 401 in the gateway's shape", async () => {
    api.accessToken = "stolen";
    const refusal = await refusalOf(api.getOrganisations(TENANT));

    expect(refusal.statusCode).toBe(401);
    expect(refusal.body).toMatchObject({ Title: "Unauthorized", Status: 401, Type: null });
  });

  it("refuses another tenant with 403", async () => {
    const refusal = await refusalOf(api.getOrganisations(ZERO_GUID));

    expect(refusal.statusCode).toBe(403);
    expect(refusal.body).toMatchObject({ Detail: "AuthenticationUnsuccessful" });
  });

  it("gives client credentials a token of thirty minutes that needs no tenant", async () => {
    const { text } = await tokenCall({
      grant_type: "client_credentials",
      scope: "accounting.contacts",
    });
    const granted = JSON.parse(text) as { access_token: string; expires_in: number; scope: string };
    const early = await organisation(granted.access_token, "");
    clock += 30 * 60_000;
    const late = await organisation(granted.access_token, "");

    expect(granted).toMatchObject({ expires_in: 1800, scope: "accounting.contacts" });
    expect(early.status).toBe(200);
    expect(late.status).toBe(401);
    expect(late.text).toContain("TokenExpired: token expired at 10/01/2026 12:30:00");
  });

  it("refuses a wrong client secret", async () => {
    const answer = await tokenCall({ grant_type: "client_credentials" }, "guess");
    expect([answer.status, answer.text]).toEqual([400, '{"error":"invalid_client"}']);
  });

  it("rotates refresh tokens and lets the former one be used for thirty minutes more", async () => {
    const first = sim.issueRefreshToken();
    const refresh = (token: string): ReturnType<typeof raw> =>
      tokenCall({ grant_type: "refresh_token", refresh_token: token });
    const granted = JSON.parse((await refresh(first)).text) as {
      access_token: string;
      refresh_token: string;
    };
    clock += 30 * 60_000;
    const inGrace = await refresh(first);
    clock += 1;
    const afterGrace = await refresh(first);

    expect(granted.refresh_token).not.toBe(first);
    expect(inGrace.status).toBe(200);
    expect([afterGrace.status, afterGrace.text]).toEqual([400, '{"error":"invalid_grant"}']);
    expect((await refresh(granted.refresh_token)).status).toBe(200);
  });

  it("names its tenant among the connections", async () => {
    const { text } = await raw("GET", "/connections");
    expect(JSON.parse(text)).toMatchObject([{ tenantId: TENANT, tenantType: "ORGANISATION" }]);
  });

  it("answers XML to a caller that does not ask for JSON", async () => {
    const { status, text } = await raw("GET", "/api.xro/2.0/Organisation", undefined, {
      accept: "*/*",
    });
    expect(status).toBe(200);
    expect(text.startsWith("<Response>")).toBe(true);
  });
});

describe("wrong addresses, verbs and bodies", () => {
  it("answers 404 in plain text for a record that does not exist", async () => {
    const refusal = await refusalOf(api.getInvoice(TENANT, ZERO_GUID));
    expect(refusal.statusCode).toBe(404);
    expect(refusal.body).toBe("The resource you're looking for cannot be found");
  });

  it("answers 501 for a verb the address has not", async () => {
    expect((await raw("PATCH", "/api.xro/2.0/Contacts")).status).toBe(501);
    expect((await raw("DELETE", `/api.xro/2.0/Contacts/${ZERO_GUID}`)).status).toBe(501);
    expect((await raw("GET", "/api.xro/2.0/Nothing")).status).toBe(404);
  });

  it.each(["{", "[]", '{"Contacts":[1]}', '{"Contacts":[{"Name":{}}]}'])(
    "answers PostDataInvalidException to the body %s",
    async (body) => {
      const { status, text } = await raw("PUT", "/api.xro/2.0/Contacts", body);
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({ Type: "PostDataInvalidException" });
    },
  );

  it("keeps nothing when a later element is malformed", async () => {
    await raw("PUT", "/api.xro/2.0/Contacts?summarizeErrors=false", {
      Contacts: [{ Name: "Acme" }, { Name: {} }],
    });
    expect(sim.records("contacts")).toEqual([]);
  });

  it("outlives a path that cannot be decoded and a caller that hangs up", async () => {
    await raw("GET", "/api.xro/2.0/Contacts/%zz");
    const socket = connect(Number(new URL(sim.url).port), "127.0.0.1");
    await new Promise<void>((resolve) => {
      socket.write(
        "POST /api.xro/2.0/Contacts HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{",
        () => resolve(),
      );
    });
    socket.destroy();
    expect((await raw("GET", "/api.xro/2.0/Organisation")).status).toBe(200);
  });
});

describe("quotas", () => {
  it("counts down on every answer and refuses the call past the minute's quota", async () => {
    const small = await start({ limits: { perMinute: 2 } });
    const get = (): ReturnType<typeof raw> =>
      raw("GET", "/api.xro/2.0/Organisation", undefined, {}, small);
    const first = await get();
    await get();
    const third = await get();
    clock += Number(third.headers.get("retry-after")) * 1000;
    const later = await get();
    await small.close();

    expect(first.headers.get("x-minlimit-remaining")).toBe("1");
    expect(first.headers.get("x-daylimit-remaining")).toBe("4999");
    expect(first.headers.get("x-appminlimit-remaining")).toBe("9999");
    expect(third.status).toBe(429);
    expect(third.text).toBe("");
    expect(third.headers.get("x-rate-limit-problem")).toBe("minute");
    expect(Number(third.headers.get("retry-after"))).toBeLessThanOrEqual(60);
    expect(later.status).toBe(200);
  });

  it("reaches the SDK as a rejection with its Retry-After", async () => {
    const small = await start({ limits: { perMinute: 0 } });
    const refusal = await refusalOf(sdkFor(small).getContacts(TENANT));
    await small.close();

    expect(refusal.statusCode).toBe(429);
    expect(Number(refusal.headers["retry-after"])).toBeGreaterThan(0);
  });

  it("says when the day's quota is spent", async () => {
    const small = await start({ limits: { perDay: 1 } });
    await raw("GET", "/api.xro/2.0/Organisation", undefined, {}, small);
    const second = await raw("GET", "/api.xro/2.0/Organisation", undefined, {}, small);
    await small.close();

    expect(second.status).toBe(429);
    expect(second.headers.get("x-rate-limit-problem")).toBe("day");
    expect(Number(second.headers.get("retry-after"))).toBeGreaterThan(0);
  });

  it("answers a planned rate limit as a spent minute, without spending or doing anything", async () => {
    sim.planFault({ route: "PUT /api.xro/2.0/Contacts", fault: "rate-limit", times: 1 });
    const refusal = await refusalOf(api.createContacts(TENANT, { contacts: [{ name: "Acme" }] }));

    expect(refusal.statusCode).toBe(429);
    expect(refusal.headers).toMatchObject({
      "x-rate-limit-problem": "minute",
      "x-minlimit-remaining": "0",
      "x-daylimit-remaining": "10000",
    });
    expect(sim.records("contacts")).toEqual([]);
  });

  it("refuses the sixth call at once", async () => {
    const head = `GET /api.xro/2.0/Organisation HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${sim.token}\r\nxero-tenant-id: ${TENANT}\r\naccept: application/json\r\ncontent-length: 2\r\n\r\n{`;
    const port = Number(new URL(sim.url).port);
    const held = await Promise.all(
      Array.from({ length: 5 }, async () => {
        const socket = connect(port, "127.0.0.1");
        await new Promise<void>((resolve) => {
          socket.write(head, () => resolve());
        });
        return socket;
      }),
    );

    await expect
      .poll(async () => {
        const sixth = await raw("GET", "/api.xro/2.0/Organisation");
        return [sixth.status, sixth.headers.get("x-rate-limit-problem")];
      })
      .toEqual([429, "concurrent"]);
    for (const socket of held) socket.end("}");
    await expect.poll(async () => (await raw("GET", "/api.xro/2.0/Organisation")).status).toBe(200);
  });
});

describe("idempotency keys", () => {
  const contacts = { contacts: [{ name: "Acme" }] };
  const create = (key: string): ReturnType<AccountingApi["createContacts"]> =>
    api.createContacts(TENANT, contacts, true, key);

  it("gives the first answer again for six minutes and does nothing", async () => {
    const first = await create("k1");
    clock += 6 * 60_000 - 1;
    const replay = await create("k1");

    expect(replay.body.contacts).toEqual(first.body.contacts);
    expect(sim.records("contacts")).toHaveLength(1);
  });

  it("forgets a key after six minutes", async () => {
    await create("k1");
    clock += 6 * 60_000;
    expect((await refusalOf(create("k1"))).messages).toEqual([DUPLICATE_ACME]);
  });

  it("gives refusals again too", async () => {
    await makeContact({ name: "Acme" });
    const first = await refusalOf(create("k1"));
    const id = sim.records("contacts")[0]?.ContactID ?? "";
    await api.updateContact(TENANT, id, {
      contacts: [{ contactStatus: Contact.ContactStatusEnum.ARCHIVED }],
    });
    expect((await refusalOf(create("k1"))).messages).toEqual(first.messages);
  });

  it("refuses a key that came with another request, and one that is too long", async () => {
    await create("k1");
    const other = await refusalOf(
      api.createContacts(TENANT, { contacts: [{ name: "Beta" }] }, true, "k1"),
    );

    expect(other.messages).toEqual(["Idempotency Key k1 is used with a different request."]);
    expect((await refusalOf(create("k".repeat(129)))).statusCode).toBe(400);
  });

  it("gives the answer of a call whose connection broke after it took effect", async () => {
    sim.planFault({ route: "PUT /api.xro/2.0/Contacts", fault: "drop-after", times: 1 });
    await expect(create("k1")).rejects.toBeDefined();

    const replay = await create("k1");

    expect(only(replay.body.contacts).contactID).toBe(sim.records("contacts")[0]?.ContactID);
    expect(sim.records("contacts")).toHaveLength(1);
  });
});

describe("webhooks", () => {
  interface Delivery {
    readonly body: string;
    readonly signature: string | undefined;
  }
  interface Sent {
    readonly events: readonly {
      readonly eventCategory: string;
      readonly eventType: string;
      readonly resourceId: string;
      readonly resourceUrl: string;
      readonly tenantId: string;
    }[];
    readonly firstEventSequence: number;
    readonly lastEventSequence: number;
  }

  let receiver: Server;
  let deliveries: Delivery[];
  let acceptsAll: boolean;

  const signed = (body: string): string =>
    createHmac("sha256", "webhook-key").update(body).digest("base64");

  beforeEach(async () => {
    deliveries = [];
    acceptsAll = false;
    receiver = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body = Buffer.concat(chunks).toString("utf8");
      const signature = request.headers["x-xero-signature"];
      deliveries.push({ body, signature: Array.isArray(signature) ? undefined : signature });
      response.writeHead(acceptsAll || signature === signed(body) ? 200 : 401).end();
    });
    await new Promise<void>((resolve) => {
      receiver.listen(0, "127.0.0.1", () => resolve());
    });
    sim.setWebhookTarget(`http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`);
  });

  afterEach(async () => {
    receiver.closeAllConnections();
    await new Promise((resolve) => receiver.close(resolve));
  });

  async function settled(): Promise<readonly Sent[]> {
    await sim.webhooksSettled();
    return deliveries.map((delivery) => JSON.parse(delivery.body) as Sent);
  }

  it("signs the raw body and groups the events of one call", async () => {
    await api.createContacts(TENANT, { contacts: [{ name: "Acme" }, { name: "Beta" }] }, true);

    const sent = only(await settled());

    expect(only(deliveries).signature).toBe(signed(only(deliveries).body));
    expect(sent.events.map((event) => [event.eventCategory, event.eventType])).toEqual([
      ["CONTACT", "CREATE"],
      ["CONTACT", "CREATE"],
    ]);
    expect([sent.firstEventSequence, sent.lastEventSequence]).toEqual([1, 2]);
    expect(sent.events[0]).toMatchObject({
      tenantId: TENANT,
      resourceId: sim.records("contacts")[0]?.ContactID,
    });
  });

  it("puts at most a hundred events into a request and numbers them on", async () => {
    const contacts = Array.from({ length: 130 }, (_, index) => ({ name: `Contact ${index}` }));
    await api.createContacts(TENANT, { contacts }, true);

    const sent = await settled();

    expect(sent.map((each) => each.events.length)).toEqual([100, 30]);
    expect(sent.map((each) => each.firstEventSequence)).toEqual([1, 101]);
  });

  it("announces a payment as an update of its invoice", async () => {
    const made = await makeInvoice();
    await settled();
    deliveries = [];
    await pay(made, 15);

    const sent = only(await settled());

    expect(only(sent.events)).toMatchObject({
      eventCategory: "INVOICE",
      eventType: "UPDATE",
      resourceId: made.invoiceID,
      resourceUrl: `${sim.url}/api.xro/2.0/Invoices/${made.invoiceID}`,
    });
  });

  it("announces nothing for refused calls", async () => {
    await refusalOf(api.createContacts(TENANT, { contacts: [{ name: "" }] }, true));
    expect(await settled()).toEqual([]);
  });

  it("is content with a receiver that checks signatures, and only with one", async () => {
    expect(await sim.sendIntentToReceive()).toBe(true);
    acceptsAll = true;
    expect(await sim.sendIntentToReceive()).toBe(false);
  });
});

describe("the page", () => {
  it("shows what the books hold and escapes it", async () => {
    await makeContact({ name: "<script>alert(1)</script> & Co" });

    const { text } = await raw("GET", "/?tab=contacts&q=script");

    expect(text).toContain("&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co");
    expect(text).not.toContain("<script>");
  });

  it("makes and edits contacts as a bookkeeper does", async () => {
    await acted("/ui/contacts", { Name: "Acme", EmailAddress: "a@acme.example", City: "Nelson" });
    const made = only(sim.records("contacts"));
    await acted(`/ui/contacts/${made.ContactID}`, {
      Name: "Acme Ltd",
      PhoneNumber: "555",
      TermDay: "30",
      TermType: "DAYSAFTERBILLDATE",
    });

    expect(only(sim.records("contacts"))).toMatchObject({
      Name: "Acme Ltd",
      EmailAddress: "a@acme.example",
      Addresses: { STREET: { City: "Nelson" } },
      Phones: { DEFAULT: { PhoneNumber: "555" } },
      PaymentTerms: { Sales: { Day: 30, Type: "DAYSAFTERBILLDATE" } },
    });
  });

  it("approves, pays in part, unpays and voids an invoice", async () => {
    const made = await makeInvoice({ status: Invoice.StatusEnum.DRAFT });
    const path = `/ui/invoices/${idOf(made)}`;
    await acted(path, { Status: "AUTHORISED" });
    await acted(`${path}/pay`, { Amount: "15.00", Date: "2026-10-02", Code: "090" });
    const partPaid = only(sim.records("invoices"));
    await acted(`/ui/payments/${only(sim.records("payments")).PaymentID}`, { Status: "DELETED" });
    await acted(path, { Status: "VOIDED" });

    expect(partPaid).toMatchObject({
      Status: "AUTHORISED",
      AmountPaid: "15.00",
      AmountDue: "100.00",
    });
    expect(only(sim.records("invoices")).Status).toBe("VOIDED");
  });

  it("tells why something was refused and changes nothing", async () => {
    const made = await makeInvoice();
    const answer = await acted(`/ui/invoices/${idOf(made)}/pay`, { Amount: "500", Code: "090" });

    expect(answer.status).toBe(303);
    expect(answer.headers.get("location")).toContain("exceeds+the+amount+outstanding");
    expect(sim.records("payments")).toEqual([]);
  });

  it("merges contacts: the loser points to the winner and its invoices move", async () => {
    const loser = await makeContact({ name: "Acme Limited" });
    const winner = await makeContact({ name: "Acme" });
    const loserId = loser.contactID ?? "";
    const invoice = await makeInvoice({ contact: { contactID: loserId } });

    await acted(`/ui/contacts/${loserId}/merge`, { into: "Acme" });

    const merged = only((await api.getContact(TENANT, loserId)).body.contacts);
    expect(merged).toMatchObject({
      contactStatus: "ARCHIVED",
      mergedToContactID: winner.contactID,
    });
    expect((await readInvoice(invoice)).contact?.contactID).toBe(winner.contactID);
  });

  it("hands out all records with exact numbers", async () => {
    await makeInvoice();
    const { text } = await raw("GET", "/__sim/records/invoices");
    expect(text).toContain('"Total":115.00,');
    expect((await raw("GET", "/__sim/records/constructor")).status).toBe(404);
  });
});

describe("state between runs", () => {
  it("keeps records, ids, sequences and tokens", async () => {
    const folder = await mkdtemp(join(tmpdir(), "xero-simulator-"));
    try {
      const statePath = join(folder, "state.json");
      const first = await start({ statePath });
      const firstApi = sdkFor(first);
      const made = await firstApi.createContacts(
        TENANT,
        { contacts: [{ name: "Acme" }] },
        true,
        "k1",
      );
      const refreshToken = first.issueRefreshToken();
      await first.close();

      const second = await start({ statePath });
      const replay = await sdkFor(second).createContacts(
        TENANT,
        { contacts: [{ name: "Acme" }] },
        true,
        "k1",
      );
      const next = await sdkFor(second).createContacts(
        TENANT,
        { contacts: [{ name: "Beta" }] },
        true,
      );
      const names = second.records("contacts").map((contact) => contact.Name);
      const otherToken = second.issueRefreshToken();
      await second.close();

      expect(replay.body.contacts).toEqual(made.body.contacts);
      expect(names).toEqual(["Acme", "Beta"]);
      expect(only(next.body.contacts).contactID).not.toBe(only(made.body.contacts).contactID);
      expect(otherToken).not.toBe(refreshToken);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
