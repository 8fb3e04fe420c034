/**
 * What a bookkeeper can do, at the page or in a test's stead. Everything goes through the same rules as
 * the API and causes the same webhooks; what is refused throws {@link RefusedActionError} and leaves
 * nothing behind.
 */
import { receiveOverpayment, receivePrepayment, voidRefusal } from "./advances.ts";
import { allocate, removeAllocation } from "./allocations.ts";
import { mergeContacts, saveContact } from "./contacts.ts";
import { saveCreditNote } from "./credit-notes.ts";
import type { Element } from "./element.ts";
import { saveInvoice } from "./invoices.ts";
import { removeItem, saveItem, type UnitDecimals } from "./items.ts";
import { BAD_DEBTS_CODE, type Books, type Saved } from "./organisation.ts";
import { createPayment, deletePayment } from "./payments.ts";
import type { ContactRecord, CreditKey, CreditRecord } from "./records.ts";
import type { Table } from "./table.ts";
import { parseWireDate } from "./wire-dates.ts";

/** At the page prices have four decimals. */
const UNIT_DECIMALS: UnitDecimals = 4;

/** The refusal in the vendor's words. */
export class RefusedActionError extends Error {}

export class XeroUser {
  readonly #books: Books;

  constructor(books: Books) {
    this.#books = books;
  }

  /** Elements are the API's own; answers the new record's id. */
  createContact(element: Element): string {
    return this.#save(() => saveContact(this.#books, element, { kind: "create" })).ContactID;
  }

  editContact(id: string, element: Element): void {
    const former = this.#contact(id);
    this.#save(() => saveContact(this.#books, element, { kind: "update", former }));
  }

  archiveContact(id: string): void {
    this.editContact(id, { ContactStatus: "ARCHIVED" });
  }

  restoreContact(id: string): void {
    this.editContact(id, { ContactStatus: "ACTIVE" });
  }

  /** The loser is archived and points to the winner, which gets its documents. */
  mergeContacts(loserId: string, winnerId: string): void {
    const [loser, winner] = [this.#contact(loserId), this.#contact(winnerId)];
    if (loser.ContactStatus !== "ACTIVE") throw refused("There is no such active contact");
    if (winner.ContactStatus !== "ACTIVE") throw refused("The other contact is not active");
    if (winner === loser) throw refused("A contact cannot merge into itself");
    this.#change(() => mergeContacts(this.#books, loser, winner));
  }

  createItem(element: Element): string {
    const mode = { kind: "create" } as const;
    return this.#save(() => saveItem(this.#books, element, mode, UNIT_DECIMALS)).ItemID;
  }

  editItem(id: string, element: Element): void {
    const former = this.#books.store.items.get(id);
    if (former === undefined) throw refused("There is no such item");
    const mode = { kind: "update", former } as const;
    this.#save(() => saveItem(this.#books, element, mode, UNIT_DECIMALS));
  }

  deleteItem(id: string): void {
    const item = this.#books.store.items.get(id);
    if (item === undefined) throw refused("There is no such item");
    const refusal = removeItem(this.#books, item);
    if (refusal !== undefined) throw refused(refusal);
  }

  createInvoice(element: Element): string {
    const mode = { kind: "create" } as const;
    return this.#save(() => saveInvoice(this.#books, element, mode, UNIT_DECIMALS)).InvoiceID;
  }

  editInvoice(id: string, element: Element): void {
    const former = this.#books.store.invoices.get(id);
    if (former === undefined) throw refused("There is no such invoice");
    const mode = { kind: "update", former } as const;
    this.#save(() => saveInvoice(this.#books, element, mode, UNIT_DECIMALS));
  }

  approveInvoice(id: string): void {
    this.editInvoice(id, { Status: "AUTHORISED" });
  }

  voidInvoice(id: string): void {
    this.editInvoice(id, { Status: "VOIDED" });
  }

  /** Of a draft, or of one that waits for approval. */
  deleteInvoice(id: string): void {
    this.editInvoice(id, { Status: "DELETED" });
  }

  createCreditNote(element: Element): string {
    const mode = { kind: "create" } as const;
    return this.#save(() => saveCreditNote(this.#books, element, mode, UNIT_DECIMALS)).CreditNoteID;
  }

  editCreditNote(id: string, element: Element): void {
    const former = this.#books.store.creditNotes.get(id);
    if (former === undefined) throw refused("There is no such credit note");
    const mode = { kind: "update", former } as const;
    this.#save(() => saveCreditNote(this.#books, element, mode, UNIT_DECIMALS));
  }

  approveCreditNote(id: string): void {
    this.editCreditNote(id, { Status: "AUTHORISED" });
  }

  voidCreditNote(id: string): void {
    this.editCreditNote(id, { Status: "VOIDED" });
  }

  /** Of a draft, or of one that waits for approval. */
  deleteCreditNote(id: string): void {
    this.editCreditNote(id, { Status: "DELETED" });
  }

  /** `allocation` has invoice, amount and date; answers the allocation's id. */
  allocate(credit: CreditKey, allocation: Element): string {
    return this.#save(() => allocate(this.#books, credit, allocation)).AllocationID;
  }

  removeAllocation(id: string): void {
    const allocation = this.#books.store.allocations.get(id);
    if (allocation === undefined) throw refused("There is no such allocation");
    const refusal = removeAllocation(this.#books, allocation);
    if (refusal !== undefined) throw refused(refusal);
  }

  /** `payment` has amount, date and account; answers the payment's id. */
  pay(invoiceId: string, payment: Element): string {
    const element = { ...payment, Invoice: { InvoiceID: invoiceId } };
    return this.#save(() => createPayment(this.#books, element)).PaymentID;
  }

  /** Takes what is due, or the amount that `payment` names, for lost; answers the payment's id. */
  writeOff(invoiceId: string, payment: Element = {}): string {
    const invoice = this.#books.store.invoices.get(invoiceId);
    if (invoice === undefined) throw refused("There is no such invoice");
    return this.pay(invoiceId, {
      Amount: invoice.AmountDue,
      Reference: "Write-off",
      ...payment,
      Account: { Code: BAD_DEBTS_CODE },
    });
  }

  /** Pays a credit back; `payment` has amount, date and account; answers the payment's id. */
  refund({ id, kind }: CreditKey, payment: Element): string {
    const element = { ...payment, [kind]: { [`${kind}ID`]: id } };
    return this.#save(() => createPayment(this.#books, element)).PaymentID;
  }

  /** `element` has contact, bank account, date, reference and lines; answers the prepayment's id. */
  receivePrepayment(element: Element): string {
    return this.#save(() => receivePrepayment(this.#books, element)).PrepaymentID;
  }

  /** `element` has contact, bank account, date, reference and amount; answers the overpayment's id. */
  receiveOverpayment(element: Element): string {
    return this.#save(() => receiveOverpayment(this.#books, element)).OverpaymentID;
  }

  /** Takes received money out of the books again, as if it never came. */
  voidPrepayment(id: string): void {
    this.#voidAdvance(this.#books.store.prepayments, "Prepayment", id);
  }

  voidOverpayment(id: string): void {
    this.#voidAdvance(this.#books.store.overpayments, "Overpayment", id);
  }

  /** Of an invoice or of a refund; its document is open again. */
  deletePayment(id: string): void {
    const former = this.#books.store.payments.get(id);
    if (former === undefined) throw refused("There is no such payment");
    this.#save(() => deletePayment(this.#books, { Status: "DELETED" }, former));
  }

  /** `YYYY-MM-DD`, or `""` for none. */
  setLockDates(dates: {
    readonly periodLockDate: string;
    readonly endOfYearLockDate: string;
  }): void {
    for (const date of Object.values(dates)) {
      if (date !== "" && parseWireDate(date) !== date) throw refused(`${date} is not a date`);
    }
    this.#change(() => this.#books.store.change(dates));
  }

  #voidAdvance<T extends CreditRecord>(table: Table<T>, noun: string, id: string): void {
    const former = table.get(id);
    if (former === undefined) throw refused(`There is no such ${noun.toLowerCase()}`);
    const refusal = voidRefusal(this.#books, former, noun);
    if (refusal !== undefined) throw refused(refusal);
    this.#change(() => {
      const { now } = this.#books.store;
      table.put({ ...former, Status: "VOIDED", RemainingCredit: "0.00", UpdatedDateUTC: now });
    });
  }

  #contact(id: string): ContactRecord {
    const contact = this.#books.store.contacts.get(id);
    if (contact === undefined) throw refused("There is no such contact");
    return contact;
  }

  #save<T>(run: () => Saved<T>): T {
    const outcomes: Saved<T>[] = [];
    this.#books.store.transaction(() => {
      const saved = run();
      outcomes.push(saved);
      return saved.kind === "saved";
    });
    const [saved] = outcomes;
    if (saved?.kind === "saved") return saved.record;
    throw refused(saved?.messages.join(" ") ?? "Nothing was done");
  }

  #change(run: () => void): void {
    this.#books.store.transaction(() => {
      run();
      return true;
    });
  }
}

function refused(text: string): RefusedActionError {
  return new RefusedActionError(text);
}
