/** Which properties the pages show of each type, and how each is edited. */
import type { Properties } from "./calculated.ts";
import type { Crm } from "./crm.ts";
import type { ObjectKind, ObjectType } from "./object-types.ts";
import type { FormField } from "./page.ts";
import type { PropertyDefinition } from "./properties.ts";
import { currentVersion, isLive, type StoredRecord } from "./records.ts";

export const LIST_COLUMNS: Readonly<Record<ObjectType, readonly string[]>> = {
  companies: ["domain", "phone", "city", "country", "lifecyclestage"],
  contacts: ["email", "phone", "company", "jobtitle"],
  products: ["hs_sku", "price", "description"],
  deals: ["dealstage", "amount", "deal_currency_code", "closedate"],
  quotes: ["hs_quote_status", "hs_expiration_date", "hs_currency"],
  line_items: [
    "hs_sku",
    "quantity",
    "price",
    "hs_discount_percentage",
    "amount",
    "recurringbillingfrequency",
  ],
};

export const RELATED_TYPES: Readonly<Record<ObjectType, readonly ObjectType[]>> = {
  companies: ["contacts", "deals"],
  contacts: ["companies", "deals"],
  products: [],
  deals: ["companies", "contacts", "line_items", "quotes"],
  quotes: ["deals", "line_items"],
  line_items: ["deals", "quotes"],
};

const EDITED: Readonly<Record<ObjectType, readonly string[]>> = {
  companies: [
    "name",
    "domain",
    "phone",
    "address",
    "address2",
    "city",
    "state",
    "zip",
    "country",
    "website",
    "industry",
    "type",
    "lifecyclestage",
    "numberofemployees",
    "annualrevenue",
    "description",
  ],
  contacts: [
    "firstname",
    "lastname",
    "email",
    "phone",
    "mobilephone",
    "company",
    "jobtitle",
    "address",
    "city",
    "state",
    "zip",
    "country",
    "lifecyclestage",
  ],
  products: [
    "name",
    "hs_sku",
    "price",
    "hs_cost_of_goods_sold",
    "recurringbillingfrequency",
    "hs_recurring_billing_period",
    "hs_folder",
    "description",
  ],
  deals: [
    "dealname",
    "dealstage",
    "pipeline",
    "amount",
    "deal_currency_code",
    "closedate",
    "dealtype",
    "description",
    "hs_is_closed_won",
  ],
  quotes: [
    "hs_title",
    "hs_expiration_date",
    "hs_template_type",
    "hs_acceptance_method",
    "hs_currency",
    "hs_status",
    "hs_quote_status",
  ],
  line_items: [
    "hs_product_id",
    "name",
    "hs_sku",
    "quantity",
    "price",
    "hs_discount_percentage",
    "discount",
    "hs_line_item_currency_code",
    "hs_cost_of_goods_sold",
    "recurringbillingfrequency",
    "hs_recurring_billing_start_date",
    "hs_recurring_billing_period",
    "description",
    "amount",
  ],
};

/** How a person calls the record. */
export function nameOf(record: StoredRecord): string {
  const { properties } = currentVersion(record);
  const person = [properties["firstname"], properties["lastname"]].filter(Boolean).join(" ");
  const named =
    properties["name"] ?? properties["dealname"] ?? properties["domain"] ?? properties["hs_title"];
  return named ?? (person === "" ? (properties["email"] ?? `Record ${record.id}`) : person);
}

/** The form's fields: the usual ones, then the account's custom properties. */
export function fieldsOf(
  crm: Crm,
  kind: ObjectKind,
  values: Properties,
  isNew: boolean,
): readonly FormField[] {
  const usual = EDITED[kind.type].flatMap((name) => crm.parts.catalog.find(kind.type, name) ?? []);
  const custom = crm.parts.catalog.list(kind.type).filter((property) => !property.hubspotDefined);
  return [...usual, ...custom]
    .filter((definition) => !(isNew && definition.readOnly))
    .map((definition) => fieldOf(crm, definition, values[definition.name] ?? ""));
}

function fieldOf(crm: Crm, definition: PropertyDefinition, value: string): FormField {
  const { name, label } = definition;
  const field = { name, label, value };
  if (definition.readOnly) return { ...field, kind: "fixed" };
  if (name === "hs_product_id") return { ...field, kind: "choice", choices: productChoices(crm) };
  if (definition.fieldType === "textarea") return { ...field, kind: "multiline" };
  const isChoice = definition.options.length > 0 && definition.fieldType !== "checkbox";
  return isChoice
    ? { ...field, kind: "choice", choices: definition.options }
    : { ...field, kind: "text" };
}

function productChoices(crm: Crm): readonly { value: string; label: string }[] {
  const products = crm.parts.store.all("products").filter(isLive);
  return products.map((record) => ({ value: record.id, label: nameOf(record) }));
}
