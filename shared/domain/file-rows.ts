/** One row of a file against its profile: values for the good cells, faults for the bad ones. */
import { type CellReading, cellFixes, readCell } from "./file-cells.ts";
import { type CellFormats, formatsOf } from "./file-formats.ts";
import type { BoundColumn, BoundProfile, Conversion, LinePart, Target } from "./file-profile.ts";
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

/** Reads a row that is not blank; lists `faultsMax` faults of it at the most, and one at the least. */
export function readRow(
  bound: BoundProfile,
  row: number,
  cells: readonly string[],
  faultsMax: number,
): FileRow {
  if (cells.length !== bound.columns.length) return misshapenRow(bound, row, cells);
  const fields: Record<string, FieldValue> = {};
  const line = bound.profile.layout === "row-per-line" ? new Map<LinePart, FieldValue>() : noLine;
  const faults: RowFault[] = [];
  const read = readerOf(bound, cells);
  const keyFormats = { digits: bound.profile.keyDigits };
  let key = "";
  for (const [index, column] of bound.columns.entries()) {
    const text = textOf(cells[index], bound);
    if (column.isKey && text !== undefined) key = text;
    const fault = readColumn(column, text, keyFormats, read, (target, value) => {
      if ("line" in target) line.set(target.line, value);
      else fields[target.field] = value;
    });
    if (fault !== undefined && faults.length < Math.max(1, faultsMax)) {
      const { code, fix } = fault;
      faults.push({ column: column.header, value: text ?? "", code, fix });
    }
  }
  return { row, key, possibleKeys: [], fields, line, faults };
}

/** Of a row that is a record of its own. */
const noLine = new Map<LinePart, FieldValue>();

type ReadTarget = (
  text: string,
  target: Conversion & Pick<Target, "formats">,
  isCode: boolean,
) => CellReading;

/** Reads the cells of one row, whose currency is looked up once and only where it counts. */
function readerOf(bound: BoundProfile, cells: readonly string[]): ReadTarget {
  const { profile } = bound;
  const { connection, timeZone } = profile;
  let currency: CurrencyCode | undefined;
  let isLookedUp = false;
  return (text, target, isCode) => {
    const formats = formatsOf(target.formats, profile.formats);
    if (!isLookedUp && (target.as === "amount" || formats.currencySigns !== undefined)) {
      currency = currencyOf(bound, cells);
      isLookedUp = true;
    }
    return readCell(text, target, { connection, currency, formats, timeZone, isCode });
  };
}

/** Fields that hold a code in text that may be anything. */
const CODE_FIELDS: ReadonlySet<string> = new Set(["phone", "postalCode", "taxNumber", "reference"]);

function isCode(target: Target): boolean {
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
  column: BoundColumn,
  text: string | undefined,
  keyFormats: CellFormats,
  read: ReadTarget,
  put: (target: Target, value: FieldValue) => void,
): CellFault | undefined {
  if (text === undefined) {
    if (column.isRequired) return { code: "cell-required", fix: cellFixes["cell-required"] };
    for (const target of column.targets) put(target, null);
    return undefined;
  }
  const targets: readonly Target[] = column.targets;
  if (column.isKey) {
    const reading = read(text, { as: "key", formats: keyFormats }, true);
    if (reading.kind === "fault") return reading;
  }
  for (const target of targets) {
    const reading = read(text, target, isCode(target));
    if (reading.kind === "fault") return reading;
    put(target, reading.value);
  }
  return undefined;
}

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
  return { row, key: "", possibleKeys, fields: {}, line: new Map(), faults: [fault] };
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
