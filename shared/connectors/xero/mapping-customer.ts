/** Customers and Xero's contacts, both ways. */
import type { FieldValue, ObservedRecord } from "#shared/domain/records.ts";
import { assert } from "#shared/domain/sync-error.ts";
import type { RemoteWrite } from "#shared/ports/connector.ts";
import { checkFilled, checkLength, checkNotCleared, lengthMax } from "./refusals.ts";
import { contactSchema, type RawContact } from "./schema.ts";
import { type Completeness, decimalOf, instantOf, sentText, textOf, unreadable } from "./wire.ts";

const DAYS_AFTER_INVOICE = "DAYSAFTERBILLDATE";
const LINES_MAX = 4;
const addressFields = ["street", "city", "region", "postalCode", "country"] as const;

type WireElement = Readonly<Record<string, unknown>>;

/** Throws SyncError `invalid-input` on a contact that breaks its own shape, ZodError on another shape. */
export function toCustomer(element: unknown, completeness: Completeness): ObservedRecord {
  const raw = contactSchema.parse(element);
  const number = textOf(raw.ContactNumber, completeness);
  return {
    recordType: "customer",
    externalId: raw.ContactID,
    version: instantOf(raw.UpdatedDateUTC, "UpdatedDateUTC"),
    ...lifeOf(raw),
    ...(typeof number === "string" ? { registeredId: number } : {}),
    ...(raw.IsSupplier === true && raw.IsCustomer === false ? { excluded: "supplier-only" } : {}),
    fields: {
      name: textOf(raw.Name, completeness),
      email: textOf(raw.EmailAddress, completeness),
      phone: phoneOf(raw),
      ...addressOf(raw),
      taxNumber: textOf(raw.TaxNumber, completeness),
      paymentTermsDays: paymentTermsOf(raw, completeness),
      currency: textOf(raw.DefaultCurrency, completeness),
    },
  };
}

/** A merged contact is archived too, and so is one that is to be forgotten (GDPRREQUEST). */
function lifeOf(raw: RawContact): Pick<ObservedRecord, "life" | "mergedInto"> {
  if ((raw.ContactStatus ?? "ACTIVE") === "ACTIVE") return { life: "live" };
  const mergedInto = raw.MergedToContactID;
  return isFilled(mergedInto) ? { life: "merged", mergedInto } : { life: "archived" };
}

/**
 * The contact as it is sent; `undefined` where nothing that Xero holds is owed. An address and a
 * phone are replaced as one, so any owed part sends all of it from the golden record.
 */
export function fromCustomer(write: RemoteWrite): WireElement | undefined {
  const { fields, record, externalId } = write;
  if (write.life !== undefined) return lifeFrom(write, write.life);
  checkCustomer(write);
  const owesAddress = addressFields.some((field) => fields[field] !== undefined);
  const changes: WireElement = {
    ...ownText("Name", fields["name"]),
    ...ownText("EmailAddress", fields["email"]),
    ...ownText("TaxNumber", fields["taxNumber"]),
    ...(owesAddress ? { Addresses: [addressFrom({ ...record, ...fields })] } : {}),
    ...(fields["phone"] === undefined ? {} : { Phones: [phoneFrom(fields["phone"])] }),
    ...(typeof fields["paymentTermsDays"] === "number"
      ? { PaymentTerms: { Sales: { Day: fields["paymentTermsDays"], Type: DAYS_AFTER_INVOICE } } }
      : {}),
    ...(typeof fields["currency"] === "string" ? { DefaultCurrency: fields["currency"] } : {}),
  };
  if (externalId === undefined) return { ...changes, ContactNumber: contactNumberOf(write) };
  return Object.keys(changes).length === 0 ? undefined : { ContactID: externalId, ...changes };
}

/** Only the status: a contact that is archived takes no other change. */
function lifeFrom({ externalId }: RemoteWrite, life: "archived" | "live"): WireElement {
  assert(externalId !== undefined, "create-without-fields");
  return { ContactID: externalId, ContactStatus: life === "archived" ? "ARCHIVED" : "ACTIVE" };
}

/**
 * Our id as it stands in ContactNumber, where a later look-up finds it. It must fit, and stand in a
 * quoted text as it is.
 */
export function contactNumberOf(write: RemoteWrite): string {
  const { canonicalId } = write;
  const fits = canonicalId.length <= lengthMax.contactNumber && /^[\w.:-]+$/.test(canonicalId);
  assert(fits, "canonical-id-unsuitable");
  return canonicalId;
}

function checkCustomer({ fields, externalId }: RemoteWrite): void {
  const isNew = externalId === undefined;
  if (isNew || fields["name"] !== undefined) checkFilled(fields["name"], "name");
  if (!isNew) {
    for (const field of ["paymentTermsDays", "currency"]) checkNotCleared(fields[field], field);
  }
  for (const field of ["name", "email", "phone", "taxNumber"] as const) {
    checkLength(fields[field], field, lengthMax[field]);
  }
  for (const field of ["city", "region", "postalCode", "country"] as const) {
    checkLength(fields[field], field, lengthMax[field]);
  }
  const lines = linesOf(fields["street"]);
  for (const line of lines) checkLength(line, "street", lengthMax.addressLine);
  checkLength(lines.slice(LINES_MAX).join("\n") || undefined, "street", 0);
}

function ownText(name: string, value: FieldValue | undefined): WireElement {
  return value === undefined ? {} : { [name]: sentText(value) };
}

function phoneOf(raw: RawContact): string | null | undefined {
  if (raw.Phones === undefined || raw.Phones === null) return undefined;
  const phone = raw.Phones.find((entry) => entry.PhoneType === "DEFAULT");
  const parts = [phone?.PhoneCountryCode, phone?.PhoneAreaCode, phone?.PhoneNumber];
  return parts.filter(isFilled).join(" ") || null;
}

function phoneFrom(value: FieldValue): WireElement {
  return {
    PhoneType: "DEFAULT",
    PhoneNumber: sentText(value),
    PhoneAreaCode: "",
    PhoneCountryCode: "",
  };
}

function addressOf(raw: RawContact): ObservedRecord["fields"] {
  if (raw.Addresses === undefined || raw.Addresses === null) return {};
  const address = raw.Addresses.find((entry) => entry.AddressType === "POBOX");
  const lines = [
    address?.AddressLine1,
    address?.AddressLine2,
    address?.AddressLine3,
    address?.AddressLine4,
  ];
  return {
    street: lines.filter(isFilled).join("\n") || null,
    city: address?.City || null,
    region: address?.Region || null,
    postalCode: address?.PostalCode || null,
    country: address?.Country || null,
  };
}

function addressFrom(fields: ObservedRecord["fields"]): WireElement {
  const [first = "", second = "", third = "", fourth = ""] = linesOf(fields["street"]);
  return {
    AddressType: "POBOX",
    AddressLine1: first,
    AddressLine2: second,
    AddressLine3: third,
    AddressLine4: fourth,
    City: sentText(fields["city"]),
    Region: sentText(fields["region"]),
    PostalCode: sentText(fields["postalCode"]),
    Country: sentText(fields["country"]),
  };
}

function linesOf(street: FieldValue | undefined): string[] {
  return sentText(street)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
}

/** Terms of another kind, such as "20th of the following month", are no count of days: null. */
function paymentTermsOf(raw: RawContact, completeness: Completeness): number | null | undefined {
  if (raw.PaymentTerms === undefined && completeness === "part") return undefined;
  const terms = raw.PaymentTerms?.Sales;
  if (terms?.Type !== DAYS_AFTER_INVOICE) return null;
  const days = Number(decimalOf(terms.Day, "PaymentTerms.Sales.Day"));
  if (!Number.isSafeInteger(days)) throw unreadable("number-unreadable", "PaymentTerms.Sales.Day");
  return days;
}

function isFilled(text: string | null | undefined): text is string {
  return text !== undefined && text !== null && text !== "";
}
