/** The tabs of invoices and of payments. */
import { creditName, creditOf } from "./credits.ts";
import { type Html, html } from "./html.ts";
import type { Books } from "./organisation.ts";
import { badge, button, contactName, type PageView, payableAccounts, table } from "./page-parts.ts";
import type { InvoiceRecord, PaymentRecord } from "./records.ts";
import { dateOf } from "./wire-dates.ts";

export function invoicesTab(books: Books, view: PageView): Html {
  const nameOf = (invoice: InvoiceRecord): string => contactName(books, invoice.ContactID);
  return table(
    view,
    books.store.invoices.all().toReversed(),
    [
      "Number",
      "Contact",
      "Reference",
      "Date",
      "Due",
      "Status",
      "Total",
      "Paid",
      "Credited",
      "Owed",
      "",
    ],
    (invoice) => [invoice.InvoiceNumber, invoice.Reference, invoice.Status, nameOf(invoice)],
    (
      invoice,
    ) => html`<tr><td>${invoice.InvoiceNumber}${invoice.Type === "ACCPAY" ? " (bill)" : ""}</td>
      <td>${nameOf(invoice)}</td><td>${invoice.Reference}</td><td>${invoice.Date}</td>
      <td>${invoice.DueDate}</td><td>${badge(invoice.Status)}</td>
      <td class="number">${invoice.Total} ${invoice.CurrencyCode}</td>
      <td class="number">${invoice.AmountPaid}</td>
      <td class="number">${invoice.AmountCredited}</td><td class="number">${invoice.AmountDue}</td>
      <td>${invoiceActions(books, invoice)}</td></tr>`,
  );
}

function invoiceActions(books: Books, invoice: InvoiceRecord): Html {
  const path = `/ui/invoices/${invoice.InvoiceID}`;
  const today = dateOf(books.store.now);
  switch (invoice.Status) {
    case "DRAFT":
    case "SUBMITTED":
      return html`<form class="inline" method="post" action="${path}">
        <input type="hidden" name="Status" value="AUTHORISED">
        ${invoice.DueDate === "" ? html`<input type="date" name="DueDate" value="${today}" required>` : html``}
        <button>Approve</button></form> ${button(path, "Delete", "Status", "DELETED")}`;
    case "AUTHORISED":
      return html`<form class="inline" method="post" action="${path}/pay">
        <input class="amount" name="Amount" value="${invoice.AmountDue}" inputmode="decimal" required>
        <input type="date" name="Date" value="${today}" required>
        <select name="Code">${payableAccounts(books)}</select><button>Pay</button></form>
        ${invoice.AmountDue === invoice.Total ? button(path, "Void", "Status", "VOIDED") : html``}`;
    default:
      return html``;
  }
}

export function paymentsTab(books: Books, view: PageView): Html {
  const numberOf = (payment: PaymentRecord): string =>
    payment.credit === undefined
      ? (books.store.invoices.get(payment.InvoiceID)?.InvoiceNumber ?? "")
      : `Refund of ${creditName(creditOf(books, payment.credit))}`;
  return table(
    view,
    books.store.payments.all().toReversed(),
    ["Date", "Document", "Reference", "Amount", "Status", ""],
    (payment) => [payment.Reference, payment.Status, numberOf(payment)],
    (payment) => html`<tr><td>${payment.Date}</td><td>${numberOf(payment)}</td>
      <td>${payment.Reference}</td><td class="number">${payment.Amount}</td>
      <td>${badge(payment.Status)}</td><td>${
        payment.Status === "AUTHORISED"
          ? button(`/ui/payments/${payment.PaymentID}`, "Delete", "Status", "DELETED")
          : html``
      }</td></tr>`,
  );
}
