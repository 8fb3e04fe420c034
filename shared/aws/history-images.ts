/** What items of the mapping table, and changes of them, say about the history. */
import { tableSchema } from "#shared/config/names.ts";
import type { FoundEntry, HistoryEntry, HistoryHead } from "#shared/domain/history.ts";
import { type CanonicalId, isRecordType } from "#shared/domain/identifiers.ts";
import { optionalNumber, optionalText, requiredNumber, requiredText } from "./attributes.ts";
import { crossReferenceOfItem, sealAttributes } from "./cross-reference-items.ts";
import { chainOf, hashOf } from "./history-chain.ts";
import { sortKeys } from "./item-keys.ts";
import { itemOfImage, type StreamRecord } from "./stream-images.ts";
import type { Item } from "./table.ts";
import { unreadable } from "./value-codec.ts";

export type HistoryImage =
  | { readonly kind: "entry"; readonly found: FoundEntry }
  /** Had a history, and was saved by code that keeps none. */
  | { readonly kind: "unsealed"; readonly canonicalId: CanonicalId }
  /** A cross-reference was taken out of the table, which no code of ours does. */
  | { readonly kind: "removed"; readonly canonicalId: CanonicalId }
  | { readonly kind: "other" };

/** Throws SyncError `bug` (`stored-record-unreadable`). */
export function historyHeadOf(item: Item): HistoryHead {
  const recordType = requiredText(item, tableSchema.recordType);
  return {
    canonicalId: requiredText(item, "pk"),
    recordType: isRecordType(recordType) ? recordType : unreadable("recordType"),
    revision: requiredNumber(item, "revision"),
    chain: optionalText(item, sealAttributes.chain),
    savedAt: optionalNumber(item, sealAttributes.savedAt),
    previousSavedAt: optionalNumber(item, sealAttributes.previousSavedAt),
    bodyHash: hashOf(requiredText(item, "body")),
    trail: crossReferenceOfItem(item).trail ?? [],
  };
}

/**
 * The entry of a saved cross-reference. It is not intact where the item was changed past its stores.
 * Throws SyncError `bug` (`stored-record-unreadable`).
 */
export function decodeHistoryImage({ dynamodb }: StreamRecord): HistoryImage {
  const next = itemOfImage(dynamodb?.NewImage);
  const previous = itemOfImage(dynamodb?.OldImage);
  if ((next ?? previous)?.["sk"]?.S !== sortKeys.crossReference) return { kind: "other" };
  if (next === undefined)
    return { kind: "removed", canonicalId: requiredText(previous ?? {}, "pk") };
  const { chain, savedAt, ...head } = historyHeadOf(next);
  const previousChain = optionalText(previous ?? {}, sealAttributes.chain);
  if (chain === undefined || savedAt === undefined) {
    if (previousChain === undefined) return { kind: "other" };
    return { kind: "unsealed", canonicalId: head.canonicalId };
  }
  const entry: HistoryEntry = {
    canonicalId: head.canonicalId,
    recordType: head.recordType,
    revision: head.revision,
    savedAt,
    previousSavedAt: head.previousSavedAt,
    previousChain,
    chain,
    bodyHash: head.bodyHash,
    trail: head.trail,
  };
  return { kind: "entry", found: { entry, isIntact: chainOf(entry) === chain } };
}
