/**
 * The rules of payments on invoices, and of refunds: payments that give back what remains of a credit. An
 * amount never exceeds what is outstanding and never changes; a deleted payment opens its document again.
 */
import { findCreditNote } from "./credit-notes.ts";
import { type Credit, creditId, spendCredit } from "./credits.ts";
import {
  CURRENCY_RATE_SCALE,
  divideHalfUp,
  MONEY_SCALE,
  scaled,
  tenTo,
  textOf,
} from "./decimal.ts";
import { type Element, sentDate, sentDecimal, sentElement, sentFlag, sentText } from "./element.ts";
import { findInvoice } from "./invoice-lookup.ts";
import { settleInvoice } from "./invoices.ts";
import {
  type Account,
  accountNamed,
  type Books,
  lockDateRefusal,
  type Saved,
} from "./organisation.ts";
import type {
  CreditKind,
  CreditRecord,
  DocumentRecord,
  InvoiceRecord,
  PaymentRecord,
} from "./records.ts";
import { dateOf } from "./wire-dates.ts";

/** What a payment settles: an invoice, or a credit that is paid back. */
interface Settled {
  readonly document: DocumentRecord;
  /** What is due, or what remains to be paid back. */
  readonly outstanding: string;
  readonly link: Pick<PaymentRecord, "InvoiceID" | "credit" | "PaymentType">;
}

/** Makes a payment. Throws MalformedElementError. */
export function createPayment(books: Books, element: Element): Saved<PaymentRecord> {
  const { store } = books;
  const targets = settledDocuments(books, element);
  const [settled] = targets;
  const account = paidAccount(books, element);
  const amount = sentDecimal(element, "Amount", MONEY_SCALE);
  const date = sentDate(element, "Date") || dateOf(store.now);
  const messages = refusals(targets, account, amount);
  const locked = lockDateRefusal(store, date);
  if (locked !== undefined) messages.push(locked);
  if (messages.length > 0 || !settled || !account || amount === undefined) {
    return { kind: "refused", messages };
  }
  const bank = bankSide(books, element, settled.document, account, amount);
  if (typeof bank === "string") return { kind: "refused", messages: [bank] };
  const record: PaymentRecord = {
    PaymentID: store.nextGuid(),
    ...settled.link,
    AccountID: account.AccountID,
    Status: "AUTHORISED",
    Date: date,
    Amount: textOf(amount, MONEY_SCALE),
    ...bank,
    Reference: sentText(element, "Reference") ?? "",
    IsReconciled: sentFlag(element, "IsReconciled") ?? false,
    UpdatedDateUTC: store.now,
  };
  store.payments.put(record);
  settle(books, record, amount);
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
  const record: PaymentRecord = { ...former, Status: "DELETED", UpdatedDateUTC: store.now };
  store.payments.put(record);
  settle(books, record, -scaled(former.Amount, MONEY_SCALE));
  return { kind: "saved", record };
}

/** Counts `amount` cents more on what the payment settles, fewer where it is negative. */
function settle(books: Books, payment: PaymentRecord, amount: bigint): void {
  if (payment.credit !== undefined) {
    spendCredit(books, payment.credit, amount, payment.Date);
    return;
  }
  const invoice = books.store.invoices.get(payment.InvoiceID);
  if (invoice === undefined) throw new Error(`Payment ${payment.PaymentID} has no invoice`);
  settleInvoice(books, invoice, { paid: amount }, payment.Date);
}

function refusals(
  targets: readonly (Settled | undefined)[],
  account: Account | undefined,
  amount: bigint | undefined,
): string[] {
  const messages: string[] = [];
  const [settled] = targets;
  if (targets.length > 1) messages.push("Payment is applied to more than one document.");
  else if (settled === undefined) messages.push("Invoice could not be found");
  if (account === undefined) messages.push("Account could not be found");
  else if (account.Type !== "BANK" && !account.EnablePaymentsToAccount) {
    messages.push("Account type is invalid");
  }
  if (amount === undefined || amount <= 0n) {
    messages.push("Payment amount must be greater than zero");
  }
  if (settled !== undefined && amount !== undefined) {
    if (settled.document.Status !== "AUTHORISED") {
      messages.push("Payments can only be made against Authorised documents");
    }
    if (amount > scaled(settled.outstanding, MONEY_SCALE)) {
      messages.push("Payment amount exceeds the amount outstanding on this document");
    }
  }
  return messages;
}

/** The documents that an element names, each `undefined` where it is not there. */
function settledDocuments(books: Books, element: Element): readonly (Settled | undefined)[] {
  const { store } = books;
  const named = (field: string, number = ""): string => {
    const sent = sentElement(element, field) ?? {};
    const id = sentText(sent, `${field}ID`) ?? "";
    if (id !== "" || number === "") return id;
    return sentText(sent, number) ?? sentText(element, number) ?? "";
  };
  const invoice = named("Invoice", "InvoiceNumber");
  const note = named("CreditNote", "CreditNoteNumber");
  const prepayment = named("Prepayment");
  const overpayment = named("Overpayment");
  return [
    ...(invoice === "" ? [] : [paidInvoice(findInvoice(books, invoice))]),
    ...(note === "" ? [] : [refunded("CreditNote", findCreditNote(books, note))]),
    ...(prepayment === "" ? [] : [refunded("Prepayment", store.prepayments.get(prepayment))]),
    ...(overpayment === "" ? [] : [refunded("Overpayment", store.overpayments.get(overpayment))]),
  ];
}

function paidInvoice(invoice: InvoiceRecord | undefined): Settled | undefined {
  if (invoice === undefined) return undefined;
  const { AmountDue, InvoiceID, Type } = invoice;
  const PaymentType = Type === "ACCREC" ? "ACCRECPAYMENT" : "ACCPAYPAYMENT";
  return { document: invoice, outstanding: AmountDue, link: { InvoiceID, PaymentType } };
}

const REFUND_TYPES = {
  ACCRECCREDIT: "ARCREDITPAYMENT",
  ACCPAYCREDIT: "APCREDITPAYMENT",
  "RECEIVE-PREPAYMENT": "ARPREPAYMENTPAYMENT",
  "RECEIVE-OVERPAYMENT": "AROVERPAYMENTPAYMENT",
} as const satisfies Readonly<Record<CreditRecord["Type"], PaymentRecord["PaymentType"]>>;

function refunded(kind: CreditKind, credit: Credit | undefined): Settled | undefined {
  if (credit === undefined) return undefined;
  return {
    document: credit,
    outstanding: credit.RemainingCredit,
    link: {
      InvoiceID: "",
      credit: { kind, id: creditId(credit) },
      PaymentType: REFUND_TYPES[credit.Type],
    },
  };
}

function paidAccount(books: Books, element: Element): Account | undefined {
  const sent = sentElement(element, "Account");
  return accountNamed(books.organisation, {
    AccountID: sent?.["AccountID"],
    Code: sent?.["Code"] ?? element["Code"],
  });
}

/** What reaches the account, in its currency, and at which rate; or why it cannot. */
function bankSide(
  books: Books,
  element: Element,
  document: DocumentRecord,
  account: Account,
  amount: bigint,
): Pick<PaymentRecord, "BankAmount" | "CurrencyRate"> | string {
  const { baseCurrency } = books.organisation;
  const accountCurrency = account.CurrencyCode ?? baseCurrency;
  const sentRate = sentDecimal(element, "CurrencyRate", CURRENCY_RATE_SCALE);
  const sentBank = sentDecimal(element, "BankAmount", MONEY_SCALE);
  const documentRate = scaled(document.CurrencyRate, CURRENCY_RATE_SCALE);
  if (accountCurrency === document.CurrencyCode) {
    const rate = document.CurrencyCode === baseCurrency ? documentRate : (sentRate ?? documentRate);
    return {
      BankAmount: textOf(amount, MONEY_SCALE),
      CurrencyRate: textOf(rate, CURRENCY_RATE_SCALE),
    };
  }
  if (accountCurrency !== baseCurrency) {
    return `A payment in ${document.CurrencyCode} cannot be made to an account in ${accountCurrency}`;
  }
  const unit = tenTo(CURRENCY_RATE_SCALE);
  const rate =
    sentBank !== undefined && sentBank > 0n
      ? divideHalfUp(amount * unit, sentBank)
      : (sentRate ?? documentRate);
  if (rate <= 0n) return "CurrencyRate must be positive";
  const bank = sentBank ?? divideHalfUp(amount * unit, rate);
  return {
    BankAmount: textOf(bank, MONEY_SCALE),
    CurrencyRate: textOf(rate, CURRENCY_RATE_SCALE),
  };
}
