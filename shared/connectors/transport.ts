/**
 * HTTP for connectors: one call, one answer as text, every way to fail classified. Redirects are not
 * followed, sizes and times are bounded, and an answer that is not what it says it is counts as a
 * fault of the transport, never as data.
 */
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";

const TIMEOUT_MS = 10_000;
const RESPONSE_BYTES_MAX = 30 * 1024 * 1024;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal: AbortSignal;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Injected, so that tests can stand in for the network. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Transport {
  /** Any HTTP status is an answer. Throws SyncError `retryable` (`remote-unreachable`) where none came whole. */
  send(request: HttpRequest): Promise<HttpResponse>;
}

export function createTransport(fetchImplementation: Fetch = fetch): Transport {
  return {
    send: async (request) => {
      // The timer covers the body too: a body that never ends keeps `text()` waiting for ever, and
      // a gzip body that is not gzip does so in spite of the signal, hence identity.
      const timer = AbortSignal.timeout(TIMEOUT_MS);
      const signal = AbortSignal.any([timer, request.signal]);
      try {
        const response = await fetchImplementation(request.url, {
          method: request.method,
          headers: { ...request.headers, "accept-encoding": "identity" },
          ...(request.body === undefined ? {} : { body: request.body }),
          redirect: "manual",
          signal,
        });
        const text = await Promise.race([readText(response), rejectOn(signal)]);
        return { status: response.status, headers: response.headers, text };
      } catch (cause) {
        if (cause instanceof SyncError) throw cause;
        throw new SyncError({ kind: "retryable", code: "remote-unreachable" }, cause);
      }
    },
  };
}

/**
 * A failed call seen from a write: whatever may have taken effect is `uncertain`, so that it is
 * looked up before it is sent again.
 */
export function asWriteFailure(failure: Failure): Failure {
  return failure.kind === "retryable" ? { ...failure, kind: "uncertain" } : failure;
}

/** Milliseconds to wait by a `Retry-After` header: seconds, or an HTTP date. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  if (/^\d{1,7}$/.test(value)) return Number(value) * 1_000;
  // An HTTP date begins with the day's name; Date.parse would take almost anything for a date.
  const at = /^[A-Z][a-z]{2}, /.test(value) ? Date.parse(value) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** Whole numbers that an answer's headers hold, by the name that the table gives to each header. */
export function remainingIn(
  headers: Headers,
  names: Readonly<Record<string, string>>,
): Readonly<Record<string, number>> {
  const found = Object.entries(names).flatMap(([header, name]) => {
    const value = headers.get(header) ?? "";
    return /^\d{1,10}$/.test(value) ? [[name, Number(value)] as const] : [];
  });
  return Object.fromEntries(found);
}

async function readText(response: Response): Promise<string> {
  if (response.body === null) return "";
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > RESPONSE_BYTES_MAX) {
      await response.body.cancel().catch(() => undefined);
      throw new SyncError({ kind: "retryable", code: "remote-answer-too-large" });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
