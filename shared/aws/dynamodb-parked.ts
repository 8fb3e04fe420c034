/** Records that wait for a person: newcomers in items of their own, others on their cross-reference. */
import { tableSchema } from "#shared/config/names.ts";
import { externalRefKey, isRecordType } from "#shared/domain/identifiers.ts";
import type { ParkedRecord, ParkedStore } from "#shared/ports/mapping-table.ts";
import { requiredText } from "./attributes.ts";
import { loadFailure } from "./cross-reference-codec.ts";
import { crossReferenceOfItem, PARKED_BUCKET } from "./cross-reference-items.ts";
import { cursorOf, itemOfCursor } from "./cursors.ts";
import { type ItemKey, parkedItemKey, sortKeys } from "./item-keys.ts";
import { parkedSidesOf } from "./parked-sides.ts";
import { type Item, keyOf, type Table } from "./table.ts";
import { recordOf, recordOfText, textOf, unreadable } from "./value-codec.ts";

const { parkedIndex } = tableSchema;

export function createParkedStore(table: Table): ParkedStore {
  return {
    async park(record) {
      const { connection, recordType, externalId, canonicalId, failure } = record;
      await table.put({
        ...keyOf(parkedItemKey(record)),
        [parkedIndex.partitionKey]: { S: PARKED_BUCKET },
        [parkedIndex.sortKey]: { S: record.parkedAt },
        body: {
          S: JSON.stringify({ connection, recordType, externalId, canonicalId, failure }),
        },
      });
    },
    async unpark(refs) {
      // Most records are not parked, and reading that costs a fifth of deleting nothing.
      const wanted = new Map(refs.map((ref) => [externalRefKey(ref), parkedItemKey(ref)]));
      const found = await table.getMany([...wanted.values()], ["pk", "sk"]);
      await Promise.all(found.map((item) => table.remove(itemKeyOf(item))));
    },
    /** Newest first; the sides of one record stay on one page, which may be a few longer for it. */
    async list(limit, cursor) {
      const page = await table.queryIndex({
        index: parkedIndex,
        bucket: PARKED_BUCKET,
        newestFirst: true,
        limit,
        after: cursor === undefined ? undefined : itemOfCursor(cursor, parkedIndex),
      });
      const stored = new Map(
        (await table.getMany(page.items.map(itemKeyOf))).map((item) => [textKey(item), item]),
      );
      const records: ParkedRecord[] = [];
      for (const [index, listed] of page.items.entries()) {
        const item = stored.get(textKey(listed));
        // The index is behind: the record is parked no longer.
        if (item !== undefined) records.push(...parkedRecordsOf(item));
        const isLast = index === page.items.length - 1;
        if (records.length >= limit && !(isLast && page.next === undefined)) {
          return { records, cursor: cursorOf(listed, parkedIndex) };
        }
      }
      return page.next === undefined
        ? { records }
        : { records, cursor: cursorOf(page.next, parkedIndex) };
    },
  };
}

function itemKeyOf(item: Item): ItemKey {
  return { pk: requiredText(item, "pk"), sk: requiredText(item, "sk") };
}

function textKey(item: Item): string {
  return `${item["pk"]?.S}\n${item["sk"]?.S}`;
}

function parkedRecordsOf(item: Item): ParkedRecord[] {
  if (item["sk"]?.S === sortKeys.crossReference) return parkedSidesOf(crossReferenceOfItem(item));
  const { connection, recordType, externalId, canonicalId, failure } = recordOfText(
    requiredText(item, "body"),
  );
  const type = textOf(recordType);
  return [
    {
      connection: textOf(connection),
      recordType: isRecordType(type) ? type : unreadable("recordType"),
      externalId: textOf(externalId),
      ...(canonicalId === undefined ? {} : { canonicalId: textOf(canonicalId) }),
      failure: loadFailure(recordOf(failure)),
      parkedAt: requiredText(item, parkedIndex.sortKey),
    },
  ];
}
