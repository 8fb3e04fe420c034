/**
 * Exports records, the joined customer view, differences or what is parked: gathers the rows, then
 * writes the file and its manifest to the outbox.
 *
 * In:  queue `exports`, one message at a time, `contracts/messages.ts` `exportMessage`; from the API,
 *      a schedule, and from an export that has more to do.
 * Out: the message to deliver again, if it failed; repeating it writes the same files.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { exportMessage } from "#shared/contracts/messages.ts";
import { log } from "#shared/runtime/compose.ts";
import { composeExportRecords } from "#shared/runtime/compose-export-records.ts";
import { invocationOf, observe } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { exportRecords } from "#shared/sync/export-records.ts";

const dependencies = composeExportRecords(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("export-records", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, exportMessage, log);
    for (const { body, receipt } of messages) {
      // The same at each delivery, so that what a schedule asks for once is one export.
      const request = { ...body, runId: body.runId ?? `export-${receipt}` };
      await exportRecords(dependencies, request, invocationOf(context));
    }
    return failedMessages(unreadable);
  });
