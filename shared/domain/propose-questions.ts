/** What the columns of an unknown file leave open, and what the answers settle. */
import type { Answers, OpenQuestion } from "./column-forms.ts";
import { currencyIn } from "./column-numbers.ts";
import { isNamedFor, meaningOf, type ProposedType, proposedTypes } from "./header-synonyms.ts";
import { isCurrency } from "./money.ts";
import { nameOfTarget, type PlacedColumn, priceOf } from "./propose-columns.ts";
import type { Fields } from "./records.ts";

interface ChosenType {
  readonly chosen: ProposedType;
  readonly questions: readonly OpenQuestion[];
}

const TELLING_POINTS = 3;
const FILE_NAME_POINTS = 3;

/** The type whose names most columns bear; where two are as likely, it is asked. */
export function chooseType(
  header: readonly string[],
  fileName: string,
  answers: Answers,
): ChosenType {
  const said = proposedTypes.find((type) => type === answers["record-type"]);
  if (said !== undefined) return { chosen: said, questions: [] };
  const scores = proposedTypes
    .map((type) => {
      const known = header.flatMap((name) => meaningOf(type, name) ?? []);
      const telling = known.some(({ isTelling }) => isTelling === true) ? TELLING_POINTS : 0;
      const named = isNamedFor(type, fileName) ? FILE_NAME_POINTS : 0;
      return { type, score: known.length + telling + named };
    })
    .sort((left, right) => right.score - left.score);
  const best = scores[0]?.type ?? "customer";
  const equals = scores.filter(({ score }) => score === scores[0]?.score);
  if (equals.length < 2) return { chosen: best, questions: [] };
  const choices = equals.map(({ type }) => ({
    answer: type,
    means: `a row is of a ${wordOf(type)}`,
  }));
  return {
    chosen: best,
    questions: [{ id: "record-type", asks: "What are the records?", choices }],
  };
}

function wordOf(type: ProposedType): string {
  return type === "creditNote" ? "credit note" : type;
}

export function keyQuestions(columns: readonly PlacedColumn[]): readonly OpenQuestion[] {
  if (columns.some(({ isKey }) => isKey)) return [];
  const choices = columns
    .filter(({ statistics }) => statistics.blanks === 0 && statistics.repeats !== "yes")
    .map(({ header, statistics }) => ({
      answer: header,
      means: `no value twice: ${statistics.examples.slice(0, 2).join(", ")}`,
    }));
  return [{ id: "key", asks: "Which column names each record?", choices }];
}

export interface SettledConstants {
  readonly constants: Fields;
  /** What signs at prices mean where rows show no currency. */
  readonly currency?: string | undefined;
  readonly questions: readonly OpenQuestion[];
}

const statusesOf = {
  order: ["won", "open"],
  invoice: ["issued", "draft", "paid"],
  creditNote: ["issued", "draft"],
} as const;

/** What is the same in all records of the file, and nowhere in its columns. */
export function settleConstants(
  type: ProposedType,
  columns: readonly PlacedColumn[],
  answers: Answers,
): SettledConstants {
  const constants: Record<string, string> = {};
  const questions: OpenQuestion[] = [];
  const isFilled = (name: string) =>
    columns.some(({ targets }) => targets.some((target) => nameOfTarget(target) === name));
  const currency = settleCurrency(columns, answers);
  const isDocument = type !== "customer" && type !== "product";
  if (!isDocument) {
    return {
      constants,
      currency: currency.code,
      questions: currency.hasSigns ? currency.questions : [],
    };
  }
  if (!isFilled("currency")) {
    if (currency.code !== undefined) constants["currency"] = currency.code;
    questions.push(...currency.questions);
  }
  const statuses: readonly string[] = statusesOf[type];
  const status = statuses.find((one) => one === answers["status"]);
  if (status !== undefined) constants["status"] = status;
  else if (!isFilled("status")) {
    const choices = statuses.map((answer) => ({ answer, means: `all of them are ${answer}` }));
    questions.push({ id: "status", asks: `What are these ${wordOf(type)}s?`, choices });
  }
  const meanings = columns.map(({ meaning }) => meaning);
  const price = priceOf(meanings, answers);
  if (isFilled("line.unitPrice") && price !== undefined) {
    if (price === "inclusive") constants["taxTreatment"] = price;
    questions.push(...priceQuestions(columns, answers));
  }
  return { constants, currency: currency.code, questions };
}

function priceQuestions(columns: readonly PlacedColumn[], answers: Answers): OpenQuestion[] {
  const priced = columns.filter(({ meaning }) => meaning?.tax !== undefined);
  if (new Set(priced.map(({ meaning }) => meaning?.tax)).size < 2) return [];
  if (answers["price"] === "inclusive" || answers["price"] === "exclusive") return [];
  const choices = priced.map(({ header, meaning }) => ({
    answer: meaning?.tax ?? "",
    means: `${header}: ${meaning?.tax === "inclusive" ? "tax is in it" : "tax comes on top"}`,
  }));
  return [{ id: "price", asks: "Which price is read?", choices }];
}

function settleCurrency(columns: readonly PlacedColumn[], answers: Answers) {
  const examples = columns
    .filter(({ targets }) => targets.length > 0)
    .flatMap(({ statistics }) => statistics.forms.map(({ example }) => example));
  const seen = [...new Set(examples.flatMap((example) => currencyIn(example) ?? []))];
  const said = answers["currency"]?.toUpperCase();
  const code = said !== undefined && isCurrency(said) ? said : undefined;
  const codes = [...new Set([...seen, "EUR", "USD", "CNY"])].slice(0, 4);
  const choices = codes.map((answer) => ({ answer, means: `all amounts are ${answer}` }));
  const [suggested] = seen;
  const question = {
    id: "currency",
    asks: "Which currency are the amounts of?",
    choices,
    suggested,
  };
  return { code, hasSigns: seen.length > 0, questions: code === undefined ? [question] : [] };
}
