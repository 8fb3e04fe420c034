/** Xero's webhook: what is let in, and what it says. */
import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { receiveXeroWebhook } from "#shared/connectors/xero/webhook.ts";
import type { WebhookRequest } from "#shared/ports/connector.ts";

const settings = { webhookKey: "ABC123", tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58" };

describe("the intent to receive", () => {
  const body =
    '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}';

  it("is accepted with no hints under the signature of the published example", () => {
    const outcome = receiveXeroWebhook(
      settings,
      request(body, "BliCoqBVe1yagQ1XkGYaIdLyTq+hRS0vVpVeoBQyu7A="),
    );
    expect(outcome).toMatchObject({ kind: "accepted", hints: [] });
  });

  it.each([
    ["another key's", signed(body, "other")],
    ["another body's", signed(`${body} `)],
    ["a short", "abcd"],
    ["an empty", ""],
    ["no", undefined],
  ])("is refused with %s signature", (_name, signature) => {
    expect(receiveXeroWebhook(settings, request(body, signature))).toEqual({
      kind: "refused",
      status: 401,
      code: "webhook-signature-wrong",
    });
  });
});

describe("a delivery", () => {
  it.each([
    ["CREDITNOTE", "creditNote"],
    ["PREPAYMENT", "payment"],
    ["OVERPAYMENT", "payment"],
  ])("of category %s hints at a %s", (eventCategory, recordType) => {
    expect(deliver([event({ eventCategory })])).toMatchObject({ hints: [{ recordType }] });
  });

  it("hints at contacts and invoices of our organisation, with their time in UTC", () => {
    const outcome = deliver([
      event({ eventCategory: "INVOICE", eventDateUtc: "2026-10-01T02:03:04.923" }),
      event({ eventCategory: "CONTACT", eventDateUtc: "2026-10-01T02:03:04.9234567" }),
      event({ eventCategory: "CONTACT", eventDateUtc: "2026-10-01T02:03:04Z" }),
      event({ eventCategory: "CONTACT", eventDateUtc: "soon" }),
    ]);

    const at = Date.UTC(2026, 9, 1, 2, 3, 4);
    const externalId = "3c1f5a10-2222-4222-8222-000000000001";
    expect(outcome).toMatchObject({
      kind: "accepted",
      hints: [
        { recordType: "invoice", externalId, occurredAt: at + 923 },
        { recordType: "customer", externalId, occurredAt: at + 923 },
        { recordType: "customer", externalId, occurredAt: at },
        { recordType: "customer", externalId },
      ],
    });
    expect(outcome.kind === "accepted" && outcome.hints[3]).not.toHaveProperty("occurredAt");
  });

  it.each([
    ["another organisation", { tenantId: "00000000-0000-4000-8000-000000000000" }],
    ["a category we do not hold", { eventCategory: "SUBSCRIPTION" }],
    ["a category nobody knows yet", { eventCategory: "constructor" }],
  ])("says nothing of %s", (_name, part) => {
    expect(deliver([event(part)])).toMatchObject({ kind: "accepted", hints: [] });
  });

  it("has one id however often it is sent, and another for other events", () => {
    const first = deliver([event({})], "first try");
    const again = deliver([event({})], "second try");
    const other = deliver([event({ eventCategory: "CONTACT" })], "first try");

    const ids = [first, again, other].map((one) => one.kind === "accepted" && one.deliveryId);
    expect(ids[0]).toContain(settings.tenantId);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it.each(["", "{", "[]", '{"events":[{}]}'])("that reads %j is refused", (body) => {
    expect(receiveXeroWebhook(settings, request(body, signed(body)))).toEqual({
      kind: "refused",
      status: 400,
      code: "webhook-unreadable",
    });
  });
});

function deliver(events: readonly object[], entropy = "x") {
  const body = JSON.stringify({ events, firstEventSequence: 76, lastEventSequence: 76, entropy });
  return receiveXeroWebhook(settings, request(body, signed(body)));
}

function event(overrides: object) {
  return {
    resourceUrl: "https://api.xero.example/api.xro/2.0/Invoices/1",
    resourceId: "3c1f5a10-2222-4222-8222-000000000001",
    tenantId: settings.tenantId.toUpperCase(),
    tenantType: "ORGANISATION",
    eventCategory: "INVOICE",
    eventType: "UPDATE",
    eventDateUtc: "2026-10-01T02:03:04.923",
    ...overrides,
  };
}

function request(body: string, signature: string | undefined): WebhookRequest {
  return {
    method: "POST",
    url: "https://tieout.example/webhooks/books",
    headers: { "X-Xero-Signature": signature },
    rawBody: Buffer.from(body),
  };
}

function signed(body: string, key = settings.webhookKey): string {
  return createHmac("sha256", key).update(body).digest("base64");
}
