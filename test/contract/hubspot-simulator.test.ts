/** The simulated HubSpot as HubSpot's official SDK sees it. */
import { createHmac } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@hubspot/api-client";
import { FilterOperatorEnum } from "@hubspot/api-client/lib/codegen/crm/companies/index.js";
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from "@hubspot/api-client/lib/codegen/crm/properties/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import {
  type HubspotSimulator,
  type HubspotSimulatorOptions,
  startHubspotSimulator,
} from "#infra/local/simulators/hubspot/index.ts";

const TOKEN = "pat-contract";
const SECRET = "webhook-secret";
const START_MS = Date.parse("2026-11-22T10:00:00Z");
const LAG_MS = 2_000;
/** Each module of the SDK has an enum of its own for this one word, so no enum member fits them all. */
const HUBSPOT_DEFINED = "HUBSPOT_DEFINED" as never;

const eventSchema = z.looseObject({
  subscriptionType: z.string(),
  eventId: z.number(),
  objectId: z.number().optional(),
  propertyName: z.string().optional(),
  propertyValue: z.string().optional(),
  changeSource: z.string(),
  sourceId: z.string(),
});
type WebhookEvent = z.infer<typeof eventSchema>;

const failureSchema = z.object({
  code: z.number(),
  body: z.looseObject({ message: z.string(), category: z.string().optional() }),
  headers: z.record(z.string(), z.string()),
});

let clockMs = START_MS;
let simulator: HubspotSimulator;
let hubspot: Client;
const closers: (() => Promise<void> | void)[] = [];

async function start(options: Partial<HubspotSimulatorOptions> = {}): Promise<HubspotSimulator> {
  const started = await startHubspotSimulator({
    token: TOKEN,
    webhookSecret: SECRET,
    now: () => clockMs,
    schedule: () => undefined,
    searchLagMs: LAG_MS,
    ...options,
  });
  closers.push(() => started.close());
  return started;
}

function connect(to: HubspotSimulator, accessToken = TOKEN): Client {
  const limiterOptions = { minTime: 0, maxConcurrent: 50 };
  return new Client({ accessToken, basePath: to.url, limiterOptions });
}

/** What the SDK throws, as HubSpot's status, body and headers. */
async function failureOf(call: Promise<unknown>): Promise<z.infer<typeof failureSchema>> {
  const outcome = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return failureSchema.parse(outcome);
}

async function createCompany(properties: Record<string, string>): Promise<string> {
  const created = await hubspot.crm.companies.basicApi.create({ properties });
  return created.id;
}

async function createProperty(type: string, name: string, hasUniqueValue: boolean): Promise<void> {
  await hubspot.crm.properties.coreApi.create(type, {
    name,
    label: name,
    type: PropertyCreateTypeEnum.String,
    fieldType: PropertyCreateFieldTypeEnum.Text,
    groupName: `${type === "companies" ? "company" : "deal"}information`,
    hasUniqueValue,
  });
}

beforeEach(async () => {
  clockMs = START_MS;
  simulator = await start();
  hubspot = connect(simulator);
});

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

describe("single records", () => {
  it("creates a company with the first id and HubSpot's own properties", async () => {
    const created = await hubspot.crm.companies.basicApi.create({
      properties: { name: "Northwind", city: "Lyon" },
    });

    expect(created.id).toBe("101");
    expect(created.archived).toBe(false);
    expect(created.createdAt).toEqual(new Date(START_MS));
    expect(created.properties).toMatchObject({
      name: "Northwind",
      city: "Lyon",
      hs_object_id: "101",
      hs_object_source: "INTEGRATION",
      hs_lastmodifieddate: "2026-11-22T10:00:00.000Z",
    });
  });

  it("trims text, and lower-cases e-mail and domain", async () => {
    const company = await hubspot.crm.companies.basicApi.create({
      properties: { name: "  Northwind ", domain: "https://www.Northwind.Example/about?x=1" },
    });
    const contact = await hubspot.crm.contacts.basicApi.create({
      properties: { email: " Ann@Northwind.EXAMPLE ", firstname: "Ann" },
    });

    expect(company.properties).toMatchObject({ name: "Northwind", domain: "northwind.example" });
    expect(contact.properties["email"]).toBe("ann@northwind.example");
  });

  it("answers the default properties, or those asked for with null where empty", async () => {
    const id = await createCompany({ name: "Northwind" });

    const byDefault = await hubspot.crm.companies.basicApi.getById(id);
    const asked = await hubspot.crm.companies.basicApi.getById(id, ["phone", "no_such_property"]);

    expect(Object.keys(byDefault.properties).sort()).toEqual([
      "createdate",
      "domain",
      "hs_lastmodifieddate",
      "hs_object_id",
      "name",
    ]);
    expect(asked.properties).toEqual({
      createdate: "2026-11-22T10:00:00.000Z",
      hs_lastmodifieddate: "2026-11-22T10:00:00.000Z",
      hs_object_id: "101",
      phone: null,
    });
  });

  it("updates what is sent, clears with an empty string and moves the modified date", async () => {
    const id = await createCompany({ name: "Northwind", city: "Lyon" });
    clockMs += 5_000;

    const updated = await hubspot.crm.companies.basicApi.update(id, {
      properties: { city: "", phone: "+33 1" },
    });
    const read = await hubspot.crm.companies.basicApi.getById(id, ["name", "city", "phone"]);

    expect(updated.updatedAt).toEqual(new Date(START_MS + 5_000));
    expect(read.properties).toMatchObject({ name: "Northwind", city: null, phone: "+33 1" });
  });

  it("leaves the modified date where a write changes nothing", async () => {
    const id = await createCompany({ name: "Northwind" });
    clockMs += 5_000;

    const updated = await hubspot.crm.companies.basicApi.update(id, {
      properties: { name: " Northwind " },
    });

    expect(updated.updatedAt).toEqual(new Date(START_MS));
  });

  it("uses lastmodifieddate for contacts", async () => {
    const { id } = await hubspot.crm.contacts.basicApi.create({ properties: { firstname: "Ann" } });

    const read = await hubspot.crm.contacts.basicApi.getById(id);

    expect(read.properties["lastmodifieddate"]).toBe("2026-11-22T10:00:00.000Z");
    expect(read.properties["hs_lastmodifieddate"]).toBeUndefined();
  });

  it("archives with 204, twice too, and then shows the record only as archived", async () => {
    const id = await createCompany({ name: "Northwind" });

    await hubspot.crm.companies.basicApi.archive(id);
    await hubspot.crm.companies.basicApi.archive(id);

    const { code } = await failureOf(hubspot.crm.companies.basicApi.getById(id));
    const list = await hubspot.crm.companies.basicApi.getPage(
      10,
      undefined,
      ["name"],
      undefined,
      undefined,
      true,
    );
    expect(code).toBe(404);
    expect(list.results.map((company) => company.id)).toEqual([id]);
    expect(list.results[0]?.archivedAt).toEqual(new Date(START_MS));
  });

  it("never steps a lifecycle stage back, unless it was cleared first", async () => {
    const id = await createCompany({ name: "Northwind", lifecyclestage: "customer" });
    const setStage = async (lifecyclestage: string) => {
      await hubspot.crm.companies.basicApi.update(id, { properties: { lifecyclestage } });
      return simulator.records("companies")[0]?.properties["lifecyclestage"];
    };

    expect(await setStage("lead")).toBe("customer");
    expect(await setStage("")).toBeUndefined();
    expect(await setStage("lead")).toBe("lead");
  });

  it("accepts object type ids in place of names", async () => {
    const created = await hubspot.crm.objects.basicApi.create("0-7", {
      properties: { name: "Widget", hs_sku: "W-1", price: "1.10" },
    });

    const read = await hubspot.crm.products.basicApi.getById(created.id, ["price"]);

    expect(read.properties["price"]).toBe("1.10");
  });

  it("finds a record by a unique property, and refuses any other as idProperty", async () => {
    await createProperty("companies", "books_key", true);
    const id = await createCompany({ name: "Northwind", books_key: "k 1" });
    const get = (key: string, idProperty: string) =>
      hubspot.crm.companies.basicApi.getById(
        key,
        undefined,
        undefined,
        undefined,
        false,
        idProperty,
      );

    const found = await get("k 1", "books_key");
    const { code } = await failureOf(get("Northwind", "name"));

    expect(found.id).toBe(id);
    expect(code).toBe(400);
  });

  it("shows a property's history, newest first", async () => {
    const id = await createCompany({ name: "Northwind" });
    clockMs += 1_000;
    await hubspot.crm.companies.basicApi.update(id, { properties: { name: "Southwind" } });

    const read = await hubspot.crm.companies.basicApi.getById(id, undefined, ["name"]);

    expect(
      read.propertiesWithHistory?.["name"]?.map(({ value, sourceType }) => [value, sourceType]),
    ).toEqual([
      ["Southwind", "INTEGRATION"],
      ["Northwind", "INTEGRATION"],
    ]);
  });
});

describe("calculated properties", () => {
  it.each([
    ["price by quantity", { price: "19.99", quantity: "3" }, "59.97"],
    ["a percentage off", { price: "19.99", quantity: "3", hs_discount_percentage: "10" }, "53.97"],
    ["half a cent up", { price: "0.335", quantity: "3" }, "1.01"],
    ["a unit discount", { price: "10", quantity: "2.5", discount: "0.50" }, "23.75"],
    ["large amounts", { price: "90071992547409.93", quantity: "100" }, "9007199254740993.00"],
  ])("keeps a line item's amount exact: %s", async (_name, properties, amount) => {
    const created = await hubspot.crm.lineItems.basicApi.create({ properties });

    expect(created.properties["amount"]).toBe(amount);
  });

  it("recalculates the amount on update, and refuses to have it written", async () => {
    const { id } = await hubspot.crm.lineItems.basicApi.create({
      properties: { name: "Hours", price: "80", quantity: "2" },
    });
    await hubspot.crm.lineItems.basicApi.update(id, { properties: { quantity: "3" } });

    const read = await hubspot.crm.lineItems.basicApi.getById(id, ["amount"]);
    const { code, body } = await failureOf(
      hubspot.crm.lineItems.basicApi.update(id, { properties: { amount: "1" } }),
    );

    expect(read.properties["amount"]).toBe("240.00");
    expect(code).toBe(400);
    expect(body.message).toContain("READ_ONLY_VALUE");
  });

  it("fills a line item from its product", async () => {
    const product = await hubspot.crm.products.basicApi.create({
      properties: { name: "Widget", hs_sku: "W-1", price: "12.50" },
    });

    const lineItem = await hubspot.crm.lineItems.basicApi.create({
      properties: { hs_product_id: product.id, quantity: "2", price: "10" },
    });

    expect(lineItem.properties).toMatchObject({
      name: "Widget",
      hs_sku: "W-1",
      price: "10",
      amount: "20.00",
    });
  });

  it("tells won from lost and open deals, and sets the close date", async () => {
    const { id } = await hubspot.crm.deals.basicApi.create({
      properties: { dealname: "Big one", dealstage: "contractsent" },
    });
    const state = ["hs_is_closed", "hs_is_closed_won", "closedate", "pipeline"];
    const open = await hubspot.crm.deals.basicApi.getById(id, state);
    clockMs += 60_000;
    await hubspot.crm.deals.basicApi.update(id, { properties: { dealstage: "closedwon" } });
    const won = await hubspot.crm.deals.basicApi.getById(id, state);

    expect(open.properties).toMatchObject({
      hs_is_closed: "false",
      hs_is_closed_won: "false",
      closedate: null,
      pipeline: "default",
    });
    expect(won.properties).toMatchObject({
      hs_is_closed: "true",
      hs_is_closed_won: "true",
      closedate: "2026-11-22T10:01:00.000Z",
    });
  });
});

describe("refusals", () => {
  it("answers 401 to a wrong token", async () => {
    const stranger = connect(simulator, "wrong");

    const { code, body } = await failureOf(stranger.crm.companies.basicApi.getPage());

    expect(code).toBe(401);
    expect(body.category).toBe("INVALID_AUTHENTICATION");
    expect(body.message).toContain("Authentication credentials not found");
  });

  it("answers 404 to an unknown id and to an unknown path", async () => {
    const unknownId = await failureOf(hubspot.crm.companies.basicApi.getById("999"));
    const unknownPath = await hubspot.apiRequest({ method: "GET", path: "/crm/v3/nothing" });

    expect(unknownId.code).toBe(404);
    expect(unknownId.body.message).toBe("resource not found");
    expect(unknownPath.status).toBe(404);
    expect(unknownPath.headers.get("content-type")).toContain("application/json");
  });

  it("answers 400 to an unknown object type", async () => {
    const { code, body } = await failureOf(hubspot.crm.objects.basicApi.getPage("butterflies"));

    expect(code).toBe(400);
    expect(body.message).toBe("Unable to infer object type from: butterflies");
  });

  it("names every property that does not exist", async () => {
    const { code, body } = await failureOf(
      hubspot.crm.companies.basicApi.create({ properties: { name: "N", foo: "1", bar: "2" } }),
    );

    expect(code).toBe(400);
    expect(body.category).toBe("VALIDATION_ERROR");
    expect(body["errors"]).toEqual([
      {
        message: 'Property "foo" does not exist',
        code: "PROPERTY_DOESNT_EXIST",
        context: { propertyName: ["foo"] },
      },
      {
        message: 'Property "bar" does not exist',
        code: "PROPERTY_DOESNT_EXIST",
        context: { propertyName: ["bar"] },
      },
    ]);
    expect(simulator.records("companies")).toEqual([]);
  });

  it.each([
    ["companies", { name: "N", numberofemployees: "many" }, "INVALID_INTEGER"],
    ["companies", { name: "N", numberofemployees: " 5" }, "LEADING_TRAILING_WHITESPACE"],
    ["companies", { name: "N", industry: "Banking" }, "INVALID_OPTION"],
    ["companies", { name: "N", is_public: "perhaps" }, "INVALID_OPTION"],
    ["companies", { name: "N", hs_object_id: "7" }, "READ_ONLY_VALUE"],
    ["contacts", { email: "not an address" }, "INVALID_EMAIL"],
    ["deals", { dealname: "D", dealstage: "Closed Won" }, "INVALID_OPTION"],
    ["deals", { dealname: "D", dealstage: "closedwon", closedate: "soon" }, "INVALID_LONG"],
    [
      "deals",
      { dealname: "D", dealstage: "closedwon", deal_currency_code: "EUR" },
      "INVALID_OPTION",
    ],
    [
      "deals",
      { dealname: "D", dealstage: "closedwon", hs_is_closed_won: "true" },
      "READ_ONLY_VALUE",
    ],
  ])("refuses a bad value of %s: %o", async (type, properties, code) => {
    const failure = await failureOf(hubspot.crm.objects.basicApi.create(type, { properties }));

    expect(failure.code).toBe(400);
    expect(failure.body.message).toContain(`"error":"${code}"`);
  });

  it.each([
    ["companies", { city: "Lyon" }],
    ["deals", { dealname: "No stage" }],
    ["products", { price: "1" }],
  ])("refuses a new record of %s without what is required", async (type, properties) => {
    const { code, body } = await failureOf(
      hubspot.crm.objects.basicApi.create(type, { properties }),
    );

    expect(code).toBe(400);
    expect(body.message).toContain("Some required properties were not set");
  });

  it("answers 409 to a second contact with an e-mail, until the first is archived", async () => {
    const first = await hubspot.crm.contacts.basicApi.create({
      properties: { email: "a@b.example" },
    });
    const create = () =>
      hubspot.crm.contacts.basicApi.create({ properties: { email: "A@B.example" } });

    const { code, body } = await failureOf(create());
    await hubspot.crm.contacts.basicApi.archive(first.id);
    const second = await create();

    expect(code).toBe(409);
    expect(body.category).toBe("CONFLICT");
    expect(body.message).toBe(`Contact already exists. Existing ID: ${first.id}`);
    expect(second.id).not.toBe(first.id);
  });

  it("answers 400 to a second product with a SKU", async () => {
    const first = await hubspot.crm.products.basicApi.create({
      properties: { name: "Widget", hs_sku: "W-1" },
    });

    const { code, body } = await failureOf(
      hubspot.crm.products.basicApi.create({ properties: { name: "Gadget", hs_sku: "W-1" } }),
    );

    expect(code).toBe(400);
    expect(body.message).toMatch(
      /^Cannot set PropertyValueCoordinates\{.*propertyName=hs_sku, value=W-1\}/,
    );
    expect(body.message).toMatch(new RegExp(`${first.id} already has that value\\.$`));
  });

  it("answers 400 to an update that takes another record's unique value", async () => {
    await createProperty("companies", "books_key", true);
    await createCompany({ name: "First", books_key: "k1" });
    const id = await createCompany({ name: "Second" });

    const { code, body } = await failureOf(
      hubspot.crm.companies.basicApi.update(id, { properties: { books_key: "k1" } }),
    );

    expect(code).toBe(400);
    expect(body["errors"]).toMatchObject([{ code: "CONFLICTING_UNIQUE_VALUE" }]);
  });

  it("answers 400 to a body that is no JSON and to a value that is null", async () => {
    const path = "/crm/v3/objects/companies";
    const asText = await hubspot.apiRequest({
      method: "POST",
      path,
      body: "{",
      defaultJson: false,
    });
    const asNull = await hubspot.apiRequest({
      method: "POST",
      path,
      body: { properties: { name: null } },
    });

    expect([asText.status, asNull.status]).toEqual([400, 400]);
  });
});

describe("lists", () => {
  it("pages by id through all live records, at most 100 at a time", async () => {
    for (let number = 1; number <= 7; number += 1)
      await createCompany({ name: `Company ${number}` });
    await hubspot.crm.companies.basicApi.archive("103");
    const seen: string[] = [];
    let after: string | undefined;

    do {
      const page = await hubspot.crm.companies.basicApi.getPage(2, after);
      seen.push(...page.results.map((company) => company.id));
      after = page.paging?.next?.after;
    } while (after !== undefined);

    expect(seen).toEqual(["101", "102", "104", "105", "106", "107"]);
    expect((await failureOf(hubspot.crm.companies.basicApi.getPage(101))).code).toBe(400);
  });

  it("tells with each record what it is associated with", async () => {
    const companyId = await createCompany({ name: "Northwind" });
    const deal = await hubspot.crm.deals.basicApi.create({
      properties: { dealname: "D", dealstage: "closedwon" },
      associations: [
        {
          to: { id: companyId },
          types: [{ associationCategory: HUBSPOT_DEFINED, associationTypeId: 341 }],
        },
      ],
    });
    const lineItem = await hubspot.crm.lineItems.basicApi.create({
      properties: { name: "L", price: "1", quantity: "1" },
      associations: [
        {
          to: { id: deal.id },
          types: [{ associationCategory: HUBSPOT_DEFINED, associationTypeId: 20 }],
        },
      ],
    });

    const page = await hubspot.crm.deals.basicApi.getPage(10, undefined, undefined, undefined, [
      "companies",
      "line_items",
    ]);

    expect(page.results[0]?.associations?.["companies"]?.results).toEqual([
      { id: companyId, type: "deal_to_company" },
      { id: companyId, type: "deal_to_company_unlabeled" },
    ]);
    expect(page.results[0]?.associations?.["line items"]?.results).toEqual([
      { id: lineItem.id, type: "deal_to_line_item" },
    ]);
  });
});

describe("batches", () => {
  const inputs = (...names: string[]) =>
    names.map((name) => ({ properties: { name }, associations: [] }));

  it("creates up to 100 at once and no more", async () => {
    const names = Array.from({ length: 101 }, (_, index) => `Company ${index}`);

    const created = await hubspot.crm.companies.batchApi.create({
      inputs: inputs(...names.slice(1)),
    });
    const { code } = await failureOf(
      hubspot.crm.companies.batchApi.create({ inputs: inputs(...names) }),
    );

    expect(created.results).toHaveLength(100);
    expect(created.status).toBe("COMPLETE");
    expect(code).toBe(400);
    expect(simulator.records("companies")).toHaveLength(100);
  });

  it("creates nothing where one row is bad and the rows have no trace ids", async () => {
    const rows = [...inputs("Good"), { properties: { name: "Bad", foo: "1" }, associations: [] }];

    const { code } = await failureOf(hubspot.crm.companies.batchApi.create({ inputs: rows }));

    expect(code).toBe(400);
    expect(simulator.records("companies")).toEqual([]);
  });

  it("refuses a whole batch in which two rows want one unique value", async () => {
    const row = { properties: { email: "a@b.example" }, associations: [] };

    const { code } = await failureOf(hubspot.crm.contacts.batchApi.create({ inputs: [row, row] }));

    expect(code).toBe(409);
    expect(simulator.records("contacts")).toEqual([]);
  });

  it("answers 207 with the failed rows where each row has a trace id", async () => {
    const { id } = await hubspot.crm.contacts.basicApi.create({
      properties: { email: "a@b.example" },
    });
    const rows = ["a@b.example", "c@d.example"].map((email, index) => ({
      properties: { email },
      associations: [],
      objectWriteTraceId: `t${index}`,
    }));

    const answer = await hubspot.crm.contacts.batchApi.createWithHttpInfo({ inputs: rows });

    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data.results.map((contact) => contact.properties["email"])).toEqual([
      "c@d.example",
    ]);
    expect(answer.data).toMatchObject({
      numErrors: 1,
      errors: [
        {
          category: "CONFLICT",
          message: `Contact already exists. Existing ID: ${id}`,
          context: { objectWriteTraceId: ["t0"], existingId: [id] },
        },
      ],
    });
  });

  it("reads by id and by unique property, and lists the missing ids together", async () => {
    await createProperty("companies", "books_key", true);
    const id = await createCompany({ name: "Northwind", books_key: "k1" });

    const byId = await hubspot.crm.companies.batchApi.readWithHttpInfo({
      properties: ["name"],
      propertiesWithHistory: [],
      inputs: [{ id }, { id: "998" }, { id: "999" }],
    });
    const byKey = await hubspot.crm.companies.batchApi.readWithHttpInfo({
      idProperty: "books_key",
      properties: ["books_key"],
      propertiesWithHistory: [],
      inputs: [{ id: "k1" }],
    });

    expect(byId.httpStatusCode).toBe(207);
    expect(byId.data.results.map((company) => company.id)).toEqual([id]);
    expect(byId.data).toMatchObject({
      errors: [{ category: "OBJECT_NOT_FOUND", context: { ids: ["998", "999"] } }],
    });
    expect(byKey.httpStatusCode).toBe(200);
    expect(byKey.data.results[0]?.properties["books_key"]).toBe("k1");
  });

  it("refuses an id given twice", async () => {
    const id = await createCompany({ name: "Northwind" });
    const row = { id, properties: { name: "Southwind" } };

    const { code, body } = await failureOf(
      hubspot.crm.companies.batchApi.update({ inputs: [row, row] }),
    );

    expect(code).toBe(400);
    expect(body.message).toBe(`Duplicate IDs found in batch input: [${id}]. IDs must be unique`);
    expect(body["context"]).toEqual({ ids: [id] });
  });

  it("updates the rows it finds and answers 207 for an unknown id", async () => {
    const id = await createCompany({ name: "Northwind" });

    const answer = await hubspot.crm.companies.batchApi.updateWithHttpInfo({
      inputs: [
        { id, properties: { name: "Southwind" } },
        { id: "999", properties: { name: "Nobody" } },
      ],
    });

    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data).toMatchObject({ errors: [{ context: { ids: ["999"] } }] });
    expect(simulator.records("companies").map(({ properties }) => properties["name"])).toEqual([
      "Southwind",
    ]);
  });

  it("upserts by a unique property and says which rows are new", async () => {
    await createProperty("companies", "books_key", true);
    await createCompany({ name: "Northwind", books_key: "k1" });

    const answer = await hubspot.crm.companies.batchApi.upsert({
      inputs: [
        {
          idProperty: "books_key",
          id: "k1",
          objectWriteTraceId: "a",
          properties: { city: "Lyon" },
        },
        {
          idProperty: "books_key",
          id: "k2",
          objectWriteTraceId: "b",
          properties: { name: "Second" },
        },
      ],
    });

    expect(answer.results.map((row) => [row.id, row._new])).toEqual([
      ["101", false],
      ["102", true],
    ]);
    expect(simulator.records("companies")[1]?.properties["books_key"]).toBe("k2");
  });

  it("upserts products by SKU", async () => {
    const upsert = (price: string) =>
      hubspot.crm.products.batchApi.upsert({
        inputs: [{ idProperty: "hs_sku", id: "W-1", properties: { name: "Widget", price } }],
      });

    const first = await upsert("1");
    const second = await upsert("2");

    expect([first.results[0]?._new, second.results[0]?._new]).toEqual([true, false]);
    expect(simulator.records("products").map(({ properties }) => properties["price"])).toEqual([
      "2",
    ]);
  });

  it("does not upsert contacts by e-mail in part, trace ids or not", async () => {
    const { code } = await failureOf(
      hubspot.crm.contacts.batchApi.upsert({
        inputs: [
          { idProperty: "email", id: "a@b.example", objectWriteTraceId: "a", properties: {} },
          {
            idProperty: "email",
            id: "c@d.example",
            objectWriteTraceId: "b",
            properties: { foo: "1" },
          },
        ],
      }),
    );

    expect(code).toBe(400);
    expect(simulator.records("contacts")).toEqual([]);
  });

  it("archives, unknown ids or not", async () => {
    const id = await createCompany({ name: "Northwind" });

    const answer = await hubspot.crm.companies.batchApi.archiveWithHttpInfo({
      inputs: [{ id }, { id: "999" }],
    });

    expect(answer.httpStatusCode).toBe(204);
    expect(simulator.records("companies")).toEqual([]);
  });
});

describe("search", () => {
  const search = (
    filters: {
      propertyName: string;
      operator: string;
      value?: string;
      values?: string[];
      highValue?: string;
    }[],
    more: { limit?: number; after?: string; sorts?: string[]; query?: string } = {},
  ) =>
    hubspot.crm.companies.searchApi.doSearch({
      limit: 200,
      properties: ["name"],
      filterGroups:
        filters.length === 0
          ? []
          : [
              {
                filters: filters.map((filter) => ({
                  ...filter,
                  operator: operatorOf(filter.operator),
                })),
              },
            ],
      ...more,
    });
  const operatorOf = (name: string): FilterOperatorEnum => {
    const operator = Object.values(FilterOperatorEnum).find((known) => known === name);
    if (operator === undefined) throw new Error(`The SDK knows no operator ${name}`);
    return operator;
  };
  const idsOf = ({ results }: { results: { id: string }[] }) => results.map(({ id }) => id);

  it("sees a change only once the index has caught up, reads by id at once", async () => {
    const id = await createCompany({ name: "Northwind" });
    const byName = (name: string) =>
      search([{ propertyName: "name", operator: "EQ", value: name }]);

    clockMs += LAG_MS - 1;
    const early = await byName("Northwind");
    clockMs += 1;
    const late = await byName("Northwind");
    await hubspot.crm.companies.basicApi.update(id, { properties: { name: "Southwind" } });
    const stale = await byName("Northwind");
    const read = await hubspot.crm.companies.basicApi.getById(id);
    clockMs += LAG_MS;
    const fresh = await byName("Northwind");

    expect([early.total, late.total, stale.total, fresh.total]).toEqual([0, 1, 1, 0]);
    expect(stale.results[0]?.properties["name"]).toBe("Northwind");
    expect(read.properties["name"]).toBe("Southwind");
  });

  it("still finds an archived record until the index has caught up", async () => {
    const id = await createCompany({ name: "Northwind" });
    clockMs += LAG_MS;
    await hubspot.crm.companies.basicApi.archive(id);

    const before = await search([]);
    clockMs += LAG_MS;
    const after = await search([]);

    expect([before.total, after.total]).toEqual([1, 0]);
  });

  it("pages with a total, and ends without a next page", async () => {
    for (let number = 1; number <= 5; number += 1)
      await createCompany({ name: `Company ${number}` });
    clockMs += LAG_MS;

    const first = await search([], { limit: 3 });
    const second = await search([], { limit: 3, after: first.paging?.next?.after ?? "" });

    expect([first.total, second.total]).toEqual([5, 5]);
    expect(first.paging?.next?.after).toBe("3");
    expect(idsOf(second)).toEqual(["104", "105"]);
    expect(second.paging).toBeUndefined();
  });

  it("reads changes in the order of their time", async () => {
    await createCompany({ name: "A" });
    clockMs += 1_000;
    await createCompany({ name: "B" });
    clockMs += 1_000;
    await hubspot.crm.companies.basicApi.update("101", { properties: { name: "A2" } });
    clockMs += LAG_MS;

    const changed = await search(
      [{ propertyName: "hs_lastmodifieddate", operator: "GTE", value: String(START_MS + 1_000) }],
      { sorts: ["hs_lastmodifieddate"] },
    );
    const newestFirst = await search([], { sorts: ["-hs_lastmodifieddate"] });

    expect(idsOf(changed)).toEqual(["102", "101"]);
    expect(idsOf(newestFirst)).toEqual(["101", "102"]);
  });

  it.each([
    [{ propertyName: "name", operator: "EQ", value: "ACME" }, ["101"]],
    [{ propertyName: "name", operator: "NEQ", value: "acme" }, ["102"]],
    [{ propertyName: "name", operator: "IN", values: ["acme", "globex corp"] }, ["101", "102"]],
    [{ propertyName: "name", operator: "IN", values: ["Acme"] }, []],
    [{ propertyName: "name", operator: "NOT_IN", values: ["acme"] }, ["102"]],
    [{ propertyName: "name", operator: "CONTAINS_TOKEN", value: "glob*" }, ["102"]],
    [{ propertyName: "domain", operator: "CONTAINS_TOKEN", value: "*.example" }, ["101", "103"]],
    [{ propertyName: "name", operator: "HAS_PROPERTY" }, ["101", "102"]],
    [{ propertyName: "name", operator: "NOT_HAS_PROPERTY" }, ["103"]],
    [{ propertyName: "numberofemployees", operator: "GT", value: "9" }, ["102"]],
    [{ propertyName: "numberofemployees", operator: "LTE", value: "9.0" }, ["101"]],
    [
      { propertyName: "numberofemployees", operator: "BETWEEN", value: "9", highValue: "100" },
      ["101", "102"],
    ],
    [{ propertyName: "hs_object_id", operator: "GT", value: "101" }, ["102", "103"]],
  ])("filters by %o", async (filter, ids) => {
    await createCompany({ name: "Acme", domain: "acme.example", numberofemployees: "9" });
    await createCompany({ name: "Globex Corp", numberofemployees: "100" });
    await createCompany({ domain: "nameless.example" });
    clockMs += LAG_MS;

    expect(idsOf(await search([filter]))).toEqual(ids);
  });

  it("finds by query words", async () => {
    await createCompany({ name: "Acme Roofing" });
    await createCompany({ name: "Globex" });
    clockMs += LAG_MS;

    expect(idsOf(await search([], { query: "roof" }))).toEqual(["101"]);
  });

  it.each([
    ["a limit over 200", { limit: 201 }],
    ["a page past 10,000", { after: "10000", limit: 1 }],
    ["two sorts", { sorts: ["name", "city"] }],
    ["a sort by no property", { sorts: ["nothing"] }],
  ])("refuses %s", async (_name, more) => {
    expect((await failureOf(search([], more))).code).toBe(400);
  });

  it("refuses an unknown property, a missing value, too many filters and a long body", async () => {
    const filter = { propertyName: "name", operator: "EQ", value: "x" };
    const refused = [
      await failureOf(search([{ ...filter, propertyName: "nothing" }])),
      await failureOf(search([{ propertyName: "name", operator: "EQ" }])),
      await failureOf(search(Array.from({ length: 7 }, () => filter))),
      await failureOf(search([{ ...filter, value: "x".repeat(3_000) }])),
    ];

    expect(refused.map(({ code }) => code)).toEqual([400, 400, 400, 400]);
  });
});

describe("associations", () => {
  const type = (associationTypeId: number) => ({
    associationCategory: HUBSPOT_DEFINED,
    associationTypeId,
  });
  const typeIdsOf = async (from: string, id: string, to: string) => {
    const page = await hubspot.crm.associations.v4.basicApi.getPage(from, id, to);
    return page.results.map((row) => [
      String(row.toObjectId),
      row.associationTypes.map(({ typeId }) => typeId),
    ]);
  };
  const createContact = async () =>
    (await hubspot.crm.contacts.basicApi.create({ properties: { firstname: "Ann" } })).id;
  const createDeal = async () =>
    (
      await hubspot.crm.deals.basicApi.create({
        properties: { dealname: "D", dealstage: "contractsent" },
      })
    ).id;

  it("makes the first company of a contact its primary one, seen from both ends", async () => {
    const companyId = await createCompany({ name: "Northwind" });
    const contactId = await createContact();

    await hubspot.crm.associations.v4.basicApi.createDefault(
      "contacts",
      contactId,
      "companies",
      companyId,
    );

    expect(await typeIdsOf("contacts", contactId, "companies")).toEqual([[companyId, [1, 279]]]);
    expect(await typeIdsOf("companies", companyId, "contacts")).toEqual([[contactId, [2, 280]]]);
  });

  it("moves the primary mark to the company that is named primary", async () => {
    const first = await createCompany({ name: "First" });
    const second = await createCompany({ name: "Second" });
    const contactId = await createContact();
    const link = (id: string, typeId: number) =>
      hubspot.crm.associations.v4.batchApi.create("contacts", "companies", {
        inputs: [{ _from: { id: contactId }, to: { id }, types: [type(typeId)] }],
      });

    await link(first, 279);
    await link(second, 279);
    await link(second, 1);

    expect(await typeIdsOf("contacts", contactId, "companies")).toEqual([
      [first, [279]],
      [second, [1, 279]],
    ]);
  });

  it("creates in batches, answers ids as numbers, and 207 for a row with a bad id", async () => {
    const companyId = await createCompany({ name: "Northwind" });
    const contactId = await createContact();

    const answer = await hubspot.crm.associations.v4.batchApi.createWithHttpInfo(
      "contacts",
      "companies",
      {
        inputs: [
          { _from: { id: contactId }, to: { id: companyId }, types: [type(279)] },
          { _from: { id: contactId }, to: { id: "999" }, types: [type(279)] },
        ],
      },
    );

    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data.results).toMatchObject([
      {
        fromObjectTypeId: "0-1",
        fromObjectId: Number(contactId),
        toObjectTypeId: "0-2",
        toObjectId: Number(companyId),
      },
    ]);
    expect(answer.data).toMatchObject({
      errors: [{ subCategory: "crm.associations.INVALID_IDENTIFIER", context: { id: ["999"] } }],
    });
  });

  it("reads in batches, and lists as an error a record that has none", async () => {
    const dealId = await createDeal();
    const lonely = await createDeal();
    const contactId = await createContact();
    await hubspot.crm.associations.v4.batchApi.createDefault("deals", "contacts", {
      inputs: [{ _from: { id: dealId }, to: { id: contactId } }],
    });

    const answer = await hubspot.crm.associations.v4.batchApi.getPageWithHttpInfo(
      "deals",
      "contacts",
      {
        inputs: [{ id: dealId }, { id: lonely }],
      },
    );

    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data.results).toMatchObject([
      {
        _from: { id: dealId },
        to: [{ toObjectId: Number(contactId), associationTypes: [{ typeId: 3 }] }],
      },
    ]);
    expect(answer.data).toMatchObject({
      errors: [
        {
          subCategory: "crm.associations.NO_ASSOCIATIONS_FOUND",
          context: { fromObjectId: [lonely] },
        },
      ],
    });
  });

  it("takes associations away in batches and with an archived record", async () => {
    const dealId = await createDeal();
    const first = await createContact();
    const second = await createContact();
    await hubspot.crm.associations.v4.batchApi.createDefault("deals", "contacts", {
      inputs: [first, second].map((id) => ({ _from: { id: dealId }, to: { id } })),
    });

    await hubspot.crm.associations.v4.batchApi.archive("deals", "contacts", {
      inputs: [{ _from: { id: dealId }, to: [{ id: first }] }],
    });
    const left = await typeIdsOf("deals", dealId, "contacts");
    await hubspot.crm.contacts.basicApi.archive(second);

    expect(left).toEqual([[second, [3]]]);
    expect(await typeIdsOf("deals", dealId, "contacts")).toEqual([]);
  });

  it("lets a line item have one deal only", async () => {
    const [first, second] = [await createDeal(), await createDeal()];
    const lineItem = await hubspot.crm.lineItems.basicApi.create({
      properties: { name: "L", price: "1", quantity: "1" },
      associations: [{ to: { id: first }, types: [type(20)] }],
    });

    const answer = await hubspot.crm.associations.v4.batchApi.createWithHttpInfo(
      "deals",
      "line_items",
      {
        inputs: [{ _from: { id: second }, to: { id: lineItem.id }, types: [type(19)] }],
      },
    );

    expect(answer.httpStatusCode).toBe(207);
    expect(await typeIdsOf("deals", first, "line_items")).toEqual([[lineItem.id, [19]]]);
    expect(await typeIdsOf("deals", second, "line_items")).toEqual([]);
  });

  it("creates nothing where an inline association is wrong", async () => {
    const { code } = await failureOf(
      hubspot.crm.contacts.basicApi.create({
        properties: { firstname: "Ann" },
        associations: [{ to: { id: "999" }, types: [type(279)] }],
      }),
    );

    expect(code).toBe(400);
    expect(simulator.records("contacts")).toEqual([]);
  });

  it("counts a deal's line items, which makes it modified", async () => {
    const dealId = await createDeal();
    clockMs += 1_000;
    await hubspot.crm.lineItems.basicApi.create({
      properties: { name: "L", price: "1", quantity: "1" },
      associations: [{ to: { id: dealId }, types: [type(20)] }],
    });

    const deal = await hubspot.crm.deals.basicApi.getById(dealId, [
      "hs_num_of_associated_line_items",
    ]);

    expect(deal.properties["hs_num_of_associated_line_items"]).toBe("1");
    expect(deal.updatedAt).toEqual(new Date(START_MS + 1_000));
  });
});

describe("merges", () => {
  it("makes a new record that both ids lead to, and drops the loser's unique value", async () => {
    await createProperty("companies", "books_key", true);
    const first = await createCompany({ name: "Northwind", books_key: "k1" });
    const second = await createCompany({ name: "North Wind", city: "Lyon", books_key: "k2" });
    const contact = await hubspot.crm.contacts.basicApi.create({
      properties: { firstname: "Ann" },
    });
    await hubspot.crm.associations.v4.basicApi.createDefault(
      "contacts",
      contact.id,
      "companies",
      second,
    );

    const merged = await hubspot.crm.companies.basicApi.merge({
      primaryObjectId: first,
      objectIdToMerge: second,
    });
    const byOldIds = await Promise.all(
      [first, second].map((id) => hubspot.crm.companies.basicApi.getById(id)),
    );
    const contacts = await hubspot.crm.associations.v4.basicApi.getPage(
      "companies",
      merged.id,
      "contacts",
    );
    const lost = await failureOf(
      hubspot.crm.companies.basicApi.getById(
        "k2",
        undefined,
        undefined,
        undefined,
        false,
        "books_key",
      ),
    );

    expect([first, second]).not.toContain(merged.id);
    expect(merged.properties).toMatchObject({
      name: "Northwind",
      city: "Lyon",
      books_key: "k1",
      hs_merged_object_ids: `${first};${second}`,
    });
    expect(byOldIds.map(({ id }) => id)).toEqual([merged.id, merged.id]);
    expect(contacts.results.map((row) => String(row.toObjectId))).toEqual([contact.id]);
    expect(lost.code).toBe(404);
    expect(simulator.records("companies").map(({ id }) => id)).toEqual([merged.id]);
  });
});

describe("definitions and account", () => {
  it("creates a property in a group of its own, then takes values for it", async () => {
    await hubspot.crm.properties.groupsApi.create("companies", { name: "tieout", label: "Tieout" });
    const created = await hubspot.crm.properties.coreApi.create("companies", {
      name: "books_balance",
      label: "Balance",
      type: PropertyCreateTypeEnum.Number,
      fieldType: PropertyCreateFieldTypeEnum.Number,
      groupName: "tieout",
    });
    const company = await hubspot.crm.companies.basicApi.create({
      properties: { name: "Northwind", books_balance: "10.20" },
    });
    const listed = await hubspot.crm.properties.coreApi.getAll("companies");

    expect(created).toMatchObject({
      name: "books_balance",
      groupName: "tieout",
      hasUniqueValue: false,
    });
    expect(company.properties["books_balance"]).toBe("10.20");
    expect(listed.results.map(({ name }) => name)).toContain("books_balance");
  });

  it("refuses a property twice, in no group, of a wrong field type, or unique on products", async () => {
    await createProperty("companies", "books_key", true);
    const base = {
      name: "other",
      label: "Other",
      type: PropertyCreateTypeEnum.String,
      fieldType: PropertyCreateFieldTypeEnum.Text,
      groupName: "companyinformation",
    };
    const { coreApi } = hubspot.crm.properties;

    const refused = [
      await failureOf(coreApi.create("companies", { ...base, name: "books_key" })),
      await failureOf(coreApi.create("companies", { ...base, groupName: "nowhere" })),
      await failureOf(
        coreApi.create("companies", { ...base, fieldType: PropertyCreateFieldTypeEnum.Date }),
      ),
      await failureOf(
        coreApi.create("products", {
          ...base,
          groupName: "productinformation",
          hasUniqueValue: true,
        }),
      ),
    ];

    expect(refused.map(({ code }) => code)).toEqual([409, 400, 400, 400]);
  });

  it("allows ten unique properties per object", async () => {
    for (let number = 1; number <= 10; number += 1) {
      await createProperty("companies", `key_${number}`, true);
    }

    const { code } = await failureOf(createProperty("companies", "key_11", true));

    expect(code).toBe(400);
  });

  it("creates properties in batches and says in a 207 which it refused", async () => {
    const input = {
      name: "books_number",
      label: "Number",
      type: PropertyCreateTypeEnum.String,
      fieldType: PropertyCreateFieldTypeEnum.Text,
      groupName: "dealinformation",
    };

    const answer = await hubspot.crm.properties.batchApi.createWithHttpInfo("deals", {
      inputs: [input, { ...input, name: "dealname" }],
    });

    expect(answer.httpStatusCode).toBe(207);
    expect(answer.data.results.map(({ name }) => name)).toEqual(["books_number"]);
  });

  it("lists the deal pipeline with its won stage", async () => {
    const { results } = await hubspot.crm.pipelines.pipelinesApi.getAll("deals");

    expect(results.map(({ id }) => id)).toEqual(["default"]);
    const won = results[0]?.stages.find(({ id }) => id === "closedwon");
    expect(won?.metadata).toEqual({ isClosed: "true", probability: "1.0" });
  });

  it("gives the account's currency and time zone", async () => {
    const euro = connect(await start({ currency: "EUR", additionalCurrencies: ["USD"] }));

    const answer = await euro.apiRequest({ method: "GET", path: "/account-info/v3/details" });

    expect(await answer.json()).toMatchObject({
      companyCurrency: "EUR",
      additionalCurrencies: ["USD"],
      timeZone: "US/Eastern",
      utcOffset: "-05:00",
      utcOffsetMilliseconds: -18_000_000,
    });
  });
});

describe("quotas", () => {
  it("tells in headers what is left, and refuses with 429 until ten seconds have passed", async () => {
    const limited = connect(await start({ limits: { burstPerTenSeconds: 2 } }));
    const list = () => limited.crm.companies.basicApi.getPageWithHttpInfo();

    const first = await list();
    await list();
    const { code, body, headers } = await failureOf(list());
    clockMs += 10_000;
    const later = await list();

    expect(first.headers).toMatchObject({
      "x-hubspot-ratelimit-max": "2",
      "x-hubspot-ratelimit-remaining": "1",
      "x-hubspot-ratelimit-interval-milliseconds": "10000",
    });
    expect(code).toBe(429);
    expect(body).toMatchObject({
      message: "You have reached your ten_secondly_rolling limit.",
      errorType: "RATE_LIMIT",
      policyName: "TEN_SECONDLY_ROLLING",
    });
    expect(headers["x-hubspot-ratelimit-remaining"]).toBe("0");
    expect(later.httpStatusCode).toBe(200);
  });

  it("allows 110 calls in ten seconds by default", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 111 }, async () => {
        const path = "/account-info/v3/details";
        return (await hubspot.apiRequest({ method: "GET", path })).status;
      }),
    );

    expect(statuses.filter((status) => status === 200)).toHaveLength(110);
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
  });

  it("allows five searches a second, apart from the other calls", async () => {
    const path = "/crm/v3/objects/companies/search";
    const search = () => hubspot.apiRequest({ method: "POST", path, body: {} });
    const statuses: number[] = [];

    for (let number = 0; number < 5; number += 1) statuses.push((await search()).status);
    const sixth = await search();
    clockMs += 1_000;
    const later = await search();

    expect(statuses).toEqual([200, 200, 200, 200, 200]);
    expect(later.headers.has("x-hubspot-ratelimit-max")).toBe(false);
    expect(sixth.status).toBe(429);
    expect(await sixth.json()).toMatchObject({ message: "You have reached your secondly limit." });
    expect(later.status).toBe(200);
  });

  it("refuses for the rest of the account's day once the daily quota is spent", async () => {
    const limited = connect(await start({ limits: { perDay: 1 } }));
    await limited.crm.companies.basicApi.getPage();

    const { code, body } = await failureOf(limited.crm.companies.basicApi.getPage());
    clockMs = Date.parse("2026-11-23T05:00:00Z");
    const nextDay = await limited.crm.companies.basicApi.getPage();

    expect(code).toBe(429);
    expect(body["policyName"]).toBe("DAILY");
    expect(nextDay.results).toEqual([]);
  });
});

describe("faults and calls", () => {
  it("counts calls by route, and answers as planned", async () => {
    const route = "GET /crm/v3/objects/{type}";
    simulator.planFault({ route, fault: "rate-limit", times: 1 });
    simulator.planFault({ route, fault: "status", status: 502, body: "{}", times: 1 });

    const limited = await failureOf(hubspot.crm.companies.basicApi.getPage());
    const broken = await hubspot.apiRequest({ method: "GET", path: "/crm/v3/objects/companies" });
    await hubspot.crm.companies.basicApi.getPage();

    expect(limited.body["policyName"]).toBe("TEN_SECONDLY_ROLLING");
    expect(broken.status).toBe(502);
    expect(simulator.calls()).toEqual({ [route]: 3 });
    simulator.resetCalls();
    expect(simulator.calls()).toEqual({});
  });

  it("keeps a write whose answer was lost", async () => {
    simulator.planFault({ route: "POST /crm/v3/objects/{type}", fault: "drop-after", times: 1 });

    await expect(createCompany({ name: "Northwind" })).rejects.toThrow();

    expect(simulator.records("companies")).toHaveLength(1);
  });
});

describe("webhooks", () => {
  interface Delivery {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly body: string;
  }

  async function listen(path: string): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    const server: Server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        deliveries.push({ method, url, headers, body: Buffer.concat(chunks).toString("utf8") });
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    closers.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    closers.push(() => server.closeAllConnections());
    simulator.setWebhookTarget(`${addressOf(server)}${path}`);
    return deliveries;
  }

  function addressOf(server: Server): string {
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function eventsOf(deliveries: readonly Delivery[]): WebhookEvent[] {
    return deliveries.flatMap(({ body }) => z.array(eventSchema).parse(JSON.parse(body)));
  }

  it("tells of a new record and of each of its properties", async () => {
    const deliveries = await listen("/hook");

    await createCompany({ name: "Northwind", city: "Lyon" });
    await simulator.webhooksSettled();

    const events = eventsOf(deliveries);
    expect(deliveries).toHaveLength(1);
    expect(events[0]).toMatchObject({
      subscriptionType: "company.creation",
      objectId: 101,
      portalId: simulator.portalId,
      appId: simulator.appId,
      occurredAt: START_MS,
      attemptNumber: 0,
      changeFlag: "CREATED",
      changeSource: "INTEGRATION",
      sourceId: String(simulator.appId),
    });
    expect(
      events.slice(1).map(({ propertyName, propertyValue }) => [propertyName, propertyValue]),
    ).toEqual([
      ["lifecyclestage", "lead"],
      ["name", "Northwind"],
      ["city", "Lyon"],
    ]);
  });

  it("tells of each changed property, and of no unchanged one", async () => {
    await createCompany({ name: "Northwind", city: "Lyon" });
    await simulator.webhooksSettled();
    const deliveries = await listen("/hook");

    await hubspot.crm.companies.basicApi.update("101", {
      properties: { name: "Northwind", city: "", phone: "1" },
    });
    await simulator.webhooksSettled();

    expect(eventsOf(deliveries)).toMatchObject([
      { subscriptionType: "company.propertyChange", propertyName: "city", propertyValue: "" },
      { subscriptionType: "company.propertyChange", propertyName: "phone", propertyValue: "1" },
    ]);
  });

  it("signs by the documented v3 recipe, over the decoded query", async () => {
    const deliveries = await listen("/hook?src=hs%3Aapp%2Fv3&x=%28a%29&keep=%20");
    await createCompany({ name: "Northwind" });
    await simulator.webhooksSettled();
    const [delivery] = deliveries;

    const timestamp = delivery?.headers["x-hubspot-request-timestamp"];
    const uri = `http://${delivery?.headers["host"]}/hook?src=hs:app/v3&x=(a)&keep=%20`;
    const expected = createHmac("sha256", SECRET)
      .update(`${delivery?.method}${uri}${delivery?.body}${timestamp}`, "utf8")
      .digest("base64");

    expect(timestamp).toBe(String(START_MS));
    expect(delivery?.headers["x-hubspot-signature-v3"]).toBe(expected);
  });

  it("groups the events of a bulk call by a hundred", async () => {
    const deliveries = await listen("/hook");

    await hubspot.crm.objects.batchApi.create("line_items", {
      inputs: Array.from({ length: 100 }, () => ({
        properties: { quantity: "1" },
        associations: [],
      })),
    });
    await simulator.webhooksSettled();

    const sizes = deliveries.map(({ body }) => z.array(eventSchema).parse(JSON.parse(body)).length);
    expect(sizes).toEqual([100, 100, 100]);
    expect(
      eventsOf(deliveries).filter((event) => event.subscriptionType === "line_item.creation"),
    ).toHaveLength(100);
  });

  it("tells of deletions, merges and associations", async () => {
    const [first, second] = [
      await createCompany({ name: "A" }),
      await createCompany({ name: "B" }),
    ];
    const contact = await hubspot.crm.contacts.basicApi.create({
      properties: { firstname: "Ann" },
    });
    await simulator.webhooksSettled();
    const deliveries = await listen("/hook");

    await hubspot.crm.associations.v4.basicApi.createDefault(
      "contacts",
      contact.id,
      "companies",
      first,
    );
    const merged = await hubspot.crm.companies.basicApi.merge({
      primaryObjectId: first,
      objectIdToMerge: second,
    });
    await hubspot.crm.companies.basicApi.archive(merged.id);
    await simulator.webhooksSettled();

    expect(eventsOf(deliveries)).toMatchObject([
      {
        subscriptionType: "contact.associationChange",
        associationType: "CONTACT_TO_COMPANY",
        fromObjectId: Number(contact.id),
        toObjectId: Number(first),
        associationRemoved: false,
        isPrimaryAssociation: true,
      },
      { subscriptionType: "company.associationChange", associationType: "COMPANY_TO_CONTACT" },
      { subscriptionType: "contact.associationChange", isPrimaryAssociation: false },
      { subscriptionType: "company.associationChange", isPrimaryAssociation: false },
      {
        subscriptionType: "company.merge",
        objectId: Number(merged.id),
        primaryObjectId: Number(first),
        mergedObjectIds: [Number(first), Number(second)],
        newObjectId: Number(merged.id),
      },
      { subscriptionType: "company.deletion", objectId: Number(second), changeFlag: "DELETED" },
      { subscriptionType: "company.deletion", objectId: Number(merged.id), changeFlag: "DELETED" },
    ]);
  });

  it("marks what a person changes at the page", async () => {
    const deliveries = await listen("/hook");

    const saved = await fetch(`${simulator.url}/ui/companies`, {
      method: "POST",
      redirect: "manual",
      body: new URLSearchParams({ name: "Typed in", city: "" }),
    });
    await simulator.webhooksSettled();

    expect(saved.status).toBe(303);
    expect(eventsOf(deliveries)[0]).toMatchObject({
      subscriptionType: "company.creation",
      changeSource: "CRM_UI",
      sourceId: "userId:1",
    });
  });
});

describe("the page", () => {
  const submit = (
    path: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) =>
    fetch(`${simulator.url}${path}`, {
      method: "POST",
      redirect: "manual",
      headers,
      body: new URLSearchParams(fields),
    });
  const show = async (path: string) => (await fetch(`${simulator.url}${path}`)).text();

  it("escapes what records hold", async () => {
    await createCompany({ name: '<img src=x onerror="alert(1)">' });

    const pages = [await show("/"), await show("/ui/companies/101")];

    for (const page of pages) {
      expect(page).toContain("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;");
      expect(page).not.toContain("<img");
    }
  });

  it("searches and pages", async () => {
    const rows = Array.from({ length: 30 }, (_, index) => ({
      properties: { name: `Company ${index}`, city: index === 7 ? "Lyon" : "Paris" },
      associations: [],
    }));
    await hubspot.crm.companies.batchApi.create({ inputs: rows });

    const found = await show("/?type=companies&q=lyon");
    const second = await show("/?type=companies&page=2");

    expect(found).toContain("Company 7<");
    expect(found).not.toContain("Company 8<");
    expect(second).toContain("Company 0<");
    expect(second).not.toContain("Company 29<");
  });

  it("creates, edits and archives", async () => {
    const created = await submit("/ui/deals", { dealname: "Typed", dealstage: "contractsent" });
    const edited = await submit("/ui/deals/101", { dealname: "Typed", dealstage: "closedwon" });
    const [deal] = simulator.records("deals");
    const archived = await submit("/ui/deals/101/archive", {});

    expect([created.status, edited.status, archived.status]).toEqual([303, 303, 303]);
    expect(created.headers.get("location")).toBe("/ui/deals/101");
    expect(deal?.properties["hs_is_closed_won"]).toBe("true");
    expect(simulator.records("deals")).toEqual([]);
  });

  it("links a record made from another's page", async () => {
    const companyId = await createCompany({ name: "Northwind" });

    await submit("/ui/contacts", {
      firstname: "Ann",
      "for-type": "companies",
      "for-id": companyId,
    });

    expect(simulator.records("companies")[0]?.associations).toEqual({ contacts: ["102"] });
  });

  it("shows a refused form again with the reason", async () => {
    const answer = await submit("/ui/companies", { name: "N", numberofemployees: "many" });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("many was not a valid number.");
    expect(simulator.records("companies")).toEqual([]);
  });

  it("refuses a form that another site sends", async () => {
    const answer = await submit("/ui/companies", { name: "N" }, { origin: "http://evil.example" });

    expect(answer.status).toBe(403);
    expect(simulator.records("companies")).toEqual([]);
  });

  it("gives the live records as JSON", async () => {
    await createCompany({ name: "Northwind" });

    const answer = await fetch(`${simulator.url}/__sim/records/companies`);

    expect(await answer.json()).toMatchObject([{ id: "101", properties: { name: "Northwind" } }]);
  });
});

describe("saved state", () => {
  it("goes on where the last run ended", async () => {
    const folder = mkdtempSync(join(tmpdir(), "hubspot-"));
    closers.push(() => rmSync(folder, { recursive: true }));
    const statePath = join(folder, "state.json");
    const before = await start({ statePath });
    hubspot = connect(before);
    await createProperty("companies", "books_key", true);
    const first = await createCompany({ name: "Northwind", books_key: "k1" });
    const contact = await hubspot.crm.contacts.basicApi.create({
      properties: { firstname: "Ann" },
    });
    await hubspot.crm.associations.v4.basicApi.createDefault(
      "contacts",
      contact.id,
      "companies",
      first,
    );
    await before.close();

    const after = await start({ statePath });
    hubspot = connect(after);
    const second = await createCompany({ name: "Southwind" });
    const { code } = await failureOf(createCompany({ name: "Third", books_key: "k1" }));

    expect(second).toBe("103");
    expect(code).toBe(400);
    expect(after.records("companies")[0]).toMatchObject({
      id: first,
      properties: { books_key: "k1", num_associated_contacts: "1" },
      associations: { contacts: [contact.id] },
    });
  });
});
