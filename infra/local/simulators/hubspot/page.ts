/**
 * The simulator's pages as HTML. Every value goes through {@link html}, which escapes it; nothing is
 * loaded from elsewhere.
 */

/** Text that is HTML already. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | readonly Markup[] | string | number;

function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const rendered = parts.map((part) => {
    if (typeof part === "string" || typeof part === "number") return escapeText(String(part));
    return "markup" in part ? part.markup : part.map(({ markup }) => markup).join("");
  });
  return { markup: String.raw({ raw: texts }, ...rendered) };
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

interface PageLink {
  readonly href: string;
  readonly text: string;
  readonly isCurrent?: boolean;
}

export interface Page {
  readonly title: string;
  readonly tabs: readonly PageLink[];
  readonly content: Markup;
}

export function renderPage(page: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${page.title} · simulated CRM</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<header>
<a class="brand" href="/">Simulated HubSpot</a>
<nav>${page.tabs.map(renderTab)}</nav>
</header>
<main>${page.content}</main>
</body>
</html>
`.markup;
}

function renderTab({ href, text, isCurrent }: PageLink): Markup {
  if (isCurrent === true) return html`<a href="${href}" aria-current="page">${text}</a>`;
  return html`<a href="${href}">${text}</a>`;
}

export interface ListPage {
  readonly heading: string;
  readonly newHref: string;
  readonly archivedHref: string;
  readonly query: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly rows: readonly { readonly href: string; readonly cells: readonly string[] }[];
  readonly total: number;
  readonly previousHref: string | undefined;
  readonly nextHref: string | undefined;
}

export function renderList(list: ListPage): Markup {
  return html`<div class="bar">
<h1>${list.heading} <small>${list.total}</small></h1>
<form class="search" method="get" action="/">
${hiddenInputs(list.hidden)}
<input type="search" name="q" value="${list.query}" placeholder="Search" aria-label="Search">
<button>Search</button>
</form>
<a class="button" href="${list.archivedHref}">Archived</a>
<a class="button primary" href="${list.newHref}">New</a>
</div>
${list.rows.length === 0 ? html`<p class="empty">No records here.</p>` : renderTable(list)}
<p class="paging">
${pageLink(list.previousHref, "Previous")}
${pageLink(list.nextHref, "Next")}
</p>`;
}

function renderTable({ columns, rows }: ListPage): Markup {
  return html`<div class="table"><table>
<thead><tr>${columns.map((column) => html`<th>${column}</th>`)}</tr></thead>
<tbody>${rows.map(renderRow)}</tbody>
</table></div>`;
}

function renderRow({ href, cells }: { href: string; cells: readonly string[] }): Markup {
  return html`<tr>${cells.map((cell, index) =>
    index === 0 ? html`<td><a href="${href}">${cell}</a></td>` : html`<td>${cell}</td>`,
  )}</tr>`;
}

function pageLink(href: string | undefined, text: string): Markup {
  return href === undefined ? html`` : html`<a class="button" href="${href}">${text}</a>`;
}

export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly kind: "text" | "multiline" | "choice" | "fixed";
  readonly value: string;
  readonly choices?: readonly { readonly value: string; readonly label: string }[];
}

export interface FormPage {
  readonly heading: string;
  readonly action: string;
  readonly hidden: Readonly<Record<string, string>>;
  readonly fields: readonly FormField[];
  readonly problem: string | undefined;
  /** Where it is posted to that the buyer accepts; none where there is nothing to accept. */
  readonly acceptAction: string | undefined;
  /** Where the archive button posts to; none on a new record. */
  readonly archiveAction: string | undefined;
  /** Where the id of a record to merge into this one is posted to; none where HubSpot merges none. */
  readonly mergeAction: string | undefined;
  readonly related: readonly RelatedList[];
}

export interface RelatedList {
  readonly heading: string;
  readonly links: readonly PageLink[];
  readonly newHref: string;
}

export function renderForm(form: FormPage): Markup {
  const problem =
    form.problem === undefined ? html`` : html`<p class="problem" role="alert">${form.problem}</p>`;
  const archive =
    form.archiveAction === undefined
      ? html``
      : html`<form method="post" action="${form.archiveAction}"><button class="danger">Archive</button></form>`;
  const accept =
    form.acceptAction === undefined
      ? html``
      : html`<form method="post" action="${form.acceptAction}"><button>Accept as the buyer</button></form>`;
  return html`<div class="bar"><h1>${form.heading}</h1>${accept}${archive}</div>
${problem}
<div class="columns">
<form class="card fields" method="post" action="${form.action}">
${hiddenInputs(form.hidden)}
${form.fields.map(renderField)}
<p><button class="primary">Save</button></p>
</form>
<div>${form.related.map(renderRelated)}${renderMerge(form.mergeAction)}</div>
</div>`;
}

function renderMerge(action: string | undefined): Markup {
  if (action === undefined) return html``;
  return html`<section class="card"><h2>Merge</h2><form method="post" action="${action}">
<p><input name="with" required placeholder="ID of the other record" aria-label="ID of the other record"></p>
<p><button>Merge into one</button></p></form></section>`;
}

export interface BinPage {
  readonly heading: string;
  readonly rows: readonly {
    readonly text: string;
    readonly archivedAt: string;
    readonly restoreAction: string;
    /** Where a record is deleted for good; none where HubSpot has no such thing. */
    readonly purgeAction: string | undefined;
  }[];
}

export function renderBin({ heading, rows }: BinPage): Markup {
  if (rows.length === 0) return html`<h1>${heading}</h1><p class="empty">No records here.</p>`;
  return html`<div class="bar"><h1>${heading} <small>${rows.length}</small></h1></div>
<div class="table"><table><thead><tr><th>Name</th><th>Archived</th><th></th></tr></thead>
<tbody>${rows.map(
    (row) => html`<tr><td>${row.text}</td><td>${row.archivedAt}</td><td>
<form class="inline" method="post" action="${row.restoreAction}"><button>Restore</button></form>
${
  row.purgeAction === undefined
    ? html``
    : html`<form class="inline" method="post" action="${row.purgeAction}"><button class="danger">Delete for good</button></form>`
}</td></tr>`,
  )}</tbody></table></div>`;
}

function renderRelated({ heading, links, newHref }: RelatedList): Markup {
  const listed =
    links.length === 0
      ? html`<p class="empty">None.</p>`
      : html`<ul>${links.map(({ href, text }) => html`<li><a href="${href}">${text}</a></li>`)}</ul>`;
  return html`<section class="card"><h2>${heading}</h2>${listed}<p><a class="button" href="${newHref}">New</a></p></section>`;
}

function renderField(field: FormField): Markup {
  return html`<label><span>${field.label}</span>${renderControl(field)}</label>`;
}

function renderControl({ name, kind, value, choices = [] }: FormField): Markup {
  switch (kind) {
    case "fixed":
      return html`<output>${value === "" ? "–" : value}</output>`;
    case "multiline":
      return html`<textarea name="${name}" rows="3">${value}</textarea>`;
    case "text":
      return html`<input name="${name}" value="${value}" autocomplete="off">`;
    case "choice": {
      const all = [{ value: "", label: "–" }, ...choices];
      return html`<select name="${name}">${all.map((choice) =>
        choice.value === value
          ? html`<option value="${choice.value}" selected>${choice.label}</option>`
          : html`<option value="${choice.value}">${choice.label}</option>`,
      )}</select>`;
    }
  }
}

function hiddenInputs(values: Readonly<Record<string, string>>): readonly Markup[] {
  return Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
}

const STYLE = `
:root { --ink: #1f2d3d; --soft: #5d7085; --line: #dce3ea; --back: #f5f8fa; --card: #fff; --main: #c2410c; --link: #0b6e8a; color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 28px; padding: 12px 28px; background: #213343; }
header a { color: #d6e2ec; text-decoration: none; }
.brand { color: #fff; font-weight: 650; }
nav { display: flex; flex-wrap: wrap; gap: 4px; }
nav a { padding: 4px 12px; border-radius: 6px; }
nav a:hover, nav a[aria-current] { background: #3a5166; color: #fff; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 28px 64px; }
.bar { display: flex; flex-wrap: wrap; align-items: center; gap: 12px; margin-bottom: 18px; }
.bar h1 { margin: 0 auto 0 0; font-size: 24px; font-weight: 600; }
h1 small { color: var(--soft); font-size: 15px; font-weight: 400; }
h2 { margin: 0 0 8px; font-size: 16px; }
.search { display: flex; gap: 6px; }
input, select, textarea { width: 100%; padding: 7px 10px; border: 1px solid #b9c6d2; border-radius: 6px; background: #fff; color: inherit; font: inherit; }
input:focus-visible, select:focus-visible, textarea:focus-visible, a:focus-visible, button:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
button, .button { display: inline-block; padding: 7px 16px; border: 1px solid #b9c6d2; border-radius: 6px; background: #fff; color: var(--ink); font: inherit; text-decoration: none; cursor: pointer; }
button:hover, .button:hover { border-color: var(--soft); }
.primary { border-color: var(--main); background: var(--main); color: #fff; }
.danger { border-color: #b42318; color: #b42318; }
.table { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
table { width: 100%; border-collapse: collapse; }
th, td { padding: 9px 14px; border-bottom: 1px solid var(--line); text-align: left; white-space: nowrap; }
td { max-width: 300px; overflow: hidden; text-overflow: ellipsis; }
th { color: var(--soft); font-size: 13px; font-weight: 600; }
tr:last-child td { border-bottom: 0; }
tbody tr:hover { background: #f0f5f9; }
td a, li a { color: var(--link); font-weight: 550; text-decoration: none; }
td a:hover, li a:hover { text-decoration: underline; }
.card { margin-bottom: 18px; padding: 18px 20px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 300px; gap: 20px; align-items: start; }
.fields label { display: grid; grid-template-columns: 210px minmax(0, 1fr); gap: 12px; align-items: center; margin-bottom: 10px; }
.fields label span { color: var(--soft); }
.inline { display: inline; }
.fields p { margin: 18px 0 0; }
.card ul { margin: 0 0 12px; padding-left: 18px; }
.problem { padding: 10px 14px; border: 1px solid #f0b8b2; border-radius: 6px; background: #fdf0ee; color: #8f1d12; overflow-wrap: anywhere; }
.empty { color: var(--soft); }
.paging { display: flex; gap: 8px; }
@media (max-width: 800px) { .columns, .fields label { grid-template-columns: 1fr; } .fields label { gap: 2px; } }
`;
