/**
 * What a connector makes of a call that its transport refused to make: the refusal comes through as it
 * is, so that the engine waits as long as it says and looks nothing up.
 */
import { describe, expect, it } from "vitest";
import { createHubspotConnector } from "#shared/connectors/hubspot/index.ts";
import { customProperties } from "#shared/connectors/hubspot/properties.ts";
import type { HttpRequest, HttpResponse, Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { hubspotSettings, xeroSettings } from "#shared/contracts/connections.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { Connector, RemoteWrite } from "#shared/ports/connector.ts";

const { signal } = new AbortController();
const refusal: Failure = { kind: "rate-limited", code: "quota-reserved", retryAfterMs: 41_000 };
const id = "2b1f5a10-1111-4111-8111-000000000001";

/** Makes calls as long as `answer` has one for them, and refuses the others. */
function refusing(answer: (request: HttpRequest) => unknown = () => undefined) {
  const made: string[] = [];
  const transport: Transport = {
    send: async (request): Promise<HttpResponse> => {
      const json = answer(request);
      if (json === undefined) throw new SyncError(refusal);
      made.push(`${request.method} ${new URL(request.url).pathname}`);
      return { status: 200, headers: new Headers(), text: JSON.stringify(json) };
    },
  };
  return { transport, made };
}

/** The setup calls that come before HubSpot's own work. */
function hubspotSetup({ method, url }: HttpRequest): unknown {
  const path = new URL(url).pathname;
  const type = /^\/crm\/v3\/properties\/(\w+)$/.exec(path)?.[1];
  if (method !== "GET") return undefined;
  if (path === "/crm/v3/pipelines/deals") return { results: [] };
  const known = Object.entries(customProperties).find(([name]) => name === type);
  return known === undefined ? undefined : { results: known[1] };
}

function hubspotOn(transport: Transport): Connector {
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: "https://hubspot.invalid",
    token: "pat-secret-token",
    webhookSecret: "webhook-secret",
  });
  return createHubspotConnector(settings, { transport, now: () => 0 });
}

function xeroOn(transport: Transport, auth: object = { kind: "token", token: "fixed-token" }) {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: "https://xero.invalid",
    identityUrl: "https://identity.invalid",
    tenantId: "tenant-1",
    auth,
    webhookKey: "webhook-key",
  });
  return createXeroConnector(settings, { transport, now: () => 0 });
}

function aWrite(canonicalId: string, externalId?: string): RemoteWrite {
  const customer = { connection: "books", recordType: "customer", externalId: id } as const;
  const fields = { name: canonicalId, code: canonicalId, reference: canonicalId, customer };
  return { canonicalId, externalId, idempotencyKey: canonicalId, fields, record: fields };
}

async function thrownBy(call: Promise<unknown>): Promise<unknown> {
  const cause = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return cause instanceof SyncError ? cause.failure : cause;
}

async function expectPassedThrough(connector: Connector, recordType: RecordType): Promise<void> {
  const { readChanges, readByIds, lookUp, write } = connector;
  const request = { write: aWrite("new-1"), attemptedAtMs: 0 };
  expect(await thrownBy(readChanges(recordType, { signal }))).toEqual(refusal);
  expect(await thrownBy(readChanges(recordType, { since: 1, signal }))).toEqual(refusal);
  expect(await thrownBy(readByIds(recordType, [id], signal))).toEqual(refusal);
  if (!connector.definition.writes.includes(recordType)) return;
  expect(await thrownBy(lookUp(recordType, [request], signal))).toEqual(refusal);
  const writes = [aWrite("new-1"), aWrite("new-2"), aWrite("old-1", id)];
  const results = await write(recordType, writes, signal);
  expect(results).toEqual(writes.map(() => ({ kind: "failed", failure: refusal })));
}

describe("HubSpot's calls that are refused", () => {
  it.each(["customer", "product", "order"] as const)(
    "before anything was asked fail each %s as they were refused",
    async (recordType) => {
      const { transport, made } = refusing();

      await expectPassedThrough(hubspotOn(transport), recordType);

      expect(made).toEqual([]);
    },
  );

  it.each(["customer", "product"] as const)(
    "after its setup fail each %s as they were refused",
    async (recordType) => {
      const { transport, made } = refusing(hubspotSetup);

      await expectPassedThrough(hubspotOn(transport), recordType);

      expect(made.every((call) => call.startsWith("GET /crm/v3/properties/"))).toBe(true);
    },
  );

  it("after a batch was written leave that batch written, and fail the rest", async () => {
    let batches = 0;
    const { transport } = refusing((request) => {
      const setup = hubspotSetup(request);
      if (setup !== undefined) return setup;
      batches += 1;
      if (batches > 1) return undefined;
      const { inputs } = JSON.parse(request.body ?? "{}");
      return {
        results: inputs.map(({ id: own, objectWriteTraceId }: Record<string, string>) => ({
          id: `hs-${own}`,
          properties: {},
          objectWriteTraceId,
          updatedAt: "2026-11-22T10:00:00.000Z",
        })),
      };
    });
    const writes = Array.from({ length: 150 }, (_, index) => aWrite(`customer-${index}`));

    const results = await hubspotOn(transport).write("customer", writes, signal);

    const kinds = results.map((one) => (one.kind === "failed" ? one.failure : one.kind));
    expect(kinds.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => "written"));
    expect(kinds.slice(100)).toEqual(Array.from({ length: 50 }, () => refusal));
  });
});

describe("Xero's calls that are refused", () => {
  it.each(["customer", "product", "invoice", "payment"] as const)(
    "fail each %s as they were refused",
    async (recordType) => {
      const { transport, made } = refusing();

      await expectPassedThrough(xeroOn(transport), recordType);

      expect(made).toEqual([]);
    },
  );

  it("after the token was fetched fail as they were refused", async () => {
    const auth = { kind: "client-credentials", clientId: "client-1", clientSecret: "secret-1234" };
    const { transport, made } = refusing(({ url }) =>
      url.endsWith("/connect/token")
        ? { access_token: "t", expires_in: 1_800, token_type: "Bearer" }
        : undefined,
    );

    const results = await xeroOn(transport, auth).write("customer", [aWrite("new-1")], signal);

    expect(results).toEqual([{ kind: "failed", failure: refusal }]);
    expect(made).toEqual(["POST /connect/token"]);
  });
});
