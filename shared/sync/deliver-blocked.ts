/** Deliveries that wait for another record: woken when it is there, never polled. */
import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
} from "#shared/domain/cross-reference.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { blockSide, waitFailure } from "#shared/domain/waiting.ts";
import { concurrently } from "./concurrently.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import { pendingReferences } from "./references.ts";
import { saveDecidedOf } from "./save-decided.ts";

export interface Blocked {
  readonly delivery: Delivery;
  readonly waitsFor: readonly string[];
}

/**
 * Registers each wait, for the first of what the record waits for, then looks once more: it may have
 * been linked in between, and whoever linked it did not see this waiter. When woken, the record may
 * wait for the next. A wait that will not end by itself says so.
 */
export async function blockAll(
  deps: DeliverDependencies,
  connection: ConnectionId,
  blocked: readonly Blocked[],
  deliveries: Deliveries,
): Promise<void> {
  if (blocked.length === 0) return;
  await concurrently(blocked, limits.tableConcurrencyMax, async ({ delivery, waitsFor }) => {
    const { canonicalId, recordType } = delivery.xref;
    const { runId } = delivery.hint;
    const waiter = { connection, canonicalId, recordType, runId };
    await deps.waits.register(waitsFor[0] ?? canonicalId, waiter);
  });
  const firstKeys = blocked.map(({ waitsFor }) => waitsFor[0] ?? "");
  const parents = await deps.xrefs.load(firstKeys.filter((key) => !key.startsWith("ext#")));
  const pending = blocked.flatMap(({ delivery }) => pendingReferences(delivery.write.record));
  const known = await deps.xrefs.findExternalRefs(pending);
  const isThere = (key: string): boolean => {
    const parent = parents.get(key);
    if (parent !== undefined) return isLinked(sideOf(parent, connection));
    return known.has(key.replace(/^ext#/, ""));
  };
  await concurrently(blocked, limits.tableConcurrencyMax, async ({ delivery, waitsFor }) => {
    const [key = ""] = waitsFor;
    if (isThere(key)) return deliveries.again(delivery);
    const isWaiting = waitsFirstFor(sideOf(delivery.xref, connection)) === key;
    await saveBlocked(deps, connection, { delivery, waitsFor }, parents.get(key));
    // Two hints at a record that waits are woken as one: the second has come to its end.
    if (isWaiting) deliveries.settle(delivery.hint);
    else deliveries.wait(delivery, waitsFor);
  });
}

function waitsFirstFor({ state, waitsFor }: Side): string | undefined {
  return state === "blocked" ? waitsFor?.[0] : undefined;
}

async function saveBlocked(
  deps: DeliverDependencies,
  connection: ConnectionId,
  { delivery, waitsFor }: Blocked,
  parent: CrossReference | undefined,
): Promise<void> {
  const { xref, stored } = delivery;
  const at = nowText(deps);
  const failure = waitFailure(parent, waitsFor[0] ?? "", connection);
  const flow = deps.flows[xref.recordType];
  const intentTries = sideOf(xref, connection).intent?.tries;
  const block = { connection, waitsFor, failure, at, intentTries };
  await saveDecidedOf(deps, stored, (current) => blockSide(current, block, flow));
}
