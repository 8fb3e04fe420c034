/** The routes of prepayments and overpayments: they are read and allocated, never made. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import {
  OVERPAYMENT_FIELDS,
  overpaymentView,
  PREPAYMENT_FIELDS,
  prepaymentView,
} from "./advance-view.ts";
import type { DocumentDetail } from "./document-view.ts";
import { answerRecords, notFound } from "./envelope.ts";
import { listFilter, listRecords } from "./listing.ts";
import type { Books } from "./organisation.ts";
import { type AddRoute, unitDecimalsOf } from "./route-parts.ts";

export function addPrepayments(books: Books, add: AddRoute): void {
  add("GET", "/Prepayments", (request) => listPrepayments(books, request));
  add("GET", "/Prepayments/{id}", (request) => {
    const prepayment = books.store.prepayments.get(request.params["id"] ?? "");
    if (prepayment === undefined) return notFound();
    const decimals = unitDecimalsOf(request);
    return answerRecords(books, "Prepayments", [
      prepaymentView(books, prepayment, "full", decimals),
    ]);
  });
}

export function addOverpayments(books: Books, add: AddRoute): void {
  add("GET", "/Overpayments", (request) => listOverpayments(books, request));
  add("GET", "/Overpayments/{id}", (request) => {
    const overpayment = books.store.overpayments.get(request.params["id"] ?? "");
    if (overpayment === undefined) return notFound();
    const view = overpaymentView(books, overpayment, "full", unitDecimalsOf(request));
    return answerRecords(books, "Overpayments", [view]);
  });
}

function listPrepayments(books: Books, request: SimRequest): SimResponse {
  const { records, pagination } = listRecords(books, request, books.store.prepayments, {
    fields: PREPAYMENT_FIELDS,
    idOf: (prepayment) => prepayment.PrepaymentID,
    updatedAt: (prepayment) => prepayment.UpdatedDateUTC,
    isPageable: true,
    filters: [listFilter(request, "InvoiceNumbers", (prepayment) => prepayment.Reference)],
  });
  const detail: DocumentDetail = pagination === undefined ? "list" : "full";
  const decimals = unitDecimalsOf(request);
  const views = records.map((one) => prepaymentView(books, one, detail, decimals));
  return answerRecords(books, "Prepayments", views, pagination);
}

function listOverpayments(books: Books, request: SimRequest): SimResponse {
  const { records, pagination } = listRecords(books, request, books.store.overpayments, {
    fields: OVERPAYMENT_FIELDS,
    idOf: (overpayment) => overpayment.OverpaymentID,
    updatedAt: (overpayment) => overpayment.UpdatedDateUTC,
    isPageable: true,
    filters: [listFilter(request, "References", (overpayment) => overpayment.Reference)],
  });
  const detail: DocumentDetail = pagination === undefined ? "list" : "full";
  const decimals = unitDecimalsOf(request);
  const views = records.map((one) => overpaymentView(books, one, detail, decimals));
  return answerRecords(books, "Overpayments", views, pagination);
}
