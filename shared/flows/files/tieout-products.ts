import type { FileProfile } from "#shared/domain/file-profile.ts";

/** Products under plain headers; the code is the key. */
export const tieoutProducts: FileProfile = {
  profile: "tieout-products",
  connection: "files",
  speaksFor: "crm",
  recordType: "product",
  layout: "row-per-record",
  fileNames: ["products"],
  keyColumn: "code",
  requiredColumns: ["code", "name"],
  columns: {
    code: [{ field: "code", as: "key" }],
    name: [{ field: "name", as: "text" }],
    description: [{ field: "description", as: "text" }],
    unit_price: [{ field: "unitPrice", as: "decimal" }],
    unit_cost: [{ field: "unitCost", as: "decimal" }],
  },
  nullTexts: [],
  constants: {},
};
