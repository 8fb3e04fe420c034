/**
 * Starts the emulators side by side and makes the template's queues, buckets and tables in them.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { type AwsClient, createAwsClient, type Emulators } from "./aws-client.ts";
import { type DynamoDbEngine, type EngineChoice, startDynamoDb } from "./dynamodb-engine.ts";
import type { FauxqsSetup, FauxqsStarted } from "./fauxqs-worker.ts";
import type { Plan, QueuePlan } from "./plan.ts";
import { createTables, type TablesMade } from "./tables.ts";

export interface RunningEmulators extends Emulators {
  readonly client: AwsClient;
  readonly tables: TablesMade;
  /** Ends both at once; what they have acknowledged is on disk. */
  stop(): Promise<void>;
}

export interface EmulatorOptions {
  readonly plan: Pick<Plan, "queues" | "buckets" | "tables">;
  readonly region: string;
  /** Absolute; in memory when left out. */
  readonly stateFolder: string | undefined;
  readonly engine: EngineChoice;
  readonly notice: (text: string) => void;
}

function queueAttributes({ properties }: QueuePlan): Readonly<Record<string, string>> {
  const { RedrivePolicy, ...numbers } = {
    VisibilityTimeout: properties.VisibilityTimeout ?? 30,
    MessageRetentionPeriod: properties.MessageRetentionPeriod,
    DelaySeconds: properties.DelaySeconds,
    MaximumMessageSize: properties.MaximumMessageSize,
    ReceiveMessageWaitTimeSeconds: properties.ReceiveMessageWaitTimeSeconds,
    RedrivePolicy: properties.RedrivePolicy,
  };
  const attributes = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  if (RedrivePolicy !== undefined) {
    attributes.push(["RedrivePolicy", JSON.stringify(RedrivePolicy)]);
  }
  return Object.fromEntries(attributes);
}

function isStarted(value: unknown): value is FauxqsStarted {
  return typeof value === "object" && value !== null && "port" in value;
}

async function startQueues(
  setup: FauxqsSetup,
): Promise<{ started: FauxqsStarted; worker: Worker }> {
  const worker = new Worker(new URL("./fauxqs-worker.ts", import.meta.url), {
    workerData: setup,
    execArgv: ["--no-warnings"],
  });
  const started = await new Promise<FauxqsStarted>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", (code) => reject(new Error(`fauxqs ended with code ${code}`)));
    worker.once("message", (message: unknown) => {
      if (isStarted(message)) resolve(message);
      else reject(new Error("fauxqs did not start"));
    });
  });
  return { started, worker };
}

/** Starts everything, or ends what did start and rejects. */
export async function startEmulators(options: EmulatorOptions): Promise<RunningEmulators> {
  const { plan, region, stateFolder } = options;
  const subfolder = (name: string) =>
    stateFolder === undefined ? undefined : join(stateFolder, name);
  const queuesFolder = subfolder("queues");
  if (queuesFolder !== undefined) mkdirSync(queuesFolder, { recursive: true });
  const setup: FauxqsSetup = {
    region,
    folder: queuesFolder,
    queues: plan.queues.map((one) => ({
      name: one.physicalName,
      attributes: queueAttributes(one),
    })),
    buckets: plan.buckets.map((one) => one.physicalName),
  };
  const [engine, queues] = await Promise.allSettled([
    startDynamoDb(options.engine, subfolder("tables"), options.notice),
    startQueues(setup),
  ]);
  const stop = async () => {
    await Promise.all([
      engine.status === "fulfilled" ? engine.value.stop() : undefined,
      queues.status === "fulfilled" ? queues.value.worker.terminate() : undefined,
    ]);
  };
  try {
    if (engine.status === "rejected") throw engine.reason;
    if (queues.status === "rejected") throw queues.reason;
    return { ...(await furnish(options, engine.value, queues.value.started)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function furnish(
  { plan, region, notice }: EmulatorOptions,
  engine: DynamoDbEngine,
  started: FauxqsStarted,
): Promise<Omit<RunningEmulators, "stop">> {
  const emulators = { dynamodbUrl: engine.url, queuesUrl: `http://127.0.0.1:${started.port}` };
  const client = createAwsClient(emulators, region);
  const changed = plan.queues.filter((one) => started.existingQueues.includes(one.physicalName));
  await Promise.all(
    changed.map((one) =>
      client.call("sqs", "SetQueueAttributes", {
        QueueUrl: one.url,
        Attributes: queueAttributes(one),
      }),
    ),
  );
  return { ...emulators, client, tables: await createTables(client, plan.tables, notice) };
}
