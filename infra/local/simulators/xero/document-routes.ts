/** The routes of invoices, bills and credit notes. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { CREDIT_NOTE_FIELDS, creditNoteView } from "./credit-note-view.ts";
import { findCreditNote, saveCreditNote } from "./credit-notes.ts";
import type { DocumentDetail } from "./document-view.ts";
import { answerRecords, answerWrites, notFound } from "./envelope.ts";
import { findInvoice } from "./invoice-lookup.ts";
import { INVOICE_FIELDS, invoiceView } from "./invoice-view.ts";
import { saveInvoice } from "./invoices.ts";
import { isTrue, listFilter, listRecords } from "./listing.ts";
import type { Books, WriteMode } from "./organisation.ts";
import type { CreditNoteRecord, InvoiceRecord } from "./records.ts";
import { type AddRoute, outcomeOf, specOf, unitDecimalsOf } from "./route-parts.ts";

export function addInvoices(books: Books, add: AddRoute): void {
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
  const { records, pagination } = listRecords(books, request, books.store.invoices, {
    fields: INVOICE_FIELDS,
    idOf: (invoice) => invoice.InvoiceID,
    updatedAt: (invoice) => invoice.UpdatedDateUTC,
    isPageable: true,
    filters: [
      listFilter(request, "IDs", (invoice) => invoice.InvoiceID),
      listFilter(request, "InvoiceNumbers", (invoice) => invoice.InvoiceNumber),
      listFilter(request, "ContactIDs", (invoice) => invoice.ContactID),
      listFilter(request, "Statuses", (invoice) => invoice.Status),
    ],
  });
  const paged = pagination === undefined ? "list" : "full";
  const detail: DocumentDetail = isTrue(request, "summaryOnly") ? "summary" : paged;
  const decimals = unitDecimalsOf(request);
  const views = records.map((invoice) => invoiceView(books, invoice, detail, decimals));
  return answerRecords(books, "Invoices", views, pagination);
}

export function addCreditNotes(books: Books, add: AddRoute): void {
  const write = (request: SimRequest, mode: WriteMode<CreditNoteRecord>): SimResponse => {
    const decimals = unitDecimalsOf(request);
    return answerWrites(books, request, specOf("CreditNote", "HasErrors", mode), (element) =>
      outcomeOf(element, saveCreditNote(books, element, mode, decimals), "CreditNoteID", (note) =>
        creditNoteView(books, note, "full", decimals),
      ),
    );
  };
  add("GET", "/CreditNotes", (request) => listCreditNotes(books, request));
  add("PUT", "/CreditNotes", (request) => write(request, { kind: "create" }));
  add("POST", "/CreditNotes", (request) => write(request, { kind: "upsert" }));
  add("GET", "/CreditNotes/{id}", (request) => {
    const note = findCreditNote(books, request.params["id"] ?? "");
    if (note === undefined) return notFound();
    return answerRecords(books, "CreditNotes", [
      creditNoteView(books, note, "full", unitDecimalsOf(request)),
    ]);
  });
  add("POST", "/CreditNotes/{id}", (request) => {
    const former = findCreditNote(books, request.params["id"] ?? "");
    return former === undefined ? notFound() : write(request, { kind: "update", former });
  });
}

/** Unlike invoices, credit notes have no filters beside `where`. */
function listCreditNotes(books: Books, request: SimRequest): SimResponse {
  const { records, pagination } = listRecords(books, request, books.store.creditNotes, {
    fields: CREDIT_NOTE_FIELDS,
    idOf: (note) => note.CreditNoteID,
    updatedAt: (note) => note.UpdatedDateUTC,
    isPageable: true,
  });
  const detail: DocumentDetail = pagination === undefined ? "list" : "full";
  const decimals = unitDecimalsOf(request);
  const views = records.map((note) => creditNoteView(books, note, detail, decimals));
  return answerRecords(books, "CreditNotes", views, pagination);
}
