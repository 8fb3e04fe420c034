/**
 * Who may call: bearer tokens, the tenant header, and the token endpoint with its two grants. An
 * access token lives 30 minutes; a refresh token lives 60 days, is replaced at every use, and its
 * former one stays usable for 30 minutes (developer.xero.com token types and OAuth 2.0 FAQ).
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { RandomSource } from "../random-source.ts";
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { json, problem } from "./envelope.ts";
import { guidOf } from "./store.ts";

const ACCESS_TOKEN_MS = 30 * 60_000;
const REFRESH_GRACE_MS = 30 * 60_000;
const REFRESH_TOKEN_MS = 60 * 24 * 3_600_000;
const SCOPE_DEFAULT =
  "accounting.invoices accounting.payments accounting.contacts accounting.settings.read";

export interface AuthOptions {
  /** Valid without being fetched, as if of a custom connection, until it is ended. */
  readonly token: string;
  readonly random: RandomSource;
  readonly tenantId: string;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | undefined;
  readonly now: () => number;
  readonly changed: () => void;
}

interface AccessToken {
  readonly token: string;
  readonly expiresAt: number;
  /** A custom connection's token stands for one tenant, so the tenant header may be empty. */
  readonly isCustomConnection: boolean;
}

interface RefreshToken {
  readonly token: string;
  readonly scope: string;
  readonly issuedAt: number;
  readonly usedAt?: number;
}

export interface SavedAuth {
  readonly tokenCount: number;
  readonly accessTokens: readonly AccessToken[];
  readonly refreshTokens: readonly RefreshToken[];
}

export class Auth {
  readonly #options: AuthOptions;
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #refreshTokens = new Map<string, RefreshToken>();
  /** Fixed tokens that were ended, by when. */
  readonly #endedAt = new Map<string, number>();
  #fixedToken: string;
  #tokenCount = 0;

  constructor(options: AuthOptions, saved: SavedAuth | undefined) {
    this.#options = options;
    this.#fixedToken = options.token;
    this.#tokenCount = saved?.tokenCount ?? 0;
    for (const token of saved?.accessTokens ?? []) this.#accessTokens.set(token.token, token);
    for (const token of saved?.refreshTokens ?? []) this.#refreshTokens.set(token.token, token);
  }

  /** Why the caller may not use the accounting API, or `undefined`. */
  refusal(request: SimRequest): SimResponse | undefined {
    const token = this.#bearer(request);
    if ("status" in token) return token;
    const tenant = request.headers["xero-tenant-id"] ?? "";
    const isNamed = tenant.toLowerCase() === this.#options.tenantId.toLowerCase();
    const mayBeEmpty = token.isCustomConnection && tenant === "";
    return isNamed || mayBeEmpty ? undefined : this.#problem(403, "AuthenticationUnsuccessful");
  }

  /** Ends every token that was given out, and the fixed one: a new one must be fetched. */
  expireTokens(): void {
    const expiresAt = this.#options.now();
    for (const [token, access] of this.#accessTokens) {
      if (access.expiresAt > expiresAt) this.#accessTokens.set(token, { ...access, expiresAt });
    }
    this.#endedAt.set(this.#fixedToken, expiresAt);
    this.#options.changed();
  }

  /** Puts another fixed token, or the same again, in the place of the former. */
  renewToken(token: string): void {
    this.#endedAt.set(this.#fixedToken, this.#options.now());
    this.#endedAt.delete(token);
    this.#fixedToken = token;
  }

  /** `GET /connections`: the one tenant. */
  answerConnections(request: SimRequest, tenantName: string): SimResponse {
    const token = this.#bearer(request);
    if ("status" in token) return token;
    const { tenantId } = this.#options;
    return json(200, [
      {
        id: guidOf(`${tenantId}:connection`),
        authEventId: guidOf(`${tenantId}:auth-event`),
        tenantId,
        tenantType: "ORGANISATION",
        tenantName,
        createdDateUtc: "2024-01-01T00:00:00.0000000",
        updatedDateUtc: "2024-01-01T00:00:00.0000000",
      },
    ]);
  }

  /** `POST /connect/token`. */
  answerToken(request: SimRequest): SimResponse {
    if (!this.#isClient(request)) return json(400, { error: "invalid_client" });
    const form = new URLSearchParams(request.rawBody.toString("utf8"));
    switch (form.get("grant_type")) {
      case "client_credentials": {
        const scope = form.get("scope") || SCOPE_DEFAULT;
        return json(200, this.#issueAccess(scope, true));
      }
      case "refresh_token":
        return this.#refresh(form.get("refresh_token") ?? "");
      default:
        return json(400, { error: "unsupported_grant_type" });
    }
  }

  /** A refresh token as a user's consent would have given it. */
  issueRefreshToken(scope = `openid profile email offline_access ${SCOPE_DEFAULT}`): string {
    const token = this.#nextToken("refresh");
    this.#refreshTokens.set(token, { token, scope, issuedAt: this.#options.now() });
    this.#options.changed();
    return token;
  }

  snapshot(): SavedAuth {
    return {
      tokenCount: this.#tokenCount,
      accessTokens: [...this.#accessTokens.values()],
      refreshTokens: [...this.#refreshTokens.values()],
    };
  }

  #bearer(request: SimRequest): AccessToken | SimResponse {
    const token = /^Bearer (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1]?.trim();
    if (token === undefined) return this.#problem(401, "AuthenticationUnsuccessful");
    const endedAt = this.#endedAt.get(token);
    if (endedAt !== undefined) return this.#expired(endedAt);
    if (isSameText(token, this.#fixedToken)) {
      return { token, expiresAt: Number.POSITIVE_INFINITY, isCustomConnection: true };
    }
    const known = this.#accessTokens.get(token);
    if (known === undefined) return this.#problem(401, "TokenInvalidSignature");
    return known.expiresAt > this.#options.now() ? known : this.#expired(known.expiresAt);
  }

  #expired(expiresAt: number): SimResponse {
    return this.#problem(401, `TokenExpired: token expired at ${spokenInstant(expiresAt)}`);
  }

  #problem(status: 401 | 403, detail: string): SimResponse {
    return problem(status, detail, this.#options.random);
  }

  #isClient(request: SimRequest): boolean {
    const { clientId, clientSecret } = this.#options;
    if (clientId === undefined || clientSecret === undefined) return false;
    const sent = /^Basic (.+)$/i.exec(request.headers["authorization"] ?? "")?.[1] ?? "";
    const expected = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    return isSameText(sent.trim(), expected);
  }

  #refresh(sent: string): SimResponse {
    const now = this.#options.now();
    const known = this.#refreshTokens.get(sent);
    const isAlive =
      known !== undefined &&
      now < known.issuedAt + REFRESH_TOKEN_MS &&
      now <= (known.usedAt ?? now) + REFRESH_GRACE_MS;
    if (!isAlive) return json(400, { error: "invalid_grant" });
    this.#refreshTokens.set(sent, { ...known, usedAt: known.usedAt ?? now });
    const refreshToken = this.issueRefreshToken(known.scope);
    return json(200, {
      id_token: this.#nextToken("id"),
      ...this.#issueAccess(known.scope, false),
      refresh_token: refreshToken,
    });
  }

  #issueAccess(scope: string, isCustomConnection: boolean): Record<string, string | number> {
    const now = this.#options.now();
    for (const [token, { expiresAt }] of this.#accessTokens) {
      // An expired token is remembered for a day, so that it is refused as expired and not as unknown.
      if (expiresAt + 86_400_000 < now) this.#accessTokens.delete(token);
    }
    const token = this.#nextToken("access", { scope });
    this.#accessTokens.set(token, {
      token,
      expiresAt: now + ACCESS_TOKEN_MS,
      isCustomConnection,
    });
    this.#options.changed();
    return {
      access_token: token,
      expires_in: ACCESS_TOKEN_MS / 1000,
      token_type: "Bearer",
      scope,
    };
  }

  /** A token in the shape of a JWT, different each time and the same in each run. */
  #nextToken(kind: string, claims: Readonly<Record<string, string>> = {}): string {
    this.#tokenCount += 1;
    const { tenantId, now } = this.#options;
    const issuedAt = Math.floor(now() / 1000);
    const parts = [
      { alg: "RS256", typ: "JWT" },
      {
        iss: "https://identity.xero.com",
        iat: issuedAt,
        exp: issuedAt + ACCESS_TOKEN_MS / 1000,
        jti: guidOf(`${tenantId}:${kind}:${this.#tokenCount}`),
        xero_userid: guidOf(`${tenantId}:user`),
        authentication_event_id: guidOf(`${tenantId}:auth-event`),
        ...claims,
      },
    ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
    const signature = createHmac("sha256", tenantId).update(parts.join(".")).digest("base64url");
    return `${parts.join(".")}.${signature}`;
  }
}

function isSameText(left: string, right: string): boolean {
  const leftBytes = Buffer.from(left);
  const rightBytes = Buffer.from(right);
  return leftBytes.length === rightBytes.length && timingSafeEqual(leftBytes, rightBytes);
}

/** `10/01/2026 02:03:04` */
function spokenInstant(epochMs: number): string {
  const iso = new Date(epochMs).toISOString();
  return `${iso.slice(5, 7)}/${iso.slice(8, 10)}/${iso.slice(0, 4)} ${iso.slice(11, 19)}`;
}
