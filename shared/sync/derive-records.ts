/**
 * What follows from a changed cross-reference, woken by the mapping table's stream:
 *
 * 1. a won order gives its draft invoice, a contract one for each period, and takes it back when it is
 *    won no more; of an issued one a correction is proposed, and made once it is approved;
 * 2. the cost of what an invoice or credit note bills is worked out, also when that of a product becomes
 *    known for which it waited, or its order says it; a credit note made by hand is linked to the order
 *    whose invoices it was used for;
 * 3. an invoice, credit note or payment is noted under its order and its customer, whose billing
 *    fields and summary are computed anew from all that is noted there;
 * 4. whoever waited for the record is hinted.
 *
 * Everything is recomputed from its sources, so a repeated or reordered image changes nothing.
 */
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { derivedBy } from "#shared/domain/flow.ts";
import { type CanonicalId, type ExternalRef, externalRefKey } from "#shared/domain/identifiers.ts";
import { creditedInvoiceRefs } from "#shared/domain/link-credit-note.ts";
import { type ChangeImage, costSources, derivationSources, hasNewLife } from "./change-image.ts";
import { concurrently } from "./concurrently.ts";
import { costDocuments, documentsOfCosted, uncostedLines } from "./cost-documents.ts";
import { costWaiters, newlyCosted } from "./cost-waits.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { deriveBilling } from "./derive-billing.ts";
import { HintSender } from "./hint-sender.ts";
import { holdRuns } from "./hold-run.ts";
import { linkCreditNotes } from "./link-credit-notes.ts";
import { canonicalIdIn, pendingReferences, resolveInward, waitKeyOfRef } from "./references.ts";
import { leftParents, relateDocuments } from "./relate-documents.ts";
import { sumUp } from "./roll-up.ts";
import { Tally } from "./tally.ts";
import { wakeWaiters } from "./wake-waiters.ts";

export interface ImageBatch {
  /** The same when the batch is delivered again. */
  readonly receipt: string;
  readonly images: readonly ChangeImage[];
}

export async function deriveRecords(deps: DeriveDependencies, batch: ImageBatch): Promise<void> {
  const { receipt, images } = batch;
  const tally = new Tally();
  const hints = new HintSender(deps.deliveries, tally);
  const woken = await wakeWaiters(deps, images, hints);
  const changed = await resolveParents(deps, [...derivationSources(images), ...woken.documents]);

  const orders = await ordersOf(deps, changed);
  await deriveBilling(deps, orders, { receipt }, hints);

  const newSources = costSources(images);
  const billed = await documentsOfCosted(deps, changed, newSources);
  await costDocuments(deps, [...changed, ...billed], newSources, { receipt }, hints);
  await costWaiters(deps, newlyCosted(images), { receipt }, hints);
  await linkCreditNotes(deps, changed, { receipt }, hints);
  const related = await relateDocuments(deps, changed);
  const notes = [...related, ...leftParents(images, related)];
  await concurrently(notes, limits.tableConcurrencyMax, ({ parent, document }) =>
    deps.relations.put(parent, document),
  );
  // A sum follows from all documents, so it is no one run's doing and is counted in none.
  const parents = new Map(
    [...notes.map(({ parent }) => parent), ...mergedParents(images)].map((id) => [id, { receipt }]),
  );
  await sumUp(deps, parents, hints);

  // What a held run derives is held with it.
  await holdRuns(deps, [], hints, tally);
  await hints.send();
  await woken.release();
  await tally.save(deps.runs);
}

/** Changed orders, and the orders of changed invoices: what an invoice became may ask for more. */
async function ordersOf(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
): Promise<CrossReference[]> {
  const orders = new Map<CanonicalId, CrossReference>();
  for (const xref of changed) if (xref.recordType === "order") orders.set(xref.canonicalId, xref);
  const billed = changed
    .filter(({ recordType }) => recordType === "invoice")
    .flatMap(({ fields }) => canonicalIdIn(fields["order"]) ?? [])
    .filter((id) => !orders.has(id));
  return [...orders.values(), ...(await deps.xrefs.load(billed)).values()];
}

/** Records that took others in or let them go, and those let go: what counts where has changed. */
function mergedParents(images: readonly ChangeImage[]): CanonicalId[] {
  return images.flatMap((image) => {
    if (image.kind !== "cross-reference") return [];
    const { previous, next } = image;
    const hasTaken = [previous, next].some((one) => one?.absorbed !== undefined);
    const isLetGo = previous?.mergedInto !== undefined && next.mergedInto === undefined;
    return (hasTaken || isLetGo) && hasNewLife(previous, next) ? [next.canonicalId] : [];
  });
}

/**
 * Fills in references that became known since the record was saved. A document whose parent, or a
 * product of which it asks the cost, is not known yet waits for it here, as a delivery would.
 */
async function resolveParents(
  deps: DeriveDependencies,
  changed: readonly CrossReference[],
): Promise<CrossReference[]> {
  const known = await deps.xrefs.findExternalRefs(changed.flatMap(parentReferences));
  const missing = (xref: CrossReference): ExternalRef[] =>
    parentReferences(xref).filter((ref) => !known.has(externalRefKey(ref)));
  const orphans = changed.filter((xref) => missing(xref).length > 0);
  await concurrently(orphans, limits.tableConcurrencyMax, async (xref) => {
    for (const ref of missing(xref)) {
      const { canonicalId, recordType, runId } = xref;
      const waiter = { connection: derivedBy, canonicalId, recordType, runId };
      await deps.waits.register(waitKeyOfRef(ref), waiter);
    }
  });
  // Whoever linked the parent before the wait was stored did not see it: look once more.
  const late = await deps.xrefs.findExternalRefs(orphans.flatMap(missing));
  return changed.map((xref) => withKnown(xref, new Map([...known, ...late])));
}

function withKnown(
  xref: CrossReference,
  known: ReadonlyMap<string, { readonly canonicalId: CanonicalId }>,
): CrossReference {
  return known.size === 0 ? xref : { ...xref, fields: resolveInward(xref.fields, known) };
}

function parentReferences(xref: CrossReference): ExternalRef[] {
  const { customer, invoice, creditNote } = xref.fields;
  if (xref.recordType === "order") return [];
  return [
    ...pendingReferences({ customer, invoice, creditNote, lines: uncostedLines(xref) }),
    ...creditedInvoiceRefs(xref),
  ];
}
