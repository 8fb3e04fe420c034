/**
 * The ground both simulators stand on: an HTTP server on loopback with named routes, call counts,
 * planned faults, saved state and a webhook sender. What a vendor's API means lives in the folder of
 * that vendor, never here.
 *
 * Control routes, for people and tests (no vendor has them):
 *   GET  /__sim/calls           calls by route since the start or the last reset
 *   POST /__sim/calls/reset
 *   POST /__sim/faults          { route, fault, times } plans a fault, see {@link PlannedFault}
 *   PUT  /__sim/webhook-target  { url } where webhooks go from now on
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { dirname } from "node:path";

const BODY_BYTES_MAX = 10 * 1024 * 1024;
const WEBHOOK_TIMEOUT_MS = 5_000;
const WEBHOOK_TRIES_MAX = 10;
const WEBHOOK_RETRY_BASE_MS = 500;
const SAVE_DELAY_MS = 200;

export interface SimRequest {
  readonly method: string;
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly rawBody: Buffer;
  /** Requests that were being answered when this one arrived, itself included: for limits on calls at once. */
  readonly inFlightCount: number;
}

export interface SimResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is; the caller sets `content-type`. */
  readonly body?: string;
}

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

export interface SimulatorKernelOptions {
  readonly port: number;
  readonly statePath?: string | undefined;
  readonly routes: readonly Route[];
  readonly notFound: (request: SimRequest) => SimResponse;
  /** Runs before a vendor route: authentication and quotas. An answer here ends the call. */
  readonly guard?: (request: SimRequest, route: Route) => SimResponse | undefined;
  /** Added to every vendor answer: the quota headers. */
  readonly headersOf?: (request: SimRequest) => Readonly<Record<string, string>>;
  readonly rateLimited: (request: SimRequest) => SimResponse;
  /** Called to save; must return what `JSON.stringify` can hold. */
  readonly snapshot: () => unknown;
  /** Signs at the moment of sending, since vendors sign the time of each try. */
  readonly sign: (url: string, body: string) => Readonly<Record<string, string>>;
}

export interface SimulatorKernel {
  readonly url: string;
  /** Marks the state as changed; it is written soon after and at the close. */
  changed(): void;
  /** Queues one webhook call; failures are tried again, as vendors do. */
  sendWebhook(body: string): void;
  setWebhookTarget(url: string | undefined): void;
  webhookTarget(): string | undefined;
  planFault(fault: PlannedFault): void;
  calls(): Readonly<Record<string, number>>;
  resetCalls(): void;
  /** Resolves when no webhook is waiting or on its way. */
  webhooksSettled(): Promise<void>;
  close(): Promise<void>;
}

/** The state a former run saved, or `undefined` where there is none. */
export function loadState(statePath: string | undefined): unknown {
  if (statePath === undefined) return undefined;
  try {
    return JSON.parse(readFileSync(statePath, "utf8"));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new Error(`The simulator's saved state ${statePath} cannot be read`, { cause });
  }
}

export async function startSimulatorKernel(
  options: SimulatorKernelOptions,
): Promise<SimulatorKernel> {
  const routes = options.routes.map((route) => ({ route, match: compilePath(route.path) }));
  const calls = new Map<string, number>();
  const faults: { plan: PlannedFault; left: number }[] = [];
  let saveTimer: NodeJS.Timeout | undefined;
  let target: string | undefined;
  let closing = false;
  let inFlightCount = 0;
  const pending: { body: string; tries: number }[] = [];
  let sending: Promise<void> | undefined;

  const server = createServer((incoming, outgoing) => {
    inFlightCount += 1;
    respond(incoming, outgoing, inFlightCount)
      .catch((cause: unknown) => {
        // A caller that hangs up in the middle of its body, or a control body that cannot be read,
        // ends that call and not the process.
        if (!incoming.destroyed || incoming.complete) reportBug(cause);
        outgoing.destroy();
      })
      .finally(() => {
        inFlightCount -= 1;
      });
  });
  await listen(server, options.port);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function respond(
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    inFlightAtArrival: number,
  ): Promise<void> {
    const rawBody = await readBody(incoming);
    // Calls that arrive together overlap, as they do at a vendor whose answers take time.
    await new Promise((resolve) => setImmediate(resolve));
    if (rawBody === undefined) return write(outgoing, { status: 413, body: "too large" });
    const parsed = new URL(incoming.url ?? "/", url);
    const request: SimRequest = {
      method: incoming.method ?? "GET",
      path: parsed.pathname,
      params: {},
      query: parsed.searchParams,
      headers: flattenHeaders(incoming),
      rawBody,
      inFlightCount: inFlightAtArrival,
    };
    const control = answerControl(request);
    if (control !== undefined) return write(outgoing, control);
    for (const { route, match } of routes) {
      if (route.method !== request.method) continue;
      const params = match(request.path);
      if (params === undefined) continue;
      return answerRoute(route, { ...request, params }, outgoing);
    }
    return write(outgoing, options.notFound(request));
  }

  function answerRoute(route: Route, request: SimRequest, outgoing: ServerResponse): void {
    const name = `${route.method} ${route.path}`;
    calls.set(name, (calls.get(name) ?? 0) + 1);
    const fault = takeFault(name);
    if (fault?.fault === "drop-before") return void outgoing.destroy();
    if (fault?.fault === "status") {
      const headers = { "content-type": "application/json;charset=utf-8", ...fault.headers };
      return void write(outgoing, { status: fault.status ?? 500, headers, body: fault.body ?? "" });
    }
    if (fault?.fault === "html-200") {
      const headers = { "content-type": "text/html" };
      return void write(outgoing, {
        status: 200,
        headers,
        body: "<html><body>Sign in</body></html>",
      });
    }
    if (fault?.fault === "rate-limit") return void write(outgoing, options.rateLimited(request));
    let answer = options.guard?.(request, route);
    answer ??= attempt(() => route.answer(request));
    if (fault?.fault === "drop-after") return void outgoing.destroy();
    if (fault?.fault === "hang-after") return;
    write(outgoing, {
      ...answer,
      headers: { ...options.headersOf?.(request), ...answer.headers },
    });
  }

  function takeFault(name: string): PlannedFault | undefined {
    const index = faults.findIndex((fault) => fault.plan.route === name && fault.left > 0);
    const fault = faults[index];
    if (fault === undefined) return undefined;
    fault.left -= 1;
    if (fault.left === 0) faults.splice(index, 1);
    return fault.plan;
  }

  function answerControl(request: SimRequest): SimResponse | undefined {
    const json = { "content-type": "application/json" };
    switch (`${request.method} ${request.path}`) {
      case "GET /__sim/calls":
        return { status: 200, headers: json, body: JSON.stringify(Object.fromEntries(calls)) };
      case "POST /__sim/calls/reset":
        calls.clear();
        return { status: 204 };
      case "POST /__sim/faults": {
        kernel.planFault(JSON.parse(request.rawBody.toString("utf8")) as PlannedFault);
        return { status: 204 };
      }
      case "PUT /__sim/webhook-target":
        target = (JSON.parse(request.rawBody.toString("utf8")) as { url: string }).url;
        return { status: 204 };
      default:
        return undefined;
    }
  }

  function save(): void {
    clearTimeout(saveTimer);
    saveTimer = undefined;
    if (options.statePath === undefined) return;
    mkdirSync(dirname(options.statePath), { recursive: true });
    const temporary = `${options.statePath}.${randomUUID()}`;
    writeFileSync(temporary, JSON.stringify(options.snapshot()));
    renameSync(temporary, options.statePath);
  }

  async function sendPending(): Promise<void> {
    while (pending.length > 0 && !closing) {
      const webhook = pending[0];
      if (webhook === undefined || target === undefined) return;
      if (await post(target, webhook.body, options.sign(target, webhook.body))) {
        pending.shift();
        continue;
      }
      webhook.tries += 1;
      if (webhook.tries >= WEBHOOK_TRIES_MAX) pending.shift();
      else await delay(WEBHOOK_RETRY_BASE_MS * webhook.tries);
    }
  }

  function wakeSender(): void {
    sending ??= sendPending().finally(() => {
      sending = undefined;
      if (pending.length > 0 && target !== undefined && !closing) wakeSender();
    });
  }

  const kernel: SimulatorKernel = {
    url,
    changed: () => {
      saveTimer ??= setTimeout(save, SAVE_DELAY_MS);
    },
    sendWebhook: (body) => {
      if (target === undefined) return;
      pending.push({ body, tries: 0 });
      wakeSender();
    },
    setWebhookTarget: (next) => {
      target = next;
    },
    webhookTarget: () => target,
    planFault: (plan) => {
      faults.push({ plan, left: plan.times });
    },
    calls: () => Object.fromEntries(calls),
    resetCalls: () => calls.clear(),
    webhooksSettled: async () => {
      while (sending !== undefined) await sending;
    },
    close: async () => {
      closing = true;
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      if (saveTimer !== undefined) save();
    },
  };
  return kernel;
}

/** A bug in a simulator answers 500 and says so, in place of a connection that hangs. */
function attempt(run: () => SimResponse): SimResponse {
  try {
    return run();
  } catch (cause) {
    const text = reportBug(cause);
    const headers = { "content-type": "application/json;charset=utf-8" };
    return { status: 500, headers, body: JSON.stringify({ status: "error", message: text }) };
  }
}

function reportBug(cause: unknown): string {
  const text = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  process.stderr.write(`simulator: ${text}\n`);
  return text;
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

function flattenHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(",") : value;
  }
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming) {
    bytes += (chunk as Buffer).length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function write(outgoing: ServerResponse, answer: SimResponse): void {
  outgoing.writeHead(answer.status, answer.headers);
  outgoing.end(answer.body);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}

async function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": "application/json", ...headers },
      signal: AbortSignal.timeout(WEBHOOK_TIMEOUT_MS),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    // The vendor learns nothing more from a failed delivery than that it failed: it tries again.
    return false;
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
