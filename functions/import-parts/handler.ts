/**
 * Reads a range of a dropped table; writes what became of its rows.
 *
 * In:  queue `import-parts`, one request at a time.
 * Out: the message to deliver again, if it failed; repeating a part is harmless.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { importMessage } from "#shared/contracts/messages.ts";
import { composeImportParts, log } from "#shared/runtime/compose.ts";
import { invocationOf, observe } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { importPart } from "#shared/sync/import-part.ts";

const dependencies = composeImportParts(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("import-parts", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, importMessage, log);
    for (const { body } of messages) {
      await importPart(dependencies, body, invocationOf(context));
    }
    return failedMessages(unreadable);
  });
