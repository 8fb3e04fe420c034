/** Declarations of custom fields for tests; the table that is shipped is empty. */
import type { CustomField } from "#shared/domain/custom-field.ts";
import { followsOrder } from "#shared/domain/custom-field.ts";
import { oneWayOut } from "#shared/domain/lens.ts";
import { choice, text } from "#shared/domain/lenses.ts";
import { newest, systemOfRecord } from "#shared/domain/policies.ts";

/** The CRM says who looks after a customer, and the books show it. */
export const accountManager: CustomField = {
  recordType: "customer",
  field: "accountManager",
  holds: { kind: "text" },
  policy: systemOfRecord("crm"),
  places: {
    crm: { at: "account_manager", lens: text },
    books: { at: "AccountNumber", lens: text },
  },
};

/** Either may change it, and each writes it in words of its own. */
export const tier: CustomField = {
  recordType: "customer",
  field: "tier",
  holds: { kind: "one-of", values: ["gold", "silver"] },
  policy: newest,
  places: {
    crm: { at: "tier", lens: choice({ tier_1: "gold", tier_2: "silver" }) },
    books: { at: "CompanyNumber", lens: choice({ GOLD: "gold", SILVER: "silver" }) },
  },
};

/** The buyer's wording of a product, one way. */
export const purchaseText: CustomField = {
  recordType: "product",
  field: "purchaseText",
  holds: { kind: "text" },
  policy: systemOfRecord("crm"),
  places: {
    crm: { at: "purchase_text", lens: text },
    books: { at: "PurchaseDescription", lens: oneWayOut(text) },
  },
};

/** A deal's link to its delivery note, and the draft invoice that shows it. */
export const deliveryNote: readonly CustomField[] = [
  {
    recordType: "order",
    field: "deliveryNote",
    holds: { kind: "text" },
    policy: systemOfRecord("crm"),
    places: { crm: { at: "delivery_note", lens: text } },
  },
  {
    recordType: "invoice",
    field: "deliveryNote",
    holds: { kind: "text" },
    policy: followsOrder,
    places: { books: { at: "Url", lens: oneWayOut(text) } },
  },
];

export const customFieldsOfTests: readonly CustomField[] = [
  accountManager,
  tier,
  purchaseText,
  ...deliveryNote,
];
