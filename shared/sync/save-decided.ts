import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { type Claims, type CrossReferenceStore, noClaims } from "#shared/ports/mapping-table.ts";

interface Stores {
  readonly xrefs: CrossReferenceStore;
}

export interface Decided {
  /** The record as it is stored now, but for what the store adds of its own. */
  readonly xref: CrossReference;
  readonly isSaved: boolean;
}

/** What is made of a record: the record to save, or undefined where it is to stay as it is. */
export type Decide = (xref: CrossReference) => CrossReference | undefined;

/** What the record newly claims with the decision. */
type ClaimsOf = (before: CrossReference, next: CrossReference) => Promise<Claims>;

/**
 * Decides about a record under the optimistic lock: whoever was faster is read, and decided about
 * anew. Undefined where nobody knows the record. Throws SyncError `retryable` (`save-contended`).
 */
export async function saveDecided(
  deps: Stores,
  canonicalId: CanonicalId,
  decide: Decide,
  claimsOf?: ClaimsOf,
): Promise<Decided | undefined> {
  const xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
  return xref === undefined ? undefined : saveDecidedOf(deps, xref, decide, claimsOf);
}

/** As {@link saveDecided}, on what was just read. */
export async function saveDecidedOf(
  deps: Stores,
  read: CrossReference,
  decide: Decide,
  claimsOf: ClaimsOf = async () => noClaims,
): Promise<Decided | undefined> {
  let xref: CrossReference | undefined = read;
  for (let tries = 0; tries < limits.saveTriesMax && xref !== undefined; tries += 1) {
    const next = decide(xref);
    if (next === undefined) return { xref, isSaved: false };
    const outcome = await deps.xrefs.save(next, await claimsOf(xref, next), []);
    if (outcome === "saved") {
      return { xref: { ...next, revision: next.revision + 1 }, isSaved: true };
    }
    xref = (await deps.xrefs.load([read.canonicalId])).get(read.canonicalId);
  }
  if (xref === undefined) return undefined;
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}
