import type { FileProfile } from "#shared/domain/file-profile.ts";

/** Customers of the Northwind sample database. Contacts are persons, and no part of a customer. */
export const northwindCustomers: FileProfile = {
  profile: "northwind-customers",
  connection: "northwind",
  speaksFor: "crm",
  recordType: "customer",
  layout: "row-per-record",
  fileNames: ["customers"],
  keyColumn: "customerID",
  requiredColumns: ["customerID", "companyName"],
  columns: {
    customerID: "key-only",
    companyName: [{ field: "name", as: "text" }],
    contactName: "ignored",
    contactTitle: "ignored",
    address: [{ field: "street", as: "text" }],
    city: [{ field: "city", as: "text" }],
    region: [{ field: "region", as: "text" }],
    postalCode: [{ field: "postalCode", as: "text" }],
    country: [{ field: "country", as: "text" }],
    phone: [{ field: "phone", as: "text" }],
    fax: "ignored",
  },
  nullTexts: ["NULL"],
  constants: {},
};
