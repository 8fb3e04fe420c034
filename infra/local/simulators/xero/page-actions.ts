/** The page's routes. Each form goes through the same rules as the API and causes the same webhooks. */
import type { Route, SimRequest, SimResponse } from "../kernel.ts";
import { activeContactNamed, mergeContacts, saveContact } from "./contacts.ts";
import { type Element, MalformedElementError } from "./element.ts";
import { saveInvoice } from "./invoices.ts";
import type { Books, Saved } from "./organisation.ts";
import { type PageView, renderPage, TABS, type Tab } from "./page.ts";
import { contactElement } from "./page-contact-form.ts";
import { createPayment, deletePayment } from "./payments.ts";
import { parseWireDate } from "./wire-dates.ts";

/** What an action did, in words; `isDone` false where it was refused. */
interface Outcome {
  readonly isDone: boolean;
  readonly text: string;
}

export function pageRoutes(books: Books): readonly Route[] {
  const action = (
    path: string,
    tab: Tab,
    run: (form: URLSearchParams, id: string) => Outcome,
  ): Route => ({
    method: "POST",
    path,
    answer: (request) => answerAction(books, request, tab, run),
  });
  return [
    { method: "GET", path: "/", answer: (request) => answerPage(books, request) },
    action("/ui/contacts", "contacts", (form) =>
      told(saveContact(books, contactElement(form, undefined), { kind: "create" }), "Contact made"),
    ),
    action("/ui/contacts/{id}", "contacts", (form, id) => {
      const former = books.store.contacts.get(id);
      if (former === undefined) return refused("There is no such contact");
      const element = contactElement(form, former);
      return told(saveContact(books, element, { kind: "update", former }), "Contact saved");
    }),
    action("/ui/contacts/{id}/merge", "contacts", (form, id) => mergeInto(books, form, id)),
    action("/ui/invoices/{id}", "invoices", (form, id) => {
      const former = books.store.invoices.get(id);
      if (former === undefined) return refused("There is no such invoice");
      return told(
        saveInvoice(books, elementOf(form), { kind: "update", former }, 4),
        "Invoice saved",
      );
    }),
    action("/ui/invoices/{id}/pay", "invoices", (form, id) =>
      told(
        createPayment(books, { ...elementOf(form), Invoice: { InvoiceID: id } }),
        "Payment recorded",
      ),
    ),
    action("/ui/payments/{id}", "payments", (form, id) => {
      const former = books.store.payments.get(id);
      if (former === undefined) return refused("There is no such payment");
      return told(deletePayment(books, elementOf(form), former), "Payment deleted");
    }),
    action("/ui/lock-dates", "settings", (form) => setLockDates(books, form)),
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

function answerAction(
  books: Books,
  request: SimRequest,
  tab: Tab,
  run: (form: URLSearchParams, id: string) => Outcome,
): SimResponse {
  const form = new URLSearchParams(request.rawBody.toString("utf8"));
  let outcome = refused("Nothing was done");
  try {
    books.store.transaction(() => {
      outcome = run(form, request.params["id"] ?? "");
      return outcome.isDone;
    });
  } catch (cause) {
    if (!(cause instanceof MalformedElementError)) throw cause;
    outcome = refused(cause.message);
  }
  const query = new URLSearchParams({ tab, [outcome.isDone ? "notice" : "error"]: outcome.text });
  return { status: 303, headers: { location: `/?${query.toString()}` } };
}

function mergeInto(books: Books, form: URLSearchParams, id: string): Outcome {
  const loser = books.store.contacts.get(id);
  const winner = activeContactNamed(books, (form.get("into") ?? "").trim());
  if (loser === undefined || loser.ContactStatus !== "ACTIVE") {
    return refused("There is no such active contact");
  }
  if (winner === undefined) return refused("No active contact has that name");
  if (winner.ContactID === loser.ContactID) return refused("A contact cannot merge into itself");
  mergeContacts(books, loser, winner);
  return { isDone: true, text: `${loser.Name} was merged into ${winner.Name}` };
}

function setLockDates(books: Books, form: URLSearchParams): Outcome {
  const periodLockDate = form.get("periodLockDate") ?? "";
  const endOfYearLockDate = form.get("endOfYearLockDate") ?? "";
  for (const date of [periodLockDate, endOfYearLockDate]) {
    if (date !== "" && parseWireDate(date) !== date) return refused(`${date} is not a date`);
  }
  books.store.change({ periodLockDate, endOfYearLockDate });
  return { isDone: true, text: "Lock dates saved" };
}

function elementOf(form: URLSearchParams): Element {
  return Object.fromEntries(form);
}

function told<T>(saved: Saved<T>, text: string): Outcome {
  return saved.kind === "saved" ? { isDone: true, text } : refused(saved.messages.join(" "));
}

function refused(text: string): Outcome {
  return { isDone: false, text };
}
