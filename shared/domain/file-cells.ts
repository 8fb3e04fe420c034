/** One cell's text becomes one canonical value, or a fault with a code and a fix; it is never guessed. */
import { parseDate } from "./calendar.ts";
import { normalizeDecimal, parseDecimal } from "./decimal.ts";
import type { Conversion, ReadingLens } from "./file-profile.ts";
import type { ConnectionId } from "./identifiers.ts";
import { type CurrencyCode, parseCurrency, parseMoney } from "./money.ts";
import type { FieldValue } from "./records.ts";
import { assertNever, SyncError } from "./sync-error.ts";

export type CellReading =
  | { readonly kind: "value"; readonly value: FieldValue }
  /** `code` is a heading in `docs/errors.md`, `fix` what a person does about it. */
  | { readonly kind: "fault"; readonly code: string; readonly fix: string };

/** What a person does about each fault of a cell. */
export const cellFixes = {
  "amount-too-precise": "Write the amount with no more digits than its currency has.",
  "cell-required": "Fill in the cell.",
  "cell-too-long": "Shorten the text.",
  "currency-unreadable": "Write the currency as three letters of ISO 4217, such as EUR.",
  "date-unreadable": "Write the date as YYYY-MM-DD.",
  "fraction-out-of-range": "Write the discount as a fraction from 0 to 1; 0.05 is five per cent.",
  "number-unreadable":
    "Write the number with a point and without separators or signs of currency, such as 1234.50.",
  "text-unreadable": "Take out the control characters; a key has no line breaks either.",
} as const;
type CellFaultCode = keyof typeof cellFixes;

/** Bounds of `contracts/field-values.ts`: what passes here passes every queue. */
const TEXT_CHARACTERS_MAX = 65_536;
const KEY_CHARACTERS_MAX = 512;

const DECIMAL = /^[+-]?\d{1,25}(?:\.\d{1,12})?$/;
const WHOLE_NUMBER = /^[+-]?\d{1,9}$/;
const DATE_AND_TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[ T]([01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?)?$/;
const CONTROL = /\p{Cc}/u;
const CONTROL_BUT_LAYOUT = /(?![\t\n\r])\p{Cc}/u;

/**
 * Reads trimmed text that is not blank. References are to records of `connection`, amounts are of
 * `currency`, which is that of the row.
 */
export function readCell(
  text: string,
  conversion: Conversion,
  connection: ConnectionId,
  currency?: CurrencyCode,
): CellReading {
  switch (conversion.as) {
    case "text":
      return readText(text);
    case "key":
      return readKey(text);
    case "date":
      return readBy("date-unreadable", () => parseDate(DATE_AND_TIME.exec(text)?.[1] ?? text));
    case "decimal":
      return readDecimal(text);
    case "whole-number":
      return WHOLE_NUMBER.test(text) ? value(Number(text)) : fault("number-unreadable");
    case "currency":
      return readBy("currency-unreadable", () => parseCurrency(text));
    case "amount":
      return readAmount(text, currency);
    case "one-of":
      return readOneOf(text, conversion.values);
    case "fraction":
      return readFraction(text);
    case "reference": {
      const key = readKey(text);
      if (key.kind === "fault") return key;
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
function readDecimal(text: string): CellReading {
  return DECIMAL.test(text) ? value(normalizeDecimal(text)) : fault("number-unreadable");
}

function readAmount(text: string, currency: CurrencyCode | undefined): CellReading {
  if (!DECIMAL.test(text)) return fault("number-unreadable");
  if (currency === undefined) return fault("currency-unreadable");
  return readBy("amount-too-precise", () => parseMoney(text, currency));
}

function readOneOf(text: string, values: readonly string[]): CellReading {
  const word = text.toLowerCase();
  if (values.includes(word)) return value(word);
  return { kind: "fault", code: "choice-unknown", fix: `Write one of ${values.join(", ")}.` };
}

function readFraction(text: string): CellReading {
  if (!DECIMAL.test(text)) return fault("number-unreadable");
  const { units, scale } = parseDecimal(text);
  const isInRange = units >= 0n && units <= 10n ** BigInt(scale);
  return isInRange ? value(normalizeDecimal(text)) : fault("fraction-out-of-range");
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
