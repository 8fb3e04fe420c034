/**
 * How HubSpot counts calls, and where its answers say what is left (developers.hubspot.com, usage
 * guidelines, read 2026-11-22). Answers to searches carry none of these headers, and OAuth apps get
 * no daily ones.
 */
import type { HubspotSettings } from "#shared/contracts/connections.ts";
import type { CallOutcome, QuotaLimits } from "#shared/domain/call-budget.ts";
import { type HttpRequest, type HttpResponse, remainingIn, retryAfterMs } from "../transport.ts";
import { hubspotDefinition } from "./definition.ts";
import { failureOfAnswer } from "./errors.ts";

type WindowName = (typeof hubspotDefinition.limits.quota.windows)[number]["name"];

/** Header to window. */
export const remainingHeaders: Readonly<Record<string, WindowName>> = {
  "x-hubspot-ratelimit-remaining": "ten-seconds",
  "x-hubspot-ratelimit-daily-remaining": "day",
};

/**
 * How long to wait where a day's calls are spent. HubSpot's day ends at midnight in the account's
 * time zone, which it does not tell: asking four times an hour finds out.
 */
const SPENT_DAY_WAIT_MS = 15 * 60_000;
const SPENT_WAIT_MS = 10_000;

/** The declared quota with what the connection's settings say otherwise. */
export function hubspotQuotaOf({ quota = {} }: Pick<HubspotSettings, "quota">): QuotaLimits {
  const own: Readonly<Record<WindowName, number | undefined>> = {
    "ten-seconds": quota.callsPerTenSeconds,
    "search-second": quota.searchesPerSecond,
    day: quota.callsPerDay,
  };
  const { windows } = hubspotDefinition.limits.quota;
  return {
    windows: windows.map((window) => ({
      ...window,
      callsMax: own[window.name] ?? window.callsMax,
    })),
  };
}

export const hubspotCalls = { windowsOf, outcomeOf };

function windowsOf({ method, url }: HttpRequest): readonly WindowName[] {
  const isSearch = method === "POST" && new URL(url).pathname.endsWith("/search");
  return [isSearch ? "search-second" : "ten-seconds", "day"];
}

function outcomeOf(response: HttpResponse, nowMs: number): CallOutcome {
  const { status, headers } = response;
  const asked = retryAfterMs(headers, nowMs);
  if (status === 429) {
    const failure = failureOfAnswer(response, nowMs);
    const isDay = failure.code === "daily-quota-used";
    const waitMs = isDay ? SPENT_DAY_WAIT_MS : (failure.retryAfterMs ?? SPENT_WAIT_MS);
    return {
      kind: "throttled",
      waitMs: asked ?? waitMs,
      remaining: remainingIn(headers, remainingHeaders),
    };
  }
  if (status === 477) {
    return { kind: "failed", waitMs: failureOfAnswer(response, nowMs).retryAfterMs };
  }
  if (status >= 500 || status === 408) return { kind: "failed", waitMs: asked };
  return { kind: "answered", remaining: remainingIn(headers, remainingHeaders) };
}
