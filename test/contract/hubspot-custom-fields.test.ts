/** Custom fields in HubSpot, over real HTTP: read and written as properties that a person made. */
import { Client } from "@hubspot/api-client";
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from "@hubspot/api-client/lib/codegen/crm/properties/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type HubspotSimulator,
  startHubspotSimulator,
} from "#infra/local/simulators/hubspot/index.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { hubspotSettings } from "#shared/contracts/connections.ts";
import { type CustomField, placesIn } from "#shared/domain/custom-field.ts";
import { oneWayIn, oneWayOut } from "#shared/domain/lens.ts";
import { date, decimal, text, wholeNumber, yesNo } from "#shared/domain/lenses.ts";
import { newest, systemOfRecord } from "#shared/domain/policies.ts";
import type { Fields } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { customFieldsOfTests } from "#test/support/custom-fields.ts";

const TOKEN = "pat-custom-fields";
const SECRET = "webhook-secret";
const NOW_MS = Date.parse("2026-11-22T10:00:00Z");
const signal = new AbortController().signal;

let simulator: HubspotSimulator;
let person: Client;

beforeEach(async () => {
  simulator = await startHubspotSimulator({
    token: TOKEN,
    webhookSecret: SECRET,
    now: () => NOW_MS,
    schedule: () => undefined,
    currency: "EUR",
  });
  person = new Client({ accessToken: TOKEN, basePath: simulator.url });
});

afterEach(() => simulator.close());

function connect(fields: readonly CustomField[] = customFieldsOfTests): Connector {
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: simulator.url,
    token: TOKEN,
    webhookSecret: SECRET,
  });
  const places = placesIn("crm", fields);
  return createHubspotConnector(settings, {
    transport: createTransport(),
    now: () => NOW_MS,
    places,
  });
}

const kinds = {
  string: { type: PropertyCreateTypeEnum.String, fieldType: PropertyCreateFieldTypeEnum.Text },
  number: { type: PropertyCreateTypeEnum.Number, fieldType: PropertyCreateFieldTypeEnum.Number },
  date: { type: PropertyCreateTypeEnum.Date, fieldType: PropertyCreateFieldTypeEnum.Date },
  tick: {
    type: PropertyCreateTypeEnum.Bool,
    fieldType: PropertyCreateFieldTypeEnum.Booleancheckbox,
  },
} as const;

async function makeProperty(
  type: "companies" | "products" | "deals",
  name: string,
  kind: keyof typeof kinds = "string",
): Promise<void> {
  const singular = { companies: "company", products: "product", deals: "deal" }[type];
  await person.crm.properties.coreApi.create(type, {
    ...kinds[kind],
    name,
    label: name,
    groupName: `${singular}information`,
  });
}

async function makeProperties(): Promise<void> {
  await makeProperty("companies", "account_manager");
  await makeProperty("companies", "tier");
  await makeProperty("products", "purchase_text");
  await makeProperty("deals", "delivery_note");
}

function aCreate(canonicalId: string, fields: Fields): RemoteWrite {
  return { canonicalId, idempotencyKey: canonicalId, fields, record: fields };
}

function anUpdate(externalId: string, fields: Fields): RemoteWrite {
  return { ...aCreate("of-it", fields), externalId };
}

function written([result]: readonly WriteResult[]) {
  if (result?.kind === "written") return result;
  throw new Error(JSON.stringify(result));
}

async function readOne(
  connector: Connector,
  recordType: "customer" | "product" | "order",
  id: string,
): Promise<Fields> {
  const { records, unreadable } = await connector.readByIds(recordType, [id], signal);
  const [record] = records;
  if (record === undefined) throw new Error(JSON.stringify(unreadable));
  return record.fields;
}

describe("a property that the table names", () => {
  it("is never made: preparing says which one is missing, and what to do", async () => {
    const connector = connect();
    await makeProperty("companies", "tier");

    await expect(connector.prepare(signal)).rejects.toMatchObject({
      failure: {
        kind: "rejected",
        code: "custom-property-missing",
        field: "account_manager",
        fix: "Make a property of companies with the internal name account_manager in HubSpot, or mend the row of customer.accountManager in shared/flows/custom-fields.ts.",
      },
    });
    const { results } = await person.crm.properties.coreApi.getAll("companies");
    expect(results.map(({ name }) => name)).not.toContain("account_manager");
  });

  it("that is missing stops reads and writes of its type with that code, until it is there", async () => {
    const connector = connect();

    const write = () => connector.write("customer", [aCreate("customer-1", { name: "A" })], signal);

    expect(await write()).toMatchObject([{ failure: { code: "custom-property-missing" } }]);
    await expect(connector.readChanges("customer", { signal })).rejects.toMatchObject({
      failure: { code: "custom-property-missing" },
    });
    await makeProperties();
    expect(await write()).toMatchObject([{ kind: "written" }]);
  });

  it("must be one that can be written, where it is to be written", async () => {
    const placed = (lens: CustomField["places"][string]["lens"]): CustomField => ({
      recordType: "customer",
      field: "dealCount",
      holds: { kind: "whole-number" },
      policy: systemOfRecord("books"),
      places: { crm: { at: "num_associated_deals", lens } },
    });

    await expect(connect([placed(wholeNumber)]).prepare(signal)).rejects.toMatchObject({
      failure: { kind: "rejected", code: "custom-property-read-only" },
    });
    await connect([placed(oneWayIn(wholeNumber))]).prepare(signal);
  });
});

describe("custom fields", () => {
  beforeEach(makeProperties);

  it("of a customer are written and read back; absent leaves them, null clears them", async () => {
    const connector = connect();
    const fields = { name: "Harbour", accountManager: "Ann Lee", tier: "gold" };

    const made = written(
      await connector.write("customer", [aCreate("customer-1", fields)], signal),
    );
    const id = made.externalId;

    expect(made.observed).toEqual(fields);
    expect(simulator.records("companies")[0]?.properties).toMatchObject({
      account_manager: "Ann Lee",
      tier: "tier_1",
    });
    await connector.write("customer", [anUpdate(id, { name: "Harbour Two" })], signal);
    expect(await readOne(connector, "customer", id)).toMatchObject({
      name: "Harbour Two",
      accountManager: "Ann Lee",
      tier: "gold",
    });
    await connector.write("customer", [anUpdate(id, { accountManager: null })], signal);
    expect(await readOne(connector, "customer", id)).toMatchObject({
      accountManager: null,
      tier: "gold",
    });
  });

  it("come with pages of changes", async () => {
    const connector = connect();
    const created = await person.crm.companies.basicApi.create({
      properties: { name: "Harbour", account_manager: " Ann ", tier: "tier_2" },
      associations: [],
    });

    const { records } = await connector.readChanges("customer", { signal });

    expect(records).toMatchObject([
      { externalId: created.id, fields: { accountManager: "Ann", tier: "silver" } },
    ]);
  });

  it("with a value outside the table park the record, and never read as blank", async () => {
    const connector = connect();
    const created = await person.crm.companies.basicApi.create({
      properties: { name: "Harbour", tier: "tier_9" },
      associations: [],
    });

    const read = await connector.readByIds("customer", [created.id], signal);

    expect(read.records).toEqual([]);
    expect(read.unreadable).toMatchObject([
      {
        externalId: created.id,
        failure: { kind: "invalid-input", code: "choice-unknown", field: "tier" },
      },
    ]);
  });

  it("with a value that cannot be said refuse that write alone", async () => {
    const connector = connect();
    const writes = [
      aCreate("customer-1", { name: "A", tier: "bronze" }),
      aCreate("customer-2", { name: "B", accountManager: "x".repeat(65_537) }),
      aCreate("customer-3", { name: "C", tier: "gold" }),
    ];

    const results = await connector.write("customer", writes, signal);

    expect(results).toMatchObject([
      { failure: { kind: "rejected", code: "choice-unknown", field: "tier" } },
      { failure: { kind: "rejected", code: "field-too-long", field: "accountManager" } },
      { kind: "written" },
    ]);
  });

  it("of products and orders are written and read back as well", async () => {
    const connector = connect();
    const product = { code: "W-1", name: "Widget", purchaseText: "Widget, box of 10" };
    const order = {
      number: "SO-1",
      status: "open",
      currency: "EUR",
      deliveryNote: "https://notes.example/1",
    };

    const madeProduct = written(
      await connector.write("product", [aCreate("product-1", product)], signal),
    );
    const madeOrder = written(await connector.write("order", [aCreate("order-1", order)], signal));

    expect(madeProduct.observed).toEqual(product);
    expect(madeOrder.observed).toMatchObject({ deliveryNote: "https://notes.example/1" });
    expect(await readOne(connector, "product", madeProduct.externalId)).toMatchObject(product);
    expect(await readOne(connector, "order", madeOrder.externalId)).toMatchObject(order);
    await connector.write(
      "order",
      [anUpdate(madeOrder.externalId, { deliveryNote: null })],
      signal,
    );
    expect(await readOne(connector, "order", madeOrder.externalId)).toMatchObject({
      deliveryNote: null,
    });
  });

  it("that only go out are not read", async () => {
    const [manager, ...others] = customFieldsOfTests;
    if (manager === undefined) throw new Error("no declaration");
    const places = { crm: { at: "account_manager", lens: oneWayOut(text) } };
    const policy = systemOfRecord("books");
    const connector = connect([{ ...manager, policy, places }, ...others]);

    const made = written(
      await connector.write(
        "customer",
        [aCreate("customer-1", { name: "A", accountManager: "Ann" })],
        signal,
      ),
    );

    expect(simulator.records("companies")[0]?.properties["account_manager"]).toBe("Ann");
    expect(made.observed).toEqual({ name: "A" });
    expect(await readOne(connector, "customer", made.externalId)).not.toHaveProperty(
      "accountManager",
    );
  });

  it("of every kind survive the property type that HubSpot has for them", async () => {
    const row = (field: string, holds: CustomField["holds"], lens: typeof text): CustomField => ({
      recordType: "customer",
      field,
      holds,
      policy: newest,
      places: { crm: { at: field.toLowerCase(), lens } },
    });
    await makeProperty("companies", "limit", "number");
    await makeProperty("companies", "seats", "number");
    await makeProperty("companies", "since", "date");
    await makeProperty("companies", "isvip", "tick");
    const yes = yesNo({ yes: "true", no: "false" });
    const connector = connect([
      row("limit", { kind: "decimal" }, decimal),
      row("seats", { kind: "whole-number" }, wholeNumber),
      row("since", { kind: "date" }, date),
      row("isVip", { kind: "one-of", values: ["yes", "no"] }, yes),
    ]);
    const fields = { limit: "1250.5", seats: 0, since: "2026-02-28", isVip: "no" };

    const made = written(
      await connector.write("customer", [aCreate("customer-1", { name: "A", ...fields })], signal),
    );

    expect(await readOne(connector, "customer", made.externalId)).toMatchObject(fields);
    const cleared = { limit: null, seats: null, since: null, isVip: null };
    await connector.write("customer", [anUpdate(made.externalId, cleared)], signal);
    expect(await readOne(connector, "customer", made.externalId)).toMatchObject(cleared);
  });
});
