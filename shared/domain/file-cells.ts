/** One cell's text becomes one canonical value, or a fault with a code and a fix; it is never guessed. */
import { formatDecimal, normalizeDecimal, parseDecimal } from "./decimal.ts";
import { findCellError, findCodeDamage } from "./file-damage.ts";
import { type DateReading, readDate } from "./file-dates.ts";
import type { CellFormats } from "./file-formats.ts";
import { narrowed, readNumber } from "./file-numbers.ts";
import type { Conversion, ReadingLens, Words } from "./file-profile.ts";
import { readTerms, readYesOrNo } from "./file-words.ts";
import type { ConnectionId } from "./identifiers.ts";
import { type CurrencyCode, parseCurrency, parseMoney } from "./money.ts";
import type { FieldValue } from "./records.ts";
import { assertNever, SyncError } from "./sync-error.ts";

export type CellReading =
  | { readonly kind: "value"; readonly value: FieldValue }
  /** `code` is a heading in `docs/errors.md`, `fix` what a person does about it. */
  | { readonly kind: "fault"; readonly code: string; readonly fix: string };

/** What a cell is read by, beside its conversion. */
export interface CellContext {
  /** References are to records of it. */
  readonly connection: ConnectionId;
  /** The row's, as far as it shows one. */
  readonly currency?: CurrencyCode | undefined;
  readonly formats?: CellFormats | undefined;
  readonly timeZone?: string | undefined;
  /** A number or code that names something: a spreadsheet's damage to it is looked for. */
  readonly isCode?: boolean | undefined;
}

/** What a person does about each fault of a cell. */
export const cellFixes = {
  "amount-too-precise": "Write the amount with no more digits than its currency has.",
  "cell-required": "Fill in the cell.",
  "cell-too-long": "Shorten the text.",
  "currency-sign-differs":
    "Correct the sign or the row's currency: the amount bears the sign of another currency.",
  "currency-unreadable": "Write the currency as three letters of ISO 4217, such as EUR.",
  "date-is-serial":
    "Make the spreadsheet's column one of dates and write the file again, or write the date as YYYY-MM-DD.",
  "date-order-unknown":
    "Write the date as YYYY-MM-DD, or say in the file's profile which comes first, day or month (dateOrder).",
  "date-unreadable": "Write the date as YYYY-MM-DD.",
  "fraction-out-of-range": "Write the discount as a fraction from 0 to 1; 0.05 is five per cent.",
  "number-unreadable":
    "Write the number with a point and without separators or signs of currency, such as 1234.50.",
  "terms-unreadable": "Write the terms as a number of days, such as 30 or Net 30.",
  "text-unreadable": "Take out the control characters; a key has no line breaks either.",
  "time-zone-missing":
    "Say in the file's profile whose calendar counts (timeZone), or write the date without a time.",
  "year-of-two-digits":
    "Write the year with four digits, or say in the file's profile which century is meant (twoDigitYearsFrom).",
} as const;
type CellFaultCode = keyof typeof cellFixes;

/** Bounds of `contracts/field-values.ts`: what passes here passes every queue. */
const TEXT_CHARACTERS_MAX = 65_536;
const KEY_CHARACTERS_MAX = 512;

const WHOLE_NUMBER = /^[+-]?\d{1,9}$/;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LAYOUT = /[^\P{Cc}\t\n\r]/u;
const noFormats: CellFormats = {};

/** Reads trimmed text that is not blank. */
export function readCell(text: string, conversion: Conversion, context: CellContext): CellReading {
  const damage =
    findCellError(text) ??
    (context.isCode === true ? findCodeDamage(text, context.formats ?? noFormats) : undefined);
  return damage === undefined
    ? convert(text, conversion, context)
    : { kind: "fault", code: damage.code, fix: damage.fix };
}

/** Makes no functions of its own: called for each cell, it would pay for them with those it does not need. */
function convert(text: string, conversion: Conversion, context: CellContext): CellReading {
  switch (conversion.as) {
    case "text":
      return readText(text);
    case "key":
      return readKey(text);
    case "date":
      return asCell(readDate(text, context.formats ?? noFormats, context.timeZone));
    case "decimal":
      return withNumber(text, context, readDecimal);
    case "whole-number":
      return withNumber(text, context, readWholeNumber);
    case "terms":
      return readDays(text);
    case "currency":
      return readCurrency(text, conversion.words);
    case "amount":
      return withNumber(text, context, readAmount);
    case "one-of":
      return readOneOf(text, conversion.values, conversion.words);
    case "fraction":
      return readFraction(text, context);
    case "reference": {
      const key = readKey(text);
      if (key.kind === "fault") return key;
      const { connection } = context;
      return value({ connection, recordType: conversion.to, externalId: text });
    }
    case "lens":
      return readByLens(text, conversion.lens);
    default:
      return assertNever(conversion);
  }
}

function readKey(text: string): CellReading {
  if (CONTROL.test(text)) return fault("text-unreadable");
  return text.length > KEY_CHARACTERS_MAX ? fault("cell-too-long") : value(text);
}

function readText(text: string): CellReading {
  if (CONTROL_BUT_LAYOUT.test(text)) return fault("text-unreadable");
  return text.length > TEXT_CHARACTERS_MAX ? fault("cell-too-long") : value(text);
}

/** No exponent: in a file it is what a spreadsheet left of longer digits. */
function withNumber(
  text: string,
  context: CellContext,
  then: (digits: string, context: CellContext) => CellReading,
): CellReading {
  const { formats = noFormats, currency } = context;
  const reading = readNumber(text, formats, currency);
  if (reading.kind === "number") return then(reading.text, context);
  const { code } = reading;
  return code === "number-unreadable"
    ? { kind: "fault", code, fix: numberFix(formats) }
    : fault(code);
}

/** With an example in the signs that the profile declares. */
function numberFix({ decimalSign = ".", thousandsSign }: CellFormats): string {
  if (decimalSign === "." && thousandsSign === undefined) return cellFixes["number-unreadable"];
  const signs = { ",": ",", ".": ".", space: " ", apostrophe: "'" };
  const group = thousandsSign === undefined ? "" : signs[thousandsSign];
  return `Write the number as the file's profile has it, such as 1${group}234${decimalSign}50.`;
}

function readDecimal(digits: string): CellReading {
  return value(normalizeDecimal(digits));
}

function readWholeNumber(digits: string): CellReading {
  return WHOLE_NUMBER.test(digits) ? value(Number(digits)) : fault("number-unreadable");
}

function readCurrency(text: string, words: Words | undefined): CellReading {
  return readBy("currency-unreadable", () => parseCurrency(wordOf(text, words)));
}

function readAmount(digits: string, { currency }: CellContext): CellReading {
  if (currency === undefined) return fault("currency-unreadable");
  return readBy("amount-too-precise", () => parseMoney(digits, currency));
}

function readDays(text: string): CellReading {
  const days = readTerms(narrowed(text));
  return days === undefined ? fault("terms-unreadable") : value(days);
}

/** The word that the file writes for a value goes before the value itself. */
function readOneOf(text: string, values: readonly string[], words?: Words): CellReading {
  const word = wordOf(text, words).toLowerCase();
  const isYesOrNo = values.includes("yes") && values.includes("no");
  const read = values.includes(word) || !isYesOrNo ? word : (readYesOrNo(word) ?? word);
  if (values.includes(read)) return value(read);
  const known = [...Object.keys(words ?? {}), ...values];
  return { kind: "fault", code: "choice-unknown", fix: `Write one of ${known.join(", ")}.` };
}

/** What the file's word stands for, or the text itself. */
function wordOf(text: string, words: Words | undefined): string {
  if (words === undefined) return text;
  const word = text.toLowerCase();
  return Object.entries(words).find(([name]) => name.toLowerCase() === word)?.[1] ?? text;
}

function readFraction(text: string, context: CellContext): CellReading {
  const { percent } = context.formats ?? noFormats;
  const [, number = text, sign] = percent === undefined ? [] : (PERCENT.exec(text) ?? []);
  return withNumber(number, context, (digits) => {
    const { units, scale } = parseDecimal(digits);
    const isPercent = percent === "points" || sign !== undefined;
    const share = { units, scale: isPercent ? scale + 2 : scale };
    const isInRange = units >= 0n && units <= 10n ** BigInt(share.scale);
    return isInRange ? value(formatDecimal(share)) : fault("fraction-out-of-range");
  });
}

const PERCENT = /^(.*?)\s*([%％])$/u;

function asCell(reading: DateReading): CellReading {
  if (reading.kind === "date") return value(reading.date);
  const { code, candidates = [] } = reading;
  if (candidates.length === 0) return fault(code);
  const [first = "", second = ""] = candidates;
  const hints: Readonly<Record<string, string>> = {
    "date-is-serial": `It is probably ${first}, or ${second} in a workbook that counts from 1904.`,
    "date-order-unknown": `It is ${first} or ${second}.`,
    "date-unreadable": `It is probably ${first}.`,
  };
  return { kind: "fault", code, fix: [hints[code], cellFixes[code]].filter(Boolean).join(" ") };
}

function readByLens(text: string, lens: ReadingLens): CellReading {
  const reading = readText(text);
  if (reading.kind === "fault") return reading;
  const read = lens.get(text);
  if (read.kind === "value") return value(read.value ?? null);
  const { code, fix = cellFixes["text-unreadable"] } = read.failure;
  return { kind: "fault", code, fix };
}

function readBy(code: CellFaultCode, read: () => FieldValue): CellReading {
  try {
    return value(read());
  } catch (cause) {
    if (cause instanceof SyncError && cause.failure.code === code) return fault(code);
    throw cause;
  }
}

function value(read: FieldValue): CellReading {
  return { kind: "value", value: read };
}

function fault(code: CellFaultCode): CellReading {
  return { kind: "fault", code, fix: cellFixes[code] };
}
