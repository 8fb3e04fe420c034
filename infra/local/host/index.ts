/**
 * Runs a synthesized CloudFormation template on this machine: what runs here is what is deployed.
 *
 * The template's tables, queues and buckets are made in emulators, its functions run from their
 * bundles in worker threads, its triggers are wired as the template says, and every call a function
 * makes is asked against the role the template gives it.
 *
 * State in a folder survives `close`, `kill` and a crash. After a restart messages that had been
 * received but not deleted are visible again at once, because no worker of the former run is left to
 * finish them: expect them to be delivered a second time.
 */
import { createServer } from "node:http";
import { resolve } from "node:path";
import { createCounters, type HostCounters } from "./counters.ts";
import { checkDeployment } from "./deploy-checks.ts";
import { startEmulators } from "./emulators.ts";
import type { Fault } from "./faults.ts";
import { openHostState } from "./host-state.ts";
import { createHttpApi } from "./http-api.ts";
import { isLocalRoute, serveLocalRoute } from "./local-routes.ts";
import type { Addresses } from "./names.ts";
import type { FunctionPlan, Plan } from "./plan.ts";
import { planStack } from "./plan-stack.ts";
import {
  type HostOptions,
  type Listening,
  type Parts,
  RunningHost,
  stopServer,
} from "./running-host.ts";

export type { HostCounters } from "./counters.ts";
export type { HostLog } from "./host-log.ts";
export type { HostOptions } from "./running-host.ts";
export { readAssembly } from "./template.ts";

const REGION_DEFAULT = "eu-west-1";
const IDLE_POLL_MS = 50;

export interface LocalHost {
  /** Base URL of the HTTP API and of `/_local/`. */
  readonly http: string;
  /** The gateway; these credentials may do everything. */
  readonly aws: {
    readonly region: string;
    readonly endpoint: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** Friendly name to table name, queue URL, bucket name, secret ARN. */
  readonly tables: Readonly<Record<string, string>>;
  readonly queues: Readonly<Record<string, string>>;
  readonly buckets: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** Friendly names. */
  readonly functions: readonly string[];
  readonly schedules: readonly string[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Resolves when the target has taken it: the queue has it, or the function is done. */
  fireSchedule(name: string): Promise<void>;
  /** A disabled schedule does not fire by itself; throws when there is no such schedule. */
  enableSchedule(name: string, isEnabled: boolean): void;
  /** Runs a function by its friendly or physical name, and resolves with its result. */
  invoke(functionName: string, payload: unknown): Promise<unknown>;
  counters(): HostCounters;
  resetCounters(): void;
  injectFault(fault: Fault): void;
  clearFaults(): void;
  /**
   * Resolves when nothing runs, streams are read to their end, and every queue that has a function
   * is empty. A message that waits for its next try counts as work; one in a dead-letter queue does not.
   */
  idle(): Promise<void>;
  /** Stops as a crash would: functions are cut off, nothing is acknowledged, nothing is tidied. */
  kill(): void;
  /** Stops taking events, waits for those under way, then stops. */
  close(): Promise<void>;
}

/** Folders whose former host, killed or closed in this process, is still on its way out. */
const releases = new Map<string, Promise<unknown>>();

async function listen(port: number): Promise<Listening> {
  const server = createServer();
  // Long polls are answered late on purpose.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No TCP address");
  return { server, url: `http://127.0.0.1:${address.port}` };
}

function recordOf<T>(
  plans: readonly (T & { readonly name: string })[],
  textFor: (plan: T) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(plans.map((plan) => [plan.name, textFor(plan)]));
}

function findFunction(plan: Plan, name: string): FunctionPlan {
  const found = plan.functions.find((one) => one.name === name || one.physicalName === name);
  if (found !== undefined) return found;
  const known = plan.functions.map((one) => one.name).join(", ");
  throw new Error(`No function ${name}; there are: ${known}`);
}

function serveHttp(parts: Parts, running: RunningHost, stack: () => unknown): void {
  const { http, plan, options, now, counters } = parts;
  const serveApi = createHttpApi({
    routes: plan.routes,
    log: options.onLog,
    now,
    invoke: (arn, event) => running.pool.invoke(arn, event),
  });
  const hasInbox = plan.buckets.some((one) => one.name.endsWith("Inbox"));
  const local = {
    stack,
    counters: () => counters.read(),
    fireSchedule: (name: string) => running.schedules.fire(name),
    enableSchedule: (name: string, isEnabled: boolean) => running.schedules.enable(name, isEnabled),
    putInboxObject: hasInbox
      ? (key: string, body: Buffer, type: string) => running.putInboxObject(key, body, type)
      : undefined,
  };
  http.server.on("request", (request, response) => {
    if (!isLocalRoute(request)) serveApi(request, response);
    else {
      serveLocalRoute(request, response, local).catch((error: unknown) =>
        options.onLog({ kind: "error", text: `/_local/: ${String(error)}` }),
      );
    }
  });
}

async function poll(isDone: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isDone())) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
  }
}

function present(parts: Parts, running: RunningHost): LocalHost {
  const { http, aws, region, plan, counters, options } = parts;
  const folder = options.stateFolder;
  let ending: Promise<unknown> | undefined;
  const end = () => {
    ending ??= running.end();
    if (folder !== undefined) releases.set(resolve(folder), ending);
    return ending;
  };
  const addresses = {
    http: http.url,
    aws: { region, endpoint: aws.url, ...running.gateway.operator },
    tables: recordOf(plan.tables, (one) => one.physicalName),
    queues: recordOf(plan.queues, (one) => one.url),
    buckets: recordOf(plan.buckets, (one) => one.physicalName),
    secrets: recordOf(plan.secrets, (one) => one.arn),
    functions: plan.functions.map((one) => one.name),
    schedules: running.schedules.names,
    outputs: plan.outputs,
  };
  serveHttp(parts, running, () => addresses);
  aws.server.on("request", running.gateway.handle);
  return {
    ...addresses,
    fireSchedule: (name) => running.schedules.fire(name),
    enableSchedule: (name, isEnabled) => running.schedules.enable(name, isEnabled),
    invoke: async (name, payload) => running.pool.invoke(findFunction(plan, name).arn, payload),
    counters: () => counters.read(),
    resetCounters: () => counters.reset(),
    injectFault: (fault) => running.faults.add(fault),
    clearFaults: () => running.faults.clear(),
    // Twice, because a message can be between its queue and its function while one looks.
    idle: () => poll(async () => (await running.isIdle()) && (await running.isIdle())),
    kill() {
      end().catch((error: unknown) => options.onLog({ kind: "error", text: String(error) }));
    },
    async close() {
      if (ending === undefined) {
        await running.drain();
        await poll(() => !running.isBusy());
      }
      await end();
    },
  };
}

/**
 * Starts the whole stack. Rejects, with everything stopped again, when the template holds anything
 * that is not known here, when AWS would refuse it, or when no DynamoDB can run.
 */
export async function startHost(options: HostOptions): Promise<LocalHost> {
  const folder = options.stateFolder === undefined ? undefined : resolve(options.stateFolder);
  if (folder !== undefined) await releases.get(folder);
  const region = options.region ?? REGION_DEFAULT;
  const state = openHostState(folder);
  const open: Listening[] = [];
  try {
    const http = await listen(options.httpPort ?? 0);
    open.push(http);
    const aws = await listen(options.awsPort ?? 0);
    open.push(aws);
    const addresses: Addresses = { region, gatewayUrl: aws.url, httpUrl: http.url };
    const plan = planStack({
      template: options.template,
      assets: options.assets,
      addresses,
      check: (made, permissions) => checkDeployment(made, permissions, region),
    });
    const emulators = await startEmulators({
      plan,
      region,
      stateFolder: folder,
      engine: options.ddb ?? "auto",
      notice: (text) => options.onLog({ kind: "notice", text }),
    });
    const now = options.now ?? Date.now;
    const parts = { options, region, now, http, aws, state, plan, emulators };
    try {
      const complete = { ...parts, counters: createCounters() };
      return present(complete, new RunningHost(complete));
    } catch (error) {
      await emulators.stop();
      throw error;
    }
  } catch (error) {
    for (const one of open) stopServer(one);
    state.close();
    throw error;
  }
}
