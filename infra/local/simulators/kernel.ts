/**
 * A simulator behind HTTP: a server on loopback around its core, with saved state and a webhook
 * sender.
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
import type { PlannedFault, SimOutcome, SimResponse, SimulatorCore } from "./simulator-core.ts";

export type { PlannedFault } from "./simulator-core.ts";

const BODY_BYTES_MAX = 10 * 1024 * 1024;
const WEBHOOK_TIMEOUT_MS = 5_000;
const WEBHOOK_TRIES_MAX = 10;
const WEBHOOK_RETRY_BASE_MS = 500;
const SAVE_DELAY_MS = 200;

export interface SimulatorKernelOptions {
  readonly port: number;
  readonly statePath?: string | undefined;
  readonly core: SimulatorCore;
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
  const { core } = options;
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
    const method = incoming.method ?? "GET";
    const { href, pathname } = new URL(incoming.url ?? "/", url);
    const control = answerControl(`${method} ${pathname}`, rawBody);
    if (control !== undefined) return write(outgoing, control);
    const outcome = attempt(() =>
      core.dispatch({
        method,
        url: href,
        headers: flattenHeaders(incoming),
        rawBody,
        inFlightCount: inFlightAtArrival,
      }),
    );
    if (outcome === "hangs") return;
    if (typeof outcome === "string") outgoing.destroy();
    else write(outgoing, outcome);
  }

  function answerControl(route: string, rawBody: Buffer): SimResponse | undefined {
    const json = { "content-type": "application/json" };
    switch (route) {
      case "GET /__sim/calls":
        return { status: 200, headers: json, body: JSON.stringify(core.calls()) };
      case "POST /__sim/calls/reset":
        core.resetCalls();
        return { status: 204 };
      case "POST /__sim/faults":
        core.planFault(JSON.parse(rawBody.toString("utf8")) as PlannedFault);
        return { status: 204 };
      case "PUT /__sim/webhook-target":
        target = (JSON.parse(rawBody.toString("utf8")) as { url: string }).url;
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

  return {
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
}

/** A bug in a simulator answers 500 and says so, in place of a connection that hangs. */
function attempt(run: () => SimOutcome): SimOutcome {
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
