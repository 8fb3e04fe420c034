import type { RuleFinding } from "./rule-finding.ts";

/** Why there is no e-invoice of a document. */
export interface EInvoiceRefusal {
  readonly kind: "refused";
  /** A heading in docs/errors.md. */
  readonly code: string;
  readonly fix: string;
  readonly field?: string | undefined;
  /** The rules that the document breaks, where it is rules that refuse it. */
  readonly findings?: readonly RuleFinding[] | undefined;
}
