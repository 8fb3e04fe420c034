/** The accounting API's routes: which call means which rule. */
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { CONTACT_FIELDS, type ContactDetail, contactView } from "./contact-view.ts";
import { findContact, saveContact } from "./contacts.ts";
import { addOverpayments, addPrepayments } from "./advance-routes.ts";
import { addCreditNotes, addInvoices } from "./document-routes.ts";
import { answerRecords, answerWrites, notFound, queryOf, refuseWith } from "./envelope.ts";
import { findItem, ITEM_FIELDS, itemView, removeItem, saveItem } from "./items.ts";
import { isTrue, listFilter, listRecords } from "./listing.ts";
import { addAllocations, addPayments } from "./money-routes.ts";
import {
  ACCOUNT_FIELDS,
  ACCOUNTS_UPDATED_AT,
  accountView,
  type Books,
  CURRENCY_FIELDS,
  currencyView,
  organisationView,
  type WriteMode,
} from "./organisation.ts";
import type { ContactRecord, ItemRecord } from "./records.ts";
import { type AddRoute, type Answer, outcomeOf, specOf, unitDecimalsOf } from "./route-parts.ts";
import { TAX_RATE_FIELDS, taxRateOf, taxRateView } from "./tax-rates.ts";

/** All accounting routes, with paths that begin with `basePath`. */
export function accountingRoutes(books: Books, basePath: string): readonly Route[] {
  const routes: Route[] = [];
  const add = (method: string, path: string, answer: Answer): void => {
    routes.push({ method, path: `${basePath}${path}`, answer });
  };
  addContacts(books, add);
  addItems(books, add);
  addInvoices(books, add);
  addCreditNotes(books, add);
  addPrepayments(books, add);
  addOverpayments(books, add);
  addAllocations(books, add);
  addPayments(books, add);
  addSettings(books, add);
  return routes;
}

function addContacts(books: Books, add: AddRoute): void {
  const write = (request: SimRequest, mode: WriteMode<ContactRecord>): SimResponse =>
    answerWrites(books, request, specOf("Contact", "HasValidationErrors", mode), (element) =>
      outcomeOf(element, saveContact(books, element, mode), "ContactID", (contact) =>
        contactView(books, contact, "full"),
      ),
    );
  add("GET", "/Contacts", (request) => listContacts(books, request));
  add("PUT", "/Contacts", (request) => write(request, { kind: "create" }));
  add("POST", "/Contacts", (request) => write(request, { kind: "upsert" }));
  add("GET", "/Contacts/{id}", (request) => {
    const contact = findContact(books, request.params["id"] ?? "");
    if (contact === undefined) return notFound();
    return answerRecords(books, "Contacts", [contactView(books, contact, "full")]);
  });
  add("POST", "/Contacts/{id}", (request) => {
    const former = findContact(books, request.params["id"] ?? "");
    return former === undefined ? notFound() : write(request, { kind: "update", former });
  });
}

function listContacts(books: Books, request: SimRequest): SimResponse {
  const term = queryOf(request, "searchTerm")?.trim().toLowerCase() ?? "";
  const includesArchived = isTrue(request, "includeArchived");
  const { records, pagination } = listRecords(books, request, books.store.contacts, {
    fields: CONTACT_FIELDS,
    idOf: (contact) => contact.ContactID,
    updatedAt: (contact) => contact.UpdatedDateUTC,
    isPageable: true,
    filters: [
      includesArchived ? undefined : (contact) => contact.ContactStatus === "ACTIVE",
      listFilter(request, "IDs", (contact) => contact.ContactID),
      term === ""
        ? undefined
        : (contact) => searchedTexts(contact).some((text) => text.toLowerCase().includes(term)),
    ],
  });
  const paged = pagination === undefined ? "list" : "full";
  const detail: ContactDetail = isTrue(request, "summaryOnly") ? "summary" : paged;
  const views = records.map((contact) => contactView(books, contact, detail));
  return answerRecords(books, "Contacts", views, pagination);
}

function searchedTexts(contact: ContactRecord): readonly string[] {
  const { ContactNumber, EmailAddress, FirstName, LastName, Name, CompanyNumber } = contact;
  return [Name, FirstName, LastName, ContactNumber, CompanyNumber, EmailAddress];
}

function addItems(books: Books, add: AddRoute): void {
  const write = (request: SimRequest, mode: WriteMode<ItemRecord>): SimResponse => {
    const decimals = unitDecimalsOf(request);
    return answerWrites(books, request, specOf("Item", undefined, mode), (element) =>
      outcomeOf(element, saveItem(books, element, mode, decimals), "ItemID", (item) =>
        itemView(item, decimals),
      ),
    );
  };
  add("GET", "/Items", (request) => {
    const { records } = listRecords(books, request, books.store.items, {
      fields: ITEM_FIELDS,
      idOf: (item) => item.ItemID,
      updatedAt: (item) => item.UpdatedDateUTC,
      isPageable: false,
    });
    const decimals = unitDecimalsOf(request);
    return answerRecords(
      books,
      "Items",
      records.map((item) => itemView(item, decimals)),
    );
  });
  add("PUT", "/Items", (request) => write(request, { kind: "create" }));
  add("POST", "/Items", (request) => write(request, { kind: "upsert" }));
  add("GET", "/Items/{id}", (request) => {
    const item = findItem(books, request.params["id"] ?? "");
    if (item === undefined) return notFound();
    return answerRecords(books, "Items", [itemView(item, unitDecimalsOf(request))]);
  });
  add("POST", "/Items/{id}", (request) => {
    const former = findItem(books, request.params["id"] ?? "");
    return former === undefined ? notFound() : write(request, { kind: "update", former });
  });
  add("DELETE", "/Items/{id}", (request) => {
    const item = findItem(books, request.params["id"] ?? "");
    if (item === undefined) return notFound();
    const refusal = removeItem(books, item);
    return refusal === undefined ? { status: 204 } : refuseWith(refusal);
  });
}

function addSettings(books: Books, add: AddRoute): void {
  const { organisation, store } = books;
  add("GET", "/Organisation", () =>
    answerRecords(books, "Organisations", [organisationView(organisation, store)]),
  );
  add("GET", "/Accounts", (request) => {
    const { records } = listRecords(books, request, organisation.accounts, {
      fields: ACCOUNT_FIELDS,
      idOf: (account) => account.Code,
      updatedAt: () => ACCOUNTS_UPDATED_AT,
      isPageable: false,
    });
    return answerRecords(books, "Accounts", records.map(accountView));
  });
  add("GET", "/TaxRates", (request) => {
    const { records } = listRecords(books, request, organisation.taxRates, {
      fields: TAX_RATE_FIELDS,
      idOf: (taxRate) => taxRate.TaxType,
      updatedAt: () => ACCOUNTS_UPDATED_AT,
      isPageable: false,
    });
    return answerRecords(books, "TaxRates", records.map(taxRateView));
  });
  add("GET", "/TaxRates/{id}", (request) => {
    const taxRate = taxRateOf(organisation, request.params["id"] ?? "");
    if (taxRate === undefined) return notFound();
    return answerRecords(books, "TaxRates", [taxRateView(taxRate)]);
  });
  add("GET", "/Currencies", (request) => {
    const codes = [...organisation.dayRates.keys()];
    const { records } = listRecords(books, request, codes, {
      fields: CURRENCY_FIELDS,
      // In the order of their subscription, the base currency first.
      idOf: (code) => String(codes.indexOf(code)),
      updatedAt: () => ACCOUNTS_UPDATED_AT,
      isPageable: false,
    });
    return answerRecords(books, "Currencies", records.map(currencyView));
  });
}
