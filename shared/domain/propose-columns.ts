/** What each column of an unknown file is likely to be, by its name and its values. */
import { inferDates } from "./column-dates.ts";
import { type Answers, inferCodes, type InferredForms } from "./column-forms.ts";
import { inferNumbers } from "./column-numbers.ts";
import type { ColumnStatistics } from "./column-survey.ts";
import { currenciesOfSign } from "./currency-signs.ts";
import { kindOfField } from "./custom-field.ts";
import type { CellFormats } from "./file-formats.ts";
import type { LinePart, Target, Words } from "./file-profile.ts";
import { conversionsOf, lineConversions, type ProfileContext } from "./file-profile-problems.ts";
import { isCode } from "./file-rows.ts";
import { isResultColumn } from "./header-names.ts";
import { type Meaning, meaningOf, type ProposedType } from "./header-synonyms.ts";

/** A column with what it goes to, before the forms of its values are looked at. */
export interface PlacedColumn {
  readonly header: string;
  readonly statistics: ColumnStatistics;
  /** Absent: nobody knows the name. */
  readonly meaning?: Meaning | undefined;
  readonly targets: readonly Target[];
  readonly isKey: boolean;
  /** Why it is left out, or how it came to its place. */
  readonly note: string;
}

export interface Surveyed {
  readonly header: readonly string[];
  readonly statistics: readonly ColumnStatistics[];
  readonly answers: Answers;
  readonly context: ProfileContext;
}

/** Each column in its place; a place is taken by the first that fits, and by one alone. */
export function placeColumns(type: ProposedType, isByLine: boolean, of: Surveyed): PlacedColumn[] {
  const meanings = of.header.map((header) => meaningOf(type, header));
  const hasCustomerKey = meanings.some((meaning) => meaning?.role === "customer-key");
  const tax = priceOf(meanings, of.answers);
  const taken = new Map<string, string>();
  return of.header.map((header, index) => {
    const statistics = of.statistics[index] ?? emptyColumn;
    const meaning = meanings[index];
    const base = { header, statistics, meaning };
    const said = targetsOfAnswer(type, of.answers[header], of.context);
    if (said !== undefined)
      return { ...base, targets: said, isKey: false, note: "as you answered" };
    if (isResultColumn(header)) return leftOut(base, "a result file's own column");
    if (meaning === undefined) return leftOut(base, "nobody knows this name");
    if (meaning.tax !== undefined && meaning.tax !== tax)
      return leftOut(base, "another price is read");
    const isTaken = meaning.role === "customer-name" && hasCustomerKey;
    if (isTaken) return leftOut(base, "the customer is found by its key");
    if (meaning.role === "computed") return leftOut(base, "worked out anew from the lines");
    if (meaning.role === "line" && !isByLine) return leftOut(base, "the file has no lines");
    const targets = targetsOf(meaning);
    const isSum = isByLine && targets.some((target) => SUMS.has(nameOfTarget(target)));
    if (isSum) return leftOut(base, "worked out anew from the lines");
    const place = targets.map(nameOfTarget).join() || meaning.role;
    const holder = taken.get(place);
    if (holder !== undefined) return leftOut(base, `${place} is filled by ${holder}`);
    taken.set(place, header);
    return { ...base, targets, isKey: meaning.role === "key", note: "by its name" };
  });
}

/** Of a document whose lines are in the file. */
const SUMS: ReadonlySet<string> = new Set(["total", "subtotal", "tax"]);

const emptyColumn: ColumnStatistics = {
  filled: 0,
  blanks: 0,
  examples: [],
  forms: [],
  otherForms: 0,
  words: [],
  otherWords: 0,
  repeats: "no",
  longCut: 0,
  longWhole: 0,
  damage: {},
};

function leftOut(
  base: Pick<PlacedColumn, "header" | "statistics" | "meaning">,
  note: string,
): PlacedColumn {
  return { ...base, targets: [], isKey: false, note };
}

/** Which of two prices is read: the answer's, else the one there is, else the one without tax. */
export function priceOf(
  meanings: readonly (Meaning | undefined)[],
  answers: Answers,
): "inclusive" | "exclusive" | undefined {
  const said = answers["price"];
  const taxes = new Set(meanings.flatMap((meaning) => meaning?.tax ?? []));
  if (said === "inclusive" || said === "exclusive") return said;
  return taxes.has("exclusive") ? "exclusive" : [...taxes][0];
}

function targetsOf({ role, target }: Meaning): readonly Target[] {
  if (role === "customer-key" || role === "customer-name") {
    return [{ field: "customer", as: "reference", to: "customer" }];
  }
  if (target === undefined) return [];
  const isProduct = "line" in target && target.line === "productCode";
  return isProduct ? [{ line: "product", as: "reference", to: "product" }, target] : [target];
}

export function nameOfTarget(target: Target): string {
  return "field" in target ? target.field : `line.${target.line}`;
}

/** An answer that names a place: a field, a part of the line, or `ignored`. */
function targetsOfAnswer(
  type: ProposedType,
  answer: string | undefined,
  { customFields }: ProfileContext,
): readonly Target[] | undefined {
  if (answer === undefined) return undefined;
  if (answer === "ignored") return [];
  const [, part] = /^line\.(\w+)$/.exec(answer) ?? [];
  if (part !== undefined && isLinePart(part)) {
    const as = lineConversions[part][0];
    if (as === "reference") return [{ line: part, as, to: "product" }];
    return as === "key" || as === "decimal" || as === "fraction" || as === "text"
      ? [{ line: part, as }]
      : undefined;
  }
  const kind = kindOfField(customFields, type, answer);
  if (kind === undefined) return undefined;
  if (kind.kind === "reference") return [{ field: answer, as: "reference", to: kind.to }];
  if (kind.kind === "one-of") return [{ field: answer, as: "one-of", values: kind.values }];
  if (answer === "currency") return [{ field: answer, as: "currency" }];
  const as = conversionsOf[kind.kind][0];
  return as === "text" ||
    as === "whole-number" ||
    as === "decimal" ||
    as === "date" ||
    as === "amount"
    ? [{ field: answer, as }]
    : undefined;
}

function isLinePart(part: string): part is LinePart {
  return Object.hasOwn(lineConversions, part);
}

/** The targets of a column as its values are written, with what stays open. */
export function inferColumn(
  column: PlacedColumn,
  answers: Answers,
): InferredForms & {
  readonly words?: Words;
} {
  const { header, statistics, targets } = column;
  const as = targets.find((target) => target.as !== "reference")?.as ?? targets[0]?.as;
  const codes =
    column.isKey || targets.some(isCode) ? inferCodes(header, statistics, answers) : undefined;
  switch (as) {
    case "decimal":
    case "amount":
    case "whole-number":
      return inferNumbers(header, statistics, answers);
    case "fraction":
      return inferFraction(header, statistics, answers);
    case "date":
      return inferDates(header, statistics, answers);
    case "currency":
      return inferCurrencies(statistics);
    default: {
      const damaged = Object.values(statistics.damage).reduce((sofar, count) => sofar + count, 0);
      const isDamaged = codes !== undefined || (statistics.damage["cell-error"] ?? 0) > 0;
      const misfits = isDamaged ? damaged : 0;
      return { formats: {}, why: [], questions: [], ...codes, misfits, nullTexts: [] };
    }
  }
}

function inferFraction(id: string, column: ColumnStatistics, answers: Answers): InferredForms {
  const inferred = inferNumbers(id, column, answers);
  const hasSign = column.forms.some(({ example }) => /[%％]/u.test(example));
  const isAboveOne = column.forms.some(
    ({ example, maxima }) => maxima[0] > 1 && !/[%％]/u.test(example),
  );
  const percent = isAboveOne ? "points" : hasSign ? "sign" : undefined;
  if (percent === undefined) return inferred;
  const why =
    percent === "points" ? "per cents, because some are above 1" : "per cents by their sign";
  const formats: CellFormats = { ...inferred.formats, percent };
  return { ...inferred, formats, why: [...inferred.why, why] };
}

/** Words for currencies that mean one; others are misfits. */
function inferCurrencies(column: ColumnStatistics): InferredForms & { readonly words?: Words } {
  const words: Record<string, string> = {};
  let misfits = column.otherWords + column.forms.reduce((sofar, { count }) => sofar + count, 0);
  for (const { word, count } of column.words) {
    const [meant, ...others] = currenciesOfSign(word) ?? [];
    if (meant === undefined || others.length > 0) misfits += count;
    else if (meant !== word.toUpperCase()) words[word] = meant;
  }
  const why = Object.entries(words).map(([word, code]) => `${word} is ${code}`);
  const base = { formats: {}, why, questions: [], misfits, nullTexts: [] };
  return why.length === 0 ? base : { ...base, words };
}
