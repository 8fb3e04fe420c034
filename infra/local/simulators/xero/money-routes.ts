/** The routes of payments and of allocations: how documents are settled. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { allocate, removeAllocation } from "./allocations.ts";
import { findCreditNote } from "./credit-notes.ts";
import { allocationAnswer, type Credit, creditId } from "./credits.ts";
import { answerRecords, answerWrites, json, notFound, refuseWith, type Wire } from "./envelope.ts";
import { listRecords } from "./listing.ts";
import type { Books } from "./organisation.ts";
import { paymentFields, paymentView } from "./payment-view.ts";
import { createPayment, deletePayment } from "./payments.ts";
import type { CreditKey, CreditKind } from "./records.ts";
import { type AddRoute, type Answer, outcomeOf } from "./route-parts.ts";
import { wireInstantWithoutZone } from "./wire-dates.ts";

export function addPayments(books: Books, add: AddRoute): void {
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
    const { records, pagination } = listRecords(books, request, books.store.payments, {
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

/** `/CreditNotes/{id}/Allocations` and the same of the other credits. */
export function addAllocations(books: Books, add: AddRoute): void {
  const { overpayments, prepayments } = books.store;
  addAllocationsOf(books, add, "CreditNote", (id) => findCreditNote(books, id));
  addAllocationsOf(books, add, "Prepayment", (id) => prepayments.get(id));
  addAllocationsOf(books, add, "Overpayment", (id) => overpayments.get(id));
}

function addAllocationsOf(
  books: Books,
  add: AddRoute,
  kind: CreditKind,
  find: (id: string) => Credit | undefined,
): void {
  const path = `/${kind}s`;
  const keyOf = (request: SimRequest): CreditKey | undefined => {
    const credit = find(request.params["id"] ?? "");
    return credit === undefined ? undefined : { kind, id: creditId(credit) };
  };
  const spec = {
    plural: "Allocations",
    idField: "AllocationID",
    errorFlag: undefined,
    isAddressed: false,
  };
  add("PUT", `${path}/{id}/Allocations`, (request) => {
    const key = keyOf(request);
    if (key === undefined) return notFound();
    return answerWrites(books, request, spec, (element) =>
      outcomeOf(element, allocate(books, key, element), "AllocationID", (allocation) =>
        allocationAnswer(books, allocation),
      ),
    );
  });
  add("DELETE", `${path}/{id}/Allocations/{allocationId}`, (request) => {
    const key = keyOf(request);
    return key === undefined ? notFound() : answerRemoval(books, request, key);
  });
}

/** The vendor answers a removal without the envelope, and spells the id its own way. */
function answerRemoval(books: Books, request: SimRequest, key: CreditKey): SimResponse {
  const allocation = books.store.allocations.get(request.params["allocationId"] ?? "");
  if (allocation?.credit.id !== key.id) return notFound();
  const refusal = removeAllocation(books, allocation);
  if (refusal !== undefined) return refuseWith(refusal);
  return json(200, {
    AllocationId: allocation.AllocationID,
    Date: wireInstantWithoutZone(books.store.now),
    Invoice: [{ InvoiceID: allocation.InvoiceID }],
    IsDeleted: true,
  });
}
