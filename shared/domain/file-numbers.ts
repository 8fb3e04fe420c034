/** Numbers as a file writes them, read exactly: the text of the digits, never a binary float. */
import { currenciesOfSign } from "./currency-signs.ts";
import type { CellFormats, NegativeForm, ThousandsSign } from "./file-formats.ts";
import type { CurrencyCode } from "./money.ts";

export type NumberReading =
  /** Digits with a `-` before and a point where needed. */
  | { readonly kind: "number"; readonly text: string }
  | {
      readonly kind: "fault";
      readonly code: "number-unreadable" | "currency-sign-differs" | "currency-unreadable";
    };

const PLAIN = /^\d{1,25}(?:\.\d{1,12})?$/;
const CHARACTERS_MAX = 80;
/** Full stop, comma, signs and parentheses as wide as Chinese characters, and the digits. */
const WIDE = /[０-９．，－＋（）％]/gu;

const separators: Readonly<Record<ThousandsSign, string>> = {
  ",": "[,]",
  ".": "[.]",
  space: "[ \\u00a0\\u2007\\u2009\\u202f]",
  apostrophe: "['\\u2019]",
};

/** Whole numbers in groups, all of them apart by one sign; none begins with a zero. */
const groupPatterns = {
  thousands: patternsOf((sign) => `[1-9]\\d{0,2}(${sign})\\d{3}(?:\\1\\d{3})*`),
  indian: patternsOf((sign) => `[1-9]\\d?(?:(${sign})\\d\\d(?:\\1\\d\\d)*\\1|${sign})\\d{3}`),
};

function patternsOf(groups: (sign: string) => string): Readonly<Record<ThousandsSign, RegExp>> {
  const of = (sign: ThousandsSign) => new RegExp(`^${groups(separators[sign])}$`, "u");
  return { ",": of(","), ".": of("."), space: of("space"), apostrophe: of("apostrophe") };
}

/** `currency` is the row's, as far as it shows one; a sign is held against it. */
export function readNumber(
  text: string,
  formats: CellFormats,
  currency?: CurrencyCode,
): NumberReading {
  if (isPlain(text, formats)) return { kind: "number", text };
  if (text.length > CHARACTERS_MAX) return unreadable;
  const shown = formats.wideForms === true ? narrowed(text) : text;
  const signed = splitSigns(shown, formats);
  if (signed === undefined) return unreadable;
  const fault = findSignFault(signed.currencySigns, formats, currency);
  if (fault !== undefined) return { kind: "fault", code: fault };
  const digits = readDigits(signed.digits, formats);
  if (digits === undefined) return unreadable;
  return { kind: "number", text: signed.isNegative ? `-${digits}` : digits };
}

/** By the strict form, where no other is declared: nearly all are. */
function isPlain(text: string, { decimalSign = ".", thousandsSign }: CellFormats): boolean {
  const isStrict = decimalSign === "." && thousandsSign === undefined;
  return isStrict && PLAIN.test(text);
}

/** Digits and signs in the width of Latin letters. */
export function narrowed(text: string): string {
  return text.replace(WIDE, (wide) => wide.normalize("NFKC"));
}

const unreadable = { kind: "fault", code: "number-unreadable" } as const;

interface SignedDigits {
  readonly digits: string;
  readonly isNegative: boolean;
  readonly currencySigns: readonly string[];
}

/** What stands around the digits: one form of a sign at the most, and signs of currency where allowed. */
function splitSigns(text: string, formats: CellFormats): SignedDigits | undefined {
  const forms: ReadonlySet<NegativeForm> = new Set(formats.negatives);
  const currencySigns: string[] = [];
  const signs: ("+" | "-")[] = [];
  let rest = text;
  const take = (pattern: RegExp, found: (match: string) => void): void => {
    const match = pattern.exec(rest);
    if (match === null) return;
    rest = rest.replace(pattern, match.groups?.["inner"] ?? "").trim();
    found(match[1] ?? "");
  };
  const takeCurrency = (pattern: RegExp): void => {
    if (formats.currencySigns !== undefined) take(pattern, (sign) => currencySigns.push(sign));
  };
  const minus = forms.has("minus-sign") ? /^([+\-−])/u : /^([+-])/;
  if (forms.has("credit") || forms.has("debit")) {
    const negative = forms.has("credit") ? "cr" : "dr";
    take(/(?:^|(?<=[\d.,)\s]))(cr|dr)$/i, (mark) =>
      signs.push(mark.toLowerCase() === negative ? "-" : "+"),
    );
  }
  if (forms.has("parentheses")) take(/^(\()(?<inner>[^()]*)\)$/, () => signs.push("-"));
  takeCurrency(BEFORE);
  take(minus, (sign) => signs.push(sign === "+" ? "+" : "-"));
  if (currencySigns.length === 0) takeCurrency(BEFORE);
  if (forms.has("trailing-minus")) take(TRAILING_MINUS, () => signs.push("-"));
  takeCurrency(BEHIND);
  if (signs.length === 0 && forms.has("trailing-minus"))
    take(TRAILING_MINUS, () => signs.push("-"));
  if (signs.length > 1) return undefined;
  return { digits: rest, isNegative: signs[0] === "-", currencySigns };
}

const TRAILING_MINUS = /([-−])$/u;
const BEFORE = /^([^\d\s+\-−(.,'’][^\d\s+\-−(,'’]{0,4})(?=[\s\d+\-−(.,])/u;
const BEHIND = /(?<=[\d\s)\-−.,])([^\d\s()+\-−.,'’][^\d\s()+\-−,'’]{0,4})$/u;

function findSignFault(
  signs: readonly string[],
  { currencySigns }: CellFormats,
  ofRow: CurrencyCode | undefined,
): "number-unreadable" | "currency-sign-differs" | "currency-unreadable" | undefined {
  const currency = ofRow ?? (currencySigns === "row" ? undefined : currencySigns);
  for (const sign of signs) {
    const meant = currenciesOfSign(sign);
    if (meant === undefined) return "number-unreadable";
    if (currency === undefined) return "currency-unreadable";
    if (!meant.includes(currency)) return "currency-sign-differs";
  }
  return undefined;
}

/** The digits in groups or without, as {@link PLAIN} has them. */
function readDigits(text: string, formats: CellFormats): string | undefined {
  const { decimalSign = ".", thousandsSign, grouping = "thousands" } = formats;
  const at = text.lastIndexOf(decimalSign);
  const whole = withoutGroups(at < 0 ? text : text.slice(0, at), thousandsSign, grouping);
  const plain = at < 0 ? whole : `${whole}.${text.slice(at + 1)}`;
  return whole !== undefined && PLAIN.test(plain ?? "") ? plain : undefined;
}

/** Undefined where there are other signs than digits, or groups that are not those declared. */
function withoutGroups(
  whole: string,
  sign: ThousandsSign | undefined,
  grouping: "thousands" | "indian",
): string | undefined {
  if (/^\d+$/.test(whole)) return whole;
  if (sign === undefined || !groupPatterns[grouping][sign].test(whole)) return undefined;
  return whole.replace(/\D/gu, "");
}
