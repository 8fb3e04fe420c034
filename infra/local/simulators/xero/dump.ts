/** What the organisation holds, for tests behind HTTP. */
import type { SimRequest, SimResponse } from "../simulator-core.ts";
import { overpaymentView, prepaymentView } from "./advance-view.ts";
import { contactView } from "./contact-view.ts";
import { creditNoteView } from "./credit-note-view.ts";
import { json, notFound, type Wire } from "./envelope.ts";
import { invoiceView } from "./invoice-view.ts";
import { itemView } from "./items.ts";
import type { Books } from "./organisation.ts";
import { paymentView } from "./payment-view.ts";

/** All records of a type as the API shows them in full, archived and deleted ones included. */
export function dumpRecords(books: Books, request: SimRequest): SimResponse {
  const { store } = books;
  const views = new Map<string, () => readonly Wire[]>(
    Object.entries({
      contacts: () => store.contacts.all().map((contact) => contactView(books, contact, "full")),
      items: () => store.items.all().map((item) => itemView(item, 4)),
      invoices: () => store.invoices.all().map((invoice) => invoiceView(books, invoice, "full", 4)),
      creditNotes: () =>
        store.creditNotes.all().map((note) => creditNoteView(books, note, "full", 4)),
      prepayments: () =>
        store.prepayments.all().map((one) => prepaymentView(books, one, "full", 4)),
      overpayments: () =>
        store.overpayments.all().map((one) => overpaymentView(books, one, "full", 4)),
      payments: () => store.payments.all().map((payment) => paymentView(books, payment, false)),
    }),
  );
  const all = views.get(request.params["type"] ?? "");
  return all === undefined ? notFound() : json(200, all());
}
