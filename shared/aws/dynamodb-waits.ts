/** Who waits for which record. */
import { isRecordType } from "#shared/domain/identifiers.ts";
import type { Waiter, WaitStore } from "#shared/ports/mapping-table.ts";
import { optionalText, requiredText } from "./attributes.ts";
import { waitItemKey, waitSortKeyPrefix } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";
import { unreadable } from "./value-codec.ts";

export function createWaitStore(table: Table): WaitStore {
  return {
    async register(waitKey, waiter) {
      await table.put({
        ...keyOf(waitItemKey(waitKey, waiter)),
        connection: { S: waiter.connection },
        canonicalId: { S: waiter.canonicalId },
        // Not `recordType`: by that attribute the stream's filter knows cross-references.
        waiterType: { S: waiter.recordType },
        ...(waiter.runId === undefined ? {} : { runId: { S: waiter.runId } }),
      });
    },
    async list(waitKey, connection, limit) {
      return (await table.list(waitKey, waitSortKeyPrefix(connection), limit)).map(waiterOf);
    },
    async remove(waitKey, waiter) {
      await table.remove(waitItemKey(waitKey, waiter));
    },
  };
}

function waiterOf(item: Item): Waiter {
  const recordType = requiredText(item, "waiterType");
  const runId = optionalText(item, "runId");
  return {
    connection: requiredText(item, "connection"),
    canonicalId: requiredText(item, "canonicalId"),
    recordType: isRecordType(recordType) ? recordType : unreadable("waiterType"),
    ...(runId === undefined ? {} : { runId }),
  };
}
