/**
 * Which invoice and order a credit note takes back. One that we made says so itself; one that was made
 * by hand in the books names neither, and is known by the invoices that it was used for.
 */
import { type CrossReference, sideOf } from "./cross-reference.ts";
import { derivedBy } from "./flow.ts";
import type { CanonicalId, ConnectionId, ExternalRef } from "./identifiers.ts";
import { type Fields, isAllocations, isReference } from "./records.ts";

/** Where the invoices stand that the credit note was used for, in each system that holds it. */
export function creditedInvoiceRefs(creditNote: CrossReference): ExternalRef[] {
  const { allocations } = creditNote.fields;
  if (creditNote.recordType !== "creditNote" || !isAllocations(allocations)) return [];
  const targets = allocations.filter(({ kind }) => kind === "credit-note");
  return holdersOf(creditNote).flatMap((connection) =>
    [...new Set(targets.map(({ target }) => target))].map((externalId) => {
      return { connection, recordType: "invoice", externalId } as const;
    }),
  );
}

/** Where the credit notes stand that were used for the invoice. */
export function creditNoteRefs(invoice: CrossReference): ExternalRef[] {
  const { allocations } = invoice.fields;
  if (invoice.recordType !== "invoice" || !isAllocations(allocations)) return [];
  const sources = allocations.filter(({ kind }) => kind === "credit-note");
  return holdersOf(invoice).flatMap((connection) =>
    [...new Set(sources.map(({ source }) => source))].map((externalId) => {
      return { connection, recordType: "creditNote", externalId } as const;
    }),
  );
}

/**
 * The fields that follow from the invoices a credit note was used for, all of them: the invoice where
 * there is one, the order where all bill the same. `undefined` where nothing is to be said: we made it
 * ourselves, or it was used for none and nothing was said before.
 */
export function linkCreditNote(
  creditNote: CrossReference,
  invoices: readonly CrossReference[],
): Fields | undefined {
  if (isMadeByUs(creditNote)) return undefined;
  const { invoice, order } = creditNote.fields;
  if (invoices.length === 0 && !isReference(invoice) && !isReference(order)) return undefined;
  const orders = new Set(invoices.map(({ fields }) => orderIdIn(fields)));
  const [only] = orders;
  const [first] = invoices;
  return {
    invoice:
      invoices.length === 1 && first !== undefined ? { canonicalId: first.canonicalId } : null,
    order: orders.size === 1 && only !== undefined ? { canonicalId: only } : null,
  };
}

/** What we derive of a credit note of the books are single fields, never its lines. */
function isMadeByUs(creditNote: CrossReference): boolean {
  return Object.hasOwn(sideOf(creditNote, derivedBy).observed, "lines");
}

function holdersOf({ sides }: CrossReference): ConnectionId[] {
  return Object.keys(sides).filter(
    (connection) => connection !== derivedBy && sides[connection]?.externalId !== undefined,
  );
}

function orderIdIn({ order }: Fields): CanonicalId | undefined {
  return isReference(order) && "canonicalId" in order ? order.canonicalId : undefined;
}
