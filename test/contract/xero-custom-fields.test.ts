/** Custom fields in Xero, over real HTTP: in the plain text fields that its API lets us write. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { type CustomField, placesIn } from "#shared/domain/custom-field.ts";
import { text } from "#shared/domain/lenses.ts";
import { money } from "#shared/domain/money.ts";
import { newest } from "#shared/domain/policies.ts";
import type { Fields } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { customFieldsOfTests } from "#test/support/custom-fields.ts";

const { signal } = new AbortController();
const token = "a-token-for-tests";
const tenantId = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";

let simulator: XeroSimulator;
let connector: Connector;
let count = 0;

beforeAll(async () => {
  simulator = await startXeroSimulator({
    token,
    tenantId,
    webhookKey: "webhook-key",
    clientId: "client-1",
    clientSecret: "secret-of-client-1",
    limits: { perMinute: 1_000 },
  });
  connector = connect(customFieldsOfTests);
});

afterAll(() => simulator.close());

beforeEach(() => {
  simulator.resetCalls();
  count += 1;
});

function connect(fields: readonly CustomField[]): Connector {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: simulator.url,
    identityUrl: simulator.url,
    tenantId,
    auth: { kind: "token", token },
    webhookKey: "webhook-key",
  });
  const places = placesIn("books", fields);
  return createXeroConnector(settings, { transport: createTransport(), now: Date.now, places });
}

function aCreate(fields: Fields): RemoteWrite {
  const canonicalId = `customer-${String(count).padStart(24, "0")}`;
  return { canonicalId, idempotencyKey: canonicalId, fields, record: fields };
}

function anUpdate(externalId: string, fields: Fields, record: Fields = fields): RemoteWrite {
  return { ...aCreate(fields), externalId, record };
}

function written([result]: readonly WriteResult[]) {
  if (result?.kind === "written") return result;
  throw new Error(JSON.stringify(result));
}

async function readOne(
  recordType: "customer" | "product" | "invoice",
  id: string,
  from = connector,
) {
  const { records, unreadable } = await from.readByIds(recordType, [id], signal);
  const record = records.find(({ externalId }) => externalId === id);
  if (record === undefined) throw new Error(JSON.stringify(unreadable));
  return record.fields;
}

async function makeCustomer(fields: Fields = {}): Promise<string> {
  const all = { name: `Harbour ${count}`, ...fields };
  return written(await connector.write("customer", [aCreate(all)], signal)).externalId;
}

describe("a customer's custom fields", () => {
  it("are written with the rest of the contact, and read back by id and by page", async () => {
    const fields = { accountManager: "Ann Lee", tier: "gold" };

    const id = await makeCustomer(fields);

    const contact = simulator.records("contacts").find(({ ContactID }) => ContactID === id);
    expect(contact).toMatchObject({ AccountNumber: "Ann Lee", CompanyNumber: "GOLD" });
    expect(await readOne("customer", id)).toMatchObject(fields);
    const page = await connector.readChanges("customer", { signal });
    expect(page.records.find(({ externalId }) => externalId === id)?.fields).toMatchObject(fields);
  });

  it("are left as they are by a write that does not owe them, and blanked by null", async () => {
    const id = await makeCustomer({ accountManager: "Ann Lee", tier: "gold" });

    await connector.write("customer", [anUpdate(id, { taxNumber: "GB1" })], signal);
    expect(await readOne("customer", id)).toMatchObject({
      accountManager: "Ann Lee",
      tier: "gold",
    });

    await connector.write("customer", [anUpdate(id, { accountManager: null })], signal);
    expect(await readOne("customer", id)).toMatchObject({ accountManager: null, tier: "gold" });
  });

  it("are written alone where nothing else is owed, and touch nothing else", async () => {
    const id = await makeCustomer({ taxNumber: "GB1" });

    const result = written(
      await connector.write("customer", [anUpdate(id, { tier: "silver" })], signal),
    );

    expect(result.observed).toMatchObject({ tier: "silver" });
    expect(await readOne("customer", id)).toMatchObject({
      name: `Harbour ${count}`,
      taxNumber: "GB1",
      tier: "silver",
    });
  });

  it("say nothing where an answer leaves them out, and blank where a whole record does", async () => {
    const id = await makeCustomer();

    const result = written(
      await connector.write("customer", [anUpdate(id, { taxNumber: "GB2" })], signal),
    );

    expect(result.observed).not.toHaveProperty("accountManager");
    expect(await readOne("customer", id)).toMatchObject({ accountManager: null, tier: null });
  });

  it("that Xero cannot hold are refused before any call", async () => {
    const id = await makeCustomer();
    simulator.resetCalls();

    const results = await connector.write(
      "customer",
      [anUpdate(id, { accountManager: "x".repeat(51) }), anUpdate(id, { tier: "bronze" })],
      signal,
    );

    expect(results).toMatchObject([
      { failure: { kind: "rejected", code: "field-too-long", field: "accountManager" } },
      { failure: { kind: "rejected", code: "choice-unknown", field: "tier" } },
    ]);
    expect(simulator.calls()).toEqual({});
  });

  it("with a value outside the table park the contact", async () => {
    const loose: CustomField = {
      recordType: "customer",
      field: "anything",
      holds: { kind: "text" },
      policy: newest,
      places: { books: { at: "CompanyNumber", lens: text } },
    };
    const fields = { name: `Loose ${count}`, anything: "BRONZE" };
    const { externalId } = written(
      await connect([loose]).write("customer", [aCreate(fields)], signal),
    );

    const read = await connector.readByIds("customer", [externalId], signal);

    expect(read.unreadable).toMatchObject([
      { externalId, failure: { kind: "invalid-input", code: "choice-unknown", field: "tier" } },
    ]);
  });

  it("do not go along where a contact is archived", async () => {
    const id = await makeCustomer({ accountManager: "Ann" });

    const write = { ...anUpdate(id, { accountManager: "Bob" }), life: "archived" as const };
    written(await connector.write("customer", [write], signal));

    const contact = simulator.records("contacts").find(({ ContactID }) => ContactID === id);
    expect(contact).toMatchObject({ ContactStatus: "ARCHIVED", AccountNumber: "Ann" });
  });
});

describe("a product's custom field", () => {
  it("is written with the item's code, and not read where it only goes out", async () => {
    const fields = { code: `W-${count}`, name: "Widget", purchaseText: "Widget, box of 10" };
    const { externalId } = written(await connector.write("product", [aCreate(fields)], signal));

    const change = anUpdate(externalId, { purchaseText: "Widget, box of 12" }, fields);
    written(await connector.write("product", [change], signal));

    const item = simulator.records("items").find(({ ItemID }) => ItemID === externalId);
    expect(item).toMatchObject({ Code: `W-${count}`, PurchaseDescription: "Widget, box of 12" });
    expect(await readOne("product", externalId)).not.toHaveProperty("purchaseText");
  });
});

describe("an invoice's custom field", () => {
  it("is written on the draft, and changed while nothing else is owed", async () => {
    const customer = await makeCustomer();
    const fields: Fields = {
      reference: `SO-${count}`,
      customer: { connection: "books", recordType: "customer", externalId: customer },
      issuedOn: "2026-11-22",
      dueOn: "2026-12-22",
      currency: "USD",
      deliveryNote: "https://notes.example/1",
      lines: [
        {
          product: null,
          productCode: null,
          description: "Widget",
          quantity: "4",
          unitPrice: "25.00",
          discountRate: "0",
          amount: money(10_000n, "USD"),
        },
      ],
    };
    const { externalId } = written(await connector.write("invoice", [aCreate(fields)], signal));
    const urlOf = () =>
      simulator.records("invoices").find(({ InvoiceID }) => InvoiceID === externalId)?.Url;
    expect(urlOf()).toBe("https://notes.example/1");

    const change = anUpdate(externalId, { deliveryNote: "https://notes.example/2" }, fields);
    written(await connector.write("invoice", [change], signal));

    expect(urlOf()).toBe("https://notes.example/2");
    expect((await readOne("invoice", externalId))["lines"]).toHaveLength(1);
  });
});
