import type { FileProfile } from "#shared/domain/file-profile.ts";
import { billingPeriods, taxTreatments } from "#shared/domain/records.ts";

/**
 * Won orders under plain headers, one row per line; customers and products are named by their keys.
 * Shipping and billing are the whole order's, tax code and cost those of a line.
 */
export const tieoutOrders: FileProfile = {
  profile: "tieout-orders",
  connection: "files",
  speaksFor: "crm",
  recordType: "order",
  layout: "row-per-line",
  fileNames: ["orders", "order-lines", "order_lines"],
  keyColumn: "order_number",
  requiredColumns: [
    "order_number",
    "customer_id",
    "order_date",
    "currency",
    "unit_price",
    "quantity",
  ],
  columns: {
    order_number: [{ field: "number", as: "key" }],
    customer_id: [{ field: "customer", as: "reference", to: "customer" }],
    order_date: [{ field: "orderedOn", as: "date" }],
    currency: [{ field: "currency", as: "currency" }],
    exchange_rate: [{ field: "exchangeRate", as: "decimal" }],
    tax_treatment: [{ field: "taxTreatment", as: "one-of", values: taxTreatments }],
    shipping: [{ field: "shipping", as: "amount" }],
    billing_period: [{ field: "billingPeriod", as: "one-of", values: billingPeriods }],
    billing_start: [{ field: "billingStartsOn", as: "date" }],
    billing_end: [{ field: "billingEndsOn", as: "date" }],
    product_code: [
      { line: "product", as: "reference", to: "product" },
      { line: "productCode", as: "key" },
    ],
    description: [{ line: "description", as: "text" }],
    unit_price: [{ line: "unitPrice", as: "decimal" }],
    quantity: [{ line: "quantity", as: "decimal" }],
    discount: [{ line: "discountRate", as: "fraction" }],
    tax_code: [{ line: "taxCode", as: "key" }],
    unit_cost: [{ line: "unitCost", as: "decimal" }],
  },
  nullTexts: [],
  constants: { status: "won" },
};
