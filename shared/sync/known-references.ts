import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CrossReferenceStore } from "#shared/ports/mapping-table.ts";
import { pendingReferences, resolveInward } from "./references.ts";

/** The records, with references to what became known since they were saved as canonical ids. */
export async function withKnownReferences(
  xrefs: Pick<CrossReferenceStore, "findExternalRefs">,
  records: readonly CrossReference[],
): Promise<CrossReference[]> {
  const pending = records.flatMap(({ fields }) => pendingReferences(fields));
  const known = await xrefs.findExternalRefs(pending);
  if (known.size === 0) return [...records];
  return records.map((xref) => ({ ...xref, fields: resolveInward(xref.fields, known) }));
}
