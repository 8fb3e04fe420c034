import type { Flow } from "#shared/domain/flow.ts";
import { rule, systemOfRecord } from "#shared/domain/policies.ts";

const crm = systemOfRecord("crm");
const books = systemOfRecord("books");

/** Products: the CRM's catalogue is what is sold; the books follow. One code is one product. */
export const productFlow: Flow = {
  recordType: "product",
  sides: {
    crm: { create: "always", whenEndedElsewhere: "keep" },
    books: { create: "always", whenEndedElsewhere: "keep" },
  },
  fields: {
    code: rule(crm, "crm", "books"),
    name: rule(crm, "crm", "books"),
    description: rule(crm, "crm", "books"),
    unitPrice: rule(crm, "crm", "books"),
    unitCost: rule(books, "crm", "books"),
  },
  match: [
    {
      kind: "code",
      keyOf: (fields) => (typeof fields["code"] === "string" ? fields["code"].trim() : undefined),
    },
  ],
  required: ["code", "name"],
};
