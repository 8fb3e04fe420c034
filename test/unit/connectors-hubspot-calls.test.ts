/** What the connector makes of answers a well-behaved account does not give, on a scripted transport. */
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { customProperties } from "#shared/connectors/hubspot/properties.ts";
import type { HttpRequest } from "#shared/connectors/transport.ts";
import { hubspotSettings } from "#shared/contracts/connections.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const BASE = "https://hubspot.invalid";
const UPSERT = "POST /crm/v3/objects/companies/batch/upsert";
const LIST_PROPERTIES = "GET /crm/v3/properties/companies";
const signal = new AbortController().signal;

const inputsSchema = z.object({
  inputs: z.array(
    z.object({
      id: z.string().optional(),
      objectWriteTraceId: z.string().optional(),
      properties: z.record(z.string(), z.string()).optional(),
    }),
  ),
});
type Input = z.infer<typeof inputsSchema>["inputs"][number];
type Reply = { readonly status?: number; readonly json?: unknown; readonly text?: string };
type Answer = (inputs: readonly Input[], request: HttpRequest) => Reply;

function script(answers: Record<string, Answer>) {
  const calls: string[] = [];
  const requests: HttpRequest[] = [];
  const all: Record<string, Answer> = {
    [LIST_PROPERTIES]: () => ({ json: { results: customProperties.companies } }),
    ...answers,
  };
  const send = async (request: HttpRequest) => {
    const name = `${request.method} ${new URL(request.url).pathname}`;
    calls.push(name);
    requests.push(request);
    const answer = all[name];
    if (answer === undefined) throw new Error(`unexpected call: ${name}`);
    const parsed = inputsSchema.safeParse(JSON.parse(request.body ?? "{}"));
    const { status = 200, json, text } = answer(parsed.data?.inputs ?? [], request);
    return { status, headers: new Headers(), text: text ?? JSON.stringify(json) };
  };
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: BASE,
    token: "pat-secret-token",
    webhookSecret: "webhook-secret",
  });
  const connector = createHubspotConnector(settings, { transport: { send }, now: () => 0 });
  return { connector, calls, requests };
}

function aCreate(canonicalId: string, fields: Fields = { name: canonicalId }) {
  return { canonicalId, idempotencyKey: canonicalId, fields, record: fields };
}

function anObject(id: string, input: Input, withTrace = true) {
  return {
    id,
    properties: { ...input.properties, ...(withTrace ? {} : { record_id: input.id ?? null }) },
    updatedAt: "2026-11-22T10:00:00.000Z",
    ...(withTrace ? { objectWriteTraceId: input.objectWriteTraceId } : {}),
  };
}

describe("results", () => {
  it.each([true, false])("are matched in any order (trace ids echoed: %s)", async (withTrace) => {
    const { connector } = script({
      [UPSERT]: (inputs) => ({
        json: { results: inputs.map((one) => anObject(`hs-${one.id}`, one, withTrace)).reverse() },
      }),
    });

    const results = await connector.write("customer", [aCreate("a"), aCreate("b")], signal);

    expect(results).toMatchObject([{ externalId: "hs-a" }, { externalId: "hs-b" }]);
  });

  it("say uncertain of a row that is neither in the results nor in the errors", async () => {
    const { connector } = script({
      [UPSERT]: (inputs) => ({
        json: { results: inputs.slice(0, 1).map((one) => anObject("1", one)) },
      }),
    });

    const results = await connector.write("customer", [aCreate("a"), aCreate("b")], signal);

    expect(results).toMatchObject([
      { kind: "written" },
      { failure: { kind: "uncertain", code: "write-unconfirmed" } },
    ]);
  });

  it.each([
    ["ids", { ids: ["b"] }],
    ["id", { id: ["b"] }],
    ["trace id", { objectWriteTraceId: ["1"] }],
  ])("find the row of an error by its %s, whatever the status", async (_, context) => {
    const { connector } = script({
      [UPSERT]: (inputs) => ({
        status: 200,
        json: {
          results: inputs.slice(0, 1).map((one) => anObject("1", one)),
          numErrors: 1,
          errors: [{ category: "OBJECT_NOT_FOUND", context }],
        },
      }),
    });

    const results = await connector.write("customer", [aCreate("a"), aCreate("b")], signal);

    expect(results).toMatchObject([{ kind: "written" }, { failure: { code: "record-gone" } }]);
  });

  it("say uncertain where the answer does not tell when it was written", async () => {
    const { connector } = script({
      [UPSERT]: (inputs) => ({
        json: { results: inputs.map((one) => ({ ...anObject("1", one), updatedAt: undefined })) },
      }),
    });

    const results = await connector.write("customer", [aCreate("a")], signal);

    expect(results).toMatchObject([{ failure: { kind: "uncertain", code: "version-unreadable" } }]);
  });
});

describe("a batch refused as a whole", () => {
  it("is halved until the bad row stands alone", async () => {
    const { connector, calls } = script({
      [UPSERT]: (inputs) =>
        inputs.some((one) => one.id === "bad")
          ? { status: 400, json: { category: "VALIDATION_ERROR", message: "no" } }
          : { json: { results: inputs.map((one) => anObject(`hs-${one.id}`, one)) } },
    });
    const ids = ["a", "b", "bad", "c", "d", "e", "f", "g"];

    const results = await connector.write(
      "customer",
      ids.map((id) => aCreate(id)),
      signal,
    );

    expect(results.map((result) => result.kind)).toEqual(
      ids.map((id) => (id === "bad" ? "failed" : "written")),
    );
    expect(calls.filter((call) => call === UPSERT)).toHaveLength(7);
  });

  it("never holds one id twice, and both writes have their result", async () => {
    const { connector, calls } = script({
      [UPSERT]: (inputs) => ({ json: { results: inputs.map((one) => anObject("1", one)) } }),
    });

    const results = await connector.write("customer", [aCreate("a"), aCreate("a")], signal);

    expect(results).toMatchObject([{ kind: "written" }, { kind: "written" }]);
    expect(calls.filter((call) => call === UPSERT)).toHaveLength(2);
  });

  it("is not halved for a missing property, which is looked for at the next write", async () => {
    const { connector, calls } = script({
      [UPSERT]: () => ({
        status: 400,
        json: {
          category: "VALIDATION_ERROR",
          errors: [{ code: "PROPERTY_DOESNT_EXIST", context: { propertyName: ["tieout_email"] } }],
        },
      }),
    });

    const results = await connector.write("customer", [aCreate("a"), aCreate("b")], signal);
    await connector.write("customer", [aCreate("a")], signal);

    const failure = { kind: "rejected", code: "property-missing", field: "tieout_email" };
    expect(results).toMatchObject([{ failure }, { failure }]);
    expect(calls).toEqual([LIST_PROPERTIES, UPSERT, LIST_PROPERTIES, UPSERT]);
  });
});

describe("before a write", () => {
  it("a failure leaves nothing uncertain", async () => {
    const { connector } = script({ [LIST_PROPERTIES]: () => ({ status: 503, text: "" }) });

    const results = await connector.write("customer", [aCreate("a")], signal);

    expect(results).toMatchObject([{ failure: { kind: "retryable", code: "remote-unavailable" } }]);
  });

  it("a property of another kind stops it, with its name", async () => {
    const results = customProperties.companies.map((one) => ({ ...one, hasUniqueValue: false }));
    const { connector } = script({ [LIST_PROPERTIES]: () => ({ json: { results } }) });

    const outcome = await connector.write("customer", [aCreate("a")], signal);

    expect(outcome).toMatchObject([
      { failure: { kind: "rejected", code: "property-unsuitable", field: "record_id" } },
    ]);
  });

  it("properties that another worker made meanwhile are found at a second look", async () => {
    let looks = 0;
    const exists = { status: 409, json: { category: "OBJECT_ALREADY_EXISTS" } };
    const { connector, calls } = script({
      [LIST_PROPERTIES]: () => {
        looks += 1;
        return { json: { results: looks === 1 ? [] : customProperties.companies } };
      },
      "POST /crm/v3/properties/companies/groups": () => exists,
      "POST /crm/v3/properties/companies/batch/create": () => exists,
      "GET /crm/v3/objects/companies": () => ({ json: { results: [] } }),
    });

    const page = await connector.readChanges("customer", { signal });

    expect(page).toMatchObject({ records: [], unreadable: [] });
    expect(calls.filter((call) => call === LIST_PROPERTIES)).toHaveLength(2);
  });

  it("a product without a code is refused, and no call is made", async () => {
    const { connector, calls } = script({});

    const results = await connector.write("product", [aCreate("a", { name: "Chai" })], signal);

    expect(results).toMatchObject([{ failure: { code: "product-code-missing", field: "code" } }]);
    expect(calls).toEqual([]);
  });
});

describe("record types HubSpot does not hold for us", () => {
  it.each(["invoice", "payment"] as const)("%s is refused before a call", async (recordType) => {
    const { connector, calls } = script({});
    const failure = { kind: "rejected", code: "record-type-unsupported" };

    await expect(connector.readChanges(recordType, { signal })).rejects.toMatchObject({ failure });
    await expect(connector.readByIds(recordType, ["1"], signal)).rejects.toMatchObject({ failure });
    await expect(connector.lookUp(recordType, [], signal)).rejects.toMatchObject({ failure });
    const results = await connector.write(recordType, [aCreate("a")], signal);
    expect(results).toMatchObject([{ failure }]);
    expect(calls).toEqual([]);
  });
});

describe("reads", () => {
  const READ = "POST /crm/v3/objects/companies/batch/read";

  it("fail as a whole where a row failed for another reason than being gone", async () => {
    const { connector } = script({
      [READ]: () => ({ json: { results: [], errors: [{ category: "INTERNAL_ERROR" }] } }),
    });

    const read = connector.readByIds("customer", ["1"], signal);

    await expect(read).rejects.toMatchObject({ failure: { kind: "retryable" } });
  });

  it("ask for the other half of a record's associations where there is one", async () => {
    const asked: unknown[] = [];
    const properties = [...customProperties.deals, ...customProperties.line_items];
    const { connector } = script({
      "GET /crm/v3/properties/deals": () => ({ json: { results: properties } }),
      "GET /crm/v3/properties/line_items": () => ({ json: { results: properties } }),
      "POST /crm/v3/objects/deals/batch/read": () => ({
        json: {
          results: [
            {
              id: "7",
              properties: { dealstage: "s", pipeline: "p", deal_currency_code: "EUR" },
              updatedAt: "2026-11-22T10:00:00Z",
            },
          ],
        },
      }),
      "POST /crm/v4/associations/deals/companies/batch/read": () => ({
        status: 207,
        json: { results: [], errors: [{ category: "OBJECT_NOT_FOUND" }] },
      }),
      "POST /crm/v4/associations/deals/line_items/batch/read": (_, request) => {
        asked.push(JSON.parse(request.body ?? ""));
        const isFirst = asked.length === 1;
        const to = [{ toObjectId: isFirst ? 11 : 12, associationTypes: [] }];
        const more = isFirst ? { paging: { next: { after: "500" } } } : {};
        return { json: { results: [{ from: { id: "7" }, to, ...more }] } };
      },
      "POST /crm/v3/objects/line_items/batch/read": (inputs) => ({
        json: {
          results: inputs.map(({ id }) => ({ id, properties: { quantity: "1", price: "1" } })),
        },
      }),
      "GET /crm/v3/pipelines/deals": () => ({
        json: { results: [{ id: "p", stages: [{ id: "s", metadata: { isClosed: "false" } }] }] },
      }),
    });

    const { records } = await connector.readByIds("order", ["7"], signal);

    expect(records[0]?.fields["lines"]).toHaveLength(2);
    expect(asked).toEqual([{ inputs: [{ id: "7" }] }, { inputs: [{ id: "7", after: "500" }] }]);
  });

  it("refuse a cursor that is not theirs", async () => {
    const { connector } = script({});
    const read = connector.readChanges("product", { cursor: "since:x", signal });
    await expect(read).rejects.toMatchObject({ failure: { code: "cursor-unreadable" } });
  });
});

it("shows neither the token nor an answer's words in an error", async () => {
  const { connector } = script({
    "POST /crm/v3/objects/products/batch/read": () => ({
      status: 400,
      json: { category: "VALIDATION_ERROR", message: "jane@example.com is not valid" },
    }),
  });

  const cause = await connector
    .readByIds("product", ["1"], signal)
    .catch((error: unknown) => error);

  expect(cause).toBeInstanceOf(SyncError);
  const shown = JSON.stringify([String(cause), (cause as SyncError).failure]);
  expect(shown).not.toContain("pat-secret-token");
  expect(shown).not.toContain("jane@example.com");
});
