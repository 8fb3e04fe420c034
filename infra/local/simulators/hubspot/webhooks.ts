/**
 * HubSpot's webhooks v3: JSON arrays of up to 100 events, in no promised order, signed at the moment
 * of sending (developers.hubspot.com webhooks and request validation, read 2026-11). Events of one
 * write share an `eventId`: HubSpot does not promise that it is unique.
 */
import { createHash, createHmac } from "node:crypto";
import type { AssociationChange } from "./associations.ts";
import { OBJECT_KINDS, type ObjectType } from "./object-types.ts";
import { type ChangeSource, currentVersion, type StoredRecord } from "./records.ts";

const EVENTS_PER_REQUEST_MAX = 100;
/** Long enough that the events of one bulk call travel together, short enough to feel live. */
export const COALESCE_DELAY_MS = 100;
const FIRST_SUBSCRIPTION_ID = 1_000_000;
const SUBSCRIPTION_IDS = 9_000_000;
const FIRST_EVENT_ID = 5_000_001;

/** In the query of the URL only these are decoded before signing; `%20` and all others stay. */
const DECODED_IN_QUERY = /%(3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)/gi;

type WebhookEvent = Readonly<Record<string, unknown>>;

export interface WebhookQueueOptions {
  readonly portalId: number;
  readonly appId: number;
  readonly now: () => number;
  /** Called when an event begins to wait where none did. */
  readonly waiting: () => void;
}

export class WebhookQueue {
  readonly #options: WebhookQueueOptions;
  #waiting: WebhookEvent[] = [];
  #nextEventId: number;

  constructor(options: WebhookQueueOptions, nextEventId = FIRST_EVENT_ID) {
    this.#options = options;
    this.#nextEventId = nextEventId;
  }

  /** To go on from in the next run. */
  get nextEventId(): number {
    return this.#nextEventId;
  }

  /** A new record: its creation, and one change for each property it came with. */
  created(record: StoredRecord, changed: readonly string[], source: ChangeSource): void {
    this.#push(record, "creation", source, { changeFlag: "CREATED" });
    this.changed(record, changed, source);
  }

  changed(record: StoredRecord, changed: readonly string[], source: ChangeSource): void {
    const { properties } = currentVersion(record);
    const eventId = this.#takeEventId();
    for (const propertyName of changed) {
      const propertyValue = properties[propertyName] ?? "";
      this.#push(record, "propertyChange", source, { propertyName, propertyValue }, eventId);
    }
  }

  deleted(record: StoredRecord, source: ChangeSource): void {
    this.#push(record, "deletion", source, { changeFlag: "DELETED" });
  }

  /** Nothing is told of what a restored record holds. */
  restored(record: StoredRecord, source: ChangeSource): void {
    this.#push(record, "restore", source, {});
  }

  purged(contact: StoredRecord, source: ChangeSource): void {
    this.#push(contact, "privacyDeletion", source, {});
  }

  merged(
    survivor: StoredRecord,
    primaryId: string,
    mergedIds: readonly string[],
    movedCount: number,
    source: ChangeSource,
  ): void {
    this.#push(survivor, "merge", source, {
      primaryObjectId: Number(primaryId),
      mergedObjectIds: mergedIds.map(Number),
      newObjectId: Number(survivor.id),
      numberOfPropertiesMoved: movedCount,
    });
  }

  /** Each end hears of a link that came or went. */
  associated(change: AssociationChange, source: ChangeSource): void {
    if ([change.from, change.to].some(({ type }) => isSilent(type))) return;
    for (const [from, to] of [
      [change.from, change.to],
      [change.to, change.from],
    ] as const) {
      const fromName = OBJECT_KINDS[from.type].singular;
      const toName = OBJECT_KINDS[to.type].singular;
      this.#append(`${fromName}.associationChange`, source, {
        associationType: `${fromName}_to_${toName}`.toUpperCase(),
        fromObjectId: Number(from.id),
        toObjectId: Number(to.id),
        associationRemoved: change.removed,
        isPrimaryAssociation: change.type.label === "Primary",
      });
    }
  }

  /** Takes what waits, as the bodies of requests: JSON arrays of events. */
  take(): string[] {
    const bodies: string[] = [];
    for (let start = 0; start < this.#waiting.length; start += EVENTS_PER_REQUEST_MAX) {
      const events = this.#waiting.slice(start, start + EVENTS_PER_REQUEST_MAX);
      bodies.push(JSON.stringify(events));
    }
    this.#waiting = [];
    return bodies;
  }

  #push(
    record: StoredRecord,
    kind: string,
    source: ChangeSource,
    more: WebhookEvent,
    eventId = this.#takeEventId(),
  ): void {
    if (isSilent(record.type)) return;
    const subscriptionType = `${OBJECT_KINDS[record.type].singular}.${kind}`;
    const fields = { objectId: Number(record.id), ...more };
    this.#append(subscriptionType, source, fields, eventId);
  }

  #append(
    subscriptionType: string,
    source: ChangeSource,
    fields: WebhookEvent,
    eventId = this.#takeEventId(),
  ): void {
    const { portalId, appId, now, waiting } = this.#options;
    if (this.#waiting.length === 0) waiting();
    this.#waiting.push({
      eventId,
      subscriptionId: subscriptionIdOf(`${subscriptionType} ${fields["propertyName"] ?? ""}`),
      portalId,
      appId,
      occurredAt: now(),
      subscriptionType,
      attemptNumber: 0,
      ...fields,
      changeSource: source.changeSource,
      sourceId: source.sourceId,
    });
  }

  #takeEventId(): number {
    const id = this.#nextEventId;
    this.#nextEventId += 1;
    return id;
  }
}

/**
 * The headers of one delivery: `X-HubSpot-Signature-v3` is base64 of HMAC-SHA256 with the app's
 * secret over method, URL, body and time in ms; the older v1 signature is hex SHA-256 of secret and body.
 */
export function signWebhook(delivery: {
  readonly secret: string;
  readonly url: string;
  readonly body: string;
  readonly timestampMs: number;
}): Readonly<Record<string, string>> {
  const { secret, url, body, timestampMs } = delivery;
  const signed = `POST${decodeQuery(url)}${body}${timestampMs}`;
  return {
    "X-HubSpot-Signature-v3": createHmac("sha256", secret).update(signed).digest("base64"),
    "X-HubSpot-Request-Timestamp": String(timestampMs),
    "X-HubSpot-Signature": createHash("sha256")
      .update(secret + body)
      .digest("hex"),
    "X-HubSpot-Signature-Version": "v1",
  };
}

function decodeQuery(url: string): string {
  const [withoutFragment = ""] = url.split("#");
  const queryAt = withoutFragment.indexOf("?");
  if (queryAt < 0) return withoutFragment;
  const query = withoutFragment.slice(queryAt).replace(DECODED_IN_QUERY, decodeURIComponent);
  return withoutFragment.slice(0, queryAt) + query;
}

/** The same subscription has the same id in every run. */
function subscriptionIdOf(name: string): number {
  const digest = createHash("sha256").update(name).digest();
  return FIRST_SUBSCRIPTION_ID + (digest.readUInt32BE(0) % SUBSCRIPTION_IDS);
}

/** Apps with subscriptions of the classic kind hear nothing of quotes. */
function isSilent(type: ObjectType): boolean {
  return type === "quotes";
}
