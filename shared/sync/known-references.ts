import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ExternalRef } from "#shared/domain/identifiers.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";
import { pendingReferences, resolveInward } from "./references.ts";

/**
 * The records, with references to what became known since they were saved as canonical ids. `pendingOf`:
 * those of one record that are asked for, all of them unless told.
 */
export async function withKnownReferences(
  xrefs: Pick<CrossReferenceStore, "findExternalRefs">,
  records: readonly CrossReference[],
  pendingOf: (xref: CrossReference) => readonly ExternalRef[] = ({ fields }) =>
    pendingReferences(fields),
): Promise<CrossReference[]> {
  const known = await xrefs.findExternalRefs(records.flatMap(pendingOf));
  if (known.size === 0) return [...records];
  return records.map((xref) => ({ ...xref, fields: resolveInward(xref.fields, known) }));
}
