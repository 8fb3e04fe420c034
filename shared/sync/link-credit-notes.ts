/** Credit notes that were made by hand in the books find their order by what they were used for. */
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { externalRefKey } from "#shared/domain/identifiers.ts";
import {
  creditedInvoiceRefs,
  creditNoteRefs,
  linkCreditNote,
} from "#shared/domain/link-credit-note.ts";
import type { Fields } from "#shared/domain/records.ts";
import { concurrently } from "./concurrently.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveOnto } from "./derive-onto.ts";
import type { HintSender } from "./hint-sender.ts";
import type { Counted } from "./tally.ts";

/** For changed credit notes, and those that changed invoices were settled with. */
export async function linkCreditNotes(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
  cause: Counted,
  hints: HintSender,
): Promise<void> {
  const entries = await deps.xrefs.findExternalRefs(changed.flatMap(creditNoteRefs));
  const used = await deps.xrefs.load([...entries.values()].map(({ canonicalId }) => canonicalId));
  const creditNotes = new Map(used);
  for (const xref of changed) {
    if (xref.recordType === "creditNote") creditNotes.set(xref.canonicalId, xref);
  }
  await concurrently([...creditNotes.values()], limits.tableConcurrencyMax, async (xref) => {
    if ((await linkOf(deps, xref)) === undefined) return;
    const { canonicalId, recordType } = xref;
    const compute = async (): Promise<Fields> => {
      const now = (await deps.xrefs.load([canonicalId])).get(canonicalId) ?? xref;
      return (await linkOf(deps, now)) ?? {};
    };
    await deriveOnto(deps, { canonicalId, recordType, xref, compute }, cause, hints);
  });
}

/** Undefined, too, while one of the invoices is not known: the credit note waits for it as its parent. */
async function linkOf(
  deps: Pick<DeriveDependencies, "xrefs">,
  creditNote: CrossReference,
): Promise<Fields | undefined> {
  const refs = creditedInvoiceRefs(creditNote);
  const entries = await deps.xrefs.findExternalRefs(refs);
  if (refs.some((ref) => !entries.has(externalRefKey(ref)))) return undefined;
  const ids = [...entries.values()].map(({ canonicalId }) => canonicalId);
  return linkCreditNote(creditNote, [...(await deps.xrefs.load(ids)).values()]);
}
