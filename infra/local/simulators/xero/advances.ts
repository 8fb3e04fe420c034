/**
 * The rules of prepayments and overpayments. The vendor has no call that makes them from nothing: a
 * bookkeeper receives money into a bank account and says which of the two it is. They are in the currency
 * of that account, approved at once, and end paid or void.
 */
import { isSpent } from "./credits.ts";
import { MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import {
  checkComplete,
  emptyDocument,
  readContact,
  readCurrency,
  readLines,
} from "./document-draft.ts";
import { allocatedRefusal } from "./document-status.ts";
import { type Element, sentDate, sentDecimal, sentElement, sentList, sentText } from "./element.ts";
import {
  type Account,
  accountNamed,
  type Books,
  lockDateRefusal,
  type Saved,
} from "./organisation.ts";
import type { CreditRecord, DocumentLine, OverpaymentRecord, PrepaymentRecord } from "./records.ts";
import { dateOf } from "./wire-dates.ts";

type Received = Omit<CreditRecord, "Type"> & { readonly AccountID: string };

/** Receives a prepayment: contact, bank account, date, reference and lines. Throws MalformedElementError. */
export function receivePrepayment(books: Books, element: Element): Saved<PrepaymentRecord> {
  const messages: string[] = [];
  const empty = received(books, element, messages);
  if ((sentList(element, "LineItems") ?? []).length === 0) {
    messages.push("One or more line items must be specified");
  }
  const lines = readLines(books, element, empty, PREPAYMENT_LINES, messages);
  const record: PrepaymentRecord = {
    ...empty,
    ...lines,
    PrepaymentID: books.store.nextGuid(),
    Type: "RECEIVE-PREPAYMENT",
    RemainingCredit: lines.Total,
  };
  checkComplete(record, messages);
  checkAmount(record, messages);
  if (messages.length > 0) return { kind: "refused", messages };
  books.store.prepayments.put(record);
  return { kind: "saved", record };
}

/** Receives an overpayment: contact, bank account, date, reference and amount. Throws MalformedElementError. */
export function receiveOverpayment(books: Books, element: Element): Saved<OverpaymentRecord> {
  const messages: string[] = [];
  const empty = received(books, element, messages);
  const amount = textOf(sentDecimal(element, "Amount", MONEY_SCALE) ?? 0n, MONEY_SCALE);
  const record: OverpaymentRecord = {
    ...empty,
    LineAmountTypes: "NoTax",
    LineItems: [overpaidLine(books, amount)],
    SubTotal: amount,
    Total: amount,
    OverpaymentID: books.store.nextGuid(),
    Type: "RECEIVE-OVERPAYMENT",
    RemainingCredit: amount,
  };
  checkAmount(record, messages);
  if (messages.length > 0) return { kind: "refused", messages };
  books.store.overpayments.put(record);
  return { kind: "saved", record };
}

/** Why the money may not be taken out of the books again, or `undefined`. */
export function voidRefusal(books: Books, record: CreditRecord, noun: string): string | undefined {
  if (record.Status === "VOIDED") return `${noun} not of valid status for modification`;
  const locked = lockDateRefusal(books.store, record.Date);
  if (locked !== undefined) return locked;
  return isSpent(record) ? allocatedRefusal(noun.toLowerCase(), "VOIDED") : undefined;
}

/** What both have, with nothing in it yet. */
function received(books: Books, element: Element, messages: string[]): Received {
  const date = sentDate(element, "Date") || dateOf(books.store.now);
  const account = bankAccount(books, element);
  if (account === undefined) messages.push("Bank account could not be found");
  if (sentElement(element, "Contact") === undefined) {
    messages.push("A Contact must be specified for this type of transaction");
  }
  const locked = lockDateRefusal(books.store, date);
  if (locked !== undefined) messages.push(locked);
  const empty: Received = {
    ...emptyDocument(books),
    Status: "AUTHORISED",
    Reference: sentText(element, "Reference") ?? "",
    Date: date,
    RemainingCredit: "0.00",
    AccountID: account?.AccountID ?? "",
  };
  const contact = readContact(books, element, empty, messages);
  const currency = { CurrencyCode: account?.CurrencyCode ?? books.organisation.baseCurrency };
  return {
    ...empty,
    ContactID: contact?.ContactID ?? "",
    ...readCurrency(books, { ...element, ...currency }, empty, contact, messages),
  };
}

const PREPAYMENT_LINES = {
  isSale: true,
  discountRefusal: "Discounts are not supported on prepayments",
  unitDecimals: 4,
} as const;

function bankAccount(books: Books, element: Element): Account | undefined {
  const account = accountNamed(books.organisation, sentElement(element, "BankAccount") ?? {});
  return account?.Type === "BANK" ? account : undefined;
}

function overpaidLine(books: Books, amount: string): DocumentLine {
  const debtors = books.organisation.accounts.find((one) => one.SystemAccount === "DEBTORS");
  return {
    LineItemID: books.store.nextGuid(),
    Description: "Overpayment",
    ItemCode: "",
    AccountCode: debtors?.Code ?? "",
    TaxType: "NONE",
    Quantity: "1.0000",
    UnitAmount: `${amount}00`,
    LineAmount: amount,
    TaxAmount: "0.00",
    isTaxOverridden: false,
  };
}

function checkAmount(record: CreditRecord, messages: string[]): void {
  if (scaled(record.Total, MONEY_SCALE) <= 0n) {
    messages.push("The amount received must be greater than zero");
  }
}
