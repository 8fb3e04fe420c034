import type { DynamoDBStreamEvent } from "aws-lambda";
import { decodeStreamRecord } from "#shared/aws/stream-images.ts";
import type { ImageBatch } from "#shared/sync/derive-records.ts";

/** The changes a stream's batch tells of; its first event names it, the same when it comes again. */
export function changeImagesOf(event: DynamoDBStreamEvent): ImageBatch {
  const decoded = event.Records.map(decodeStreamRecord);
  return {
    receipt: `stream ${event.Records[0]?.eventID}`,
    images: decoded.filter((image) => image.kind !== "other"),
  };
}
