import type { FileProfile } from "#shared/domain/file-profile.ts";

/**
 * Orders of the Northwind sample database, joined with their lines. All of them are shipped, hence
 * won. Freight is left out: an order's total is the sum of its lines. The required date is one of
 * delivery; when an invoice is due follows from the customer's terms.
 */
export const northwindOrderLines: FileProfile = {
  profile: "northwind-order-lines",
  connection: "northwind",
  speaksFor: "crm",
  recordType: "order",
  layout: "row-per-line",
  fileNames: ["order_lines", "orders"],
  keyColumn: "orderID",
  requiredColumns: [
    "orderID",
    "customerID",
    "orderDate",
    "currency",
    "productID",
    "unitPrice",
    "quantity",
  ],
  columns: {
    orderID: [{ field: "number", as: "key" }],
    customerID: [{ field: "customer", as: "reference", to: "customer" }],
    orderDate: [{ field: "orderedOn", as: "date" }],
    requiredDate: "ignored",
    shippedDate: "ignored",
    freight: "ignored",
    currency: [{ field: "currency", as: "currency" }],
    productID: [
      { line: "product", as: "reference", to: "product" },
      { line: "productCode", as: "key" },
    ],
    productName: [{ line: "description", as: "text" }],
    unitPrice: [{ line: "unitPrice", as: "decimal" }],
    quantity: [{ line: "quantity", as: "decimal" }],
    discount: [{ line: "discountRate", as: "fraction" }],
  },
  nullTexts: ["NULL"],
  constants: { status: "won" },
};
