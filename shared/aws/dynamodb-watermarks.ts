/** How far each poll has come. */
import type { WatermarkStore } from "#shared/ports/mapping-table.ts";
import { requiredNumber } from "./attributes.ts";
import { watermarkItemKey } from "./item-keys.ts";
import type { Table } from "./table.ts";

export function createWatermarkStore(table: Table): WatermarkStore {
  return {
    async get(connection, recordType) {
      const item = await table.get(watermarkItemKey(connection, recordType));
      return item === undefined ? undefined : { reachedAt: requiredNumber(item, "reachedAt") };
    },
    async advance(connection, recordType, reachedAt) {
      // A condition that does not hold is a poll that has come further.
      await table.update(watermarkItemKey(connection, recordType), {
        text: "SET reachedAt = :reachedAt",
        condition: "attribute_not_exists(pk) OR reachedAt < :reachedAt",
        values: { ":reachedAt": { N: String(reachedAt) } },
      });
    },
  };
}
