import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { receiveHubspotWebhook } from "#shared/connectors/hubspot/webhook.ts";

const SECRET = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy";
const SENT_MS = 1_764_000_000_000;
const URL_PLAIN = "https://hooks.example.com/crm/hubspot";

/** A delivery signed as HubSpot signs it. */
function aDelivery(events: unknown, sentMs = SENT_MS) {
  const body = typeof events === "string" ? events : JSON.stringify(events);
  const signature = createHmac("sha256", SECRET)
    .update(`POST${URL_PLAIN}${body}${sentMs}`)
    .digest("base64");
  return {
    method: "POST",
    url: URL_PLAIN,
    headers: { "X-HubSpot-Signature-v3": signature, "X-HubSpot-Request-Timestamp": String(sentMs) },
    rawBody: Buffer.from(body),
  };
}

function receive(events: unknown, nowMs = SENT_MS) {
  return receiveHubspotWebhook(SECRET, aDelivery(events), nowMs);
}

function hintsOf(...events: unknown[]) {
  const outcome = receive(events);
  return outcome.kind === "accepted" ? outcome.hints : outcome;
}

function deliveryIdOf(...events: unknown[]) {
  const outcome = receive(events);
  return outcome.kind === "accepted" ? outcome.deliveryId : outcome;
}

describe("the signature", () => {
  const body = '[{"eventId":1,"subscriptionType":"company.propertyChange","objectId":123}]';

  it.each([
    [URL_PLAIN, "BX4jL1NOHhYuJO8uLhRPhjCyFTtmdsMIti7R73yXaWM="],
    [`${URL_PLAIN}?src=hs%3Aapp%2Fv3&x=%28a%29`, "HpR1MDp1WG9UPYFU6o/XLWnFu62fZxy1mStCTBNXu7g="],
    [`${URL_PLAIN}#part`, "BX4jL1NOHhYuJO8uLhRPhjCyFTtmdsMIti7R73yXaWM="],
  ])("is accepted for %s as HubSpot computes it", (url, signature) => {
    const headers = {
      "x-hubspot-signature-v3": signature,
      "x-hubspot-request-timestamp": String(SENT_MS),
    };
    const request = { method: "POST", url, headers, rawBody: Buffer.from(body) };

    expect(receiveHubspotWebhook(SECRET, request, SENT_MS)).toMatchObject({
      kind: "accepted",
      hints: [{ recordType: "customer", externalId: "123" }],
    });
  });

  it.each([
    ["another secret", { secret: "other" }],
    ["no signature", { headers: { "x-hubspot-signature-v3": undefined } }],
    ["a longer signature", { headers: { "x-hubspot-signature-v3": "A".repeat(90) } }],
    ["no timestamp", { headers: { "x-hubspot-request-timestamp": undefined } }],
    ["a timestamp that is no number", { headers: { "x-hubspot-request-timestamp": "1e12" } }],
    ["another timestamp", { headers: { "x-hubspot-request-timestamp": String(SENT_MS + 1) } }],
    ["another body", { rawBody: Buffer.from("[]") }],
    ["another method", { method: "PUT" }],
    ["another URL", { url: "https://hooks.example.com/other" }],
  ])("is refused for %s", (_, change) => {
    const good = aDelivery(body);
    const lower = Object.fromEntries(
      Object.entries(good.headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    const {
      secret = SECRET,
      headers,
      ...rest
    } = change as {
      secret?: string;
      headers?: Record<string, string | undefined>;
    };
    const request = { ...good, ...rest, headers: { ...lower, ...headers } };

    expect(receiveHubspotWebhook(secret, request, SENT_MS)).toEqual({
      kind: "refused",
      status: 401,
      code: "signature-wrong",
    });
  });

  it.each([
    [300_000, "accepted"],
    [300_001, "refused"],
    [-60_000, "accepted"],
    [-60_001, "refused"],
  ])("that is %i ms old is %s", (ageMs, kind) => {
    expect(receive(body, SENT_MS + ageMs).kind).toBe(kind);
  });

  it("calls a signature that is right and old stale", () => {
    expect(receive(body, SENT_MS + 300_001)).toEqual({
      kind: "refused",
      status: 401,
      code: "signature-stale",
    });
  });
});

describe("the body", () => {
  it.each([
    ["half a document", "[{"],
    ["no array", "{}"],
    ["an event that is no object", "[1]"],
    ["too many events", JSON.stringify(Array.from({ length: 1_001 }, () => ({})))],
  ])("of %s is refused", (_, text) => {
    expect(receive(text)).toEqual({ kind: "refused", status: 400, code: "body-unreadable" });
  });

  it("of 1,000 events is accepted", () => {
    const events = Array.from({ length: 1_000 }, (_, n) => {
      return { subscriptionType: "deal.creation", objectId: n, occurredAt: SENT_MS };
    });
    expect(hintsOf(...events)).toHaveLength(1_000);
  });
});

describe("hints", () => {
  it.each([
    ["company.creation", "customer"],
    ["product.propertyChange", "product"],
    ["deal.propertyChange", "order"],
  ])("of %s ask for the %s", (subscriptionType, recordType) => {
    expect(hintsOf({ subscriptionType, objectId: 7, occurredAt: 5 })).toEqual([
      { recordType, externalId: "7", occurredAt: 5 },
    ]);
    expect(hintsOf({ eventType: subscriptionType, objectId: 7, occurredAt: 5 })).toHaveLength(1);
  });

  it.each([
    ["company.deletion", "customer"],
    ["company.restore", "customer"],
    ["company.privacyDeletion", "customer"],
    ["product.deletion", "product"],
    ["product.restore", "product"],
    ["deal.restore", "order"],
  ])(
    "of %s ask for the %s whatever is known of it: its own time need not have moved",
    (subscriptionType, recordType) => {
      expect(hintsOf({ subscriptionType, objectId: 7, occurredAt: 5 })).toEqual([
        { recordType, externalId: "7", occurredAt: undefined },
      ]);
    },
  );

  it("of the generic events go by the type id", () => {
    const event = { subscriptionType: "object.propertyChange", objectId: 7, occurredAt: 5 };
    expect(hintsOf({ ...event, objectTypeId: "0-3" })).toMatchObject([{ recordType: "order" }]);
    expect(hintsOf({ ...event, objectTypeId: "0-1" })).toEqual([]);
    expect(hintsOf(event)).toEqual([]);
  });

  it("of a merge ask for the survivor and for every record that went into it", () => {
    const hints = hintsOf({
      subscriptionType: "company.merge",
      objectId: 3,
      primaryObjectId: 1,
      mergedObjectIds: [1, 2],
      newObjectId: 3,
      occurredAt: 5,
    });
    expect(hints).toEqual(
      ["3", "1", "2"].map((externalId) => ({
        recordType: "customer",
        externalId,
        occurredAt: undefined,
      })),
    );
  });

  it("of a link ask for the deal at either end, and for nothing else", () => {
    const link = { occurredAt: 5, fromObjectId: 1, toObjectId: 2 };
    const named = (subscriptionType: string, associationType: string) =>
      hintsOf({ ...link, subscriptionType, associationType });

    const deal = (externalId: string) => [{ recordType: "order", externalId, occurredAt: 5 }];
    expect(named("line_item.associationChange", "LINE_ITEM_TO_DEAL")).toEqual(deal("2"));
    expect(named("deal.associationChange", "DEAL_TO_COMPANY")).toEqual(deal("1"));
    expect(named("company.associationChange", "COMPANY_TO_CONTACT")).toEqual([]);
    const byTypeId = { fromObjectTypeId: "0-8", toObjectTypeId: "0-3" };
    expect(hintsOf({ ...link, ...byTypeId, subscriptionType: "object.associationChange" })).toEqual(
      deal("2"),
    );
  });

  it("leave out what names no record of ours", () => {
    expect(
      hintsOf(
        { subscriptionType: "line_item.propertyChange", objectId: 7 },
        { subscriptionType: "contact.creation", objectId: 7 },
        { subscriptionType: "constructor.creation", objectId: 7 },
        { subscriptionType: "deal.creation" },
        {},
      ),
    ).toEqual([]);
  });

  it("come once a record, with the latest moment", () => {
    const event = { subscriptionType: "deal.propertyChange", objectId: 7 };
    expect(hintsOf({ ...event, occurredAt: 9 }, { ...event, occurredAt: 5 })).toEqual([
      { recordType: "order", externalId: "7", occurredAt: 9 },
    ]);
    expect(hintsOf({ ...event, occurredAt: 9 }, event)).toEqual([
      { recordType: "order", externalId: "7", occurredAt: undefined },
    ]);
  });
});

describe("the delivery id", () => {
  const first = { subscriptionType: "deal.creation", objectId: 1, occurredAt: 5, attemptNumber: 0 };
  const second = { ...first, objectId: 2 };

  it("is the same for the same events in any order and at any try", () => {
    const again = { ...first, attemptNumber: 3, eventId: 9 };
    expect(deliveryIdOf(second, again)).toBe(deliveryIdOf(first, second));
  });

  it("differs for other events", () => {
    const ids = [
      deliveryIdOf(first),
      deliveryIdOf(second),
      deliveryIdOf({ ...first, occurredAt: 6 }),
      deliveryIdOf({ ...first, propertyName: "amount" }),
      deliveryIdOf(first, second),
    ];
    expect(new Set(ids).size).toBe(5);
  });
});
