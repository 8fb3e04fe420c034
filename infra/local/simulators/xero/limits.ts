/**
 * The quotas of one tenant: calls a minute and a day in fixed windows that start at an offset of the
 * tenant's own, and calls at once (developer.xero.com/faq/limits).
 */
import { createHash } from "node:crypto";
import type { SimRequest, SimResponse } from "../simulator-core.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const APP_PER_MINUTE = 10_000;

export interface LimitOptions {
  readonly tenantId: string;
  readonly now: () => number;
  readonly perMinute: number;
  readonly perDay: number;
  readonly concurrent: number;
}

interface Window {
  readonly lengthMs: number;
  startedAt: number;
  used: number;
}

export class Limits {
  readonly #options: LimitOptions;
  readonly #offsetMs: number;
  readonly #minute: Window = { lengthMs: MINUTE_MS, startedAt: 0, used: 0 };
  readonly #day: Window = { lengthMs: DAY_MS, startedAt: 0, used: 0 };

  constructor(options: LimitOptions) {
    this.#options = options;
    const digest = createHash("sha256").update(options.tenantId).digest();
    this.#offsetMs = digest.readUInt32BE(0) % DAY_MS;
  }

  /** Counts one call, or answers 429 without counting it. */
  spend(request: SimRequest): SimResponse | undefined {
    this.#roll();
    const { concurrent, perDay, perMinute } = this.#options;
    if (request.inFlightCount > concurrent) return tooMany("concurrent", {});
    if (this.#day.used >= perDay) return this.#tooManyIn(this.#day, "day");
    if (this.#minute.used >= perMinute) return this.#tooManyIn(this.#minute, "minute");
    this.#minute.used += 1;
    this.#day.used += 1;
    return undefined;
  }

  /** The answer of a spent minute quota, whatever is left of it. */
  answerSpentMinute(): SimResponse {
    this.#roll();
    return this.#tooManyIn(this.#minute, "minute");
  }

  headers(): Readonly<Record<string, string>> {
    this.#roll();
    const { perDay, perMinute } = this.#options;
    return {
      "X-MinLimit-Remaining": String(perMinute - this.#minute.used),
      "X-DayLimit-Remaining": String(perDay - this.#day.used),
      "X-AppMinLimit-Remaining": String(APP_PER_MINUTE - this.#minute.used),
    };
  }

  #tooManyIn(window: Window, limit: "minute" | "day"): SimResponse {
    const leftMs = window.startedAt + window.lengthMs - this.#options.now();
    const remaining = limit === "minute" ? { "X-MinLimit-Remaining": "0" } : {};
    return tooMany(limit, { "Retry-After": String(Math.ceil(leftMs / 1000)), ...remaining });
  }

  #roll(): void {
    const now = this.#options.now();
    for (const window of [this.#minute, this.#day]) {
      const startedAt =
        Math.floor((now - this.#offsetMs) / window.lengthMs) * window.lengthMs + this.#offsetMs;
      if (startedAt === window.startedAt) continue;
      window.startedAt = startedAt;
      window.used = 0;
    }
  }
}

function tooMany(limit: string, headers: Readonly<Record<string, string>>): SimResponse {
  return { status: 429, headers: { "X-Rate-Limit-Problem": limit, ...headers }, body: "" };
}
