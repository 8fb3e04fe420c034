/**
 * The `Idempotency-Key` of writes: for six minutes from its first call a key gives back the first
 * answer, errors included, and refuses any other request (developer.xero.com idempotent requests).
 */
import { createHash } from "node:crypto";
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { refuseWith } from "./envelope.ts";

const KEPT_MS = 6 * 60_000;
const KEY_LENGTH_MAX = 128;

interface KeptAnswer {
  readonly key: string;
  readonly fingerprint: string;
  readonly keptAt: number;
  readonly answer: SimResponse;
}

export class IdempotencyCache {
  readonly #now: () => number;
  readonly #answers = new Map<string, KeptAnswer>();

  constructor(now: () => number, saved: readonly KeptAnswer[] | undefined) {
    this.#now = now;
    for (const kept of saved ?? []) this.#answers.set(kept.key, kept);
  }

  /** The answer kept for the request's key, or that of `answer`, kept from now on. */
  answerOnce(request: SimRequest, answer: () => SimResponse): SimResponse {
    const key = request.headers["idempotency-key"] ?? "";
    if (key === "" || request.method === "GET") return answer();
    if (key.length > KEY_LENGTH_MAX) {
      return refuseWith(`Idempotency Key exceeds the maximum length of ${KEY_LENGTH_MAX}.`);
    }
    this.#forgetOld();
    const fingerprint = fingerprintOf(request);
    const kept = this.#answers.get(key);
    if (kept === undefined) {
      const made = answer();
      this.#answers.set(key, { key, fingerprint, keptAt: this.#now(), answer: made });
      return made;
    }
    if (kept.fingerprint === fingerprint) return kept.answer;
    return refuseWith(`Idempotency Key ${key} is used with a different request.`);
  }

  snapshot(): readonly KeptAnswer[] {
    return [...this.#answers.values()];
  }

  #forgetOld(): void {
    for (const [key, { keptAt }] of this.#answers) {
      if (keptAt + KEPT_MS > this.#now()) return;
      this.#answers.delete(key);
    }
  }
}

function fingerprintOf(request: SimRequest): string {
  return createHash("sha256")
    .update(`${request.method} ${request.path}?${request.query} `)
    .update(request.rawBody)
    .digest("hex");
}
