/**
 * Reads a dropped file of XML: an e-invoice, or a bank statement.
 *
 * In:  queue `import-documents`, one at a time.
 * Out: the message to deliver again, if it failed; repeating an import is harmless.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { importDocumentMessage } from "#shared/contracts/messages.ts";
import { composeImportDocument, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { importDocument } from "#shared/sync/import-document.ts";

const dependencies = composeImportDocument(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("import-document", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, importDocumentMessage, log);
    for (const { body } of messages) {
      await importDocument(dependencies, body, signalOf(context));
    }
    return failedMessages(unreadable);
  });
