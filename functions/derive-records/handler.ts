/**
 * Derives what follows from changed records: invoices of won orders, billing fields, summaries; and
 * wakes whoever waited for a record.
 *
 * In:  the mapping table's stream, new and old images, filtered to what derivations depend on.
 * Out: nothing; a batch that throws is halved and tried again, then set aside in a queue.
 */
import middy from "@middy/core";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { composeDerivation, log } from "#shared/runtime/compose.ts";
import { observe } from "#shared/runtime/observe.ts";
import { changeImagesOf } from "#shared/runtime/stream-event.ts";
import { deriveRecords } from "#shared/sync/derive-records.ts";

const dependencies = composeDerivation(process.env);

export const handler = middy<DynamoDBStreamEvent, void>()
  .use(observe("derive-records", log))
  .handler(async (event) => {
    await deriveRecords(dependencies, changeImagesOf(event));
  });
