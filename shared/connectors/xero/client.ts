/** Calls to Xero's accounting API: addresses, headers, tokens. Knows no record and no rule. */
import type { XeroSettings } from "#shared/contracts/connections.ts";
import { parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { asWriteFailure, type HttpResponse, type Transport } from "../transport.ts";
import { createAccessToken } from "./access-token.ts";
import { failureOf, unreadableAnswer } from "./errors.ts";
import { envelopeSchema, refusalSchema } from "./schema.ts";

/** Where proxies and Xero's own front end begin to refuse. */
export const URL_LENGTH_MAX = 2_000;

export type Envelope = Readonly<Record<string, unknown>>;

/** Query parameters in their order; a value is encoded here, and nowhere else. */
export type Query = readonly (readonly [name: string, value: string])[];

export interface ReadCall {
  readonly path: string;
  readonly query?: Query | undefined;
  readonly modifiedSinceMs?: number | undefined;
  /** The path names one record, so that 404 is about the record. */
  readonly mayBeMissing?: boolean | undefined;
  readonly signal: AbortSignal;
}

interface WriteCall {
  readonly method: "POST" | "PUT";
  readonly path: string;
  readonly query: Query;
  readonly body: string;
  readonly idempotencyKey?: string | undefined;
  readonly signal: AbortSignal;
}

export type WriteAnswer =
  | { readonly kind: "answered"; readonly envelope: Envelope }
  /** A 400: nothing was written. `elements` is empty where the answer names none. */
  | {
      readonly kind: "refused";
      readonly failure: SyncError;
      readonly elements: readonly unknown[];
    };

export interface XeroClient {
  /** The answer, or `undefined` where the record may be missing and is. Throws SyncError on any other. */
  read(call: ReadCall): Promise<Envelope | undefined>;
  /** Throws SyncError, `uncertain` where the call may have taken effect. */
  write(call: WriteCall): Promise<WriteAnswer>;
  urlOf(path: string, query: Query): string;
}

export function createXeroClient(
  settings: XeroSettings,
  deps: { readonly transport: Transport; readonly now: () => number },
): XeroClient {
  function urlOf(path: string, query: Query): string {
    const parts = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
    const text = parts.length === 0 ? "" : `?${parts.join("&")}`;
    return `${settings.baseUrl}/api.xro/2.0/${path}${text}`;
  }

  const send = createSender(settings, deps);

  return {
    urlOf,
    read: async (call) => {
      const since = call.modifiedSinceMs;
      const headers = since === undefined ? {} : { "if-modified-since": wholeSecond(since) };
      const url = urlOf(call.path, call.query ?? []);
      const response = await send("GET", url, headers, undefined, call.signal);
      if (response.status === 404 && call.mayBeMissing === true) return undefined;
      if (response.status === 200) return envelopeOf(response);
      throw failed(response, "read", deps.now());
    },
    write: async (call) => {
      const key = call.idempotencyKey;
      const headers = {
        "content-type": "application/json",
        ...(key === undefined ? {} : { "idempotency-key": key }),
      };
      const url = urlOf(call.path, call.query);
      const response = await send(call.method, url, headers, call.body, call.signal);
      if (response.status === 200)
        return { kind: "answered", envelope: writtenEnvelopeOf(response) };
      const failure = failed(response, "write", deps.now());
      if (response.status !== 400) throw failure;
      return { kind: "refused", failure, elements: refusalOf(response)?.Elements ?? [] };
    },
  };
}

type Send = (
  method: "GET" | "POST" | "PUT",
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  signal: AbortSignal,
) => Promise<HttpResponse>;

/** One call with a current token; a token that Xero no longer takes is replaced once. */
function createSender(
  settings: XeroSettings,
  deps: { readonly transport: Transport; readonly now: () => number },
): Send {
  const accessToken = createAccessToken(settings, deps);
  const headersOf = (token: string): Record<string, string> => ({
    authorization: `Bearer ${token}`,
    "xero-tenant-id": settings.tenantId,
    accept: "application/json",
  });
  return async (method, url, headers, body, signal) => {
    const attempt = async (): Promise<{ token: string; response: HttpResponse }> => {
      const token = await accessToken.current(signal);
      // Before the call nothing can have taken effect, so this stays `retryable` for a write too.
      if (signal.aborted) throw new SyncError({ kind: "retryable", code: "call-aborted" });
      const response = await deps.transport
        .send({ method, url, headers: { ...headers, ...headersOf(token) }, body, signal })
        .catch((cause: unknown) => {
          if (!(cause instanceof SyncError) || method === "GET") throw cause;
          throw new SyncError(asWriteFailure(cause.failure), cause);
        });
      return { token, response };
    };
    const { token, response } = await attempt();
    // A token can end before its time, when the app's secret was renewed; a 401 did nothing.
    const canTryAgain = response.status === 401 && accessToken.drop(token);
    return canTryAgain ? (await attempt()).response : response;
  };
}

/** UTC with whole seconds and no zone, as Xero's examples have it; rounded down, to miss nothing. */
function wholeSecond(epochMs: number): string {
  return new Date(Math.max(0, epochMs)).toISOString().slice(0, 19);
}

function envelopeOf(response: HttpResponse): Envelope {
  const envelope = envelopeSchema.safeParse(parseExact(response.text));
  if (!envelope.success) throw unreadableAnswer(envelope.error);
  return envelope.data;
}

function writtenEnvelopeOf(response: HttpResponse): Envelope {
  try {
    return envelopeOf(response);
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    throw new SyncError(asWriteFailure(cause.failure), cause);
  }
}

function failed(response: HttpResponse, during: "read" | "write", nowMs: number): SyncError {
  const type = response.status === 400 ? refusalOf(response)?.Type : undefined;
  return new SyncError(failureOf(response, during, nowMs, type ?? undefined));
}

/** The body of a 400 where it is one of Xero's own; a gateway's page says nothing about the record. */
function refusalOf(response: HttpResponse) {
  try {
    return refusalSchema.safeParse(parseExact(response.text)).data;
  } catch (cause) {
    if (cause instanceof SyncError) return undefined;
    throw cause;
  }
}
