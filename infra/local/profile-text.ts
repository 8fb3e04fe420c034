/** A proposal of a file profile as a person reads it in a terminal. */
import type { OpenQuestion } from "#shared/domain/column-forms.ts";
import type { CellFormats } from "#shared/domain/file-formats.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { ProfileProposal, ProposedColumn } from "#shared/domain/propose-profile.ts";
import type { FileSurvey } from "#shared/sync/propose-file-profile.ts";

const MARKS = { high: "+", medium: "?", low: "·" } as const;
const LEGEND = "+ all values fit   ? look at it   · no values";
const EXAMPLES_WIDTH_MAX = 44;
/** Signs that a terminal gives two columns. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u;

/** What was read, what each column becomes and why, and what is still to decide. */
export function describeProposal(survey: FileSurvey, proposal: ProfileProposal): readonly string[] {
  const { columns, questions, problems, profile } = proposal;
  const used = columns.filter(({ goesTo }) => goesTo !== "ignored");
  const ignored = columns.filter(({ goesTo }) => goesTo === "ignored");
  return [
    ...describeFile(survey),
    "",
    ...describeKind(profile),
    "",
    ...table([["", "column", "goes to", "read as", "because", "such as"], ...used.map(columnRow)]),
    ...(used.every(({ confidence }) => confidence === "high") ? [] : [LEGEND]),
    ...(ignored.length === 0 ? [] : ["", "Left out:", ...table(ignored.map(ignoredRow))]),
    ...questions.flatMap((question, index) => [
      "",
      ...(index === 0 ? ["To decide:"] : []),
      ...describeQuestion(question),
    ]),
    ...(problems.length === 0 ? [] : ["", "To mend:"]),
    ...problems.map(({ path, says, fix }) => `  ${path}: ${says}. ${fix}`),
  ];
}

function describeFile(survey: FileSurvey): string[] {
  const { key, format, encoding, delimiter, headerRow, rowCount, isWhole } = survey;
  const signs: Readonly<Record<string, string>> = {
    ",": "commas",
    ";": "semicolons",
    "\t": "tabs",
    "|": "bars",
  };
  const parts =
    format === "delimited"
      ? [`${signs[delimiter] ?? delimiter} between cells`, encoding]
      : [format];
  const extent = isWhole ? `${count(rowCount, "row")}` : `the first ${count(rowCount, "row")}`;
  return [`${key}: ${parts.join(", ")}; header in row ${headerRow}, ${extent} below it.`];
}

function describeKind(profile: FileProfile): string[] {
  const { recordType, layout, keyColumn, connection, speaksFor, constants } = profile;
  const noun = recordType === "creditNote" ? "credit note" : recordType;
  const rows = layout === "row-per-line" ? `A row is a line of a ${noun}` : `A row is a ${noun}`;
  const named = keyColumn === "" ? "" : `, named by ${keyColumn}`;
  const all = Object.entries(constants).map(([name, value]) => `${name} ${String(value)}`);
  const formats = describeFormats(profile.formats ?? {});
  return [
    `${rows.replace(/ a ([aeiou])/g, " an $1")}${named}.`,
    `It speaks for ${speaksFor}; keys belong to the source ${connection} (--answer source=… for another).`,
    ...(all.length === 0 ? [] : [`All records: ${all.join(", ")}.`]),
    ...(formats === "" ? [] : [`Cells: ${formats}.`]),
  ];
}

function describeFormats(formats: CellFormats): string {
  return Object.entries(formats)
    .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
    .join(", ");
}

function columnRow(column: ProposedColumn): readonly string[] {
  const { header, goesTo, conversion = "key", why, confidence, blanks } = column;
  const examples = fitting(column.examples.join(" · "), EXAMPLES_WIDTH_MAX);
  const blank = blanks === 0 ? "" : ` (${blanks} blank)`;
  return [MARKS[confidence], header, goesTo, conversion, why.join("; "), `${examples}${blank}`];
}

function ignoredRow({ header, why, examples }: ProposedColumn): readonly string[] {
  return ["", header, why.join("; "), fitting(examples.join(" · "), EXAMPLES_WIDTH_MAX)];
}

function describeQuestion({ id, asks, choices, suggested }: OpenQuestion): string[] {
  const width = Math.max(0, ...choices.map(({ answer }) => widthOf(answer)));
  return [
    `  ${asks}`,
    ...choices.map(({ answer, means }) => {
      const hint = answer === suggested ? "  (likely)" : "";
      return `    ${quoted(`${id}=${answer}`)}${" ".repeat(width - widthOf(answer))}  ${means}${hint}`;
    }),
  ];
}

/** As a shell takes it. */
function quoted(answer: string): string {
  const text = /^[\p{L}\p{N}=._-]+$/u.test(answer)
    ? answer
    : `'${answer.replaceAll("'", "'\\''")}'`;
  return `--answer ${text}`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ""))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)))
      .join("  ")
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  return [...text].reduce((width, sign) => width + (WIDE.test(sign) ? 2 : 1), 0);
}

/** Cut where it is as wide or wider, on one line. */
export function fitting(text: string, widthMax: number): string {
  let kept = "";
  for (const sign of text.replace(/\s+/g, " ")) {
    if (widthOf(kept) + widthOf(sign) >= widthMax) return `${kept}…`;
    kept += sign;
  }
  return kept;
}

function count(number: number, noun: string): string {
  const digits = String(number).replace(/\B(?=(\d{3})+$)/g, ",");
  return `${digits} ${noun}${number === 1 ? "" : "s"}`;
}
