/** Texts and numbers in and out of DynamoDB's attribute values. */
import type { Item } from "./table.ts";
import { unreadable } from "./value-codec.ts";

export function optionalText(item: Item, name: string): string | undefined {
  return item[name]?.S;
}

/** Throws `stored-record-unreadable` where the attribute is not a text. */
export function requiredText(item: Item, name: string): string {
  return item[name]?.S ?? unreadable(name);
}

export function optionalNumber(item: Item, name: string): number | undefined {
  const digits = item[name]?.N;
  if (digits === undefined) return undefined;
  const value = Number(digits);
  return Number.isSafeInteger(value) ? value : unreadable(name);
}

/** Throws `stored-record-unreadable` where the attribute is not a whole number. */
export function requiredNumber(item: Item, name: string): number {
  return optionalNumber(item, name) ?? unreadable(name);
}
