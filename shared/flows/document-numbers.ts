import type { DocumentNumberPattern } from "#shared/domain/bank-rows.ts";

/**
 * How the numbers of our documents look in what payers write, for bank statements. A pattern without
 * a prefix takes any number of so many digits for a document: a date or a customer's number, too.
 */
export const documentNumberPatterns: readonly DocumentNumberPattern[] = [
  // Invoices and credit notes as Xero numbers them, where nobody chose otherwise.
  { prefix: "INV", separator: "-", digitsMin: 4, digitsMax: 8 },
  { prefix: "CN", separator: "-", digitsMin: 4, digitsMax: 8 },
];
