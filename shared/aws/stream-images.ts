/** What a record of the mapping table's stream tells of cross-references and external references. */
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { tableSchema } from "#shared/config/names.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId, ConnectionId, ExternalRef } from "#shared/domain/identifiers.ts";
import { requiredText } from "./attributes.ts";
import { crossReferenceOfItem } from "./cross-reference-items.ts";
import { externalRefOfKey, sortKeys } from "./item-keys.ts";
import type { Item } from "./table.ts";

export type TableChange =
  | {
      readonly kind: "cross-reference";
      /** Absent on the first image. */
      readonly previous?: CrossReference | undefined;
      readonly next: CrossReference;
      readonly newlyLinked: readonly ConnectionId[];
    }
  /** A reference that was not known before. */
  | {
      readonly kind: "external-reference";
      readonly ref: ExternalRef;
      readonly canonicalId: CanonicalId;
    };

interface StreamAttribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly SS?: readonly string[] | undefined;
}

type StreamImage = Readonly<Record<string, StreamAttribute>>;

/** The part of Lambda's `DynamoDBRecord` that is read. */
export interface StreamRecord {
  readonly dynamodb?:
    | {
        readonly NewImage?: StreamImage | undefined;
        readonly OldImage?: StreamImage | undefined;
      }
    | undefined;
}

/**
 * Decodes new and old image. Items of other families, removed items and external references that
 * were known before are `other`. Throws SyncError `bug` (`stored-record-unreadable`).
 */
export function decodeStreamRecord(record: StreamRecord): TableChange | { readonly kind: "other" } {
  const next = itemOfImage(record.dynamodb?.NewImage);
  const previous = itemOfImage(record.dynamodb?.OldImage);
  if (next === undefined) return { kind: "other" };
  switch (next["sk"]?.S) {
    case sortKeys.crossReference:
      return {
        kind: "cross-reference",
        ...(previous === undefined ? {} : { previous: crossReferenceOfItem(previous) }),
        next: crossReferenceOfItem(next),
        newlyLinked: (next[tableSchema.newlyLinked]?.SS ?? []).toSorted(),
      };
    case sortKeys.externalRef:
      return previous === undefined ? externalReferenceOf(next) : { kind: "other" };
    default:
      return { kind: "other" };
  }
}

function externalReferenceOf(item: Item): TableChange | { readonly kind: "other" } {
  const ref = externalRefOfKey(requiredText(item, "pk"));
  if (ref === undefined) return { kind: "other" };
  return { kind: "external-reference", ref, canonicalId: requiredText(item, "canonicalId") };
}

export function itemOfImage(image: StreamImage | undefined): Item | undefined {
  if (image === undefined) return undefined;
  const item: Record<string, AttributeValue> = {};
  for (const [name, value] of Object.entries(image)) {
    const attribute = attributeOf(value);
    if (attribute !== undefined) item[name] = attribute;
  }
  return item;
}

/** The families decoded here hold texts, numbers and sets of texts only. */
function attributeOf({ S, N, SS }: StreamAttribute): AttributeValue | undefined {
  if (S !== undefined) return { S };
  if (N !== undefined) return { N };
  return SS === undefined ? undefined : { SS: [...SS] };
}
