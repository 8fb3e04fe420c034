/** The HubSpot connector against the simulated account, over real HTTP. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
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
import type { DocumentLine, Fields, ObservedRecord } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

const TOKEN = "pat-connector";
const SECRET = "webhook-secret";
const START_MS = Date.parse("2026-11-22T10:00:00Z");
const LAG_MS = 2_000;
const OBJECTS = "/crm/v3/objects/{type}";
const signal = new AbortController().signal;

let clockMs = START_MS;
let simulator: HubspotSimulator;
let connector: Connector;
let person: Client;

beforeEach(async () => {
  clockMs = START_MS;
  simulator = await startHubspotSimulator({
    token: TOKEN,
    webhookSecret: SECRET,
    now: () => clockMs,
    schedule: () => undefined,
    searchLagMs: LAG_MS,
    currency: "EUR",
    additionalCurrencies: ["JPY"],
    limits: { burstPerTenSeconds: 10_000, searchPerSecond: 1_000 },
  });
  connector = connect(TOKEN);
  person = new Client({ accessToken: TOKEN, basePath: simulator.url });
});

afterEach(() => simulator.close());

function connect(token: string): Connector {
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: simulator.url,
    token,
    webhookSecret: SECRET,
  });
  return createHubspotConnector(settings, { transport: createTransport(), now: () => clockMs });
}

function aCreate(canonicalId: string, fields: Fields): RemoteWrite {
  return { canonicalId, idempotencyKey: `key-${canonicalId}`, fields, record: fields };
}

function anUpdate(externalId: string, fields: Fields, record: Fields = fields): RemoteWrite {
  return { canonicalId: `of-${externalId}`, externalId, idempotencyKey: "key", fields, record };
}

function aLine(overrides: Partial<DocumentLine> = {}): DocumentLine {
  return {
    product: null,
    productCode: "P-1",
    description: "Chai",
    quantity: "3",
    unitPrice: "10.25",
    discountRate: "0.05",
    amount: money(2921n, "EUR"),
    taxCode: "standard",
    unitCost: "4.125",
    ...overrides,
  };
}

function anOrder(overrides: Fields = {}): Fields {
  return {
    number: "10248",
    status: "won",
    orderedOn: "2026-07-04",
    currency: "EUR",
    lines: [
      aLine(),
      aLine({ description: "Tofu", discountRate: "0", amount: money(3075n, "EUR") }),
    ],
    total: money(5996n, "EUR"),
    ...overrides,
  };
}

function writtenOf(results: readonly WriteResult[]) {
  return results.map((result) => {
    if (result.kind === "failed") throw new Error(`failed: ${JSON.stringify(result.failure)}`);
    return result;
  });
}

async function writeOne(recordType: "customer" | "product" | "order", write: RemoteWrite) {
  const [result] = writtenOf(await connector.write(recordType, [write], signal));
  if (result === undefined) throw new Error("no result");
  return result;
}

async function readOne(
  recordType: "customer" | "product" | "order",
  externalId: string,
): Promise<ObservedRecord> {
  const { records, unreadable } = await connector.readByIds(recordType, [externalId], signal);
  const [record] = records;
  if (record === undefined) throw new Error(`unreadable: ${JSON.stringify(unreadable)}`);
  return record;
}

async function readAll(
  recordType: "customer" | "product" | "order",
  since?: number,
): Promise<{ records: ObservedRecord[]; pages: number }> {
  const records: ObservedRecord[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await connector.readChanges(recordType, { since, cursor, signal });
    records.push(...page.records);
    cursor = page.nextCursor;
    pages += 1;
  } while (cursor !== undefined);
  return { records, pages };
}

function calls(): Record<string, number> {
  return { ...simulator.calls() };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

describe("customers", () => {
  const full: Fields = {
    name: "Alfreds",
    phone: "030-0074321",
    website: "alfreds.example",
    street: "Obere Str. 57\nHinterhaus",
    city: "Berlin",
    region: "BE",
    postalCode: "12209",
    country: "Germany",
    email: "ap@alfreds.example",
    segment: "gold",
    taxNumber: "DE123",
    paymentTermsDays: 30,
    balanceCurrency: "EUR",
    openBalance: money(1050n, "EUR"),
    overdueBalance: money(0n, "EUR"),
    revenue: money(123456789012345678n, "EUR"),
    costOfSales: money(-5n, "EUR"),
    grossProfit: money(123456789012345683n, "EUR"),
    marginRate: "-0.3512",
    costCoverageRate: "0.5",
    openCredit: money(250n, "EUR"),
    currency: "JPY",
    lastPaymentOn: "2026-10-31",
    balanceSummary: "EUR 10.50",
  };

  it("reads back every field as it was written, with our id and the version of the answer", async () => {
    const result = await writeOne("customer", aCreate("customer-1", full));

    const record = await readOne("customer", result.externalId);

    expect(record).toEqual({
      recordType: "customer",
      externalId: result.externalId,
      version: result.version,
      life: "live",
      registeredId: "customer-1",
      fields: full,
    });
    expect(result.observed).toEqual(full);
  });

  it("clears what is owed as null and leaves the rest alone", async () => {
    const { externalId } = await writeOne("customer", aCreate("customer-1", full));

    const blank = { street: null, email: null, paymentTermsDays: null, openBalance: null };
    const result = await writeOne("customer", anUpdate(externalId, blank, { ...full, ...blank }));

    expect((await readOne("customer", externalId)).fields).toEqual({ ...full, ...blank });
    expect(result.observed).toEqual(blank);
  });

  it("makes one company for the same create sent twice", async () => {
    const first = await writeOne("customer", aCreate("customer-1", full));
    const second = await writeOne("customer", aCreate("customer-1", full));

    expect(second.externalId).toBe(first.externalId);
    expect(simulator.records("companies")).toHaveLength(1);
  });

  it("shows what HubSpot made of a value", async () => {
    const fields = { name: "A", website: "https://www.Acme.example/shop" };

    const result = await writeOne("customer", aCreate("customer-1", fields));

    expect(result.observed).toEqual({ name: "A", website: "acme.example" });
  });

  it("writes 1,000 new companies in 10 calls and reads them by id in 10", async () => {
    const creates = range(1_000).map((n) => aCreate(`customer-${n}`, { name: `C ${n}` }));
    await connector.prepare(signal);
    simulator.resetCalls();

    const results = writtenOf(await connector.write("customer", creates, signal));
    expect(calls()).toEqual({ [`POST ${OBJECTS}/batch/upsert`]: 10 });
    const names = new Map(
      simulator.records("companies").map((one) => [one.id, one.properties["name"]]),
    );
    expect(results.map((result) => names.get(result.externalId))).toEqual(
      range(1_000).map((n) => `C ${n}`),
    );

    simulator.resetCalls();
    const ids = results.map((result) => result.externalId);
    const { records, missing } = await connector.readByIds("customer", ids, signal);
    expect(records).toHaveLength(1_000);
    expect(missing).toEqual([]);
    expect(calls()).toEqual({ [`POST ${OBJECTS}/batch/read`]: 10 });
  });

  it("fails only the row HubSpot refuses", async () => {
    const creates = [
      aCreate("customer-1", { name: "Good" }),
      aCreate("customer-2", { phone: "no name and no domain" }),
      aCreate("customer-3", { name: "Long", city: "x".repeat(65_537) }),
      aCreate("customer-4", { name: "Also good" }),
    ];

    const results = await connector.write("customer", creates, signal);

    expect(results.map((result) => result.kind)).toEqual([
      "written",
      "failed",
      "failed",
      "written",
    ]);
    expect(results[1]).toMatchObject({
      failure: { kind: "rejected", code: "remote-refused", field: "name" },
    });
    expect(results[2]).toMatchObject({
      failure: { kind: "rejected", code: "field-too-long", field: "city" },
    });
  });

  it("refuses the update of a deleted record", async () => {
    const { externalId } = await writeOne("customer", aCreate("customer-1", { name: "A" }));
    await person.crm.companies.basicApi.archive(externalId);

    const results = await connector.write(
      "customer",
      [anUpdate(externalId, { name: "B" })],
      signal,
    );

    expect(results).toMatchObject([{ failure: { kind: "rejected", code: "record-gone" } }]);
  });

  it("shows an archived record as archived, and one that never was as missing", async () => {
    const { externalId } = await writeOne("customer", aCreate("customer-1", { name: "A" }));
    await person.crm.companies.basicApi.archive(externalId);

    const { records, missing } = await connector.readByIds(
      "customer",
      [externalId, "999999"],
      signal,
    );

    expect(records).toMatchObject([{ externalId, life: "archived", fields: {} }]);
    expect(missing).toEqual(["999999"]);
  });

  it("shows a merged record under its new id, and under the old ones where they lead", async () => {
    const [first, second] = writtenOf(
      await connector.write(
        "customer",
        [aCreate("customer-1", { name: "A" }), aCreate("customer-2", { name: "B" })],
        signal,
      ),
    ).map((result) => result.externalId);
    await person.apiRequest({
      method: "POST",
      path: "/crm/v3/objects/companies/merge",
      body: { primaryObjectId: first, objectIdToMerge: second },
    });

    const { records, missing } = await connector.readByIds(
      "customer",
      [first ?? "", second ?? ""],
      signal,
    );

    const [survivor, ...merged] = records;
    expect(survivor).toMatchObject({
      life: "live",
      registeredId: "customer-1",
      mergedFrom: [first, second],
    });
    expect([first, second]).not.toContain(survivor?.externalId);
    const { externalId: mergedInto, version } = survivor ?? {};
    expect(merged).toEqual(
      [first, second].map((externalId) => ({
        ...{ recordType: "customer", externalId, version, life: "merged", mergedInto },
        fields: {},
      })),
    );
    expect(missing).toEqual([]);
  });

  it("finds an uncertain create by our id, at once", async () => {
    await connector.prepare(signal);
    simulator.planFault({ route: `POST ${OBJECTS}/batch/upsert`, fault: "drop-after", times: 1 });
    const create = aCreate("customer-1", { name: "A" });

    const results = await connector.write("customer", [create], signal);
    const found = await connector.lookUp(
      "customer",
      [
        { write: create, attemptedAtMs: clockMs },
        { write: aCreate("customer-9", { name: "Z" }), attemptedAtMs: clockMs },
      ],
      signal,
    );

    expect(results).toMatchObject([{ failure: { kind: "uncertain", code: "remote-unreachable" } }]);
    expect(found).toMatchObject([
      { kind: "found", record: { registeredId: "customer-1", fields: { name: "A" } } },
      { kind: "not-found" },
    ]);
  });
});

describe("changes", () => {
  it("reads every record page by page, the recycle bin last", async () => {
    const creates = range(250).map((n) => aCreate(`customer-${n}`, { name: `C ${n}` }));
    await connector.write("customer", creates, signal);

    const archived = simulator.records("companies")[7]?.id ?? "";
    simulator.user.archive("companies", archived);

    const { records, pages } = await readAll("customer");

    expect(pages).toBe(4);
    expect(new Set(records.map((record) => record.externalId)).size).toBe(250);
    expect(records.at(-1)).toMatchObject({ externalId: archived, life: "archived", fields: {} });
    expect(records.filter(({ life }) => life === "live")).toHaveLength(249);
  });

  it("reads what changed since a moment in the order of change, each page from the last", async () => {
    for (const n of range(5)) {
      clockMs += 1_000;
      const creates = range(100).map((at) => aCreate(`customer-${n}-${at}`, { name: `C ${n}` }));
      await connector.write("customer", creates, signal);
    }
    clockMs += LAG_MS;

    const { records, pages } = await readAll("customer", START_MS + 2_000);

    const versions = records.map((record) => record.version);
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    expect(new Set(records.map((record) => record.externalId)).size).toBe(400);
    expect(pages).toBeLessThanOrEqual(8);
  });

  it("reads more records of one moment than a page holds", async () => {
    const creates = range(450).map((n) => aCreate(`customer-${n}`, { name: `C ${n}` }));
    await connector.write("customer", creates, signal);
    clockMs += LAG_MS;

    const { records } = await readAll("customer", START_MS);

    expect(new Set(records.map((record) => record.externalId)).size).toBe(450);
  });

  it("misses no record when others change between two pages", async () => {
    for (const n of range(3)) {
      clockMs += 1_000;
      const creates = range(100).map((at) => aCreate(`customer-${n}-${at}`, { name: `C ${n}` }));
      await connector.write("customer", creates, signal);
    }
    clockMs += LAG_MS;
    const first = await connector.readChanges("customer", { since: START_MS, signal });
    const [early] = first.records;
    await writeOne("customer", anUpdate(early?.externalId ?? "", { name: "moved to the end" }));
    clockMs += LAG_MS;

    const seen = new Set(first.records.map((record) => record.externalId));
    let cursor = first.nextCursor;
    while (cursor !== undefined) {
      const page = await connector.readChanges("customer", { since: START_MS, cursor, signal });
      for (const record of page.records) seen.add(record.externalId);
      cursor = page.nextCursor;
    }

    expect(seen.size).toBe(300);
  });
});

describe("products", () => {
  const chai: Fields = {
    code: "P-1",
    name: "Chai",
    description: "Tea",
    unitPrice: "18.005",
    unitCost: "9.1205",
  };

  it("reads back what was written", async () => {
    const result = await writeOne("product", aCreate("product-1", chai));

    expect((await readOne("product", result.externalId)).fields).toEqual(chai);
    expect(result.observed).toEqual(chai);
  });

  it("refuses a code that another product has, and goes on with the rest", async () => {
    await writeOne("product", aCreate("product-1", chai));
    const creates = [aCreate("product-2", chai), aCreate("product-3", { ...chai, code: "P-3" })];

    const results = await connector.write("product", creates, signal);

    expect(results[0]).toMatchObject({ failure: { code: "unique-value-taken", field: "hs_sku" } });
    expect(results[1]).toMatchObject({ kind: "written" });
  });

  it("finds an uncertain create once the index shows it, and not before", async () => {
    simulator.planFault({ route: `POST ${OBJECTS}/batch/create`, fault: "drop-after", times: 1 });
    const create = aCreate("product-1", chai);
    const request = { write: create, attemptedAtMs: clockMs };

    const results = await connector.write("product", [create], signal);
    const early = await connector.lookUp("product", [request], signal);
    clockMs += LAG_MS;
    const later = await connector.lookUp("product", [request], signal);
    const never = {
      write: aCreate("product-2", { ...chai, code: "P-2" }),
      attemptedAtMs: START_MS,
    };
    clockMs = START_MS + 120_000;
    const absent = await connector.lookUp("product", [never], signal);

    expect(results).toMatchObject([{ failure: { kind: "uncertain" } }]);
    expect(early).toEqual([{ kind: "too-early" }]);
    expect(later).toMatchObject([{ kind: "found", record: { fields: chai } }]);
    expect(absent).toEqual([{ kind: "not-found" }]);
  });
});

describe("orders", () => {
  async function aCustomer(): Promise<string> {
    return (await writeOne("customer", aCreate("customer-1", { name: "Alfreds" }))).externalId;
  }

  function customerRef(externalId: string) {
    return { connection: "crm", recordType: "customer", externalId } as const;
  }

  it("reads back a won order with lines, customer and billing fields", async () => {
    const customer = customerRef(await aCustomer());
    const product = (await writeOne("product", aCreate("product-1", { code: "P-1", name: "Chai" })))
      .externalId;
    const order = anOrder({
      customer,
      dueOn: "2026-08-01",
      lines: [
        aLine({ product: { connection: "crm", recordType: "product", externalId: product } }),
      ],
      taxTreatment: "inclusive",
      shipping: money(450n, "EUR"),
      total: money(3371n, "EUR"),
      billingPeriod: "half-yearly",
      billingStartsOn: "2026-08-01",
      billingEndsOn: "2028-07-31",
      exchangeRate: "1.08321",
      invoiceNumber: "INV-1",
      invoiceStatus: "issued",
      amountInvoiced: money(3371n, "EUR"),
      amountTax: money(538n, "EUR"),
      amountCredited: money(100n, "EUR"),
      amountPaid: money(0n, "EUR"),
      amountWrittenOff: money(0n, "EUR"),
      amountDue: money(3271n, "EUR"),
      revenue: money(2833n, "EUR"),
      costOfSales: money(1238n, "EUR"),
      grossProfit: money(1595n, "EUR"),
      marginRate: "0.563",
      billingNotice: "A correction waits for approval.",
    });

    const result = await writeOne("order", aCreate("order-1", order));

    const record = await readOne("order", result.externalId);
    expect(record).toMatchObject({
      registeredId: "order-1",
      life: "live",
      version: result.version,
    });
    expect(record.fields).toEqual(order);
    expect(result.observed).toEqual(order);
    expect(simulator.records("deals")[0]?.properties).toMatchObject({
      dealname: "Order 10248",
      dealstage: "closedwon",
      amount: "33.71",
      tieout_tax_treatment: "inclusive",
      tieout_margin_rate: "0.563",
    });
  });

  it("writes 830 new deals with 2,155 lines in 31 calls", async () => {
    const customer = customerRef(await aCustomer());
    const creates = range(830).map((n) => {
      const lines = range(n < 495 ? 3 : 2).map(() => aLine());
      return aCreate(
        `order-${n}`,
        anOrder({ number: `${n}`, customer, lines, total: money(1n, "EUR") }),
      );
    });
    await connector.prepare(signal);
    await connector.write("order", [aCreate("order-x", anOrder())], signal);
    simulator.resetCalls();

    const results = writtenOf(await connector.write("order", creates, signal));

    expect(results).toHaveLength(830);
    expect(simulator.records("line_items")).toHaveLength(2_155 + 2);
    expect(calls()).toEqual({
      [`POST ${OBJECTS}/batch/upsert`]: 22,
      [`POST ${OBJECTS}/batch/create`]: 9,
    });
    const deal = simulator
      .records("deals")
      .find((one) => one.properties["record_id"] === "order-0");
    expect(deal?.associations.line_items).toHaveLength(3);
    expect(deal?.associations.companies).toEqual([customer.externalId]);
  });

  it("completes a deal that a former try made, and makes no second one", async () => {
    const customer = customerRef(await aCustomer());
    const create = aCreate("order-1", anOrder({ customer }));
    await connector.prepare(signal);
    const half = await person.crm.deals.basicApi.create({
      properties: { dealname: "Order 10248", dealstage: "closedwon", record_id: "order-1" },
      associations: [],
    });

    const before = await connector.lookUp(
      "order",
      [{ write: create, attemptedAtMs: clockMs }],
      signal,
    );
    const result = await writeOne("order", create);
    const after = await connector.lookUp(
      "order",
      [{ write: create, attemptedAtMs: clockMs }],
      signal,
    );

    expect(before).toEqual([{ kind: "not-found" }]);
    expect(result.externalId).toBe(half.id);
    expect(after).toMatchObject([{ kind: "found", record: { externalId: half.id } }]);
    expect((await readOne("order", half.id)).fields).toMatchObject(anOrder({ customer }));
    expect(simulator.records("deals")).toHaveLength(1);
  });

  it.each(["drop-after", "rate-limit"] as const)(
    "calls a deal whose links failed uncertain (%s), and completes it at the next try",
    async (fault) => {
      const create = aCreate("order-1", anOrder({ customer: customerRef(await aCustomer()) }));
      await connector.prepare(signal);
      await person.crm.deals.basicApi.create({
        properties: { dealname: "half", dealstage: "closedwon", record_id: "order-1" },
        associations: [],
      });
      const route = "POST /crm/v4/associations/{type}/{toType}/batch/create";
      simulator.planFault({ route, fault, times: 1 });

      const failed = await connector.write("order", [create], signal);
      const result = await writeOne("order", create);

      expect(failed).toMatchObject([{ failure: { kind: "uncertain", field: "lines[0]" } }]);
      expect((await readOne("order", result.externalId)).fields).toMatchObject(anOrder());
      expect(simulator.records("line_items")).toHaveLength(2);
    },
  );

  it("ends the same when a whole order is written again after a broken answer", async () => {
    const create = aCreate("order-1", anOrder({ customer: customerRef(await aCustomer()) }));
    await connector.prepare(signal);
    simulator.planFault({ route: `POST ${OBJECTS}/batch/create`, fault: "drop-after", times: 1 });

    const broken = await connector.write("order", [create], signal);
    const found = await connector.lookUp(
      "order",
      [{ write: create, attemptedAtMs: clockMs }],
      signal,
    );
    const again = await writeOne("order", create);

    expect(broken).toMatchObject([{ failure: { kind: "uncertain", code: "remote-unreachable" } }]);
    expect(found).toMatchObject([{ kind: "found", record: { externalId: again.externalId } }]);
    expect(simulator.records("deals")).toHaveLength(1);
    expect(simulator.records("line_items")).toHaveLength(2);
  });

  it("replaces lines: changes those it has, adds what is new, archives what is left over", async () => {
    const { externalId } = await writeOne("order", aCreate("order-1", anOrder()));
    const added = await person.crm.lineItems.basicApi.create({
      properties: { name: "By hand", quantity: "1", price: "5", hs_line_item_currency_code: "EUR" },
      associations: [
        {
          to: { id: externalId },
          types: [{ associationCategory: "HUBSPOT_DEFINED" as never, associationTypeId: 20 }],
        },
      ],
    });
    expect((await readOne("order", externalId)).fields["lines"]).toHaveLength(3);

    const lines = [aLine({ quantity: "1", amount: money(974n, "EUR") })];
    const fields = { lines, total: money(974n, "EUR") };
    const update = { ...anUpdate(externalId, fields, anOrder(fields)), canonicalId: "order-1" };
    simulator.resetCalls();
    const result = await writeOne("order", update);

    expect(calls()).toEqual({
      [`POST ${OBJECTS}/batch/upsert`]: 1,
      [`POST ${OBJECTS}/batch/update`]: 1,
      "POST /crm/v4/associations/{type}/{toType}/batch/read": 1,
      [`POST ${OBJECTS}/batch/archive`]: 1,
    });
    expect((await readOne("order", externalId)).fields).toMatchObject(fields);
    expect(result.observed).toEqual(fields);
    const left = simulator.records("line_items").map((item) => item.id);
    expect(left).toHaveLength(1);
    expect(left).not.toContain(added.id);
  });

  it("makes no deal of an order whose line is refused", async () => {
    const bad = anOrder({
      lines: [
        aLine(),
        aLine({ product: { connection: "crm", recordType: "product", externalId: "x" } }),
      ],
    });

    const results = await connector.write(
      "order",
      [aCreate("order-1", bad), aCreate("order-2", anOrder())],
      signal,
    );

    expect(results[0]).toMatchObject({
      failure: { kind: "rejected", code: "value-not-allowed", field: "lines[1].hs_product_id" },
    });
    expect(results[1]).toMatchObject({ kind: "written" });
    expect(simulator.records("deals")).toHaveLength(1);
  });

  it("makes no deal of an order whose customer is not there", async () => {
    const results = await connector.write(
      "order",
      [aCreate("order-1", anOrder({ customer: customerRef("999999") }))],
      signal,
    );

    expect(results).toMatchObject([{ kind: "failed", failure: { kind: "rejected" } }]);
    expect(simulator.records("deals")).toHaveLength(0);
  });

  it("changes and removes the customer of a linked deal", async () => {
    const [first, second] = writtenOf(
      await connector.write(
        "customer",
        [aCreate("customer-1", { name: "A" }), aCreate("customer-2", { name: "B" })],
        signal,
      ),
    ).map((result) => customerRef(result.externalId));
    const { externalId } = await writeOne(
      "order",
      aCreate("order-1", anOrder({ customer: first })),
    );

    const moved = await writeOne(
      "order",
      anUpdate(externalId, { customer: second }, anOrder({ customer: second })),
    );
    const afterMove = (await readOne("order", externalId)).fields["customer"];
    await writeOne("order", anUpdate(externalId, { customer: null }, anOrder({ customer: null })));

    expect(moved.observed).toEqual({ customer: second });
    expect(afterMove).toEqual(second);
    expect((await readOne("order", externalId)).fields["customer"]).toBeNull();
  });

  it("moves a linked deal only where its stage means another status", async () => {
    const { externalId } = await writeOne("order", aCreate("order-1", anOrder({ status: "open" })));
    await person.crm.deals.basicApi.update(externalId, {
      properties: { dealstage: "contractsent" },
    });

    const kept = await writeOne("order", anUpdate(externalId, { status: "open" }, anOrder()));
    const stageKept = simulator.records("deals")[0]?.properties["dealstage"];
    const lost = await writeOne("order", anUpdate(externalId, { status: "lost" }, anOrder()));

    expect(stageKept).toBe("contractsent");
    expect(kept.externalId).toBe(externalId);
    expect(lost.observed).toEqual({ status: "lost" });
    expect((await readOne("order", externalId)).fields["status"]).toBe("lost");
  });

  it("reads a deal a person made: number from its id, amount without lines, no customer", async () => {
    const deal = await person.crm.deals.basicApi.create({
      properties: {
        dealname: "By hand",
        dealstage: "appointmentscheduled",
        amount: "1200.5",
        closedate: "2026-12-31T22:30:00Z",
      },
      associations: [],
    });

    expect((await readOne("order", deal.id)).fields).toEqual({
      number: `HS-${deal.id}`,
      customer: null,
      status: "open",
      orderedOn: "2026-12-31",
      dueOn: null,
      currency: "EUR",
      lines: [],
      total: money(120050n, "EUR"),
      taxTreatment: null,
      shipping: null,
      billingPeriod: null,
      billingStartsOn: null,
      billingEndsOn: null,
      exchangeRate: null,
      invoiceNumber: null,
      invoiceStatus: null,
      amountInvoiced: null,
      amountTax: null,
      amountCredited: null,
      amountPaid: null,
      amountWrittenOff: null,
      amountDue: null,
      revenue: null,
      costOfSales: null,
      grossProfit: null,
      marginRate: null,
      billingNotice: null,
    });
  });

  it("names a deal it cannot read, and reads the others", async () => {
    const [good, bad] = writtenOf(
      await connector.write(
        "order",
        [aCreate("order-1", anOrder()), aCreate("order-2", anOrder())],
        signal,
      ),
    ).map((result) => result.externalId);
    const [item] =
      simulator.records("deals").find((deal) => deal.id === bad)?.associations.line_items ?? [];
    await person.crm.lineItems.basicApi.update(item ?? "", {
      properties: { price: "3", discount: "1", hs_discount_percentage: "" },
    });

    const page = await connector.readChanges("order", { signal });

    expect(page.records.map((record) => record.externalId)).toEqual([good]);
    expect(page.unreadable).toMatchObject([
      {
        externalId: bad,
        failure: { kind: "invalid-input", code: "line-discount-unsupported", field: "lines[0]" },
      },
    ]);
  });
});

describe("faults", () => {
  it("asks for a new token where HubSpot refuses this one, in reads and writes", async () => {
    const stranger = connect("pat-of-another-app");

    const read = stranger.readByIds("product", ["1"], signal);
    await expect(read).rejects.toMatchObject({
      failure: { kind: "reauthorise", code: "token-refused" },
    });
    const results = await stranger.write(
      "customer",
      [aCreate("customer-1", { name: "A" })],
      signal,
    );
    expect(results).toMatchObject([{ failure: { kind: "reauthorise", code: "token-refused" } }]);
  });

  it("sends no further batch once the quota is spent", async () => {
    await connector.prepare(signal);
    simulator.planFault({
      route: `POST ${OBJECTS}/batch/upsert`,
      fault: "rate-limit",
      times: 100,
    });
    simulator.resetCalls();
    const creates = range(2_000).map((n) => aCreate(`customer-${n}`, { name: `C ${n}` }));

    const results = await connector.write("customer", creates, signal);

    const failure = { kind: "rate-limited", code: "rate-limited", retryAfterMs: 10_000 };
    expect(results.every((result) => result.kind === "failed")).toBe(true);
    expect(results[1_999]).toEqual({ kind: "failed", failure });
    expect(calls()[`POST ${OBJECTS}/batch/upsert`]).toBeLessThanOrEqual(4);
  });

  it("takes a page of HTML for no answer: a read is tried again, a write is uncertain", async () => {
    await connector.prepare(signal);
    for (const route of ["batch/read", "batch/upsert"]) {
      simulator.planFault({ route: `POST ${OBJECTS}/${route}`, fault: "html-200", times: 1 });
    }

    const read = connector.readByIds("customer", ["1"], signal);
    await expect(read).rejects.toMatchObject({
      failure: { kind: "retryable", code: "remote-answer-unreadable" },
    });
    const results = await connector.write(
      "customer",
      [aCreate("customer-1", { name: "A" })],
      signal,
    );
    expect(results).toMatchObject([
      { failure: { kind: "uncertain", code: "remote-answer-unreadable" } },
    ]);
  });

  it("makes the properties of a type once, and leaves an account that has them as it is", async () => {
    await connector.prepare(signal);
    await connector.prepare(signal);
    expect(calls()).toEqual({
      // Those in use and, as some are missing, those that were deleted.
      "GET /crm/v3/properties/{type}": 6,
      "POST /crm/v3/properties/{type}/groups": 3,
      "POST /crm/v3/properties/{type}/batch/create": 3,
    });

    simulator.resetCalls();
    await connect(TOKEN).prepare(signal);
    expect(calls()).toEqual({ "GET /crm/v3/properties/{type}": 3 });
  });
});

describe("webhooks", () => {
  it("takes what HubSpot sends for a hint, and refuses what it did not sign", async () => {
    const received: { body: Uint8Array; headers: Record<string, string | undefined> }[] = [];
    const door = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const headers = Object.fromEntries(
          Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
        );
        received.push({ body: Buffer.concat(chunks), headers });
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => door.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/hubspot?src=a%3Ab`;
    simulator.setWebhookTarget(url);

    const customer = await writeOne("customer", aCreate("customer-1", { name: "Alfreds" }));
    await simulator.webhooksSettled();
    await new Promise((resolve) => door.close(resolve));

    const [delivery] = received;
    if (delivery === undefined) throw new Error("no webhook came");
    const request = { method: "POST", url, headers: delivery.headers, rawBody: delivery.body };
    expect(connector.receiveWebhook(request, clockMs)).toMatchObject({
      kind: "accepted",
      hints: [{ recordType: "customer", externalId: customer.externalId, occurredAt: clockMs }],
    });
    const forged = { ...request, rawBody: Buffer.concat([delivery.body, Buffer.from(" ")]) };
    expect(connector.receiveWebhook(forged, clockMs)).toEqual({
      kind: "refused",
      status: 401,
      code: "signature-wrong",
    });
  });
});
