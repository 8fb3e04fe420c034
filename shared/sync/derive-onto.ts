/** Puts computed fields onto a record: what the connection `tieout` says of it. */
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import type { CanonicalId, RecordType } from "#shared/domain/identifiers.ts";
import type { Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import type { HintSender } from "./hint-sender.ts";
import type { SightedRecord } from "./known-records.ts";
import { attemptMerge } from "./merge-observation.ts";
import { nowText } from "./now-text.ts";
import type { Counted } from "./tally.ts";

export interface Derivation {
  readonly canonicalId: CanonicalId;
  readonly recordType: RecordType;
  /** The record as it was read before its fields are computed; absent where there is none yet. */
  readonly xref: CrossReference | undefined;
  readonly compute: () => Promise<Fields>;
}

/**
 * Merges computed fields. The record is read before they are computed, and a lost race computes them
 * anew: what was computed before it may be older than what won.
 */
export async function deriveOnto(
  deps: DeriveDependencies,
  derivation: Derivation,
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const { canonicalId, recordType, compute } = derivation;
  const flow = deps.flows[recordType];
  let matches: ReadonlyMap<string, CanonicalId> = new Map();
  let xref = derivation.xref;
  for (let tries = 0; tries < limits.saveTriesMax; tries += 1) {
    // Only documents are made by derivation; a customer or order that is gone has nothing to sum up.
    if (!isMadeByDerivation(recordType) && xref === undefined) return;
    const sighted: SightedRecord = {
      connection: derivedBy,
      capturedAt: nowText(deps),
      runId: cause.runId,
      record: {
        recordType,
        externalId: canonicalId,
        registeredId: canonicalId,
        version: xref?.revision ?? 0,
        life: "live",
        fields: await compute(),
      },
    };
    const xrefs = new Map(xref === undefined ? [] : [[canonicalId, xref] as const]);
    const known = { refs: new Map(), matches, xrefs };
    const attempt = await attemptMerge(deps.xrefs, flow, sighted, known);
    if (attempt.outcome === "merged") {
      // Owed since an earlier image, too: whoever saved it may have died before it hinted.
      const { xref: merged, owed } = attempt.merged;
      hints.add(merged, owed, cause);
      return;
    }
    matches = await deps.xrefs.findMatches(attempt.claimed);
    xref = (await deps.xrefs.load([canonicalId])).get(canonicalId);
  }
  throw new SyncError({ kind: "retryable", code: "save-contended" });
}

function isMadeByDerivation(recordType: RecordType): boolean {
  return recordType === "invoice" || recordType === "creditNote";
}
