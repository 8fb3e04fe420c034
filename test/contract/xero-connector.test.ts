/** The Xero connector against the simulator over HTTP: every port method, and the vendor's habits. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { startXeroSimulator, type XeroSimulator } from "#infra/local/simulators/xero/index.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { parseMoney } from "#shared/domain/money.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type {
  Connector,
  RemoteWrite,
  WebhookOutcome,
  WriteResult,
} from "#shared/ports/connector.ts";

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
  connector = connect({});
});

afterAll(() => simulator.close());

beforeEach(() => simulator.resetCalls());

describe("customers", () => {
  it("are made with all their fields and read back the same", async () => {
    const fields = {
      name: "Blåbær & Søn",
      email: "ap@blaabaer.example",
      phone: "+45 33 12 34 56",
      street: "Nygade 7\n2. sal",
      city: "Aarhus",
      region: "Midtjylland",
      postalCode: "8000",
      country: "Denmark",
      taxNumber: "DK12345678",
      paymentTermsDays: 14,
    };

    const result = written(
      await connector.write("customer", [create(fields, "customer-a1")], signal),
    );

    const record = await readOne("customer", result.externalId);
    expect(record).toMatchObject({ life: "live", registeredId: "customer-a1", fields });
    expect(record.version).toBe(result.version);
    expect(result.observed).toMatchObject(fields);
  });

  it("keep what is not owed when a part is changed, and blank what is null", async () => {
    const full = {
      name: "Partly Ltd",
      email: "p@partly.example",
      street: "1 High St",
      city: "Leeds",
      taxNumber: "GB1",
    };
    const made = written(await connector.write("customer", [create(full)], signal));
    const owed = { city: "York", taxNumber: null };

    const change = update(made.externalId, owed, { ...full, ...owed });
    written(await connector.write("customer", [change], signal));

    const { fields } = await readOne("customer", made.externalId);
    expect(fields).toMatchObject({ ...full, ...owed });
  });

  it("refuse a name that is taken, row by row, and never take over the other contact", async () => {
    const first = written(await connector.write("customer", [create({ name: "Twin" })], signal));
    simulator.resetCalls();

    const results = await connector.write(
      "customer",
      [create({ name: "twin" }), create({ name: "Not a twin" }), create({ name: "Not a twin" })],
      signal,
    );

    expect(results.map(outcomeOf)).toEqual(["name-taken", "written", "name-taken"]);
    expect((await readOne("customer", first.externalId)).fields["name"]).toBe("Twin");
    expect(simulator.calls()).toMatchObject({ "PUT /api.xro/2.0/Contacts": 1 });
  });

  it("are found again by our id after an answer was lost, and are not made twice", async () => {
    const write = create({ name: "Lost and found" });
    simulator.planFault({ route: "PUT /api.xro/2.0/Contacts", fault: "drop-after", times: 1 });
    const attemptedAtMs = Date.now();
    const [lost] = await connector.write("customer", [write], signal);
    expect(lost).toMatchObject({ kind: "failed", failure: { kind: "uncertain" } });

    const never = create({ name: "Never sent" });
    const requests = [write, never].map((one) => ({ write: one, attemptedAtMs }));
    const [found, absent] = await connector.lookUp("customer", requests, signal);

    expect(found).toMatchObject({
      kind: "found",
      record: { registeredId: write.canonicalId, fields: { name: "Lost and found" } },
    });
    expect(absent).toEqual({ kind: "not-found" });
    expect(
      simulator.records("contacts").filter(({ Name }) => Name === "Lost and found"),
    ).toHaveLength(1);
  });

  it("are looked up many at a time, in URLs a proxy lets through", async () => {
    const writes = Array.from({ length: 60 }, () => create({ name: `Many ${count}` }));
    await connector.write("customer", writes, signal);
    const requests = writes.map((write) => ({ write, attemptedAtMs: Date.now() }));

    const results = await connector.lookUp("customer", requests, signal);

    expect(results.map(({ kind }) => kind)).toEqual(writes.map(() => "found"));
  });

  it("a thousand new ones take 20 calls, and reading them by id 25", async () => {
    const writes = Array.from({ length: 1_000 }, () => create({ name: `Thousand ${count}` }));

    const results = await connector.write("customer", writes, signal);
    const ids = results.map((result) => written([result]).externalId);
    const read = await connector.readByIds("customer", [...ids, "no-guid", ids[0] ?? ""], signal);

    expect(read.records).toHaveLength(1_000);
    expect(read.missing).toEqual(["no-guid"]);
    expect(simulator.calls()).toEqual({
      "PUT /api.xro/2.0/Contacts": 20,
      "GET /api.xro/2.0/Contacts": 25,
    });
  });

  it("archived ones are shown as such, in changes and in a full read", async () => {
    const made = written(await connector.write("customer", [create({ name: "Ended" })], signal));
    await callSimulator(`Contacts/${made.externalId}`, {
      ContactID: made.externalId,
      ContactStatus: "ARCHIVED",
    });

    const isIt = ({ externalId }: ObservedRecord) => externalId === made.externalId;
    const changed = (await readAllChanges("customer", made.version - 1_000)).find(isIt);
    const all = await readAllChanges("customer", undefined);

    expect(changed?.life).toBe("archived");
    expect(all.find(isIt)?.life).toBe("archived");
    expect(all.length).toBeGreaterThan(200);
    const [refused] = await connector.write(
      "customer",
      [update(made.externalId, { city: "Oslo" }, { name: "Ended", city: "Oslo" })],
      signal,
    );
    expect(outcomeOf(refused)).toBe("contact-archived");
  });
});

describe("products", () => {
  it("keep four digits of a price and every text, and are found by code", async () => {
    const fields = {
      code: 'W"1\\',
      name: "Widget",
      description: "A widget",
      unitPrice: "33.3333",
      unitCost: "12.3456",
    };
    const write = create(fields);
    const made = written(await connector.write("product", [write], signal));

    const record = await readOne("product", made.externalId);
    const request = { write, attemptedAtMs: Date.now() };
    const [found] = await connector.lookUp("product", [request], signal);

    expect(record.fields).toEqual(fields);
    expect(found).toMatchObject({ kind: "found", record: { externalId: made.externalId } });
    const [again] = await connector.write(
      "product",
      [create({ ...fields, name: "Other" })],
      signal,
    );
    expect(outcomeOf(again)).toBe("item-code-taken");
  });

  it("change only what is owed, and blank a description", async () => {
    const full = { code: "C-1", name: "Cup", description: "Blue", unitPrice: "2.5" };
    const made = written(await connector.write("product", [create(full)], signal));
    const owed = { description: null, unitPrice: "2.75" };

    const change = update(made.externalId, owed, { ...full, ...owed });
    written(await connector.write("product", [change], signal));

    expect((await readOne("product", made.externalId)).fields).toEqual({
      ...full,
      unitCost: null,
      ...owed,
    });
    expect(
      simulator.records("items").find(({ Code }) => Code === "C-1")?.SalesDetails,
    ).toMatchObject({ AccountCode: "200" });
  });
});

describe("invoices", () => {
  it("are drafts without tax whose lines come out at the order's amounts", async () => {
    const { customer } = await aCustomer();
    const code = await aProduct();
    const fields = anInvoice(customer, {
      lines: [
        aLine({ productCode: code, quantity: "3", unitPrice: "33.3333", amount: usd("100.00") }),
        aLine({ description: "Tenth off", discountRate: "0.1", amount: usd("9.00") }),
        aLine({ description: "Third off", discountRate: "0.333333", amount: usd("6.67") }),
        aLine({ description: null, quantity: "0.5", amount: usd("5.00") }),
      ],
    });

    const made = written(await connector.write("invoice", [create(fields)], signal));

    const record = await readOne("invoice", made.externalId);
    expect(record.fields).toMatchObject({
      status: "draft",
      reference: fields["reference"],
      customer,
      issuedOn: "2026-11-02",
      dueOn: "2026-12-02",
      currency: "USD",
      subtotal: usd("120.67"),
      tax: usd("0.00"),
      total: usd("120.67"),
      amountDue: usd("120.67"),
    });
    expect(record.fields["lines"]).toMatchObject([
      { productCode: code, unitPrice: "33.3333", quantity: "3", amount: usd("100.00") },
      { productCode: null, product: null, discountRate: "0.1", amount: usd("9.00") },
      { discountRate: "0.333", amount: usd("6.67") },
      { description: "-", quantity: "0.5", amount: usd("5.00") },
    ]);
    const kept = simulator
      .records("invoices")
      .find(({ InvoiceID }) => InvoiceID === made.externalId);
    expect(kept?.LineAmountTypes).toBe("NoTax");
    expect(kept?.LineItems.map(({ AccountCode }) => AccountCode)).toEqual([
      "200",
      "200",
      "200",
      "200",
    ]);
  });

  it("are never made at another sum than the order's", async () => {
    const { customer } = await aCustomer();
    const lines = [aLine({ quantity: "3", unitPrice: "10", amount: usd("29.99") })];

    const results = await connector.write(
      "invoice",
      [create(anInvoice(customer, { lines }))],
      signal,
    );

    expect(results.map(outcomeOf)).toEqual(["line-amount-differs"]);
  });

  it("are found by reference and customer, the oldest of those that stand", async () => {
    const { customer } = await aCustomer();
    const other = await aCustomer();
    const fields = anInvoice(customer, { reference: 'He said "5\\6"' });
    const ended = written(await connector.write("invoice", [create(fields)], signal));
    await callSimulator(`Invoices/${ended.externalId}`, {
      InvoiceID: ended.externalId,
      Status: "DELETED",
    });
    const stands = written(await connector.write("invoice", [create(fields)], signal));

    const requests = [
      create(fields),
      create({ ...fields, customer: other.customer }),
      create({ ...fields, reference: "Another" }),
    ].map((write) => ({ write, attemptedAtMs: Date.now() }));
    const results = await connector.lookUp("invoice", requests, signal);

    expect(results.map(({ kind }) => kind)).toEqual(["found", "not-found", "not-found"]);
    expect(results[0]).toMatchObject({ record: { externalId: stands.externalId } });
    expect(simulator.calls()["GET /api.xro/2.0/Invoices"]).toBe(1);
  });

  it("bring their payments along, refuse edits once paid, and show a deleted payment", async () => {
    const { customer } = await aCustomer();
    const made = written(await connector.write("invoice", [create(anInvoice(customer))], signal));
    await callSimulator(`Invoices/${made.externalId}`, {
      InvoiceID: made.externalId,
      Status: "AUTHORISED",
    });
    const payment = await pay(made.externalId, "4.50");

    const read = await connector.readByIds("invoice", [made.externalId], signal);
    const [refused] = await connector.write(
      "invoice",
      [update(made.externalId, { reference: "New" }, {})],
      signal,
    );
    const direct = await connector.readByIds("payment", [payment, zeroGuid], signal);

    const invoice = { connection: "books", recordType: "invoice", externalId: made.externalId };
    const expected = { invoice, status: "settled", amount: usd("4.50"), paidOn: "2026-11-20" };
    expect(read.records.map(({ recordType }) => recordType)).toEqual(["invoice", "payment"]);
    expect(read.records[0]?.fields).toMatchObject({
      status: "issued",
      amountPaid: usd("4.50"),
      amountDue: usd("5.50"),
    });
    expect(read.records[1]).toMatchObject({ externalId: payment, fields: expected });
    expect(read.records[1]?.version).toBe(read.records[0]?.version);
    expect(outcomeOf(refused)).toBe("document-paid");
    expect(direct.records).toMatchObject([{ externalId: payment, life: "live", fields: expected }]);
    expect(direct.missing).toEqual([zeroGuid]);

    await callSimulator(`Payments/${payment}`, { PaymentID: payment, Status: "DELETED" });
    const changes = await readAllChanges("payment", direct.records[0]?.version);
    const deleted = changes.find(({ externalId }) => externalId === payment);
    expect(deleted).toMatchObject({ life: "live", fields: { status: "deleted" } });
  });

  it("bills are left out of changes, and shown as excluded when they are asked for", async () => {
    const { customer } = await aCustomer();
    const answer = await callSimulator("Invoices", {
      Type: "ACCPAY",
      Contact: { ContactID: customer.externalId },
      LineItems: [{ Description: "Paper", Quantity: 1, UnitAmount: 5, AccountCode: "200" }],
    });
    const id = String(answer["Invoices"]?.[0]?.["InvoiceID"]);

    const read = await connector.readByIds("invoice", [id], signal);
    const changes = await readAllChanges("invoice", 0);

    expect(read.records).toMatchObject([{ externalId: id, excluded: "bill", fields: {} }]);
    expect(changes.some(({ externalId }) => externalId === id)).toBe(false);
  });

  it("830 new drafts take 17 calls", async () => {
    const { customer } = await aCustomer();
    const writes = Array.from({ length: 830 }, () =>
      create(anInvoice(customer, { reference: `R-${count}` })),
    );

    const results = await connector.write("invoice", writes, signal);

    expect(new Set(results.map(({ kind }) => kind))).toEqual(new Set(["written"]));
    expect(simulator.calls()["PUT /api.xro/2.0/Invoices"]).toBe(17);
  });

  it("changes come newest first, over several pages, each invoice once", async () => {
    const changes = await readAllChanges("invoice", 0);
    const ids = new Set(changes.map(({ externalId }) => externalId));
    const kept = simulator.records("invoices").filter(({ Type }) => Type === "ACCREC");

    expect(ids.size).toBe(kept.length);
    expect(changes).toHaveLength(kept.length);
    expect(changes.length).toBeGreaterThan(200);
    const versions = changes.map(({ version }) => version);
    expect(versions).toEqual(versions.toSorted((left, right) => right - left));
  });
});

describe("a list that moves while it is read", () => {
  it("loses no record to the pages that were not read yet", async () => {
    const before = await readAllChanges("invoice", 0);
    const first = await connector.readChanges("invoice", { since: 0, signal });
    const moved = first.records[0]?.externalId ?? "";
    const late = before.at(-1)?.externalId ?? "";
    for (const id of [moved, late]) {
      const change = update(id, { reference: `Moved ${count}` }, {});
      written(await connector.write("invoice", [change], signal));
    }

    const rest = await readAllChanges("invoice", 0, first.nextCursor);

    const seen = new Set([...first.records, ...rest].map(({ externalId }) => externalId));
    const unseen = before.filter(({ externalId }) => !seen.has(externalId));
    // The one that moved to the front is newer than all that was read: the next poll finds it.
    expect(unseen.map(({ externalId }) => externalId)).toEqual([late]);
  });
});

describe("a call that goes wrong", () => {
  it("says how long to wait when the quota is spent, and spends no further call", async () => {
    simulator.planFault({ route: "PUT /api.xro/2.0/Contacts", fault: "rate-limit", times: 1 });
    const writes = Array.from({ length: 120 }, () => create({ name: `Waits ${count}` }));

    const results = await connector.write("customer", writes, signal);

    expect(new Set(results.map(outcomeOf))).toEqual(new Set(["rate-limited"]));
    expect(simulator.calls()["PUT /api.xro/2.0/Contacts"]).toBe(1);
    const [first] = results;
    expect(first?.kind === "failed" && first.failure.retryAfterMs).toBeGreaterThan(0);
  });

  it("on a read is retryable, whatever stands in for an answer", async () => {
    for (const fault of ["html-200", "drop-before"] as const) {
      simulator.planFault({ route: "GET /api.xro/2.0/Contacts", fault, times: 1 });
      await expect(readAllChanges("customer", 0)).rejects.toMatchObject({
        failure: { kind: "retryable" },
      });
    }
  });

  it("on a write is uncertain, whatever stands in for an answer", async () => {
    const faults = [
      { fault: "html-200" },
      { fault: "drop-before" },
      { fault: "status", status: 503, body: "offline" },
    ] as const;
    for (const fault of faults) {
      simulator.planFault({ route: "PUT /api.xro/2.0/Contacts", times: 1, ...fault });
      const write = create({ name: `Unknown ${count}` });
      expect(await connector.write("customer", [write], signal)).toMatchObject([
        { kind: "failed", failure: { kind: "uncertain" } },
      ]);
    }
  });

  it("asks to reauthorise when token or organisation are not Xero's", async () => {
    const noToken = connect({ auth: { kind: "token", token: "another-token" } });
    const noTenant = connect({ tenantId: "00000000-0000-4000-8000-000000000000" });

    const failures = await Promise.all(
      [noToken, noTenant].map((one) =>
        one.readByIds("customer", [zeroGuid], signal).catch(failureOf),
      ),
    );

    expect(failures).toMatchObject([
      { kind: "reauthorise", code: "token-refused" },
      { kind: "reauthorise", code: "tenant-not-connected" },
    ]);
  });
});

describe("a custom connection", () => {
  it("fetches one token for calls at once and uses it until it ends", async () => {
    const auth = {
      kind: "client-credentials",
      clientId: "client-1",
      clientSecret: "secret-of-client-1",
    };
    const custom = connect({ auth });

    await Promise.all([1, 2, 3].map(() => custom.readByIds("customer", [zeroGuid], signal)));
    const read = await custom.readByIds("customer", [zeroGuid], signal);

    expect(read.missing).toEqual([zeroGuid]);
    expect(simulator.calls()["POST /connect/token"]).toBe(1);
  });

  it("with a wrong secret asks to reauthorise, for a write too", async () => {
    const auth = { kind: "client-credentials", clientId: "client-1", clientSecret: "wrong-secret" };

    const results = await connect({ auth }).write("customer", [create({ name: "Nobody" })], signal);

    expect(results).toMatchObject([{ failure: { kind: "reauthorise", code: "client-refused" } }]);
  });
});

describe("webhooks", () => {
  it("pass the vendor's handshake and hint at what changed", async () => {
    const outcomes: WebhookOutcome[] = [];
    const server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const headers = Object.fromEntries(
          Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
        );
        const rawBody = Buffer.concat(chunks);
        const request = { method: "POST", url: "https://tieout.example/hook", headers, rawBody };
        const outcome = connector.receiveWebhook(request, Date.now());
        outcomes.push(outcome);
        outgoing.writeHead(outcome.kind === "accepted" ? 200 : outcome.status).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
    try {
      simulator.setWebhookTarget(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
      expect(await simulator.sendIntentToReceive()).toBe(true);
      outcomes.length = 0;

      const made = written(
        await connector.write("customer", [create({ name: "Heard of" })], signal),
      );
      await simulator.webhooksSettled();

      const hint = {
        recordType: "customer",
        externalId: made.externalId,
        occurredAt: made.version,
      };
      expect(outcomes).toMatchObject([{ kind: "accepted", hints: [hint] }]);
    } finally {
      server.close();
    }
  });
});

const zeroGuid = "00000000-0000-0000-0000-000000000000";

function connect(overrides: Record<string, unknown>): Connector {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: simulator.url,
    identityUrl: simulator.url,
    tenantId,
    auth: { kind: "token", token },
    webhookKey: "webhook-key",
    ...overrides,
  });
  return createXeroConnector(settings, { transport: createTransport(), now: Date.now });
}

function create(fields: Fields, canonicalId?: string): RemoteWrite {
  count += 1;
  const id = canonicalId ?? `canonical-${String(count).padStart(24, "0")}`;
  return { canonicalId: id, idempotencyKey: `key-${id}`, fields, record: fields };
}

function update(externalId: string, fields: Fields, record: Fields): RemoteWrite {
  return { ...create(fields), externalId, record };
}

function written(results: readonly WriteResult[]) {
  const [result] = results;
  if (result?.kind !== "written") throw new Error(`Not written: ${JSON.stringify(result)}`);
  return result;
}

function outcomeOf(result: WriteResult | undefined): string | undefined {
  return result?.kind === "failed" ? result.failure.code : result?.kind;
}

function failureOf(cause: unknown): unknown {
  return cause instanceof SyncError ? cause.failure : cause;
}

function usd(text: string) {
  return parseMoney(text, "USD");
}

async function aCustomer() {
  const [result] = await connector.write(
    "customer",
    [create({ name: `Customer ${count}` })],
    signal,
  );
  const { externalId } = written(result === undefined ? [] : [result]);
  return { customer: { connection: "books", recordType: "customer" as const, externalId } };
}

async function aProduct(): Promise<string> {
  const code = `P-${count}`;
  written(await connector.write("product", [create({ code, name: code, unitPrice: "1" })], signal));
  return code;
}

function anInvoice(customer: Fields[string], overrides: Fields = {}): Fields {
  return {
    reference: `D-${count}`,
    customer,
    issuedOn: "2026-11-02",
    dueOn: "2026-12-02",
    currency: "USD",
    lines: [aLine({})],
    ...overrides,
  };
}

function aLine(overrides: object) {
  return {
    product: null,
    productCode: null,
    description: "Work",
    quantity: "1",
    unitPrice: "10",
    discountRate: "0",
    amount: usd("10.00"),
    ...overrides,
  };
}

async function readOne(recordType: "customer" | "product" | "invoice", externalId: string) {
  const { records } = await connector.readByIds(recordType, [externalId], signal);
  const [record] = records;
  if (record === undefined) throw new Error(`No ${recordType} ${externalId}`);
  return record;
}

async function readAllChanges(
  recordType: "customer" | "invoice" | "payment",
  since: number | undefined,
  from?: string,
): Promise<ObservedRecord[]> {
  const records: ObservedRecord[] = [];
  let cursor = from;
  do {
    const page = await connector.readChanges(recordType, { since, cursor, signal });
    expect(page.unreadable).toEqual([]);
    records.push(...page.records);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return records;
}

async function pay(invoiceId: string, amount: string): Promise<string> {
  const answer = await callSimulator(
    "Payments",
    {
      Invoice: { InvoiceID: invoiceId },
      Account: { Code: "090" },
      Amount: amount,
      Date: "2026-11-20",
    },
    "PUT",
  );
  return String(answer["Payments"]?.[0]?.["PaymentID"]);
}

/** What a bookkeeper does in Xero itself. */
async function callSimulator(
  path: string,
  element: object,
  method = "POST",
): Promise<Record<string, Record<string, unknown>[]>> {
  const response = await fetch(`${simulator.url}/api.xro/2.0/${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      "xero-tenant-id": tenantId,
      accept: "application/json",
      "content-type": "application/json",
    },
    body: JSON.stringify(element),
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, Record<string, unknown>[]>;
}
