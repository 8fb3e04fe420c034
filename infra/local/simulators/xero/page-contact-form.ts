/** The form of a contact and how its fields become an element of the API. */
import type { Element } from "./element.ts";
import { type Html, html } from "./html.ts";
import type { ContactRecord } from "./records.ts";

const TEXT_FIELDS: Readonly<Record<string, string>> = {
  Name: "Name",
  FirstName: "First name",
  LastName: "Last name",
  EmailAddress: "E-mail",
  AccountNumber: "Account number",
  TaxNumber: "Tax number",
};
const ADDRESS_FIELDS: Readonly<Record<string, string>> = {
  AddressLine1: "Street",
  City: "City",
  Region: "Region",
  PostalCode: "Postal code",
  Country: "Country",
};

export const CONTACT_FORM: { readonly termTypes: Readonly<Record<string, string>> } = {
  termTypes: {
    DAYSAFTERBILLDATE: "days after the invoice date",
    DAYSAFTERBILLMONTH: "days after the invoice month",
    OFCURRENTMONTH: "of the current month",
    OFFOLLOWINGMONTH: "of the following month",
  },
};

export function contactForm(action: string, contact: ContactRecord | undefined): Html {
  const texts: Readonly<Record<string, unknown>> = { ...contact };
  const street: Readonly<Record<string, string>> = { ...contact?.Addresses.STREET };
  const terms = contact?.PaymentTerms.Sales;
  return html`<form method="post" action="${action}"><div class="fields">
    ${Object.entries(TEXT_FIELDS).map(([field, label]) => input(field, label, String(texts[field] ?? "")))}
    ${input("PhoneNumber", "Phone", contact?.Phones.DEFAULT?.PhoneNumber ?? "")}
    ${Object.entries(ADDRESS_FIELDS).map(([field, label]) => input(field, label, street[field] ?? ""))}
    ${input("TermDay", "Payment is due (days)", terms === undefined ? "" : String(terms.Day))}
    <label>counted as <select name="TermType">${Object.entries(CONTACT_FORM.termTypes).map(
      ([type, label]) =>
        html`<option value="${type}"${{ html: type === terms?.Type ? " selected" : "" }}>${label}</option>`,
    )}</select></label></div><button>Save</button></form>`;
}

/** The element a posted form stands for; fields the form did not have are left out. */
export function contactElement(form: URLSearchParams, former: ContactRecord | undefined): Element {
  const element: Record<string, unknown> = {};
  for (const field of [...Object.keys(TEXT_FIELDS), "ContactStatus"]) {
    const text = form.get(field);
    if (text !== null) element[field] = text;
  }
  const phone = form.get("PhoneNumber");
  if (phone !== null) {
    const kept = former?.Phones.DEFAULT;
    element["Phones"] = [{ ...kept, PhoneType: "DEFAULT", PhoneNumber: phone }];
  }
  if (form.has("City")) {
    const kept = former?.Addresses.STREET;
    const sent = Object.keys(ADDRESS_FIELDS).map((field) => [field, form.get(field) ?? ""]);
    element["Addresses"] = [{ ...kept, ...Object.fromEntries(sent), AddressType: "STREET" }];
  }
  const day = form.get("TermDay") ?? "";
  if (day !== "") element["PaymentTerms"] = { Sales: { Day: day, Type: form.get("TermType") } };
  return element;
}

function input(name: string, label: string, value: string): Html {
  return html`<label>${label}<input name="${name}" value="${value}"></label>`;
}
