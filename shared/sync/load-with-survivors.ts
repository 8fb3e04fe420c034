import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";

/** The records, and for those that were merged whoever they lead to; ends on a circle, too. */
export async function loadWithSurvivors(
  xrefs: Pick<CrossReferenceStore, "load">,
  ids: Iterable<CanonicalId>,
): Promise<ReadonlyMap<CanonicalId, CrossReference>> {
  const asked = new Set<CanonicalId>();
  const loaded = new Map<CanonicalId, CrossReference>();
  for (let wanted = [...ids]; wanted.length > 0; ) {
    for (const id of wanted) asked.add(id);
    const found = await xrefs.load(wanted);
    for (const [id, xref] of found) loaded.set(id, xref);
    const survivors = [...found.values()].flatMap(({ mergedInto }) => mergedInto ?? []);
    wanted = [...new Set(survivors)].filter((id) => !asked.has(id));
  }
  return loaded;
}
