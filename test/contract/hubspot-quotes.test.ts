/** Quotes that a buyer accepts: in the simulated account by HubSpot's official SDK, and what they make of deals. */
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
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { Connector } from "#shared/ports/connector.ts";

const TOKEN = "pat-quotes";
const SECRET = "webhook-secret";
const START_MS = Date.parse("2026-11-27T10:00:00Z");
/** Each module of the SDK has an enum of its own for this one word, so no enum member fits them all. */
const HUBSPOT_DEFINED = "HUBSPOT_DEFINED" as never;
const QUOTE_TO_DEAL = 64;
const LINE_TO_DEAL = 20;
const LINE_TO_QUOTE = 68;
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
    searchLagMs: 0,
    currency: "EUR",
    limits: { burstPerTenSeconds: 10_000, searchPerSecond: 1_000 },
  });
  connector = connect({ acceptedQuotes: "win-deals" });
  await connector.prepare(signal);
  person = new Client({ accessToken: TOKEN, basePath: simulator.url });
});

afterEach(() => simulator.close());

function connect(more: object = {}): Connector {
  const settings = hubspotSettings.parse({
    id: "crm",
    system: "hubspot",
    baseUrl: simulator.url,
    token: TOKEN,
    webhookSecret: SECRET,
    ...more,
  });
  return createHubspotConnector(settings, {
    transport: createTransport(),
    now: () => clockMs,
  });
}

function linkTo(id: string, associationTypeId: number) {
  return { to: { id }, types: [{ associationCategory: HUBSPOT_DEFINED, associationTypeId }] };
}

async function aLineItem(price: string, parentId: string, associationTypeId: number) {
  await person.crm.lineItems.basicApi.create({
    properties: { name: `For ${price}`, quantity: "1", price },
    associations: [linkTo(parentId, associationTypeId)],
  });
}

async function aDeal(dealstage = "contractsent"): Promise<string> {
  const deal = await person.crm.deals.basicApi.create({
    properties: { dealname: "Chairs", dealstage },
    associations: [],
  });
  await aLineItem("100", deal.id, LINE_TO_DEAL);
  return deal.id;
}

/** A quote that is published, for one line item of the price. */
async function aQuote(dealId: string, price: string): Promise<string> {
  const quote = await person.crm.quotes.basicApi.create({
    properties: {
      hs_title: "Offer",
      hs_expiration_date: "2026-12-31",
      hs_template_type: "CPQ_QUOTE",
    },
    associations: [linkTo(dealId, QUOTE_TO_DEAL)],
  });
  await aLineItem(price, quote.id, LINE_TO_QUOTE);
  await person.crm.quotes.basicApi.update(quote.id, { properties: { hs_status: "APPROVED" } });
  return quote.id;
}

async function readOrder(id: string, by = connector): Promise<ObservedRecord> {
  const { records, unreadable } = await by.readByIds("order", [id], signal);
  const [record] = records;
  if (record === undefined) throw new Error(`unreadable: ${JSON.stringify(unreadable)}`);
  return record;
}

/** What the pages of a poll show, and the greatest version seen when each ends. */
async function poll(since: number) {
  const pages: { readonly ids: string[]; readonly reachedAt: number }[] = [];
  let cursor: string | undefined;
  do {
    const page = await connector.readChanges("order", { since, cursor, signal });
    const versions = page.records.map(({ version }) => version);
    pages.push({
      ids: page.records.map(({ externalId }) => externalId),
      reachedAt: Math.max(0, ...versions),
    });
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return pages;
}

describe("a quote in the simulated account", () => {
  it("begins as a draft, is published by its approval and accepted by its buyer", async () => {
    const dealId = await aDeal();
    const draft = await person.crm.quotes.basicApi.create({
      properties: { hs_title: "Offer", hs_expiration_date: "2026-12-31" },
      associations: [linkTo(dealId, QUOTE_TO_DEAL)],
    });
    const statusOf = async (id: string) =>
      (await person.crm.quotes.basicApi.getById(id, ["hs_quote_status"])).properties[
        "hs_quote_status"
      ];

    expect(await statusOf(draft.id)).toBe("DRAFT");
    expect(() => simulator.user.acceptQuote(draft.id)).toThrow("published");
    const id = await aQuote(dealId, "90");
    expect(await statusOf(id)).toBe("PUBLISHED");
    simulator.user.acceptQuote(id);
    expect(await statusOf(id)).toBe("ACCEPTED");
  });

  it("needs a title and a date, and its buyer's word is nobody else's to give", async () => {
    const create = (properties: Record<string, string>) =>
      person.crm.quotes.basicApi.create({ properties, associations: [] }).then(
        () => "taken",
        (cause: unknown) => String(cause),
      );

    expect(await create({ hs_title: "Offer" })).toContain("hs_expiration_date");
    expect(
      await create({
        hs_title: "Offer",
        hs_expiration_date: "2026-12-31",
        hs_quote_status: "ACCEPTED",
      }),
    ).toContain("READ_ONLY_VALUE");
  });
});

describe("a deal with an accepted quote", () => {
  it("is won for what was agreed, while its stage still waits", async () => {
    const dealId = await aDeal();
    const quoteId = await aQuote(dealId, "90");

    expect((await readOrder(dealId)).fields).toMatchObject({ status: "open" });
    simulator.user.acceptQuote(quoteId);

    expect((await readOrder(dealId)).fields).toMatchObject({
      status: "won",
      total: money(9_000n, "EUR"),
      lines: [{ description: "For 90" }],
    });
  });

  it("keeps what was agreed once its stage is won, and is lost where that is", async () => {
    const dealId = await aDeal();
    simulator.user.acceptQuote(await aQuote(dealId, "90"));
    const moveTo = (dealstage: string) =>
      person.crm.deals.basicApi.update(dealId, { properties: { dealstage } });

    await moveTo("closedwon");
    expect((await readOrder(dealId)).fields).toMatchObject({
      status: "won",
      lines: [{ description: "For 90" }],
    });
    await moveTo("closedlost");
    expect((await readOrder(dealId)).fields).toMatchObject({ status: "lost" });
  });

  it("is not read where several were accepted", async () => {
    const dealId = await aDeal();
    simulator.user.acceptQuote(await aQuote(dealId, "90"));
    simulator.user.acceptQuote(await aQuote(dealId, "80"));

    const { unreadable } = await connector.readByIds("order", [dealId], signal);

    expect(unreadable).toMatchObject([{ failure: { code: "quote-ambiguous", field: "lines" } }]);
  });

  it("is open where the connection does not go by quotes, which are then not asked for", async () => {
    const dealId = await aDeal();
    simulator.user.acceptQuote(await aQuote(dealId, "90"));
    const plain = connect();
    await plain.prepare(signal);
    simulator.resetCalls();

    expect((await readOrder(dealId, plain)).fields).toMatchObject({
      status: "open",
      lines: [{ description: "For 100" }],
    });
    expect(simulator.calls()["POST /crm/v4/associations/{type}/{toType}/batch/read"]).toBe(2);
  });

  it("is found by a poll though the deal itself did not change, before deals that did", async () => {
    const quoted = await aDeal();
    const quoteId = await aQuote(quoted, "90");
    const both = await aDeal();
    const otherQuoteId = await aQuote(both, "80");
    clockMs += 60_000;
    const since = clockMs;
    clockMs += 1_000;
    const changed = await aDeal();
    simulator.user.acceptQuote(quoteId);
    simulator.user.acceptQuote(otherQuoteId);
    await person.crm.deals.basicApi.update(both, { properties: { dealname: "Tables" } });

    const pages = await poll(since);

    expect(pages.map(({ ids }) => ids)).toEqual([[quoted], [both, changed]]);
    // A watermark that moves after the first page passes over none of the second.
    expect(pages[0]?.reachedAt).toBeLessThan(since);
  });
});
