/** A file of an e-invoice: what it says, which rules it breaks, and what it would be here. */
import type { EInvoice } from "#shared/domain/e-invoice/model.ts";
import type { RuleFinding } from "#shared/domain/e-invoice/rule-finding.ts";
import { checkEInvoice } from "#shared/domain/e-invoice/rules.ts";
import { type EInvoiceRecords, recordsOf } from "#shared/domain/e-invoice/to-record.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";

export interface ReadEInvoiceDependencies {
  /** Throws SyncError `invalid-input` on a file that is no e-invoice. */
  readonly read: (content: Uint8Array) => {
    readonly invoice: EInvoice;
    readonly leftOut: readonly string[];
  };
}

export type EInvoiceReading =
  | {
      readonly kind: "read";
      readonly invoice: EInvoice;
      readonly records: EInvoiceRecords;
      readonly findings: readonly RuleFinding[];
      /** Elements that were not read. */
      readonly leftOut: readonly string[];
    }
  | { readonly kind: "refused"; readonly failure: Failure };

/** Nothing is stored. A document that breaks a rule is read all the same, and the rule is named. */
export function readEInvoice(
  { read }: ReadEInvoiceDependencies,
  content: Uint8Array,
): EInvoiceReading {
  try {
    const { invoice, leftOut } = read(content);
    const findings = checkEInvoice(invoice);
    return { kind: "read", invoice, records: recordsOf(invoice), findings, leftOut };
  } catch (cause) {
    if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
    return { kind: "refused", failure: cause.failure };
  }
}
