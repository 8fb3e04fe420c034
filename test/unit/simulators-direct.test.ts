/** The simulators without a server: the same calls give the same bytes, and troubles come as planned. */
import { createHash, createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { directFetch } from "#infra/local/simulators/direct-fetch.ts";
import { createHubspotSimulator } from "#infra/local/simulators/hubspot/simulator.ts";
import { seededRandom, uuidFrom } from "#infra/local/simulators/random-source.ts";
import type { SimCall, SimOutcome } from "#infra/local/simulators/simulator-core.ts";
import { cutTo } from "#infra/local/simulators/text-habits.ts";
import { createXeroSimulator } from "#infra/local/simulators/xero/simulator.ts";

const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";
const START_MS = Date.parse("2026-11-22T10:00:00Z");
const COMPANIES = "/crm/v3/objects/companies";
const HOOK = "https://hooks.example.com/crm";

interface Clock {
  ms: number;
}

function hubspotAt(clock: Clock, seed = "seed") {
  return createHubspotSimulator({
    token: "pat-lab",
    webhookSecret: "webhook-secret",
    now: () => clock.ms,
    random: seededRandom(seed),
  });
}

function xeroAt(clock: Clock, seed = "seed") {
  return createXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    clientId: "client",
    clientSecret: "secret",
    now: () => clock.ms,
    random: seededRandom(seed),
  });
}

function toHubspot(method: string, url: string, body?: unknown, token = "pat-lab"): SimCall {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return { method, url, headers, rawBody: body === undefined ? "" : JSON.stringify(body) };
}

function toXero(method: string, path: string, body?: unknown, token = "fixed-token"): SimCall {
  const headers = {
    authorization: `Bearer ${token}`,
    "xero-tenant-id": TENANT,
    accept: "application/json",
  };
  const rawBody = body === undefined ? "" : JSON.stringify(body);
  return { method, url: `/api.xro/2.0${path}`, headers, rawBody };
}

const answerSchema = z.object({ status: z.number(), body: z.string().optional() });

function answerOf(outcome: SimOutcome): { status: number; body: unknown } {
  const { status, body = "" } = answerSchema.parse(outcome);
  return { status, body: body === "" ? undefined : JSON.parse(body) };
}

/** Everything an account shows while it is worked in: answers, webhooks, records, the saved state. */
function traceOfHubspot(seed: string): string {
  const clock = { ms: START_MS };
  const simulator = hubspotAt(clock, seed);
  const { dispatch, user } = simulator;
  const seen: unknown[] = [];
  const call = (method: string, url: string, body?: unknown) => {
    clock.ms += 250;
    seen.push(dispatch(toHubspot(method, url, body)));
  };
  call("POST", COMPANIES, { properties: { name: "Northwind", domain: "WWW.Northwind.Example" } });
  call("POST", COMPANIES, { properties: { name: "South" } });
  call("POST", COMPANIES, { properties: { nmae: "refused" } });
  call("GET", `${COMPANIES}/999`);
  user.edit("companies", "101", { city: "Lyon" });
  const merged = user.merge("companies", "101", "102");
  user.archive("companies", merged);
  seen.push(simulator.takeWebhooks(HOOK));
  user.restore("companies", merged);
  clock.ms += 5_000;
  call("POST", `${COMPANIES}/search`, { limit: 5 });
  call("GET", "/nowhere");
  seen.push(simulator.takeWebhooks(HOOK), simulator.records("companies"), simulator.snapshot());
  return JSON.stringify(seen);
}

function traceOfXero(seed: string): string {
  const clock = { ms: START_MS };
  const simulator = xeroAt(clock, seed);
  const { dispatch, user } = simulator;
  const seen: unknown[] = [];
  const call = (method: string, path: string, body?: unknown, token?: string) => {
    clock.ms += 250;
    seen.push(dispatch(toXero(method, path, body, token)));
  };
  call("PUT", "/Contacts", { Contacts: [{ Name: "Acme" }, { Name: "Acme Limited" }] });
  call("PUT", "/Contacts", { Contacts: [{ Name: "acme" }] });
  call("GET", "/Contacts", undefined, "another");
  const [winner, loser] = simulator.records("contacts").map(({ ContactID }) => ContactID);
  const invoice = user.createInvoice({
    Type: "ACCREC",
    Contact: { ContactID: loser },
    DueDate: "2026-12-01",
    LineItems: [{ Description: "Work", Quantity: "1", UnitAmount: "10", AccountCode: "200" }],
  });
  user.approveInvoice(invoice);
  user.mergeContacts(loser ?? "", winner ?? "");
  seen.push(simulator.takeWebhooks(HOOK));
  call("GET", "/Invoices?page=1");
  seen.push(simulator.takeWebhooks(HOOK), simulator.snapshot());
  return JSON.stringify(seen);
}

function digestOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

describe("a simulator in this process", () => {
  it.each([
    ["HubSpot", traceOfHubspot],
    ["Xero", traceOfXero],
  ])("of %s gives the same bytes for the same seed, clock and calls", (_name, traceOf) => {
    expect(digestOf(traceOf("one"))).toBe(digestOf(traceOf("one")));
    expect(digestOf(traceOf("one"))).not.toBe(digestOf(traceOf("another")));
  });

  it("goes on from the state it gave", () => {
    const clock = { ms: START_MS };
    const first = hubspotAt(clock);
    const id = first.user.create("companies", { name: "Northwind" });
    const state: unknown = JSON.parse(JSON.stringify(first.snapshot()));

    const second = createHubspotSimulator({
      token: "pat-lab",
      webhookSecret: "webhook-secret",
      now: () => clock.ms,
      state,
    });

    expect(second.records("companies").map((record) => record.id)).toEqual([id]);
    expect(second.user.create("companies", { name: "Next" })).toBe(String(Number(id) + 1));
  });

  it("signs a webhook at the moment it is taken, for the address it is taken for", () => {
    const clock = { ms: START_MS };
    const simulator = hubspotAt(clock);
    simulator.user.create("companies", { name: "Northwind" });
    clock.ms += 60_000;

    const [webhook] = simulator.takeWebhooks(HOOK);
    const timestamp = webhook?.headers["X-HubSpot-Request-Timestamp"];

    expect(timestamp).toBe(String(START_MS + 60_000));
    expect(webhook?.headers["X-HubSpot-Signature-v3"]).toBe(
      createHmac("sha256", "webhook-secret")
        .update(`POST${HOOK}${webhook?.body}${timestamp}`)
        .digest("base64"),
    );
    expect(simulator.takeWebhooks(HOOK)).toEqual([]);
  });

  it("breaks, hangs and answers as it is told to, and says what took effect", () => {
    const { dispatch, planFault, records, calls } = hubspotAt({ ms: START_MS });
    const route = "POST /crm/v3/objects/{type}";
    const create = toHubspot("POST", COMPANIES, { properties: { name: "A" } });
    for (const fault of ["drop-before", "drop-after", "hang-after", "html-200"] as const) {
      planFault({ route, fault, times: 1 });
    }

    expect(dispatch(create)).toBe("dropped-before");
    expect(records("companies")).toHaveLength(0);
    expect(dispatch(create)).toBe("dropped-after");
    expect(dispatch(create)).toBe("hangs");
    expect(dispatch(create)).toMatchObject({
      status: 200,
      headers: { "content-type": "text/html" },
    });
    expect(records("companies")).toHaveLength(2);
    expect(calls()).toEqual({ [route]: 4 });
  });

  it("refuses more calls at once than the caller says it may have", () => {
    const { dispatch } = xeroAt({ ms: START_MS });

    expect(dispatch({ ...toXero("GET", "/Contacts"), inFlightCount: 5 })).toMatchObject({
      status: 200,
    });
    expect(dispatch({ ...toXero("GET", "/Contacts"), inFlightCount: 6 })).toMatchObject({
      status: 429,
      headers: { "X-Rate-Limit-Problem": "concurrent" },
    });
  });
});

describe("directFetch", () => {
  it("is a fetch: answers with bodies and headers, breaks, and hangs until it is given up", async () => {
    const simulator = hubspotAt({ ms: START_MS });
    const send = directFetch(simulator.dispatch);
    const route = "GET /crm/v3/objects/{type}";
    const url = `https://api.hubapi.com${COMPANIES}`;
    const headers = { authorization: "Bearer pat-lab" };

    const answer = await send(url, { method: "GET", headers });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ results: [] });
    expect(answer.headers.get("x-hubspot-ratelimit-remaining")).toBe("109");

    simulator.planFault({ route, fault: "drop-before", times: 1 });
    await expect(send(url, { method: "GET", headers })).rejects.toThrow("dropped-before");

    simulator.planFault({ route, fault: "hang-after", times: 1 });
    const patience = new AbortController();
    const hanging = send(url, { method: "GET", headers, signal: patience.signal });
    patience.abort(new Error("given up"));
    await expect(hanging).rejects.toThrow("given up");
  });
});

describe("troubles of HubSpot", () => {
  it("a search index can stand still, and never goes back", () => {
    const clock = { ms: START_MS };
    const { dispatch, user, troubles } = hubspotAt(clock);
    const found = () => {
      const asked = toHubspot("POST", `${COMPANIES}/search`, { properties: ["name"] });
      const page = z.object({
        results: z.array(z.object({ properties: z.record(z.string(), z.unknown()) })),
      });
      return page
        .parse(answerOf(dispatch(asked)).body)
        .results.map(({ properties }) => properties["name"]);
    };
    const id = user.create("companies", { name: "First" });
    clock.ms += 2_000;
    expect(found()).toEqual(["First"]);

    troubles.setSearchLag(Number.POSITIVE_INFINITY);
    user.edit("companies", id, { name: "Second" });
    clock.ms += 3_600_000;
    expect(found()).toEqual(["First"]);

    troubles.setSearchLag(1_000);
    expect(found()).toEqual(["Second"]);
  });

  it("named rows of a batch fail alone, for as often as was planned", () => {
    const { dispatch, user, troubles } = hubspotAt({ ms: START_MS });
    const ids = [user.create("companies", { name: "A" }), user.create("companies", { name: "B" })];
    troubles.failRows([ids[1] ?? ""], 1);
    const update = toHubspot("POST", `${COMPANIES}/batch/update`, {
      inputs: ids.map((id) => ({ id, objectWriteTraceId: id, properties: { city: "Lyon" } })),
    });

    expect(answerOf(dispatch(update))).toMatchObject({
      status: 207,
      body: {
        results: [{ id: ids[0] }],
        numErrors: 1,
        errors: [{ category: "VALIDATION_ERROR", context: { objectWriteTraceId: [ids[1]] } }],
      },
    });
    expect(answerOf(dispatch(update))).toMatchObject({ status: 200 });
  });

  it("a token that ended is refused until another is in its place", () => {
    const { dispatch, troubles } = hubspotAt({ ms: START_MS });
    const list = (token?: string) =>
      answerOf(dispatch(toHubspot("GET", COMPANIES, undefined, token)));

    troubles.expireToken();
    expect(list()).toMatchObject({ status: 401, body: { category: "EXPIRED_AUTHENTICATION" } });
    troubles.renewToken("pat-next");
    expect(list("pat-next").status).toBe(200);
    expect(list()).toMatchObject({ status: 401, body: { category: "EXPIRED_AUTHENTICATION" } });
    expect(list("pat-other")).toMatchObject({ body: { category: "INVALID_AUTHENTICATION" } });
  });

  it("a deleted property refuses writes, and reads leave it out", () => {
    const { dispatch, user, troubles } = hubspotAt({ ms: START_MS });
    const definition = {
      name: "ledger_code",
      label: "Ledger code",
      type: "string",
      fieldType: "text",
      groupName: "companyinformation",
      hasUniqueValue: true,
    };
    dispatch(toHubspot("POST", "/crm/v3/properties/companies", definition));
    const id = user.create("companies", { name: "A", ledger_code: "L1" });
    const read = () => dispatch(toHubspot("GET", `${COMPANIES}/${id}?properties=ledger_code`));
    expect(answerOf(read())).toMatchObject({ body: { properties: { ledger_code: "L1" } } });

    troubles.deleteProperty("companies", "ledger_code");

    const shown = z.object({ body: z.object({ properties: z.record(z.string(), z.unknown()) }) });
    expect(Object.keys(shown.parse(answerOf(read())).body.properties)).not.toContain("ledger_code");
    const write = { properties: { ledger_code: "L2" } };
    expect(answerOf(dispatch(toHubspot("PATCH", `${COMPANIES}/${id}`, write)))).toMatchObject({
      status: 400,
      body: { errors: [{ code: "PROPERTY_DOESNT_EXIST" }] },
    });
    troubles.restoreProperty("companies", "ledger_code");
    expect(answerOf(read())).toMatchObject({ body: { properties: { ledger_code: "L1" } } });
    expect(() => user.create("companies", { name: "B", ledger_code: "L1" })).toThrow(
      "already has that value",
    );

    troubles.deleteProperty("companies", "ledger_code");
    // Made again under the same name it is empty, and its values are nobody's.
    dispatch(toHubspot("POST", "/crm/v3/properties/companies", definition));
    expect(answerOf(read())).toMatchObject({ body: { properties: { ledger_code: null } } });
    expect(user.create("companies", { name: "B", ledger_code: "L1" })).not.toBe(id);
  });

  it("a property can keep less than it is sent", () => {
    const { user, troubles, records } = hubspotAt({ ms: START_MS });
    troubles.setTextHabit("companies", "name", cutTo(5));

    user.create("companies", { name: "Northwind", city: "Montpellier" });

    expect(records("companies")[0]?.properties).toMatchObject({
      name: "North",
      city: "Montpellier",
    });
  });
});

describe("troubles of Xero", () => {
  it("named elements fail alone where errors are not summarized, and refuse all where they are", () => {
    const { dispatch, troubles, records } = xeroAt({ ms: START_MS });
    troubles.failRows(["number-2"], 2);
    const contacts = {
      Contacts: [1, 2].map((n) => ({ Name: `C${n}`, ContactNumber: `number-${n}` })),
    };

    expect(answerOf(dispatch(toXero("PUT", "/Contacts", contacts)))).toMatchObject({
      status: 400,
      body: { Elements: [{ ContactNumber: "number-2" }] },
    });
    expect(records("contacts")).toEqual([]);
    expect(
      answerOf(dispatch(toXero("PUT", "/Contacts?summarizeErrors=false", contacts))),
    ).toMatchObject({
      status: 200,
      body: {
        Contacts: [
          { Name: "C1", StatusAttributeString: "OK" },
          { Name: "C2", StatusAttributeString: "ERROR", HasValidationErrors: true },
        ],
      },
    });
    expect(records("contacts")).toHaveLength(1);
  });

  it("tokens end together, and one that is fetched anew is taken", () => {
    const clock = { ms: START_MS };
    const { dispatch, troubles } = xeroAt(clock);
    const fetchToken = (): string => {
      const answer = answerOf(
        dispatch({
          method: "POST",
          url: "/connect/token",
          headers: { authorization: `Basic ${Buffer.from("client:secret").toString("base64")}` },
          rawBody: "grant_type=client_credentials",
        }),
      );
      return z.object({ access_token: z.string() }).parse(answer.body).access_token;
    };
    const statusWith = (token: string) =>
      answerOf(dispatch(toXero("GET", "/Contacts", undefined, token)));
    const former = fetchToken();
    expect(statusWith(former).status).toBe(200);

    troubles.expireTokens();

    for (const token of [former, "fixed-token"]) {
      expect(statusWith(token)).toMatchObject({
        status: 401,
        body: { Detail: expect.stringMatching(/^TokenExpired/) },
      });
    }
    expect(statusWith(fetchToken()).status).toBe(200);
    troubles.renewToken("fixed-token");
    expect(statusWith("fixed-token").status).toBe(200);
  });

  it("a field can keep less than it is sent", () => {
    const { user, troubles, records } = xeroAt({ ms: START_MS });
    troubles.setTextHabit("contacts", "Name", cutTo(4));

    user.createContact({ Name: "Northwind", TaxNumber: "1234567" });

    expect(records("contacts")[0]).toMatchObject({ Name: "Nort", TaxNumber: "1234567" });
  });

  it("what a bookkeeper may not do is refused in Xero's words and leaves nothing behind", () => {
    const simulator = xeroAt({ ms: START_MS });
    const { user } = simulator;
    const contact = user.createContact({ Name: "Acme" });
    simulator.takeWebhooks(HOOK);

    expect(() => user.mergeContacts(contact, contact)).toThrow("cannot merge into itself");
    expect(() => user.createContact({ Name: "ACME" })).toThrow("already assigned");
    expect(() => user.voidInvoice("none")).toThrow("There is no such invoice");
    expect(simulator.takeWebhooks(HOOK)).toEqual([]);
    expect(simulator.records("contacts")).toHaveLength(1);
  });
});

describe("seeded chance", () => {
  it("gives well-formed UUIDs that differ from one to the next", () => {
    const random = seededRandom("a");
    const ids = Array.from({ length: 50 }, () => uuidFrom(random));

    expect(new Set(ids).size).toBe(50);
    for (const id of ids) expect(z.uuidv4().safeParse(id).success).toBe(true);
  });
});
