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
  type CreditRecord,
  type DocumentRecord,
  type InvoiceRecord,
  PHONE_TYPES,
} from "./records.ts";
import type { Table } from "./table.ts";
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
  const isCustomer = trades(books, contact, SALES);
  const isSupplier = trades(books, contact, PURCHASES);
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
            AccountsReceivable: balanceView(books, contact, SALES),
            AccountsPayable: balanceView(books, contact, PURCHASES),
          },
        }
      : {}),
  };
}

/** One side of trade: its invoices, and the credits that they are settled with. */
interface Side {
  readonly invoice: InvoiceRecord["Type"];
  readonly credits: readonly CreditRecord["Type"][];
}

const SALES: Side = {
  invoice: "ACCREC",
  credits: ["ACCRECCREDIT", "RECEIVE-PREPAYMENT", "RECEIVE-OVERPAYMENT"],
};
const PURCHASES: Side = { invoice: "ACCPAY", credits: ["ACCPAYCREDIT"] };

/** Whether the contact has a document of that side that was not deleted. */
function trades({ store }: Books, { ContactID }: ContactRecord, side: Side): boolean {
  return (
    store.invoices.has("trade", `${ContactID}:${side.invoice}`) ||
    side.credits.some(
      (type) =>
        store.creditNotes.has("trade", `${ContactID}:${type}`) ||
        store.prepayments.has("trade", `${ContactID}:${type}`) ||
        store.overpayments.has("trade", `${ContactID}:${type}`),
    )
  );
}

/**
 * Outstanding and overdue in the base currency, at each document's own rate: what is due of invoices,
 * less what remains of credits.
 */
function balanceView({ store }: Books, { ContactID }: ContactRecord, side: Side): Wire {
  const today = dateOf(store.now);
  const open = <T extends DocumentRecord & { readonly Type: string }>(
    table: Table<T>,
    type: string,
  ): readonly T[] =>
    table.by("trade", `${ContactID}:${type}`).filter((one) => one.Status === "AUTHORISED");
  let outstanding = 0n;
  let overdue = 0n;
  for (const invoice of open(store.invoices, side.invoice)) {
    const due = inBaseCurrency(invoice.AmountDue, invoice);
    outstanding += due;
    if (invoice.DueDate < today) overdue += due;
  }
  for (const type of side.credits) {
    const credits: readonly CreditRecord[] = [
      ...open(store.creditNotes, type),
      ...open(store.prepayments, type),
      ...open(store.overpayments, type),
    ];
    for (const credit of credits) outstanding -= inBaseCurrency(credit.RemainingCredit, credit);
  }
  return {
    Outstanding: exact(textOf(outstanding, MONEY_SCALE)),
    Overdue: exact(textOf(overdue, MONEY_SCALE)),
  };
}

function inBaseCurrency(amount: string, { CurrencyRate }: DocumentRecord): bigint {
  return divideHalfUp(
    scaled(amount, MONEY_SCALE) * tenTo(CURRENCY_RATE_SCALE),
    scaled(CurrencyRate, CURRENCY_RATE_SCALE),
  );
}
