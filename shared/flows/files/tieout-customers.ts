import type { FileProfile } from "#shared/domain/file-profile.ts";

/** Customers under plain headers, for those who have no file of their own yet. */
export const tieoutCustomers: FileProfile = {
  profile: "tieout-customers",
  connection: "files",
  speaksFor: "crm",
  recordType: "customer",
  layout: "row-per-record",
  fileNames: ["customers"],
  keyColumn: "id",
  requiredColumns: ["id", "name"],
  columns: {
    id: "key-only",
    name: [{ field: "name", as: "text" }],
    email: [{ field: "email", as: "text" }],
    phone: [{ field: "phone", as: "text" }],
    street: [{ field: "street", as: "text" }],
    city: [{ field: "city", as: "text" }],
    region: [{ field: "region", as: "text" }],
    postal_code: [{ field: "postalCode", as: "text" }],
    country: [{ field: "country", as: "text" }],
    segment: [{ field: "segment", as: "text" }],
    tax_number: [{ field: "taxNumber", as: "text" }],
    currency: [{ field: "currency", as: "currency" }],
    payment_terms_days: [{ field: "paymentTermsDays", as: "whole-number" }],
  },
  nullTexts: [],
  constants: {},
};
