/** Calendar dates as text, `2026-11-22`: no zone, no time, no surprise at midnight. */

import type { CalendarDate } from "./records.ts";
import { SyncError } from "./sync-error.ts";

const DAY_MS = 86_400_000;
/** The instants whose years have four digits, 0000 to 9999: others are written longer. */
const EPOCH_MS_MIN = Date.parse("0000-01-01T00:00:00.000Z");
const EPOCH_MS_MAX = Date.parse("9999-12-31T23:59:59.999Z");

/** Refuses what is not a date of the calendar (`date-unreadable`), 30 February included. */
export function parseDate(text: string): CalendarDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const epochMs = match === null ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(epochMs) || dateOfEpochMs(epochMs) !== text) {
    throw new SyncError({ kind: "invalid-input", code: "date-unreadable" });
  }
  return text;
}

/** Throws `invalid-input` (`date-unreadable`) where the sum has no year of four digits. */
export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateOfEpochMs(Date.parse(`${parseDate(date)}T00:00:00Z`) + days * DAY_MS);
}

/** Days from one date to a later one: 1 from a day to the next; below zero where the other is earlier. */
export function daysBetween(from: CalendarDate, to: CalendarDate): number {
  const [start, end] = [from, to].map((date) => Date.parse(`${parseDate(date)}T00:00:00Z`));
  return ((end ?? 0) - (start ?? 0)) / DAY_MS;
}

const DAYS_OF_MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

/**
 * The same day so many months on, or the last day of that month where it has no such day; throws like
 * {@link addDays}. Steps of a schedule are counted from its start, not from each other: a month after
 * 31 January is 28 February, two months after it 31 March.
 */
export function addMonths(date: CalendarDate, months: number): CalendarDate {
  const [year = 0, month = 1, day = 1] = parseDate(date).split("-").map(Number);
  const count = year * 12 + month - 1 + months;
  const nextYear = Math.floor(count / 12);
  const index = count - nextYear * 12;
  const isLeap = nextYear % 4 === 0 && (nextYear % 100 !== 0 || nextYear % 400 === 0);
  const lastDay = index === 1 && isLeap ? 29 : (DAYS_OF_MONTHS[index] ?? 0);
  const part = (value: number, length: number) => String(value).padStart(length, "0");
  return parseDate(`${part(nextYear, 4)}-${part(index + 1, 2)}-${part(Math.min(day, lastDay), 2)}`);
}

/** The calendar date of an instant in UTC; throws like {@link addDays}. */
export function dateOfEpochMs(epochMs: number): CalendarDate {
  if (!(epochMs >= EPOCH_MS_MIN && epochMs <= EPOCH_MS_MAX)) {
    throw new SyncError({ kind: "invalid-input", code: "date-unreadable" });
  }
  return new Date(epochMs).toISOString().slice(0, 10);
}
