/** Whether a file of an e-invoice is right in itself, and says what the books say. */
import { differencesOf } from "#shared/domain/e-invoice/compare.ts";
import type { RuleFinding } from "#shared/domain/e-invoice/rule-finding.ts";
import { checkEInvoice } from "#shared/domain/e-invoice/rules.ts";
import { recordsOf } from "#shared/domain/e-invoice/to-record.ts";
import type { RowFault } from "#shared/domain/file-rows.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { matchEInvoice, type MatchEInvoiceDependencies } from "./match-e-invoice.ts";
import type { ReadEInvoiceDependencies } from "./read-e-invoice.ts";

export interface JudgeEInvoiceDependencies extends MatchEInvoiceDependencies {
  readonly readEInvoice: ReadEInvoiceDependencies["read"];
}

export interface EInvoiceJudgement {
  readonly number: string;
  /** Empty where the file is accepted. */
  readonly faults: readonly RowFault[];
  /** The document of ours that it is; absent where the file is not accepted. */
  readonly record?: Pick<ObservedRecord, "recordType" | "externalId" | "registeredId" | "fields">;
}

/** Throws SyncError `invalid-input` with a fix on a file that is no e-invoice. */
export async function judgeEInvoice(
  deps: JudgeEInvoiceDependencies,
  content: Uint8Array,
): Promise<EInvoiceJudgement> {
  const { invoice } = deps.readEInvoice(content);
  const { number } = invoice;
  const broken = checkEInvoice(invoice).filter(({ severity }) => severity === "error");
  if (broken.length > 0) return { number, faults: broken.map(faultOfRule) };
  const { document, customer } = recordsOf(invoice);
  const match = await matchEInvoice(deps, invoice, customer);
  if (match.kind !== "known") return { number, faults: [unknownFaults[match.kind](number)] };
  const { canonicalId, recordType, fields } = match.record;
  const faults = [...endFaults(fields), ...differencesOf(document, fields).map(faultOfDifference)];
  if (faults.length > 0) return { number, faults };
  // What it is found by, and no more: nothing of the document is this file's to say.
  const own: Fields = { number };
  return {
    number,
    faults,
    record: { recordType, externalId: number, registeredId: canonicalId, fields: own },
  };
}

function faultOfRule({ rule, where, expected, found }: RuleFinding): RowFault {
  return {
    column: where ?? "",
    value: found,
    code: "e-invoice-rule-broken",
    fix: `Have the document corrected by whoever made it: ${rule} asks for ${expected}.`,
  };
}

function faultOfDifference({
  field,
  inFile,
  inBooks,
}: ReturnType<typeof differencesOf>[number]): RowFault {
  return {
    column: field,
    value: inFile,
    code: "e-invoice-differs",
    fix: `Find out which is right: the books show ${inBooks}. Correct the document there, or have the file corrected.`,
  };
}

function endFaults({ status }: Fields): RowFault[] {
  if (status !== "void" && status !== "deleted") return [];
  return [
    {
      column: "status",
      value: "issued",
      code: "e-invoice-differs",
      fix: `Tell whoever has the document that the books show it as ${status}.`,
    },
  ];
}

const unknownFaults = {
  "customer-unknown": (number: string): RowFault => ({
    column: "AccountingCustomerParty",
    value: number,
    code: "e-invoice-customer-unknown",
    fix: "Give the customer the tax number, or the name and mail address, that the file has; then drop it again.",
  }),
  "document-unknown": (number: string): RowFault => ({
    column: "ID",
    value: number,
    code: "e-invoice-unknown",
    fix: "Enter the document in the books under this number, then drop the file again: only the books make documents.",
  }),
} as const;
