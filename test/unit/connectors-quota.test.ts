/** How each vendor counts calls: which windows a call is in, and what an answer says of the quota. */
import { describe, expect, it } from "vitest";
import { hubspotDefinition } from "#shared/connectors/hubspot/definition.ts";
import {
  hubspotCalls,
  remainingHeaders as hubspotHeaders,
  hubspotQuotaOf,
} from "#shared/connectors/hubspot/quota.ts";
import type { HttpRequest } from "#shared/connectors/transport.ts";
import { xeroDefinition } from "#shared/connectors/xero/definition.ts";
import {
  xeroCalls,
  remainingHeaders as xeroHeaders,
  xeroQuotaOf,
} from "#shared/connectors/xero/quota.ts";
import { hubspotSettings, xeroSettings } from "#shared/contracts/connections.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 9);

function aRequest(method: HttpRequest["method"], url: string): HttpRequest {
  return { method, url, headers: {}, signal: new AbortController().signal };
}

function anAnswer(status: number, headers: Record<string, string> = {}, text = "") {
  return { status, headers: new Headers(headers), text };
}

function callsMaxOf(quota: ReturnType<typeof hubspotQuotaOf>) {
  return Object.fromEntries(quota.windows.map(({ name, callsMax }) => [name, callsMax]));
}

describe.each([
  ["hubspot", hubspotDefinition.limits.quota, hubspotHeaders],
  ["xero", xeroDefinition.limits.quota, xeroHeaders],
])("the declared quota of %s", (_, quota, headers) => {
  it("says where and when it was read, and has a window for each header", () => {
    expect(quota.source).toMatch(/^https:\/\/developers?\.(hubspot|xero)\.com\//);
    expect(quota.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    const names = quota.windows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.values(headers)));
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("HubSpot", () => {
  const base = "https://api.hubapi.com";
  const settings = {
    id: "crm",
    system: "hubspot",
    token: "pat-secret-token",
    webhookSecret: "webhook-secret",
  } as const;

  it("allows what its smallest plan does, unless the settings say otherwise", () => {
    expect(callsMaxOf(hubspotQuotaOf(hubspotSettings.parse(settings)))).toEqual({
      "ten-seconds": 100,
      "search-second": 5,
      day: 250_000,
    });
    const quota = { callsPerTenSeconds: 190, searchesPerSecond: 4, callsPerDay: 1_000_000 };
    expect(callsMaxOf(hubspotQuotaOf(hubspotSettings.parse({ ...settings, quota })))).toEqual({
      "ten-seconds": 190,
      "search-second": 4,
      day: 1_000_000,
    });
  });

  it.each([0, -1, 1.5, "60"])("takes no quota of %j", (callsPerDay) => {
    const parsed = hubspotSettings.safeParse({ ...settings, quota: { callsPerDay } });

    expect(parsed.success).toBe(false);
  });

  it.each([
    ["GET", "/crm/v3/objects/deals?limit=100", ["ten-seconds", "day"]],
    ["POST", "/crm/v3/objects/companies/batch/upsert", ["ten-seconds", "day"]],
    ["POST", "/crm/v3/objects/companies/search", ["search-second", "day"]],
    ["GET", "/crm/v3/properties/search", ["ten-seconds", "day"]],
  ] as const)("counts %s %s in %j", (method, path, windows) => {
    expect(hubspotCalls.windowsOf(aRequest(method, base + path))).toEqual(windows);
  });

  it("says in its headers what is left, and nothing after a search", () => {
    const headers = {
      "X-HubSpot-RateLimit-Max": "110",
      "X-HubSpot-RateLimit-Remaining": "87",
      "X-HubSpot-RateLimit-Interval-Milliseconds": "10000",
      "X-HubSpot-RateLimit-Daily": "250000",
      "X-HubSpot-RateLimit-Daily-Remaining": "249000",
    };

    expect(hubspotCalls.outcomeOf(anAnswer(207, headers), NOW_MS)).toEqual({
      kind: "answered",
      remaining: { "ten-seconds": 87, day: 249_000 },
    });
    expect(hubspotCalls.outcomeOf(anAnswer(200), NOW_MS)).toEqual({
      kind: "answered",
      remaining: {},
    });
  });

  it("is not believed where a header holds no number", () => {
    const headers = { "X-HubSpot-RateLimit-Remaining": "many" };

    expect(hubspotCalls.outcomeOf(anAnswer(200, headers), NOW_MS)).toMatchObject({
      remaining: {},
    });
  });

  it.each([
    ["TEN_SECONDLY_ROLLING", {}, 10_000],
    ["SECONDLY", {}, 1_000],
    ["DAILY", {}, 15 * 60_000],
    ["DAILY", { "Retry-After": "4000" }, 4_000_000],
    ["SOMETHING_NEW", {}, 10_000],
    ["TEN_SECONDLY_ROLLING", { "Retry-After": "3" }, 3_000],
    ["TEN_SECONDLY_ROLLING", { "Retry-After": "Sun, 22 Nov 2026 09:00:30 GMT" }, 30_000],
  ])("429 by policy %s with %j asks to be left alone for %i ms", (policyName, headers, waitMs) => {
    const answer = anAnswer(429, headers, JSON.stringify({ policyName }));

    expect(hubspotCalls.outcomeOf(answer, NOW_MS)).toMatchObject({ kind: "throttled", waitMs });
  });

  it.each([
    [500, {}, { kind: "failed" }],
    [503, { "Retry-After": "20" }, { kind: "failed", waitMs: 20_000 }],
    [408, {}, { kind: "failed" }],
    [477, {}, { kind: "failed", waitMs: 60_000 }],
    [477, { "Retry-After": "120" }, { kind: "failed", waitMs: 120_000 }],
    [400, {}, { kind: "answered" }],
    [401, {}, { kind: "answered" }],
    [423, {}, { kind: "answered" }],
  ])("%i with %j means %j", (status, headers, outcome) => {
    expect(hubspotCalls.outcomeOf(anAnswer(status, headers), NOW_MS)).toMatchObject(outcome);
  });
});

describe("Xero", () => {
  const settings = {
    id: "books",
    system: "xero",
    tenantId: "tenant-1",
    auth: { kind: "token", token: "fixed-token" },
    webhookKey: "webhook-key",
  } as const;

  it("allows what its page says, unless the settings say otherwise", () => {
    const usual = xeroQuotaOf(xeroSettings.parse(settings));
    expect(callsMaxOf(usual)).toEqual({ minute: 60, day: 5_000, "app-minute": 10_000 });
    expect(usual.callsAtOnceMax).toBe(5);

    const quota = { callsPerMinute: 20_000, callsPerDay: 1_000, callsAtOnce: 3 };
    const own = xeroQuotaOf(xeroSettings.parse({ ...settings, quota }));
    expect(callsMaxOf(own)).toEqual({ minute: 20_000, day: 1_000, "app-minute": 20_000 });
    expect(own.callsAtOnceMax).toBe(3);
  });

  it("counts calls to the books, and none for a token", () => {
    const books = aRequest("PUT", "https://api.xero.com/api.xro/2.0/Invoices");
    const token = aRequest("POST", "https://identity.xero.com/connect/token");

    expect(xeroCalls.windowsOf(books)).toEqual(["minute", "day", "app-minute"]);
    expect(xeroCalls.windowsOf(token)).toBeUndefined();
  });

  it("says in its headers what is left", () => {
    const headers = {
      "X-MinLimit-Remaining": "59",
      "X-DayLimit-Remaining": "4998",
      "X-AppMinLimit-Remaining": "9999",
    };

    expect(xeroCalls.outcomeOf(anAnswer(200, headers), NOW_MS)).toEqual({
      kind: "answered",
      remaining: { minute: 59, day: 4_998, "app-minute": 9_999 },
    });
  });

  it.each([
    ["minute", { "Retry-After": "37", "X-MinLimit-Remaining": "0" }, 37_000, { minute: 0 }],
    ["minute", {}, 60_000, {}],
    ["AppMinute", {}, 60_000, {}],
    ["DayLimit", { "Retry-After": "66975" }, 66_975_000, {}],
    ["day", {}, 3_600_000, {}],
    ["concurrent", {}, 1_000, {}],
    ["something-new", {}, 60_000, {}],
  ])("429 by %s with %j asks to be left alone for %i ms", (problem, headers, waitMs, remaining) => {
    const answer = anAnswer(429, { "X-Rate-Limit-Problem": problem, ...headers });

    expect(xeroCalls.outcomeOf(answer, NOW_MS)).toEqual({ kind: "throttled", waitMs, remaining });
  });

  it.each([
    [500, "failed"],
    [503, "failed"],
    [408, "failed"],
    [501, "answered"],
    [400, "answered"],
    [404, "answered"],
    [412, "answered"],
  ])("%i means %s", (status, kind) => {
    expect(xeroCalls.outcomeOf(anAnswer(status), NOW_MS).kind).toBe(kind);
  });
});
