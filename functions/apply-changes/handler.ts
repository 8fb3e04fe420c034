/**
 * Applies captured changes: reads what is missing, merges, saves, and hints the delivery queues.
 *
 * In:  queue `changes`, `contracts/messages.ts` `changesMessage`, deflated or not.
 * Out: the messages to deliver again. Order does not matter: a message says look, never do.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { composeApply, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { receivedChanges } from "#shared/runtime/received-changes.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";

const dependencies = composeApply(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("apply-changes", log))
  .handler(async (event, context) => {
    const { messages, unreadable } = parseMessages(event, receivedChanges, log);
    const received = messages.flatMap(({ body: { runId, events }, receipt, isRepeated }) =>
      events.map((one) => ({ ...one, runId, receipt, isRepeated })),
    );
    await applyChanges(await dependencies(), received, signalOf(context));
    return failedMessages(unreadable);
  });
