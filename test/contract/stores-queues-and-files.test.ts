/** What the queues and files promise, asked of the adapters on a live SQS and S3. */
import { createHash } from "node:crypto";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { openChangesMessage } from "#shared/aws/deflated-messages.ts";
import { createFileStore } from "#shared/aws/s3-files.ts";
import { createChangeQueue, createDeliveryQueue, createPollQueue } from "#shared/aws/sqs-queues.ts";
import { limits } from "#shared/config/limits.ts";
import { changesMessage, deliveriesMessage, pollMessage } from "#shared/contracts/messages.ts";
import { decodeJson } from "#shared/domain/json.ts";
import type { FileStore } from "#shared/ports/files.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";
import { incompressibleText } from "#test/support/incompressible.ts";
import { createMemoryFiles } from "#test/support/memory-files.ts";
import { createMemoryQueues, type MemoryQueues } from "#test/support/memory-queues.ts";

const { signal } = new AbortController();
const idOf = (index: number): string => `order-${String(index).padStart(24, "0")}`;

function anEvent(externalId: string, reference: string | null = null): ChangeEvent {
  return {
    connection: "crm",
    recordType: "order",
    externalId,
    capturedAt: "2026-01-05T09:00:00.000Z",
    record: {
      recordType: "order",
      externalId,
      version: 1,
      life: "live",
      fields: { number: reference, total: { minor: 12_345_678_901_234_567_890n, currency: "EUR" } },
    },
    tries: 0,
  };
}

describe("queues on SQS", () => {
  let emulator: FauxqsEmulator;
  let queueUrl: string;
  let twin: MemoryQueues;
  let queueCount = 0;
  beforeAll(async () => {
    emulator = await startFauxqsEmulator();
  });
  beforeEach(async () => {
    queueCount += 1;
    queueUrl = await emulator.createQueue(`queue-${queueCount}`);
    twin = createMemoryQueues(() => 0);
  });
  afterAll(() => emulator.stop());

  const changeQueue = () => createChangeQueue({ client: emulator.sqs, queueUrl });
  const drainChanges = async () =>
    (await emulator.drain(queueUrl)).map((body) => changesMessage.parse(decodeJson(body)));

  it("carry change events whole, in few messages, as their twin does", async () => {
    const events = Array.from({ length: 3_000 }, (_, index) =>
      anEvent(String(index), "\u0000 ü \ufffe\uffff \ud800 ]]>&"),
    );

    await changeQueue().send(events, { runId: "run-1" });
    await twin.changes.send(events, { runId: "run-1" });

    const bodies = await drainChanges();
    const carried = bodies.flatMap((body) => (body.kind === "changes" ? body.events : []));
    const inOrder = carried.toSorted(
      (left, right) => Number(left.externalId) - Number(right.externalId),
    );
    expect(inOrder).toEqual(events);
    expect(bodies).toHaveLength(3_000 / limits.changeEventsPerMessageMax);
    expect(twin.changes.messages.map(({ body }) => body)).toEqual(expect.arrayContaining(bodies));
  });

  it("carry messages of the greatest size, many at once", async () => {
    const large = "x".repeat(60_000);
    const events = Array.from({ length: 35 }, (_, index) => anEvent(String(index), large));

    await changeQueue().send(events);

    const bodies = await emulator.drain(queueUrl);
    expect(bodies).toHaveLength(12);
    for (const body of bodies) {
      expect(Buffer.byteLength(body)).toBeLessThanOrEqual(limits.queueMessageBytesMax);
    }
  });

  /** An order with so many lines of the greatest length. */
  function largeEvent(description: string): ChangeEvent {
    const event = anEvent("large");
    const lines = Array.from({ length: 8 }, () => ({
      product: null,
      productCode: null,
      description,
      quantity: "1",
      unitPrice: "1.00",
      discountRate: "0",
      amount: { minor: 100n, currency: "EUR" },
    }));
    return { ...event, record: event.record && { ...event.record, fields: { lines } } };
  }

  it("carry a change event that is larger than a message, deflated, as their twin does", async () => {
    const large = largeEvent("ü".repeat(60_000));

    await changeQueue().send([anEvent("small"), large], { runId: "run-1" });
    await twin.changes.send([anEvent("small"), large], { runId: "run-1" });

    const bodies = await drainChanges();
    expect(bodies.map((body) => body.kind).toSorted()).toEqual(["changes", "deflated"]);
    const opened = bodies.map(openChangesMessage);
    expect(opened).toContainEqual({
      version: 1,
      kind: "changes",
      runId: "run-1",
      events: [large],
    });
    expect(twin.changes.messages.map(({ body }) => body)).toEqual(expect.arrayContaining(opened));
  });

  it("carry a change event that is larger even so without its record, as their twin does", async () => {
    const large = largeEvent(incompressibleText(60_000));
    const { record: _record, ...event } = large;

    await changeQueue().send([large]);
    await twin.changes.send([large]);

    const bodies = await drainChanges();
    expect(bodies).toEqual([{ version: 1, kind: "changes", events: [event] }]);
    expect(twin.changes.messages.map(({ body }) => body)).toEqual(bodies);
  });

  it("carry delivery hints to the connection's own queue", async () => {
    const queue = createDeliveryQueue({ client: emulator.sqs, queueUrls: { books: queueUrl } });
    const hints = Array.from({ length: limits.deliveryHintsPerMessageMax + 1 }, (_, index) => ({
      canonicalId: idOf(index),
      recordType: "order" as const,
      tries: 0,
    }));

    await queue.send("books", hints);
    await twin.deliveries.send("books", hints);

    const bodies = (await emulator.drain(queueUrl)).map((body) =>
      deliveriesMessage.parse(decodeJson(body)),
    );
    expect(bodies.map((body) => body.hints.length).toSorted()).toEqual([1, 500]);
    expect(bodies).toEqual(
      expect.arrayContaining(twin.deliveries.messages.map(({ body }) => body)),
    );
    await expect(queue.send("crm", hints)).rejects.toMatchObject({
      failure: { kind: "bug", code: "delivery-queue-unknown", field: "crm" },
    });
  });

  it("carry poll requests", async () => {
    const queue = createPollQueue({ client: emulator.sqs, queueUrl });
    const request = {
      mode: "full",
      connection: "crm",
      recordType: "order",
      resume: { cursor: "c", reachedAt: 1 },
      tries: 2,
    } as const;

    await queue.send(request);
    await twin.polls.send(request);

    const bodies = (await emulator.drain(queueUrl)).map((body) =>
      pollMessage.parse(decodeJson(body)),
    );
    expect(bodies).toEqual([{ version: 1, kind: "poll", ...request }]);
    expect(twin.polls.messages.map(({ body }) => body)).toEqual(bodies);
  });

  it("send nothing for nothing", async () => {
    await changeQueue().send([]);
    await twin.changes.send([]);

    expect(await emulator.drain(queueUrl)).toEqual([]);
    expect(twin.changes.messages).toEqual([]);
  });

  it("hold a delayed message back", async () => {
    await changeQueue().send([anEvent("1")], { delayMs: 600_000 });

    expect(await emulator.drain(queueUrl)).toEqual([]);
  });

  it("say that a queue cannot be reached", async () => {
    const queue = createPollQueue({ client: emulator.sqs, queueUrl: `${queueUrl}-missing` });

    await expect(queue.send({ mode: "full", tries: 0 })).rejects.toMatchObject({
      failure: { kind: "retryable", code: "queue-unavailable" },
    });
  });
});

interface Files {
  readonly store: FileStore;
  drop(key: string, content: string): Promise<void>;
  /** What stands in the outbox. */
  read(key: string): Promise<{ content: string | undefined; contentType: string | undefined }>;
}

const inMemory = {
  name: "memory",
  start: async () => undefined,
  async fresh(): Promise<Files> {
    const store = createMemoryFiles();
    return {
      store,
      drop: async (key, content) => store.drop(key, content),
      read: async (key) => ({
        content: undefined,
        contentType: undefined,
        ...store.published.get(key),
      }),
    };
  },
  stop: async () => undefined,
};

function onS3() {
  let emulator: FauxqsEmulator | undefined;
  return {
    name: "S3",
    async start() {
      emulator = await startFauxqsEmulator();
      await emulator.createBucket("inbox");
      await emulator.createBucket("outbox");
    },
    async fresh(): Promise<Files> {
      if (emulator === undefined) throw new Error("not started");
      const { s3, putObject } = emulator;
      const buckets = { inboxBucket: "inbox", outboxBucket: "outbox" };
      return {
        store: createFileStore({ client: s3, ...buckets }),
        drop: (key, content) => putObject("inbox", key, content),
        async read(Key) {
          const answer = await s3.send(new GetObjectCommand({ Bucket: "outbox", Key }));
          const content = await answer.Body?.transformToString("utf-8");
          return { content, contentType: answer.ContentType };
        },
      };
    },
    async stop() {
      await emulator?.stop();
    },
  };
}

describe.each([inMemory, onS3()])("files on $name", (implementation) => {
  let files: Files;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    files = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  it("are read as they were dropped", async () => {
    const content = "number,total\n1,Grüße\n".repeat(20_000);
    await files.drop("orders/März 1.csv", content);

    const file = await files.store.open("orders/März 1.csv", signal);
    const chunks = await Array.fromAsync(file?.read() ?? []);

    expect(Buffer.concat(chunks).toString()).toBe(content);
    expect(file).toMatchObject({ key: "orders/März 1.csv", bytes: Buffer.byteLength(content) });
  });

  it("are known by their content before they are read", async () => {
    await files.drop("a.csv", "one");
    const first = await files.store.open("a.csv", signal);
    const again = await files.store.open("a.csv", signal);
    await files.drop("a.csv", "two");
    const other = await files.store.open("a.csv", signal);

    expect(first?.contentTag).toBe(createHash("md5").update("one").digest("hex"));
    expect(again?.contentTag).toBe(first?.contentTag);
    expect(again?.droppedAtMs).toBe(first?.droppedAtMs);
    expect(other?.contentTag).toBe(createHash("md5").update("two").digest("hex"));
  });

  it("may be left in the middle", async () => {
    await files.drop("a.csv", "x".repeat(1_000_000));
    const file = await files.store.open("a.csv", signal);
    let chunkCount = 0;

    for await (const chunk of file?.read() ?? []) {
      chunkCount += chunk.length > 0 ? 1 : 0;
      break;
    }

    expect(chunkCount).toBe(1);
    expect(await files.store.open("a.csv", signal)).toBeDefined();
  });

  it("that are gone are undefined", async () => {
    expect(await files.store.open("gone.csv", signal)).toBeUndefined();
  });

  it("are published, the last one of a key standing", async () => {
    await files.store.publish("run-1/problems.csv", "row\n1\n", "text/csv");
    await files.store.publish("run-1/problems.csv", "Zeile\nzwölf\n", "text/csv; charset=utf-8");

    expect(await files.read("run-1/problems.csv")).toEqual({
      content: "Zeile\nzwölf\n",
      contentType: "text/csv; charset=utf-8",
    });
  });
});
