/** What makes documents exact in HubSpot: tax, shipping, cost and terms, by its official SDK and by the connector. */
import { Client } from "@hubspot/api-client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type HubspotSimulator,
  startHubspotSimulator,
} from "#infra/local/simulators/hubspot/index.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { hubspotSettings } from "#shared/contracts/connections.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite } from "#shared/ports/connector.ts";

const TOKEN = "pat-documents";
const SECRET = "webhook-secret";
const OBJECTS = "/crm/v3/objects/{type}";
/** Each module of the SDK has an enum of its own for this one word, so no enum member fits them all. */
const HUBSPOT_DEFINED = "HUBSPOT_DEFINED" as never;
const LINE_TO_DEAL = 20;
const signal = new AbortController().signal;

let clockMs = 0;
let simulator: HubspotSimulator;
let connector: Connector;
let person: Client;

beforeEach(async () => {
  clockMs = Date.parse("2026-11-27T10:00:00Z");
  simulator = await startHubspotSimulator({
    token: TOKEN,
    webhookSecret: SECRET,
    now: () => clockMs,
    schedule: () => undefined,
    currency: "EUR",
    limits: { burstPerTenSeconds: 10_000, searchPerSecond: 1_000 },
  });
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: simulator.url,
    token: TOKEN,
    webhookSecret: SECRET,
  });
  connector = createHubspotConnector(settings, {
    transport: createTransport(),
    now: () => clockMs,
  });
  await connector.prepare(signal);
  person = new Client({ accessToken: TOKEN, basePath: simulator.url });
});

afterEach(() => simulator.close());

async function aProduct(properties: Record<string, string>): Promise<string> {
  const created = await person.crm.products.basicApi.create({ properties });
  return created.id;
}

/** A deal that a person made, with its line items. */
async function aDeal(
  properties: Record<string, string>,
  lineItems: readonly Record<string, string>[],
): Promise<string> {
  const deal = await person.crm.deals.basicApi.create({
    properties: { dealname: "By hand", dealstage: "closedwon", ...properties },
    associations: [],
  });
  for (const item of lineItems) {
    const types = [{ associationCategory: HUBSPOT_DEFINED, associationTypeId: LINE_TO_DEAL }];
    await person.crm.lineItems.basicApi.create({
      properties: { quantity: "1", price: "100", ...item },
      associations: [{ to: { id: deal.id }, types }],
    });
  }
  return deal.id;
}

async function readOrder(id: string): Promise<Fields> {
  const { records, unreadable } = await connector.readByIds("order", [id], signal);
  const [record] = records;
  if (record === undefined) throw new Error(`unreadable: ${JSON.stringify(unreadable)}`);
  return record.fields;
}

function aLine(overrides: Partial<DocumentLine> = {}): DocumentLine {
  return {
    product: null,
    productCode: "S-1",
    description: "Support",
    quantity: "2",
    unitPrice: "50",
    discountRate: "0",
    amount: money(10_000n, "EUR"),
    ...overrides,
  };
}

function anOrder(overrides: Fields = {}): Fields {
  return {
    number: "4711",
    status: "won",
    orderedOn: "2026-11-01",
    currency: "EUR",
    lines: [aLine()],
    total: money(10_000n, "EUR"),
    ...overrides,
  };
}

function aWrite(fields: Fields, externalId?: string, record: Fields = fields): RemoteWrite {
  return { canonicalId: "order-1", externalId, idempotencyKey: "key", fields, record };
}

async function write(one: RemoteWrite): Promise<string> {
  const [result] = await connector.write("order", [one], signal);
  if (result?.kind !== "written") throw new Error(`failed: ${JSON.stringify(result)}`);
  return result.externalId;
}

describe("the account", () => {
  it("offers how tax stands in prices and how a deal is billed as choices, in plain words", async () => {
    const { results } = await person.crm.properties.coreApi.getAll("deals");
    const labelsOf = (name: string) =>
      results.find((one) => one.name === name)?.options.map(({ value, label }) => [value, label]);

    expect(labelsOf("tieout_tax_treatment")).toEqual([
      ["exclusive", "Tax comes on top"],
      ["inclusive", "Tax is included"],
      ["none", "No tax"],
    ]);
    expect(labelsOf("tieout_billing_period")).toEqual([
      ["once", "Once"],
      ["monthly", "Monthly"],
      ["quarterly", "Quarterly"],
      ["half-yearly", "Every six months"],
      ["yearly", "Yearly"],
    ]);
    expect(results.find((one) => one.name === "tieout_margin_rate")?.type).toBe("number");
  });

  it("refuses a choice that is none, and a term that is a bare number", async () => {
    const outcomeOf = (call: Promise<unknown>) =>
      call.then(
        () => "taken",
        (cause: unknown) => String(cause),
      );
    const deal = { dealname: "A", dealstage: "closedwon", tieout_tax_treatment: "netto" };
    const item = { name: "A", hs_recurring_billing_period: "12" };

    expect(
      await outcomeOf(person.crm.deals.basicApi.create({ properties: deal, associations: [] })),
    ).toContain("INVALID_OPTION");
    expect(
      await outcomeOf(person.crm.lineItems.basicApi.create({ properties: item, associations: [] })),
    ).toContain("INVALID_RECURRING_BILLING_DURATION");
  });

  it("gives a line item the cost and the terms of its product, unless it has its own", async () => {
    const hs_product_id = await aProduct({
      name: "Support",
      hs_cost_of_goods_sold: "12.125",
      recurringbillingfrequency: "monthly",
      hs_recurring_billing_period: "P12M",
    });
    const make = async (properties: Record<string, string>) =>
      (
        await person.crm.lineItems.basicApi.create({
          properties: { hs_product_id, quantity: "1", ...properties },
          associations: [],
        })
      ).properties;

    expect(await make({})).toMatchObject({
      hs_cost_of_goods_sold: "12.125",
      recurringbillingfrequency: "monthly",
      hs_recurring_billing_period: "P12M",
    });
    expect(
      await make({
        hs_cost_of_goods_sold: "9",
        recurringbillingfrequency: "annually",
        hs_recurring_billing_start_date: "2026-12-01",
        hs_billing_start_delay_type: "hs_recurring_billing_start_date",
      }),
    ).toMatchObject({
      hs_cost_of_goods_sold: "9",
      recurringbillingfrequency: "annually",
      hs_recurring_billing_start_date: "2026-12-01",
    });
  });
});

describe("a deal that a person made", () => {
  it("tells its tax, its shipping, and of each line the tax code and the cost", async () => {
    const product = await aProduct({ name: "Chair", hs_sku: "C-1", hs_cost_of_goods_sold: "40.5" });
    const id = await aDeal({ tieout_tax_treatment: "exclusive", tieout_shipping: "7.90" }, [
      { hs_product_id: product, tieout_tax_code: "reduced" },
      { name: "Assembly", price: "19.99" },
    ]);

    expect(await readOrder(id)).toMatchObject({
      taxTreatment: "exclusive",
      shipping: money(790n, "EUR"),
      total: money(12_789n, "EUR"),
      billingPeriod: null,
      lines: [
        { productCode: "C-1", taxCode: "reduced", unitCost: "40.5" },
        { description: "Assembly", taxCode: null, unitCost: null },
      ],
    });
  });

  it("is a contract by its recurring line items", async () => {
    const terms = {
      recurringbillingfrequency: "quarterly",
      hs_recurring_billing_start_date: "2026-12-01",
      hs_recurring_billing_period: "P24M",
    };
    const id = await aDeal({}, [terms, terms]);

    expect(await readOrder(id)).toMatchObject({
      billingPeriod: "quarterly",
      billingStartsOn: "2026-12-01",
      billingEndsOn: "2028-11-30",
    });
  });

  it("is not read where its line items are billed in several ways, and others are", async () => {
    const mixed = await aDeal({}, [{ recurringbillingfrequency: "monthly" }, { name: "Set-up" }]);
    const weekly = await aDeal({}, [{ recurringbillingfrequency: "weekly" }]);
    const plain = await aDeal({}, [{}]);

    const { records, unreadable } = await connector.readByIds(
      "order",
      [mixed, weekly, plain],
      signal,
    );

    expect(records.map(({ externalId }) => externalId)).toEqual([plain]);
    const byId = new Map(unreadable.map(({ externalId, failure }) => [externalId, failure]));
    expect(byId.get(mixed)).toMatchObject({ code: "billing-terms-mixed", field: "lines" });
    expect(byId.get(mixed)?.fix).toContain("put one-off ones on a deal of their own");
    expect(byId.get(weekly)).toMatchObject({
      code: "billing-terms-unsupported",
      field: "billingPeriod",
    });
  });
});

describe("an order that is written", () => {
  const contract = {
    billingPeriod: "yearly",
    billingStartsOn: "2026-12-01",
    billingEndsOn: "2029-11-30",
  };

  it("takes the cost from the product where nothing is said of it, and never its terms", async () => {
    const externalId = await aProduct({
      name: "Support",
      hs_sku: "S-1",
      hs_cost_of_goods_sold: "12.125",
      recurringbillingfrequency: "monthly",
      hs_recurring_billing_period: "P12M",
    });
    const product = { connection: "crm", recordType: "product", externalId } as const;
    simulator.resetCalls();

    const id = await write(aWrite(anOrder({ lines: [aLine({ product })] })));

    expect(simulator.calls()[`POST ${OBJECTS}/batch/upsert`]).toBe(2);
    expect(await readOrder(id)).toMatchObject({
      billingPeriod: null,
      billingStartsOn: null,
      billingEndsOn: null,
      lines: [{ unitCost: "12.125" }],
    });
  });

  it("is no dearer where no product is recurring", async () => {
    simulator.resetCalls();
    await write(aWrite(anOrder()));

    expect(simulator.calls()).toEqual({
      [`POST ${OBJECTS}/batch/upsert`]: 1,
      [`POST ${OBJECTS}/batch/create`]: 1,
      "GET /crm/v3/pipelines/{type}": 1,
    });
  });

  it("keeps its terms when its line items are replaced, wherever these stood", async () => {
    const id = await aDeal({}, [
      {
        recurringbillingfrequency: "annually",
        hs_recurring_billing_start_date: "2026-12-01",
        hs_recurring_billing_period: "P36M",
      },
    ]);
    const { customer: _none, ...known } = await readOrder(id);
    expect(known).toMatchObject(contract);
    const lines = [aLine({ taxCode: "standard" })];

    await write(aWrite({ lines }, id, { ...known, lines, total: money(10_000n, "EUR") }));

    expect(await readOrder(id)).toMatchObject({ ...contract, lines: [{ taxCode: "standard" }] });
    expect(simulator.records("line_items").map(({ properties }) => properties)).toMatchObject([
      { tieout_line_id: "order-1:0", price: "50" },
    ]);
  });

  it("forgets the cost of the line that stood in its place", async () => {
    const id = await write(aWrite(anOrder({ lines: [aLine({ unitCost: "30" })] })));
    const lines = [aLine({ productCode: "T-2" })];

    await write(aWrite({ lines }, id, anOrder({ lines })));

    expect(await readOrder(id)).toMatchObject({ lines: [{ productCode: "T-2", unitCost: null }] });
  });

  it("disagrees aloud with recurring line items of other terms", async () => {
    const id = await aDeal({}, [{ recurringbillingfrequency: "monthly" }]);
    await write(aWrite(contract, id));

    const { unreadable } = await connector.readByIds("order", [id], signal);

    expect(unreadable).toMatchObject([
      { failure: { code: "billing-terms-mixed", field: "billingPeriod" } },
    ]);
  });

  it("answers what was written, shipping in the total", async () => {
    const shipping = money(550n, "EUR");
    const order = anOrder({ shipping, ...contract, total: money(10_550n, "EUR") });
    const [made] = await connector.write("order", [aWrite(order)], signal);
    if (made?.kind !== "written") throw new Error("not written");
    const lines = [
      aLine({ quantity: "1", amount: money(5_000n, "EUR"), taxCode: null, unitCost: null }),
    ];
    const total = money(5_550n, "EUR");
    const owed = { lines, total };

    const [changed] = await connector.write(
      "order",
      [aWrite(owed, made.externalId, { ...order, ...owed })],
      signal,
    );

    expect(made.observed).toMatchObject({ shipping, ...contract, total: order["total"] });
    expect(changed).toMatchObject({ kind: "written", observed: owed });
    expect(await readOrder(made.externalId)).toMatchObject({ ...owed, shipping, ...contract });
  });
});
