/**
 * Runs fauxqs (SQS and S3) in a thread of its own, on loopback and a free port.
 *
 * Its thread keeps the disk writes of a persistent queue off the host's event loop, and lets the host
 * end it at any moment. Messages out: one {@link FauxqsStarted}.
 */
import { existsSync } from "node:fs";
import { Server } from "node:net";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { startFauxqs } from "fauxqs";

export interface FauxqsSetup {
  readonly region: string;
  readonly folder: string | undefined;
  readonly queues: readonly {
    readonly name: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
  readonly buckets: readonly string[];
}

export interface FauxqsStarted {
  readonly port: number;
  /** Queues that a former run left, with their messages. */
  readonly existingQueues: readonly string[];
}

/** No worker of the former run lives, so what it had received is nobody's and becomes visible at once. */
function releaseInFlight(folder: string): void {
  const path = join(folder, "fauxqs.db");
  if (!existsSync(path)) return;
  const database = new DatabaseSync(path);
  database.exec("UPDATE sqs_messages SET receipt_handle = NULL, visibility_deadline = NULL");
  database.close();
}

/** fauxqs 2.4.1 always asks for 0.0.0.0 and takes no other host. */
async function onLoopback<T>(start: () => Promise<T>): Promise<T> {
  const listen = Server.prototype.listen;
  Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const bound = args.map((one) =>
      typeof one === "object" && one !== null && "host" in one
        ? { ...one, host: "127.0.0.1" }
        : one,
    );
    return Reflect.apply(listen, this, bound);
  };
  try {
    return await start();
  } finally {
    Server.prototype.listen = listen;
  }
}

async function run(setup: FauxqsSetup): Promise<FauxqsStarted> {
  const { folder, region } = setup;
  if (folder !== undefined) releaseInFlight(folder);
  const server = await onLoopback(() =>
    startFauxqs({
      port: 0,
      logger: false,
      defaultRegion: region,
      ...(folder === undefined ? {} : { dataDir: folder }),
    }),
  );
  const existingQueues: string[] = [];
  for (const { name, attributes } of setup.queues) {
    // Creating a queue that persistence has restored would drop its messages.
    if (server.inspectQueue(name) !== undefined) existingQueues.push(name);
    else server.createQueue(name, { region, attributes: { ...attributes } });
  }
  for (const name of setup.buckets) server.createBucket(name);
  return { port: server.port, existingQueues };
}

function isSetup(value: unknown): value is FauxqsSetup {
  return typeof value === "object" && value !== null && "queues" in value;
}

if (isSetup(workerData)) parentPort?.postMessage(await run(workerData));
