/**
 * The connectors with a budget between them and the simulated vendors: what the vendors refuse, and
 * that they are not asked again before their time.
 */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  type HubspotSimulator,
  startHubspotSimulator,
} from "#infra/local/simulators/hubspot/index.ts";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { limits } from "#shared/config/limits.ts";
import { priorityOfSignal, withCallPriority } from "#shared/connectors/call-priority.ts";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { hubspotCalls, hubspotQuotaOf } from "#shared/connectors/hubspot/quota.ts";
import { paceTransport } from "#shared/connectors/paced-transport.ts";
import { createTransport, type Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroCalls, xeroQuotaOf } from "#shared/connectors/xero/quota.ts";
import { hubspotSettings, xeroSettings } from "#shared/contracts/connections.ts";
import type { CallPriority } from "#shared/domain/call-budget.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { Connector, RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { createMemoryCallBudgets } from "#test/support/memory-call-budgets.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

const START_MS = Date.parse("2026-11-22T10:00:00Z");
const XERO_CONTACTS = "GET /api.xro/2.0/Contacts";
const HUBSPOT_LIST = "GET /crm/v3/objects/{type}";
const { signal } = new AbortController();
const { log } = createMemoryPorts();

let clockMs = START_MS;
let budget: CallBudget;
let seen: { readonly priority: CallPriority; readonly status: number }[];

const now = (): number => clockMs;

beforeEach(() => {
  clockMs = START_MS;
  budget = createMemoryCallBudgets();
  seen = [];
});

/** The network, which notes what went out and what came back. */
function aNetwork(): Transport {
  const transport = createTransport();
  return {
    send: async (request) => {
      const response = await transport.send(request);
      seen.push({ priority: priorityOfSignal(request.signal), status: response.status });
      return response;
    },
  };
}

function xeroOn(simulator: XeroSimulator, quota?: object): Connector {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: simulator.url,
    identityUrl: simulator.url,
    tenantId: simulator.tenantId,
    auth: { kind: "token", token: simulator.token },
    webhookKey: simulator.webhookKey,
    quota,
  });
  const of = { connection: "books", system: "xero", quota: xeroQuotaOf(settings) };
  const transport = paceTransport(aNetwork(), of, xeroCalls, { budget, now, log });
  return withCallPriority(createXeroConnector(settings, { transport, now }));
}

function hubspotOn(simulator: HubspotSimulator, quota?: object): Connector {
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: simulator.url,
    token: simulator.token,
    webhookSecret: simulator.webhookSecret,
    quota,
  });
  const of = { connection: "crm", system: "hubspot", quota: hubspotQuotaOf(settings) };
  const transport = paceTransport(aNetwork(), of, hubspotCalls, { budget, now, log });
  return withCallPriority(createHubspotConnector(settings, { transport, now }));
}

function aCreate(canonicalId: string, fields: Fields): RemoteWrite {
  return { canonicalId, idempotencyKey: `key-${canonicalId}`, fields, record: fields };
}

function externalIdOf(results: readonly WriteResult[]): string {
  const [result] = results;
  if (result?.kind !== "written") throw new Error(`not written: ${JSON.stringify(result)}`);
  return result.externalId;
}

/** The failure of a read, or undefined where it went well. */
async function failureOfRead(connector: Connector): Promise<Failure | undefined> {
  try {
    await connector.readChanges("customer", { since: START_MS, signal });
    return undefined;
  } catch (cause) {
    if (cause instanceof SyncError) return cause.failure;
    throw cause;
  }
}

describe("Xero", () => {
  let simulator: XeroSimulator;
  afterEach(() => simulator.close());

  async function start(xeroLimits: Parameters<typeof startXeroSimulator>[0]["limits"] = {}) {
    simulator = await startXeroSimulator({
      token: "a-token-for-tests",
      tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58",
      webhookKey: "webhook-key",
      now,
      limits: xeroLimits,
    });
  }

  it("that says 429 is left alone by all workers until its Retry-After is over", async () => {
    await start({ perMinute: 2 });
    const [first, second] = [xeroOn(simulator), xeroOn(simulator)];
    // Other programs use the organisation's quota, and Xero has not told us yet.
    const elsewhere = { authorization: `Bearer ${simulator.token}` };
    for (let calls = 0; calls < 2; calls += 1) {
      const headers = { ...elsewhere, "xero-tenant-id": simulator.tenantId };
      await fetch(`${simulator.url}/api.xro/2.0/Contacts`, { headers });
    }

    const refused = await failureOfRead(first);
    expect(refused).toMatchObject({ kind: "rate-limited", code: "rate-limited" });
    const waitMs = refused?.retryAfterMs ?? 0;
    expect(waitMs).toBeGreaterThan(0);
    expect(seen).toMatchObject([{ status: 429 }]);

    expect(await failureOfRead(second)).toEqual({
      kind: "rate-limited",
      code: "quota-spent",
      retryAfterMs: waitMs,
    });
    clockMs += waitMs - 1;
    expect(await failureOfRead(second)).toMatchObject({ code: "quota-spent" });
    expect(seen).toHaveLength(1);

    clockMs += 1;
    expect(await failureOfRead(second)).toBeUndefined();
  });

  it("is never called more often than it allows, nor more at once", async () => {
    await start();
    const workers = [xeroOn(simulator), xeroOn(simulator), xeroOn(simulator)];

    for (let seconds = 0; seconds < 150; seconds += 2) {
      await Promise.all(
        Array.from({ length: 12 }, (_, index) =>
          workers[index % workers.length]?.readByIds(
            index % 3 === 0 ? "invoice" : "customer",
            ["2b1f5a10-1111-4111-8111-000000000001"],
            signal,
          ),
        ).map((read) => read?.catch((cause: unknown) => cause)),
      );
      clockMs += 2_000;
    }

    expect(seen.length).toBeGreaterThan(100);
    expect(seen.filter(({ status }) => status === 429)).toEqual([]);
  });

  it("leaves room for invoices when customers and a full check have used their part", async () => {
    await start();
    const books = xeroOn(simulator, { callsPerMinute: 10 });
    const readAll = async (recordType: RecordType, since?: number) => {
      for (let calls = 0; calls < 20; calls += 1) {
        try {
          await books.readChanges(recordType, { since, signal });
        } catch (cause) {
          return cause instanceof SyncError ? cause.failure.code : cause;
        }
      }
      return "never refused";
    };

    expect(await readAll("customer")).toBe("quota-reserved");
    expect(seen).toHaveLength(5);
    expect(await readAll("customer", START_MS)).toBe("quota-reserved");
    expect(seen).toHaveLength(8);
    expect(await readAll("invoice", START_MS)).toBe("quota-reserved");
    expect(seen).toHaveLength(9);
    expect(await readAll("payment", START_MS)).toBe("quota-spent");
    expect(seen).toHaveLength(10);
  });

  it("that does not answer is tried by one call at a time, and used again when it does", async () => {
    await start();
    const books = xeroOn(simulator);
    const times = limits.breakerFailuresMax + 1;
    simulator.planFault({ route: XERO_CONTACTS, fault: "drop-before", times });
    for (let calls = 0; calls < limits.breakerFailuresMax; calls += 1) {
      expect(await failureOfRead(books)).toMatchObject({ code: "remote-unreachable" });
    }

    const paused = await failureOfRead(books);
    expect(paused).toMatchObject({ kind: "rate-limited", code: "connection-paused" });
    expect(simulator.calls()[XERO_CONTACTS]).toBe(limits.breakerFailuresMax);

    clockMs += paused?.retryAfterMs ?? 0;
    const tries = await Promise.all([failureOfRead(books), failureOfRead(books)]);
    const codes = tries.map((failure) => failure?.code).sort();
    expect(codes).toEqual(["connection-paused", "remote-unreachable"]);

    const again = await failureOfRead(books);
    clockMs += again?.retryAfterMs ?? 0;
    expect(again?.retryAfterMs).toBe(limits.breakerPauseMs * 2);
    expect(await failureOfRead(books)).toBeUndefined();
    expect(await failureOfRead(books)).toBeUndefined();
  });

  it("is called in the record's priority, whatever calls an operation takes", async () => {
    await start();
    const books = xeroOn(simulator);
    const priorities = async (work: () => Promise<unknown>) => {
      seen.length = 0;
      await work();
      return [...new Set(seen.map(({ priority }) => priority))];
    };
    const name = { name: "Blåbær" };

    let contact = "";
    const writing = async () => {
      const results = await books.write("customer", [aCreate("customer-1", name)], signal);
      contact = externalIdOf(results);
    };
    expect(await priorities(writing)).toEqual(["customer"]);
    const write = aCreate("invoice-1", {
      reference: "HS-1",
      customer: { connection: "books", recordType: "customer", externalId: contact },
    });
    const lookUp = () => books.lookUp("invoice", [{ write, attemptedAtMs: START_MS }], signal);
    expect(await priorities(lookUp)).toEqual(["document"]);
    const read = () => books.readByIds("payment", [contact], signal);
    expect(await priorities(read)).toEqual(["payment"]);
    const check = () => books.readChanges("payment", { signal });
    expect(await priorities(check)).toEqual(["backfill"]);
  });
});

describe("HubSpot", () => {
  let simulator: HubspotSimulator;
  beforeEach(async () => {
    simulator = await startHubspotSimulator({
      token: "pat-connector",
      webhookSecret: "webhook-secret",
      now,
      schedule: () => undefined,
      searchLagMs: 0,
      currency: "EUR",
    });
  });
  afterEach(() => simulator.close());

  it("that says 429 without Retry-After is left alone for its ten seconds", async () => {
    const crm = hubspotOn(simulator);
    await crm.readChanges("customer", { signal });
    simulator.planFault({ route: HUBSPOT_LIST, fault: "rate-limit", times: 1 });
    await crm.readChanges("customer", { signal }).catch((cause: unknown) => cause);
    seen.length = 0;

    expect(await failureOfRead(crm)).toEqual({
      kind: "rate-limited",
      code: "quota-spent",
      retryAfterMs: 10_000,
    });
    expect(seen).toEqual([]);
    clockMs += 10_000;
    expect(await failureOfRead(crm)).toBeUndefined();
  });

  it("that says 429 with Retry-After is left alone for as long as it says", async () => {
    const crm = hubspotOn(simulator);
    const headers = { "Retry-After": "3" };
    simulator.planFault({ route: HUBSPOT_LIST, fault: "status", status: 429, headers, times: 1 });
    await crm.readChanges("customer", { signal }).catch((cause: unknown) => cause);

    expect(await failureOfRead(crm)).toMatchObject({ code: "quota-spent", retryAfterMs: 3_000 });
  });

  it("tells what is left, which is shown", async () => {
    const crm = hubspotOn(simulator);
    await crm.readChanges("product", { signal });

    const [shown] = await budget.view(now());

    expect(shown).toMatchObject({ connection: "crm", system: "hubspot", state: "open" });
    const told = shown?.windows.map((window) => [window.name, window.told?.remaining]);
    const burst = 110 - seen.length;
    expect(told).toEqual([
      ["ten-seconds", burst],
      ["search-second", undefined],
      ["day", 250_000 - seen.length],
    ]);
  });

  it("is called in the record's priority, whatever calls an operation takes", async () => {
    const crm = hubspotOn(simulator);
    const line = {
      product: null,
      productCode: "P-1",
      description: "Chai",
      quantity: "3",
      unitPrice: "10.00",
      discountRate: "0",
      amount: money(3_000n, "EUR"),
    };
    const company = externalIdOf(
      await crm.write("customer", [aCreate("customer-1", { name: "Ana" })], signal),
    );
    const order: Fields = {
      number: "10248",
      status: "won",
      orderedOn: "2026-07-04",
      currency: "EUR",
      customer: { connection: "crm", recordType: "customer", externalId: company },
      lines: [line],
      total: money(3_000n, "EUR"),
    };
    seen.length = 0;

    const deal = externalIdOf(await crm.write("order", [aCreate("order-1", order)], signal));
    await crm.readByIds("order", [deal], signal);
    await crm.lookUp(
      "order",
      [{ write: aCreate("order-1", order), attemptedAtMs: START_MS }],
      signal,
    );

    expect(seen.length).toBeGreaterThan(8);
    expect(new Set(seen.map(({ priority }) => priority))).toEqual(new Set(["document"]));
    seen.length = 0;
    await crm.readChanges("order", { signal });
    expect(seen.length).toBeGreaterThan(3);
    expect(new Set(seen.map(({ priority }) => priority))).toEqual(new Set(["backfill"]));
  });
});
