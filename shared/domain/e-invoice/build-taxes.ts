/** The breakdown of tax: what the books took, for each category and rate. */
import { add, type Money } from "../money.ts";
import type { BuiltLines, TaxTable } from "./build-lines.ts";
import type { TaxSubtotal } from "./model.ts";
import type { EInvoiceRefusal } from "./refusal.ts";
import { isSameTax } from "./rules-tax.ts";

/**
 * In the order in which the document names them. Where the books did not tell the tax of each line,
 * a document with one category has all of it there; with several it is refused, since nothing here
 * works out a tax.
 */
export function buildTaxes(
  { parts }: BuiltLines,
  table: TaxTable,
  documentTax: Money,
): { readonly kind: "built"; readonly taxes: readonly TaxSubtotal[] } | EInvoiceRefusal {
  const taxes: TaxSubtotal[] = [];
  let isTold = true;
  for (const { code, amount, tax } of parts) {
    const entry = table[code];
    if (entry === undefined) continue;
    isTold &&= tax !== null;
    const known = tax ?? { minor: 0n, currency: amount.currency };
    const index = taxes.findIndex((subtotal) => isSameTax(subtotal, entry));
    const sofar = taxes[index];
    if (sofar === undefined) taxes.push({ ...entry, taxable: amount, tax: known });
    else {
      taxes[index] = { ...sofar, taxable: add(sofar.taxable, amount), tax: add(sofar.tax, known) };
    }
  }
  const [only, another] = taxes;
  if (isTold) return { kind: "built", taxes };
  if (only !== undefined && another === undefined) {
    return { kind: "built", taxes: [{ ...only, tax: documentTax }] };
  }
  return {
    kind: "refused",
    code: "e-invoice-tax-missing",
    fix: "The books tell no tax of some lines; open the document in the books and save it again.",
    field: "lines",
  };
}
