/**
 * A profile for a file that no profile fits, with the reasons: by the names of its columns, and by the
 * values of the whole file. What these leave open is asked, and a profile with open questions is not
 * to be confirmed.
 */
import type { Answers, InferredForms, OpenQuestion } from "./column-forms.ts";
import type { ColumnStatistics } from "./column-survey.ts";
import type { CellFormats } from "./file-formats.ts";
import type { ColumnRule, FileProfile, Target, Words } from "./file-profile.ts";
import {
  findProfileProblems,
  type ProfileContext,
  type ProfileProblem,
} from "./file-profile-problems.ts";
import { isResultColumn } from "./header-names.ts";
import { meaningOf, type ProposedType } from "./header-synonyms.ts";
import { inferColumn, nameOfTarget, type PlacedColumn, placeColumns } from "./propose-columns.ts";
import {
  chooseType,
  keyQuestions,
  type SettledConstants,
  settleConstants,
} from "./propose-questions.ts";

export interface ProfileSource {
  readonly header: readonly string[];
  /** Of each column in the header's order. */
  readonly statistics: readonly ColumnStatistics[];
  readonly fileName: string;
  /** A name for the profile; absent: by the type of its records. */
  readonly name?: string | undefined;
  readonly answers?: Answers | undefined;
  readonly context: ProfileContext;
}

export interface ProposedColumn {
  readonly header: string;
  /** `key`, a field such as `name`, a part of the line such as `line.quantity`, or `ignored`. */
  readonly goesTo: string;
  readonly conversion?: string | undefined;
  readonly why: readonly string[];
  /** `low`: there is no value that proves anything. */
  readonly confidence: "high" | "medium" | "low";
  readonly examples: readonly string[];
  readonly blanks: number;
  /** Values that will be rejected as they are. */
  readonly misfits: number;
}

export interface ProfileProposal {
  /** As far as it is decided. */
  readonly profile: FileProfile;
  readonly columns: readonly ProposedColumn[];
  readonly questions: readonly OpenQuestion[];
  /** What stands in the way of a confirmation, beside the questions. */
  readonly problems: readonly ProfileProblem[];
}

type Inferred = InferredForms & { readonly words?: Words };

/** Never throws for what stands in the file; the same file and answers give the same proposal. */
export function proposeProfile(source: ProfileSource): ProfileProposal {
  const { header, statistics, context, answers = {} } = source;
  const type = chooseType(header, source.fileName, answers);
  const surveyed = { header, statistics, answers, context };
  const isByLine = hasLines(type.chosen, header);
  const placed = withKey(placeColumns(type.chosen, isByLine, surveyed), answers);
  const inferred = placed.map((column) => inferColumn(column, answers));
  const settled = settleConstants(type.chosen, placed, answers);
  const profile = buildProfile(source, { type: type.chosen, isByLine, placed, inferred, settled });
  const questions = [
    ...type.questions,
    ...keyQuestions(placed),
    ...settled.questions,
    ...inferred.flatMap((one) => one.questions),
  ];
  return {
    profile,
    columns: placed.map((column, index) => describeColumn(column, inferred[index])),
    questions,
    problems: findProfileProblems(profile, context).filter(({ path }) => !isAsked(path, questions)),
  };
}

function hasLines(type: ProposedType, header: readonly string[]): boolean {
  if (type === "customer" || type === "product") return false;
  const parts = new Set(
    header.flatMap((name) => {
      const target = meaningOf(type, name)?.target;
      return target !== undefined && "line" in target ? [target.line] : [];
    }),
  );
  return parts.has("quantity") || parts.has("unitPrice");
}

/** Without a column that is the key by its name, an answer makes one. */
function withKey(columns: readonly PlacedColumn[], answers: Answers): readonly PlacedColumn[] {
  const said = answers["key"];
  if (said === undefined || !columns.some(({ header }) => header === said)) return columns;
  return columns.map((column) => ({ ...column, isKey: column.header === said }));
}

interface Parts {
  readonly type: ProposedType;
  readonly isByLine: boolean;
  readonly placed: readonly PlacedColumn[];
  readonly inferred: readonly Inferred[];
  readonly settled: SettledConstants;
}

function buildProfile(source: ProfileSource, parts: Parts): FileProfile {
  const { type, isByLine, placed, inferred, settled } = parts;
  const { answers = {}, context, fileName, name } = source;
  const general = commonFormats(inferred.map(({ formats }) => formats));
  const key = placed.find(({ isKey }) => isKey);
  const keyDigits =
    key === undefined || key.targets.length > 0
      ? undefined
      : inferred[placed.indexOf(key)]?.formats.digits;
  const columns = placed.map((column, index): [string, ColumnRule] => [
    column.header.trim(),
    ruleOf(column, inferred[index], general),
  ]);
  const currencySigns = general.currencySigns === "row" ? (settled.currency ?? "row") : undefined;
  const formats = currencySigns === undefined ? general : { ...general, currencySigns };
  return {
    profile: name ?? `${type === "creditNote" ? "credit-note" : type}-files`,
    connection: sourceOf(answers["source"]),
    speaksFor: context.sidesOf(type)[0] ?? "crm",
    recordType: type,
    layout: isByLine ? "row-per-line" : "row-per-record",
    fileNames: beginningOf(fileName),
    keyColumn: key?.header.trim() ?? "",
    requiredColumns: placed
      .filter((column) => isRequired(column, isByLine))
      .map(({ header }) => header.trim()),
    columns: Object.fromEntries(columns.filter(([header]) => !isResultColumn(header))),
    nullTexts: [...new Set(inferred.flatMap(({ nullTexts }) => nullTexts))],
    constants: settled.constants,
    ...(Object.keys(formats).length === 0 ? {} : { formats }),
    ...(keyDigits === undefined ? {} : { keyDigits }),
  };
}

const SOURCE = /^[a-z][a-z0-9-]{0,39}$/;

function sourceOf(answer: string | undefined): string {
  return answer !== undefined && SOURCE.test(answer) ? answer : "files";
}

/** The file's name without its end and the number or date in front of that. */
function beginningOf(fileName: string): string[] {
  const stem = fileName
    .replace(/(?:\.[a-z0-9]{1,5}){1,2}$/i, "")
    .replace(/[\s_.-]*\d[\d\s_.-]*$/, "");
  return stem === "" ? [] : [stem];
}

const ESSENTIAL: ReadonlySet<string> = new Set([
  "name",
  "currency",
  "line.quantity",
  "line.unitPrice",
]);

function isRequired({ isKey, targets, statistics }: PlacedColumn, isByLine: boolean): boolean {
  const names = targets.map(nameOfTarget);
  if (isKey || names.includes("line.quantity") || names.includes("line.unitPrice")) return true;
  if (isByLine && names.includes("currency")) return true;
  return (
    statistics.blanks === 0 && names.some((name) => ESSENTIAL.has(name) || name === "customer")
  );
}

/** Formats on which all columns that have any agree; those of codes are a column's own. */
function commonFormats(all: readonly CellFormats[]): CellFormats {
  const {
    digits: _digits,
    longNumbers: _long,
    percent: _percent,
    ...joined
  } = Object.assign({}, ...all) as CellFormats;
  const isCommon = ([name, value]: [string, unknown]) =>
    all.every((formats) => {
      const own = Object.entries(formats).find(([other]) => other === name)?.[1];
      return own === undefined || JSON.stringify(own) === JSON.stringify(value);
    });
  const { decimalSign, ...common }: CellFormats = Object.fromEntries(
    Object.entries(joined).filter(isCommon),
  );
  // A point is what goes without saying.
  return decimalSign === "," ? { decimalSign, ...common } : common;
}

function ruleOf(
  column: PlacedColumn,
  inferred: Inferred | undefined,
  general: CellFormats,
): ColumnRule {
  const { targets, isKey } = column;
  if (targets.length === 0) return isKey ? "key-only" : "ignored";
  const common: ReadonlySet<string> = new Set(Object.keys(general));
  const own = Object.entries(inferred?.formats ?? {}).filter(
    ([name, value]) => !common.has(name) && !(name === "decimalSign" && value === "."),
  );
  const words = inferred?.words;
  return targets.map((target): Target => {
    const named = target.as === "currency" && words !== undefined ? { ...target, words } : target;
    return own.length === 0 ? named : { ...named, formats: Object.fromEntries(own) };
  });
}

function describeColumn(column: PlacedColumn, inferred: Inferred | undefined): ProposedColumn {
  const { header, statistics, targets, isKey, note } = column;
  const { why = [], questions = [], misfits = 0 } = inferred ?? {};
  const names = targets.map(nameOfTarget);
  const goesTo = [...(isKey ? ["key"] : []), ...names].join(", ");
  const isOpen = questions.length > 0 || misfits > 0;
  const isLeftOut = goesTo === "";
  return {
    header,
    goesTo: isLeftOut ? "ignored" : goesTo,
    conversion: targets.find((target) => target.as !== "reference")?.as ?? targets[0]?.as,
    why: [note, ...why, ...damageOf(column, misfits)],
    confidence: statistics.filled === 0 ? "low" : isOpen ? "medium" : "high",
    examples: statistics.examples,
    blanks: statistics.blanks,
    misfits: isLeftOut ? 0 : misfits,
  };
}

function damageOf({ statistics, targets, isKey }: PlacedColumn, misfits: number): string[] {
  if (targets.length === 0 && !isKey) return [];
  const named = Object.entries(statistics.damage)
    .filter(([code]) => code === "cell-error" || misfits > 0)
    .map(([code, count]) => `${code} in ${count}`);
  return named.length === 0 && misfits > 0 ? [`${misfits} do not fit`] : named;
}

/** What a question will settle is no problem beside it. */
function isAsked(path: string, questions: readonly OpenQuestion[]): boolean {
  const asks = (id: string) => questions.some((question) => question.id === id);
  if (path === "keyColumn") return asks("key");
  return path === "requiredColumns" && asks("currency");
}
