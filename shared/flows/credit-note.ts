import type { Flow } from "#shared/domain/flow.ts";
import { derived, rule, systemOfRecord } from "#shared/domain/policies.ts";
import { whileDraft } from "./while-draft.ts";

const books = systemOfRecord("books");

/** Credit notes live in the books: made there by a bookkeeper, or as drafts from an approved correction. */
export const creditNoteFlow: Flow = {
  recordType: "creditNote",
  sides: { books: { create: "always", whenEndedElsewhere: "keep" } },
  fields: {
    number: rule(books),
    reference: rule(whileDraft, "books"),
    customer: rule(whileDraft, "books"),
    invoice: rule(derived),
    order: rule(derived),
    status: rule(whileDraft, "books"),
    issuedOn: rule(whileDraft, "books"),
    currency: rule(whileDraft, "books"),
    exchangeRate: rule(books),
    taxTreatment: rule(whileDraft, "books"),
    lines: rule(whileDraft, "books"),
    subtotal: rule(books),
    tax: rule(books),
    total: rule(books),
    allocations: rule(books),
    amountOpen: rule(books),
    costOfSales: rule(derived),
  },
  match: [],
  isOver: ({ status }) => status === "void" || status === "deleted",
  required: ["reference", "customer", "lines", "currency"],
};
