/**
 * The rules of payments against invoices: an amount never exceeds what is due, never changes, and a
 * deleted payment opens the invoice again. Prepayments, overpayments and credit notes are not
 * simulated.
 */
import {
  CURRENCY_RATE_SCALE,
  divideHalfUp,
  MONEY_SCALE,
  scaled,
  tenTo,
  textOf,
} from "./decimal.ts";
import { type Element, sentDate, sentDecimal, sentElement, sentFlag, sentText } from "./element.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import { findInvoice } from "./invoice-lookup.ts";
import { invoiceView } from "./invoice-view.ts";
import { settleInvoice } from "./invoices.ts";
import { type Account, type Books, lockDateRefusal, type Saved } from "./organisation.ts";
import type { InvoiceRecord, PaymentRecord } from "./records.ts";
import type { Fields } from "./where.ts";
import { dateOf, epochMsOfDate, wireDate, wireInstant } from "./wire-dates.ts";

/** Makes a payment. Throws MalformedElementError. */
export function createPayment(books: Books, element: Element): Saved<PaymentRecord> {
  const { store } = books;
  const messages: string[] = [];
  const invoice = paidInvoice(books, element);
  const account = paidAccount(books, element);
  const amount = sentDecimal(element, "Amount", MONEY_SCALE);
  const date = sentDate(element, "Date") || dateOf(store.now);
  if (invoice === undefined) messages.push("Invoice could not be found");
  if (account === undefined) messages.push("Account could not be found");
  else if (account.Type !== "BANK" && !account.EnablePaymentsToAccount) {
    messages.push("Account type is invalid");
  }
  if (amount === undefined || amount <= 0n) {
    messages.push("Payment amount must be greater than zero");
  }
  if (invoice !== undefined && amount !== undefined) {
    if (invoice.Status !== "AUTHORISED") {
      messages.push("Payments can only be made against Authorised documents");
    }
    if (amount > scaled(invoice.AmountDue, MONEY_SCALE)) {
      messages.push("Payment amount exceeds the amount outstanding on this document");
    }
  }
  const locked = lockDateRefusal(store, date);
  if (locked !== undefined) messages.push(locked);
  if (messages.length > 0 || !invoice || !account || amount === undefined) {
    return { kind: "refused", messages };
  }
  const bank = bankSide(books, element, invoice, account, amount);
  if (typeof bank === "string") return { kind: "refused", messages: [bank] };
  const record: PaymentRecord = {
    PaymentID: store.nextGuid(),
    InvoiceID: invoice.InvoiceID,
    AccountID: account.AccountID,
    PaymentType: invoice.Type === "ACCREC" ? "ACCRECPAYMENT" : "ACCPAYPAYMENT",
    Status: "AUTHORISED",
    Date: date,
    Amount: textOf(amount, MONEY_SCALE),
    ...bank,
    Reference: sentText(element, "Reference") ?? "",
    IsReconciled: sentFlag(element, "IsReconciled") ?? false,
    UpdatedDateUTC: store.now,
  };
  store.payments.put(record);
  settleInvoice(books, invoice, { paid: amount }, date);
  return { kind: "saved", record };
}

/** Deletes a payment, the only change one can have, and opens its invoice again. */
export function deletePayment(
  books: Books,
  element: Element,
  former: PaymentRecord,
): Saved<PaymentRecord> {
  const { store } = books;
  const refuse = (message: string): Saved<PaymentRecord> => ({
    kind: "refused",
    messages: [message],
    former,
  });
  if (sentText(element, "Status") !== "DELETED") {
    return refuse("Payment status can only be changed to DELETED");
  }
  if (former.Status === "DELETED") return refuse("Payment has already been deleted");
  const locked = lockDateRefusal(store, former.Date);
  if (locked !== undefined) return refuse(locked);
  const invoice = store.invoices.get(former.InvoiceID);
  if (invoice === undefined) throw new Error(`Payment ${former.PaymentID} has no invoice`);
  const record: PaymentRecord = { ...former, Status: "DELETED", UpdatedDateUTC: store.now };
  store.payments.put(record);
  settleInvoice(books, invoice, { paid: -scaled(former.Amount, MONEY_SCALE) }, former.Date);
  return { kind: "saved", record };
}

/** `full`: one payment or a write, with the whole invoice; else a line of a list. */
export function paymentView(books: Books, payment: PaymentRecord, isFull: boolean): Wire {
  const invoice = books.store.invoices.get(payment.InvoiceID);
  const account = books.organisation.accounts.find(
    (candidate) => candidate.AccountID === payment.AccountID,
  );
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
    ...(invoice === undefined
      ? {}
      : {
          Invoice: isFull ? invoiceView(books, invoice, "full", 2) : invoiceLabel(books, invoice),
        }),
    HasValidationErrors: false,
  };
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
    "Invoice.InvoiceID": (payment) => ({ guid: payment.InvoiceID }),
    "Invoice.InvoiceNumber": (payment) =>
      books.store.invoices.get(payment.InvoiceID)?.InvoiceNumber ?? null,
    "Account.AccountID": (payment) => ({ guid: payment.AccountID }),
  };
}

function invoiceLabel(books: Books, invoice: InvoiceRecord): Wire {
  const contact = books.store.contacts.get(invoice.ContactID);
  return {
    Type: invoice.Type,
    InvoiceID: invoice.InvoiceID,
    InvoiceNumber: invoice.InvoiceNumber,
    Payments: [],
    CreditNotes: [],
    Prepayments: [],
    Overpayments: [],
    CurrencyCode: invoice.CurrencyCode,
    Contact: contact === undefined ? {} : { ContactID: contact.ContactID, Name: contact.Name },
    IsDiscounted: false,
    HasErrors: false,
  };
}

function paidInvoice(books: Books, element: Element): InvoiceRecord | undefined {
  const sent = sentElement(element, "Invoice");
  const id = sent === undefined ? "" : (sentText(sent, "InvoiceID") ?? "");
  if (id !== "") return books.store.invoices.get(id);
  const number =
    (sent === undefined ? undefined : sentText(sent, "InvoiceNumber")) ??
    sentText(element, "InvoiceNumber") ??
    "";
  return number === "" ? undefined : findInvoice(books, number);
}

function paidAccount(books: Books, element: Element): Account | undefined {
  const sent = sentElement(element, "Account");
  const id = sent === undefined ? undefined : sentText(sent, "AccountID")?.toLowerCase();
  const code =
    (sent === undefined ? undefined : sentText(sent, "Code")) ?? sentText(element, "Code");
  return books.organisation.accounts.find((account) =>
    id === undefined ? account.Code === code : account.AccountID === id,
  );
}

/** What reaches the account, in its currency, and at which rate; or why it cannot. */
function bankSide(
  books: Books,
  element: Element,
  invoice: InvoiceRecord,
  account: Account,
  amount: bigint,
): Pick<PaymentRecord, "BankAmount" | "CurrencyRate"> | string {
  const { baseCurrency } = books.organisation;
  const accountCurrency = account.CurrencyCode ?? baseCurrency;
  const sentRate = sentDecimal(element, "CurrencyRate", CURRENCY_RATE_SCALE);
  const sentBank = sentDecimal(element, "BankAmount", MONEY_SCALE);
  const invoiceRate = scaled(invoice.CurrencyRate, CURRENCY_RATE_SCALE);
  if (accountCurrency === invoice.CurrencyCode) {
    const rate = invoice.CurrencyCode === baseCurrency ? invoiceRate : (sentRate ?? invoiceRate);
    return {
      BankAmount: textOf(amount, MONEY_SCALE),
      CurrencyRate: textOf(rate, CURRENCY_RATE_SCALE),
    };
  }
  if (accountCurrency !== baseCurrency) {
    return `A payment in ${invoice.CurrencyCode} cannot be made to an account in ${accountCurrency}`;
  }
  const unit = tenTo(CURRENCY_RATE_SCALE);
  const rate =
    sentBank !== undefined && sentBank > 0n
      ? divideHalfUp(amount * unit, sentBank)
      : (sentRate ?? invoiceRate);
  if (rate <= 0n) return "CurrencyRate must be positive";
  const bank = sentBank ?? divideHalfUp(amount * unit, rate);
  return {
    BankAmount: textOf(bank, MONEY_SCALE),
    CurrencyRate: textOf(rate, CURRENCY_RATE_SCALE),
  };
}
