import type { DynamoDBStreamEvent } from "aws-lambda";
import { decodeHistoryImage } from "#shared/aws/history-images.ts";
import type { SavedImage } from "#shared/sync/record-history.ts";

/** What a stream's batch tells of saved cross-references. */
export function savedImagesOf(event: DynamoDBStreamEvent): SavedImage[] {
  return event.Records.map(decodeHistoryImage).filter((image) => image.kind !== "other");
}
