/** How far each poll has come. */
import type { WatermarkStore } from "#shared/ports/mapping-table.ts";
import { requiredNumber } from "./attributes.ts";
import { watermarkItemKey } from "./item-keys.ts";
import type { Table } from "./table.ts";

export function createWatermarkStore(table: Table): WatermarkStore {
  return {
    async get(connection, recordType) {
      const item = await table.get(watermarkItemKey(connection, recordType));
      if (item === undefined) return undefined;
      return {
        reachedAt: requiredNumber(item, "reachedAt"),
        movedAtMs: requiredNumber(item, "movedAtMs"),
        isSettled: item["isSettled"]?.BOOL === true,
      };
    },
    async advance(connection, recordType, reachedAt, nowMs) {
      // A condition that does not hold is a poll that has come further.
      await table.update(watermarkItemKey(connection, recordType), {
        text: "SET reachedAt = :reachedAt, movedAtMs = :nowMs REMOVE isSettled",
        condition: "attribute_not_exists(pk) OR reachedAt < :reachedAt",
        values: { ":reachedAt": { N: String(reachedAt) }, ":nowMs": { N: String(nowMs) } },
      });
    },
    async settle(connection, recordType, reachedAt) {
      await table.update(watermarkItemKey(connection, recordType), {
        text: "SET isSettled = :true",
        condition: "reachedAt = :reachedAt",
        values: { ":reachedAt": { N: String(reachedAt) }, ":true": { BOOL: true } },
      });
    },
  };
}
