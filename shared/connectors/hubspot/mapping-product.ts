/** Products are products; nothing of ours can be unique there, so their code finds them. */
import type { Fields } from "#shared/domain/records.ts";
import {
  type FieldTable,
  MODIFIED_PROPERTY,
  type Properties,
  type PropertyPatch,
  readFields,
  readText,
  writeFields,
} from "./mapping.ts";

export const CODE_PROPERTY = "hs_sku";

/** What one costs the company, on products and on line items, which take it from their product. */
export const COST_PROPERTY = "hs_cost_of_goods_sold";

const productTable = {
  code: CODE_PROPERTY,
  name: "name",
  description: "description",
  unitPrice: "price",
  unitCost: COST_PROPERTY,
} as const satisfies FieldTable;

export const productProperties: readonly string[] = [
  ...Object.values(productTable),
  MODIFIED_PROPERTY,
];

export function readProduct(properties: Properties): Fields {
  return readFields("product", productTable, properties, null);
}

export function writeProduct(fields: Fields): PropertyPatch {
  return writeFields("product", productTable, fields, null);
}

/** The code of a product, or null where it has none and so could never be found again. */
export function codeOf(record: Fields): string | null {
  const code = record["code"];
  return typeof code === "string" ? readText(code.trim()) : null;
}
