/** The way from the connectors to the simulators, with all that can happen to a call on it. */
import type { SimCall, SimOutcome } from "#infra/local/simulators/simulator-core.ts";
import type { Fetch } from "#shared/connectors/transport.ts";
import type { Faults } from "./faults.ts";
import type { Random } from "./random.ts";
import { inSmallPages } from "./small-pages.ts";
import type { Life, Stage } from "./stage.ts";

export interface Remote {
  readonly connection: string;
  readonly url: string;
  readonly dispatch: (call: SimCall) => SimOutcome;
}

/** A call that reached its remote, as the remote saw it. */
export interface ReachedCall {
  readonly connection: string;
  readonly method: string;
  readonly path: string;
  readonly body: string | undefined;
  readonly status: number;
  /** What the caller will learn; undefined where the answer is lost. */
  readonly answer: string | undefined;
}

export interface NetworkOptions {
  readonly remotes: readonly Remote[];
  readonly stage: Stage;
  readonly faults: Faults;
  readonly random: Random;
  readonly clock: () => number;
  readonly hasSmallPages: boolean;
  readonly beforeCall: (call: Omit<ReachedCall, "status" | "answer">) => void;
  readonly onCall: (call: ReachedCall) => void;
}

const STORM_MS = 20_000;

export class Network {
  readonly #options: NetworkOptions;
  readonly #stormUntilMs = new Map<string, number>();
  /** Calls whose answers are on their way. */
  #underWay: { readonly connection: string; readonly life: Life }[] = [];

  constructor(options: NetworkOptions) {
    this.#options = options;
  }

  /** Ends all storms. */
  heal(): void {
    this.#stormUntilMs.clear();
  }

  fetchFor(life: Life): Fetch {
    return async (url, init) => {
      const { stage, faults, random } = this.#options;
      const remote = this.#options.remotes.find((one) => url.startsWith(one.url));
      if (remote === undefined) throw new Error(`No remote at ${url}`);
      const method = init.method ?? "GET";
      const path = new URL(url).pathname;
      await stage.point(life, `${remote.connection} ${method} ${path}`);
      const refused = this.#refusalOf(remote);
      if (refused !== undefined) return refused;
      if (faults.strikes("timeout-before")) throw new TypeError("lab: timed out before it arrived");
      if (faults.strikes("server-error") && random.chance(0.5)) return failed(503);
      const isLost = faults.strikes("timeout-after");
      const ticket = { connection: remote.connection, life };
      this.#underWay = [...this.#underWay.filter((one) => !one.life.isOver), ticket];
      const response = this.#call(remote, { method, url, path, init }, isLost);
      await stage.point(life, `${remote.connection} answers ${response.status}`);
      this.#underWay = this.#underWay.filter((one) => one !== ticket);
      if (isLost) throw new TypeError("lab: timed out after it took effect");
      if (faults.strikes("lying-answer")) return random.chance(0.5) ? loginPage() : cut(response);
      return response.status >= 200 && faults.strikes("server-error")
        ? failed(502)
        : built(response);
    };
  }

  #refusalOf({ connection }: Remote): Response | undefined {
    const { faults, clock } = this.#options;
    if (faults.strikes("rate-limit-storm")) this.#stormUntilMs.set(connection, clock() + STORM_MS);
    const leftMs = (this.#stormUntilMs.get(connection) ?? 0) - clock();
    if (leftMs <= 0) return undefined;
    const headers = { "retry-after": String(Math.ceil(leftMs / 1_000)) };
    return new Response("", { status: 429, headers });
  }

  #call(
    remote: Remote,
    call: { method: string; url: string; path: string; init: RequestInit },
    isLost: boolean,
  ): { status: number; headers: Readonly<Record<string, string>>; body: string } {
    const { connection } = remote;
    const { method, path, init } = call;
    const whole = { url: call.url, body: typeof init.body === "string" ? init.body : undefined };
    const { url, body } = this.#options.hasSmallPages ? inSmallPages(method, whole) : whole;
    this.#options.beforeCall({ connection, method, path, body });
    const headers = init.headers as Readonly<Record<string, string>>;
    const inFlightCount = this.#underWay.filter((one) => one.connection === connection).length;
    const outcome = remote.dispatch({ method, url, headers, rawBody: body, inFlightCount });
    if (typeof outcome === "string") throw new Error(`A simulator must answer here: ${outcome}`);
    const text = outcome.body ?? "";
    const answer = isLost ? undefined : text;
    this.#options.onCall({ connection, method, path, body, status: outcome.status, answer });
    return { status: outcome.status, headers: outcome.headers ?? {}, body: text };
  }
}

function built(of: { status: number; headers: Readonly<Record<string, string>>; body: string }) {
  const isBodiless = of.status === 204 || of.status === 304;
  return new Response(isBodiless ? null : of.body, {
    status: of.status,
    headers: { ...of.headers },
  });
}

function cut(of: { status: number; headers: Readonly<Record<string, string>>; body: string }) {
  return built({ ...of, body: of.body.slice(0, Math.floor(of.body.length / 2)) });
}

function failed(status: number): Response {
  return new Response("upstream trouble", { status, headers: { "content-type": "text/plain" } });
}

function loginPage(): Response {
  const headers = { "content-type": "text/html" };
  return new Response("<html><body>Sign in</body></html>", { status: 200, headers });
}
