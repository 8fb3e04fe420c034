/** Deliveries that wait for another record: woken when it is there, never polled. */
import { limits } from "#shared/config/limits.ts";
import { isLinked, sideOf } from "#shared/domain/cross-reference.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { concurrently } from "./concurrently.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { pendingReferences } from "./references.ts";
import { saveSideOf } from "./save-side.ts";

export interface Blocked {
  readonly delivery: Delivery;
  readonly waitsFor: readonly string[];
}

/**
 * Registers each wait, for the first of what the record waits for, then looks once more: it may have
 * been linked in between, and whoever linked it did not see this waiter. When woken, the record may
 * wait for the next.
 */
export async function blockAll(
  deps: DeliverDependencies,
  connection: ConnectionId,
  blocked: readonly Blocked[],
  deliveries: Deliveries,
): Promise<void> {
  if (blocked.length === 0) return;
  const at = new Date(deps.clock()).toISOString();
  await concurrently(blocked, limits.tableConcurrencyMax, async ({ delivery, waitsFor: keys }) => {
    const { canonicalId, recordType } = delivery.xref;
    const { runId } = delivery.hint;
    const waiter = { connection, canonicalId, recordType, runId };
    await deps.waits.register(keys[0] ?? canonicalId, waiter);
    await saveSideOf(deps, delivery.xref, {
      connection,
      change: (side) => ({ ...side, state: "blocked", waitsFor: keys }),
      entry: { kind: "waiting", at, connection, waitsFor: keys },
    });
  });
  const firstKeys = blocked.map(({ waitsFor: keys }) => keys[0] ?? "");
  const parents = await deps.xrefs.load(firstKeys.filter((key) => !key.startsWith("ext#")));
  const pending = blocked.flatMap(({ delivery }) => pendingReferences(delivery.write.record));
  const known = await deps.xrefs.findExternalRefs(pending);
  const isThere = (key: string): boolean => {
    const parent = parents.get(key);
    if (parent !== undefined) return isLinked(sideOf(parent, connection));
    return known.has(key.replace(/^ext#/, ""));
  };
  for (const { delivery, waitsFor: keys } of blocked) {
    if (isThere(keys[0] ?? "")) deliveries.again(delivery);
    else deliveries.wait(delivery, keys);
  }
}
