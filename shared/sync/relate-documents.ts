/** Notes each document under the records that its money rolls up to. */
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { type RelatedDocument, relatedDocumentOf } from "#shared/domain/related-document.ts";
import type { ChangeImage } from "./change-image.ts";
import type { DeriveDependencies } from "./dependencies.ts";
import { canonicalIdIn } from "./references.ts";

export interface Note {
  readonly parent: CanonicalId;
  readonly document: RelatedDocument;
}

/**
 * A document belongs to its customer and its order. A payment belongs where the invoice or credit note
 * does that it is for; a deposit or overpayment, which is for none, to its customer. A credit note also
 * belongs to the order of its invoice.
 */
export async function relateDocuments(
  deps: Pick<DeriveDependencies, "xrefs">,
  changed: readonly CrossReference[],
): Promise<Note[]> {
  const settledIds = changed.flatMap((xref) => settledIdOf(xref) ?? []);
  const settled = await deps.xrefs.load(settledIds);
  return changed.flatMap((xref) => {
    const document = relatedDocumentOf(xref);
    if (document === undefined) return [];
    const holder = settled.get(settledIdOf(xref) ?? "");
    const parents = holder === undefined ? parentsOf(xref) : parentsThrough(holder, xref);
    return [...new Set(parents)].map((parent) => ({ parent, document }));
  });
}

/** A document that moved to another parent counts for nothing under the one it left. */
export function leftParents(images: readonly ChangeImage[], notes: readonly Note[]): Note[] {
  const keyOf = ({ parent, document }: Note): string => `${parent} ${document.canonicalId}`;
  const noted = new Set(notes.map(keyOf));
  const left = images.flatMap((image) => {
    if (image.kind !== "cross-reference") return [];
    const document = relatedDocumentOf(image.next);
    if (document === undefined || document.kind === "payment") return [];
    const kept = new Set(parentsOf(image.next));
    const voided = { ...document, status: "void" as const };
    return parentsOf(image.previous)
      .filter((parent) => !kept.has(parent))
      .map((parent) => ({ parent, document: voided }));
  });
  return left.filter((note) => !noted.has(keyOf(note)));
}

/** The document that a payment or a credit note is for. */
function settledIdOf({ recordType, fields }: CrossReference): CanonicalId | undefined {
  const { invoice, creditNote } = fields;
  if (recordType === "creditNote") return canonicalIdIn(invoice);
  if (recordType === "payment") return canonicalIdIn(invoice) ?? canonicalIdIn(creditNote);
  return undefined;
}

function parentsThrough(holder: CrossReference, document: CrossReference): CanonicalId[] {
  if (document.recordType === "payment") return parentsOf(holder);
  // The books say whose a credit note is; its invoice may tell the order.
  const orderId = canonicalIdIn(holder.fields["order"]);
  return [...parentsOf(document), ...(orderId === undefined ? [] : [orderId])];
}

function parentsOf(document: CrossReference | undefined): CanonicalId[] {
  const { customer, order } = document?.fields ?? {};
  return [canonicalIdIn(customer), canonicalIdIn(order)].filter((id) => id !== undefined);
}
