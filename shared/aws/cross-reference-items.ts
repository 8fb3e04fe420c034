/** A cross-reference as the item of the mapping table, and back. */
import { tableSchema } from "#shared/config/names.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type ConnectionId, isRecordType } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { optionalNumber, optionalText, requiredNumber, requiredText } from "./attributes.ts";
import { decodeCrossReference, encodeCrossReference } from "./cross-reference-codec.ts";
import { sealRevision } from "./history-chain.ts";
import { crossReferenceItemKey } from "./item-keys.ts";
import { parkedAtOf, waitingSidesOf } from "./parked-sides.ts";
import { type Item, keyOf } from "./table.ts";
import { unreadable } from "./value-codec.ts";

/** DynamoDB takes 400 KiB an item; the rest is for keys and attributes. */
const BODY_BYTES_MAX = 390 * 1_024;
export const PARKED_BUCKET = "parked";
export const WAITING_BUCKET = "waiting";

/** Attributes of the seal, see `history-chain.ts`. */
export const sealAttributes = {
  chain: "chain",
  savedAt: "savedAt",
  previousSavedAt: "priorAt",
} as const;

/**
 * The item of `next` at its next revision, saved at `nowMs`. `saveToken` tells one try of saving from
 * all others. Throws SyncError `rejected` (`record-too-large`).
 */
export function crossReferenceItem(
  next: CrossReference,
  newlyLinked: readonly ConnectionId[],
  saveToken: string,
  nowMs: number,
): Item {
  const body = encodeCrossReference(next);
  if (Buffer.byteLength(body) > BODY_BYTES_MAX) {
    throw new SyncError({
      kind: "rejected",
      code: "record-too-large",
      fix: "Split the document: its lines and texts are more than can be kept of one record.",
    });
  }
  const listing = listingOf(next);
  const mergedWith = [...(next.absorbed ?? []), ...(next.mergedInto ? [next.mergedInto] : [])];
  const { chain, savedAt, previousSavedAt } = sealRevision(next, body, nowMs);
  return {
    ...keyOf(crossReferenceItemKey(next.canonicalId)),
    [tableSchema.recordType]: { S: next.recordType },
    revision: { N: String(next.revision + 1) },
    saveToken: { S: saveToken },
    body: { S: body },
    [sealAttributes.chain]: { S: chain },
    [sealAttributes.savedAt]: { N: String(savedAt) },
    ...(previousSavedAt === undefined
      ? {}
      : { [sealAttributes.previousSavedAt]: { N: String(previousSavedAt) } }),
    ...(newlyLinked.length === 0
      ? {}
      : { [tableSchema.newlyLinked]: { SS: [...new Set(newlyLinked)] } }),
    ...(mergedWith.length === 0 ? {} : { [tableSchema.mergedWith]: { SS: mergedWith } }),
    ...(listing === undefined
      ? {}
      : {
          [tableSchema.parkedIndex.partitionKey]: { S: listing.bucket },
          [tableSchema.parkedIndex.sortKey]: { S: listing.at },
        }),
  };
}

/** An item stands in one bucket of the index: what waits for a person goes before what waits for a record. */
function listingOf(xref: CrossReference): { bucket: string; at: string } | undefined {
  const parkedAt = parkedAtOf(xref);
  if (parkedAt !== undefined) return { bucket: PARKED_BUCKET, at: parkedAt };
  const [waiting] = waitingSidesOf(xref);
  return waiting === undefined ? undefined : { bucket: WAITING_BUCKET, at: waiting.waitingSince };
}

/** Throws SyncError `bug` (`stored-record-unreadable`). */
export function crossReferenceOfItem(item: Item): CrossReference {
  const recordType = requiredText(item, tableSchema.recordType);
  return decodeCrossReference(
    {
      canonicalId: requiredText(item, "pk"),
      recordType: isRecordType(recordType) ? recordType : unreadable("recordType"),
      revision: requiredNumber(item, "revision"),
      chain: optionalText(item, sealAttributes.chain),
      savedAt: optionalNumber(item, sealAttributes.savedAt),
    },
    requiredText(item, "body"),
  );
}
