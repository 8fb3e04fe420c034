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
import { createServer, type Server } from "node:http";
import { devNull } from "node:os";
import { resolve } from "node:path";
import { type AsyncInvocations, createAsyncInvocations } from "./async-invocations.ts";
import { credentialHeader } from "./aws-client.ts";
import { notificationsFor, objectEvent } from "./bucket-notifications.ts";
import { type Counters, createCounters, type HostCounters, sqsRequests } from "./counters.ts";
import { checkDeployment } from "./deploy-checks.ts";
import type { EngineChoice } from "./dynamodb-engine.ts";
import { type RunningEmulators, startEmulators } from "./emulators.ts";
import { createFaultPlan, type Fault } from "./faults.ts";
import { createFunctionPool, type FunctionPool } from "./function-pool.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import type { LogSink } from "./host-log.ts";
import { type HostState, openHostState } from "./host-state.ts";
import { createHttpApi } from "./http-api.ts";
import { isLocalRoute, serveLocalRoute } from "./local-routes.ts";
import type { Addresses } from "./names.ts";
import { type FunctionPlan, type Plan, planStack } from "./plan.ts";
import { type Schedules, startSchedules } from "./schedules.ts";
import { createSecretStore } from "./secrets.ts";
import { type EventSource, startSqsSource } from "./sqs-source.ts";
import { type StreamSource, startStreamSource } from "./stream-source.ts";
import type { Template } from "./template.ts";

export type { CallCount, FunctionCount, HostCounters } from "./counters.ts";
export type { Fault } from "./faults.ts";
export type { HostLog } from "./host-log.ts";
export { parseTemplate, readAssembly, type Template } from "./template.ts";

const REGION_DEFAULT = "eu-west-1";
const IDLE_POLL_MS = 50;

export interface HostOptions {
  readonly template: Template;
  /** `Code.S3Key` or asset hash to the folder with the bundle; see `readAssembly`. */
  readonly assets: ReadonlyMap<string, string>;
  /** Absolute; everything is in memory when left out. */
  readonly stateFolder?: string;
  /** 0 or absent: any free port. */
  readonly httpPort?: number;
  readonly awsPort?: number;
  readonly region?: string;
  /** Logical id (or friendly name) of a secret to its first value. */
  readonly secrets: ReadonlyMap<string, string>;
  readonly onLog: LogSink;
  readonly ddb?: EngineChoice;
  /** Epoch ms; for schedules and times in events. */
  readonly now?: () => number;
}

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

interface Listening {
  readonly server: Server;
  readonly url: string;
}

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

function stopServer({ server }: Listening): void {
  server.close();
  server.closeAllConnections();
}

function recordOf<T>(
  plans: readonly (T & { readonly name: string })[],
  textFor: (plan: T) => string,
): Readonly<Record<string, string>> {
  return Object.fromEntries(plans.map((plan) => [plan.name, textFor(plan)]));
}

interface Parts {
  readonly options: HostOptions;
  readonly region: string;
  readonly now: () => number;
  readonly http: Listening;
  readonly aws: Listening;
  readonly state: HostState;
  readonly plan: Plan;
  readonly emulators: RunningEmulators;
  readonly counters: Counters;
}

/** Everything that runs once the emulators do. */
class RunningHost {
  readonly #parts: Parts;
  readonly faults = createFaultPlan();
  readonly gateway: Gateway;
  readonly pool: FunctionPool;
  readonly schedules: Schedules;
  readonly #asyncInvocations: AsyncInvocations;
  readonly #sources: readonly EventSource[];
  readonly #streams: readonly StreamSource[];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { options, plan, region, now, emulators, counters, state } = parts;
    const log = options.onLog;
    this.gateway = createGateway({
      region,
      gatewayUrl: parts.aws.url,
      emulators,
      functions: plan.functions,
      access: plan.access,
      secrets: createSecretStore(plan.secrets, options.secrets, state, now),
      counters,
      faults: this.faults,
      log,
      isPersistent: options.stateFolder !== undefined,
      onTableWrite: () => {
        for (const stream of this.#streams) stream.wake();
      },
      onObjectChange: async (change) => {
        for (const { target } of notificationsFor(plan.buckets, change)) {
          const event = objectEvent(change, region, now());
          if (target.kind === "queue") await this.#send("s3", target.arn, JSON.stringify(event));
          else this.#runAside(target.arn, event);
        }
      },
    });
    this.pool = createFunctionPool({
      functions: plan.functions,
      environmentOf: (one) => this.#environment(one),
      log,
      count: (one, invocation) => counters.countInvocation(one.name, invocation),
    });
    this.#asyncInvocations = createAsyncInvocations({
      functions: plan.functions,
      state,
      log,
      now,
      invoke: (arn, payload) => this.pool.invoke(arn, payload),
      sendTo: (arn, body, attributes) =>
        this.#send("lambda", arn, JSON.stringify(body), attributes),
    });
    this.#streams = this.#startStreams();
    this.#sources = plan.sqsSources.map((one) =>
      startSqsSource(one, this.#sourceServices(one.functionArn)),
    );
    this.schedules = startSchedules({
      schedules: plan.schedules,
      region,
      access: plan.access,
      log,
      now,
      isQueue: (arn) => plan.queues.some((one) => one.arn === arn),
      sendToQueue: (arn, body) => this.#send("scheduler", arn, body),
      invokeAsync: (arn, payload) => this.#asyncInvocations.run(arn, payload),
    });
    this.#asyncInvocations.resume();
  }

  #environment(plan: FunctionPlan): Readonly<Record<string, string>> {
    const { accessKeyId, secretAccessKey } = this.gateway.credentialsOf(plan.arn);
    const endpoint = this.#parts.aws.url;
    return {
      ...plan.environment,
      AWS_REGION: this.#parts.region,
      AWS_DEFAULT_REGION: this.#parts.region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      // Also for services nobody emulates, so that no call ever leaves this machine for AWS.
      AWS_ENDPOINT_URL: endpoint,
      AWS_ENDPOINT_URL_DYNAMODB: endpoint,
      AWS_ENDPOINT_URL_SQS: endpoint,
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoint,
      // A developer's own profile must not leak in.
      AWS_CONFIG_FILE: devNull,
      AWS_SHARED_CREDENTIALS_FILE: devNull,
      AWS_LAMBDA_FUNCTION_NAME: plan.physicalName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(plan.memoryMb),
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    };
  }

  #sourceServices(functionArn: string) {
    const { emulators, region, counters, options, plan } = this.#parts;
    const target = plan.functions.find((one) => one.arn === functionArn);
    return {
      client: emulators.client,
      region,
      functionName: target?.name ?? functionArn,
      counters,
      log: options.onLog,
      invoke: (arn: string, event: unknown, records: number) =>
        this.pool.invoke(arn, event, records),
    };
  }

  #startStreams(): readonly StreamSource[] {
    const { plan, emulators, state, now } = this.#parts;
    return plan.streamSources.map((one) =>
      startStreamSource(one, {
        ...this.#sourceServices(one.functionArn),
        state,
        now,
        streamArn: emulators.tables.streamArns.get(one.table.physicalName) ?? "",
        isTableFresh: emulators.tables.fresh.has(one.table.physicalName),
        sendFailure: (arn, body) => this.#send("lambda", arn, JSON.stringify(body)),
      }),
    );
  }

  async #send(
    sender: string,
    queueArn: string,
    body: string,
    attributes: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { plan, emulators, counters } = this.#parts;
    const queue = plan.queues.find((one) => one.arn === queueArn);
    if (queue === undefined) throw new Error(`${queueArn} is no queue of this stack`);
    const given = Object.entries(attributes).map(([name, StringValue]) => [
      name,
      { DataType: "String", StringValue },
    ]);
    await emulators.client.call("sqs", "SendMessage", {
      QueueUrl: queue.url,
      MessageBody: body,
      ...(given.length === 0 ? {} : { MessageAttributes: Object.fromEntries(given) }),
    });
    const billedRequests = sqsRequests(Buffer.byteLength(body));
    counters.countCall(sender, "sqs:SendMessage", { failed: false, billedRequests });
  }

  #runAside(functionArn: string, payload: unknown): void {
    const { onLog } = this.#parts.options;
    this.#asyncInvocations.run(functionArn, payload).catch((error: unknown) => {
      onLog({ kind: "error", text: error instanceof Error ? error.message : String(error) });
    });
  }

  /** As the operator and through the gateway, so that notifications go out. */
  async putInboxObject(key: string, body: Buffer, contentType: string): Promise<void> {
    const { plan, aws, region } = this.#parts;
    const bucket = plan.buckets.find((one) => one.name.startsWith("Inbox"));
    const path = [bucket?.physicalName ?? "", ...key.split("/")].map(encodeURIComponent).join("/");
    const authorization = credentialHeader(region, "s3").replace(
      "Credential=local",
      `Credential=${this.gateway.operator.accessKeyId}`,
    );
    const response = await fetch(`${aws.url}/${path}`, {
      method: "PUT",
      headers: { authorization, "content-type": contentType },
      body: new Uint8Array(body),
    });
    if (!response.ok) throw new Error(`Not stored: ${await response.text()}`);
  }

  async isIdle(): Promise<boolean> {
    if (this.pool.isBusy() || !this.#asyncInvocations.isIdle()) return false;
    for (const source of [...this.#sources, ...this.#streams]) {
      if (!(await source.isIdle())) return false;
    }
    return !this.pool.isBusy();
  }

  isBusy(): boolean {
    return this.pool.isBusy();
  }

  stopTriggers(): void {
    for (const source of [...this.#sources, ...this.#streams]) source.stop();
    this.#asyncInvocations.stop();
    this.schedules.stop();
  }

  /** Everything is cut off before this returns; the promise is only for what takes time to vanish. */
  end(): Promise<unknown> {
    const { http, aws, state, emulators } = this.#parts;
    this.stopTriggers();
    stopServer(http);
    stopServer(aws);
    this.gateway.close();
    state.close();
    return Promise.all([this.pool.stop(), emulators.stop()]);
  }
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
  const hasInbox = plan.buckets.some((one) => one.name.startsWith("Inbox"));
  const local = {
    stack,
    counters: () => counters.read(),
    fireSchedule: (name: string) => running.schedules.fire(name),
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
        running.stopTriggers();
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
