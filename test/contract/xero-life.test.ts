/**
 * The whole life of a record in Xero: as the official SDK sees it in the simulated organisation, and as
 * the connector tells and writes it.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AccountingApi, Contact, Invoice } from "xero-node";
import * as z from "zod";
import { directFetch } from "#infra/local/simulators/direct-fetch.ts";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createXeroSimulator, type InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import type { XeroUser } from "#infra/local/simulators/xero/user.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const START_MS = Date.UTC(2026, 10, 22, 10, 0, 0);
const HOOK = "https://tieout.example/webhooks/books";
const CONTACTS = "/api.xro/2.0/Contacts";
const { signal } = new AbortController();

const options = {
  token: "fixed-token",
  tenantId: TENANT,
  webhookKey: "webhook-key",
  clientId: "client-1",
  clientSecret: "secret-of-client-1",
  now: () => clockMs,
  limits: { perMinute: 1_000, perDay: 10_000 },
};

let clockMs = START_MS;

beforeEach(() => {
  clockMs = START_MS;
});

/** A draft of one line; answers its id. */
function aDraft(user: XeroUser, contactId: string, reference = "D-1"): string {
  return user.createInvoice({
    Type: "ACCREC",
    Contact: { ContactID: contactId },
    Reference: reference,
    Date: "2026-11-20",
    DueDate: "2026-12-20",
    LineAmountTypes: "NoTax",
    LineItems: [{ Description: "Work", Quantity: "1", UnitAmount: "10", AccountCode: "200" }],
  });
}

const payment = { Account: { Code: "090" }, Amount: "4.00", Date: "2026-11-22" };

describe("an organisation, as the SDK sees it", () => {
  let simulator: XeroSimulator;
  let api: AccountingApi;

  beforeEach(async () => {
    simulator = await startXeroSimulator(options);
    api = new AccountingApi(`${simulator.url}/api.xro/2.0`);
    api.accessToken = simulator.token;
  });

  afterEach(() => simulator.close());

  async function contact(id: string): Promise<Contact | undefined> {
    return (await api.getContact(TENANT, id)).body.contacts?.[0];
  }

  async function invoice(id: string): Promise<Invoice | undefined> {
    return (await api.getInvoice(TENANT, id)).body.invoices?.[0];
  }

  it("archives a contact and brings it back, each at a time of its own", async () => {
    const id = simulator.user.createContact({ Name: "Acme" });
    clockMs += 1_000;
    await api.updateContact(TENANT, id, {
      contacts: [{ contactStatus: Contact.ContactStatusEnum.ARCHIVED }],
    });
    expect(await contact(id)).toMatchObject({
      contactStatus: "ARCHIVED",
      updatedDateUTC: new Date(START_MS + 1_000),
    });

    clockMs += 1_000;
    await api.updateContact(TENANT, id, {
      contacts: [{ contactStatus: Contact.ContactStatusEnum.ACTIVE }],
    });
    expect(await contact(id)).toMatchObject({
      contactStatus: "ACTIVE",
      name: "Acme",
      updatedDateUTC: new Date(START_MS + 2_000),
    });
  });

  it("brings no contact back whose name was taken, nor one that was merged", async () => {
    const { user } = simulator;
    const former = user.createContact({ Name: "Acme" });
    user.archiveContact(former);
    const next = user.createContact({ Name: "ACME" });
    expect(() => user.restoreContact(former)).toThrow("already assigned to another contact");

    const loser = user.createContact({ Name: "Acme Limited" });
    user.mergeContacts(loser, next);
    expect(() => user.restoreContact(loser)).toThrow("was merged and cannot be restored");
    expect(() => user.mergeContacts(next, loser)).toThrow("not active");
    expect(() => user.mergeContacts(former, next)).toThrow("no such active contact");
  });

  it("merges as the web application does: documents move, both contacts change, the loser points on", async () => {
    const { user } = simulator;
    const [winner, loser] = ["Acme", "Acme Limited"].map((Name) => user.createContact({ Name }));
    const draft = aDraft(user, loser ?? "");
    clockMs += 1_000;

    user.mergeContacts(loser ?? "", winner ?? "");

    const merged = { updatedDateUTC: new Date(START_MS + 1_000) };
    expect(await contact(loser ?? "")).toMatchObject({
      ...merged,
      contactStatus: "ARCHIVED",
      mergedToContactID: winner,
    });
    expect(await contact(winner ?? "")).toMatchObject({ ...merged, contactStatus: "ACTIVE" });
    expect((await invoice(draft))?.contact?.contactID).toBe(winner);
    // Only a page or a single read shows the pointer.
    const list = await api.getContacts(
      TENANT,
      undefined,
      undefined,
      undefined,
      undefined,
      undefined,
      true,
    );
    const listed = list.body.contacts?.find(({ contactID }) => contactID === loser);
    expect(listed).toMatchObject({ contactStatus: "ARCHIVED" });
    expect(listed?.mergedToContactID).toBeUndefined();
  });

  it("keeps what was approved from being deleted, and what is locked from being voided or unpaid", async () => {
    const { user } = simulator;
    const customer = user.createContact({ Name: "Acme" });
    const draft = aDraft(user, customer, "D-1");
    const approved = aDraft(user, customer, "D-2");
    user.approveInvoice(approved);
    const paymentId = user.pay(approved, payment);

    expect(() => user.deleteInvoice(approved)).toThrow("payments or credit notes allocated");
    user.setLockDates({ periodLockDate: "2026-11-30", endOfYearLockDate: "" });
    expect(() => user.deletePayment(paymentId)).toThrow("period lock date");
    user.setLockDates({ periodLockDate: "", endOfYearLockDate: "" });
    user.deletePayment(paymentId);
    expect(() => user.deleteInvoice(approved)).toThrow("not of valid status");
    user.setLockDates({ periodLockDate: "2026-11-30", endOfYearLockDate: "" });
    expect(() => user.voidInvoice(approved)).toThrow("period lock date");
    user.deleteInvoice(draft);

    expect((await invoice(draft))?.status).toBe(Invoice.StatusEnum.DELETED);
    expect((await invoice(approved))?.status).toBe(Invoice.StatusEnum.AUTHORISED);
  });
});

describe("webhooks of a life", () => {
  let simulator: InProcessXero;

  beforeEach(() => {
    simulator = createXeroSimulator(options);
  });

  const delivery = z.object({
    events: z.array(
      z.object({ eventCategory: z.string(), eventType: z.string(), resourceId: z.string() }),
    ),
  });

  function eventsOfNow(): string[] {
    return simulator
      .takeWebhooks(HOOK)
      .flatMap(({ body }) =>
        delivery
          .parse(JSON.parse(body))
          .events.map((one) => `${one.eventCategory} ${one.eventType} ${one.resourceId}`),
      );
  }

  it("are updates of the contact, of the documents that moved, and of the invoice that is paid", () => {
    const { user } = simulator;
    const [winner = "", loser = ""] = ["Acme", "Other"].map((Name) => user.createContact({ Name }));
    const draft = aDraft(user, loser);
    eventsOfNow();

    user.archiveContact(winner);
    user.restoreContact(winner);
    expect(eventsOfNow()).toEqual(Array(2).fill(`CONTACT UPDATE ${winner}`));

    user.mergeContacts(loser, winner);
    expect(eventsOfNow()).toEqual([
      `INVOICE UPDATE ${draft}`,
      `CONTACT UPDATE ${loser}`,
      `CONTACT UPDATE ${winner}`,
    ]);

    user.approveInvoice(draft);
    const paymentId = user.pay(draft, payment);
    user.deletePayment(paymentId);
    user.voidInvoice(draft);
    expect(eventsOfNow()).toEqual(Array(4).fill(`INVOICE UPDATE ${draft}`));
  });
});

describe("the connector", () => {
  let simulator: InProcessXero;
  let connector: Connector;
  let count = 0;

  beforeEach(() => {
    simulator = createXeroSimulator(options);
    connector = connect({ kind: "token", token: options.token });
  });

  function connect(auth: object): Connector {
    const settings = xeroSettings.parse({
      id: "books",
      system: "xero",
      tenantId: TENANT,
      webhookKey: options.webhookKey,
      auth,
    });
    const transport = createTransport(directFetch(simulator.dispatch));
    return createXeroConnector(settings, { transport, now: () => clockMs });
  }

  function create(fields: Fields): RemoteWrite {
    count += 1;
    const id = `canonical-${count}`;
    return { canonicalId: id, idempotencyKey: id, fields, record: fields };
  }

  function ending(externalId: string, life: "archived" | "live"): RemoteWrite {
    return { ...create({}), externalId, life };
  }

  function deletion(externalId: string): RemoteWrite {
    return { ...create({ status: "deleted" }), externalId };
  }

  function outcomeOf(result: WriteResult | undefined): string | undefined {
    return result?.kind === "failed" ? result.failure.code : result?.kind;
  }

  async function outcomesOf(recordType: "customer" | "invoice", writes: readonly RemoteWrite[]) {
    return (await connector.write(recordType, writes, signal)).map(outcomeOf);
  }

  async function read(recordType: "customer" | "invoice", ids: readonly string[]) {
    const { records, missing } = await connector.readByIds(recordType, ids, signal);
    expect(missing).toEqual([]);
    expect(new Set(records.map(({ externalId }) => externalId)).size).toBe(records.length);
    return new Map(records.map((record) => [record.externalId, record]));
  }

  function told(record: ObservedRecord | undefined): string | undefined {
    return record?.mergedInto === undefined ? record?.life : `merged into ${record.mergedInto}`;
  }

  it("leads from a merged contact to the last of its winners, and names there whom it took in", async () => {
    const { user } = simulator;
    const [a = "", b = "", c = ""] = ["A", "B", "C"].map((Name) => user.createContact({ Name }));
    user.mergeContacts(a, b);
    clockMs += 1_000;
    user.mergeContacts(b, c);
    simulator.resetCalls();

    const records = await read("customer", [a]);

    expect([...records.keys()].sort()).toEqual([a, b, c].sort());
    expect([a, b, c].map((id) => told(records.get(id)))).toEqual([
      `merged into ${c}`,
      `merged into ${c}`,
      "live",
    ]);
    expect(records.get(c)?.mergedFrom).toEqual([a, b]);
    expect(simulator.calls()).toEqual({ [`GET ${CONTACTS}`]: 3 });
    simulator.resetCalls();
    expect((await read("customer", [a, b, c])).size).toBe(3);
    expect(simulator.calls()).toEqual({ [`GET ${CONTACTS}`]: 1 });
  });

  it("tells merged from archived in a page of changes, and in a full read", async () => {
    const { user } = simulator;
    const [winner = "", loser = "", gone = ""] = ["A", "B", "C"].map((Name) =>
      user.createContact({ Name }),
    );
    clockMs += 10_000;
    user.mergeContacts(loser, winner);
    user.archiveContact(gone);

    for (const since of [START_MS + 5_000, undefined]) {
      const page = await connector.readChanges("customer", { since, signal });
      const lives = new Map(page.records.map((record) => [record.externalId, told(record)]));
      expect(lives).toEqual(
        new Map([
          [winner, "live"],
          [loser, `merged into ${winner}`],
          [gone, "archived"],
        ]),
      );
    }
  });

  it("archives contacts and brings them back, beside changes of others, in one call", async () => {
    const { user } = simulator;
    const [a = "", b = "", c = ""] = ["A", "B", "C"].map((Name) =>
      user.createContact({ Name, TaxNumber: "1" }),
    );
    user.archiveContact(b);
    clockMs += 1_000;
    simulator.resetCalls();

    const results = await connector.write(
      "customer",
      [
        // Nothing of its fields is sent along.
        { ...ending(a, "archived"), fields: { name: "Other" }, record: { name: "Other" } },
        ending(b, "live"),
        { ...create({ taxNumber: "2" }), externalId: c },
      ],
      signal,
    );

    const version = START_MS + 1_000;
    expect(results).toMatchObject(
      [a, b, c].map((externalId) => ({ kind: "written", externalId, version })),
    );
    expect(simulator.calls()).toEqual({ [`POST ${CONTACTS}`]: 1 });
    expect(simulator.records("contacts")).toMatchObject([
      { Name: "A", TaxNumber: "1", ContactStatus: "ARCHIVED" },
      { Name: "B", ContactStatus: "ACTIVE" },
      { Name: "C", TaxNumber: "2", ContactStatus: "ACTIVE" },
    ]);
  });

  it("counts an end that has come already as done, however often it is written", async () => {
    const { user } = simulator;
    const [a = "", b = "", c = ""] = ["A", "B", "C"].map((Name) => user.createContact({ Name }));
    simulator.planFault({ route: `POST ${CONTACTS}`, fault: "drop-after", times: 1 });
    const lost = await connector.write("customer", [ending(a, "archived")], signal);
    expect(lost).toMatchObject([{ kind: "failed", failure: { kind: "uncertain" } }]);
    user.mergeContacts(b, c);

    const again = [ending(a, "archived"), ending(b, "archived"), ending(c, "live")];
    // A merge is another end than an archival, by another hand: it is to be looked at first.
    expect(await outcomesOf("customer", again)).toEqual(["written", "record-merged", "written"]);
    expect(await outcomesOf("customer", [ending(b, "live")])).toEqual(["record-merged"]);
  });

  it("tries an end again where it cannot see whether it has come", async () => {
    const id = simulator.user.createContact({ Name: "A" });
    simulator.user.archiveContact(id);
    simulator.planFault({ route: `GET ${CONTACTS}`, fault: "status", status: 503, times: 1 });

    const [result] = await connector.write("customer", [ending(id, "archived")], signal);

    expect(result).toMatchObject({
      kind: "failed",
      failure: { kind: "retryable", code: "remote-unavailable" },
    });
  });

  it("withdraws drafts, submitted ones too, once and again", async () => {
    const { user } = simulator;
    const customer = user.createContact({ Name: "A" });
    const [draft = "", submitted = ""] = ["D-1", "D-2"].map((one) => aDraft(user, customer, one));
    user.editInvoice(submitted, { Status: "SUBMITTED" });
    const writes = [deletion(draft), deletion(submitted)];

    const results = await connector.write("invoice", writes, signal);

    expect(results).toMatchObject([
      { kind: "written", observed: { status: "deleted" } },
      { kind: "written", observed: { status: "deleted" } },
    ]);
    expect(simulator.records("invoices").map(({ Status }) => Status)).toEqual([
      "DELETED",
      "DELETED",
    ]);
    expect(await outcomesOf("invoice", writes)).toEqual(["written", "written"]);
    const records = await read("invoice", [draft]);
    expect(records.get(draft)).toMatchObject({ life: "live", fields: { status: "deleted" } });
  });

  it("withdraws nothing that was approved or paid, and gives no other status", async () => {
    const { user } = simulator;
    const customer = user.createContact({ Name: "A" });
    const [approved = "", paid = "", draft = ""] = ["D-1", "D-2", "D-3"].map((one) =>
      aDraft(user, customer, one),
    );
    for (const id of [approved, paid]) user.approveInvoice(id);
    user.pay(paid, payment);
    const approval = { ...create({ status: "issued" }), externalId: draft };

    expect(await outcomesOf("invoice", [deletion(approved), deletion(paid), approval])).toEqual([
      "document-not-editable",
      "document-paid",
      "status-not-writable",
    ]);
    expect(simulator.records("invoices").map(({ Status }) => Status)).toEqual([
      "AUTHORISED",
      "AUTHORISED",
      "DRAFT",
    ]);
  });

  it("keeps void and deleted as states of a record that lives on", async () => {
    const { user } = simulator;
    const customer = user.createContact({ Name: "A" });
    const [voided = "", deleted = ""] = ["D-1", "D-2"].map((one) => aDraft(user, customer, one));
    user.approveInvoice(voided);
    user.voidInvoice(voided);
    user.deleteInvoice(deleted);

    const records = await read("invoice", [voided, deleted]);

    expect(records.get(voided)).toMatchObject({ life: "live", fields: { status: "void" } });
    expect(records.get(deleted)).toMatchObject({ life: "live", fields: { status: "deleted" } });
  });

  it("says what to do where an invoice is for an archived contact, or for a merged one", async () => {
    const { user } = simulator;
    const [archived = "", loser = "", winner = ""] = ["A", "B", "C"].map((Name) =>
      user.createContact({ Name }),
    );
    user.archiveContact(archived);
    user.mergeContacts(loser, winner);
    const line = {
      product: null,
      productCode: null,
      description: "Work",
      quantity: "1",
      unitPrice: "10",
      discountRate: "0",
      amount: money(1_000n, "USD"),
    };
    const writes = [archived, loser].map((externalId) =>
      create({
        reference: "D-1",
        customer: { connection: "books", recordType: "customer", externalId },
        currency: "USD",
        lines: [line],
      }),
    );

    const results = await connector.write("invoice", writes, signal);

    expect(results).toHaveLength(2);
    for (const result of results) {
      expect(result).toMatchObject({
        kind: "failed",
        failure: { kind: "rejected", code: "contact-archived", fix: expect.any(String) },
      });
    }
  });

  it("finds no uncertain create in what was archived, merged, deleted or voided since", async () => {
    const { user } = simulator;
    const writes = ["A", "B", "C"].map((name) => create({ name }));
    const made = await connector.write("customer", writes, signal);
    const [archived = "", loser = "", winner = ""] = made.map((result) =>
      result.kind === "written" ? result.externalId : "",
    );
    const customer = { connection: "books", recordType: "customer" as const, externalId: winner };
    const [deleted = "", voided = ""] = ["D-1", "D-2"].map((one) => aDraft(user, winner, one));
    const invoices = ["D-1", "D-2"].map((reference) => create({ reference, customer }));
    const lookUp = async (recordType: "customer" | "invoice", all: readonly RemoteWrite[]) => {
      const requests = all.map((write) => ({ write, attemptedAtMs: clockMs }));
      return (await connector.lookUp(recordType, requests, signal)).map(({ kind }) => kind);
    };
    expect(await lookUp("customer", writes)).toEqual(["found", "found", "found"]);
    expect(await lookUp("invoice", invoices)).toEqual(["found", "found"]);

    user.archiveContact(archived);
    user.mergeContacts(loser, winner);
    user.deleteInvoice(deleted);
    user.approveInvoice(voided);
    user.voidInvoice(voided);

    expect(await lookUp("customer", writes)).toEqual(["not-found", "not-found", "found"]);
    expect(await lookUp("invoice", invoices)).toEqual(["not-found", "not-found"]);
  });

  it("fetches a new token where the former one has ended, and goes on", async () => {
    const { clientId, clientSecret } = options;
    const custom = connect({ kind: "client-credentials", clientId, clientSecret });
    const id = simulator.user.createContact({ Name: "A" });
    await custom.readByIds("customer", [id], signal);

    simulator.troubles.expireTokens();
    const { records } = await custom.readByIds("customer", [id], signal);

    expect(records).toHaveLength(1);
    expect(simulator.calls()["POST /connect/token"]).toBe(2);
    await expect(connector.readByIds("customer", [id], signal)).rejects.toMatchObject({
      failure: { kind: "reauthorise", code: "token-refused" },
    });
  });
});
