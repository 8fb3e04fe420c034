import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { DeliverDependencies } from "./dependencies.ts";

/** Changes one side under the optimistic lock; gives up where the record is gone. */
export async function saveSide(
  deps: Pick<DeliverDependencies, "xrefs">,
  connection: ConnectionId,
  canonicalId: CanonicalId,
  change: (side: Side) => Side,
): Promise<void> {
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    const xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
    if (xref === undefined) return;
    const next = withSide(xref, connection, change(sideOf(xref, connection)));
    const outcome = await deps.xrefs.save(next, { externalRefs: [], matchKeys: [] }, []);
    if (outcome === "saved") return;
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

/** As {@link saveSide}, on what was just read; reads again only where that is no longer so. */
export async function saveSideOf(
  deps: Pick<DeliverDependencies, "xrefs">,
  connection: ConnectionId,
  xref: CrossReference,
  change: (side: Side) => Side,
): Promise<void> {
  const next = withSide(xref, connection, change(sideOf(xref, connection)));
  const outcome = await deps.xrefs.save(next, { externalRefs: [], matchKeys: [] }, []);
  if (outcome !== "saved") await saveSide(deps, connection, xref.canonicalId, change);
}
