/** Calendar dates as text, `2026-11-22`: no zone, no time, no surprise at midnight. */
import { SyncError } from "./sync-error.ts";
import type { CalendarDate } from "./records.ts";

const DAY_MS = 86_400_000;

/** Refuses what is not a date of the calendar (`date-unreadable`), 30 February included. */
export function parseDate(text: string): CalendarDate {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  const epochMs = match === null ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  if (Number.isNaN(epochMs) || dateOfEpochMs(epochMs) !== text) {
    throw new SyncError({ kind: "invalid-input", code: "date-unreadable" });
  }
  return text;
}

export function addDays(date: CalendarDate, days: number): CalendarDate {
  return dateOfEpochMs(Date.parse(`${parseDate(date)}T00:00:00Z`) + days * DAY_MS);
}

/** The calendar date of an instant in UTC. */
export function dateOfEpochMs(epochMs: number): CalendarDate {
  return new Date(epochMs).toISOString().slice(0, 10);
}
