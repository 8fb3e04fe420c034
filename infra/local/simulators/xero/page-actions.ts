/** The page's routes. Each form goes through the same rules as the API and causes the same webhooks. */
import type { Route, SimRequest, SimResponse } from "../simulator-core.ts";
import { activeContactNamed } from "./contacts.ts";
import { type Element, MalformedElementError } from "./element.ts";
import { type Books, SALES_CODE } from "./organisation.ts";
import { renderPage } from "./page.ts";
import { contactElement } from "./page-contact-form.ts";
import { type PageView, TABS, type Tab } from "./page-parts.ts";
import type { CreditKey } from "./records.ts";
import { RefusedActionError, XeroUser } from "./user.ts";

type Act = (form: URLSearchParams, id: string) => string;

function action(path: string, tab: Tab, run: Act): Route {
  return { method: "POST", path, answer: (request) => answerAction(request, tab, run) };
}

export function pageRoutes(books: Books): readonly Route[] {
  const user = new XeroUser(books);
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
    ...creditRoutes(books, user),
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

/** What the three kinds of credit have in common, and what is each one's own. */
function creditRoutes(books: Books, user: XeroUser): readonly Route[] {
  const note = (form: URLSearchParams): Element => ({
    ...receivedElement(books, form),
    Type: "ACCRECCREDIT",
  });
  return [
    action("/ui/CreditNote", "credit notes", (form) => {
      user.createCreditNote(note(form));
      return "Credit note made";
    }),
    action("/ui/Prepayment", "prepayments", (form) => {
      user.receivePrepayment(receivedElement(books, form));
      return "Prepayment received";
    }),
    action("/ui/Overpayment", "overpayments", (form) => {
      user.receiveOverpayment(receivedElement(books, form));
      return "Overpayment received";
    }),
    action("/ui/CreditNote/{id}", "credit notes", (form, id) => {
      user.editCreditNote(id, elementOf(form));
      return "Credit note saved";
    }),
    action("/ui/Prepayment/{id}", "prepayments", (_form, id) => {
      user.voidPrepayment(id);
      return "Prepayment voided";
    }),
    action("/ui/Overpayment/{id}", "overpayments", (_form, id) => {
      user.voidOverpayment(id);
      return "Overpayment voided";
    }),
    ...spendingRoutes(user, "CreditNote", "credit notes"),
    ...spendingRoutes(user, "Prepayment", "prepayments"),
    ...spendingRoutes(user, "Overpayment", "overpayments"),
    action("/ui/allocations/{id}/remove", "invoices", (_form, id) => {
      user.removeAllocation(id);
      return "Allocation removed";
    }),
  ];
}

function spendingRoutes(user: XeroUser, kind: CreditKey["kind"], tab: Tab): readonly Route[] {
  return [
    action(`/ui/${kind}/{id}/allocate`, tab, (form, id) => {
      const Invoice = { InvoiceID: form.get("InvoiceID") ?? "" };
      user.allocate({ kind, id }, { ...elementOf(form), Invoice });
      return "Credit allocated";
    }),
    action(`/ui/${kind}/{id}/refund`, tab, (form, id) => {
      user.refund({ kind, id }, elementOf(form));
      return "Refund recorded";
    }),
  ];
}

/** A document of one line of sales over the whole amount, tax in it. */
function receivedElement(books: Books, form: URLSearchParams): Element {
  const contact = activeContactNamed(books, (form.get("Contact") ?? "").trim());
  if (contact === undefined) throw new RefusedActionError("No active contact has that name");
  const amount = form.get("Amount") ?? "";
  const description = form.get("Reference") || "Credit";
  return {
    ...elementOf(form),
    Contact: { ContactID: contact.ContactID },
    BankAccount: { Code: form.get("Code") ?? "" },
    LineAmountTypes: "Inclusive",
    LineItems: [{ Description: description, UnitAmount: amount, AccountCode: SALES_CODE }],
  };
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
