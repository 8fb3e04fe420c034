/**
 * Schedule expressions of EventBridge Scheduler: `rate(...)`, `at(...)` and six-field `cron(...)`,
 * evaluated in a time zone.
 *
 * Summer time as Scheduler does it (docs.aws.amazon.com/scheduler, "schedule types", read 2026-11):
 * a wall-clock time that is skipped in spring does not fire, one that comes twice in autumn fires
 * once. A rate counts elapsed time and is not touched by either.
 */

export type ScheduleTime =
  | { readonly kind: "rate"; readonly periodMs: number }
  | { readonly kind: "at"; readonly epochMs: number }
  | { readonly kind: "cron"; readonly isDue: (epochMs: number) => boolean };

const MINUTE_MS = 60_000;
const RATE_UNIT_MS: Readonly<Record<string, number>> = {
  minute: MINUTE_MS,
  hour: 60 * MINUTE_MS,
  day: 24 * 60 * MINUTE_MS,
};
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

interface WallTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  /** 1 is Sunday, as in AWS cron. */
  readonly weekday: number;
  readonly daysInMonth: number;
}

function makeClock(timeZone: string): (epochMs: number) => number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  /** The wall clock's reading as if it were UTC. */
  return (epochMs) => {
    const fields = new Map(format.formatToParts(epochMs).map((part) => [part.type, part.value]));
    const field = (name: Intl.DateTimeFormatPartTypes) => Number(fields.get(name));
    return Date.UTC(
      field("year"),
      field("month") - 1,
      field("day"),
      field("hour"),
      field("minute"),
      field("second"),
    );
  };
}

function toWallTime(wallMs: number): WallTime {
  const date = new Date(wallMs);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    weekday: date.getUTCDay() + 1,
    daysInMonth: new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate(),
  };
}

interface Field {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly words?: readonly string[];
}

const FIELDS = {
  minute: { name: "minute", from: 0, to: 59 },
  hour: { name: "hour", from: 0, to: 23 },
  day: { name: "day of month", from: 1, to: 31 },
  month: { name: "month", from: 1, to: 12, words: MONTHS },
  weekday: { name: "day of week", from: 1, to: 7, words: WEEKDAYS },
  year: { name: "year", from: 1970, to: 2199 },
} as const satisfies Record<string, Field>;

function readNumber(text: string, field: Field): number {
  const word = field.words?.indexOf(text.toUpperCase()) ?? -1;
  const value = word >= 0 ? word + 1 : /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= field.from && value <= field.to)) {
    throw new Error(`cron: ${text} is no ${field.name}`);
  }
  return value;
}

/** The values a list such as `1,5-9,0/15` names. */
function readValues(text: string, field: Field): ReadonlySet<number> {
  const values = new Set<number>();
  for (const piece of text.split(",")) {
    const [range = "", step] = piece.split("/");
    const [low = "", high] = range.split("-");
    const isAll = range === "*";
    const first = isAll ? field.from : readNumber(low, field);
    const openEnded = isAll || (high === undefined && step !== undefined);
    const last = openEnded ? field.to : high === undefined ? first : readNumber(high, field);
    const stride = step === undefined ? 1 : Number(step);
    if (!Number.isInteger(stride) || stride < 1 || last < first) {
      throw new Error(`cron: cannot read ${piece} as ${field.name}`);
    }
    for (let value = first; value <= last; value += stride) values.add(value);
  }
  return values;
}

type DayTest = (wall: WallTime) => boolean;

function readDayOfMonth(text: string): DayTest {
  if (text === "L") return (wall) => wall.day === wall.daysInMonth;
  const values = readValues(text, FIELDS.day);
  return (wall) => values.has(wall.day);
}

function readDayOfWeek(text: string): DayTest {
  const nth = /^(\w+)#([1-5])$/.exec(text);
  if (nth !== null) {
    const weekday = readNumber(nth[1] ?? "", FIELDS.weekday);
    return (wall) => wall.weekday === weekday && Math.ceil(wall.day / 7) === Number(nth[2]);
  }
  const last = /^(\w+)L$/.exec(text);
  if (last !== null) {
    const weekday = readNumber(last[1] ?? "", FIELDS.weekday);
    return (wall) => wall.weekday === weekday && wall.day > wall.daysInMonth - 7;
  }
  const values = readValues(text, FIELDS.weekday);
  return (wall) => values.has(wall.weekday);
}

function readCron(text: string): DayTest {
  const [minute, hour, day, month, weekday, year, ...rest] = text.trim().split(/\s+/);
  if (
    minute === undefined ||
    hour === undefined ||
    day === undefined ||
    month === undefined ||
    weekday === undefined ||
    year === undefined ||
    rest.length > 0
  ) {
    throw new Error(`cron(${text}) needs six fields`);
  }
  if ((day === "?") === (weekday === "?")) {
    throw new Error(`cron(${text}): one of day-of-month and day-of-week must be "?"`);
  }
  const isDay = weekday === "?" ? readDayOfMonth(day) : readDayOfWeek(weekday);
  const minutes = readValues(minute, FIELDS.minute);
  const hours = readValues(hour, FIELDS.hour);
  const months = readValues(month, FIELDS.month);
  const years = readValues(year, FIELDS.year);
  return (wall) =>
    minutes.has(wall.minute) &&
    hours.has(wall.hour) &&
    months.has(wall.month) &&
    years.has(wall.year) &&
    isDay(wall);
}

/** True when the clock showed this very time before, an hour or less ago: the second run in autumn. */
function isRepeated(clock: (epochMs: number) => number, epochMs: number): boolean {
  const offset = clock(epochMs) - epochMs;
  const before = epochMs - 3 * 60 * MINUTE_MS;
  const earlierOffset = clock(before) - before;
  if (earlierOffset <= offset) return false;
  return clock(epochMs - (earlierOffset - offset)) === clock(epochMs);
}

function readAt(text: string, timeZone: string): number {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(text)) throw new Error(`at(${text}) is no time`);
  const wallMs = Date.parse(`${text}Z`);
  const clock = makeClock(timeZone);
  const guess = wallMs - (clock(wallMs) - wallMs);
  return wallMs - (clock(guess) - guess);
}

/** Reads a schedule expression. Throws on anything that is not one, and on an unknown time zone. */
export function parseSchedule(expression: string, timeZone: string): ScheduleTime {
  const parts = /^(rate|cron|at)\((.*)\)$/.exec(expression);
  const [, kind, argument = ""] = parts ?? [];
  const clock = makeClock(timeZone);
  if (kind === "rate") {
    const [, count, unit = ""] = /^([1-9]\d*) (minute|hour|day)s?$/.exec(argument) ?? [];
    const unitMs = RATE_UNIT_MS[unit];
    if (unitMs !== undefined) return { kind: "rate", periodMs: Number(count) * unitMs };
  }
  if (kind === "at") return { kind: "at", epochMs: readAt(argument, timeZone) };
  if (kind === "cron") {
    const matches = readCron(argument);
    const isDue = (epochMs: number) =>
      matches(toWallTime(clock(epochMs))) && !isRepeated(clock, epochMs);
    return { kind: "cron", isDue };
  }
  throw new Error(`Cannot read the schedule expression ${expression}`);
}
