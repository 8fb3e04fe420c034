/** What is to be billed of an order: its draft invoice, a correction of one that was issued, or nothing. */
import { isContract } from "./billing-schedule.ts";
import {
  approvedOf,
  type Correction,
  type CorrectionName,
  creditNoteIdOf,
  creditNoteOf,
  isDismissed,
  proposeCorrection,
} from "./correction.ts";
import type { CrossReference } from "./cross-reference.ts";
import { currentInvoiceOf, deriveInvoice, type InvoiceDerivation } from "./derive-invoice.ts";
import type { CanonicalId } from "./identifiers.ts";
import { formatMoney } from "./money.ts";
import type { Fields } from "./records.ts";

export interface OrderToBill {
  readonly order: CrossReference;
  /** The order's invoices as far as they exist, the oldest first. */
  readonly invoices: readonly CrossReference[];
  readonly customer?: CrossReference | undefined;
}

export type Billing =
  | InvoiceDerivation
  /** Held for a person, who may dismiss it; with a correction, approve it. */
  | ({
      readonly kind: "disputed";
      readonly code: string;
      readonly fix: string;
      readonly correction?: Correction | undefined;
      readonly name: CorrectionName;
    } & { readonly notice: string });

/** A contract is billed period by period elsewhere, and what was issued of it is not corrected. */
export function billOrder({ order, invoices, customer }: OrderToBill): Billing {
  if (isContract(order.fields)) return { kind: "none" };
  const terms = customer?.fields["paymentTermsDays"];
  const termsDays = typeof terms === "number" ? terms : undefined;
  const derivation = deriveInvoice(order, termsDays, invoices);
  const invoice = currentInvoiceOf(order, invoices);
  const isGone = derivation.kind === "held" && derivation.code === "order-gone-but-billed";
  if (invoice === undefined || (derivation.kind !== "invoice" && !isGone)) return derivation;
  const wanted = derivation.kind === "invoice" ? derivation.fields : undefined;
  const outcome = proposeCorrection({ order, invoice, wanted, customer });
  switch (outcome.kind) {
    case "none":
      return isGone ? { kind: "none" } : derivation;
    case "held": {
      if (isDismissed(order, outcome)) return { kind: "none" };
      const { code, fix, invoiceId, number, hash } = outcome;
      const shown = isGone ? derivation : { code, fix };
      const name = { invoiceId, number, hash };
      return { kind: "disputed", code: shown.code, fix: shown.fix, name, notice: shown.fix };
    }
    case "proposed": {
      const { correction } = outcome;
      if (isDismissed(order, correction)) return { kind: "none" };
      const { code, fix } = isGone ? { ...derivation, fix: approveOrWin } : changed;
      return {
        kind: "disputed",
        code,
        fix,
        correction,
        name: correction,
        notice: noticeOf(correction),
      };
    }
  }
}

export interface CorrectionDocument {
  readonly canonicalId: CanonicalId;
  readonly fields: Fields;
}

/** The credit notes of the corrections that were approved; the invoices that follow are billed above. */
export function creditNotesOf({ order, invoices }: OrderToBill): readonly CorrectionDocument[] {
  return approvedOf(order).flatMap((decision) => {
    const invoice = invoices.find(({ canonicalId }) => canonicalId === decision.invoiceId);
    if (invoice === undefined) return [];
    const fields = creditNoteOf(order, invoice, decision);
    return [{ canonicalId: creditNoteIdOf(decision), fields }];
  });
}

const changed = {
  code: "correction-proposed",
  fix: "Look at it under /corrections, then approve or dismiss it; or set the deal back.",
};

const approveOrWin =
  "Approve the credit note under /corrections, or dismiss it; or win the order again.";

/** For whoever looks at the order in the CRM. */
function noticeOf({ invoiceNumber, amounts, billsAnew }: Correction): string {
  const name = invoiceNumber === null ? "The invoice" : `Invoice ${invoiceNumber}`;
  const sums = amounts.map(({ before, after }) =>
    billsAnew === undefined
      ? `${before.currency} ${formatMoney(before)}`
      : `${before.currency} ${formatMoney(before)}, now ${formatMoney(after)}`,
  );
  const what =
    billsAnew === undefined
      ? "was issued and the deal is won no more: a credit note waits for approval."
      : "was issued before the deal changed: a correction waits for approval.";
  return `${name} (${sums.join("; ")}) ${what}`;
}
