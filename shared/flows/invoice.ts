import type { Flow } from "#shared/domain/flow.ts";
import { derived, rule, systemOfRecord } from "#shared/domain/policies.ts";
import type { Fields } from "#shared/domain/records.ts";
import { whileDraft } from "./while-draft.ts";

const books = systemOfRecord("books");

/** Invoices live in the books: made there as drafts from won orders, or by a bookkeeper. */
export const invoiceFlow: Flow = {
  recordType: "invoice",
  sides: { books: { create: "always", whenEndedElsewhere: "keep" } },
  fields: {
    number: rule(books),
    reference: rule(whileDraft, "books"),
    customer: rule(whileDraft, "books"),
    order: rule(derived),
    // A draft may be withdrawn with its order; what was issued ends by the books' own hand.
    status: rule(whileDraft, "books"),
    issuedOn: rule(whileDraft, "books"),
    dueOn: rule(whileDraft, "books"),
    currency: rule(whileDraft, "books"),
    exchangeRate: rule(whileDraft, "books"),
    taxTreatment: rule(whileDraft, "books"),
    lines: rule(whileDraft, "books"),
    subtotal: rule(books),
    tax: rule(books),
    total: rule(books),
    amountPaid: rule(books),
    amountCredited: rule(books),
    amountDue: rule(books),
    allocations: rule(books),
    costOfSales: rule(derived),
  },
  match: [{ kind: "reference-and-customer", keyOf: referenceKey }],
  isOver: ({ status }) => status === "void" || status === "deleted",
  required: ["reference", "customer", "lines", "currency"],
};

/** The natural key of an invoice made from an order; a void one never stands for it. */
function referenceKey(fields: Fields): string | undefined {
  const { reference, customer, status } = fields;
  if (typeof reference !== "string" || status === "void" || status === "deleted") return undefined;
  const isKnown = typeof customer === "object" && customer !== null && "canonicalId" in customer;
  return isKnown ? `${customer.canonicalId} ${reference.trim()}` : undefined;
}
