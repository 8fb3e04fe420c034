/** How the numbers of a column are written. */
import {
  type Answers,
  findMisfits,
  type InferredForms,
  type OpenQuestion,
} from "./column-forms.ts";
import type { ColumnStatistics } from "./column-survey.ts";
import { currenciesOfSign } from "./currency-signs.ts";
import { findCellError } from "./file-damage.ts";
import type { CellFormats, NegativeForm } from "./file-formats.ts";
import { narrowed, readNumber } from "./file-numbers.ts";

const digitForms = [
  { decimalSign: "." },
  { decimalSign: ".", thousandsSign: "," },
  { decimalSign: ".", thousandsSign: ",", grouping: "indian" },
  { decimalSign: ".", thousandsSign: "space" },
  { decimalSign: ".", thousandsSign: "apostrophe" },
  { decimalSign: "," },
  { decimalSign: ",", thousandsSign: "." },
  { decimalSign: ",", thousandsSign: "space" },
] as const satisfies readonly CellFormats[];

/** `id` is the column's name; its answer is `point` or `comma`. */
export function inferNumbers(
  id: string,
  column: ColumnStatistics,
  answers: Answers,
): InferredForms {
  const forms = column.forms.filter(({ example }) => findCellError(example) === undefined);
  const signs = signsOf(forms.map(({ example }) => example));
  const sign = settleSign(id, signs, answers);
  const extras: CellFormats = { ...signs.formats, ...sign.formats };
  const tried: CellFormats = { ...extras, ...sign.tried };
  const read = (formats: CellFormats) =>
    forms.map(({ example }) => {
      const currency = currencyIn(example);
      const all = { ...tried, ...formats };
      const reading = readNumber(withoutPercent(example), all, currency);
      return reading.kind === "number" ? reading.text : undefined;
    });
  const candidates = digitForms.map((formats) => ({ formats, values: read(formats) }));
  const most = Math.max(0, ...candidates.map(({ values }) => countOf(values)));
  const best = candidates.filter(({ values }) => countOf(values) === most && most > 0);
  const chosen = best.filter(({ formats }) => isAnswered(formats, answers[id]));
  const [first, ...others] = chosen.length > 0 ? chosen : best;
  const rest = findMisfits(column, forms, first?.values ?? []);
  if (first === undefined) return { formats: {}, why: [], questions: sign.questions, ...rest };
  const rival = others.find(({ values }) => values.join() !== first.values.join());
  if (rival !== undefined) {
    const at = first.values.findIndex((value, index) => value !== rival.values[index]);
    const example = forms[at]?.example ?? "";
    const question = decimalQuestion(id, example, [first.formats, rival.formats], tried);
    return { formats: extras, why: signs.why, questions: [question, ...sign.questions], ...rest };
  }
  const isProven = forms.some(({ example }) =>
    /[.,]|\s\d|['’]/u.test(withoutPercent(narrowed(example))),
  );
  return {
    formats: isProven ? { ...extras, ...first.formats } : extras,
    why: [...(isProven ? [describeDigits(first.formats)] : []), ...signs.why],
    questions: sign.questions,
    ...rest,
  };
}

type DigitForm = (typeof digitForms)[number];

function isAnswered({ decimalSign }: DigitForm, answer: string | undefined): boolean {
  return answer === (decimalSign === "." ? "point" : "comma");
}

function countOf(values: readonly (string | undefined)[]): number {
  return values.filter((value) => value !== undefined).length;
}

function decimalQuestion(
  id: string,
  example: string,
  forms: readonly DigitForm[],
  extras: CellFormats,
): OpenQuestion {
  const choices = forms.map((form) => {
    const reading = readNumber(
      withoutPercent(example),
      { ...extras, ...form },
      currencyIn(example),
    );
    const answer = form.decimalSign === "." ? "point" : "comma";
    const sign = form.decimalSign === "." ? "a point" : "a comma";
    const value = reading.kind === "number" ? reading.text : "nothing";
    return { answer, means: `${sign} before the decimals: ${example} is ${value}` };
  });
  return { id, asks: `What is ${example}?`, choices };
}

function describeDigits({ decimalSign, ...rest }: DigitForm): string {
  const grouped = "thousandsSign" in rest ? `, ${nameOf(rest.thousandsSign)} between groups` : "";
  const indian = "grouping" in rest ? " of two" : "";
  return `${decimalSign === "." ? "decimal point" : "decimal comma"}${grouped}${indian}`;
}

function nameOf(sign: "," | "." | "space" | "apostrophe"): string {
  return { ",": "comma", ".": "point", space: "space", apostrophe: "apostrophe" }[sign];
}

interface Signs {
  readonly formats: CellFormats;
  readonly why: readonly string[];
  readonly hasCreditOrDebit: boolean;
}

/** Forms of negatives, signs of currency and wide digits, each of which says by itself what it is. */
function signsOf(examples: readonly string[]): Signs {
  const some = (pattern: RegExp) => examples.some((example) => pattern.test(narrowed(example)));
  const negatives: NegativeForm[] = [];
  if (some(/^\(.*\)$/)) negatives.push("parentheses");
  if (some(/\d\s*[-−]$/u)) negatives.push("trailing-minus");
  if (some(/^\D*−/u)) negatives.push("minus-sign");
  const currencies = examples.flatMap((example) => currencyIn(example) ?? []);
  const isWide = examples.some((example) => /[０-９]/u.test(example));
  return {
    formats: {
      ...(negatives.length === 0 ? {} : { negatives }),
      ...(currencies.length === 0 ? {} : { currencySigns: "row" }),
      ...(isWide ? { wideForms: true } : {}),
    },
    why: [
      ...negatives.map((form) => `negative by ${form.replace("-", " ")}`),
      ...(currencies.length === 0 ? [] : ["signs of currency"]),
      ...(isWide ? ["wide digits"] : []),
    ],
    hasCreditOrDebit: some(/\d\s*[cd]r$/i),
  };
}

interface SettledSign extends Pick<InferredForms, "formats" | "questions"> {
  /** With which the digits are read until the question is answered. */
  readonly tried: CellFormats;
}

function settleSign(id: string, signs: Signs, answers: Answers): SettledSign {
  if (!signs.hasCreditOrDebit) return { formats: {}, tried: {}, questions: [] };
  const asked = `${id}.sign`;
  const answer = answers[asked];
  const negativesWith = (form: NegativeForm) => [...(signs.formats.negatives ?? []), form];
  if (answer === "credit" || answer === "debit") {
    const formats = { negatives: negativesWith(answer) };
    return { formats, tried: formats, questions: [] };
  }
  const choices = [
    { answer: "credit", means: "CR is negative, DR positive" },
    { answer: "debit", means: "DR is negative, CR positive" },
  ];
  return {
    formats: {},
    tried: { negatives: negativesWith("credit") },
    questions: [{ id: asked, asks: "Which is negative, CR or DR?", choices }],
  };
}

/** The currency that a sign before or behind the digits means, the first where it may mean several. */
export function currencyIn(example: string): string | undefined {
  const [, before, behind] =
    /^[\s(+\-−]*([^\d\s()+\-−.,']{0,5})[\s\d()+\-−.,'’\u00a0\u202f]*([^\d\s()+\-−.,']{0,5})[\s)\-−]*$/u.exec(
      narrowed(example),
    ) ?? [];
  const sign = before === "" ? behind : before;
  if (sign === undefined || sign === "" || /^[cd]r$/i.test(sign)) return undefined;
  return currenciesOfSign(sign)?.[0];
}

function withoutPercent(example: string): string {
  return example.replace(/\s*[%％]$/u, "");
}
