import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { createDeliveryQueue, createImportQueue, delaySecondsOf } from "#shared/aws/sqs-queues.ts";
import { limits } from "#shared/config/limits.ts";
import type { ImportRequest } from "#shared/ports/imports.ts";
import type { DeliveryQueue } from "#shared/ports/queues.ts";

interface SentEntry {
  readonly body: string;
  readonly delaySeconds: number | undefined;
}

/** A queue that refuses as told, call by call; its pauses are not waited for. */
function queueThat(
  failures: (call: number, ids: readonly string[]) => { Id: string; SenderFault: boolean }[],
): { queue: DeliveryQueue; calls: SentEntry[][] } {
  const calls: SentEntry[][] = [];
  class AnsweredClient extends SQSClient {
    override send: SQSClient["send"] = (command: unknown): never => {
      if (!(command instanceof SendMessageBatchCommand)) throw new TypeError("unexpected call");
      const entries = command.input.Entries ?? [];
      const ids = entries.map((entry) => entry.Id ?? "");
      const Failed = failures(calls.length, ids);
      calls.push(
        entries.map(({ MessageBody, DelaySeconds }) => ({
          body: MessageBody ?? "",
          delaySeconds: DelaySeconds,
        })),
      );
      return Promise.resolve({ Failed }) as never;
    };
  }
  const client = new AnsweredClient({ region: "eu-west-1" });
  const queueUrls = { books: "https://sqs.example/books" };
  return { queue: createDeliveryQueue({ client, queueUrls, pause: async () => undefined }), calls };
}

const hints = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    canonicalId: `order-${index}`,
    recordType: "order" as const,
    tries: 0,
  }));
const threeMessages = hints(limits.deliveryHintsPerMessageMax * 2 + 1);

describe("sending", () => {
  it("sends again what was not taken, and only that", async () => {
    const { queue, calls } = queueThat((call, ids) =>
      call < 2 ? ids.slice(-1).map((Id) => ({ Id, SenderFault: false })) : [],
    );

    await queue.send("books", threeMessages);

    expect(calls.map((entries) => entries.length)).toEqual([3, 1, 1]);
    expect(calls[1]).toEqual(calls[0]?.slice(-1));
    expect(calls[2]).toEqual(calls[1]);
  });

  it.each([
    [false, "retryable", "queue-busy"],
    [true, "bug", "queue-message-refused"],
  ])("throws where the sender's fault is %s and it stays so", async (SenderFault, kind, code) => {
    const { queue } = queueThat((_, ids) => ids.slice(0, 1).map((Id) => ({ Id, SenderFault })));

    await expect(queue.send("books", threeMessages)).rejects.toMatchObject({
      failure: { kind, code },
    });
  });

  it("keeps a call within ten messages and 256 KiB", async () => {
    const { queue, calls } = queueThat(() => []);

    await queue.send("books", hints(limits.deliveryHintsPerMessageMax * 23));

    expect(calls.flat()).toHaveLength(23);
    for (const call of calls) {
      expect(call.length).toBeLessThanOrEqual(10);
      const bytes = call.reduce((sum, entry) => sum + Buffer.byteLength(entry.body), 0);
      expect(bytes).toBeLessThanOrEqual(256 * 1_024);
    }
  });

  it("hands the delay on", async () => {
    const { queue, calls } = queueThat(() => []);

    await queue.send("books", hints(1), { delayMs: 1_001 });

    expect(calls.flat().map((entry) => entry.delaySeconds)).toEqual([2]);
  });
});

describe("what an import asks of itself", () => {
  const file = { kind: "import-file", key: "a.csv" } as const;
  const range = { kind: "import-range", runId: "run-1", index: 0 } as const;
  const document: ImportRequest = {
    kind: "import-document",
    runId: "run-1",
    key: "a.xml",
    document: "e-invoice",
    bytes: 1,
  };

  it("goes to the queue of whom it is for, and nowhere where that is not known", async () => {
    const sent: (string | undefined)[] = [];
    class HeardClient extends SQSClient {
      override send: SQSClient["send"] = (command: unknown): never => {
        if (!(command instanceof SendMessageBatchCommand)) throw new TypeError("unexpected call");
        const { QueueUrl, Entries = [] } = command.input;
        sent.push(...Entries.map(({ MessageBody = "" }) => `${QueueUrl} ${kindIn(MessageBody)}`));
        return Promise.resolve({}) as never;
      };
    }
    const client = new HeardClient({ region: "eu-west-1" });
    const queues = { client, partsUrl: "parts", documentsUrl: "documents", filesUrl: "files" };

    await createImportQueue(queues).send([file, range, document, range]);

    expect(sent).toEqual([
      "files import-file",
      "parts import-range",
      "parts import-range",
      "documents import-document",
    ]);
    await expect(createImportQueue({ client, partsUrl: "parts" }).send([file])).rejects.toThrow(
      expect.objectContaining({ failure: { kind: "bug", code: "import-queue-unknown" } }),
    );
  });
});

function kindIn(body: string): string {
  return String(z.looseObject({ kind: z.string() }).parse(JSON.parse(body)).kind);
}

describe("delays", () => {
  it.each([
    [0, 0],
    [-5, 0],
    [1, 1],
    [1_000, 1],
    [1_001, 2],
    [100_000_000, 900],
  ])("of %d ms are %d seconds", (delayMs, seconds) => {
    expect(delaySecondsOf(delayMs)).toBe(seconds);
  });
});
