/**
 * HubSpot's quotas (developers.hubspot.com usage guidelines, read 2026-11): calls in any ten seconds
 * per app, searches in any second per account, calls per day until midnight in the account's time
 * zone. Searches do not count towards the ten seconds, and their answers carry no quota headers.
 */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import type { ErrorAnswers } from "./errors.ts";

export const DEFAULT_LIMITS = { burstPerTenSeconds: 110, searchPerSecond: 5, perDay: 250_000 };
export const ACCOUNT_TIME_ZONE = "US/Eastern";

const TEN_SECONDS_MS = 10_000;
const SECOND_MS = 1_000;

type Limits = typeof DEFAULT_LIMITS;

export class RateLimiter {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #appId: number;
  readonly #errors: ErrorAnswers;
  readonly #day = new Intl.DateTimeFormat("en-CA", { timeZone: ACCOUNT_TIME_ZONE });
  #burst: number[] = [];
  #searches: number[] = [];
  #today = "";
  #todayCount = 0;

  constructor(
    limits: Partial<Limits>,
    account: {
      readonly appId: number;
      readonly now: () => number;
      readonly errors: ErrorAnswers;
    },
  ) {
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#appId = account.appId;
    this.#now = account.now;
    this.#errors = account.errors;
  }

  /** Counts a call, or answers the 429 of the quota that is spent; a refused call does not count. */
  take(request: SimRequest): SimResponse | undefined {
    this.#forgetOld();
    if (this.#todayCount >= this.#limits.perDay) return this.#refuse("DAILY", "daily");
    if (isSearch(request)) {
      if (this.#searches.length >= this.#limits.searchPerSecond) {
        return this.#refuse("SECONDLY", "secondly");
      }
      this.#searches.push(this.#now());
    } else {
      if (this.#burst.length >= this.#limits.burstPerTenSeconds) return this.refuseBurst();
      this.#burst.push(this.#now());
    }
    this.#todayCount += 1;
    return undefined;
  }

  headers(request: SimRequest): Readonly<Record<string, string>> {
    if (isSearch(request)) return {};
    this.#forgetOld();
    return this.#headers(this.#limits.burstPerTenSeconds - this.#burst.length);
  }

  /** The answer of a spent quota, for a fault that was planned. */
  refuse(request: SimRequest): SimResponse {
    return isSearch(request) ? this.#refuse("SECONDLY", "secondly") : this.refuseBurst();
  }

  refuseBurst(): SimResponse {
    const refusal = this.#refuse("TEN_SECONDLY_ROLLING", "ten_secondly_rolling");
    return { ...refusal, headers: { ...refusal.headers, ...this.#headers(0) } };
  }

  #headers(remaining: number): Readonly<Record<string, string>> {
    const { burstPerTenSeconds, perDay } = this.#limits;
    return {
      "X-HubSpot-RateLimit-Max": String(burstPerTenSeconds),
      "X-HubSpot-RateLimit-Remaining": String(remaining),
      "X-HubSpot-RateLimit-Interval-Milliseconds": String(TEN_SECONDS_MS),
      "X-HubSpot-RateLimit-Daily": String(perDay),
      "X-HubSpot-RateLimit-Daily-Remaining": String(perDay - this.#todayCount),
    };
  }

  #refuse(policyName: string, limitName: string): SimResponse {
    return this.#errors.make(429, {
      message: `You have reached your ${limitName} limit.`,
      errorType: "RATE_LIMIT",
      policyName,
      groupName: `publicapi:private_app-api-calls-${limitName.replaceAll("_", "-")}:${this.#appId}`,
    });
  }

  #forgetOld(): void {
    const now = this.#now();
    this.#burst = this.#burst.filter((atMs) => atMs > now - TEN_SECONDS_MS);
    this.#searches = this.#searches.filter((atMs) => atMs > now - SECOND_MS);
    const today = this.#day.format(now);
    if (today === this.#today) return;
    this.#today = today;
    this.#todayCount = 0;
  }
}

function isSearch(request: SimRequest): boolean {
  return request.method === "POST" && request.path.endsWith("/search");
}
