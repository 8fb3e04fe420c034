/** How a payment is shown, with the document that it settles or pays back. */
import { overpaymentView, prepaymentView } from "./advance-view.ts";
import { creditNoteView } from "./credit-note-view.ts";
import { creditNaming, creditOf } from "./credits.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import { invoiceView } from "./invoice-view.ts";
import type { Account, Books } from "./organisation.ts";
import type {
  CreditKey,
  CreditKind,
  DocumentRecord,
  InvoiceRecord,
  PaymentRecord,
} from "./records.ts";
import type { Fields } from "./where.ts";
import { epochMsOfDate, wireDate, wireInstant } from "./wire-dates.ts";

/** In full, one payment or a write, with the whole document it settles; else a line of a list. */
export function paymentView(books: Books, payment: PaymentRecord, isFull: boolean): Wire {
  const account = accountOf(books, payment);
  return {
    PaymentID: payment.PaymentID,
    Date: wireDate(payment.Date),
    BankAmount: exact(payment.BankAmount),
    Amount: exact(payment.Amount),
    Reference: payment.Reference,
    CurrencyRate: exact(payment.CurrencyRate),
    PaymentType: payment.PaymentType,
    Status: payment.Status,
    UpdatedDateUTC: wireInstant(payment.UpdatedDateUTC),
    HasAccount: account !== undefined,
    IsReconciled: payment.IsReconciled,
    ...(account === undefined
      ? {}
      : { Account: { AccountID: account.AccountID, Code: account.Code, Name: account.Name } }),
    ...settledView(books, payment, isFull),
    HasValidationErrors: false,
  };
}

function accountOf({ organisation }: Books, { AccountID }: PaymentRecord): Account | undefined {
  return organisation.accounts.find((candidate) => candidate.AccountID === AccountID);
}

export function paymentFields(books: Books): Fields<PaymentRecord> {
  return {
    PaymentID: (payment) => ({ guid: payment.PaymentID }),
    Status: (payment) => payment.Status,
    PaymentType: (payment) => payment.PaymentType,
    Reference: (payment) => payment.Reference,
    Amount: (payment) => ({ number: payment.Amount }),
    IsReconciled: (payment) => payment.IsReconciled,
    Date: (payment) => ({ epochMs: epochMsOfDate(payment.Date) }),
    UpdatedDateUTC: (payment) => ({ epochMs: payment.UpdatedDateUTC }),
    "Invoice.InvoiceID": (payment) =>
      payment.InvoiceID === "" ? null : { guid: payment.InvoiceID },
    "Invoice.InvoiceNumber": (payment) =>
      books.store.invoices.get(payment.InvoiceID)?.InvoiceNumber ?? null,
    "CreditNote.CreditNoteID": refundedOf("CreditNote"),
    "CreditNote.CreditNoteNumber": (payment) =>
      books.store.creditNotes.get(payment.credit?.id ?? "")?.CreditNoteNumber ?? null,
    "Prepayment.PrepaymentID": refundedOf("Prepayment"),
    "Overpayment.OverpaymentID": refundedOf("Overpayment"),
    "Account.AccountID": (payment) => ({ guid: payment.AccountID }),
    "Account.Code": (payment) => accountOf(books, payment)?.Code ?? null,
  };
}

function refundedOf(kind: CreditKind): Fields<PaymentRecord>[string] {
  return ({ credit }) => (credit?.kind === kind ? { guid: credit.id } : null);
}

function settledView(books: Books, payment: PaymentRecord, isFull: boolean): Wire {
  if (payment.credit !== undefined) {
    const view = isFull ? creditView(books, payment.credit) : creditLabel(books, payment.credit);
    return { [payment.credit.kind]: view };
  }
  const invoice = books.store.invoices.get(payment.InvoiceID);
  if (invoice === undefined) return {};
  const view = isFull ? invoiceView(books, invoice, "full", 2) : invoiceLabel(books, invoice);
  return { Invoice: view };
}

function creditView(books: Books, { kind, id }: CreditKey): Wire {
  const { store } = books;
  const note = kind === "CreditNote" ? store.creditNotes.get(id) : undefined;
  if (note !== undefined) return creditNoteView(books, note, "full", 2);
  const prepayment = store.prepayments.get(id);
  if (prepayment !== undefined) return prepaymentView(books, prepayment, "full", 2);
  const overpayment = store.overpayments.get(id);
  return overpayment === undefined ? {} : overpaymentView(books, overpayment, "full", 2);
}

function creditLabel(books: Books, key: CreditKey): Wire {
  const credit = creditOf(books, key);
  if (credit === undefined) return {};
  return {
    ...creditNaming(key),
    ...("CreditNoteNumber" in credit ? { CreditNoteNumber: credit.CreditNoteNumber } : {}),
    Type: credit.Type,
    CurrencyCode: credit.CurrencyCode,
    Contact: contactLabel(books, credit),
    HasErrors: false,
  };
}

function invoiceLabel(books: Books, invoice: InvoiceRecord): Wire {
  return {
    Type: invoice.Type,
    InvoiceID: invoice.InvoiceID,
    InvoiceNumber: invoice.InvoiceNumber,
    Payments: [],
    CreditNotes: [],
    Prepayments: [],
    Overpayments: [],
    CurrencyCode: invoice.CurrencyCode,
    Contact: contactLabel(books, invoice),
    IsDiscounted: false,
    HasErrors: false,
  };
}

function contactLabel(books: Books, document: DocumentRecord): Wire {
  const contact = books.store.contacts.get(document.ContactID);
  return contact === undefined ? {} : { ContactID: contact.ContactID, Name: contact.Name };
}
