/** The edge between SQS and the use cases: parse once, name the messages to deliver again. */
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";
import type * as z from "zod";
import { decodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Log } from "#shared/ports/log.ts";

interface ReceivedMessage<Body> {
  readonly body: Body;
  /** The queue's id of the message, the same at each delivery. */
  readonly receipt: string;
  /** It was given out before, and whoever had it may have died over it. */
  readonly isRepeated: boolean;
}

interface ParsedBatch<Body> {
  readonly messages: readonly ReceivedMessage<Body>[];
  /** Cannot be read by this version: left to the dead-letter queue, their neighbours go on. */
  readonly unreadable: readonly string[];
}

export function parseMessages<Schema extends z.ZodType>(
  event: SQSEvent,
  schema: Schema,
  log: Log,
): ParsedBatch<z.output<Schema>> {
  const messages: ReceivedMessage<z.output<Schema>>[] = [];
  const unreadable: string[] = [];
  for (const record of event.Records) {
    const body = parseBody(record, schema);
    if (body === undefined) {
      log.error("message-unreadable", new SyncError({ kind: "bug", code: "message-unreadable" }), {
        messageId: record.messageId,
      });
      unreadable.push(record.messageId);
    } else messages.push({ body, receipt: record.messageId, isRepeated: isRepeated(record) });
  }
  return { messages, unreadable };
}

/** The answer that has SQS deliver these messages again, and no other. */
export function failedMessages(messageIds: readonly string[]): SQSBatchResponse {
  return { batchItemFailures: messageIds.map((itemIdentifier) => ({ itemIdentifier })) };
}

function isRepeated({ attributes }: SQSRecord): boolean {
  return Number(attributes.ApproximateReceiveCount) > 1;
}

function parseBody<Schema extends z.ZodType>(
  record: SQSRecord,
  schema: Schema,
): z.output<Schema> | undefined {
  try {
    const parsed = schema.safeParse(decodeJson(record.body));
    return parsed.success ? parsed.data : undefined;
  } catch (cause) {
    if (cause instanceof SyncError) return undefined;
    throw cause;
  }
}
