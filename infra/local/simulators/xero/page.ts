/** The page at `/`: what the books hold, in tables, with the forms a bookkeeper needs. */
import { type Html, html } from "./html.ts";
import type { Books } from "./organisation.ts";
import { CONTACT_FORM, contactForm } from "./page-contact-form.ts";
import type { ContactRecord, InvoiceRecord, ItemRecord, PaymentRecord } from "./records.ts";
import { dateOf } from "./wire-dates.ts";

const ROWS_PER_PAGE = 50;
export const TABS = ["contacts", "items", "invoices", "payments", "settings"] as const;
export type Tab = (typeof TABS)[number];

export interface PageView {
  readonly tab: Tab;
  readonly search: string;
  readonly page: number;
  readonly editedId: string;
  readonly notice: string;
  readonly error: string;
}

/** The whole document. */
export function renderPage(books: Books, view: PageView): string {
  const content: Readonly<Record<Tab, () => Html>> = {
    contacts: () => contactsTab(books, view),
    items: () => itemsTab(books, view),
    invoices: () => invoicesTab(books, view),
    payments: () => paymentsTab(books, view),
    settings: () => settingsTab(books),
  };
  const { html: body } = html`
    <header><h1>${books.organisation.name}</h1><span>Simulated Xero organisation</span></header>
    <nav>${TABS.map((tab) => html`<a href="/?tab=${tab}"${marked(tab === view.tab, "class", "now")}>${tab}</a>`)}</nav>
    ${view.notice === "" ? [] : html`<p class="notice">${view.notice}</p>`}
    ${view.error === "" ? [] : html`<p class="error">${view.error}</p>`}
    <main>${content[view.tab]()}</main>`;
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Xero simulator</title><style>${STYLE}</style></head><body>${body}</body></html>`;
}

function contactsTab(books: Books, view: PageView): Html {
  const all = books.store.contacts.all().toReversed();
  const edited = view.editedId === "" ? undefined : books.store.contacts.get(view.editedId);
  const form =
    edited === undefined
      ? html`<details><summary>New contact</summary>${contactForm("/ui/contacts", undefined)}</details>`
      : html`<section><h2>Edit ${edited.Name}</h2>${contactForm(`/ui/contacts/${edited.ContactID}`, edited)}${mergeForm(edited)}</section>`;
  return html`${form}${table(
    view,
    all,
    ["Name", "Number", "E-mail", "Tax number", "Terms", "Status", ""],
    (contact) => [contact.Name, contact.ContactNumber, contact.EmailAddress, contact.TaxNumber],
    (contact) => html`<tr>
      <td>${contact.Name}</td><td>${contact.ContactNumber}</td><td>${contact.EmailAddress}</td>
      <td>${contact.TaxNumber}</td><td>${termsOf(contact)}</td>
      <td>${badge(contact.MergedToContactID === undefined ? contact.ContactStatus : "MERGED")}</td>
      <td>${contactActions(contact)}</td></tr>`,
  )}`;
}

function contactActions(contact: ContactRecord): Html {
  if (contact.MergedToContactID !== undefined) return html``;
  const isActive = contact.ContactStatus === "ACTIVE";
  const status = button(
    `/ui/contacts/${contact.ContactID}`,
    isActive ? "Archive" : "Restore",
    "ContactStatus",
    isActive ? "ARCHIVED" : "ACTIVE",
  );
  const edit = html`<a class="button" href="/?tab=contacts&amp;edit=${contact.ContactID}">Edit</a>`;
  return isActive ? html`${edit} ${status}` : status;
}

function mergeForm(contact: ContactRecord): Html {
  return html`<form method="post" action="/ui/contacts/${contact.ContactID}/merge">
    <label>Merge into the contact named <input name="into" required></label><button>Merge</button></form>`;
}

function itemsTab(books: Books, view: PageView): Html {
  return table(
    view,
    books.store.items.all().toReversed(),
    ["Code", "Name", "Description", "Sales price", "Account", "Tax"],
    (item) => [item.Code, item.Name, item.Description],
    (item: ItemRecord) => html`<tr><td>${item.Code}</td><td>${item.Name}</td>
      <td>${item.Description}</td><td class="number">${item.SalesDetails.UnitPrice ?? ""}</td>
      <td>${item.SalesDetails.AccountCode}</td><td>${item.SalesDetails.TaxType}</td></tr>`,
  );
}

function invoicesTab(books: Books, view: PageView): Html {
  const nameOf = (invoice: InvoiceRecord): string =>
    books.store.contacts.get(invoice.ContactID)?.Name ?? "";
  return table(
    view,
    books.store.invoices.all().toReversed(),
    ["Number", "Contact", "Reference", "Date", "Due", "Status", "Total", "Paid", "Owed", ""],
    (invoice) => [invoice.InvoiceNumber, invoice.Reference, invoice.Status, nameOf(invoice)],
    (
      invoice,
    ) => html`<tr><td>${invoice.InvoiceNumber}${invoice.Type === "ACCPAY" ? " (bill)" : ""}</td>
      <td>${nameOf(invoice)}</td><td>${invoice.Reference}</td><td>${invoice.Date}</td>
      <td>${invoice.DueDate}</td><td>${badge(invoice.Status)}</td>
      <td class="number">${invoice.Total} ${invoice.CurrencyCode}</td>
      <td class="number">${invoice.AmountPaid}</td><td class="number">${invoice.AmountDue}</td>
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
        ${invoice.AmountPaid === "0.00" ? button(path, "Void", "Status", "VOIDED") : html``}`;
    default:
      return html``;
  }
}

function payableAccounts(books: Books): readonly Html[] {
  return books.organisation.accounts
    .filter((account) => account.Type === "BANK" || account.EnablePaymentsToAccount)
    .map(
      (account) => html`<option value="${account.Code}">${account.Code} ${account.Name}</option>`,
    );
}

function paymentsTab(books: Books, view: PageView): Html {
  const numberOf = (payment: PaymentRecord): string =>
    books.store.invoices.get(payment.InvoiceID)?.InvoiceNumber ?? "";
  return table(
    view,
    books.store.payments.all().toReversed(),
    ["Date", "Invoice", "Reference", "Amount", "Status", ""],
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

function settingsTab(books: Books): Html {
  const { endOfYearLockDate, periodLockDate } = books.store.settings;
  return html`<section><h2>Lock dates</h2><p>No document may be dated on or before them.</p>
    <form method="post" action="/ui/lock-dates">
    <label>Period <input type="date" name="periodLockDate" value="${periodLockDate}"></label>
    <label>End of year <input type="date" name="endOfYearLockDate" value="${endOfYearLockDate}"></label>
    <button>Save</button></form></section>`;
}

function table<T>(
  view: PageView,
  all: readonly T[],
  headings: readonly string[],
  textsOf: (record: T) => readonly string[],
  row: (record: T) => Html,
): Html {
  const term = view.search.toLowerCase();
  const found = all.filter(
    (record) => term === "" || textsOf(record).some((text) => text.toLowerCase().includes(term)),
  );
  const pageCount = Math.max(1, Math.ceil(found.length / ROWS_PER_PAGE));
  const page = Math.min(view.page, pageCount);
  const shown = found.slice((page - 1) * ROWS_PER_PAGE, page * ROWS_PER_PAGE);
  return html`<form class="search" method="get" action="/"><input type="hidden" name="tab" value="${view.tab}">
    <input type="search" name="q" value="${view.search}" placeholder="Search"><button>Search</button>
    <span>${found.length} of ${all.length}</span></form>
    <table><thead><tr>${headings.map((heading) => html`<th>${heading}</th>`)}</tr></thead>
    <tbody>${shown.map(row)}</tbody></table>
    <p class="paging">${pageLink(view, page - 1, page > 1, "Newer")} page ${page} of ${pageCount}
    ${pageLink(view, page + 1, page < pageCount, "Older")}</p>`;
}

function pageLink(view: PageView, page: number, isThere: boolean, label: string): Html {
  if (!isThere) return html``;
  const query = new URLSearchParams({ tab: view.tab, q: view.search, page: String(page) });
  return html`<a href="/?${query.toString()}">${label}</a>`;
}

function button(action: string, label: string, field: string, value: string): Html {
  return html`<form class="inline" method="post" action="${action}">
    <input type="hidden" name="${field}" value="${value}"><button>${label}</button></form>`;
}

function badge(status: string): Html {
  return html`<span class="badge ${status.toLowerCase()}">${status.toLowerCase()}</span>`;
}

function marked(isMarked: boolean, attribute: string, value: string): Html {
  return { html: isMarked ? ` ${attribute}="${value}"` : "" };
}

function termsOf(contact: ContactRecord): string {
  const terms = contact.PaymentTerms.Sales;
  return terms === undefined ? "" : `${terms.Day} ${CONTACT_FORM.termTypes[terms.Type] ?? ""}`;
}

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;margin:0;color:#1f2a37;background:#f4f6f9}
header{background:#0b5c8a;color:#fff;padding:14px 28px;display:flex;gap:16px;align-items:baseline}
h1{font-size:20px;margin:0}h2{font-size:17px;margin:0 0 8px}header span{opacity:.8}
nav{background:#fff;border-bottom:1px solid #d9dfe6;padding:0 20px}
nav a{display:inline-block;padding:12px 10px;color:#44546a;text-decoration:none;text-transform:capitalize}
nav a.now{color:#0b5c8a;border-bottom:3px solid #0b5c8a}
main{padding:20px 28px}table{border-collapse:collapse;width:100%;background:#fff;border:1px solid #d9dfe6}
th,td{text-align:left;padding:7px 10px;border-bottom:1px solid #e8ecf1;vertical-align:middle}
th{font-size:13px;color:#5b6b7f}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
form.inline{display:inline-flex;gap:4px;margin:2px 0}form.search{margin:0 0 12px;display:flex;gap:8px;align-items:center}
section,details{background:#fff;border:1px solid #d9dfe6;padding:12px 16px;margin:0 0 16px}
.fields{display:grid;grid-template-columns:repeat(auto-fill,minmax(220px,1fr));gap:8px 16px;margin:8px 0}
label{display:flex;flex-direction:column;font-size:13px;color:#5b6b7f}
input,select{font:inherit;padding:4px 6px;border:1px solid #b9c4d0;border-radius:4px}input.amount{width:100px}
button,.button{font:inherit;padding:4px 10px;border:1px solid #0b5c8a;border-radius:4px;background:#fff;color:#0b5c8a;cursor:pointer;text-decoration:none}
.notice,.error{margin:16px 28px 0;padding:8px 14px;border-radius:4px;background:#e2f3e5}.error{background:#fbe3e1}
.badge{padding:1px 8px;border-radius:10px;background:#e8ecf1;font-size:13px}
.badge.active,.badge.paid{background:#d8f0dd}.badge.authorised{background:#dbeafd}
.badge.voided,.badge.deleted,.badge.archived,.badge.merged{background:#f3dcda}.paging{color:#5b6b7f}`;
