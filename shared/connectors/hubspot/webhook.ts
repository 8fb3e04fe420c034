/**
 * HubSpot's webhooks v3: a JSON array of events, in no order, sent again until answered
 * (developers.hubspot.com, webhooks and request validation, read 2026-11). An event says which record
 * to look at, and no more is believed of it.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import * as z from "zod";
import type { ExternalId, RecordType } from "#shared/domain/identifiers.ts";
import { parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ChangeHint, WebhookOutcome, WebhookRequest } from "#shared/ports/connector.ts";
import { type WebhookEvent, webhookEvent } from "./schema.ts";

const AGE_MS_MAX = 300_000;
const FUTURE_MS_MAX = 60_000;
const EVENTS_MAX = 1_000;

/** In the query of the signed URL only these are decoded; `%20` and all others stay. */
const DECODED_IN_QUERY = /%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

/** Singular names of `company.creation` and type ids of `object.creation`; also of associations. */
const recordTypeOf: Readonly<Record<string, RecordType>> = {
  company: "customer",
  product: "product",
  deal: "order",
  "0-2": "customer",
  "0-7": "product",
  "0-3": "order",
};

/**
 * Changes that need not move a record's own time, or that end it: the record is read, however new what
 * we know of it is.
 */
const lifeChanges: ReadonlySet<string> = new Set([
  "merge",
  "deletion",
  "restore",
  "privacyDeletion",
]);

const events = z.array(webhookEvent).max(EVENTS_MAX);

export function receiveHubspotWebhook(
  secret: string,
  request: WebhookRequest,
  nowMs: number,
): WebhookOutcome {
  const headers = new Map(
    Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const timestamp = headers.get("x-hubspot-request-timestamp") ?? "";
  const signature = headers.get("x-hubspot-signature-v3") ?? "";
  if (!/^\d{1,15}$/.test(timestamp) || !isSignedBy(secret, request, timestamp, signature)) {
    return { kind: "refused", status: 401, code: "signature-wrong" };
  }
  const ageMs = nowMs - Number(timestamp);
  if (ageMs > AGE_MS_MAX || ageMs < -FUTURE_MS_MAX) {
    return { kind: "refused", status: 401, code: "signature-stale" };
  }
  const parsed = events.safeParse(readJson(request.rawBody));
  if (!parsed.success) return { kind: "refused", status: 400, code: "body-unreadable" };
  return {
    kind: "accepted",
    deliveryId: deliveryIdOf(parsed.data),
    hints: mergeHints(parsed.data.flatMap(hintsOf)),
  };
}

function isSignedBy(
  secret: string,
  request: WebhookRequest,
  timestamp: string,
  signature: string,
): boolean {
  const expected = createHmac("sha256", secret)
    .update(request.method.toUpperCase() + signedUrlOf(request.url))
    .update(request.rawBody)
    .update(timestamp)
    .digest("base64");
  const given = Buffer.from(signature, "utf8");
  const wanted = Buffer.from(expected, "utf8");
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

function signedUrlOf(url: string): string {
  const [withoutFragment = ""] = url.split("#", 1);
  const queryAt = withoutFragment.indexOf("?");
  if (queryAt === -1) return withoutFragment;
  const query = withoutFragment.slice(queryAt).replace(DECODED_IN_QUERY, decodeURIComponent);
  return withoutFragment.slice(0, queryAt) + query;
}

/** `undefined` for what is not JSON in UTF-8. */
function readJson(rawBody: Uint8Array): unknown {
  try {
    return parseExact(new TextDecoder("utf-8", { fatal: true }).decode(rawBody));
  } catch (cause) {
    if (cause instanceof SyncError || cause instanceof TypeError) return undefined;
    throw cause;
  }
}

/** The same for the same events in any order and at any try; `eventId` is not unique, by their docs. */
function deliveryIdOf(received: readonly WebhookEvent[]): string {
  const keys = received.map((event) =>
    JSON.stringify([
      event.portalId,
      event.subscriptionId,
      event.objectId,
      event.fromObjectId,
      event.toObjectId,
      event.propertyName,
      event.occurredAt,
      event.subscriptionType ?? event.eventType,
    ]),
  );
  return createHash("sha256").update(keys.sort().join("\n")).digest("base64url");
}

function hintsOf(event: WebhookEvent): ChangeHint[] {
  const [object = "", change = ""] = (event.subscriptionType ?? event.eventType ?? "").split(".");
  const occurredAt = readMoment(event.occurredAt);
  if (change === "associationChange") {
    return associationEnds(event, object).flatMap(({ name, id }) => {
      // What a deal is linked with is part of the order; of no other record.
      const recordType = typeNamed(name);
      return recordType === "order" ? hint(recordType, id, occurredAt) : [];
    });
  }
  const recordType = typeNamed(object === "object" ? (event.objectTypeId ?? "") : object);
  if (recordType === undefined) return [];
  const ids =
    change === "merge"
      ? [event.objectId, event.newObjectId, event.primaryObjectId, ...(event.mergedObjectIds ?? [])]
      : [event.objectId];
  const isOfLife = lifeChanges.has(change);
  return ids.flatMap((id) => hint(recordType, id, isOfLife ? undefined : occurredAt));
}

interface AssociationEnd {
  readonly name: string;
  readonly id: string | undefined;
}

/** The two ends by type id where they are named so, else by the words of `DEAL_TO_LINE_ITEM`. */
function associationEnds(event: WebhookEvent, object: string): AssociationEnd[] {
  const [from = object, to = ""] = (event.associationType ?? "").toLowerCase().split("_to_");
  return [
    { name: event.fromObjectTypeId ?? from, id: event.fromObjectId },
    { name: event.toObjectTypeId ?? to, id: event.toObjectId },
  ];
}

function typeNamed(name: string): RecordType | undefined {
  return Object.hasOwn(recordTypeOf, name) ? recordTypeOf[name] : undefined;
}

function hint(
  recordType: RecordType,
  externalId: ExternalId | undefined,
  occurredAt: number | undefined,
): ChangeHint[] {
  return externalId === undefined || externalId === ""
    ? []
    : [{ recordType, externalId, occurredAt }];
}

/** One hint a record, with the latest moment; without a moment where any event had none. */
function mergeHints(hints: readonly ChangeHint[]): ChangeHint[] {
  const merged = new Map<string, ChangeHint>();
  for (const next of hints) {
    const key = `${next.recordType} ${next.externalId}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, next);
    else merged.set(key, { ...next, occurredAt: latestOf(known.occurredAt, next.occurredAt) });
  }
  return [...merged.values()];
}

function latestOf(left: number | undefined, right: number | undefined): number | undefined {
  return left === undefined || right === undefined ? undefined : Math.max(left, right);
}

function readMoment(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
