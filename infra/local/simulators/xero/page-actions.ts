/** The page's routes. Each form goes through the same rules as the API and causes the same webhooks. */
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { activeContactNamed } from "./contacts.ts";
import { type Element, MalformedElementError } from "./element.ts";
import type { Books } from "./organisation.ts";
import { type PageView, renderPage, TABS, type Tab } from "./page.ts";
import { contactElement } from "./page-contact-form.ts";
import { RefusedActionError, XeroUser } from "./user.ts";

export function pageRoutes(books: Books): readonly Route[] {
  const user = new XeroUser(books);
  const action = (
    path: string,
    tab: Tab,
    run: (form: URLSearchParams, id: string) => string,
  ): Route => ({ method: "POST", path, answer: (request) => answerAction(request, tab, run) });
  return [
    { method: "GET", path: "/", answer: (request) => answerPage(books, request) },
    action("/ui/contacts", "contacts", (form) => {
      user.createContact(contactElement(form, undefined));
      return "Contact made";
    }),
    action("/ui/contacts/{id}", "contacts", (form, id) => {
      user.editContact(id, contactElement(form, books.store.contacts.get(id)));
      return "Contact saved";
    }),
    action("/ui/contacts/{id}/merge", "contacts", (form, id) => mergeInto(books, user, form, id)),
    action("/ui/invoices/{id}", "invoices", (form, id) => {
      user.editInvoice(id, elementOf(form));
      return "Invoice saved";
    }),
    action("/ui/invoices/{id}/pay", "invoices", (form, id) => {
      user.pay(id, elementOf(form));
      return "Payment recorded";
    }),
    action("/ui/payments/{id}", "payments", (_form, id) => {
      user.deletePayment(id);
      return "Payment deleted";
    }),
    action("/ui/lock-dates", "settings", (form) => {
      user.setLockDates({
        periodLockDate: form.get("periodLockDate") ?? "",
        endOfYearLockDate: form.get("endOfYearLockDate") ?? "",
      });
      return "Lock dates saved";
    }),
  ];
}

function answerPage(books: Books, request: SimRequest): SimResponse {
  const read = (name: string): string => request.query.get(name) ?? "";
  const page = Number(read("page"));
  const view: PageView = {
    tab: TABS.find((tab) => tab === read("tab")) ?? "contacts",
    search: read("q"),
    page: Number.isSafeInteger(page) && page > 0 ? page : 1,
    editedId: read("edit"),
    notice: read("notice"),
    error: read("error"),
  };
  return {
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    },
    body: renderPage(books, view),
  };
}

/** Shows the page again, with what was done or why it was not. */
function answerAction(
  request: SimRequest,
  tab: Tab,
  run: (form: URLSearchParams, id: string) => string,
): SimResponse {
  const form = new URLSearchParams(request.rawBody.toString("utf8"));
  const shown: Record<string, string> = { tab };
  try {
    shown["notice"] = run(form, request.params["id"] ?? "");
  } catch (cause) {
    const isRefused = cause instanceof RefusedActionError || cause instanceof MalformedElementError;
    if (!isRefused) throw cause;
    shown["error"] = cause.message;
  }
  return { status: 303, headers: { location: `/?${new URLSearchParams(shown).toString()}` } };
}

function mergeInto(books: Books, user: XeroUser, form: URLSearchParams, id: string): string {
  const winner = activeContactNamed(books, (form.get("into") ?? "").trim());
  if (winner === undefined) throw new RefusedActionError("No active contact has that name");
  user.mergeContacts(id, winner.ContactID);
  return `The contact was merged into ${winner.Name}`;
}

function elementOf(form: URLSearchParams): Element {
  return Object.fromEntries(form);
}
