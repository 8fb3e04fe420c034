/** What HubSpot makes of a written value: checked by the property's type, then stored as a string. */
import type { ValidationResult } from "./errors.ts";
import { parseExact } from "./exact-decimal.ts";
import type { ObjectType } from "./object-types.ts";
import type { PropertyDefinition } from "./properties.ts";

const STRING_LENGTH_MAX = 65_536;
const EMAIL_PATTERN = /^[^\s@<>(),;:"]+@[a-z0-9-]+(\.[a-z0-9-]+)+$/;
const DATE_PATTERN = /^\d{4}-\d{2}-\d{2}$/;
const DATETIME_PATTERN = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})$/;
const EPOCH_MS_PATTERN = /^-?\d{1,15}$/;
const DAY_MS = 86_400_000;
/** Years, months and days, or weeks: `P1Y6M`, `P12M`, `P52W`. */
const BILLING_TERM_PATTERN = /^P(?=\d)(\d+W|(\d+Y)?(\d+M)?(\d+D)?)$/;

/** A value as stored (`null` clears the property), or why HubSpot refuses it. */
export type CheckedValue =
  | { readonly kind: "valid"; readonly value: string | null }
  | { readonly kind: "refused"; readonly result: ValidationResult };

/** `current` is the value stored so far: a checkbox list may be added to with a leading `;`. */
export function checkValue(
  type: ObjectType,
  definition: PropertyDefinition,
  given: string | boolean,
  current: string | undefined,
): CheckedValue {
  const { name } = definition;
  const text = String(given);
  if (definition.readOnly) {
    const message = `"${name}" is a read only property; its value cannot be set.`;
    return refused(name, "READ_ONLY_VALUE", message);
  }
  if (text === "") return { kind: "valid", value: null };
  if (definition.type === "string") return checkString(type, name, text);
  if (text.trim() !== text) {
    const message = `"${text}" includes leading or trailing whitespace.`;
    return refused(name, "LEADING_TRAILING_WHITESPACE", message);
  }
  switch (definition.type) {
    case "number":
      if (parseExact(text) !== undefined) return { kind: "valid", value: text };
      return refused(name, "INVALID_INTEGER", `${text} was not a valid number.`);
    case "date":
      return checkDate(name, text);
    case "datetime":
      return checkDatetime(name, text);
    case "bool":
      return checkOptions(definition, text.toLowerCase(), current);
    default:
      return checkOptions(definition, text, current);
  }
}

function checkString(type: ObjectType, name: string, text: string): CheckedValue {
  if (text.length > STRING_LENGTH_MAX) {
    const message = `${name} is longer than ${STRING_LENGTH_MAX} characters.`;
    return refused(name, "VALUE_TOO_LONG", message);
  }
  const trimmed = text.trim();
  if (trimmed === "") return { kind: "valid", value: null };
  if (type === "contacts" && name === "email") {
    const email = trimmed.toLowerCase();
    if (EMAIL_PATTERN.test(email)) return { kind: "valid", value: email };
    return refused(name, "INVALID_EMAIL", `Email address ${trimmed} is invalid`);
  }
  if (type === "companies" && name === "domain") {
    return { kind: "valid", value: normalizeDomain(trimmed) };
  }
  if (name === "hs_recurring_billing_period" && !BILLING_TERM_PATTERN.test(trimmed)) {
    const message = `The recurring billing duration '${trimmed}' is not a valid billing duration`;
    return refused(name, "INVALID_RECURRING_BILLING_DURATION", message);
  }
  return { kind: "valid", value: trimmed };
}

/** The bare host of what a person pastes as a domain: no scheme, credentials, `www.`, port or path. */
function normalizeDomain(text: string): string | null {
  const host = text
    .toLowerCase()
    .replace(/^[a-z][a-z0-9+.-]*:\/\//, "")
    .replace(/[/?#].*$/s, "")
    .replace(/^.*@/, "")
    .replace(/:\d+$/, "")
    .replace(/^www\./, "");
  return host === "" ? null : host;
}

function checkDate(name: string, text: string): CheckedValue {
  if (DATE_PATTERN.test(text)) {
    const at = Date.parse(`${text}T00:00:00Z`);
    const isReal = !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
    if (isReal) return { kind: "valid", value: text };
  } else if (EPOCH_MS_PATTERN.test(text)) {
    const at = Number(text);
    if (at % DAY_MS === 0) return { kind: "valid", value: new Date(at).toISOString().slice(0, 10) };
    const message = `${text} is at ${new Date(at).toISOString()}, not midnight.`;
    return refused(name, "INVALID_DATE", message);
  }
  return refused(name, "INVALID_DATE", `${text} was not a valid date.`);
}

function checkDatetime(name: string, text: string): CheckedValue {
  const at = readInstant(text);
  if (at !== undefined) return { kind: "valid", value: new Date(at).toISOString() };
  return refused(name, "INVALID_LONG", `${text} was not a valid long.`);
}

/** Milliseconds since 1970 for a date, an ISO 8601 time or a count of milliseconds. */
export function readInstant(text: string): number | undefined {
  if (EPOCH_MS_PATTERN.test(text)) return Number(text);
  if (!DATETIME_PATTERN.test(text) && !DATE_PATTERN.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function checkOptions(
  definition: PropertyDefinition,
  text: string,
  current: string | undefined,
): CheckedValue {
  const { name, options } = definition;
  const values = definition.fieldType === "checkbox" ? splitList(text) : [text];
  for (const value of values) {
    if (options.some((option) => option.value === value)) continue;
    const allowed = options.map((option) => option.value).join(", ");
    const message = `${value} was not one of the allowed options: [${allowed}]`;
    return refused(name, "INVALID_OPTION", message);
  }
  if (definition.fieldType !== "checkbox") return { kind: "valid", value: text };
  const kept = text.startsWith(";") ? splitList(current ?? "") : [];
  return { kind: "valid", value: [...new Set([...kept, ...values])].join(";") };
}

function splitList(text: string): string[] {
  return text.split(";").filter((part) => part !== "");
}

function refused(name: string, error: string, message: string): CheckedValue {
  return { kind: "refused", result: { name, error, message } };
}
