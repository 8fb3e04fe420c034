/** One row of a file against its profile: values for the good cells, faults for the bad ones. */
import { type CellContext, type CellReading, cellFixes, readCell } from "./file-cells.ts";
import { formatsOf } from "./file-formats.ts";
import type {
  BoundColumn,
  BoundProfile,
  Conversion,
  FileProfile,
  LinePart,
  Target,
} from "./file-profile.ts";
import { rearmCell } from "./formula-cells.ts";
import type { ExternalId } from "./identifiers.ts";
import type { CurrencyCode } from "./money.ts";
import type { Fields, FieldValue } from "./records.ts";

export interface RowFault {
  /** As the file spells it; empty where the row as a whole is at fault. */
  readonly column: string;
  readonly value: string;
  readonly code: string;
  readonly fix: string;
}

export interface FileRow {
  /** As a spreadsheet counts: the header is row 1. */
  readonly row: number;
  /** Empty where the row shows none. */
  readonly key: ExternalId;
  /** Where a row of the wrong width may belong: its cells have moved, one way or the other. */
  readonly possibleKeys: readonly ExternalId[];
  /** The profile's constants among them. */
  readonly fields: Fields;
  readonly line: ReadonlyMap<LinePart, FieldValue>;
  /** Empty for a good row. */
  readonly faults: readonly RowFault[];
}

/** What became of a file: the records that land, and every row with what was wrong with it. */
export interface FileReading {
  readonly records: readonly FileRecord[];
  readonly rows: readonly RowOutcome[];
}

export interface FileRecord {
  readonly externalId: ExternalId;
  readonly fields: Fields;
}

/** A row without faults is accepted. */
type RowOutcome = Pick<FileRow, "row" | "key" | "faults">;

export function isBlankRow(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

/** How the rows of a file are read: what follows from its profile and its header, worked out once. */
export interface ReadingPlan {
  readonly bound: BoundProfile;
  readonly columns: readonly PlannedColumn[];
  /** The fields of a row of nothing but blanks, for each row to fill in. */
  readonly blank: Fields;
  /** The row's currency counts in a column. */
  readonly needsCurrency: boolean;
}

export function planReading(bound: BoundProfile): ReadingPlan {
  const columns = bound.columns.map((column, at) => planColumn(column, at, bound.profile));
  const needsCurrency = columns.some(({ reads }) => reads.some((read) => read.needsCurrency));
  return { bound, columns, blank: blankFields(bound), needsCurrency };
}

/** Reads a row that is not blank; lists `faultsMax` faults of it at the most, and one at the least. */
export function readRow(
  { bound, columns, blank, needsCurrency }: ReadingPlan,
  row: number,
  cells: readonly string[],
  faultsMax: number,
): FileRow {
  if (cells.length !== columns.length) return misshapenRow(bound, row, cells);
  const fields = { ...blank };
  const line = bound.profile.layout === "row-per-line" ? new Map<LinePart, FieldValue>() : noLine;
  const currency = needsCurrency ? currencyOf(bound, cells) : undefined;
  let key = "";
  let faults = noFaults;
  for (const column of columns) {
    const text = textOf(cells[column.at], bound);
    if (column.isKey && text !== undefined) key = text;
    const fault = readColumn(column, text, currency, fields, line);
    if (fault !== undefined && faults.length < Math.max(1, faultsMax)) {
      const { code, fix } = fault;
      faults = [...faults, { column: column.header, value: text ?? "", code, fix }];
    }
  }
  return { row, key, possibleKeys: noKeys, fields, line, faults };
}

/** Of a row that is a record of its own. */
const noLine = new Map<LinePart, FieldValue>();
const noFaults: readonly RowFault[] = [];
const noKeys: readonly ExternalId[] = [];

/** A column, and all that its cells are read as. */
interface PlannedColumn extends Pick<BoundColumn, "header" | "isKey" | "isRequired"> {
  readonly at: number;
  readonly reads: readonly PlannedRead[];
}

interface PlannedRead {
  readonly conversion: Conversion;
  readonly context: CellContext;
  readonly needsCurrency: boolean;
  /** Undefined: the cell is looked at and goes nowhere. */
  readonly target?: Target;
}

/** The key is looked at as a key, whatever else becomes of it. */
function planColumn(column: BoundColumn, at: number, profile: FileProfile): PlannedColumn {
  const { header, isKey, isRequired, targets } = column;
  const plan = (conversion: Conversion & Pick<Target, "formats">, isCode: boolean): PlannedRead => {
    const formats = formatsOf(conversion.formats, profile.formats);
    const { connection, timeZone } = profile;
    const needsCurrency = conversion.as === "amount" || formats.currencySigns !== undefined;
    return { conversion, context: { connection, formats, timeZone, isCode }, needsCurrency };
  };
  const own = isKey ? [plan({ as: "key", formats: { digits: profile.keyDigits } }, true)] : [];
  const reads = targets.map((target) => ({ ...plan(target, isCode(target)), target }));
  return { header, isKey, isRequired, at, reads: [...own, ...reads] };
}

function blankFields({ profile, columns }: BoundProfile): Fields {
  const names = columns.flatMap(({ targets }) =>
    targets.flatMap((target) => ("field" in target ? [target.field] : [])),
  );
  return { ...profile.constants, ...Object.fromEntries(names.map((name) => [name, null])) };
}

/** Fields that hold a code in text that may be anything. */
const CODE_FIELDS: ReadonlySet<string> = new Set(["phone", "postalCode", "taxNumber", "reference"]);

/** Whether its cells are codes, whose digits are no number. */
export function isCode(target: Target): boolean {
  if (target.as === "key" || target.as === "reference") return true;
  return target.as === "text" && "field" in target && CODE_FIELDS.has(target.field);
}

type CellFault = Pick<Extract<CellReading, { readonly kind: "fault" }>, "code" | "fix">;

/** The currency of a row's amounts; `undefined` where the row does not show one. */
function currencyOf(bound: BoundProfile, cells: readonly string[]): CurrencyCode | undefined {
  const { connection, constants } = bound.profile;
  for (const [index, { targets }] of bound.columns.entries()) {
    const target = targets.find((one) => "field" in one && one.field === "currency");
    const text = target === undefined ? undefined : textOf(cells[index], bound);
    if (target === undefined || text === undefined) continue;
    const words = target.as === "currency" ? target.words : undefined;
    const reading = readCell(text, { as: "currency", words }, { connection });
    const isRead = reading.kind === "value" && typeof reading.value === "string";
    return isRead ? reading.value : undefined;
  }
  const constant = constants["currency"];
  return typeof constant === "string" ? constant : undefined;
}

/** Reads one cell into all its targets; the first fault, or `undefined`. */
function readColumn(
  { isRequired, reads }: PlannedColumn,
  text: string | undefined,
  currency: CurrencyCode | undefined,
  fields: Record<string, FieldValue | undefined>,
  line: Map<LinePart, FieldValue>,
): CellFault | undefined {
  if (text === undefined && isRequired) {
    return { code: "cell-required", fix: cellFixes["cell-required"] };
  }
  for (const { conversion, context, needsCurrency, target } of reads) {
    const reading =
      text === undefined
        ? blankCell
        : readCell(text, conversion, needsCurrency ? { ...context, currency } : context);
    if (reading.kind === "fault") return reading;
    if (target === undefined) continue;
    if ("line" in target) line.set(target.line, reading.value);
    else fields[target.field] = reading.value;
  }
  return undefined;
}

const blankCell: CellReading = { kind: "value", value: null };

/** A comma that should have been quoted, or a row that was cut: no cell of it can be trusted. */
function misshapenRow(bound: BoundProfile, row: number, cells: readonly string[]): FileRow {
  const width = bound.columns.length;
  const keyAt = bound.columns.findIndex((column) => column.isKey);
  const possibleKeys = [keyAt, cells.length - (width - keyAt)]
    .map((index) => textOf(cells[index], bound))
    .filter((text) => text !== undefined);
  const fault = {
    column: "",
    value: `${cells.length} cells`,
    code: "row-width-wrong",
    fix: `Give the row ${width} cells, as many as the header has; quote a cell that holds a comma.`,
  };
  return { row, key: "", possibleKeys, fields: {}, line: noLine, faults: [fault] };
}

/**
 * Trimmed, and as it was before it was written harmless; `undefined` where it is blank or one of the
 * profile's words for blank.
 */
function textOf(cell: string | undefined, bound: BoundProfile): string | undefined {
  const text = rearmCell(cell?.trim() ?? "");
  return text === "" || bound.profile.nullTexts.includes(text) ? undefined : text;
}

/** The key that a cell of the key column shows, if it shows one. */
export function keyTextOf(cell: string, bound: BoundProfile): string | undefined {
  return textOf(cell, bound);
}
