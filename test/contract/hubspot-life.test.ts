/**
 * The whole life of a record in HubSpot: as the official SDK sees it in the simulated account, and as
 * the connector tells it. Person and connector work in one account over HTTP.
 */
import { Client } from "@hubspot/api-client";
import {
  PropertyCreateFieldTypeEnum,
  PropertyCreateTypeEnum,
} from "@hubspot/api-client/lib/codegen/crm/properties/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { directFetch } from "#infra/local/simulators/direct-fetch.ts";
import {
  type HubspotSimulator,
  startHubspotSimulator,
} from "#infra/local/simulators/hubspot/index.ts";
import {
  createHubspotSimulator,
  type InProcessHubspot,
} from "#infra/local/simulators/hubspot/simulator.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { hubspotSettings } from "#shared/contracts/connections.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import type { Connector, RemoteWrite } from "#shared/ports/connector.ts";

const TOKEN = "pat-life-of-a-record";
const SECRET = "webhook-secret";
const START_MS = Date.parse("2026-11-22T10:00:00Z");
const DAY_MS = 24 * 3_600_000;
const HOOK = "https://tieout.example/webhooks/crm";
const { signal } = new AbortController();

const options = {
  token: TOKEN,
  webhookSecret: SECRET,
  now: () => clockMs,
  searchLagMs: 2_000,
  limits: { burstPerTenSeconds: 10_000, searchPerSecond: 1_000 },
};
const failureSchema = z.object({ code: z.number() });

let clockMs = START_MS;

beforeEach(() => {
  clockMs = START_MS;
});

describe("an account, as the SDK sees it", () => {
  let simulator: HubspotSimulator;
  let hubspot: Client;

  beforeEach(async () => {
    simulator = await startHubspotSimulator({ ...options, schedule: () => undefined });
    const limiterOptions = { minTime: 0, maxConcurrent: 50 };
    hubspot = new Client({ accessToken: TOKEN, basePath: simulator.url, limiterOptions });
  });

  afterEach(() => simulator.close());

  async function createCompany(properties: Record<string, string>): Promise<string> {
    return (await hubspot.crm.companies.basicApi.create({ properties })).id;
  }

  async function statusOf(call: Promise<unknown>): Promise<number> {
    const outcome = await call.then(
      () => ({ code: 200 }),
      (cause: unknown) => cause,
    );
    return failureSchema.parse(outcome).code;
  }

  async function listArchived(): Promise<string[]> {
    const { results } = await hubspot.crm.companies.basicApi.getPage(
      100,
      undefined,
      undefined,
      undefined,
      undefined,
      true,
    );
    return results.map(({ id }) => id);
  }

  it("restores an archived company with its values, its links and a later modified date", async () => {
    const company = await createCompany({ name: "Northwind", city: "Lyon" });
    const deal = await hubspot.crm.deals.basicApi.create({
      properties: { dealname: "D", dealstage: "appointmentscheduled" },
    });
    const link = hubspot.crm.associations.v4.basicApi;
    await link.createDefault("deals", deal.id, "companies", company);
    clockMs += 1_000;
    await hubspot.crm.companies.basicApi.archive(company);
    expect(await listArchived()).toEqual([company]);
    expect((await link.getPage("deals", deal.id, "companies")).results).toEqual([]);

    clockMs += 1_000;
    simulator.user.restore("companies", company);

    const restored = await hubspot.crm.companies.basicApi.getById(company, ["name", "city"]);
    expect(restored).toMatchObject({
      archived: false,
      properties: { name: "Northwind", city: "Lyon" },
      updatedAt: new Date(START_MS + 2_000),
    });
    expect(await listArchived()).toEqual([]);
    const [linked] = (await link.getPage("deals", deal.id, "companies")).results;
    expect(String(linked?.toObjectId)).toBe(company);
    expect(linked?.associationTypes.map(({ label }) => label)).toContain("Primary");
  });

  it("brings a link back with whichever of its two ends is restored last", async () => {
    const company = await createCompany({ name: "A" });
    const deal = simulator.user.create(
      "deals",
      { dealname: "D", dealstage: "contractsent" },
      { type: "companies", id: company },
    );
    simulator.user.archive("companies", company);
    simulator.user.archive("deals", deal);

    simulator.user.restore("companies", company);
    expect(simulator.records("companies")[0]?.associations.deals).toBeUndefined();
    simulator.user.restore("deals", deal);

    expect(simulator.records("companies")[0]?.associations.deals).toEqual([deal]);
  });

  it("gives a line item back to no second deal", async () => {
    const { user } = simulator;
    const deals = ["D1", "D2"].map((dealname) =>
      user.create("deals", { dealname, dealstage: "contractsent" }),
    );
    const [first = "", second = ""] = deals;
    const line = user.create("line_items", { name: "L" }, { type: "deals", id: first });
    user.archive("deals", first);
    user.link({ type: "line_items", id: line }, { type: "deals", id: second });

    user.restore("deals", first);

    const linesOf = simulator.records("deals").map(({ associations }) => associations.line_items);
    expect(linesOf).toEqual([undefined, [line]]);
  });

  it("keeps an archived record for ninety days, and none that was deleted for good", async () => {
    const company = await createCompany({ name: "Northwind" });
    const contact = await hubspot.crm.contacts.basicApi.create({
      properties: { email: "ann@example.com" },
    });
    await hubspot.crm.companies.basicApi.archive(company);
    await hubspot.crm.contacts.basicApi.purge({ objectId: contact.id });

    clockMs += 90 * DAY_MS - 1;
    expect(await listArchived()).toEqual([company]);
    const readArchived = (id: string, api = hubspot.crm.companies.basicApi) =>
      statusOf(api.getById(id, undefined, undefined, undefined, true));
    expect(await readArchived(company)).toBe(200);
    const contactRead = hubspot.crm.contacts.basicApi.getById(
      contact.id,
      undefined,
      undefined,
      undefined,
      true,
    );
    expect(await statusOf(contactRead)).toBe(404);

    clockMs += 1;
    expect(await listArchived()).toEqual([]);
    expect(await readArchived(company)).toBe(404);
    expect(() => simulator.user.restore("companies", company)).toThrow("not found");
  });

  it("restores no record whose unique value another one took meanwhile", async () => {
    await hubspot.crm.properties.coreApi.create("companies", {
      name: "ledger_code",
      label: "Ledger code",
      type: PropertyCreateTypeEnum.String,
      fieldType: PropertyCreateFieldTypeEnum.Text,
      groupName: "companyinformation",
      hasUniqueValue: true,
    });
    const former = await createCompany({ name: "A", ledger_code: "L1" });
    await hubspot.crm.companies.basicApi.archive(former);
    const next = await createCompany({ name: "B", ledger_code: "L1" });

    expect(() => simulator.user.restore("companies", former)).toThrow("cannot be restored");
    await hubspot.crm.companies.basicApi.archive(next);
    simulator.user.restore("companies", former);

    const { id } = await hubspot.crm.companies.basicApi.getById(
      "L1",
      undefined,
      undefined,
      undefined,
      false,
      "ledger_code",
    );
    expect(id).toBe(former);
  });

  it("lets merges be merged: every old id leads to the last survivor, which names them all", async () => {
    const [a, b, c] = [
      await createCompany({ name: "A" }),
      await createCompany({ name: "B" }),
      await createCompany({ name: "C" }),
    ];
    const first = simulator.user.merge("companies", a, b);
    const second = simulator.user.merge("companies", first, c);

    const reads = [a, b, c, first].map((id) =>
      hubspot.crm.companies.basicApi.getById(id, ["hs_merged_object_ids"]),
    );
    for (const { id, properties } of await Promise.all(reads)) {
      expect(id).toBe(second);
      expect(properties["hs_merged_object_ids"]?.split(";").sort()).toEqual(
        [a, b, c, first].sort(),
      );
    }
    expect(await listArchived()).toEqual([]);
    expect(() => simulator.user.merge("companies", second, a)).toThrow("with itself");
    expect(() => simulator.user.merge("products", a, b)).toThrow("cannot be merged");
  });

  it("deletes a custom property, and none of HubSpot's own", async () => {
    await hubspot.crm.properties.coreApi.create("companies", {
      name: "ledger_code",
      label: "Ledger code",
      type: PropertyCreateTypeEnum.String,
      fieldType: PropertyCreateFieldTypeEnum.Text,
      groupName: "companyinformation",
    });
    const id = await createCompany({ name: "A", ledger_code: "L1" });

    await hubspot.crm.properties.coreApi.archive("companies", "ledger_code");

    const { properties } = await hubspot.crm.companies.basicApi.getById(id, [
      "name",
      "ledger_code",
    ]);
    expect(Object.keys(properties)).not.toContain("ledger_code");
    const update = { properties: { ledger_code: "L2" } };
    expect(await statusOf(hubspot.crm.companies.basicApi.update(id, update))).toBe(400);
    const again = hubspot.crm.properties.coreApi;
    const { results } = await again.getAll("companies", true);
    expect(results).toMatchObject([{ name: "ledger_code", archived: true }]);
    expect(await statusOf(again.archive("companies", "ledger_code"))).toBe(404);
    expect(await statusOf(again.archive("companies", "name"))).toBe(400);
  });

  it("shows a person the recycle bin, the way out of it, and a merge", async () => {
    const [first, second] = [
      await createCompany({ name: "North <wind>" }),
      await createCompany({ name: "South" }),
    ];
    const post = (path: string, form: Record<string, string> = {}) =>
      fetch(`${simulator.url}${path}`, {
        method: "POST",
        redirect: "manual",
        body: new URLSearchParams(form),
      });
    await post(`/ui/companies/${first}/archive`);

    const bin = await (await fetch(`${simulator.url}/ui/companies/archived`)).text();
    expect(bin).toContain("North &lt;wind&gt;");
    const restored = await post(`/ui/companies/${first}/restore`);
    expect([restored.status, restored.headers.get("location")]).toEqual([
      303,
      `/ui/companies/${first}`,
    ]);
    expect((await post(`/ui/companies/${first}/restore`)).status).toBe(404);

    const merged = await post(`/ui/companies/${first}/merge`, { with: second });
    expect(merged.headers.get("location")).toBe(
      `/ui/companies/${simulator.records("companies")[0]?.id}`,
    );
    expect((await post(`/ui/companies/${first}/delete-for-good`)).status).toBe(404);
  });
});

describe("webhooks of a life", () => {
  let simulator: InProcessHubspot;

  beforeEach(() => {
    simulator = createHubspotSimulator(options);
  });

  function eventsOfNow(): Record<string, unknown>[] {
    const list = z.array(z.record(z.string(), z.unknown()));
    return simulator.takeWebhooks(HOOK).flatMap(({ body }) => list.parse(JSON.parse(body)));
  }

  it("tell of archiving, of the restore with nothing more, and of a merge with the loser's end", () => {
    const { user } = simulator;
    const [first, second] = ["A", "B"].map((name) => user.create("companies", { name }));
    eventsOfNow();

    user.archive("companies", first ?? "");
    user.restore("companies", first ?? "");
    const survivor = user.merge("companies", first ?? "", second ?? "");

    const common = { changeSource: "CRM_UI", sourceId: "userId:1", occurredAt: START_MS };
    const events = eventsOfNow();
    expect(events).toMatchObject([
      { ...common, subscriptionType: "company.deletion", objectId: Number(first) },
      { ...common, subscriptionType: "company.restore", objectId: Number(first) },
      {
        ...common,
        subscriptionType: "company.merge",
        primaryObjectId: Number(first),
        mergedObjectIds: [Number(first), Number(second)],
        newObjectId: Number(survivor),
      },
      { ...common, subscriptionType: "company.deletion", objectId: Number(second) },
    ]);
    expect(events[1]).not.toHaveProperty("changeFlag");
  });

  it("tell of a contact that was deleted for good, and nothing of a bin that was emptied", () => {
    const { user, troubles } = simulator;
    const contact = user.create("contacts", { email: "ann@example.com" });
    const company = user.create("companies", { name: "A" });
    user.archive("companies", company);
    eventsOfNow();

    user.deleteForGood(contact);
    troubles.expireArchived("companies", company);

    expect(eventsOfNow()).toMatchObject([
      { subscriptionType: "contact.deletion", objectId: Number(contact) },
      { subscriptionType: "contact.privacyDeletion", objectId: Number(contact) },
    ]);
    expect(() => user.restore("companies", company)).toThrow("not found");
  });
});

describe("the connector", () => {
  let simulator: InProcessHubspot;
  let connector: Connector;

  beforeEach(async () => {
    simulator = createHubspotSimulator(options);
    const settings = hubspotSettings.parse({
      id: "crm",
      system: "hubspot",
      token: TOKEN,
      webhookSecret: SECRET,
    });
    const transport = createTransport(directFetch(simulator.dispatch));
    connector = createHubspotConnector(settings, { transport, now: () => clockMs });
    await connector.prepare(signal);
    simulator.resetCalls();
  });

  function create(canonicalId: string, fields: Fields): RemoteWrite {
    return { canonicalId, idempotencyKey: canonicalId, fields, record: fields };
  }

  async function livesOf(
    recordType: "customer" | "product" | "order",
    ids: readonly string[],
  ): Promise<Record<string, string>> {
    const { records, missing } = await connector.readByIds(recordType, ids, signal);
    expect(new Set(records.map(({ externalId }) => externalId)).size).toBe(records.length);
    return Object.fromEntries([
      ...records.map((record): [string, string] => [record.externalId, told(record)]),
      ...missing.map((id): [string, string] => [id, "missing"]),
    ]);
  }

  function told({ life, mergedInto }: ObservedRecord): string {
    return mergedInto === undefined ? life : `${life} into ${mergedInto}`;
  }

  /** What the webhooks since the last time ask to look at. */
  function hintedIds(): string[] {
    return simulator.takeWebhooks(HOOK).flatMap(({ url, headers, body }) => {
      const request = { method: "POST", url, headers, rawBody: Buffer.from(body) };
      const outcome = connector.receiveWebhook(request, clockMs);
      return outcome.kind === "accepted" ? outcome.hints.map((hint) => hint.externalId) : [];
    });
  }

  it.each([
    ["customer", "companies", { name: "A" }],
    ["product", "products", { name: "A", hs_sku: "A" }],
    ["order", "deals", { dealname: "A", dealstage: "closedwon", deal_currency_code: "USD" }],
  ] as const)(
    "tells live, archived, restored and deleted %ss apart",
    async (recordType, type, values) => {
      const { user, troubles } = simulator;
      const id = user.create(type, values);
      const tell = async () => (await livesOf(recordType, [id]))[id];
      expect(await tell()).toBe("live");

      clockMs += 1_000;
      user.archive(type, id);
      expect(await tell()).toBe("archived");

      clockMs += 1_000;
      user.restore(type, id);
      expect(await tell()).toBe("live");

      user.archive(type, id);
      troubles.expireArchived(type, id);
      expect(await tell()).toBe("missing");
    },
  );

  it("gives every later state of a record a later version, also where its values did not change", async () => {
    const { user } = simulator;
    const id = user.create("companies", { name: "A" });
    const versions: number[] = [];
    const see = async () => {
      const { records } = await connector.readByIds("customer", [id], signal);
      versions.push(records[0]?.version ?? 0);
    };
    await see();
    for (const act of ["archive", "restore", "archive"] as const) {
      clockMs += 1_000;
      user[act]("companies", id);
      await see();
    }

    expect(versions).toEqual([0, 1_000, 2_000, 3_000].map((ms) => START_MS + ms));
  });

  it("leads from merged ids to the survivor, over merges of merges, and to an archived one too", async () => {
    const { user } = simulator;
    const [a = "", b = "", c = "", other = ""] = ["A", "B", "C", "Other"].map((name) =>
      user.create("companies", { name }),
    );
    const first = user.merge("companies", a, b);
    const last = user.merge("companies", c, first);

    expect(await livesOf("customer", [a, b, other, "999999"])).toEqual({
      [a]: `merged into ${last}`,
      [b]: `merged into ${last}`,
      [last]: "live",
      [other]: "live",
      999999: "missing",
    });
    const { records } = await connector.readByIds("customer", [last], signal);
    expect(records).toHaveLength(1);
    expect([...(records[0]?.mergedFrom ?? [])].sort()).toEqual([a, b, c, first].sort());

    user.archive("companies", last);
    expect(await livesOf("customer", [a, first])).toEqual({
      [a]: `merged into ${last}`,
      [first]: `merged into ${last}`,
      [last]: "archived",
    });
  });

  it("asks for an old id alone where a batch does not follow it", async () => {
    const { user } = simulator;
    const [a = "", b = ""] = ["A", "B"].map((name) => user.create("companies", { name }));
    const survivor = user.merge("companies", a, b);
    // Only the single read is documented to follow an old id.
    const body = JSON.stringify({ status: "COMPLETE", results: [] });
    const route = "POST /crm/v3/objects/{type}/batch/read";
    simulator.planFault({ route, fault: "status", status: 200, body, times: 2 });

    expect(await livesOf("customer", [b])).toEqual({
      [b]: `merged into ${survivor}`,
      [survivor]: "live",
    });
    expect(simulator.calls()["GET /crm/v3/objects/{type}/{id}"]).toBe(1);
  });

  it("finds merged deals, and spends no single read on products, which never merge", async () => {
    const { user } = simulator;
    const [a = "", b = ""] = ["A", "B"].map((dealname) =>
      user.create("deals", { dealname, dealstage: "closedwon", deal_currency_code: "USD" }),
    );
    const survivor = user.merge("deals", a, b);

    expect(await livesOf("order", [a])).toEqual({
      [a]: `merged into ${survivor}`,
      [survivor]: "live",
    });
    expect(await livesOf("product", ["4711"])).toEqual({ 4711: "missing" });
    expect(simulator.calls()["GET /crm/v3/objects/{type}/{id}"]).toBeUndefined();
  });

  it("names in a page of changes whom a record took in, and in a full read what is archived", async () => {
    const { user } = simulator;
    const [a = "", b = "", gone = ""] = ["A", "B", "Gone"].map((name) =>
      user.create("companies", { name }),
    );
    clockMs += 1_000;
    const survivor = user.merge("companies", a, b);
    user.archive("companies", gone);
    clockMs += 2_000;

    const since = START_MS + 1;
    const page = await connector.readChanges("customer", { since, signal });
    expect(page.records).toMatchObject([{ externalId: survivor, mergedFrom: [a, b] }]);

    const lives: [string, string][] = [];
    for (let cursor: string | undefined, isLast = false; !isLast; ) {
      const read = await connector.readChanges("customer", { cursor, signal });
      lives.push(...read.records.map((one): [string, string] => [one.externalId, told(one)]));
      cursor = read.nextCursor;
      isLast = cursor === undefined;
    }
    expect(lives).toEqual([
      [survivor, "live"],
      [gone, "archived"],
    ]);
  });

  it("shows what a late index still holds as older than the end it does not know of", async () => {
    const { user } = simulator;
    const [a = "", b = "", gone = ""] = ["A", "B", "Gone"].map((name) =>
      user.create("companies", { name }),
    );
    clockMs += 5_000;
    user.merge("companies", a, b);
    user.archive("companies", gone);

    const stale = await connector.readChanges("customer", { since: START_MS, signal });
    const { records } = await connector.readByIds("customer", [a, b, gone], signal);
    const truth = new Map(records.map((record) => [record.externalId, record.version]));

    expect(stale.records.map(({ externalId, life }) => [externalId, life])).toEqual([
      [a, "live"],
      [b, "live"],
      [gone, "live"],
    ]);
    for (const { externalId, version } of stale.records) {
      expect(version).toBeLessThan(truth.get(externalId) ?? 0);
    }
  });

  it("takes from webhooks every id that a life event is about", () => {
    const { user } = simulator;
    const [a = "", b = ""] = ["A", "B"].map((name) => user.create("companies", { name }));
    hintedIds();

    user.archive("companies", a);
    expect(hintedIds()).toEqual([a]);
    user.restore("companies", a);
    expect(hintedIds()).toEqual([a]);
    const survivor = user.merge("companies", a, b);
    expect(hintedIds().sort()).toEqual([a, b, survivor].sort());
  });

  it("sees a conflict in a write that HubSpot took for the survivor", async () => {
    const { user } = simulator;
    const [a = "", b = ""] = ["A", "B"].map((name) => user.create("companies", { name }));
    user.merge("companies", a, b);
    const fields = { city: "Lyon" };
    const update = { ...create("of-b", fields), externalId: b };

    const [result] = await connector.write("customer", [update], signal);

    expect(result).toEqual({
      kind: "failed",
      failure: { kind: "conflict", code: "record-merged" },
    });
  });

  it("leaves archiving and restoring to a person, and writes the fields of others", async () => {
    const id = simulator.user.create("companies", { name: "A" });
    const ending = { ...create("a", {}), externalId: id, life: "archived" as const };
    const update = { ...create("a", { city: "Lyon" }), externalId: id };

    const results = await connector.write("customer", [ending, update], signal);

    expect(results).toMatchObject([
      { kind: "failed", failure: { kind: "rejected", code: "life-not-writable" } },
      { kind: "written", externalId: id },
    ]);
    expect(simulator.records("companies")).toMatchObject([{ properties: { city: "Lyon" } }]);
  });

  it("finds no uncertain create in a record that ended since, stale index or not", async () => {
    const product = create("product-1", { code: "P-1", name: "Chai" });
    const customer = create("customer-1", { name: "Northwind" });
    for (const [recordType, write] of [
      ["product", product],
      ["customer", customer],
    ] as const) {
      const [result] = await connector.write(recordType, [write], signal);
      expect(result?.kind).toBe("written");
    }
    const request = (write: RemoteWrite) => [{ write, attemptedAtMs: clockMs - 600_000 }];
    clockMs += 5_000;
    const found = async () => [
      (await connector.lookUp("product", request(product), signal))[0]?.kind,
      (await connector.lookUp("customer", request(customer), signal))[0]?.kind,
    ];
    expect(await found()).toEqual(["found", "found"]);

    simulator.user.archive("products", simulator.records("products")[0]?.id ?? "");
    simulator.user.archive("companies", simulator.records("companies")[0]?.id ?? "");

    expect(await found()).toEqual(["not-found", "not-found"]);
  });

  it("asks for a new token where the former one has ended", async () => {
    simulator.troubles.expireToken();

    await expect(connector.readByIds("customer", ["1"], signal)).rejects.toMatchObject({
      failure: { kind: "reauthorise", code: "token-refused" },
    });
  });

  it("says nothing of a field whose property was deleted, and names the property in a write", async () => {
    const id = simulator.user.create("companies", { name: "A", tieout_segment: "gold" });
    simulator.troubles.deleteProperty("companies", "tieout_segment");

    const { records } = await connector.readByIds("customer", [id], signal);
    const update = { ...create("a", { segment: "silver" }), externalId: id };
    const [result] = await connector.write("customer", [update], signal);

    expect(records[0]?.fields).not.toHaveProperty("segment");
    expect(result).toMatchObject({
      kind: "failed",
      failure: { kind: "rejected", code: "property-missing", field: "tieout_segment" },
    });
  });

  it("never makes a deleted property anew: blank it would read as cleared by its user", async () => {
    const id = simulator.user.create("companies", { name: "A", tieout_email: "a@example.com" });
    simulator.troubles.deleteProperty("companies", "tieout_email");
    const update = { ...create("a", { email: "b@example.com" }), externalId: id };
    const write = async () => (await connector.write("customer", [update], signal))[0]?.kind;
    const seen = async () => {
      const { records } = await connector.readByIds("customer", [id], signal);
      return records[0]?.fields["email"];
    };

    expect([await write(), await seen(), await write()]).toEqual(["failed", undefined, "failed"]);
    simulator.troubles.restoreProperty("companies", "tieout_email");
    expect(await seen()).toBe("a@example.com");
    expect([await write(), await seen()]).toEqual(["written", "b@example.com"]);
  });

  it("names our id's property where that was deleted, and makes nobody twice meanwhile", async () => {
    const writes = ["A", "B", "C"].map((name) => create(`customer-${name}`, { name }));
    simulator.troubles.deleteProperty("companies", "record_id");
    simulator.resetCalls();

    const results = await connector.write("customer", writes, signal);
    const request = writes.map((write) => ({ write, attemptedAtMs: clockMs }));

    for (const result of results) {
      expect(result).toMatchObject({ failure: { code: "property-missing", field: "record_id" } });
    }
    expect(simulator.calls()["POST /crm/v3/objects/{type}/batch/upsert"]).toBe(1);
    await expect(connector.lookUp("customer", request, signal)).rejects.toMatchObject({
      failure: { code: "property-missing" },
    });
    expect(simulator.records("companies")).toEqual([]);
    simulator.troubles.restoreProperty("companies", "record_id");
    const again = await connector.write("customer", writes, signal);
    expect(again.map(({ kind }) => kind)).toEqual(["written", "written", "written"]);
  });
});
