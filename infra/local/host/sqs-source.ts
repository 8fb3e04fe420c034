/**
 * Lambda's event source for a standard queue: gathers batches and runs up to N of them at a time.
 *
 * A batch that throws deletes nothing: its messages come back when their visibility ends, and the
 * queue's own redrive policy moves those that came back too often.
 */
import { type AwsClient, type AwsFields, isFields, listOf, textOf } from "./aws-client.ts";
import { readBatchFailures } from "./batch-failures.ts";
import { type Counters, sqsRequests } from "./counters.ts";
import { describeError, type LogSink } from "./host-log.ts";
import type { SqsSourcePlan } from "./plan.ts";

const RECEIVE_COUNT_MAX = 10;
const LONG_POLL_SECONDS = 20;
/** Lambda's limit on a synchronous event. */
const PAYLOAD_BYTES_MAX = 6 * 1024 * 1024;
/** Names and punctuation of one record in the event. */
const RECORD_OVERHEAD_BYTES = 600;
const RETRY_DELAY_MS = 1_000;

export interface EventSource {
  /** True when nothing waits, runs or is on its way. */
  isIdle(): Promise<boolean>;
  /** Takes no more, and resolves when what runs has ended and is acknowledged. */
  drain(): Promise<void>;
  /** Nothing is deleted or acknowledged after this returns. */
  stop(): void;
}

export interface SourceServices {
  readonly client: AwsClient;
  readonly region: string;
  readonly functionName: string;
  readonly counters: Counters;
  readonly log: LogSink;
  readonly invoke: (functionArn: string, event: unknown, recordCount: number) => Promise<unknown>;
}

function toAttribute(value: unknown): AwsFields {
  const given = isFields(value) ? value : {};
  return {
    ...(given["StringValue"] === undefined ? {} : { stringValue: given["StringValue"] }),
    ...(given["BinaryValue"] === undefined ? {} : { binaryValue: given["BinaryValue"] }),
    stringListValues: [],
    binaryListValues: [],
    dataType: given["DataType"],
  };
}

function toRecord(message: AwsFields, queueArn: string, region: string): AwsFields {
  const given = isFields(message["MessageAttributes"]) ? message["MessageAttributes"] : {};
  const attributes = Object.entries(given).map(([name, one]) => [name, toAttribute(one)]);
  return {
    messageId: message["MessageId"],
    receiptHandle: message["ReceiptHandle"],
    body: message["Body"],
    attributes: message["Attributes"] ?? {},
    messageAttributes: Object.fromEntries(attributes),
    md5OfBody: message["MD5OfBody"],
    eventSource: "aws:sqs",
    eventSourceARN: queueArn,
    awsRegion: region,
  };
}

function sizeOf(message: AwsFields): number {
  const attributes = JSON.stringify(message["MessageAttributes"] ?? {});
  return (
    Buffer.byteLength(JSON.stringify(message["Body"])) + attributes.length + RECORD_OVERHEAD_BYTES
  );
}

/** Starts to poll at once. */
export function startSqsSource(plan: SqsSourcePlan, services: SourceServices): EventSource {
  const { client, counters } = services;
  const QueueUrl = plan.queue.url;
  const caller = `event-source/${services.functionName}`;
  /** Ends the polling; what runs may still be acknowledged, unless it is cut off. */
  const stopping = new AbortController();
  let isCutOff = false;
  /** Received, but too much for the batch before. */
  let carried: readonly AwsFields[] = [];
  let running = 0;
  let wakeGatherer: (() => void) | undefined;
  let wakeDrain: (() => void) | undefined;

  async function call(action: string, fields: AwsFields): Promise<AwsFields> {
    const request = { QueueUrl, ...fields };
    const isReceive = action === "ReceiveMessage";
    const signal = isReceive ? stopping.signal : undefined;
    const answer = await client.call("sqs", action, request, signal);
    const payload = isReceive ? answer : request;
    const billedRequests = sqsRequests(Buffer.byteLength(JSON.stringify(payload)));
    counters.countCall(caller, `sqs:${action}`, { failed: false, billedRequests });
    return answer;
  }

  /** `waitMs` may be a part of a second, which only the emulator takes. */
  async function receive(count: number, waitMs: number): Promise<readonly AwsFields[]> {
    const { Messages } = await call("ReceiveMessage", {
      MaxNumberOfMessages: Math.min(RECEIVE_COUNT_MAX, count),
      WaitTimeSeconds: waitMs / 1000,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    return listOf(Messages);
  }

  /** Splits off what does not fit into one event; one message always does. */
  function takeFitting(messages: readonly AwsFields[]): readonly AwsFields[] {
    let bytes = 0;
    const end = messages.findIndex((message, index) => {
      bytes += sizeOf(message);
      return index >= plan.batchSize || (index > 0 && bytes > PAYLOAD_BYTES_MAX);
    });
    if (end < 0) return messages;
    carried = messages.slice(end);
    return messages.slice(0, end);
  }

  async function gather(): Promise<readonly AwsFields[]> {
    let messages = carried;
    carried = [];
    if (messages.length === 0) {
      messages = await receive(plan.batchSize, LONG_POLL_SECONDS * 1000);
      if (messages.length === 0) return [];
    }
    const deadlineMs = performance.now() + plan.windowMs;
    let bytes = messages.reduce((sum, one) => sum + sizeOf(one), 0);
    for (;;) {
      const leftMs = Math.min(deadlineMs - performance.now(), LONG_POLL_SECONDS * 1000);
      const isFull = messages.length >= plan.batchSize || bytes >= PAYLOAD_BYTES_MAX;
      if (isFull || leftMs <= 0) return takeFitting(messages);
      const more = await receive(plan.batchSize - messages.length, leftMs);
      bytes += more.reduce((sum, one) => sum + sizeOf(one), 0);
      messages = [...messages, ...more];
    }
  }

  async function acknowledge(messages: readonly AwsFields[]): Promise<void> {
    for (let start = 0; start < messages.length; start += RECEIVE_COUNT_MAX) {
      const chunk = messages.slice(start, start + RECEIVE_COUNT_MAX);
      const Entries = chunk.map((one, index) => ({
        Id: String(index),
        ReceiptHandle: one["ReceiptHandle"],
      }));
      await call("DeleteMessageBatch", { Entries });
    }
  }

  async function runBatch(messages: readonly AwsFields[]): Promise<void> {
    const Records = messages.map((one) => toRecord(one, plan.queue.arn, services.region));
    let response: unknown;
    try {
      response = await services.invoke(plan.functionArn, { Records }, messages.length);
    } catch {
      // The pool has reported it; the messages come back by themselves.
      return;
    }
    if (isCutOff) return;
    const ids = messages.map((one) => textOf(one["MessageId"]));
    const failed = plan.reportsFailures ? readBatchFailures(response, ids) : new Set<string>();
    await acknowledge(messages.filter((one) => !failed.has(textOf(one["MessageId"]))));
  }

  function report(error: unknown): void {
    if (isCutOff || stopping.signal.aborted) return;
    services.log({ kind: "error", text: `${caller}: ${describeError(error)}` });
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (running >= plan.concurrencyMax) {
        await new Promise<void>((resolve) => {
          wakeGatherer = resolve;
        });
        continue;
      }
      try {
        const messages = await gather();
        if (messages.length === 0) continue;
        running += 1;
        runBatch(messages)
          .catch(report)
          .finally(() => {
            running -= 1;
            wakeGatherer?.();
            if (running === 0) wakeDrain?.();
          });
      } catch (error) {
        report(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY_MS).unref());
      }
    }
  }

  const polling = poll().catch(report);
  return {
    async isIdle() {
      const { Attributes } = await client.call("sqs", "GetQueueAttributes", {
        QueueUrl,
        AttributeNames: [
          "ApproximateNumberOfMessages",
          "ApproximateNumberOfMessagesNotVisible",
          "ApproximateNumberOfMessagesDelayed",
        ],
      });
      const counts = Object.values(isFields(Attributes) ? Attributes : {});
      return running === 0 && carried.length === 0 && counts.every((one) => Number(one) === 0);
    },
    async drain() {
      stopping.abort();
      wakeGatherer?.();
      await polling;
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        wakeDrain = resolve;
      });
    },
    stop() {
      isCutOff = true;
      stopping.abort();
      wakeGatherer?.();
    },
  };
}
