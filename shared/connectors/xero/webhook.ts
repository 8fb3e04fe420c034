/**
 * Xero's webhooks: HMAC-SHA256 of the raw body under the app's webhook key, base64, in
 * `x-xero-signature` (developer.xero.com, "Configuring your server", read 2026-11). Xero proves a
 * receiver by sending empty bodies, some of them signed wrongly on purpose.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ChangeHint, WebhookOutcome, WebhookRequest } from "#shared/ports/connector.ts";
import { webhookSchema } from "./schema.ts";

const SIGNATURE_HEADER = "x-xero-signature";

/** Payments and items have no events; an event of another category changes nothing we hold. */
const categories: ReadonlyMap<string, RecordType> = new Map([
  ["CONTACT", "customer"],
  ["INVOICE", "invoice"],
  ["CREDITNOTE", "creditNote"],
  ["PREPAYMENT", "payment"],
  ["OVERPAYMENT", "payment"],
]);

/** Never throws: refused 401 on a wrong signature, 400 on a body that cannot be read. */
export function receiveXeroWebhook(
  settings: Pick<XeroSettings, "webhookKey" | "tenantId">,
  request: WebhookRequest,
): WebhookOutcome {
  if (!isSigned(settings.webhookKey, request)) {
    return { kind: "refused", status: 401, code: "webhook-signature-wrong" };
  }
  const body = webhookSchema.safeParse(parsed(request.rawBody));
  if (!body.success) return { kind: "refused", status: 400, code: "webhook-unreadable" };
  const { events, firstEventSequence, lastEventSequence } = body.data;
  const hash = createHash("sha256").update(JSON.stringify(events)).digest("hex").slice(0, 32);
  return {
    kind: "accepted",
    // Without `entropy`, which differs when the same events are sent again.
    deliveryId: `${settings.tenantId}:${firstEventSequence}-${lastEventSequence}:${hash}`,
    hints: events
      .filter((event) => event.tenantId.toLowerCase() === settings.tenantId.toLowerCase())
      .flatMap((event) => hintOf(event)),
  };
}

function hintOf(event: {
  readonly resourceId: string;
  readonly eventCategory: string;
  readonly eventDateUtc?: string | null | undefined;
}): ChangeHint[] {
  const recordType = categories.get(event.eventCategory.toUpperCase());
  if (recordType === undefined) return [];
  const occurredAt = occurredAtOf(event.eventDateUtc ?? "");
  return [
    {
      recordType,
      externalId: event.resourceId,
      ...(occurredAt === undefined ? {} : { occurredAt }),
    },
  ];
}

/** ISO 8601 with no zone, which means UTC, and up to seven digits of a second; rounded down to ms. */
function occurredAtOf(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?Z?$/.exec(text);
  if (match === null) return undefined;
  const milliseconds = (match[2] ?? "").padEnd(3, "0").slice(0, 3);
  const epochMs = Date.parse(`${match[1]}.${milliseconds}Z`);
  return Number.isNaN(epochMs) ? undefined : epochMs;
}

function isSigned(key: string, request: WebhookRequest): boolean {
  const name = Object.keys(request.headers).find((key) => key.toLowerCase() === SIGNATURE_HEADER);
  const given = name === undefined ? undefined : request.headers[name];
  if (given === undefined) return false;
  const expected = createHmac("sha256", key).update(request.rawBody).digest();
  const actual = Buffer.from(given, "base64");
  return actual.length === expected.length && timingSafeEqual(actual, expected);
}

/** `undefined` where the body is not JSON. */
function parsed(rawBody: Uint8Array): unknown {
  try {
    return parseExact(Buffer.from(rawBody).toString("utf8"));
  } catch (cause) {
    if (cause instanceof SyncError) return undefined;
    throw cause;
  }
}
