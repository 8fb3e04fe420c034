/**
 * Step 6 of a delivery, before the call: each create and each archive is decided and stored; other
 * updates need no intent.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  isLinked,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import { alreadyLinked } from "#shared/domain/failed-write.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { matchKeyText } from "#shared/domain/match-key.ts";
import { concurrently } from "./concurrently.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { claimNewKeys, matchKeysOf } from "./known-records.ts";
import { nowText } from "./now-text.ts";

/**
 * Answers what may be written now, creates with their intent stored. With it the record claims the exact
 * keys that it bears since a reference became known: a webhook that is faster than our save finds it by
 * them. Where another record bears such a key in the remote already, nothing is made beside that one.
 */
export async function commitIntents(
  deps: DeliverDependencies,
  connection: ConnectionId,
  deliveries: readonly Delivery[],
  outcomes: Deliveries,
): Promise<Delivery[]> {
  const committed = await concurrently(deliveries, limits.tableConcurrencyMax, async (delivery) => {
    const xref = withIntent(deps, connection, delivery);
    if (xref === undefined) return delivery;
    const flow = deps.flows[xref.recordType];
    const { claims, holders } = await claimNewKeys(deps.xrefs, flow, delivery.stored, xref);
    const isCreate = delivery.write.externalId === undefined;
    if (isCreate && (await isBorneThere(deps, connection, xref, holders))) {
      await outcomes.refuse(delivery, alreadyLinked);
      return undefined;
    }
    const outcome = await deps.xrefs.save(xref, claims, []);
    if (outcome !== "saved") {
      outcomes.again(delivery);
      return undefined;
    }
    const saved = { ...xref, revision: xref.revision + 1 };
    return { ...delivery, xref: saved, stored: saved };
  });
  return committed.filter((delivery) => delivery !== undefined);
}

function withIntent(
  deps: DeliverDependencies,
  connection: ConnectionId,
  { xref, write }: Delivery,
): CrossReference | undefined {
  const at = nowText(deps);
  const side = sideOf(xref, connection);
  const intended = { kind: "intended" as const, at, connection };
  if (write.externalId === undefined) {
    const tries = (side.intent?.tries ?? 0) + 1;
    const intent = { idempotencyKey: write.idempotencyKey, attemptedAt: at, tries };
    const creating: Side = { ...side, state: "creating", intent, waitsFor: undefined };
    return { ...withSide(xref, connection, creating), trail: [{ ...intended, tries }] };
  }
  if (write.life !== "archived") return undefined;
  const archiving: Side = { ...side, archivingSince: at };
  return {
    ...withSide(xref, connection, archiving),
    trail: [{ ...intended, life: write.life }],
  };
}

/** Whether another record in the remote bears one of the keys: its holder may bear it no more. */
async function isBorneThere(
  { xrefs, flows }: DeliverDependencies,
  connection: ConnectionId,
  { canonicalId, recordType }: CrossReference,
  holders: ReadonlyMap<string, CanonicalId>,
): Promise<boolean> {
  if (holders.size === 0) return false;
  const others = await xrefs.load(
    [...new Set(holders.values())].filter((id) => id !== canonicalId),
  );
  return [...others.values()].some(
    (holder) =>
      isLinked(sideOf(holder, connection)) &&
      matchKeysOf(flows[recordType], holder.fields).some((key) => holders.has(matchKeyText(key))),
  );
}
