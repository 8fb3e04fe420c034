/** The private app's token: who may call, until it is taken away and from when it is renewed. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import type { ErrorAnswers } from "./errors.ts";

export class AccessToken {
  readonly #errors: ErrorAnswers;
  readonly #ended = new Set<string>();
  #valid: string | undefined;

  constructor(token: string, errors: ErrorAnswers) {
    this.#valid = token;
    this.#errors = errors;
  }

  /** From now on the token is refused as one that has ended. */
  expire(): void {
    if (this.#valid !== undefined) this.#ended.add(this.#valid);
    this.#valid = undefined;
  }

  /** From now on this token, and no other, is taken. */
  renew(token: string): void {
    this.expire();
    this.#ended.delete(token);
    this.#valid = token;
  }

  /** Why the caller may not come in, or `undefined`. */
  refusal(request: SimRequest): SimResponse | undefined {
    const given = /^Bearer (.+)$/.exec(request.headers["authorization"] ?? "")?.[1] ?? "";
    if (given !== "" && given === this.#valid) return undefined;
    return this.#ended.has(given) ? this.#expired() : this.#unknown();
  }

  #expired(): SimResponse {
    return this.#errors.make(401, {
      message: "The OAuth token used to make this call has expired.",
      category: "EXPIRED_AUTHENTICATION",
    });
  }

  #unknown(): SimResponse {
    return this.#errors.make(401, {
      message:
        "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at https://developers.hubspot.com/docs/methods/auth/oauth-overview",
      category: "INVALID_AUTHENTICATION",
    });
  }
}
