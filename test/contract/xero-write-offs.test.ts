/** Payments to accounts of losses: the Xero connector against the simulator over HTTP. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { parseMoney } from "#shared/domain/money.ts";
import type { Connector } from "#shared/ports/connector.ts";

const { signal } = new AbortController();
const usd = (text: string) => parseMoney(text, "USD");
const [tenantId, token] = ["fe79f7dd-b6d4-4a92-ba7b-538af6289c58", "a-token-for-tests"];

let simulator: XeroSimulator;
let contactId: string;

beforeAll(async () => {
  const limits = { perMinute: 1_000 };
  const webhookKey = "webhook-key";
  simulator = await startXeroSimulator({
    token,
    tenantId,
    webhookKey,
    baseCurrency: "USD",
    limits,
  });
  contactId = simulator.user.createContact({ Name: "Acme" });
});
beforeEach(() => simulator.resetCalls());
afterAll(() => simulator.close());

function connectorOf(...writeOffAccounts: readonly string[]): Connector {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: simulator.url,
    identityUrl: simulator.url,
    tenantId,
    auth: { kind: "token", token },
    webhookKey: "webhook-key",
    writeOffAccounts,
  });
  return createXeroConnector(settings, { transport: createTransport(), now: Date.now });
}

function anInvoice(UnitAmount: string): string {
  return simulator.user.createInvoice({
    Type: "ACCREC",
    Status: "AUTHORISED",
    Contact: { ContactID: contactId },
    Date: "2026-11-01",
    DueDate: "2026-12-01",
    LineAmountTypes: "NoTax",
    LineItems: [{ Description: "Work", Quantity: "1", UnitAmount, AccountCode: "200" }],
  });
}

/** The invoice as it is read by id, and the kinds of the payments that come along. */
async function readInvoice(from: Connector, id: string) {
  const { records } = await from.readByIds("invoice", [id], signal);
  const invoice = records.find(({ recordType }) => recordType === "invoice")?.fields;
  const payments = records.filter(({ recordType }) => recordType === "payment");
  return { invoice, kinds: payments.map(({ fields }) => fields["kind"]).sort() };
}

function callsMade(): number {
  return Object.values(simulator.calls()).reduce((sum, count) => sum + count, 0);
}

describe("a payment to an account of losses", () => {
  it("is a write-off wherever it is shown: alone, in lists, and on its invoice", async () => {
    const books = connectorOf("999", "410");
    const since = Date.now() - 60_000;
    const invoiceId = anInvoice("100.00");
    const account = { Account: { Code: "090" }, Date: "2026-11-10" };
    const paidId = simulator.user.pay(invoiceId, { ...account, Amount: "70" });
    const lossId = simulator.user.writeOff(invoiceId, { Date: "2026-11-18" });
    const shown = {
      status: "paid",
      amountPaid: usd("100.00"),
      amountDue: usd("0.00"),
      allocations: [
        { kind: "payment", source: paidId, amount: usd("70.00") },
        { kind: "write-off", source: lossId, amount: usd("30.00") },
      ],
    };

    const { invoice, kinds } = await readInvoice(books, invoiceId);
    expect(kinds).toEqual(["receipt", "write-off"]);
    expect(invoice).toMatchObject(shown);
    const listed = await connectorOf("410").readChanges("invoice", { since, signal });
    expect(listed.records.find(({ externalId }) => externalId === invoiceId)).toMatchObject({
      fields: shown,
    });
    const payments = await books.readChanges("payment", { since, signal });
    expect(payments.records.find(({ externalId }) => externalId === lossId)).toMatchObject({
      fields: { kind: "write-off", amount: usd("30.00"), invoice: { externalId: invoiceId } },
    });
    const { records } = await books.readByIds("payment", [lossId, paidId], signal);
    expect(records.map(({ fields }) => fields["kind"])).toEqual(["write-off", "receipt"]);
  });

  it("is known of invoices that are written off after others were read", async () => {
    const books = connectorOf("410");
    const [first, second] = [anInvoice("10.00"), anInvoice("20.00")];
    simulator.user.writeOff(first, { Date: "2026-11-18" });
    expect((await readInvoice(books, first)).kinds).toEqual(["write-off"]);

    simulator.user.writeOff(second, { Date: "2026-11-18" });

    expect((await readInvoice(books, second)).kinds).toEqual(["write-off"]);
  });

  it("that is one of more than a page is known", async () => {
    const ids = Array.from({ length: 205 }, () => anInvoice("1.00"));
    for (const id of ids) simulator.user.writeOff(id, { Date: "2026-11-18" });

    expect((await readInvoice(connectorOf("410"), ids[0] ?? "")).kinds).toEqual(["write-off"]);
  });

  it("that is reversed leaves its invoice open", async () => {
    const books = connectorOf("410");
    const invoiceId = anInvoice("100.00");
    simulator.user.deletePayment(simulator.user.writeOff(invoiceId, { Date: "2026-11-18" }));

    const { invoice } = await readInvoice(books, invoiceId);

    expect(invoice).toMatchObject({ amountDue: usd("100.00"), allocations: [] });
  });

  it("reads as a receipt where the settings name no such account, and costs no call", async () => {
    const invoiceId = anInvoice("100.00");
    simulator.user.writeOff(invoiceId, { Date: "2026-11-18" });

    expect((await readInvoice(connectorOf(), invoiceId)).kinds).toEqual(["receipt"]);
    expect(callsMade()).toBe(1);
  });

  it("costs no call while no invoice shows a payment", async () => {
    expect((await readInvoice(connectorOf("410"), anInvoice("100.00"))).kinds).toEqual([]);
    expect(callsMade()).toBe(1);
  });
});
