/**
 * All records of a type, by going through the whole table: whoever exports reads everything once, and
 * an index of record types would be written, and paid for, at every save.
 *
 * A page is what DynamoDB reads in one call, 1 MB; the order is that of the keys' hashes, so that
 * where a page ends says what is before it and what is after, however often it is read.
 */
import { tableSchema } from "#shared/config/names.ts";
import type { RecordWalk } from "#shared/ports/exports.ts";
import { requiredText } from "./attributes.ts";
import { crossReferenceOfItem } from "./cross-reference-items.ts";
import { sortKeys } from "./item-keys.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type Item, keyOf, type Table } from "./table.ts";

export function createRecordWalk(table: Table): RecordWalk {
  return {
    async readPage(recordType, cursor) {
      const { items, next } = await table.scanPage({
        sk: sortKeys.crossReference,
        attribute: tableSchema.recordType,
        value: recordType,
        after: cursor === undefined ? undefined : keyOfCursor(cursor),
      });
      const records = items.map(crossReferenceOfItem);
      return next === undefined ? { records } : { records, cursor: cursorOf(next) };
    },
  };
}

/** A page may end at any item, not only at a record. */
function cursorOf(key: Item): string {
  return JSON.stringify([requiredText(key, "pk"), requiredText(key, "sk")]);
}

function keyOfCursor(cursor: string): Item {
  const value: unknown = JSON.parse(cursor);
  const [pk, sk]: unknown[] = Array.isArray(value) ? value : [];
  if (typeof pk !== "string" || typeof sk !== "string") {
    throw new SyncError({ kind: "bug", code: "cursor-unreadable" });
  }
  return keyOf({ pk, sk });
}
