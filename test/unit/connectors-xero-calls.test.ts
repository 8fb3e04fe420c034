/** What the Xero connector sends and what it makes of odd answers, on a scripted transport. */
import { describe, expect, it } from "vitest";
import type { HttpRequest, HttpResponse, Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";

const { signal } = new AbortController();
const version = 1_790_816_400_123;
const id = "2b1f5a10-1111-4111-8111-000000000001";

describe("a read", () => {
  it("names the organisation, the filter and the second to read from", async () => {
    const { connector, requests } = connect([ok({ Invoices: [], pagination: pages(0) })]);

    const page = await connector.readChanges("invoice", { since: version, cursor: "3", signal });

    expect(page).toEqual({ records: [], unreadable: [] });
    const [request] = requests;
    const url = new URL(request?.url ?? "");
    expect(url.pathname).toBe("/api.xro/2.0/Invoices");
    expect(Object.fromEntries(url.searchParams)).toEqual({
      unitdp: "4",
      where: 'Type=="ACCREC"',
      order: "UpdatedDateUTC DESC",
      page: "3",
      pageSize: "200",
    });
    expect(request?.headers).toEqual({
      authorization: "Bearer fixed-token",
      "xero-tenant-id": "tenant-1",
      accept: "application/json",
      "if-modified-since": "2026-10-01T01:00:00",
    });
  });

  it("goes on by the page count, and by a full page where Xero gives none", async () => {
    const full = Array.from({ length: 200 }, () => aContact({}));
    const { connector, requests } = connect([
      ok({ Contacts: [aContact({})], pagination: pages(2) }),
      ok({ Contacts: full }),
      ok({ Contacts: [aContact({})] }),
      ok({ Items: [] }),
    ]);

    const cursors: (string | undefined)[] = [];
    for (let page = 0; page < 3; page += 1) {
      const read = await connector.readChanges("customer", { cursor: cursors.at(-1), signal });
      cursors.push(read.nextCursor);
    }
    const items = await connector.readChanges("product", { signal });

    expect(cursors).toEqual(["2", "3", undefined]);
    expect(items.nextCursor).toBeUndefined();
    expect(requests[0]?.headers).not.toHaveProperty("if-modified-since");
    expect(requests[3]?.url).toBe("https://api.example/api.xro/2.0/Items?unitdp=4");
  });

  it("sets aside what it cannot read and keeps the rest", async () => {
    const odd = aContact({ ContactID: "odd", UpdatedDateUTC: "today" });
    const { connector } = connect([ok({ Contacts: [odd, aContact({})] })]);

    const page = await connector.readChanges("customer", { signal });

    expect(page.records.map(({ externalId }) => externalId)).toEqual([id]);
    expect(page.unreadable).toEqual([
      {
        recordType: "customer",
        externalId: "odd",
        failure: { kind: "invalid-input", code: "date-unreadable", field: "UpdatedDateUTC" },
      },
    ]);
  });

  it("sets aside a payment that an invoice shows and that cannot be read", async () => {
    const Payments = [
      { PaymentID: "p-1", Amount: 5, Status: "HELD" },
      { PaymentID: "p-2", Amount: 5 },
    ];
    const { connector } = connect([ok({ Invoices: [anInvoice({ Payments })] })]);

    const read = await connector.readByIds("invoice", [id], signal);

    expect(read.records.map(({ externalId }) => externalId)).toEqual([id, "p-2"]);
    expect(read.unreadable).toMatchObject([{ recordType: "payment", externalId: "p-1" }]);
    expect(read.missing).toEqual([]);
  });

  it("sets aside an invoice whose payments do not say what they paid", async () => {
    const Payments = [{ PaymentID: "p-1" }];
    const { connector } = connect([ok({ Invoices: [anInvoice({ Payments })] })]);

    const read = await connector.readByIds("invoice", [id], signal);

    expect(read).toMatchObject({ records: [], missing: [] });
    expect(read.unreadable).toMatchObject([
      { recordType: "invoice", failure: { code: "amount-missing", field: "Payments[0].Amount" } },
    ]);
  });

  it.each([
    ["half a document", text(200, '{"Contacts":[')],
    ["no list", ok({ Status: "OK" })],
    ["a nameless record", ok({ Contacts: [{ Name: "ABC" }] })],
    ["an odd page count", ok({ Contacts: [], pagination: { pageCount: "many" } })],
  ])("with %s is tried again", async (_name, answer) => {
    const { connector } = connect([answer]);
    await expect(connector.readChanges("customer", { signal })).rejects.toMatchObject({
      failure: { kind: "retryable", code: "remote-answer-unreadable" },
    });
  });

  it("takes 404 for a missing payment, in each of its lists, never for a missing list", async () => {
    const gone = text(404, "gone");
    const { connector, requests } = connect([gone, gone, gone, gone]);

    expect(await connector.readByIds("payment", [id], signal)).toMatchObject({ missing: [id] });
    expect(requests.map(({ url }) => new URL(url).pathname)).toEqual(
      ["Payments", "Prepayments", "Overpayments"].map((list) => `/api.xro/2.0/${list}/${id}`),
    );
    await expect(connector.readByIds("customer", [id], signal)).rejects.toMatchObject({
      failure: { code: "remote-path-unknown" },
    });
  });

  it("asks for no record that has no GUID, and for each one once", async () => {
    const { connector, requests } = connect([ok({ Contacts: [aContact({})] })]);

    const read = await connector.readByIds("customer", [id, "a,b", id, id.toUpperCase()], signal);

    expect(read.missing).toEqual(["a,b"]);
    expect(requests).toHaveLength(1);
    expect(read.records).toHaveLength(1);
    expect(await connector.readByIds("product", [], signal)).toEqual({
      records: [],
      unreadable: [],
      missing: [],
    });
  });

  it("reads items by id from the one list, and says nothing of the others", async () => {
    const item = { ItemID: id, Code: "A", UpdatedDateUTC: `/Date(${version})/` };
    const { connector } = connect([ok({ Items: [{ ItemID: "odd" }, item] })]);

    const read = await connector.readByIds("product", [id], signal);

    expect(read.records).toMatchObject([{ externalId: id, version, fields: { code: "A" } }]);
    expect(read.unreadable).toEqual([]);
  });

  it("keeps every URL short of what proxies refuse", async () => {
    const ids = Array.from({ length: 100 }, (_, n) => id.slice(0, -3) + String(n).padStart(3, "0"));
    const empty = ok({ Contacts: [] });
    const { connector, requests } = connect([empty, empty, empty]);

    expect((await connector.readByIds("customer", ids, signal)).missing).toEqual(ids);

    expect(requests.map(({ url }) => url.length < 2_000)).toEqual([true, true, true]);
  });

  it.each(["0", "-1", "two", "1.5"])("refuses the cursor %s", async (cursor) => {
    const { connector, requests } = connect([]);
    await expect(connector.readChanges("customer", { cursor, signal })).rejects.toMatchObject({
      failure: { kind: "invalid-input", code: "cursor-unreadable" },
    });
    expect(requests).toEqual([]);
  });
});

describe("a record type Xero does not have", () => {
  it("is refused before a call", async () => {
    const { connector, requests } = connect([]);
    const failure = { kind: "rejected", code: "record-type-unsupported" };

    await expect(connector.readChanges("order", { signal })).rejects.toMatchObject({ failure });
    await expect(connector.readByIds("order", [id], signal)).rejects.toMatchObject({ failure });
    expect(await connector.write("payment", [create("a")], signal)).toMatchObject([{ failure }]);
    const lookUp = [{ write: create("a"), attemptedAtMs: 0 }];
    await expect(connector.lookUp("payment", lookUp, signal)).rejects.toMatchObject({ failure });
    expect(requests).toEqual([]);
  });
});

describe("a write", () => {
  it("of new records is PUT under a key that is the same for the same rows only", async () => {
    const answer = ok({ Contacts: [written("a")] });
    const { connector, requests } = connect([answer, answer, answer, answer]);

    await connector.write("customer", [create("a")], signal);
    await connector.write("customer", [create("a")], signal);
    await connector.write("customer", [create("a", { name: "changed" })], signal);
    await connector.write("customer", [{ ...create("a"), idempotencyKey: "other" }], signal);

    const keys = requests.map(({ headers }) => headers["idempotency-key"]);
    expect(requests.map(({ method }) => method)).toEqual(["PUT", "PUT", "PUT", "PUT"]);
    expect(requests[0]?.url).toBe("https://api.example/api.xro/2.0/Contacts?summarizeErrors=false");
    expect(keys[1]).toBe(keys[0]);
    expect(new Set(keys).size).toBe(3);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });

  it("of known records is POST without a key, apart from the new ones", async () => {
    const { connector, requests } = connect([
      ok({ Contacts: [written("new")] }),
      ok({ Contacts: [written("known")] }),
    ]);

    const results = await connector.write(
      "customer",
      [{ ...create("known"), externalId: id }, create("new")],
      signal,
    );

    expect(results.map(outcomeOf)).toEqual(["written", "written"]);
    expect(results.map((result) => result.kind === "written" && result.observed["name"])).toEqual([
      "known",
      "new",
    ]);
    expect(requests.map(({ method }) => method)).toEqual(["PUT", "POST"]);
    expect(requests[1]?.headers).not.toHaveProperty("idempotency-key");
  });

  it("that owes nothing Xero holds is done without a call", async () => {
    const { connector, requests } = connect([]);
    const write = { ...create("a", { website: "https://a.example" }), externalId: id };

    expect(await connector.write("customer", [write], signal)).toEqual([
      { kind: "written", externalId: id, version: 0, observed: {} },
    ]);
    expect(requests).toEqual([]);
  });

  it("refuses a bad row before the call and sends the others", async () => {
    const { connector, requests } = connect([ok({ Contacts: [written("b")] })]);

    const rows = [create("n".repeat(256)), create("b")];
    const results = await connector.write("customer", rows, signal);

    expect(results.map(outcomeOf)).toEqual(["field-too-long", "written"]);
    expect(namesIn(requests[0])).toEqual(["b"]);
  });

  it("is uncertain where the answer does not say what became of it", async () => {
    const { connector } = connect([
      ok({ Contacts: [written("a")] }),
      ok({ Contacts: [written("a"), {}] }),
      ok({}),
      text(200, "<html>"),
      ok({ Contacts: [written("a"), aContact({ UpdatedDateUTC: "now" })] }),
    ]);
    const rows = [create("a"), create("b")];

    const outcomes: unknown[] = [];
    for (let call = 0; call < 5; call += 1) {
      const results = await connector.write("customer", rows, signal);
      outcomes.push(results.map((one) => one.kind === "failed" && one.failure));
    }

    const unconfirmed = { kind: "uncertain", code: "write-unconfirmed" };
    const unreadable = { kind: "uncertain", code: "remote-answer-unreadable" };
    expect(outcomes).toEqual([
      [unconfirmed, unconfirmed],
      [false, unconfirmed],
      [unreadable, unreadable],
      [unreadable, unreadable],
      [false, unconfirmed],
    ]);
  });

  it("that was done but reads oddly is done, and observes nothing", async () => {
    const { connector } = connect([ok({ Contacts: [{ ...written("a"), Phones: "none" }] })]);

    expect(await connector.write("customer", [create("a")], signal)).toEqual([
      { kind: "written", externalId: id, version, observed: {} },
    ]);
  });

  it.each([
    ["a zero GUID", { ContactID: "00000000-0000-0000-0000-000000000000" }],
    ["HasErrors", { HasErrors: true }],
    ["HasValidationErrors", { HasValidationErrors: true }],
    ["the status ERROR", { StatusAttributeString: "ERROR" }],
    ["a message", { ValidationErrors: [{ Message: "No." }] }],
  ])("is refused by %s", async (_name, part) => {
    const { connector } = connect([ok({ Contacts: [{ ...written("a"), ...part }] })]);
    const results = await connector.write("customer", [create("a")], signal);
    expect(results.map(outcomeOf)).toEqual(["remote-validation"]);
  });

  it("is done in spite of a warning", async () => {
    const element = { ...written("a"), StatusAttributeString: "WARNING", Warnings: [{}] };
    const { connector } = connect([ok({ Contacts: [element] })]);
    const results = await connector.write("customer", [create("a")], signal);
    expect(results.map(outcomeOf)).toEqual(["written"]);
  });
});

describe("a call that is refused as a whole", () => {
  const message = "The contact name b is already assigned to another contact.";

  it("sends the rows without fault again where the answer says which", async () => {
    const Elements = [{}, { ValidationErrors: [{ Message: message }] }, {}];
    const { connector, requests } = connect([
      refusal({ Type: "ValidationException", Elements }),
      ok({ Contacts: [written("a"), written("c")] }),
    ]);

    const rows = [create("a"), create("b"), create("c")];
    const results = await connector.write("customer", rows, signal);

    expect(results.map(outcomeOf)).toEqual(["written", "name-taken", "written"]);
    expect(requests.map(namesIn)).toEqual([
      ["a", "b", "c"],
      ["a", "c"],
    ]);
  });

  it("is halved where the answer does not, until the bad row stands alone", async () => {
    const Elements = [{ ValidationErrors: [{ Message: message }] }];
    const refused = refusal({ Type: "ValidationException", Elements });
    const { connector, requests } = connect([
      refused,
      ok({ Contacts: [written("a"), written("c")] }),
      refused,
      ok({ Contacts: [written("d")] }),
      refused,
    ]);

    const rows = [create("a"), create("c"), create("d"), create("b")];
    const results = await connector.write("customer", rows, signal);

    expect(results.map(outcomeOf)).toEqual(["written", "written", "written", "name-taken"]);
    expect(requests.map(namesIn)).toEqual([
      ["a", "c", "d", "b"],
      ["a", "c"],
      ["d", "b"],
      ["d"],
      ["b"],
    ]);
  });

  it("is not halved for what is wrong with the call itself", async () => {
    const { connector, requests } = connect([refusal({ Type: "PostDataInvalidException" })]);

    const results = await connector.write("customer", [create("a"), create("b")], signal);

    expect(results.map(outcomeOf)).toEqual(["request-malformed", "request-malformed"]);
    expect(requests).toHaveLength(1);
  });

  it("stops at a spent quota and leaves the rest for later", async () => {
    const { connector, requests } = connect([
      refusal({ Type: "ValidationException" }),
      ok({ Contacts: [written("a")] }),
      text(429, "", { "retry-after": "37", "x-rate-limit-problem": "minute" }),
    ]);

    const rows = [create("a"), create("b")];
    const results = await connector.write("customer", rows, signal);

    expect(results.map(outcomeOf)).toEqual(["written", "rate-limited"]);
    expect(results[1]).toMatchObject({ failure: { retryAfterMs: 37_000 } });
    expect(requests).toHaveLength(3);
  });
});

describe("a write that cannot be sent", () => {
  const unreachable = new SyncError({ kind: "retryable", code: "remote-unreachable" });

  it("is uncertain once it was on its way, and the next call is made all the same", async () => {
    const { connector } = connect([unreachable, ok({ Contacts: [written("z")] })]);

    const writes = Array.from({ length: 51 }, () => create("a"));
    const results = await connector.write("customer", writes, signal);

    const kinds = results.map((one) => (one.kind === "failed" ? one.failure.kind : one.kind));
    expect(kinds).toEqual([...writes.slice(1).map(() => "uncertain"), "written"]);
  });

  it("is merely tried again where no token could be had, or the time was up before", async () => {
    const noToken = connect([unreachable], custom);
    const aborted = connect([]);

    const results = [
      await noToken.connector.write("customer", [create("a")], signal),
      await aborted.connector.write("customer", [create("a")], AbortSignal.abort()),
    ].flat();

    expect(results).toMatchObject([
      { failure: { kind: "retryable", code: "remote-unreachable" } },
      { failure: { kind: "retryable", code: "call-aborted" } },
    ]);
    expect(aborted.requests).toEqual([]);
  });
});

describe("a custom connection's token", () => {
  it("is asked for with the granular scopes and kept until a minute before its end", async () => {
    const clock = { nowMs: version };
    const list = ok({ Contacts: [] });
    const script = [aToken("one"), list, list, aToken("two"), list];
    const { connector, requests } = connect(script, custom, clock);

    await connector.readChanges("customer", { signal });
    clock.nowMs += 1_739_000;
    await connector.readChanges("customer", { signal });
    clock.nowMs += 2_000;
    await connector.readChanges("customer", { signal });

    expect(requests[0]).toMatchObject({
      method: "POST",
      url: "https://identity.example/connect/token",
      headers: { authorization: "Basic Y2xpZW50LTE6c2VjcmV0LW9mLW9uZQ==" },
      body: "grant_type=client_credentials&scope=accounting.contacts%20accounting.invoices%20accounting.payments%20accounting.settings.read",
    });
    expect(bearersOf(requests)).toEqual(["Bearer one", "Bearer one", "Bearer two"]);
  });

  it("that Xero refuses is replaced once", async () => {
    const script = [
      aToken("one"),
      text(401, "{}"),
      aToken("two"),
      ok({ Contacts: [] }),
      text(401, "{}"),
      aToken("three"),
      text(401, "{}"),
    ];
    const { connector, requests } = connect(script, custom);

    await connector.readChanges("customer", { signal });
    await expect(connector.readChanges("customer", { signal })).rejects.toMatchObject({
      failure: { kind: "reauthorise", code: "token-refused" },
    });

    const expected = ["one", "two", "two", "three"].map((token) => `Bearer ${token}`);
    expect(bearersOf(requests)).toEqual(expected);
  });

  it("is asked for once by calls that wait together, and anew after a failure", async () => {
    const list = ok({ Contacts: [] });
    const { connector, requests } = connect(
      [text(503, "offline"), aToken("one"), list, list],
      custom,
    );
    const read = () => connector.readChanges("customer", { signal });

    const failed = await Promise.allSettled([read(), read()]);
    await Promise.all([read(), read()]);

    expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(bearersOf(requests)).toEqual(["Bearer one", "Bearer one"]);
    expect(requests).toHaveLength(4);
  });

  it("that comes in another shape is tried again", async () => {
    const { connector } = connect([ok({ token: "one" })], custom);
    await expect(connector.readChanges("customer", { signal })).rejects.toMatchObject({
      failure: { kind: "retryable", code: "remote-answer-unreadable" },
    });
  });
});

describe("a look-up", () => {
  it("of one that is not there is inconclusive while a candidate cannot be read", async () => {
    const odd = aContact({ ContactNumber: "canonical-a", UpdatedDateUTC: "now" });
    const { connector } = connect([ok({ Contacts: [odd] })]);

    const requests = [{ write: create("a"), attemptedAtMs: version }];
    await expect(connector.lookUp("customer", requests, signal)).rejects.toMatchObject({
      failure: { kind: "retryable", code: "look-up-inconclusive" },
    });
  });

  it("without its key finds nothing and holds no other up", async () => {
    const contact = { connection: "books", recordType: "customer" as const, externalId: id };
    const { connector, requests } = connect([
      ok({ Invoices: [anInvoice({ Reference: "7" })] }),
      ok({ Items: [] }),
    ]);
    const of = (fields: Fields) => ({ write: create("a", fields), attemptedAtMs: version });

    const results = await connector.lookUp(
      "invoice",
      [of({ customer: contact }), of({ customer: contact, reference: " 7 " })],
      signal,
    );

    expect(results.map(({ kind }) => kind)).toEqual(["not-found", "found"]);
    expect(requests[0]?.headers["if-modified-since"]).toBe("2026-09-30T01:00:00");
    const products = await connector.lookUp("product", [of({})], signal);
    expect(products).toEqual([{ kind: "not-found" }]);
    expect(await connector.lookUp("customer", [], signal)).toEqual([]);
  });

  it("reads every page of a customer with many invoices", async () => {
    const contact = { connection: "books", recordType: "customer" as const, externalId: id };
    const other = anInvoice({ InvoiceID: `${id.slice(0, -1)}9`, Reference: "8" });
    const { connector, requests } = connect([
      ok({ Invoices: [other], pagination: pages(2) }),
      ok({ Invoices: [anInvoice({ Reference: "7" })], pagination: pages(2) }),
    ]);
    const write = create("a", { customer: contact, reference: "7" });

    const results = await connector.lookUp("invoice", [{ write, attemptedAtMs: 0 }], signal);

    expect(results).toMatchObject([{ kind: "found", record: { externalId: id } }]);
    expect(requests.map(({ url }) => new URL(url).searchParams.get("page"))).toEqual(["1", "2"]);
  });
});

describe("preparing", () => {
  it("needs no call", async () => {
    const { connector, requests } = connect([]);
    await connector.prepare(signal);
    expect(requests).toEqual([]);
  });
});

const custom = {
  kind: "client-credentials",
  clientId: "client-1",
  clientSecret: "secret-of-one",
};

function connect(
  script: readonly (HttpResponse | SyncError)[],
  auth: object = { kind: "token", token: "fixed-token" },
  clock = { nowMs: version },
) {
  const answers = [...script];
  const requests: HttpRequest[] = [];
  const transport: Transport = {
    send: async (request) => {
      requests.push(request);
      const answer = answers.shift();
      if (answer === undefined) throw new Error(`Not in the script: ${request.url}`);
      if (answer instanceof SyncError) throw answer;
      return answer;
    },
  };
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: "https://api.example",
    identityUrl: "https://identity.example",
    tenantId: "tenant-1",
    auth,
    webhookKey: "webhook-key",
  });
  return {
    connector: createXeroConnector(settings, { transport, now: () => clock.nowMs }),
    requests,
  };
}

function ok(body: object): HttpResponse {
  return text(200, JSON.stringify(body));
}

function refusal(body: object): HttpResponse {
  return text(400, JSON.stringify(body));
}

function text(status: number, body: string, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: new Headers(headers), text: body };
}

function aToken(token: string): HttpResponse {
  return ok({ access_token: token, expires_in: 1800, token_type: "Bearer" });
}

function pages(pageCount: number) {
  return { page: 1, pageSize: 200, pageCount, itemCount: pageCount };
}

function aContact(overrides: object) {
  return {
    ContactID: id,
    ContactStatus: "ACTIVE",
    Name: "ABC",
    UpdatedDateUTC: `/Date(${version}+0000)/`,
    ...overrides,
  };
}

function anInvoice(overrides: object) {
  return {
    InvoiceID: id,
    Type: "ACCREC",
    Contact: { ContactID: id },
    Status: "DRAFT",
    CurrencyCode: "USD",
    UpdatedDateUTC: `/Date(${version}+0000)/`,
    ...overrides,
  };
}

function written(name: string) {
  return aContact({ Name: name, StatusAttributeString: "OK", HasValidationErrors: false });
}

function create(name: string, fields: Fields = { name }): RemoteWrite {
  const canonicalId = `canonical-${name}`.slice(0, 50);
  return { canonicalId, idempotencyKey: `key-${name}`, fields, record: fields };
}

function outcomeOf(result: WriteResult): string {
  return result.kind === "failed" ? result.failure.code : result.kind;
}

function namesIn(request: HttpRequest | undefined): string[] {
  const body: { Contacts: { Name: string }[] } = JSON.parse(request?.body ?? "");
  return body.Contacts.map(({ Name }) => Name);
}

function bearersOf(requests: readonly HttpRequest[]): (string | undefined)[] {
  return requests
    .map(({ headers }) => headers["authorization"])
    .filter((value) => value?.startsWith("Bearer"));
}
