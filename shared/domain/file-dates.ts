/** Dates as a file writes them. A date whose day and month may be taken for each other is never guessed. */
import { dateOfEpochMs, parseDate } from "./calendar.ts";
import type { CellFormats, DateOrder } from "./file-formats.ts";
import { narrowed } from "./file-numbers.ts";
import type { CalendarDate } from "./records.ts";
import { SyncError } from "./sync-error.ts";

export type DateReading =
  | { readonly kind: "date"; readonly date: CalendarDate }
  | {
      readonly kind: "fault";
      readonly code:
        | "date-unreadable"
        | "date-order-unknown"
        | "date-is-serial"
        | "year-of-two-digits"
        | "time-zone-missing";
      /** The dates that it may be. */
      readonly candidates?: readonly CalendarDate[] | undefined;
    };

const CHARACTERS_MAX = 60;
const ISO_DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Behind a day; an offset makes an instant of it. */
const TIME =
  /^(.+?)(?:T| +)((?:[01]?\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?)(?: ?([AaPp][Mm]))?(?: ?(Z|[+-]\d{2}:?\d{2}))?$/;
const IN_THREE_PARTS = /^(\d{1,4})([-/.]| )(\d{1,2})\2(\d{1,4})\.?$/;
const CHINESE = /^(\d{2,4})年(\d{1,2})月(\d{1,2})[日号]?$/u;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const DAY_MONTH_NAME =
  /^(\d{1,2})(?:st|nd|rd|th)?[-. ]{1,2}([A-Za-z]{3,9})\.?,?[-. ]{1,2}(\d{2,4})$/;
const MONTH_NAME_DAY = /^([A-Za-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{2,4})$/;
/** What a spreadsheet counts days by: 1927 to 2173. */
const SERIAL = /^([1-9]\d{4})(?:\.\d+)?$/;

const MONTHS = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
] as const;

/** The calendar date of the text; a time without an offset is left out. */
export function readDate(text: string, formats: CellFormats, timeZone?: string): DateReading {
  if (text.length > CHARACTERS_MAX) return unreadable;
  const shown = formats.wideForms === true ? narrowed(text).replace(/[／]/gu, "/") : text;
  const [, day = shown, time, half, offset] = TIME.exec(shown) ?? [];
  if (half !== undefined && Number(time?.split(":")[0]) > 12) return unreadable;
  const reading = readDay(day, formats);
  if (reading.kind === "fault" || offset === undefined || time === undefined) return reading;
  if (timeZone === undefined) return { kind: "fault", code: "time-zone-missing" };
  return inZone(reading.date, { time, half, offset }, timeZone);
}

const unreadable: DateReading = { kind: "fault", code: "date-unreadable" };

function readDay(text: string, formats: CellFormats): DateReading {
  if (ISO_DAY.test(text)) return dated(text);
  const parts = readNamedParts(text, formats);
  if (parts !== undefined) return fromParts(parts, formats);
  const three = IN_THREE_PARTS.exec(text);
  if (three !== null) return readThreeParts(three, formats);
  const serial = SERIAL.exec(text);
  if (serial === null) return unreadable;
  return { kind: "fault", code: "date-is-serial", candidates: datesOfSerial(Number(serial[1])) };
}

interface Parts {
  readonly year: string;
  readonly month: string;
  readonly day: string;
}

/** Forms that say by themselves what is day, month and year; each only where it is declared. */
function readNamedParts(text: string, { dateForms = [] }: CellFormats): Parts | undefined {
  if (dateForms.includes("chinese")) {
    const [, year, month, day] = CHINESE.exec(text) ?? [];
    if (year !== undefined && month !== undefined && day !== undefined) return { year, month, day };
  }
  if (dateForms.includes("compact")) {
    const [, year, month, day] = COMPACT.exec(text) ?? [];
    if (year !== undefined && month !== undefined && day !== undefined) return { year, month, day };
  }
  if (!dateForms.includes("month-name")) return undefined;
  const [, day, name, year] = DAY_MONTH_NAME.exec(text) ?? [];
  const [, first, second, last] = MONTH_NAME_DAY.exec(text) ?? [];
  const month = monthOf(name ?? first);
  const ofDay = day ?? second;
  const ofYear = year ?? last;
  if (month === undefined || ofDay === undefined || ofYear === undefined) return undefined;
  return { year: ofYear, month, day: ofDay };
}

/** By its English name or the first letters of it, three at the least. */
function monthOf(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  const index = MONTHS.findIndex((month) => month.startsWith(name.toLowerCase()));
  return index < 0 ? undefined : String(index + 1);
}

function readThreeParts(match: RegExpExecArray, formats: CellFormats): DateReading {
  const parts = [match[1] ?? "", match[3] ?? "", match[4] ?? ""];
  const isYearFirst = (parts[0] ?? "").length === 4;
  const order = isYearFirst && formats.dateOrder !== undefined ? "ymd" : formats.dateOrder;
  if (order !== undefined) return fromParts(inOrder(parts, order), formats);
  const orders: readonly DateOrder[] = isYearFirst ? ["ymd"] : ["dmy", "mdy"];
  const candidates = orders.flatMap((one) => {
    const reading = fromParts(inOrder(parts, one), formats);
    return reading.kind === "date" ? [reading.date] : [];
  });
  const distinct = [...new Set(candidates)];
  const code = distinct.length > 1 ? "date-order-unknown" : "date-unreadable";
  return { kind: "fault", code, candidates: distinct };
}

function inOrder(parts: readonly string[], order: DateOrder): Parts {
  const part = (letter: "y" | "m" | "d") => parts[order.indexOf(letter)] ?? "";
  return { year: part("y"), month: part("m"), day: part("d") };
}

function fromParts({ year, month, day }: Parts, formats: CellFormats): DateReading {
  if (month.length > 2 || day.length > 2) return unreadable;
  const full = fullYear(year, formats.twoDigitYearsFrom);
  if (full === undefined) {
    return year.length === 2 ? { kind: "fault", code: "year-of-two-digits" } : unreadable;
  }
  return dated(`${full}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`);
}

function fullYear(year: string, from: number | undefined): string | undefined {
  if (year.length === 4) return year;
  if (year.length !== 2 || from === undefined) return undefined;
  const inCentury = from - (from % 100) + Number(year);
  return String(inCentury < from ? inCentury + 100 : inCentury);
}

function dated(text: string): DateReading {
  try {
    return { kind: "date", date: parseDate(text) };
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.code === "date-unreadable") return unreadable;
    throw cause;
  }
}

/** In the calendars of 1900 and of 1904; the first has a 29 February 1900 that never was (ECMA-376, 18.17.4.1). */
function datesOfSerial(serial: number): CalendarDate[] {
  const dayMs = 86_400_000;
  const starts = [Date.parse("1899-12-30T00:00:00Z"), Date.parse("1904-01-01T00:00:00Z")];
  return starts.map((start) => dateOfEpochMs(start + serial * dayMs));
}

interface TimeOfDay {
  readonly time: string;
  readonly half: string | undefined;
  readonly offset: string;
}

function inZone(date: CalendarDate, of: TimeOfDay, timeZone: string): DateReading {
  const [hour = "0", minute = "00"] = of.time.split(":");
  const hours = of.half === undefined ? Number(hour) : hourOfHalf(Number(hour), of.half);
  const offset = of.offset === "Z" ? "Z" : of.offset.replace(/^(...):?(..)$/, "$1:$2");
  const instant = Date.parse(`${date}T${String(hours).padStart(2, "0")}:${minute}:00${offset}`);
  if (Number.isNaN(instant)) return unreadable;
  const parts = calendarOf(timeZone).formatToParts(instant);
  const part = (type: "year" | "month" | "day") =>
    parts.find((one) => one.type === type)?.value ?? "";
  return dated(`${part("year")}-${part("month")}-${part("day")}`);
}

const calendars = new Map<string, Intl.DateTimeFormat>();

/** Kept, because making one takes longer than a hundred dates. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const kept = calendars.get(timeZone);
  if (kept !== undefined) return kept;
  const parts = { year: "numeric", month: "2-digit", day: "2-digit" } as const;
  const made = new Intl.DateTimeFormat("en-US", { timeZone, ...parts });
  calendars.set(timeZone, made);
  return made;
}

function hourOfHalf(hour: number, half: string): number {
  return (hour % 12) + (half.toLowerCase() === "pm" ? 12 : 0);
}
