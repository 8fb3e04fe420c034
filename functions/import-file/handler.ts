/**
 * Finds out what a dropped file is and how it is read, and hands on its parts.
 *
 * In:  queue `imports`, one at a time: an S3 notification, or a file that could not be planned in one
 *      invocation.
 * Out: the message to deliver again, if it failed; repeating an import is harmless.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { filesToImport } from "#shared/contracts/inbox-notification.ts";
import { composeImport, log } from "#shared/runtime/compose.ts";
import { invocationOf, observe } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { importFile } from "#shared/sync/import-file.ts";

const dependencies = composeImport(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("import-file", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, filesToImport, log);
    for (const key of messages.flatMap(({ body }) => body)) {
      await importFile(dependencies, { key }, invocationOf(context));
    }
    return failedMessages(unreadable);
  });
