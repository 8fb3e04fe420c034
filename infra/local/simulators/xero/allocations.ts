/**
 * The rules of allocations: an approved credit settles approved invoices of its own contact, currency and
 * side, never for more than is left of either. Taken away again, both are as before.
 */
import { CREDIT_NOUNS, creditOf, invoiceTypeOf, spendCredit } from "./credits.ts";
import { MONEY_SCALE, scaled, textOf } from "./decimal.ts";
import { type Element, sentDate, sentDecimal, sentElement, sentText } from "./element.ts";
import { findInvoice } from "./invoice-lookup.ts";
import { settleInvoice } from "./invoices.ts";
import { type Books, lockDateRefusal, type Saved } from "./organisation.ts";
import type { AllocationRecord, CreditKey, CreditRecord, InvoiceRecord } from "./records.ts";

/** Applies a part of the credit to an invoice. Throws MalformedElementError. */
export function allocate(books: Books, key: CreditKey, element: Element): Saved<AllocationRecord> {
  const { store } = books;
  const credit = creditOf(books, key);
  const invoice = allocatedInvoice(books, element);
  if (credit === undefined || invoice === undefined) {
    const missing = credit === undefined ? CREDIT_NOUNS[key.kind] : "Invoice";
    return { kind: "refused", messages: [`${missing} could not be found`] };
  }
  const amount = sentDecimal(element, "Amount", MONEY_SCALE) ?? 0n;
  const later = credit.Date > invoice.Date ? credit.Date : invoice.Date;
  const date = sentDate(element, "Date") || later;
  const messages = refusals(CREDIT_NOUNS[key.kind], credit, invoice, amount);
  const locked = lockDateRefusal(store, date);
  if (locked !== undefined) messages.push(locked);
  if (messages.length > 0) return { kind: "refused", messages };
  const record: AllocationRecord = {
    AllocationID: store.nextGuid(),
    credit: key,
    InvoiceID: invoice.InvoiceID,
    Amount: textOf(amount, MONEY_SCALE),
    Date: date,
  };
  store.allocations.put(record);
  spendCredit(books, key, amount, date);
  settleInvoice(books, invoice, { credited: amount }, date);
  return { kind: "saved", record };
}

/** Takes an allocation away; answers why not where its date is locked. */
export function removeAllocation(books: Books, allocation: AllocationRecord): string | undefined {
  const { store } = books;
  const { Amount, AllocationID, credit, Date: date, InvoiceID } = allocation;
  const locked = lockDateRefusal(store, date);
  if (locked !== undefined) return locked;
  const invoice = store.invoices.get(InvoiceID);
  if (invoice === undefined) throw new Error(`Allocation ${AllocationID} has no invoice`);
  const amount = scaled(Amount, MONEY_SCALE);
  store.transaction(() => {
    store.allocations.remove(AllocationID);
    spendCredit(books, credit, -amount, date);
    settleInvoice(books, invoice, { credited: -amount }, date);
    return true;
  });
  return undefined;
}

/** The sentences on amounts and on invoices paid off were seen in the wild; the others are ours. */
function refusals(
  noun: string,
  credit: CreditRecord,
  invoice: InvoiceRecord,
  amount: bigint,
): string[] {
  const messages: string[] = [];
  if (credit.Status !== "AUTHORISED" && credit.Status !== "PAID") {
    messages.push(`${noun} must be Authorised to be allocated`);
  }
  if (invoice.Status === "PAID") {
    messages.push("The invoice you are trying to allocate to has already been paid off");
  } else if (invoice.Status !== "AUTHORISED") {
    messages.push("The invoice you are trying to allocate to is not Authorised");
  }
  if (amount <= 0n) messages.push("The allocation amount must be greater than zero");
  const outstanding = [credit.RemainingCredit, invoice.AmountDue];
  if (outstanding.some((left) => amount > scaled(left, MONEY_SCALE))) {
    messages.push(`${noun} cannot be allocated as amount is greater than amount outstanding`);
  }
  if (invoice.Type !== invoiceTypeOf(credit)) {
    messages.push(`${noun} cannot be allocated to an incorrect invoice type`);
  }
  if (invoice.ContactID !== credit.ContactID) {
    messages.push(`${noun} cannot be allocated to an invoice of another contact`);
  }
  if (invoice.CurrencyCode !== credit.CurrencyCode) {
    messages.push(`${noun} cannot be allocated to an invoice in another currency`);
  }
  return messages;
}

function allocatedInvoice(books: Books, element: Element): InvoiceRecord | undefined {
  const sent = sentElement(element, "Invoice") ?? {};
  const id = sentText(sent, "InvoiceID") ?? "";
  if (id !== "") return books.store.invoices.get(id);
  const number = sentText(sent, "InvoiceNumber") ?? "";
  return number === "" ? undefined : findInvoice(books, number);
}
