/**
 * Everything that runs once the emulators do: gateway, functions, triggers.
 */
import type { Server } from "node:http";
import { devNull } from "node:os";
import { join } from "node:path";
import { type AsyncInvocations, createAsyncInvocations } from "./async-invocations.ts";
import { type Athena, createAthena } from "./athena.ts";
import { credentialHeader } from "./aws-client.ts";
import { notificationsFor, objectEvent } from "./bucket-notifications.ts";
import { type Counters, sqsRequests } from "./counters.ts";
import type { EngineChoice } from "./dynamodb-engine.ts";
import type { RunningEmulators } from "./emulators.ts";
import { createFaultPlan } from "./faults.ts";
import { createFunctionPool, type FunctionPool } from "./function-pool.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import type { LogSink } from "./host-log.ts";
import type { HostState } from "./host-state.ts";
import type { FunctionPlan, Plan } from "./plan.ts";
import { type Schedules, startSchedules } from "./schedules.ts";
import { createSecretStore } from "./secrets.ts";
import { type EventSource, startSqsSource } from "./sqs-source.ts";
import { type StreamSource, startStreamSource } from "./stream-source.ts";
import type { Template } from "./template.ts";

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

export interface Listening {
  readonly server: Server;
  readonly url: string;
}

/** Ends the server with every connection it has. */
export function stopServer({ server }: Listening): void {
  server.close();
  server.closeAllConnections();
}

export interface Parts {
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

/** Starts all triggers as it is made. */
export class RunningHost {
  readonly #parts: Parts;
  readonly faults = createFaultPlan();
  readonly gateway: Gateway;
  readonly #athena: Athena;
  readonly pool: FunctionPool;
  readonly schedules: Schedules;
  readonly #asyncInvocations: AsyncInvocations;
  readonly #sources: readonly EventSource[];
  readonly #streams: readonly StreamSource[];

  constructor(parts: Parts) {
    this.#parts = parts;
    const { options, plan, region, now, emulators, counters, state } = parts;
    const log = options.onLog;
    this.#athena = createAthena({
      tables: plan.catalogTables,
      workgroups: plan.workgroups,
      access: plan.access,
      gatewayUrl: parts.aws.url,
      region,
      folder: options.stateFolder === undefined ? undefined : join(options.stateFolder, "athena"),
      now,
    });
    this.gateway = createGateway({
      region,
      gatewayUrl: parts.aws.url,
      emulators,
      functions: plan.functions,
      access: plan.access,
      secrets: createSecretStore(plan.secrets, options.secrets, state, now),
      athena: this.#athena,
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
      AWS_ENDPOINT_URL_ATHENA: endpoint,
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
    const bucket = plan.buckets.find((one) => one.name.endsWith("Inbox"));
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

  /** Takes no more events, and resolves when those under way are done and acknowledged. */
  async drain(): Promise<void> {
    this.schedules.stop();
    await Promise.all([...this.#sources, ...this.#streams].map((source) => source.drain()));
  }

  #stopTriggers(): void {
    for (const source of [...this.#sources, ...this.#streams]) source.stop();
    this.#asyncInvocations.stop();
    this.schedules.stop();
  }

  /** Everything is cut off before this returns; the promise is only for what takes time to vanish. */
  end(): Promise<unknown> {
    const { http, aws, state, emulators } = this.#parts;
    this.#stopTriggers();
    stopServer(http);
    stopServer(aws);
    this.gateway.close();
    this.#athena.close();
    state.close();
    return Promise.all([this.pool.stop(), emulators.stop()]);
  }
}
