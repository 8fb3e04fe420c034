/** Finds invoices by what a caller may name them with. Deleted ones have given their number back. */
import type { Books } from "./organisation.ts";
import type { InvoiceRecord } from "./records.ts";
import { foldCase } from "./store.ts";

/** The invoice of an InvoiceID, or of an InvoiceNumber (a sales invoice before a bill). */
export function findInvoice(books: Books, idOrNumber: string): InvoiceRecord | undefined {
  const byId = books.store.invoices.get(idOrNumber);
  if (byId !== undefined) return byId;
  return salesInvoiceNumbered(books, idOrNumber) ?? numbered(books, idOrNumber)[0];
}

function numbered(books: Books, number: string): readonly InvoiceRecord[] {
  return books.store.invoices
    .by("number", foldCase(number))
    .filter((invoice) => invoice.Status !== "DELETED");
}

export function salesInvoiceNumbered(books: Books, number: string): InvoiceRecord | undefined {
  return numbered(books, number).find((invoice) => invoice.Type === "ACCREC");
}
