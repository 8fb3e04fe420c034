import type { FileProfile } from "#shared/domain/file-profile.ts";

/** Products of the Northwind sample database; its product id serves as the code on documents. */
export const northwindProducts: FileProfile = {
  profile: "northwind-products",
  connection: "northwind",
  speaksFor: "crm",
  recordType: "product",
  layout: "row-per-record",
  fileNames: ["products"],
  keyColumn: "productID",
  requiredColumns: ["productID", "productName"],
  columns: {
    productID: [{ field: "code", as: "key" }],
    productName: [{ field: "name", as: "text" }],
    supplierID: "ignored",
    categoryID: "ignored",
    quantityPerUnit: [{ field: "description", as: "text" }],
    unitPrice: [{ field: "unitPrice", as: "decimal" }],
    unitsInStock: "ignored",
    unitsOnOrder: "ignored",
    reorderLevel: "ignored",
    discontinued: "ignored",
  },
  nullTexts: ["NULL"],
  constants: {},
};
