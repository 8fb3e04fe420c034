/** The lenses that come with Tieout. `docs/custom-fields.md` has them as a table. */
import { parseDate } from "./calendar.ts";
import { formatDecimal, parseDecimal } from "./decimal.ts";
import {
  gives,
  type InLens,
  isText,
  type LensResult,
  type Likeness,
  letterCase,
  type OutLens,
  oneWayIn,
  oneWayOut,
  spaceAround,
  type TwoWayLens,
  twoWay,
  unreadable,
  unwritable,
} from "./lens.ts";
import type { FieldValue } from "./records.ts";
import { SyncError } from "./sync-error.ts";

/** What passes here passes every queue: the bounds of a decimal in `contracts/field-values.ts`. */
const PLAIN_NUMBER = /^-?\d{1,25}(?:\.\d{1,15})?$/;

const waysToWriteNumbers: Likeness = {
  name: "ways to write a number",
  normalize: (text) => plainNumber(text) ?? text,
};

/** Text as it is, but for space around it. */
export const text: TwoWayLens = twoWay({
  holds: { kind: "text" },
  accepts: isText,
  parse: gives,
  format: (value) => gives(value.trim()),
  modulo: [spaceAround],
});

/**
 * Text in capitals. It goes two ways only where the case is declared to say nothing; undeclared it
 * is read, and never written back.
 */
export function upperCase(declared: { readonly modulo: "case" }): TwoWayLens;
export function upperCase(): InLens;
export function upperCase(declared?: { readonly modulo: "case" }): TwoWayLens | InLens {
  const lens = twoWay({
    holds: { kind: "text" },
    form: "text in capitals",
    accepts: isText,
    parse: gives,
    format: (value) => gives(value.trim().toUpperCase()),
    modulo: [spaceAround, letterCase],
  });
  return declared === undefined ? oneWayIn(lens) : lens;
}

/** Exact decimal text, however it is written: `2.50` and `2.5` are one, `1e3` is `1000`. */
export const decimal: TwoWayLens = twoWay({
  holds: { kind: "decimal" },
  accepts: isText,
  parse: readNumber,
  format: (value) => {
    const plain = plainNumber(value.trim());
    if (plain !== undefined) return gives(plain);
    return unwritable("number-unreadable", numberFix);
  },
  modulo: [spaceAround, waysToWriteNumbers],
});

/** A whole number, which is a `number` in the canonical record. */
export const wholeNumber: TwoWayLens = twoWay({
  holds: { kind: "whole-number" },
  accepts: isNumber,
  parse: (given) => {
    const plain = plainNumber(given) ?? "";
    const value = Number(plain);
    if (/^-?\d+$/.test(plain) && Number.isSafeInteger(value)) return gives(value);
    return unreadable("number-not-whole", wholeNumberFix);
  },
  format: (value) =>
    Number.isSafeInteger(value)
      ? gives(String(value))
      : unwritable("number-not-whole", wholeNumberFix),
  modulo: [spaceAround, waysToWriteNumbers],
});

/** A date of the calendar, `2026-11-22`; a moment is none, see {@link dayOfMoment}. */
export const date: TwoWayLens = twoWay({
  holds: { kind: "date" },
  accepts: isText,
  parse: (given) => readDate(given, unreadable),
  format: (value) => readDate(value.trim(), unwritable),
  modulo: [spaceAround],
});

/** The day a moment falls on in UTC. The time of day is lost, so there is no way back. */
export const dayOfMoment: InLens = oneWayIn({
  holds: { kind: "date" },
  parse: (given) => {
    const day = /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]{5,18}Z)?$/.exec(given)?.[1];
    return readDate(day ?? given, unreadable);
  },
});

/** Text cut after so many characters (UTF-16 units, as vendors count). There is no way back. */
export function shortened(charactersMax: number): OutLens {
  return oneWayOut({
    holds: { kind: "text" },
    accepts: isText,
    format: (value) => gives(cut(value.trim(), charactersMax).trim()),
  });
}

/**
 * A choice by a table of remote text to canonical value: `choice({ G: "gold", S: "silver" })`. Text
 * or a value outside the table is a failure (`choice-unknown`), never blank. Throws SyncError
 * `invalid-input` (`choice-table-unsuitable`) where the table cannot be read backwards.
 */
export function choice(
  table: Readonly<Record<string, string>>,
  modulo: readonly Likeness[] = [],
): TwoWayLens {
  const likenesses = [spaceAround, ...modulo];
  const normalize = (given: string): string =>
    likenesses.reduce((sofar, likeness) => likeness.normalize(sofar), given);
  const pairs = Object.entries(table);
  checkBijective(pairs, normalize);
  const byRemote = new Map(pairs.map(([remote, value]) => [normalize(remote), value]));
  const byValue = new Map(pairs.map(([remote, value]) => [value, remote]));
  const values = [...byValue.keys()];
  return twoWay({
    holds: { kind: "one-of", values },
    form: `one of ${values.toSorted().join(", ")}`,
    accepts: isText,
    parse: (given) => chosen(byRemote.get(given), Object.keys(table), unreadable),
    format: (value) => chosen(byValue.get(value), values, unwritable),
    modulo: likenesses,
  });
}

/** A tick as `yes` or `no`; a tick that nobody ever set is blank, which is neither. */
export function yesNo(words: { readonly yes: string; readonly no: string }): TwoWayLens {
  return choice({ [words.yes]: "yes", [words.no]: "no" }, [letterCase]);
}

const numberFix =
  "Write the number with a point and without separators or signs of currency, such as 1234.50.";
const wholeNumberFix = "Write a whole number, such as 30.";

function chosen(
  found: string | undefined,
  known: readonly string[],
  refuse: typeof unreadable,
): LensResult<string> {
  if (found !== undefined) return gives(found);
  const fix = `Choose one of ${known.join(", ")}, or add the value to the field's table in shared/flows/custom-fields.ts.`;
  return refuse("choice-unknown", fix);
}

function checkBijective(
  pairs: readonly (readonly [string, string])[],
  normalize: (given: string) => string,
): void {
  const remotes = pairs.map(([remote]) => normalize(remote));
  const values = pairs.map(([, value]) => normalize(value));
  const twice = [...repeated(remotes), ...repeated(values)];
  const hasBlank = [...remotes, ...values].includes("");
  const isTrimmed = pairs.flat().every((one) => one.trim() === one);
  if (pairs.length > 0 && twice.length === 0 && !hasBlank && isTrimmed) return;
  throw new SyncError({
    kind: "invalid-input",
    code: "choice-table-unsuitable",
    field: twice.join(", "),
    fix: "Give each text one value and each value one text, none of them blank or with space around it.",
  });
}

function repeated(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index);
}

function readNumber(given: string): LensResult<string> {
  const plain = plainNumber(given);
  return plain === undefined ? unreadable("number-unreadable", numberFix) : gives(plain);
}

/** The one way to write a number, or `undefined` for what is none, or is too long. */
function plainNumber(given: string): string | undefined {
  const plain = attempt("number-unreadable", () => formatDecimal(parseDecimal(given)));
  return plain !== undefined && PLAIN_NUMBER.test(plain) ? plain : undefined;
}

function readDate(given: string, refuse: typeof unreadable): LensResult<string> {
  const day = attempt("date-unreadable", () => parseDate(given));
  return day === undefined
    ? refuse("date-unreadable", "Write the date as YYYY-MM-DD.")
    : gives(day);
}

function attempt(code: string, read: () => string): string | undefined {
  try {
    return read();
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.code === code) return undefined;
    throw cause;
  }
}

function cut(given: string, charactersMax: number): string {
  const short = given.slice(0, charactersMax);
  // A pair of units is one character: half of it would be none.
  return /[\uD800-\uDBFF]$/.test(short) ? short.slice(0, -1) : short;
}

function isNumber(value: FieldValue): value is number {
  return typeof value === "number";
}
