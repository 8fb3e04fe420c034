import type { Flow } from "#shared/domain/flow.ts";
import { rule, systemOfRecord } from "#shared/domain/policies.ts";

const books = systemOfRecord("books");

/** Payments are read from the books, never inferred and never written. */
export const paymentFlow: Flow = {
  recordType: "payment",
  sides: { books: { create: "never", whenEndedElsewhere: "keep" } },
  fields: {
    kind: rule(books),
    invoice: rule(books),
    creditNote: rule(books),
    customer: rule(books),
    status: rule(books),
    amount: rule(books),
    allocations: rule(books),
    amountOpen: rule(books),
    paidOn: rule(books),
    reference: rule(books),
  },
  match: [],
  required: [],
};
