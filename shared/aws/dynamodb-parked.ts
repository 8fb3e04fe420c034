/** Records that wait: newcomers for a person, in items of their own; others on their cross-reference. */
import { tableSchema } from "#shared/config/names.ts";
import { externalRefKey, isRecordType } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ParkedRecord, ParkedStore, WaitingRecord } from "#shared/ports/mapping-table.ts";
import { requiredText } from "./attributes.ts";
import { loadFailure } from "./cross-reference-codec.ts";
import { crossReferenceOfItem, PARKED_BUCKET, WAITING_BUCKET } from "./cross-reference-items.ts";
import { cursorOf, itemOfCursor } from "./cursors.ts";
import { type ItemKey, parkedItemKey, sortKeys } from "./item-keys.ts";
import { parkedSidesOf, waitingSidesOf } from "./parked-sides.ts";
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
    async find(ref) {
      const item = await table.get(parkedItemKey(ref));
      return item === undefined ? undefined : parkedRecordsOf(item)[0];
    },
    list: (limit, cursor) => listBucket(table, PARKED_BUCKET, parkedRecordsOf, limit, cursor),
    listWaiting: (limit, cursor) =>
      listBucket(table, WAITING_BUCKET, waitingRecordsOf, limit, cursor),
  };
}

/** Newest first; the sides of one record stay on one page, which may be a few longer for it. */
async function listBucket<Listed>(
  table: Table,
  bucket: string,
  recordsOf: (item: Item) => readonly Listed[],
  limit: number,
  cursor: string | undefined,
): Promise<{ records: readonly Listed[]; cursor?: string }> {
  const after = cursor === undefined ? undefined : itemOfCursor(cursor, parkedIndex);
  if (after !== undefined && after[parkedIndex.partitionKey]?.S !== bucket) {
    // Of the other list.
    throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
  }
  const query = { index: parkedIndex, bucket, newestFirst: true, limit, after };
  const page = await table.queryIndex(query);
  const stored = new Map(
    (await table.getMany(page.items.map(itemKeyOf))).map((item) => [textKey(item), item]),
  );
  const records: Listed[] = [];
  for (const [position, listed] of page.items.entries()) {
    const item = stored.get(textKey(listed));
    // The index is behind: the record is listed no longer.
    if (item !== undefined) records.push(...recordsOf(item));
    const isLast = position === page.items.length - 1;
    if (records.length >= limit && !(isLast && page.next === undefined)) {
      return { records, cursor: cursorOf(listed, parkedIndex) };
    }
  }
  return page.next === undefined
    ? { records }
    : { records, cursor: cursorOf(page.next, parkedIndex) };
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

function waitingRecordsOf(item: Item): WaitingRecord[] {
  return waitingSidesOf(crossReferenceOfItem(item));
}
