/**
 * The rules of contacts: which contact a write means, what is refused, archiving and merging.
 *
 * Xero's habits kept here: names are unique among active contacts only and without regard to case; a
 * POST matches by ContactID, then ContactNumber, then Name; every accepted write moves
 * UpdatedDateUTC, even one that changes nothing.
 */
import { announceCreditNote } from "./credits.ts";
import {
  type Element,
  sentDecimal,
  sentElement,
  sentFlag,
  sentList,
  sentText,
  sentTexts,
  tooLong,
} from "./element.ts";
import type { Books, Saved, WriteMode } from "./organisation.ts";
import {
  ADDRESS_TEXTS,
  ADDRESS_TYPES,
  CONTACT_TEXTS,
  type ContactPerson,
  type ContactRecord,
  type PaymentTerm,
  PHONE_TEXTS,
  PHONE_TYPES,
} from "./records.ts";
import { foldCase } from "./store.ts";

const NAME_LENGTH_MAX = 255;
const CONTACT_PERSONS_MAX = 5;
const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;
const PAYMENT_TERM_DAY_MAX: ReadonlyMap<string, bigint> = new Map([
  ["DAYSAFTERBILLDATE", 999n],
  ["DAYSAFTERBILLMONTH", 999n],
  ["OFCURRENTMONTH", 31n],
  ["OFFOLLOWINGMONTH", 31n],
]);
const PERSON_TEXTS = { FirstName: 255, LastName: 255, EmailAddress: 255 } as const;

/** Makes or changes a contact. Throws MalformedElementError. */
export function saveContact(
  books: Books,
  element: Element,
  mode: WriteMode<ContactRecord>,
): Saved<ContactRecord> {
  const messages: string[] = [];
  const former = mode.kind === "update" ? mode.former : formerContact(books, element, mode.kind);
  if (former === "unknown") {
    return {
      kind: "refused",
      messages: [`No contact was found for ContactID ${sentText(element, "ContactID") ?? ""}`],
    };
  }
  const record = draftContact(books, element, former, messages);
  checkContact(books, record, former, messages);
  if (messages.length > 0) {
    return { kind: "refused", messages, ...(former === undefined ? {} : { former }) };
  }
  books.store.contacts.put(record);
  books.store.announce("CONTACT", former === undefined ? "CREATE" : "UPDATE", record.ContactID);
  return { kind: "saved", record };
}

/** The contact of a ContactID, or of a ContactNumber. */
export function findContact(books: Books, idOrNumber: string): ContactRecord | undefined {
  return (
    books.store.contacts.get(idOrNumber) ??
    books.store.contacts.by("number", foldCase(idOrNumber))[0]
  );
}

export function activeContactNamed(books: Books, name: string): ContactRecord | undefined {
  return books.store.contacts.by("activeName", foldCase(name))[0];
}

/** Merges as the web application does: the loser is archived and points on, its documents move over. */
export function mergeContacts(books: Books, loser: ContactRecord, winner: ContactRecord): void {
  const { store } = books;
  store.contacts.put({
    ...loser,
    ContactStatus: "ARCHIVED",
    MergedToContactID: winner.ContactID,
    UpdatedDateUTC: store.now,
  });
  const moved = { ContactID: winner.ContactID, UpdatedDateUTC: store.now };
  for (const invoice of store.invoices.by("contact", loser.ContactID)) {
    store.invoices.put({ ...invoice, ...moved });
    store.announce("INVOICE", "UPDATE", invoice.InvoiceID);
  }
  for (const note of store.creditNotes.by("contact", loser.ContactID)) {
    store.creditNotes.put({ ...note, ...moved });
    announceCreditNote(store, note, "UPDATE");
  }
  for (const prepayment of store.prepayments.by("contact", loser.ContactID)) {
    store.prepayments.put({ ...prepayment, ...moved });
  }
  for (const overpayment of store.overpayments.by("contact", loser.ContactID)) {
    store.overpayments.put({ ...overpayment, ...moved });
  }
  store.contacts.put({ ...winner, UpdatedDateUTC: store.now });
  store.announce("CONTACT", "UPDATE", loser.ContactID);
  store.announce("CONTACT", "UPDATE", winner.ContactID);
}

function formerContact(
  books: Books,
  element: Element,
  kind: "create" | "upsert",
): ContactRecord | "unknown" | undefined {
  if (kind === "create") return undefined;
  const id = sentText(element, "ContactID");
  if (id !== undefined && id !== "") return books.store.contacts.get(id) ?? "unknown";
  const number = sentText(element, "ContactNumber") ?? "";
  const byNumber = books.store.contacts.by("number", foldCase(number))[0];
  if (byNumber !== undefined) return byNumber;
  return activeContactNamed(books, sentText(element, "Name") ?? "");
}

function draftContact(
  books: Books,
  element: Element,
  former: ContactRecord | undefined,
  messages: string[],
): ContactRecord {
  const status = sentText(element, "ContactStatus") ?? former?.ContactStatus ?? "ACTIVE";
  if (status !== "ACTIVE" && status !== "ARCHIVED") {
    messages.push(`The contact status ${status} cannot be set`);
  }
  const persons = sentList(element, "ContactPersons");
  return books.textHabits.keptAll("contacts", {
    ...(former ?? emptyContact(books)),
    ...sentTexts(element, CONTACT_TEXTS, messages),
    Name: sentText(element, "Name") ?? former?.Name ?? "",
    ContactStatus: status === "ARCHIVED" ? "ARCHIVED" : "ACTIVE",
    Addresses: { ...former?.Addresses, ...readAddresses(element, messages) },
    Phones: { ...former?.Phones, ...readPhones(element, messages) },
    ContactPersons:
      persons === undefined
        ? (former?.ContactPersons ?? [])
        : persons.map((person) => readPerson(person, messages)),
    PaymentTerms: { ...former?.PaymentTerms, ...readPaymentTerms(element, messages) },
    UpdatedDateUTC: books.store.now,
  } satisfies ContactRecord);
}

function emptyContact(books: Books): ContactRecord {
  return {
    ContactID: books.store.nextGuid(),
    ContactStatus: "ACTIVE",
    Name: "",
    ContactNumber: "",
    AccountNumber: "",
    FirstName: "",
    LastName: "",
    CompanyNumber: "",
    EmailAddress: "",
    TaxNumber: "",
    BankAccountDetails: "",
    DefaultCurrency: "",
    AccountsReceivableTaxType: "",
    AccountsPayableTaxType: "",
    SalesDefaultAccountCode: "",
    PurchasesDefaultAccountCode: "",
    Addresses: {},
    Phones: {},
    ContactPersons: [],
    PaymentTerms: {},
    UpdatedDateUTC: books.store.now,
  };
}

function checkContact(
  books: Books,
  record: ContactRecord,
  former: ContactRecord | undefined,
  messages: string[],
): void {
  if (former?.ContactStatus === "ARCHIVED" && record.ContactStatus === "ARCHIVED") {
    messages.push(`The contact ${former.Name} is archived and cannot be updated.`);
  }
  if (former?.MergedToContactID !== undefined && record.ContactStatus === "ACTIVE") {
    messages.push(`The contact ${former.Name} was merged and cannot be restored.`);
  }
  if (record.Name === "") messages.push("The contact name must be specified.");
  if (record.Name.length > NAME_LENGTH_MAX) messages.push(tooLong("Name", NAME_LENGTH_MAX));
  const namesake = activeContactNamed(books, record.Name);
  if (
    record.ContactStatus === "ACTIVE" &&
    namesake !== undefined &&
    namesake.ContactID !== record.ContactID
  ) {
    messages.push(
      `The contact name ${record.Name} is already assigned to another contact. The contact name must be unique across all active contacts.`,
    );
  }
  const holder = books.store.contacts.by("number", foldCase(record.ContactNumber))[0];
  if (holder !== undefined && holder.ContactID !== record.ContactID) {
    messages.push(
      `The contact number ${record.ContactNumber} is already assigned to another contact. The contact number must be unique across all contacts.`,
    );
  }
  if (record.EmailAddress !== "" && !EMAIL.test(record.EmailAddress)) {
    messages.push("Email address must be valid.");
  }
  if (record.DefaultCurrency !== "" && !books.organisation.dayRates.has(record.DefaultCurrency)) {
    messages.push(`Organisation is not subscribed to currency ${record.DefaultCurrency}`);
  }
  if (record.ContactPersons.length > CONTACT_PERSONS_MAX) {
    messages.push(`A contact can have at most ${CONTACT_PERSONS_MAX} contact persons.`);
  }
}

function readAddresses(element: Element, messages: string[]): ContactRecord["Addresses"] {
  const addresses: {
    -readonly [Type in keyof ContactRecord["Addresses"]]: NonNullable<
      ContactRecord["Addresses"][Type]
    >;
  } = {};
  for (const sent of sentList(element, "Addresses") ?? []) {
    const type = ADDRESS_TYPES.find((known) => known === sentText(sent, "AddressType"));
    if (type === undefined) messages.push("The address type must be STREET or POBOX.");
    else
      addresses[type] = {
        ...emptyTexts(ADDRESS_TEXTS),
        ...sentTexts(sent, ADDRESS_TEXTS, messages),
      };
  }
  return addresses;
}

function readPhones(element: Element, messages: string[]): ContactRecord["Phones"] {
  const phones: {
    -readonly [Type in keyof ContactRecord["Phones"]]: NonNullable<ContactRecord["Phones"][Type]>;
  } = {};
  for (const sent of sentList(element, "Phones") ?? []) {
    const type = PHONE_TYPES.find((known) => known === sentText(sent, "PhoneType"));
    if (type === undefined) messages.push("The phone type must be DEFAULT, DDI, MOBILE or FAX.");
    else phones[type] = { ...emptyTexts(PHONE_TEXTS), ...sentTexts(sent, PHONE_TEXTS, messages) };
  }
  return phones;
}

function emptyTexts<Names extends string>(
  limits: Readonly<Record<Names, number>>,
): Record<Names, string> {
  return Object.fromEntries(Object.keys(limits).map((field) => [field, ""])) as Record<
    Names,
    string
  >;
}

function readPerson(element: Element, messages: string[]): ContactPerson {
  return {
    ...emptyTexts(PERSON_TEXTS),
    ...sentTexts(element, PERSON_TEXTS, messages),
    IncludeInEmails: sentFlag(element, "IncludeInEmails") ?? false,
  };
}

function readPaymentTerms(element: Element, messages: string[]): ContactRecord["PaymentTerms"] {
  const sent = sentElement(element, "PaymentTerms") ?? {};
  const sales = readPaymentTerm(sentElement(sent, "Sales"), messages);
  const bills = readPaymentTerm(sentElement(sent, "Bills"), messages);
  return {
    ...(sales === undefined ? {} : { Sales: sales }),
    ...(bills === undefined ? {} : { Bills: bills }),
  };
}

function readPaymentTerm(
  element: Element | undefined,
  messages: string[],
): PaymentTerm | undefined {
  if (element === undefined || Object.keys(element).length === 0) return undefined;
  const day = sentDecimal(element, "Day", 0);
  const type = sentText(element, "Type") ?? "";
  const dayMax = PAYMENT_TERM_DAY_MAX.get(type);
  if (day === undefined || dayMax === undefined || day < 0n || day > dayMax) {
    messages.push("The payment terms are not valid.");
    return undefined;
  }
  return { Day: Number(day), Type: type };
}
