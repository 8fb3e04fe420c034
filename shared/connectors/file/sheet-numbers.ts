/**
 * Numbers of a spreadsheet as the text that a person sees. A spreadsheet shows 15 digits of a binary
 * float (support.microsoft.com, "Excel specifications and limits", read 2026-11) and writes 17 into the
 * file: 0.1 + 0.2 is `0.30000000000000004` there and 0.3 on the screen. So the digits of the file are
 * rounded to 15, half up, as text; no number is computed with. A number of 16 digits or more before its
 * point has lost digits already and is given as `1.23456789012346E+15`, so that nobody takes it for whole.
 */
import { dateOfEpochMs } from "#shared/domain/calendar.ts";
import { DIGITS_KEPT } from "#shared/domain/file-damage.ts";
import type { NumberKind } from "./sheet-formats.ts";

const PLAIN = /^(?:0|-?[1-9]\d{0,14})$/;
/** With its point, a number of 15 digits at the most that is written as it is shown. */
const SHORT = /^-?(?:0|[1-9]\d*)\.\d*[1-9]$/;
const SHORT_CHARACTERS_MAX = 16;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/;
const TEXT_MAX = 64;
/** Smaller ones are noise of a computation. */
const ZEROS_MAX = 20;

interface Digits {
  readonly isNegative: boolean;
  /** Without zeros before or behind; blank for zero. */
  readonly digits: string;
  /** Of the first digit: 0 for 1 to 9. */
  readonly exponent: number;
}

/** Undefined where the text is no number. */
export function showNumber(
  text: string,
  kind: NumberKind,
  has1904Dates: boolean,
): string | undefined {
  if (kind === "plain" && isAsShown(text)) return text;
  const number = readDigits(text);
  if (number === undefined) return undefined;
  switch (kind) {
    case "plain":
      return writePlain(number);
    case "percent":
      return `${writePlain({ ...number, exponent: number.exponent + 2 })}%`;
    case "moment":
      return showMoment(Number(text), has1904Dates) ?? writePlain(number);
    case "duration":
      return showDuration(Number(text)) ?? writePlain(number);
  }
}

function isAsShown(text: string): boolean {
  return PLAIN.test(text) || (text.length <= SHORT_CHARACTERS_MAX && SHORT.test(text));
}

function readDigits(text: string): Digits | undefined {
  const parts = text.length > TEXT_MAX ? null : NUMBER.exec(text);
  if (parts === null) return undefined;
  const [, sign, whole = "", fraction = "", power = "0"] = parts;
  if (whole === "" && fraction === "") return undefined;
  const all = whole + fraction;
  const zeros = /^0*/.exec(all)?.[0].length ?? 0;
  const exponent = whole.length - 1 - zeros + Number(power);
  return roundDigits({ isNegative: sign === "-", digits: all.slice(zeros), exponent });
}

function roundDigits({ isNegative, digits, exponent }: Digits): Digits {
  const kept = digits.slice(0, DIGITS_KEPT);
  const isUp = (digits[DIGITS_KEPT] ?? "0") >= "5";
  const rounded = isUp ? (BigInt(kept) + 1n).toString() : kept;
  const carried = rounded.length - kept.length;
  return { isNegative, digits: rounded.replace(/0+$/, ""), exponent: exponent + carried };
}

function writePlain({ isNegative, digits, exponent }: Digits): string {
  if (digits === "") return "0";
  return `${isNegative ? "-" : ""}${writeDigits(digits, exponent)}`;
}

function writeDigits(digits: string, exponent: number): string {
  if (exponent >= DIGITS_KEPT || exponent < -ZEROS_MAX) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const sign = exponent < 0 ? "-" : "+";
    return `${digits.slice(0, 1)}${rest}E${sign}${String(Math.abs(exponent)).padStart(2, "0")}`;
  }
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const fraction = digits.slice(exponent + 1);
  return fraction === "" ? whole : `${whole}.${fraction}`;
}

const DAY_SECONDS = 86_400;
const DAY_MS = 86_400_000;
/** 9999-12-31 in the system of 1900. */
const DAYS_MAX = 2_958_465;
/** Days from 1970-01-01. */
const DAY_0_OF_1904 = -24_107;
const DAY_0_OF_1900 = -25_568;
/** The day 29 February 1900, which was none. */
const NO_DAY = 60;

/**
 * `2026-11-27`, `2026-11-27T10:30:00`, or `10:30:00` for a part of a day alone. The system of 1900 has
 * a 29 February 1900, which is shown as a person sees it; no calendar takes it. Undefined where it is no
 * day of the system.
 */
function showMoment(serial: number, has1904Dates: boolean): string | undefined {
  const seconds = Math.round(serial * DAY_SECONDS);
  const day = Math.floor(seconds / DAY_SECONDS);
  if (!(serial >= 0) || day > DAYS_MAX) return undefined;
  const time = seconds - day * DAY_SECONDS;
  if (day === 0 && time > 0) return showTime(time);
  const date = dateOf(day, has1904Dates);
  return time === 0 ? date : `${date}T${showTime(time)}`;
}

function dateOf(day: number, has1904Dates: boolean): string {
  if (has1904Dates) return dateOfEpochMs((DAY_0_OF_1904 + day) * DAY_MS);
  if (day === 0) return "1900-01-00";
  if (day === NO_DAY) return "1900-02-29";
  return dateOfEpochMs((DAY_0_OF_1900 + (day > NO_DAY ? day - 1 : day)) * DAY_MS);
}

/** `36:00:00` for a day and a half. */
function showDuration(serial: number): string | undefined {
  if (Math.abs(serial) > DAYS_MAX) return undefined;
  const seconds = Math.round(Math.abs(serial) * DAY_SECONDS);
  return `${serial < 0 ? "-" : ""}${showTime(seconds)}`;
}

function showTime(seconds: number): string {
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${twoDigits(hours)}:${twoDigits(minutes)}:${twoDigits(seconds % 60)}`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
