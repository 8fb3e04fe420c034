/** Works in the simulated Xero as a bookkeeper does, through its API. */
import * as z from "zod";
import type { XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { callOk, only } from "./local-calls.ts";

/** A bank account of the simulated organisation. */
const BANK_ACCOUNT_CODE = "090";

const contacts = z.looseObject({ Contacts: z.array(z.looseObject({ ContactID: z.string() })) });
const invoices = z.looseObject({ Invoices: z.array(z.looseObject({ InvoiceID: z.string() })) });

export interface NewInvoice {
  readonly contactId: string;
  readonly reference: string;
  readonly issuedOn: string;
  readonly dueOn: string;
  readonly lines: readonly {
    readonly description: string;
    readonly quantity: string;
    readonly unitAmount: string;
  }[];
}

export class Books {
  readonly #simulator: XeroSimulator;

  constructor(simulator: XeroSimulator) {
    this.#simulator = simulator;
  }

  async createContact(contact: Readonly<Record<string, unknown>>): Promise<string> {
    // By POST, so that faults planned for our own creates, which are PUTs, leave this one alone.
    const body = await this.#call("POST", "/Contacts", { Contacts: [contact] });
    return only(contacts.parse(body).Contacts).ContactID;
  }

  async updateContact(id: string, change: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call("POST", `/Contacts/${id}`, { Contacts: [{ ContactID: id, ...change }] });
  }

  /** A draft without tax. */
  async createInvoice(invoice: NewInvoice): Promise<string> {
    const body = await this.#call("PUT", "/Invoices", {
      Invoices: [
        {
          Type: "ACCREC",
          Status: "DRAFT",
          LineAmountTypes: "NoTax",
          Contact: { ContactID: invoice.contactId },
          Reference: invoice.reference,
          Date: invoice.issuedOn,
          DueDate: invoice.dueOn,
          LineItems: invoice.lines.map((line) => ({
            Description: line.description,
            Quantity: line.quantity,
            UnitAmount: line.unitAmount,
            AccountCode: "200",
          })),
        },
      ],
    });
    return only(invoices.parse(body).Invoices).InvoiceID;
  }

  async approve(invoiceId: string): Promise<void> {
    const change = { InvoiceID: invoiceId, Status: "AUTHORISED" };
    await this.#call("POST", `/Invoices/${invoiceId}`, { Invoices: [change] });
  }

  async pay(invoiceId: string, amount: string, paidOn: string): Promise<void> {
    const payment = {
      Invoice: { InvoiceID: invoiceId },
      Account: { Code: BANK_ACCOUNT_CODE },
      Date: paidOn,
      Amount: amount,
    };
    await this.#call("PUT", "/Payments", { Payments: [payment] });
  }

  /** Active contacts of that name. */
  contactsNamed(name: string) {
    return this.#simulator
      .records("contacts")
      .filter((contact) => contact.Name === name && contact.ContactStatus === "ACTIVE");
  }

  invoicesOf(contactId: string) {
    return this.#simulator.records("invoices").filter((one) => one.ContactID === contactId);
  }

  invoice(invoiceId: string) {
    return only(this.#simulator.records("invoices").filter((one) => one.InvoiceID === invoiceId));
  }

  #call(method: string, path: string, body: unknown): Promise<unknown> {
    const { url, token, tenantId } = this.#simulator;
    const headers = { authorization: `Bearer ${token}`, "xero-tenant-id": tenantId };
    return callOk({ method, url: `${url}/api.xro/2.0${path}`, headers, body });
  }
}
