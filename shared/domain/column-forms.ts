/**
 * How the values of a column are written, as far as they prove it. What two forms read alike is no
 * question; what they read differently is one, and is never guessed.
 */
import type { ColumnStatistics } from "./column-survey.ts";
import type { CellFormats } from "./file-formats.ts";

export interface OpenQuestion {
  /** What an answer names. */
  readonly id: string;
  readonly asks: string;
  readonly choices: readonly { readonly answer: string; readonly means: string }[];
  /** The likely answer; nothing is decided by it. */
  readonly suggested?: string | undefined;
}

export interface InferredForms {
  /** Only what is not the strict form, and what the values prove. */
  readonly formats: CellFormats;
  /** Sentences of what they show. */
  readonly why: readonly string[];
  readonly questions: readonly OpenQuestion[];
  /** Values that the forms do not read. */
  readonly misfits: number;
  /** Words in place of a value, such as `NULL`. */
  readonly nullTexts: readonly string[];
}

/** By the id of a question. */
export type Answers = Readonly<Record<string, string>>;

const NULL_WORDS: ReadonlySet<string> = new Set([
  "null",
  "none",
  "n/a",
  "na",
  "nil",
  "-",
  "--",
  "—",
  "/",
  "无",
  "空",
]);

/** What the chosen form does not read, and the words that stand for nothing. */
export function findMisfits(
  column: ColumnStatistics,
  forms: ColumnStatistics["forms"],
  values: readonly (string | undefined)[],
): Pick<InferredForms, "misfits" | "nullTexts"> {
  const unread = forms.reduce(
    (sofar, { count }, index) => sofar + (values[index] === undefined ? count : 0),
    0,
  );
  const isNull = (word: string) => NULL_WORDS.has(word.toLowerCase());
  const strange = column.words.reduce(
    (sofar, { word, count }) => sofar + (isNull(word) ? 0 : count),
    0,
  );
  const errors = column.forms
    .filter((form) => !forms.includes(form))
    .reduce((sofar, { count }) => sofar + count, 0);
  return {
    misfits: unread + strange + column.otherWords + column.otherForms + errors,
    nullTexts: column.words.map(({ word }) => word).filter(isNull),
  };
}

/**
 * Digits that all codes have, and whether long ones are whole. Where some have zeros in front and others
 * are shorter, `<id>.digits` is asked: they may have lost theirs, or be codes of another kind.
 */
export function inferCodes(
  id: string,
  column: ColumnStatistics,
  answers: Answers,
): Pick<InferredForms, "formats" | "why" | "questions"> {
  const { digits, longWhole, longCut } = column;
  const long: CellFormats = longCut > 0 && longWhole > 0 ? { longNumbers: "whole" } : {};
  const hasZeros = digits !== undefined && digits.zeroLed > 0 && digits.zeroLedMin === digits.max;
  if (!hasZeros) return { formats: long, why: [], questions: [] };
  const asked = `${id}.digits`;
  const isWide = digits.min === digits.max || answers[asked] === String(digits.max);
  if (isWide) {
    const why = [`${digits.max} digits, zeros in front`];
    return { formats: { ...long, digits: digits.max }, why, questions: [] };
  }
  if (answers[asked] === "any") return { formats: long, why: [], questions: [] };
  const choices = [
    { answer: String(digits.max), means: "shorter ones lost their zeros, and are refused" },
    { answer: "any", means: "shorter ones are right as they are" },
  ];
  const asks = `Have all codes ${digits.max} digits? Some have ${digits.min}.`;
  return { formats: long, why: [], questions: [{ id: asked, asks, choices }] };
}
