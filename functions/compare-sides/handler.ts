/**
 * Compares the sides of a snapshot and writes the reports of the tie-out.
 *
 * In:  queue `tie-outs`, one message at a time, `contracts/messages.ts` `tieOutMessage`; from
 *      `take-snapshot`, and from the API for a snapshot that is there.
 * Out: the message to deliver again, if it failed; repeating it writes the same reports.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { tieOutMessage } from "#shared/contracts/messages.ts";
import { composeCompareSides, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { compareSides } from "#shared/sync/compare-sides.ts";

const dependencies = composeCompareSides(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("compare-sides", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, tieOutMessage, log);
    for (const { body } of messages) {
      await compareSides(dependencies, body, { signal: signalOf(context) });
    }
    return failedMessages(unreadable);
  });
