/**
 * The ground all simulators stand on: named routes, call counts and planned faults, as a pure
 * dispatcher from a request to what becomes of it. It knows no server, no clock and no chance, so a
 * simulator runs as well inside one process as behind HTTP (`kernel.ts`). What a vendor's API means
 * lives in the folder of that vendor, never here.
 */

/** A call as it reaches a simulator. */
export interface SimCall {
  readonly method: string;
  /** Absolute, or a path with its query. */
  readonly url: string;
  /** Names in any case. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly rawBody?: Uint8Array | string | undefined;
  /** Calls being answered as this one arrives, itself included, for limits on calls at once; 1 by default. */
  readonly inFlightCount?: number | undefined;
}

/** A call as a route sees it. */
export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  readonly inFlightCount: number;
}

export interface SimResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; the caller sets `content-type`. */
  readonly body?: string;
}

/**
 * What becomes of a call: an answer, or
 *
 * - `dropped-before`: the connection breaks, and nothing was done;
 * - `dropped-after`: the connection breaks with no answer, and the call took effect;
 * - `hangs`: the call took effect, and no answer comes for as long as the caller waits.
 */
export type SimOutcome = SimResponse | "dropped-before" | "dropped-after" | "hangs";

/** `path` is a template such as `/crm/v3/objects/{type}/{id}`; the first route that matches answers. */
export interface Route {
  readonly method: string;
  readonly path: string;
  readonly answer: (request: SimRequest) => SimResponse;
}

/**
 * A fault for the next `times` calls whose `"METHOD /path/template"` equals `route`.
 *
 * - `status`: answers `status` with `headers` and `body`, and nothing is done.
 * - `rate-limit`: answers as the vendor does when a quota is spent, and nothing is done.
 * - `html-200`: answers 200 with a login page in HTML, and nothing is done.
 * - `drop-before`: the connection breaks, and nothing is done.
 * - `drop-after`: the call takes effect, then the connection breaks with no answer.
 * - `hang-after`: the call takes effect, and no answer comes for as long as the caller waits.
 */
export interface PlannedFault {
  readonly route: string;
  readonly fault:
    | "status"
    | "rate-limit"
    | "html-200"
    | "drop-before"
    | "drop-after"
    | "hang-after";
  readonly times: number;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A webhook as the vendor would send it now. */
export interface SignedWebhook {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SimulatorCoreOptions {
  readonly routes: readonly Route[];
  readonly notFound: (request: SimRequest) => SimResponse;
  /** Runs before a vendor route: authentication and quotas. An answer here ends the call. */
  readonly guard?: (request: SimRequest, route: Route) => SimResponse | undefined;
  /** The answer that something a route throws stands for; `undefined` for what is a bug. */
  readonly refusal?: (cause: unknown) => SimResponse | undefined;
  /** Added to every vendor answer: the quota headers. */
  readonly headersOf?: (request: SimRequest) => Readonly<Record<string, string>>;
  readonly rateLimited: (request: SimRequest) => SimResponse;
}

export interface SimulatorCore {
  /** Carries a call out, at once. Throws only for a bug in the simulator. */
  dispatch(call: SimCall): SimOutcome;
  planFault(fault: PlannedFault): void;
  /** Calls by `"METHOD /path/{template}"` since the start or the last reset. */
  calls(): Readonly<Record<string, number>>;
  resetCalls(): void;
}

export function createSimulatorCore(options: SimulatorCoreOptions): SimulatorCore {
  const routes = options.routes.map((route) => ({ route, match: compilePath(route.path) }));
  const calls = new Map<string, number>();
  const faults: { plan: PlannedFault; left: number }[] = [];

  function carryOut(route: Route, request: SimRequest): SimOutcome {
    const name = `${route.method} ${route.path}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const fault = takeFault(name);
    const instead = fault === undefined ? undefined : inPlaceOf(fault, request);
    if (instead !== undefined) return instead;
    const answer = options.guard?.(request, route) ?? answerOf(route, request);
    if (fault?.fault === "drop-after") return "dropped-after";
    if (fault?.fault === "hang-after") return "hangs";
    return { ...answer, headers: { ...options.headersOf?.(request), ...answer.headers } };
  }

  /** What comes of a fault that keeps a call from being carried out. */
  function inPlaceOf(fault: PlannedFault, request: SimRequest): SimOutcome | undefined {
    switch (fault.fault) {
      case "drop-before":
        return "dropped-before";
      case "rate-limit":
        return options.rateLimited(request);
      case "status": {
        const headers = { "content-type": "application/json;charset=utf-8", ...fault.headers };
        return { status: fault.status ?? 500, headers, body: fault.body ?? "" };
      }
      case "html-200": {
        const headers = { "content-type": "text/html" };
        return { status: 200, headers, body: "<html><body>Sign in</body></html>" };
      }
      case "drop-after":
      case "hang-after":
        return undefined;
    }
  }

  function answerOf(route: Route, request: SimRequest): SimResponse {
    try {
      return route.answer(request);
    } catch (cause) {
      const refusal = options.refusal?.(cause);
      if (refusal === undefined) throw cause;
      return refusal;
    }
  }

  function takeFault(name: string): PlannedFault | undefined {
    const index = faults.findIndex((fault) => fault.plan.route === name && fault.left > 0);
    const fault = faults[index];
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left === 0) faults.splice(index, 1);
    return fault.plan;
  }

  return {
    dispatch: (call) => {
      const request = requestOf(call);
      for (const { route, match } of routes) {
        if (route.method !== request.method) continue;
        const params = match(request.path);
        if (params !== undefined) return carryOut(route, { ...request, params });
      }
      return options.notFound(request);
    },
    planFault: (plan) => {
      faults.push({ plan, left: plan.times });
    },
    calls: () => Object.fromEntries(calls),
    resetCalls: () => calls.clear(),
  };
}

function requestOf(call: SimCall): SimRequest {
  const { pathname, searchParams } = new URL(call.url, "http://simulator.invalid");
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(call.headers ?? {})) {
    headers[name.toLowerCase()] = value;
  }
  return {
    method: call.method,
    path: pathname,
    params: {},
    query: searchParams,
    headers,
    rawBody: Buffer.from(call.rawBody ?? ""),
    inFlightCount: call.inFlightCount ?? 1,
  };
}

function compilePath(template: string): (path: string) => Record<string, string> | undefined {
  const parts = template.split("/");
  return (path) => {
    const given = path.split("/");
    if (given.length !== parts.length) return undefined;
    const params: Record<string, string> = Object.create(null);
    for (const [index, part] of parts.entries()) {
      const value = decodePart(given[index] ?? "");
      if (part.startsWith("{")) params[part.slice(1, -1)] = value;
      else if (part !== value) return undefined;
    }
    return params;
  };
}

/** A part that is not valid percent-encoding stands for itself, and matches nothing that exists. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
