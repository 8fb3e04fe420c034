/** The page at `/`: what the books hold, in tables, with the forms a bookkeeper needs. */
import { type Html, html } from "./html.ts";
import type { Books } from "./organisation.ts";
import { CONTACT_FORM, contactForm } from "./page-contact-form.ts";
import { creditsTab } from "./page-credits.ts";
import { invoicesTab, paymentsTab } from "./page-invoices.ts";
import { badge, button, marked, type PageView, TABS, type Tab, table } from "./page-parts.ts";
import type { ContactRecord, ItemRecord } from "./records.ts";

/** The whole document. */
export function renderPage(books: Books, view: PageView): string {
  const content: Readonly<Record<Tab, () => Html>> = {
    contacts: () => contactsTab(books, view),
    items: () => itemsTab(books, view),
    invoices: () => invoicesTab(books, view),
    "credit notes": () => creditsTab(books, view, "CreditNote"),
    prepayments: () => creditsTab(books, view, "Prepayment"),
    overpayments: () => creditsTab(books, view, "Overpayment"),
    payments: () => paymentsTab(books, view),
    settings: () => settingsTab(books),
  };
  const { html: body } = html`
    <header><h1>${books.organisation.name}</h1><span>Simulated Xero organisation</span></header>
    <nav>${TABS.map((tab) => html`<a href="/?tab=${encodeURIComponent(tab)}"${marked(tab === view.tab, "class", "now")}>${tab}</a>`)}</nav>
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
    ["Code", "Name", "Description", "Sales price", "Account", "Tax", "Cost"],
    (item) => [item.Code, item.Name, item.Description],
    (item: ItemRecord) => html`<tr><td>${item.Code}</td><td>${item.Name}</td>
      <td>${item.Description}</td><td class="number">${item.SalesDetails.UnitPrice ?? ""}</td>
      <td>${item.SalesDetails.AccountCode}</td><td>${item.SalesDetails.TaxType}</td>
      <td class="number">${item.PurchaseDetails.UnitPrice ?? ""}</td></tr>`,
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
ul{margin:0;padding:0;list-style:none;white-space:nowrap}.badge.active,.badge.paid{background:#d8f0dd}.badge.authorised{background:#dbeafd}
.badge.voided,.badge.deleted,.badge.archived,.badge.merged{background:#f3dcda}.paging{color:#5b6b7f}`;
