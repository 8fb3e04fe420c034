/**
 * Applies captured changes: reads what is missing, merges, saves, and hints the delivery queues.
 *
 * In:  queue `changes`, `contracts/messages.ts` `changesMessage`.
 * Out: the messages to deliver again. Order does not matter: a message says look, never do.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { changesMessage } from "#shared/contracts/messages.ts";
import { composeApply, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";

const { dependencies, readOverflow } = composeApply(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("apply-changes", log))
  .handler(async (event, context) => {
    const signal = signalOf(context);
    const { messages, unreadable } = parseMessages(event, changesMessage, log);
    const received = await Promise.all(
      messages.map(async ({ body, receipt }) => {
        const message = body.kind === "changes" ? body : await readOverflow(body.key, signal);
        const { runId, events } = message;
        return events.map((one) => ({ ...one, runId, receipt }));
      }),
    );
    await applyChanges(await dependencies(), received.flat(), signal);
    return failedMessages(unreadable);
  });
