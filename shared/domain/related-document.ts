import type { CrossReference } from "./cross-reference.ts";
import { zero } from "./money.ts";
import { type InvoiceStatus, invoiceStatuses, isMoney } from "./records.ts";
import type { RelatedDocument } from "./summary.ts";

/** What roll-ups need of an invoice or payment; `undefined` while the books have not shown its money. */
export function relatedDocumentOf(xref: CrossReference): RelatedDocument | undefined {
  const { canonicalId, revision, fields } = xref;
  if (xref.recordType === "payment") {
    const paidOn = typeof fields["paidOn"] === "string" ? fields["paidOn"] : null;
    const isSettled = fields["status"] === "settled";
    return { kind: "payment", canonicalId, revision, isSettled, paidOn };
  }
  const { total, tax, amountPaid, amountDue, status, number, dueOn } = fields;
  if (xref.recordType !== "invoice" || !isMoney(total)) return undefined;
  const none = zero(total.currency);
  return {
    kind: "invoice",
    canonicalId,
    revision,
    number: typeof number === "string" ? number : null,
    status: isInvoiceStatus(status) ? status : "draft",
    dueOn: typeof dueOn === "string" ? dueOn : null,
    total,
    tax: isMoney(tax) ? tax : none,
    amountPaid: isMoney(amountPaid) ? amountPaid : none,
    amountDue: isMoney(amountDue) ? amountDue : total,
  };
}

function isInvoiceStatus(value: unknown): value is InvoiceStatus {
  return invoiceStatuses.some((status) => status === value);
}
