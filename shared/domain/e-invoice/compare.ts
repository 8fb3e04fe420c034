/** What a file of an e-invoice and the books say of one document, where they differ. */
import { formatMoney } from "../money.ts";
import { type Fields, type FieldValue, isMoney } from "../records.ts";

export interface EInvoiceDifference {
  readonly field: string;
  readonly inFile: string;
  readonly inBooks: string;
}

/**
 * The day, the currency and the sums: what an issued document stands by. What was paid moves on, and
 * lines may be put in other words, so neither is compared.
 */
const comparedFields = ["issuedOn", "currency", "subtotal", "tax", "total"] as const;

export function differencesOf(inFile: Fields, inBooks: Fields): readonly EInvoiceDifference[] {
  return comparedFields
    .map((field) => ({
      field,
      inFile: textOf(inFile[field]),
      inBooks: textOf(inBooks[field]),
    }))
    .filter((one) => one.inFile !== one.inBooks);
}

function textOf(value: FieldValue | undefined): string {
  if (isMoney(value)) return `${formatMoney(value)} ${value.currency}`;
  return typeof value === "string" ? value : "nothing";
}
