import { type CustomField, followsOrder } from "#shared/domain/custom-field.ts";
import { oneWayOut } from "#shared/domain/lens.ts";
import { shortened, text, upperCase } from "#shared/domain/lenses.ts";
import { newest, systemOfRecord } from "#shared/domain/policies.ts";

const crm = systemOfRecord("crm");

export const customFields: readonly CustomField[] = [
  // The company property `account_manager` stands on the contact, as its account number.
  {
    recordType: "customer",
    field: "accountManager",
    holds: { kind: "text" },
    policy: crm,
    places: {
      crm: { at: "account_manager", lens: text },
      books: { at: "AccountNumber", lens: text },
    },
  },
  // Either system may correct the registration number; whether in capitals says nothing.
  {
    recordType: "customer",
    field: "registrationNumber",
    holds: { kind: "text" },
    policy: newest,
    places: {
      crm: { at: "registration_number", lens: upperCase({ modulo: "case" }) },
      books: { at: "CompanyNumber", lens: upperCase({ modulo: "case" }) },
    },
  },
  // Cut where it is too long for the books, so it can never come back from there.
  {
    recordType: "product",
    field: "purchaseText",
    holds: { kind: "text" },
    policy: crm,
    places: {
      crm: { at: "purchase_text", lens: text },
      books: { at: "PurchaseDescription", lens: shortened(4000) },
    },
  },
  // A deal's link to its delivery note, which the draft invoice takes over as its link.
  {
    recordType: "order",
    field: "deliveryNote",
    holds: { kind: "text" },
    policy: crm,
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
