/**
 * Finds out what a dropped file is and how it is read, and hands on its parts.
 *
 * In:  queue `imports`, one S3 notification at a time.
 * Out: the message to deliver again, if it failed; repeating an import is harmless.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { droppedKeys, inboxNotification } from "#shared/contracts/inbox-notification.ts";
import { composeImport, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { importFile } from "#shared/sync/import-file.ts";

const dependencies = composeImport(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("import-file", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, inboxNotification, log);
    for (const key of messages.flatMap(({ body }) => droppedKeys(body))) {
      await importFile(dependencies, { key }, signalOf(context));
    }
    return failedMessages(unreadable);
  });
