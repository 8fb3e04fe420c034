/**
 * Xero's date formats. A calendar date is kept as `YYYY-MM-DD` and travels as midnight UTC of that
 * date, whatever the organisation's time zone; an instant is epoch ms.
 */
const DAY_MS = 86_400_000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `/Date(1790816400123+0000)/` */
export function wireInstant(epochMs: number): string {
  return `/Date(${epochMs}+0000)/`;
}

/** `/Date(1790816400123)/`, the form of the envelope's own time. */
export function wireInstantWithoutZone(epochMs: number): string {
  return `/Date(${epochMs})/`;
}

export function wireDate(date: string): string {
  return wireInstant(epochMsOfDate(date));
}

/** `2026-10-01T00:00:00` */
export function wireDateString(date: string): string {
  return `${date}T00:00:00`;
}

/** `30 Jun 2026` */
export function spokenDate(date: string): string {
  return `${date.slice(8)} ${MONTHS[Number(date.slice(5, 7)) - 1] ?? ""} ${date.slice(0, 4)}`;
}

export function epochMsOfDate(date: string): number {
  return Date.parse(`${date}T00:00:00Z`);
}

export function dateOf(epochMs: number): string {
  return new Date(Math.floor(epochMs / DAY_MS) * DAY_MS).toISOString().slice(0, 10);
}

/** Reads `2026-10-01`, `2026-10-01T…` or `/Date(ms+zone)/` as a calendar date; `undefined` where it is none. */
export function parseWireDate(text: string): string | undefined {
  const ticks = /^\/Date\((-?\d{1,15})(?:[+-]\d{4})?\)\/$/.exec(text);
  if (ticks !== null) return dateOf(Number(ticks[1]));
  const iso = /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/.exec(text);
  const date = iso?.[1];
  if (date === undefined) return undefined;
  const epochMs = epochMsOfDate(date);
  return Number.isNaN(epochMs) || dateOf(epochMs) !== date ? undefined : date;
}

/** An `If-Modified-Since` header as epoch ms at second precision; no zone means UTC. `undefined` where unreadable. */
export function parseModifiedSince(text: string): number | undefined {
  const local = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?$/.test(text);
  const epochMs = Date.parse(local && text.includes("T") ? `${text}Z` : text);
  return Number.isNaN(epochMs) ? undefined : Math.floor(epochMs / 1000) * 1000;
}
