/** The newest links of the history, as the mapping table holds them. */
import type { HistoryHeads } from "#shared/ports/history.ts";
import { historyHeadOf } from "./history-images.ts";
import { crossReferenceItemKey, sortKeys } from "./item-keys.ts";
import type { Table } from "./table.ts";

export function createHistoryHeads(table: Table): HistoryHeads {
  return {
    async load(ids) {
      const items = await table.getMany(ids.map(crossReferenceItemKey));
      return new Map(items.map(historyHeadOf).map((head) => [head.canonicalId, head]));
    },
    async *all() {
      for await (const item of table.all(sortKeys.crossReference)) yield historyHeadOf(item);
    },
  };
}
