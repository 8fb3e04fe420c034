/** The tabs of credit notes, prepayments and overpayments: what they hold, where it went, and to use it. */
import { type Credit, creditId, creditName, isSpent } from "./credits.ts";
import { type Html, html } from "./html.ts";
import type { Books } from "./organisation.ts";
import { badge, button, contactName, type PageView, payableAccounts, table } from "./page-parts.ts";
import type { CreditKind } from "./records.ts";
import { dateOf } from "./wire-dates.ts";

export function creditsTab(books: Books, view: PageView, kind: CreditKind): Html {
  return html`${creditForm(books, kind)}${table(
    view,
    creditsOf(books, kind).toReversed(),
    ["Number", "Contact", "Reference", "Date", "Status", "Total", "Remaining", "Allocated", ""],
    (credit) => [
      creditName(credit),
      credit.Reference,
      credit.Status,
      contactName(books, credit.ContactID),
    ],
    (credit) => html`<tr><td>${creditName(credit)}</td>
      <td>${contactName(books, credit.ContactID)}</td><td>${credit.Reference}</td>
      <td>${credit.Date}</td><td>${badge(credit.Status)}</td>
      <td class="number">${credit.Total} ${credit.CurrencyCode}</td>
      <td class="number">${credit.RemainingCredit}</td><td>${allocationList(books, credit)}</td>
      <td>${creditActions(books, kind, credit)}</td></tr>`,
  )}`;
}

function creditsOf({ store }: Books, kind: CreditKind): readonly Credit[] {
  switch (kind) {
    case "CreditNote":
      return store.creditNotes.all();
    case "Prepayment":
      return store.prepayments.all();
    case "Overpayment":
      return store.overpayments.all();
  }
}

function creditForm(books: Books, kind: CreditKind): Html {
  const isNote = kind === "CreditNote";
  const title = isNote
    ? "New credit note"
    : `Receive ${kind === "Prepayment" ? "a" : "an"} ${kind.toLowerCase()}`;
  return html`<details><summary>${title}</summary><form method="post" action="/ui/${kind}">
    <div class="fields"><label>Contact <input name="Contact" required></label>
    <label>Date <input type="date" name="Date" value="${dateOf(books.store.now)}" required></label>
    <label>Reference <input name="Reference"></label>
    <label>Amount <input name="Amount" inputmode="decimal" required></label>
    ${isNote ? html`` : html`<label>Bank account <select name="Code">${bankAccounts(books)}</select></label>`}
    </div><button>Save</button></form></details>`;
}

function bankAccounts({ organisation }: Books): readonly Html[] {
  return organisation.accounts
    .filter((account) => account.Type === "BANK")
    .map(
      (account) => html`<option value="${account.Code}">${account.Code} ${account.Name}</option>`,
    );
}

function allocationList({ store }: Books, credit: Credit): Html {
  const lines = store.allocations.by("credit", creditId(credit)).map(
    ({ AllocationID, Amount, Date: date, InvoiceID }) => html`<li>${Amount} to
      ${store.invoices.get(InvoiceID)?.InvoiceNumber ?? ""} on ${date}
      ${button(`/ui/allocations/${AllocationID}/remove`, "Remove", "id", AllocationID)}</li>`,
  );
  return html`<ul>${lines}</ul>`;
}

function creditActions(books: Books, kind: CreditKind, credit: Credit): Html {
  const path = `/ui/${kind}/${creditId(credit)}`;
  switch (credit.Status) {
    case "DRAFT":
    case "SUBMITTED":
      return html`${button(path, "Approve", "Status", "AUTHORISED")} ${button(path, "Delete", "Status", "DELETED")}`;
    case "AUTHORISED":
      return html`${allocateForm(books, path, credit)} ${refundForm(books, path, credit)}
        ${isSpent(credit) ? html`` : button(path, "Void", "Status", "VOIDED")}`;
    default:
      return html``;
  }
}

/** Offers the invoices that the credit can settle, where there are any. */
function allocateForm({ store }: Books, path: string, credit: Credit): Html {
  const open = store.invoices
    .by("contact", credit.ContactID)
    .filter(
      (invoice) => invoice.Status === "AUTHORISED" && invoice.CurrencyCode === credit.CurrencyCode,
    );
  if (open.length === 0) return html``;
  const options = open.map(
    ({ AmountDue, InvoiceID, InvoiceNumber }) =>
      html`<option value="${InvoiceID}">${InvoiceNumber} (${AmountDue})</option>`,
  );
  return html`<form class="inline" method="post" action="${path}/allocate">
    <input class="amount" name="Amount" value="${credit.RemainingCredit}" inputmode="decimal" required>
    <select name="InvoiceID">${options}</select>
    <input type="date" name="Date" value="${dateOf(store.now)}" required><button>Allocate</button></form>`;
}

function refundForm(books: Books, path: string, credit: Credit): Html {
  return html`<form class="inline" method="post" action="${path}/refund">
    <input class="amount" name="Amount" value="${credit.RemainingCredit}" inputmode="decimal" required>
    <input type="date" name="Date" value="${dateOf(books.store.now)}" required>
    <select name="Code">${payableAccounts(books)}</select><button>Refund</button></form>`;
}
