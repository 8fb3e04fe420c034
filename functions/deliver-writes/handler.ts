/**
 * Delivers what a connection is owed, in as few calls as the remote allows.
 *
 * In:  queues `deliveries-<connection>`, `contracts/messages.ts` `deliveriesMessage`.
 * Out: the messages to deliver again. Hints may come twice: what is owed is read from the table.
 */
import middy from "@middy/core";
import type { SQSBatchResponse, SQSEvent } from "aws-lambda";
import { deliveriesMessage } from "#shared/contracts/messages.ts";
import { composeDelivery, log } from "#shared/runtime/compose.ts";
import { observe, signalOf } from "#shared/runtime/observe.ts";
import { failedMessages, parseMessages } from "#shared/runtime/sqs-messages.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";

const dependencies = composeDelivery(process.env);

export const handler = middy<SQSEvent, SQSBatchResponse>()
  .use(observe("deliver-writes", log))
  .handler(async (event, context) => {
    const signal = signalOf(context);
    const { messages, unreadable } = parseMessages(event, deliveriesMessage, log);
    const byConnection = Map.groupBy(messages, ({ body }) => body.connection);
    for (const [connection, received] of byConnection) {
      const hints = received.flatMap(({ body, receipt, isRepeated }) =>
        body.hints.map((hint) => ({ ...hint, receipt, isRepeated })),
      );
      await deliverWrites(await dependencies(), connection, hints, signal);
    }
    return failedMessages(unreadable);
  });
