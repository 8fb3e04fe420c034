import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { type CanonicalId, externalRefKey } from "#shared/domain/identifiers.ts";
import { waitFailure } from "#shared/domain/waiting.ts";
import type { WaitingRecord } from "#shared/ports/mapping-table.ts";
import type { OperatorDependencies } from "./dependencies.ts";
import { refOfWaitKey } from "./references.ts";

/**
 * One page of what waits for another record. Why a wait does not end by itself is told as it is now:
 * what is waited for may have been refused long after the wait began.
 */
export async function viewWaiting(
  deps: Pick<OperatorDependencies, "parked" | "xrefs">,
  limit: number,
  cursor: string | undefined,
): Promise<{ records: readonly WaitingRecord[]; cursor?: string }> {
  const page = await deps.parked.listWaiting(limit, cursor);
  const awaited = await loadAwaited(deps, page.records.flatMap(firstKey));
  const records = page.records.map((record): WaitingRecord => {
    const [key] = firstKey(record);
    const { failure: _failure, ...rest } = record;
    const failure = key && waitFailure(awaited.get(key), key, record.connection);
    return failure ? { ...rest, failure } : rest;
  });
  return { ...page, records };
}

function firstKey({ waitsFor }: WaitingRecord): string[] {
  return waitsFor.slice(0, 1);
}

/** What is known of the records that are waited for, by key. */
async function loadAwaited(
  deps: Pick<OperatorDependencies, "xrefs">,
  keys: readonly string[],
): Promise<ReadonlyMap<string, CrossReference>> {
  const refs = await deps.xrefs.findExternalRefs(keys.flatMap((key) => refOfWaitKey(key) ?? []));
  const idOf = (key: string): CanonicalId => {
    const ref = refOfWaitKey(key);
    return ref === undefined ? key : (refs.get(externalRefKey(ref))?.canonicalId ?? "");
  };
  const ids = new Set(keys.map(idOf).filter((id) => id !== ""));
  const xrefs = await deps.xrefs.load([...ids]);
  return new Map(
    keys.flatMap((key) => {
      const xref = xrefs.get(idOf(key));
      return xref === undefined ? [] : [[key, xref] as const];
    }),
  );
}
