import { deflateRawSync } from "node:zlib";
import type { SQSEvent, SQSRecord } from "aws-lambda";
import { expect, it } from "vitest";
import { packChanges } from "#shared/aws/message-packing.ts";
import { limits } from "#shared/config/limits.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import { receivedChanges } from "#shared/runtime/received-changes.ts";
import { parseMessages } from "#shared/runtime/sqs-messages.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

const event: ChangeEvent = {
  connection: "files",
  recordType: "customer",
  externalId: "HARB",
  capturedAt: "2026-01-05T09:00:00.000Z",
  tries: 0,
};
const fields = { name: "Harbour ".repeat(100) };
const record = {
  recordType: "customer",
  externalId: "HARB",
  version: 1,
  life: "live",
  fields,
} as const;

function eventWith(
  bodies: Readonly<Record<string, string | undefined>>,
  receiveCounts: Readonly<Record<string, number>> = {},
): SQSEvent {
  return {
    Records: Object.entries(bodies).map(
      ([messageId, body = ""]): SQSRecord => ({
        messageId,
        body,
        receiptHandle: messageId,
        attributes: {
          ApproximateReceiveCount: String(receiveCounts[messageId] ?? 1),
          SentTimestamp: "0",
          SenderId: "sender",
          ApproximateFirstReceiveTimestamp: "0",
        },
        messageAttributes: {},
        md5OfBody: "",
        eventSource: "aws:sqs",
        eventSourceARN: "arn:aws:sqs:eu-west-1:000000000000:changes",
        awsRegion: "eu-west-1",
      }),
    ),
  };
}

it("a batch of changes is read, deflated or not, and only what cannot be read is left", () => {
  const bomb = deflateRawSync(" ".repeat(limits.inflatedMessageBytesMax + 1)).toString("base64");
  const { log } = createMemoryPorts();
  const bodies = {
    plain: packChanges([event], "run-1")[0],
    deflated: packChanges([{ ...event, record }], "run-1", 600)[0],
    bomb: `{"version":1,"kind":"deflated","content":"${bomb}"}`,
    text: "nonsense",
    other: '{"version":1,"kind":"poll","mode":"full"}',
  };
  const batch = eventWith(bodies, { deflated: 2 });

  const { messages, unreadable } = parseMessages(batch, receivedChanges, log);

  const common = { version: 1, kind: "changes", runId: "run-1" };
  expect(messages).toEqual([
    { receipt: "plain", isRepeated: false, body: { ...common, events: [event] } },
    { receipt: "deflated", isRepeated: true, body: { ...common, events: [{ ...event, record }] } },
  ]);
  expect(batch.Records[1]?.body).toContain('"deflated"');
  expect(unreadable).toEqual(["bomb", "text", "other"]);
  expect(log.errorEntries.map(({ fields: logged }) => logged)).toEqual([
    { messageId: "bomb" },
    { messageId: "text" },
    { messageId: "other" },
  ]);
});
