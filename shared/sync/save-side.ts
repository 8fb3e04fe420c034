import { limits } from "#shared/config/limits.ts";
import {
  type CrossReference,
  type Side,
  sideOf,
  withSide,
} from "#shared/domain/cross-reference.ts";
import type { CanonicalId, ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { TrailEntry } from "#shared/domain/trail.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import type { DeliverDependencies } from "./dependencies.ts";

export interface SideChange {
  readonly connection: ConnectionId;
  readonly change: (side: Side) => Side;
  /** What the history says of it. */
  readonly entry: TrailEntry;
}

/** Changes one side under the optimistic lock; gives up where the record is gone. */
export async function saveSide(
  deps: Pick<DeliverDependencies, "xrefs">,
  canonicalId: CanonicalId,
  change: SideChange,
): Promise<void> {
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    const xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
    if (xref === undefined) return;
    const outcome = await deps.xrefs.save(changed(xref, change), noClaims, []);
    if (outcome === "saved") return;
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

function changed(xref: CrossReference, { connection, change, entry }: SideChange): CrossReference {
  const next = withSide(xref, connection, change(sideOf(xref, connection)));
  return { ...next, trail: [entry] };
}
