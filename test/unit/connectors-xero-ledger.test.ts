/** What Xero says of all its documents, on a scripted transport. */
import { describe, expect, it } from "vitest";
import type { HttpResponse, Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";

const { signal } = new AbortController();
const minuteMs = 60_000;
const organisation = {
  Name: "ABC Limited",
  BaseCurrency: "NZD",
  PeriodLockDate: "/Date(1782777600000+0000)/",
  EndOfYearLockDate: "/Date(1774915200000+0000)/",
};
const currencies = [
  { Code: "EUR", Description: "Euro" },
  { Code: "NZD", Description: "New Zealand Dollar" },
];

describe("the ledger's facts", () => {
  it("are its currencies, the later of its lock dates, and what the settings say was filed", async () => {
    const { facts } = connect({ filedThrough: "2026-05-31" });

    expect(await facts()).toEqual({
      baseCurrency: "NZD",
      currencies: ["NZD", "EUR"],
      lockedThrough: "2026-06-30",
      filedThrough: "2026-05-31",
    });
  });

  it("say nothing of a lock where there is none", async () => {
    const { facts } = connect({}, { Organisations: [{ BaseCurrency: "NZD" }], Currencies: [] });
    expect(await facts()).toEqual({ baseCurrency: "NZD", currencies: ["NZD"] });
  });

  it("are asked for once in minutes, by all who ask at once", async () => {
    const clock = { nowMs: 0 };
    const { facts, paths } = connect({}, {}, clock);

    await Promise.all([facts(), facts()]);
    clock.nowMs = 4 * minuteMs;
    await facts();
    expect(paths()).toEqual(["Organisation", "Currencies"]);

    clock.nowMs = 5 * minuteMs;
    await facts();
    expect(paths()).toHaveLength(4);
  });

  it.each([
    ["no organisation", { Organisations: [] }],
    ["an odd lock date", { Organisations: [{ BaseCurrency: "NZD", PeriodLockDate: "soon" }] }],
    ["no currency", { Organisations: [{ BaseCurrency: "dollars" }] }],
    ["no list", { Currencies: undefined }],
  ])("are not had from an answer with %s, and nothing of it is kept", async (_name, answer) => {
    const { facts, paths } = connect({}, answer);
    const failure = { kind: "retryable", code: "remote-answer-unreadable" };

    await expect(facts()).rejects.toMatchObject({ failure });
    await expect(facts()).rejects.toMatchObject({ failure });
    expect(paths()).toHaveLength(4);
  });
});

function connect(settings: object, answer: object = {}, clock = { nowMs: 0 }) {
  const bodies = { Organisations: [organisation], Currencies: currencies, ...answer };
  const asked: string[] = [];
  const transport: Transport = {
    send: async ({ url }) => {
      asked.push(new URL(url).pathname.replace("/api.xro/2.0/", ""));
      return ok(bodies);
    },
  };
  const parsed = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: "https://api.example",
    tenantId: "tenant-1",
    auth: { kind: "token", token: "fixed-token" },
    webhookKey: "webhook-key",
    ...settings,
  });
  const connector = createXeroConnector(parsed, { transport, now: () => clock.nowMs });
  return {
    facts: async () => connector.readLedger?.(signal),
    paths: () => asked,
  };
}

function ok(body: unknown): HttpResponse {
  return { status: 200, headers: new Headers(), text: JSON.stringify(body) };
}
