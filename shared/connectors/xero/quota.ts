/**
 * How Xero counts calls, and where its answers say what is left (developer.xero.com, OAuth 2.0 API
 * limits, read 2026-11-22): for one organisation by the minute and the day, in windows that begin at
 * moments of the organisation's own, and for all organisations of the app by the minute. A call for a
 * token is none of these.
 */
import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { CallOutcome, QuotaLimits } from "#shared/domain/call-budget.ts";
import { type HttpRequest, type HttpResponse, remainingIn, retryAfterMs } from "../transport.ts";
import { xeroDefinition } from "./definition.ts";
import { failureOf } from "./errors.ts";

type WindowName = (typeof xeroDefinition.limits.quota.windows)[number]["name"];

/** Header to window. */
export const remainingHeaders: Readonly<Record<string, WindowName>> = {
  "x-minlimit-remaining": "minute",
  "x-daylimit-remaining": "day",
  "x-appminlimit-remaining": "app-minute",
};

const SPENT_WAIT_MS = 60_000;

/** The declared quota with what the connection's settings say otherwise. */
export function xeroQuotaOf({ quota = {} }: Pick<XeroSettings, "quota">): QuotaLimits {
  const { windows, callsAtOnceMax } = xeroDefinition.limits.quota;
  const ofApp = windows.find(({ name }) => name === "app-minute")?.callsMax ?? 0;
  const own: Readonly<Record<WindowName, number | undefined>> = {
    minute: quota.callsPerMinute,
    day: quota.callsPerDay,
    // All organisations together may never use less than one of them.
    "app-minute": Math.max(ofApp, quota.callsPerMinute ?? 0),
  };
  return {
    windows: windows.map((window) => ({
      ...window,
      callsMax: own[window.name] ?? window.callsMax,
    })),
    callsAtOnceMax: quota.callsAtOnce ?? callsAtOnceMax,
  };
}

export const xeroCalls = { windowsOf, outcomeOf };

/** Undefined for a call that is no call to the books. */
function windowsOf({ url }: HttpRequest): readonly WindowName[] | undefined {
  if (!new URL(url).pathname.includes("/api.xro/")) return undefined;
  return ["minute", "day", "app-minute"];
}

function outcomeOf(response: HttpResponse, nowMs: number): CallOutcome {
  const { status, headers } = response;
  if (status === 429) {
    const { retryAfterMs: waitMs = SPENT_WAIT_MS } = failureOf(response, "read", nowMs);
    return { kind: "throttled", waitMs, remaining: remainingIn(headers, remainingHeaders) };
  }
  // 501 is about what was sent.
  if ((status >= 500 && status !== 501) || status === 408) {
    return { kind: "failed", waitMs: retryAfterMs(headers, nowMs) };
  }
  return { kind: "answered", remaining: remainingIn(headers, remainingHeaders) };
}
