/** The six CRM objects the simulator knows, and the names HubSpot has for each. */
import { HubspotFailure } from "./errors.ts";

export const OBJECT_TYPES = [
  "companies",
  "contacts",
  "products",
  "deals",
  "quotes",
  "line_items",
] as const;
export type ObjectType = (typeof OBJECT_TYPES)[number];

export interface ObjectKind {
  readonly type: ObjectType;
  /** The id in `0-*` form that v4 associations answer with. */
  readonly typeId: string;
  /** In `company.propertyChange` and in association names. */
  readonly singular: string;
  /** In error messages: `Could not get some COMPANY objects`. */
  readonly legacyName: string;
  /** The key under `associations` in a v3 answer; line items have a space there. */
  readonly associationsKey: string;
  readonly label: string;
  readonly modifiedProperty: "lastmodifieddate" | "hs_lastmodifieddate";
  /** What a read answers when it names no properties. */
  readonly defaultProperties: readonly string[];
  /** What `query` in a search looks at. */
  readonly queriedProperties: readonly string[];
}

const SYSTEM = ["createdate", "hs_lastmodifieddate", "hs_object_id"];

export const OBJECT_KINDS: Readonly<Record<ObjectType, ObjectKind>> = {
  companies: {
    type: "companies",
    typeId: "0-2",
    singular: "company",
    legacyName: "COMPANY",
    associationsKey: "companies",
    label: "Companies",
    modifiedProperty: "hs_lastmodifieddate",
    defaultProperties: [...SYSTEM, "domain", "name"],
    queriedProperties: ["name", "domain", "website", "phone"],
  },
  contacts: {
    type: "contacts",
    typeId: "0-1",
    singular: "contact",
    legacyName: "CONTACT",
    associationsKey: "contacts",
    label: "Contacts",
    modifiedProperty: "lastmodifieddate",
    defaultProperties: [
      "createdate",
      "email",
      "firstname",
      "hs_object_id",
      "lastmodifieddate",
      "lastname",
    ],
    queriedProperties: ["firstname", "lastname", "email", "phone"],
  },
  products: {
    type: "products",
    typeId: "0-7",
    singular: "product",
    legacyName: "PRODUCT",
    associationsKey: "products",
    label: "Products",
    modifiedProperty: "hs_lastmodifieddate",
    defaultProperties: [
      ...SYSTEM,
      "description",
      "hs_cost_of_goods_sold",
      "hs_recurring_billing_period",
      "hs_sku",
      "name",
      "price",
    ],
    queriedProperties: ["name", "description", "price", "hs_sku"],
  },
  deals: {
    type: "deals",
    typeId: "0-3",
    singular: "deal",
    legacyName: "DEAL",
    associationsKey: "deals",
    label: "Deals",
    modifiedProperty: "hs_lastmodifieddate",
    defaultProperties: [...SYSTEM, "amount", "closedate", "dealname", "dealstage", "pipeline"],
    queriedProperties: ["dealname", "pipeline", "dealstage", "description"],
  },
  quotes: {
    type: "quotes",
    typeId: "0-14",
    singular: "quote",
    legacyName: "QUOTE",
    associationsKey: "quotes",
    label: "Quotes",
    modifiedProperty: "hs_lastmodifieddate",
    defaultProperties: [...SYSTEM, "hs_expiration_date", "hs_status", "hs_title"],
    queriedProperties: ["hs_title"],
  },
  line_items: {
    type: "line_items",
    typeId: "0-8",
    singular: "line_item",
    legacyName: "LINE_ITEM",
    associationsKey: "line items",
    label: "Line items",
    modifiedProperty: "hs_lastmodifieddate",
    defaultProperties: [...SYSTEM, "hs_product_id", "quantity"],
    queriedProperties: ["name", "hs_sku"],
  },
};

const BY_NAME = new Map<string, ObjectKind>(
  Object.values(OBJECT_KINDS).flatMap((kind): [string, ObjectKind][] => [
    [kind.type, kind],
    [kind.singular, kind],
    [kind.typeId, kind],
  ]),
);

/** The kind named by a path: plural, singular or type id. Throws the 400 HubSpot answers otherwise. */
export function resolveKind(name: string): ObjectKind {
  const kind = BY_NAME.get(name.toLowerCase());
  if (kind === undefined) {
    throw new HubspotFailure({ status: 400, message: `Unable to infer object type from: ${name}` });
  }
  return kind;
}
