/**
 * Polls one source, or sends one poll per source.
 *
 * In:  queue `polls`, one message at a time, `contracts/messages.ts` `pollMessage`; from the
 *      schedules, the API, and from a poll that ran out of time.
 * Out: the message to deliver again, if it failed.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { pollMessage } from "#shared/contracts/messages.ts";
import { composePoll, log } from "#shared/runtime/compose.ts";
import { invocationOf, observe } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { pollChanges } from "#shared/sync/poll-changes.ts";

const dependencies = composePoll(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("poll-changes", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, pollMessage, log);
    for (const { body, receipt } of messages) {
      await pollChanges(await dependencies(), body, { receipt, ...invocationOf(context) });
    }
    return failedMessages(unreadable);
  });
