/** Webhooks made by hand: with any key, of any record, as often as wanted. */
import { createHmac } from "node:crypto";
import { signWebhook } from "#infra/local/simulators/hubspot/webhooks.ts";
import type { Product } from "./local-product.ts";

export function webhookUrl(product: Product, connection: string): string {
  return `${product.stack.host.http}/webhooks/${connection}`;
}

/** Xero's news of one contact; `entropy` tells two deliveries of the same event apart. */
export function sendXeroWebhook(
  product: Product,
  connection: string,
  contactId: string,
  key: string,
  entropy = "A1B2C3",
): Promise<Response> {
  const { tenantId, url } = product.xero;
  const event = {
    resourceUrl: `${url}/api.xro/2.0/Contacts/${contactId}`,
    resourceId: contactId,
    tenantId,
    tenantType: "ORGANISATION",
    eventCategory: "CONTACT",
    eventType: "CREATE",
    eventDateUtc: "2026-11-22T10:00:00.000",
  };
  const sequence = { firstEventSequence: 9_001, lastEventSequence: 9_001 };
  const body = JSON.stringify({ events: [event], ...sequence, entropy });
  const signature = createHmac("sha256", key).update(body).digest("base64");
  const headers = { "content-type": "application/json", "x-xero-signature": signature };
  return fetch(webhookUrl(product, connection), { method: "POST", body, headers });
}

/** HubSpot's news of one company, signed now. */
export function sendHubspotWebhook(
  product: Product,
  companyId: string,
  secret: string,
): Promise<Response> {
  const { portalId, appId } = product.hubspot;
  const occurredAt = Date.now();
  const event = {
    eventId: 1,
    subscriptionId: 2,
    portalId,
    appId,
    occurredAt,
    subscriptionType: "company.creation",
    attemptNumber: 0,
    objectId: Number(companyId),
  };
  const body = JSON.stringify([event]);
  const url = webhookUrl(product, "crm");
  const headers = {
    "content-type": "application/json",
    ...signWebhook({ secret, url, body, timestampMs: occurredAt }),
  };
  return fetch(url, { method: "POST", body, headers });
}
