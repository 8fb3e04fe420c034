/**
 * Takes a snapshot of every side: reads the systems themselves, writes what they show to S3, and asks
 * for the comparison when all of it is there.
 *
 * In:  queue `snapshots`, one message at a time, `contracts/messages.ts` `snapshotMessage`; from the
 *      schedule, the API, and from a snapshot that ran out of time.
 * Out: the message to deliver again, if it failed; repeating it writes the same parts.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { snapshotMessage } from "#shared/contracts/messages.ts";
import { composeTakeSnapshot, log } from "#shared/runtime/compose.ts";
import { invocationOf, observe } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { takeSnapshot } from "#shared/sync/take-snapshot.ts";

const dependencies = composeTakeSnapshot(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("take-snapshot", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, snapshotMessage, log);
    for (const { body } of messages) {
      await takeSnapshot(await dependencies(), body, invocationOf(context));
    }
    return failedMessages(unreadable);
  });
