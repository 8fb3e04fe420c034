/**
 * Reads what a caller sent. A field that is absent or null is "not sent" and leaves the record as it
 * is; an empty text clears. Text is trimmed, as Xero trims it.
 */
import { scaledOf } from "./decimal.ts";
import { isExactNumber } from "./exact-json.ts";
import { parseWireDate } from "./wire-dates.ts";

export type Element = Readonly<Record<string, unknown>>;

/** The sent JSON has a shape no element can have: answered with `PostDataInvalidException`. */
export class MalformedElementError extends Error {}

export function isElement(value: unknown): value is Element {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !isExactNumber(value)
  );
}

export function sentText(element: Element, field: string): string | undefined {
  const value = element[field];
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value.trim();
  if (typeof value === "boolean") return String(value);
  if (isExactNumber(value)) return value.rawJSON;
  throw new MalformedElementError(`${field} must be text`);
}

/** The sent number in 10^-scale units, rounded half up. */
export function sentDecimal(element: Element, field: string, scale: number): bigint | undefined {
  const text = sentText(element, field);
  if (text === undefined || text === "") return undefined;
  const value = scaledOf(text, scale);
  if (value === undefined) throw new MalformedElementError(`${field} must be a number`);
  return value;
}

/** The sent calendar date as `YYYY-MM-DD`, or `""` where it is cleared. */
export function sentDate(element: Element, field: string): string | undefined {
  const text = sentText(element, field);
  if (text === undefined || text === "") return text;
  const date = parseWireDate(text);
  if (date === undefined) throw new MalformedElementError(`${field} must be a date`);
  return date;
}

export function sentFlag(element: Element, field: string): boolean | undefined {
  const text = sentText(element, field)?.toLowerCase();
  if (text === undefined || text === "") return undefined;
  if (text !== "true" && text !== "false") {
    throw new MalformedElementError(`${field} must be true or false`);
  }
  return text === "true";
}

export function sentElement(element: Element, field: string): Element | undefined {
  const value = element[field];
  if (value === undefined || value === null) return undefined;
  if (!isElement(value)) throw new MalformedElementError(`${field} must be an object`);
  return value;
}

export function sentList(element: Element, field: string): readonly Element[] | undefined {
  const value = element[field];
  if (value === undefined || value === null) return undefined;
  if (!Array.isArray(value) || !value.every(isElement)) {
    throw new MalformedElementError(`${field} must be a list of objects`);
  }
  return value;
}

/** Fields the caller gave a value, `null` counting as none. */
export function sentFields(element: Element): readonly string[] {
  return Object.keys(element).filter(
    (field) => element[field] !== undefined && element[field] !== null,
  );
}

/** The texts of `limits` that were sent; one message for each that is too long. */
export function sentTexts<Names extends string>(
  element: Element,
  limits: Readonly<Record<Names, number>>,
  messages: string[],
): Partial<Record<Names, string>> {
  const texts: Partial<Record<Names, string>> = {};
  for (const field of Object.keys(limits) as Names[]) {
    const text = sentText(element, field);
    if (text === undefined) continue;
    if (text.length > limits[field]) messages.push(tooLong(field, limits[field]));
    texts[field] = text;
  }
  return texts;
}

export function tooLong(field: string, lengthMax: number): string {
  return `The field ${field} must be a string with a maximum length of ${lengthMax}.`;
}
