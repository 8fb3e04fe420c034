/** The accounting API's routes: which call means which rule. */
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { CONTACT_FIELDS, type ContactDetail, contactView } from "./contact-view.ts";
import { findContact, saveContact } from "./contacts.ts";
import type { Element } from "./element.ts";
import {
  answerRecords,
  answerWrites,
  notFound,
  queryOf,
  refuseWith,
  type Wire,
  type WriteOutcome,
  type WriteSpec,
  ZERO_GUID,
} from "./envelope.ts";
import { findInvoice } from "./invoice-lookup.ts";
import { INVOICE_FIELDS, type InvoiceDetail, invoiceView } from "./invoice-view.ts";
import { saveInvoice } from "./invoices.ts";
import {
  findItem,
  ITEM_FIELDS,
  itemView,
  removeItem,
  saveItem,
  UNIT_DECIMALS_DEFAULT,
  type UnitDecimals,
} from "./items.ts";
import { isTrue, listParameter, listRecords } from "./listing.ts";
import {
  ACCOUNT_FIELDS,
  ACCOUNTS_UPDATED_AT,
  accountView,
  type Books,
  currencyViews,
  organisationView,
  type Saved,
  TAX_RATE_FIELDS,
  taxRateView,
  type WriteMode,
} from "./organisation.ts";
import { createPayment, deletePayment, paymentFields, paymentView } from "./payments.ts";
import type { ContactRecord, InvoiceRecord, ItemRecord } from "./records.ts";

type Answer = (request: SimRequest) => SimResponse;

/** All accounting routes, with paths that begin with `basePath`. */
export function accountingRoutes(books: Books, basePath: string): readonly Route[] {
  const routes: Route[] = [];
  const add = (method: string, path: string, answer: Answer): void => {
    routes.push({ method, path: `${basePath}${path}`, answer });
  };
  addContacts(books, add);
  addItems(books, add);
  addInvoices(books, add);
  addPayments(books, add);
  addSettings(books, add);
  return routes;
}

type AddRoute = (method: string, path: string, answer: Answer) => void;

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
  const ids = listParameter(request, "IDs");
  const term = queryOf(request, "searchTerm")?.trim().toLowerCase() ?? "";
  const includesArchived = isTrue(request, "includeArchived");
  const { records, pagination } = listRecords(request, books.store.contacts.all(), {
    fields: CONTACT_FIELDS,
    idOf: (contact) => contact.ContactID,
    updatedAt: (contact) => contact.UpdatedDateUTC,
    isPageable: true,
    keeps: (contact) =>
      (includesArchived || contact.ContactStatus === "ACTIVE") &&
      (ids?.has(contact.ContactID) ?? true) &&
      searchedTexts(contact).some((text) => text.toLowerCase().includes(term)),
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
    const { records } = listRecords(request, books.store.items.all(), {
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

function addInvoices(books: Books, add: AddRoute): void {
  const write = (request: SimRequest, mode: WriteMode<InvoiceRecord>): SimResponse => {
    const decimals = unitDecimalsOf(request);
    return answerWrites(books, request, specOf("Invoice", "HasErrors", mode), (element) =>
      outcomeOf(element, saveInvoice(books, element, mode, decimals), "InvoiceID", (invoice) =>
        invoiceView(books, invoice, "full", decimals),
      ),
    );
  };
  add("GET", "/Invoices", (request) => listInvoices(books, request));
  add("PUT", "/Invoices", (request) => write(request, { kind: "create" }));
  add("POST", "/Invoices", (request) => write(request, { kind: "upsert" }));
  add("GET", "/Invoices/{id}", (request) => {
    const invoice = findInvoice(books, request.params["id"] ?? "");
    if (invoice === undefined) return notFound();
    return answerRecords(books, "Invoices", [
      invoiceView(books, invoice, "full", unitDecimalsOf(request)),
    ]);
  });
  add("POST", "/Invoices/{id}", (request) => {
    const former = findInvoice(books, request.params["id"] ?? "");
    return former === undefined ? notFound() : write(request, { kind: "update", former });
  });
}

function listInvoices(books: Books, request: SimRequest): SimResponse {
  const ids = listParameter(request, "IDs");
  const numbers = listParameter(request, "InvoiceNumbers");
  const contactIds = listParameter(request, "ContactIDs");
  const statuses = listParameter(request, "Statuses");
  const { records, pagination } = listRecords(request, books.store.invoices.all(), {
    fields: INVOICE_FIELDS,
    idOf: (invoice) => invoice.InvoiceID,
    updatedAt: (invoice) => invoice.UpdatedDateUTC,
    isPageable: true,
    keeps: (invoice) =>
      (ids?.has(invoice.InvoiceID) ?? true) &&
      (numbers?.has(invoice.InvoiceNumber.toLowerCase()) ?? true) &&
      (contactIds?.has(invoice.ContactID) ?? true) &&
      (statuses?.has(invoice.Status.toLowerCase()) ?? true),
  });
  const paged = pagination === undefined ? "list" : "full";
  const detail: InvoiceDetail = isTrue(request, "summaryOnly") ? "summary" : paged;
  const decimals = unitDecimalsOf(request);
  const views = records.map((invoice) => invoiceView(books, invoice, detail, decimals));
  return answerRecords(books, "Invoices", views, pagination);
}

function addPayments(books: Books, add: AddRoute): void {
  const view = (payment: Parameters<typeof paymentView>[1]): Wire =>
    paymentView(books, payment, true);
  const spec = {
    plural: "Payments",
    idField: "PaymentID",
    errorFlag: "HasValidationErrors",
  } as const;
  const create: Answer = (request) =>
    answerWrites(books, request, { ...spec, isAddressed: false }, (element) =>
      outcomeOf(element, createPayment(books, element), "PaymentID", view),
    );
  add("GET", "/Payments", (request) => {
    const { records, pagination } = listRecords(request, books.store.payments.all(), {
      fields: paymentFields(books),
      idOf: (payment) => payment.PaymentID,
      updatedAt: (payment) => payment.UpdatedDateUTC,
      isPageable: true,
    });
    const views = records.map((payment) => paymentView(books, payment, false));
    return answerRecords(books, "Payments", views, pagination);
  });
  add("PUT", "/Payments", create);
  add("POST", "/Payments", create);
  add("GET", "/Payments/{id}", (request) => {
    const payment = books.store.payments.get(request.params["id"] ?? "");
    return payment === undefined ? notFound() : answerRecords(books, "Payments", [view(payment)]);
  });
  add("POST", "/Payments/{id}", (request) => {
    const former = books.store.payments.get(request.params["id"] ?? "");
    if (former === undefined) return notFound();
    return answerWrites(books, request, { ...spec, isAddressed: true }, (element) =>
      outcomeOf(element, deletePayment(books, element, former), "PaymentID", view),
    );
  });
}

function addSettings(books: Books, add: AddRoute): void {
  const { organisation, store } = books;
  add("GET", "/Organisation", () =>
    answerRecords(books, "Organisations", [organisationView(organisation, store)]),
  );
  add("GET", "/Accounts", (request) => {
    const { records } = listRecords(request, organisation.accounts, {
      fields: ACCOUNT_FIELDS,
      idOf: (account) => account.Code,
      updatedAt: () => ACCOUNTS_UPDATED_AT,
      isPageable: false,
    });
    return answerRecords(books, "Accounts", records.map(accountView));
  });
  add("GET", "/TaxRates", (request) => {
    const { records } = listRecords(request, organisation.taxRates, {
      fields: TAX_RATE_FIELDS,
      idOf: (taxRate) => taxRate.TaxType,
      updatedAt: () => ACCOUNTS_UPDATED_AT,
      isPageable: false,
    });
    return answerRecords(books, "TaxRates", records.map(taxRateView));
  });
  add("GET", "/Currencies", () => answerRecords(books, "Currencies", currencyViews(organisation)));
}

function specOf<T>(
  singular: string,
  errorFlag: WriteSpec["errorFlag"],
  mode: WriteMode<T>,
): WriteSpec {
  const isAddressed = mode.kind === "update";
  return { plural: `${singular}s`, idField: `${singular}ID`, errorFlag, isAddressed };
}

function unitDecimalsOf(request: SimRequest): UnitDecimals {
  return queryOf(request, "unitdp") === "4" ? 4 : UNIT_DECIMALS_DEFAULT;
}

/** A refused element is echoed as it stands in the books, or as it was sent with the zero GUID. */
function outcomeOf<T>(
  element: Element,
  saved: Saved<T>,
  idField: string,
  view: (record: T) => Wire,
): WriteOutcome {
  if (saved.kind === "saved") return { kind: "written", view: view(saved.record) };
  const { former, messages } = saved;
  const echo = former === undefined ? { ...element, [idField]: ZERO_GUID } : view(former);
  return { kind: "refused", messages, echo };
}
