/** Webhook deliveries that were stored before. */
import { randomBytes } from "node:crypto";
import { limits } from "#shared/config/limits.ts";
import { tableSchema } from "#shared/config/names.ts";
import type { DedupStore } from "#shared/ports/mapping-table.ts";
import { seenDeliveryItemKey } from "./item-keys.ts";
import { keyOf, type Table } from "./table.ts";

export function createDedupStore(table: Table): DedupStore {
  return {
    async firstSeen(connection, deliveryId, nowMs) {
      const nowSeconds = Math.floor(nowMs / 1_000);
      const token = randomBytes(6).toString("base64url");
      const outcome = await table.put(
        {
          ...keyOf(seenDeliveryItemKey(connection, deliveryId)),
          token: { S: token },
          [tableSchema.expiresAt]: { N: String(nowSeconds + limits.dedupRetentionSeconds) },
        },
        {
          // DynamoDB deletes what has expired when it gets to it.
          text: "attribute_not_exists(pk) OR #expiresAt <= :now",
          names: { "#expiresAt": tableSchema.expiresAt },
          values: { ":now": { N: String(nowSeconds) } },
        },
      );
      // Refused by what this very call stored: its first answer was lost on the way.
      return outcome.kind === "written" || outcome.stored?.["token"]?.S === token;
    },
    async forget(connection, deliveryId) {
      await table.remove(seenDeliveryItemKey(connection, deliveryId));
    },
  };
}
