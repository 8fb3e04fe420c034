/** What the tabs of the page are made of. */
import { type Html, html } from "./html.ts";
import type { Books } from "./organisation.ts";

const ROWS_PER_PAGE = 50;
export const TABS = [
  "contacts",
  "items",
  "invoices",
  "credit notes",
  "prepayments",
  "overpayments",
  "payments",
  "settings",
] as const;
export type Tab = (typeof TABS)[number];

export interface PageView {
  readonly tab: Tab;
  readonly search: string;
  readonly page: number;
  readonly editedId: string;
  readonly notice: string;
  readonly error: string;
}

/** A table of what matches the search, newest first as it is given, in pages. */
export function table<T>(
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

/** A button that posts one field. */
export function button(action: string, label: string, field: string, value: string): Html {
  return html`<form class="inline" method="post" action="${action}">
    <input type="hidden" name="${field}" value="${value}"><button>${label}</button></form>`;
}

export function badge(status: string): Html {
  return html`<span class="badge ${status.toLowerCase()}">${status.toLowerCase()}</span>`;
}

export function marked(isMarked: boolean, attribute: string, value: string): Html {
  return { html: isMarked ? ` ${attribute}="${value}"` : "" };
}

/** Options for the accounts that payments can be made to or from. */
export function payableAccounts(books: Books): readonly Html[] {
  return books.organisation.accounts
    .filter((account) => account.Type === "BANK" || account.EnablePaymentsToAccount)
    .map(
      (account) => html`<option value="${account.Code}">${account.Code} ${account.Name}</option>`,
    );
}

export function contactName(books: Books, id: string): string {
  return books.store.contacts.get(id)?.Name ?? "";
}
