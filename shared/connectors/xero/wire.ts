/** Xero's way to write dates, numbers and blanks, both ways. */
import { formatDecimal, normalizeDecimal, parseDecimal } from "#shared/domain/decimal.ts";
import { type Money, parseMoney } from "#shared/domain/money.ts";
import type { CalendarDate, FieldValue } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

declare global {
  interface JSON {
    /** Text that `stringify` writes as it is; in V8 since 11.4, not yet in TypeScript's library. */
    rawJSON(text: string): object;
  }
}

/** What Xero was shown to hold, `undefined` where nothing was said. */
type Shown = string | null | undefined;

/**
 * `whole`: an answer that shows all of a record, where a field left out is blank. `part`: one that
 * may show less, where a field left out says nothing.
 */
export type Completeness = "whole" | "part";

/** Canonical text: blank is null, and a field left out is blank only in a whole answer. */
export function textOf(value: Shown, completeness: Completeness): string | null | undefined {
  if (value === undefined) return completeness === "whole" ? null : undefined;
  return value === "" ? null : value;
}

const INSTANT = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/;

/** Whether {@link instantOf} can read it. */
export function isInstant(value: string): boolean {
  return INSTANT.test(value);
}

/** Epoch ms of `/Date(1790816400123)/` or `/Date(1790816400123+0000)/`; the offset changes nothing. */
export function instantOf(value: string, field: string): number {
  const match = INSTANT.exec(value);
  if (match === null) throw unreadable("date-unreadable", field);
  return Number(match[1]);
}

/**
 * A calendar date, which Xero sends as midnight UTC of the organisation's own date: the UTC date is
 * the date, in any zone.
 */
export function dateOf(
  value: Shown,
  field: string,
  completeness: Completeness,
): CalendarDate | null | undefined {
  const text = textOf(value, completeness);
  if (text === null || text === undefined) return text;
  return new Date(instantOf(text, field)).toISOString().slice(0, 10);
}

/** An amount in major units; one that was left out is never made up. */
export function moneyOf(value: Shown, currency: string, field: string): Money | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return named(field, () => parseMoney(value, currency));
}

export function decimalOf(value: Shown, field: string): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return named(field, () => normalizeDecimal(value));
}

/** Runs a reader and puts the field's name to what it refuses. */
export function named<Value>(field: string, read: () => Value): Value {
  try {
    return read();
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    throw new SyncError({ ...cause.failure, field: cause.failure.field ?? field }, cause);
  }
}

export function unreadable(code: string, field: string): SyncError {
  return new SyncError({ kind: "invalid-input", code, field });
}

/** A JSON number with exactly these digits, never by way of a float. */
export function exactNumber(text: string): object {
  return JSON.rawJSON(normalizeDecimal(text));
}

/** Digits behind the point of a decimal text, zeros at the end left out. */
export function fractionDigitsOf(text: string): number {
  return parseDecimal(formatDecimal(parseDecimal(text))).scale;
}

/** A text field as it is sent; an empty text is how Xero is told to blank it. */
export function sentText(value: FieldValue | undefined): string {
  return typeof value === "string" ? value : "";
}
