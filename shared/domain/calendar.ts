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

/** The calendar date of an instant in UTC; throws like {@link addDays}. */
export function dateOfEpochMs(epochMs: number): CalendarDate {
  if (!(epochMs >= EPOCH_MS_MIN && epochMs <= EPOCH_MS_MAX)) {
    throw new SyncError({ kind: "invalid-input", code: "date-unreadable" });
  }
  return new Date(epochMs).toISOString().slice(0, 10);
}
