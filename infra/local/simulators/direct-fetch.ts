/**
 * `fetch` on a simulator in this process: no socket, no timer, an answer as soon as it is asked for.
 * What would break a connection rejects, and what would hang waits for the caller to give up.
 */
import type { SimCall, SimOutcome } from "./simulator-core.ts";

type DirectFetch = (url: string, init: RequestInit) => Promise<Response>;

/** Headers and bodies as texts, as our connectors send them. */
export function directFetch(dispatch: (call: SimCall) => SimOutcome): DirectFetch {
  return async (url, init) => {
    const { method = "GET", body, signal } = init;
    signal?.throwIfAborted();
    const headers = Object.fromEntries(new Headers(init.headers));
    const rawBody = typeof body === "string" ? body : undefined;
    const outcome = dispatch({ method, url, headers, rawBody });
    if (outcome === "hangs") return untilAborted(signal ?? undefined);
    if (typeof outcome === "string") throw new TypeError(`fetch failed: ${outcome}`);
    const isBodiless = outcome.status === 204 || outcome.status === 304;
    return new Response(isBodiless ? null : (outcome.body ?? ""), {
      status: outcome.status,
      headers: { ...outcome.headers },
    });
  };
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
