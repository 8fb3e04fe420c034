/** The bearer token of a connection: fixed, or fetched for a Xero custom connection and kept. */

import type { XeroSettings } from "#shared/contracts/connections.ts";
import { parseExact } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Transport } from "../transport.ts";
import { scopes } from "./definition.ts";
import { tokenFailure, unreadableAnswer } from "./errors.ts";
import { tokenSchema } from "./schema.ts";

/** A token this close to its end is not used: the call would outlive it. */
const EXPIRY_MARGIN_MS = 60_000;

export interface AccessToken {
  /** Throws SyncError `reauthorise`, `rate-limited` or `retryable`; no call to the books was made then. */
  current(signal: AbortSignal): Promise<string>;
  /** Forgets a token that Xero refused; false where there is no other to be had. */
  drop(token: string): boolean;
}

export function createAccessToken(
  settings: XeroSettings,
  deps: { readonly transport: Transport; readonly now: () => number },
): AccessToken {
  const { auth } = settings;
  if (auth.kind === "token") return { current: async () => auth.token, drop: () => false };

  const basic = Buffer.from(`${auth.clientId}:${auth.clientSecret}`).toString("base64");
  let kept: { readonly token: string; readonly expiresAtMs: number } | undefined;
  let pending: Promise<string> | undefined;

  async function fetchToken(signal: AbortSignal): Promise<string> {
    const response = await deps.transport.send({
      method: "POST",
      url: `${settings.identityUrl}/connect/token`,
      headers: {
        authorization: `Basic ${basic}`,
        "content-type": "application/x-www-form-urlencoded",
        accept: "application/json",
      },
      body: `grant_type=client_credentials&scope=${encodeURIComponent(scopes.join(" "))}`,
      signal,
    });
    if (response.status !== 200) throw new SyncError(tokenFailure(response, deps.now()));
    const answer = tokenSchema.safeParse(parseExact(response.text));
    if (!answer.success) throw unreadableAnswer(answer.error);
    const { access_token: token, expires_in: lifetime } = answer.data;
    kept = { token, expiresAtMs: deps.now() + Number(lifetime) * 1_000 };
    return token;
  }

  return {
    current: async (signal) => {
      if (kept !== undefined && deps.now() < kept.expiresAtMs - EXPIRY_MARGIN_MS) return kept.token;
      // One request for all who wait: Xero issues a new token to each that asks.
      pending ??= fetchToken(signal).finally(() => {
        pending = undefined;
      });
      return pending;
    },
    drop: (token) => {
      // Another caller may have fetched a new one meanwhile.
      if (kept?.token === token) kept = undefined;
      return true;
    },
  };
}
