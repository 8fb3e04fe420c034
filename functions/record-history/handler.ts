/**
 * Records the history: one entry for each saved revision of a cross-reference, in the history bucket.
 *
 * In:  the mapping table's stream, new and old images, filtered to cross-references.
 * Out: nothing; a batch that throws is halved and tried again, then set aside in a queue. A batch
 *      that comes again makes the same objects again.
 */
import middy from "@middy/core";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { composeHistory, log } from "#shared/runtime/compose.ts";
import { savedImagesOf } from "#shared/runtime/history-event.ts";
import { observe } from "#shared/runtime/observe.ts";
import { recordHistory } from "#shared/sync/record-history.ts";

const dependencies = composeHistory(process.env);

export const handler = middy<DynamoDBStreamEvent, void>()
  .use(observe("record-history", log))
  .handler(async (event) => {
    await recordHistory(dependencies, savedImagesOf(event));
  });
