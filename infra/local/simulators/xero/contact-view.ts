/**
 * How a contact is shown: with its addresses and phones always listed, and with what Xero works out
 * from the documents (customer or supplier, balances).
 */
import {
  CURRENCY_RATE_SCALE,
  divideHalfUp,
  MONEY_SCALE,
  scaled,
  tenTo,
  textOf,
} from "./decimal.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import type { Books } from "./organisation.ts";
import {
  ADDRESS_TYPES,
  CONTACT_TEXTS,
  type ContactRecord,
  type InvoiceRecord,
  PHONE_TYPES,
} from "./records.ts";
import type { Fields } from "./where.ts";
import { dateOf, wireInstant } from "./wire-dates.ts";

/**
 * `list`: an unpaged list. `full`: one contact, or a page: adds payment terms, balances and the
 * pointer of a merged contact. `summary`: `summaryOnly=true`, no computed fields. `embedded`: inside
 * a document.
 */
export type ContactDetail = "list" | "full" | "summary" | "embedded";

/** Shown even when empty; the other texts appear only when they hold something. */
const ALWAYS_SHOWN = new Set(["EmailAddress", "BankAccountDetails"]);

export function contactView(books: Books, contact: ContactRecord, detail: ContactDetail): Wire {
  return {
    ContactID: contact.ContactID,
    ...(detail === "full" && contact.MergedToContactID !== undefined
      ? { MergedToContactID: contact.MergedToContactID }
      : {}),
    ContactStatus: contact.ContactStatus,
    Name: contact.Name,
    ...shownTexts(contact),
    Addresses: ADDRESS_TYPES.map((type) => addressView(type, contact.Addresses[type])),
    Phones: PHONE_TYPES.map((type) => ({
      PhoneType: type,
      PhoneNumber: "",
      PhoneAreaCode: "",
      PhoneCountryCode: "",
      ...contact.Phones[type],
    })),
    UpdatedDateUTC: wireInstant(contact.UpdatedDateUTC),
    ...(detail === "summary" ? {} : computedFields(books, contact, detail)),
    HasAttachments: false,
    HasValidationErrors: false,
  };
}

export const CONTACT_FIELDS: Fields<ContactRecord> = {
  ContactID: (contact) => ({ guid: contact.ContactID }),
  ContactStatus: (contact) => contact.ContactStatus,
  Name: (contact) => contact.Name,
  ContactNumber: (contact) => contact.ContactNumber,
  AccountNumber: (contact) => contact.AccountNumber,
  EmailAddress: (contact) => contact.EmailAddress,
  TaxNumber: (contact) => contact.TaxNumber,
  FirstName: (contact) => contact.FirstName,
  LastName: (contact) => contact.LastName,
  UpdatedDateUTC: (contact) => ({ epochMs: contact.UpdatedDateUTC }),
};

function shownTexts(contact: ContactRecord): Wire {
  const shown: Record<string, string> = {};
  for (const field of Object.keys(CONTACT_TEXTS) as (keyof typeof CONTACT_TEXTS)[]) {
    if (contact[field] !== "" || ALWAYS_SHOWN.has(field)) shown[field] = contact[field];
  }
  return shown;
}

function addressView(type: string, address: Wire | undefined): Wire {
  const given = Object.entries(address ?? {}).filter(([, text]) => text !== "");
  return {
    AddressType: type,
    City: "",
    Region: "",
    PostalCode: "",
    Country: "",
    ...Object.fromEntries(given),
  };
}

function computedFields(books: Books, contact: ContactRecord, detail: ContactDetail): Wire {
  const invoices = books.store.invoices
    .by("contact", contact.ContactID)
    .filter((invoice) => invoice.Status !== "DELETED");
  const hasType = (type: InvoiceRecord["Type"]): boolean =>
    invoices.some((invoice) => invoice.Type === type);
  const isCustomer = hasType("ACCREC");
  const isSupplier = hasType("ACCPAY");
  return {
    IsSupplier: isSupplier,
    IsCustomer: isCustomer,
    ContactGroups: [],
    SalesTrackingCategories: [],
    PurchasesTrackingCategories: [],
    ContactPersons: contact.ContactPersons,
    ...(detail === "full" ? { PaymentTerms: contact.PaymentTerms } : {}),
    ...(detail === "full" && (isCustomer || isSupplier)
      ? {
          Balances: {
            AccountsReceivable: balanceView(books, invoices, "ACCREC"),
            AccountsPayable: balanceView(books, invoices, "ACCPAY"),
          },
        }
      : {}),
  };
}

/** Outstanding and overdue in the base currency, at each document's own rate. */
function balanceView(
  books: Books,
  invoices: readonly InvoiceRecord[],
  type: InvoiceRecord["Type"],
): Wire {
  const today = dateOf(books.store.now);
  let outstanding = 0n;
  let overdue = 0n;
  for (const invoice of invoices) {
    if (invoice.Type !== type || invoice.Status !== "AUTHORISED") continue;
    const due = divideHalfUp(
      scaled(invoice.AmountDue, MONEY_SCALE) * tenTo(CURRENCY_RATE_SCALE),
      scaled(invoice.CurrencyRate, CURRENCY_RATE_SCALE),
    );
    outstanding += due;
    if (invoice.DueDate < today) overdue += due;
  }
  return {
    Outstanding: exact(textOf(outstanding, MONEY_SCALE)),
    Overdue: exact(textOf(overdue, MONEY_SCALE)),
  };
}
