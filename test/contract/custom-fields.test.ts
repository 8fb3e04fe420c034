/**
 * Custom fields from end to end: the engine on ports in memory, both connectors, and both systems
 * simulated over real HTTP. A person edits in one system and looks in the other.
 */
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
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { hubspotSettings, xeroSettings } from "#shared/contracts/connections.ts";
import type { Fields } from "#shared/domain/records.ts";
import { flowsWith } from "#shared/flows/flows.ts";
import { judgedPlaces } from "#shared/runtime/custom-places.ts";
import { accountManager, tier } from "#test/support/custom-fields.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const TOKEN = "a-token-of-both";
const SECRET = "webhook-secret";
const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const customFields = [accountManager, tier];
const { signal } = new AbortController();

let hubspot: HubspotSimulator;
let xero: XeroSimulator;
let person: Client;
let world: MemoryWorld;
/** The same contact in Xero, as the connector writes what a person would type there. */
let typeInXero: (id: string, fields: Fields) => Promise<void>;

beforeEach(async () => {
  hubspot = await startHubspotSimulator({ token: TOKEN, webhookSecret: SECRET, currency: "EUR" });
  xero = await startXeroSimulator({
    token: TOKEN,
    tenantId: TENANT,
    webhookKey: SECRET,
    clientId: "client-1",
    clientSecret: "secret-of-client-1",
  });
  person = new Client({ accessToken: TOKEN, basePath: hubspot.url });
  for (const { places } of customFields) {
    const name = places["crm"]?.at ?? "";
    await person.crm.properties.coreApi.create("companies", {
      name,
      label: name,
      type: PropertyCreateTypeEnum.String,
      fieldType: PropertyCreateFieldTypeEnum.Text,
      groupName: "companyinformation",
    });
  }
  const transport = createTransport();
  const placesOf = judgedPlaces(customFields);
  const crm = createHubspotConnector(
    hubspotSettings.parse({
      id: "crm",
      system: "hubspot",
      baseUrl: hubspot.url,
      token: TOKEN,
      webhookSecret: SECRET,
    }),
    { transport, now: Date.now, places: placesOf("crm") },
  );
  const books = createXeroConnector(
    xeroSettings.parse({
      id: "books",
      system: "xero",
      baseUrl: xero.url,
      identityUrl: xero.url,
      tenantId: TENANT,
      auth: { kind: "token", token: TOKEN },
      webhookKey: SECRET,
    }),
    { transport, now: Date.now, places: placesOf("books") },
  );
  world = createMemoryWorld({ flows: flowsWith(customFields, []), connectors: [crm, books] });
  typeInXero = async (externalId, fields) => {
    const write = { canonicalId: "typed", externalId, idempotencyKey: "typed", fields };
    await books.write("customer", [{ ...write, record: fields }], signal);
    await world.hint("books", "customer", externalId);
    await world.settle();
  };
});

afterEach(async () => {
  await Promise.all([hubspot.close(), xero.close()]);
});

async function typeInHubspot(id: string, properties: Record<string, string>): Promise<void> {
  await person.crm.companies.basicApi.update(id, { properties });
  await world.hint("crm", "customer", id);
  await world.settle();
}

async function aCompany(properties: Record<string, string>): Promise<string> {
  const created = await person.crm.companies.basicApi.create({
    properties: { name: "Harbour Coffee", ...properties },
  });
  await world.hint("crm", "customer", created.id);
  await world.settle();
  return created.id;
}

function company(): Readonly<Record<string, unknown>> {
  return hubspot.records("companies")[0]?.properties ?? {};
}

function contact() {
  const [first] = xero.records("contacts");
  if (first === undefined) throw new Error("no contact");
  return first;
}

describe("a custom field", () => {
  it("of the CRM stands in the books, and an edit there is put back", async () => {
    await aCompany({ account_manager: "Ann Lee" });
    expect(contact().AccountNumber).toBe("Ann Lee");

    await typeInXero(contact().ContactID, { accountManager: "Bob" });

    expect(contact().AccountNumber).toBe("Ann Lee");
    expect(company()).toMatchObject({ account_manager: "Ann Lee" });
  });

  it("of which the newest counts goes both ways, in the words of each system", async () => {
    const id = await aCompany({ tier: "tier_2" });
    expect(contact().CompanyNumber).toBe("SILVER");

    await typeInXero(contact().ContactID, { tier: "gold" });
    expect(company()).toMatchObject({ tier: "tier_1" });

    await typeInHubspot(id, { tier: "tier_2" });
    expect(contact().CompanyNumber).toBe("SILVER");
  });

  it("is cleared by a blank, and by nothing less", async () => {
    const id = await aCompany({ account_manager: "Ann Lee", tier: "tier_1" });

    await typeInHubspot(id, { phone: "+44 20 7946 0000" });
    expect(contact()).toMatchObject({ AccountNumber: "Ann Lee", CompanyNumber: "GOLD" });

    await typeInHubspot(id, { account_manager: "" });
    expect(contact()).toMatchObject({ AccountNumber: "", CompanyNumber: "GOLD" });
  });

  it("with an unknown choice parks the company and leaves the contact as it is", async () => {
    const id = await aCompany({ tier: "tier_1" });

    await typeInHubspot(id, { tier: "tier_9", phone: "+44 20 7946 0000" });

    const parked = await world.ports.parked.list(10);
    expect(parked.records).toMatchObject([
      { externalId: id, failure: { code: "choice-unknown", field: "tier" } },
    ]);
    expect(contact().CompanyNumber).toBe("GOLD");
  });

  it("goes quiet: a full check after everything agrees writes nothing", async () => {
    await aCompany({ account_manager: " Ann Lee ", tier: "tier_1" });
    await world.poll("full");
    await world.settle();
    hubspot.resetCalls();
    xero.resetCalls();

    await world.poll("full");
    await world.settle();

    const calls = [...Object.keys(hubspot.calls()), ...Object.keys(xero.calls())];
    expect(
      calls.filter((call) => /^PUT|^PATCH|upsert|update|create|^POST .*Contacts/.test(call)),
    ).toEqual([]);
  });
});
