/**
 * Lambda's event source for a table's stream: in order per item, with retry, bisection, and a queue
 * for what keeps failing. The position of each shard is kept, so a restart goes on where it was.
 */
import { createHash, randomUUID } from "node:crypto";
import {
  type AwsClient,
  AwsCallError,
  type AwsFields,
  isFields,
  listOf,
  textOf,
} from "./aws-client.ts";
import { readBatchFailures } from "./batch-failures.ts";
import { describeError } from "./host-log.ts";
import type { HostState } from "./host-state.ts";
import type { StreamSourcePlan } from "./plan.ts";
import type { EventSource, SourceServices } from "./sqs-source.ts";
import { cutBatches } from "./stream-batches.ts";

/** A write through the gateway wakes the poller; only expired items (TTL) come without one. */
const IDLE_POLL_MS = 1_000;
const RETRY_BASE_MS = 100;
const RETRY_MS_MAX = 10_000;
const READ_COUNT_MAX = 1_000;

export interface StreamSource extends EventSource {
  /** A table was written to: look now. */
  wake(): void;
}

export interface StreamServices extends SourceServices {
  readonly state: HostState;
  /** The emulator's own ARN. */
  readonly streamArn: string;
  /** The table was made by this run, so LATEST and TRIM_HORIZON are the same place. */
  readonly isTableFresh: boolean;
  readonly sendFailure: (queueArn: string, body: unknown) => Promise<void>;
  readonly now: () => number;
}

interface Shard {
  readonly id: string;
  /** Read to its end before this one, for the sake of order. */
  readonly parentId: string;
  iterator: string | undefined;
  /** Of the last record that is done with. */
  position: string | undefined;
}

interface Batch {
  readonly shard: Shard;
  readonly records: readonly AwsFields[];
}

function sequenceOf(record: AwsFields): string {
  const change = record["dynamodb"];
  return isFields(change) ? textOf(change["SequenceNumber"]) : "";
}

function createdSeconds(record: AwsFields | undefined): number {
  const change = record?.["dynamodb"];
  return isFields(change) ? Number(change["ApproximateCreationDateTime"] ?? 0) : 0;
}

function laneOf(record: AwsFields, lanes: number): number {
  const change = record["dynamodb"];
  const keys = JSON.stringify(isFields(change) ? change["Keys"] : "");
  return createHash("sha256").update(keys).digest().readUInt32BE() % lanes;
}

function toEventRecord(record: AwsFields, arn: string, region: string): AwsFields {
  const identity = record["userIdentity"];
  const userIdentity = isFields(identity)
    ? {
        userIdentity: {
          type: identity["Type"] ?? identity["type"],
          principalId: identity["PrincipalId"] ?? identity["principalId"],
        },
      }
    : {};
  return { ...record, ...userIdentity, awsRegion: region, eventSourceARN: arn };
}

/** Finds the shards of a stream and reads each from where the last run left it. */
class ShardReader {
  readonly #client: AwsClient;
  readonly #plan: StreamSourcePlan;
  readonly #services: StreamServices;
  readonly #shards = new Map<string, Shard>();
  readonly #closed = new Set<string>();
  #isFirstLook = true;

  constructor(plan: StreamSourcePlan, services: StreamServices) {
    this.#client = services.client;
    this.#plan = plan;
    this.#services = services;
  }

  async shards(): Promise<readonly Shard[]> {
    const described = await this.#describe();
    const { state } = this.#services;
    const sourceKey = this.#plan.logicalId;
    const isNewSource = state.get("source", sourceKey) === undefined;
    for (const one of described) {
      const id = textOf(one["ShardId"]);
      if (this.#shards.has(id) || this.#closed.has(id)) continue;
      const position = state.get("position", this.#key(id));
      const skipsPast =
        this.#plan.startsAt === "LATEST" &&
        this.#isFirstLook &&
        isNewSource &&
        !this.#services.isTableFresh;
      const start = skipsPast ? "LATEST" : "TRIM_HORIZON";
      const parentId = textOf(one["ParentShardId"]);
      const shard: Shard = { id, parentId, iterator: undefined, position };
      shard.iterator = await this.#iterator(shard, start);
      this.#shards.set(id, shard);
    }
    this.#isFirstLook = false;
    if (isNewSource) state.set("source", sourceKey, "started");
    return [...this.#shards.values()].filter((one) => !this.#shards.has(one.parentId));
  }

  /** Goes back to the saved positions, after records were read that could not be dealt with. */
  rewind(): void {
    this.#shards.clear();
  }

  async #describe(): Promise<readonly AwsFields[]> {
    const shards: AwsFields[] = [];
    let startAfter: unknown;
    do {
      const { StreamDescription } = await this.#client.call("streams", "DescribeStream", {
        StreamArn: this.#services.streamArn,
        ...(startAfter === undefined ? {} : { ExclusiveStartShardId: startAfter }),
      });
      const page = isFields(StreamDescription) ? StreamDescription : {};
      shards.push(...listOf(page["Shards"]));
      startAfter = page["LastEvaluatedShardId"];
    } while (startAfter !== undefined && startAfter !== null);
    return shards;
  }

  /** The next records, and undefined as iterator when the shard has ended. */
  async read(shard: Shard): Promise<readonly AwsFields[]> {
    try {
      const { Records, NextShardIterator } = await this.#client.call("streams", "GetRecords", {
        ShardIterator: shard.iterator,
        Limit: READ_COUNT_MAX,
      });
      const caller = `event-source/${this.#services.functionName}`;
      this.#services.counters.countCall(caller, "dynamodb:GetRecords", { failed: false });
      shard.iterator = typeof NextShardIterator === "string" ? NextShardIterator : undefined;
      return listOf(Records);
    } catch (error) {
      if (!(error instanceof AwsCallError) || !/Iterator|Trimmed/.test(error.code)) throw error;
      shard.iterator = await this.#iterator(shard, "TRIM_HORIZON");
      return [];
    }
  }

  save(shard: Shard, record: AwsFields | undefined): void {
    if (record === undefined) return;
    shard.position = sequenceOf(record);
    this.#services.state.set("position", this.#key(shard.id), shard.position);
  }

  close(shard: Shard): void {
    this.#shards.delete(shard.id);
    this.#closed.add(shard.id);
  }

  #key(shardId: string): string {
    return `${this.#plan.logicalId}/${shardId}`;
  }

  async #iterator(shard: Shard, start: "LATEST" | "TRIM_HORIZON"): Promise<string> {
    const base = { StreamArn: this.#services.streamArn, ShardId: shard.id };
    const ask = async (fields: AwsFields) => {
      const answer = await this.#client.call("streams", "GetShardIterator", { ...base, ...fields });
      return textOf(answer["ShardIterator"]);
    };
    if (shard.position === undefined) return ask({ ShardIteratorType: start });
    try {
      const SequenceNumber = shard.position;
      return await ask({ ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber });
    } catch (error) {
      // After a day the records behind the position are gone, and the position with them.
      if (error instanceof AwsCallError && error.code === "TrimmedDataAccessException") {
        return ask({ ShardIteratorType: "TRIM_HORIZON" });
      }
      throw error;
    }
  }
}

/** Starts to read at once. */
export function startStreamSource(plan: StreamSourcePlan, services: StreamServices): StreamSource {
  const reader = new ShardReader(plan, services);
  const name = `event-source/${services.functionName}`;
  /** No more reads; what is under way may still be saved, unless it failed or is cut off. */
  let isEnding = false;
  let isStopped = false;
  let writes = 1;
  /** The count of writes when a look at all shards last found nothing. */
  let drained = 0;
  let wakeUp: (() => void) | undefined;

  function sleep(ms: number, isWakeable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      timer.unref();
      if (!isWakeable) return;
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function giveUp(
    { shard, records }: Batch,
    tries: number,
    condition: string,
  ): Promise<void> {
    const [first] = records;
    const last = records.at(-1);
    const batch = `${records.length} records of ${plan.table.name}`;
    if (plan.onFailureArn === undefined) {
      services.log({ kind: "error", text: `${name}: ${batch} dropped after ${tries} tries` });
      return;
    }
    const isoTime = (record: AwsFields | undefined) =>
      new Date(createdSeconds(record) * 1000).toISOString();
    await services.sendFailure(plan.onFailureArn, {
      requestContext: {
        requestId: randomUUID(),
        functionArn: plan.functionArn,
        condition,
        approximateInvokeCount: tries,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: new Date(services.now()).toISOString(),
      DDBStreamBatchInfo: {
        shardId: shard.id,
        startSequenceNumber: first === undefined ? "" : sequenceOf(first),
        endSequenceNumber: last === undefined ? "" : sequenceOf(last),
        approximateArrivalOfFirstRecord: isoTime(first),
        approximateArrivalOfLastRecord: isoTime(last),
        batchSize: records.length,
        streamArn: plan.table.streamArn,
      },
    });
    services.log({ kind: "error", text: `${name}: ${batch} given up after ${tries} tries` });
  }

  /** What is left to do of the batch: nothing, or its end from the first record that failed. */
  async function runOnce({ shard, records }: Batch): Promise<Batch | undefined> {
    const Records = records.map((one) => toEventRecord(one, plan.table.streamArn, services.region));
    try {
      const response = await services.invoke(plan.functionArn, { Records }, records.length);
      if (!plan.reportsFailures) return undefined;
      const failed = readBatchFailures(response, records.map(sequenceOf));
      const firstFailed = records.findIndex((one) => failed.has(sequenceOf(one)));
      return firstFailed < 0 ? undefined : { shard, records: records.slice(firstFailed) };
    } catch {
      // The pool has reported it.
      return { shard, records };
    }
  }

  async function runBatch(batch: Batch, triesBefore = 0): Promise<void> {
    let left: Batch = batch;
    for (let tries = triesBefore + 1; !isStopped; tries += 1) {
      const ageSeconds = services.now() / 1000 - createdSeconds(left.records[0]);
      if (plan.ageMaxSeconds > 0 && ageSeconds > plan.ageMaxSeconds) {
        await giveUp(left, tries - 1, "RecordAgeExceeded");
        return;
      }
      const rest = await runOnce(left);
      if (rest === undefined || isStopped) return;
      // Not done and not tried again: its position must not be saved.
      if (isEnding) isStopped = true;
      left = rest;
      if (plan.bisects && left.records.length > 1) {
        const middle = Math.ceil(left.records.length / 2);
        // Halving costs no try of its own.
        await runBatch({ ...left, records: left.records.slice(0, middle) }, triesBefore);
        await runBatch({ ...left, records: left.records.slice(middle) }, triesBefore);
        return;
      }
      if (plan.retriesMax >= 0 && tries > plan.retriesMax) {
        await giveUp(left, tries, "RetryAttemptsExhausted");
        return;
      }
      await sleep(Math.min(RETRY_MS_MAX, RETRY_BASE_MS * 2 ** (tries - 1)), false);
    }
  }

  /** Records of one item stay in one lane, so their order holds while lanes run side by side. */
  async function runRecords(shard: Shard, records: readonly AwsFields[]): Promise<void> {
    const wanted = records.filter((one) => plan.filter?.(one) ?? true);
    const lanes = Array.from({ length: plan.lanes }, (_, lane) =>
      wanted.filter((one) => laneOf(one, plan.lanes) === lane),
    );
    await Promise.all(
      lanes.map(async (lane) => {
        for (const batch of cutBatches(lane, plan.batchSize)) {
          if (!isStopped) await runBatch({ shard, records: batch });
        }
      }),
    );
    if (!isStopped) reader.save(shard, records.at(-1));
  }

  async function gather(shard: Shard): Promise<readonly AwsFields[]> {
    let records = await reader.read(shard);
    if (records.length === 0) return records;
    const deadlineMs = performance.now() + plan.windowMs;
    const wanted = () => records.filter((one) => plan.filter?.(one) ?? true).length;
    while (!isEnding && shard.iterator !== undefined && wanted() < plan.batchSize) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) break;
      await sleep(Math.min(leftMs, IDLE_POLL_MS), true);
      records = [...records, ...(await reader.read(shard))];
    }
    return records;
  }

  async function lookOnce(): Promise<boolean> {
    let foundAny = false;
    for (const shard of await reader.shards()) {
      if (isEnding) return foundAny;
      const records = shard.iterator === undefined ? [] : await gather(shard);
      if (records.length > 0) {
        foundAny = true;
        await runRecords(shard, records);
      } else if (shard.iterator === undefined) {
        // Its children are found by the next look.
        foundAny = true;
        reader.close(shard);
      }
    }
    return foundAny;
  }

  async function poll(): Promise<void> {
    while (!isEnding) {
      const seen = writes;
      try {
        if (await lookOnce()) continue;
        drained = seen;
      } catch (error) {
        if (isStopped) return;
        reader.rewind();
        services.log({ kind: "error", text: `${name}: ${describeError(error)}` });
      }
      if (seen === writes && !isEnding) await sleep(IDLE_POLL_MS, true);
    }
  }

  const polling = poll().catch((error: unknown) => {
    services.log({ kind: "error", text: `${name}: ${describeError(error)}` });
  });
  return {
    isIdle: async () => drained === writes,
    wake() {
      writes += 1;
      wakeUp?.();
    },
    async drain() {
      isEnding = true;
      wakeUp?.();
      await polling;
    },
    stop() {
      isEnding = true;
      isStopped = true;
      wakeUp?.();
    },
  };
}
