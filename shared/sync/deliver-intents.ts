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
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { type MatchKey, matchKeyText } from "#shared/domain/match-key.ts";
import { concurrently } from "./concurrently.ts";
import type { Deliveries, Delivery } from "./deliver-outcomes.ts";
import type { DeliverDependencies } from "./dependencies.ts";
import { matchKeysOf, newKeysOf } from "./known-records.ts";
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
    const keys = await keysToClaim(deps, connection, delivery);
    if (keys === "borne-there") {
      await outcomes.refuse(delivery, alreadyLinked);
      return undefined;
    }
    const outcome = await deps.xrefs.save(xref, { externalRefs: [], matchKeys: keys }, []);
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
  const entry = { kind: "intended" as const, at, connection };
  if (write.externalId === undefined) {
    const tries = (side.intent?.tries ?? 0) + 1;
    const intent = { idempotencyKey: write.idempotencyKey, attemptedAt: at, tries };
    const creating: Side = { ...side, state: "creating", intent, waitsFor: undefined };
    return { ...withSide(xref, connection, creating), trail: [{ ...entry, tries }] };
  }
  if (write.life !== "archived") return undefined;
  const archiving: Side = { ...side, archivingSince: at };
  const trail = [{ ...entry, tries: 1, life: write.life }];
  return { ...withSide(xref, connection, archiving), trail };
}

/** Those of the new keys that nobody holds. */
async function keysToClaim(
  { xrefs, flows }: DeliverDependencies,
  connection: ConnectionId,
  { xref, stored, write }: Delivery,
): Promise<readonly MatchKey[] | "borne-there"> {
  const flow = flows[xref.recordType];
  const keys = newKeysOf(flow, stored, xref);
  if (keys.length === 0) return keys;
  const held = await xrefs.findMatches(keys);
  if (held.size === 0) return keys;
  const holders = await xrefs.load([...new Set(held.values())]);
  const isBorneThere = (key: MatchKey): boolean => {
    const holder = holders.get(held.get(matchKeyText(key)) ?? "");
    if (holder === undefined || holder.canonicalId === xref.canonicalId) return false;
    const borne = new Set(matchKeysOf(flow, holder.fields).map(matchKeyText));
    return borne.has(matchKeyText(key)) && isLinked(sideOf(holder, connection));
  };
  if (write.externalId === undefined && keys.some(isBorneThere)) {
    return "borne-there";
  }
  return keys.filter((key) => !held.has(matchKeyText(key)));
}
