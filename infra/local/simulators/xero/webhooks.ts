/**
 * Tells the subscriber what changed: signed, numbered, several events in one request, at most 100. What
 * waits is taken together, so that events of one call, and of calls close together, travel together.
 */
import { createHmac } from "node:crypto";
import type { RandomSource } from "../random-source.ts";
import type { ChangeEvent } from "./store.ts";

/** How long events wait for company. */
export const COALESCE_DELAY_MS = 100;
const EVENTS_PER_REQUEST_MAX = 100;
const INTENT_TIMEOUT_MS = 5_000;
const RESOURCES: Readonly<Record<ChangeEvent["category"], string>> = {
  CONTACT: "Contacts",
  INVOICE: "Invoices",
  CREDITNOTE: "CreditNotes",
};

export interface WebhookOptions {
  readonly webhookKey: string;
  readonly tenantId: string;
  /** Where a record can be read, such as `http://127.0.0.1:1/api.xro/2.0`. */
  readonly baseUrl: () => string;
  readonly random: RandomSource;
  /** Called when an event begins to wait where none did. */
  readonly waiting: () => void;
  /** Takes the next `count` sequence numbers and returns the first. */
  readonly takeSequence: (count: number) => number;
}

export class WebhookQueue {
  readonly #options: WebhookOptions;
  #held: ChangeEvent[] = [];

  constructor(options: WebhookOptions) {
    this.#options = options;
  }

  add(events: readonly ChangeEvent[]): void {
    if (events.length === 0) return;
    if (this.#held.length === 0) this.#options.waiting();
    this.#held.push(...events);
  }

  /** Takes what waits, as the bodies of requests. */
  take(): string[] {
    const bodies: string[] = [];
    while (this.#held.length > 0) {
      bodies.push(this.#bodyOf(this.#held.splice(0, EVENTS_PER_REQUEST_MAX)));
    }
    return bodies;
  }

  sign(body: string): Readonly<Record<string, string>> {
    return { "x-xero-signature": signatureOf(this.#options.webhookKey, body) };
  }

  /**
   * The vendor's handshake: an empty delivery with the right signature must get 200 with no body and
   * no cookie, one with a wrong signature 401 (developer.xero.com, configuring your server).
   */
  async sendIntentToReceive(target: string): Promise<boolean> {
    const { random, webhookKey } = this.#options;
    const intents = [
      { key: webhookKey, status: 200 },
      { key: `${webhookKey}-wrong`, status: 401 },
      { key: `wrong-${webhookKey}`, status: 401 },
      { key: webhookKey, status: 200 },
    ];
    for (const { key, status } of intents) {
      const body = JSON.stringify({
        events: [],
        firstEventSequence: 0,
        lastEventSequence: 0,
        entropy: entropyOf(random),
      });
      const response = await fetch(target, {
        method: "POST",
        body,
        headers: {
          "content-type": "application/json",
          "x-xero-signature": signatureOf(key, body),
        },
        signal: AbortSignal.timeout(INTENT_TIMEOUT_MS),
      });
      const answered = await response.text();
      if (response.status !== status) return false;
      if (status === 200 && (answered !== "" || response.headers.has("set-cookie"))) return false;
    }
    return true;
  }

  #bodyOf(events: readonly ChangeEvent[]): string {
    const { baseUrl, random, takeSequence, tenantId } = this.#options;
    const first = takeSequence(events.length);
    return JSON.stringify({
      events: events.map((event) => ({
        resourceUrl: `${baseUrl()}/${RESOURCES[event.category]}/${event.resourceId}`,
        resourceId: event.resourceId,
        tenantId,
        tenantType: "ORGANISATION",
        eventCategory: event.category,
        eventType: event.type,
        eventDateUtc: new Date(event.at).toISOString().slice(0, -1),
        ...(event.data === undefined ? {} : { data: event.data }),
      })),
      firstEventSequence: first,
      lastEventSequence: first + events.length - 1,
      entropy: entropyOf(random),
    });
  }
}

function signatureOf(key: string, body: string): string {
  return createHmac("sha256", key).update(body, "utf8").digest("base64");
}

function entropyOf(random: RandomSource): string {
  return random.bytes(15).toString("hex").toUpperCase();
}
