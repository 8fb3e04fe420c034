/**
 * What stands in the columns of a file, gathered in one pass over all its rows in bounded memory: the
 * forms of the values, how far their numbers go, what repeats, what a spreadsheet damaged.
 */
import { DIGITS_KEPT, findCellError, findCodeDamage } from "./file-damage.ts";
import { rearmCell } from "./formula-cells.ts";
import { hashKeyOf, hashText } from "./text-hash.ts";

/** Values of one form: digits are alike, so `12.50` and `99.99` are of one. */
interface FormOfValues {
  readonly example: string;
  readonly count: number;
  /** The greatest of the first, second and third number in it. */
  readonly maxima: readonly [number, number, number];
}

export interface ColumnStatistics {
  readonly filled: number;
  readonly blanks: number;
  /** The first values that differ, shortened. */
  readonly examples: readonly string[];
  /** Of values with digits, the commonest first. */
  readonly forms: readonly FormOfValues[];
  /** Values with digits whose form is not among `forms`: those of running text. */
  readonly otherForms: number;
  /** Values without digits, the commonest first, and those that are not listed. */
  readonly words: readonly { readonly word: string; readonly count: number }[];
  readonly otherWords: number;
  /** `unknown`: none repeated among the first thousands, and none stood twice in a row. */
  readonly repeats: "yes" | "no" | "unknown";
  /** Lengths of values of nothing but digits; absent where there are none. */
  readonly digits?: {
    readonly count: number;
    readonly min: number;
    readonly max: number;
    /** With a zero in front: how many, and the shortest of them. */
    readonly zeroLed: number;
    readonly zeroLedMin: number;
  };
  /** Of more than 15 digits: those that end in zeros from the 16th on, and the others. */
  readonly longCut: number;
  readonly longWhole: number;
  /** Cells that show damage, by its code. */
  readonly damage: Readonly<Record<string, number>>;
}

export interface ColumnSurvey {
  add(cells: readonly string[]): void;
  readonly rowCount: number;
  /** Of each column in the header's order. */
  statistics(): readonly ColumnStatistics[];
}

const FORMS_MAX = 60;
const WORDS_MAX = 60;
const EXAMPLES_MAX = 3;
const EXAMPLE_CHARACTERS_MAX = 40;
const FORM_CHARACTERS_MAX = 32;
const DISTINCT_MAX = 2_000;

export function createColumnSurvey(columnCount: number): ColumnSurvey {
  const columns = Array.from({ length: columnCount }, createTally);
  let rowCount = 0;
  return {
    get rowCount() {
      return rowCount;
    },
    add(cells) {
      rowCount += 1;
      for (const [index, column] of columns.entries()) {
        addValue(column, rearmCell(cells[index]?.trim() ?? ""));
      }
    },
    statistics: () => columns.map(asStatistics),
  };
}

interface FormTally {
  example: string;
  count: number;
  maxima: [number, number, number];
}

interface Tally {
  filled: number;
  blanks: number;
  last: string;
  hasRepeat: boolean;
  longCut: number;
  longWhole: number;
  otherForms: number;
  otherWords: number;
  digits: { count: number; min: number; max: number; zeroLed: number; zeroLedMin: number };
  readonly examples: Set<string>;
  readonly seen: Set<string>;
  readonly forms: Map<string, FormTally>;
  readonly words: Map<string, number>;
  readonly damage: Map<string, number>;
}

function createTally(): Tally {
  return {
    filled: 0,
    blanks: 0,
    last: "",
    hasRepeat: false,
    longCut: 0,
    longWhole: 0,
    otherForms: 0,
    otherWords: 0,
    digits: { count: 0, min: 0, max: 0, zeroLed: 0, zeroLedMin: 0 },
    examples: new Set(),
    seen: new Set(),
    forms: new Map(),
    words: new Map(),
    damage: new Map(),
  };
}

function addValue(column: Tally, value: string): void {
  if (value === "") {
    column.blanks += 1;
    column.last = "";
    return;
  }
  column.filled += 1;
  if (column.examples.size < EXAMPLES_MAX) column.examples.add(shortened(value));
  noteRepeat(column, value);
  noteDamage(column, value);
  if (/[0-9０-９]/.test(value)) addForm(column, value);
  else addWord(column, value);
  if (/^\d+$/.test(value)) addDigits(column, value);
}

function noteRepeat(column: Tally, value: string): void {
  if (value === column.last) column.hasRepeat = true;
  column.last = value;
  if (column.hasRepeat) return;
  const hash = hashKeyOf(hashText(value));
  if (column.seen.has(hash)) column.hasRepeat = true;
  else if (column.seen.size < DISTINCT_MAX) column.seen.add(hash);
}

function noteDamage(column: Tally, value: string): void {
  const code = (findCellError(value) ?? findCodeDamage(value, { longNumbers: "whole" }))?.code;
  if (code !== undefined) column.damage.set(code, (column.damage.get(code) ?? 0) + 1);
}

function addForm(column: Tally, value: string): void {
  if (value.length > FORM_CHARACTERS_MAX) {
    column.otherForms += 1;
    return;
  }
  const form = value.replace(/[0-9]/g, "9").replace(/[０-９]/gu, "９");
  const known = column.forms.get(form);
  if (known === undefined && column.forms.size >= FORMS_MAX) {
    column.otherForms += 1;
    return;
  }
  const tally = known ?? { example: value, count: 0, maxima: [0, 0, 0] };
  tally.count += 1;
  const numbers = value.normalize("NFKC").match(/\d+/g) ?? [];
  tally.maxima = [maxOf(0), maxOf(1), maxOf(2)];
  column.forms.set(form, tally);

  function maxOf(index: 0 | 1 | 2): number {
    return Math.max(tally.maxima[index], Number(numbers[index] ?? 0));
  }
}

function addWord(column: Tally, value: string): void {
  const word = shortened(value);
  const count = column.words.get(word);
  if (count === undefined && column.words.size >= WORDS_MAX) column.otherWords += 1;
  else column.words.set(word, (count ?? 0) + 1);
}

function addDigits(column: Tally, value: string): void {
  const { digits } = column;
  const { length } = value;
  digits.min = digits.count === 0 ? length : Math.min(digits.min, length);
  digits.max = Math.max(digits.max, length);
  digits.count += 1;
  if (length > 1 && value.startsWith("0")) {
    digits.zeroLedMin = digits.zeroLed === 0 ? length : Math.min(digits.zeroLedMin, length);
    digits.zeroLed += 1;
  }
  if (length <= DIGITS_KEPT) return;
  if (/^0+$/.test(value.slice(DIGITS_KEPT))) column.longCut += 1;
  else column.longWhole += 1;
}

function asStatistics(column: Tally): ColumnStatistics {
  const { filled, blanks, otherForms, otherWords, longCut, longWhole, digits } = column;
  const isWhole = column.seen.size < DISTINCT_MAX;
  return {
    filled,
    blanks,
    otherForms,
    otherWords,
    longCut,
    longWhole,
    examples: [...column.examples],
    forms: [...column.forms.values()].sort((left, right) => right.count - left.count),
    words: [...column.words]
      .map(([word, count]) => ({ word, count }))
      .sort((left, right) => right.count - left.count),
    repeats: column.hasRepeat ? "yes" : isWhole ? "no" : "unknown",
    ...(digits.count === 0 ? {} : { digits: { ...digits } }),
    damage: Object.fromEntries(column.damage),
  };
}

function shortened(value: string): string {
  const signs = [...value.slice(0, 2 * EXAMPLE_CHARACTERS_MAX)];
  return signs.length <= EXAMPLE_CHARACTERS_MAX
    ? value
    : `${signs.slice(0, EXAMPLE_CHARACTERS_MAX).join("")}…`;
}
