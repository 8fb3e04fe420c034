/** One record as the rows of an export. */
import { type CrossReference, sideOf } from "../cross-reference.ts";
import { type CanonicalId, externalRefKey } from "../identifiers.ts";
import { encodeJson } from "../json.ts";
import { formatMoney } from "../money.ts";
import {
  type Allocation,
  type DocumentLine,
  type FieldValue,
  isAllocations,
  isLines,
  isMoney,
  isReference,
  type Reference,
} from "../records.ts";
import type { RelatedDocument } from "../related-document.ts";
import { SyncError } from "../sync-error.ts";
import type { CellSource, RecordColumn } from "./columns.ts";
import type { ExportCell, ExportEntry } from "./entry.ts";

export interface RowContext {
  /** Name or number of records that are referred to, by canonical id. */
  readonly names: ReadonlyMap<string, string>;
  /** Of a customer, for the joined view. */
  readonly documents?: readonly RelatedDocument[] | undefined;
  /** That the format takes in one cell. */
  readonly cellCharactersMax?: number | undefined;
}

/**
 * The rows of a record: one, or one for each line of a document. Throws SyncError `invalid-input`
 * (`export-currency-differs`) where an amount is in another currency than its column says: it would
 * be read as one of that; and where the format has no room for a text (`cell-too-long`), or none has
 * (`text-unreadable`: NUL, or half a character).
 */
export function recordEntry(
  xref: CrossReference,
  columns: readonly RecordColumn[],
  context: RowContext,
): ExportEntry {
  const { lines } = xref.fields;
  const given = isLines(lines) && lines.length > 0 ? lines : [undefined];
  const rows = given.map((line, index) => {
    const row = columns.map(({ from }) => cellOf(from, xref, context, line, index));
    requireCurrencies(columns, row, xref, line);
    for (const cell of row) requireRoom(cell, context.cellCharactersMax);
    return row;
  });
  return { key: xref.canonicalId, rows };
}

/** When the golden record last changed, or any of its fields was set: all it holds is that old. */
export function changedAtOf({ changedAt, sources }: CrossReference): string {
  return Object.values(sources).reduce((last, { at }) => (at > last ? at : last), changedAt);
}

/** What people know records by. */
export function namesOf(
  xrefs: ReadonlyMap<CanonicalId, CrossReference>,
): ReadonlyMap<CanonicalId, string> {
  return new Map(
    [...xrefs].flatMap(([id, { fields }]) => {
      const name = fields["number"] ?? fields["name"];
      return typeof name === "string" ? [[id, name] as const] : [];
    }),
  );
}

/** One cell; `line` is the `index`th of the record, counted from 0. */
export function cellOf(
  from: CellSource,
  xref: CrossReference,
  { names, documents }: RowContext,
  line: DocumentLine | undefined,
  index: number,
): ExportCell {
  switch (from.part) {
    case "id":
      return xref.canonicalId;
    case "changed-at":
      return changedAtOf(xref);
    case "external-id":
      return sideOf(xref, from.connection).externalId ?? null;
    case "field":
      return valueCell(xref.fields[from.field]);
    case "currency":
      return from.fields.map((field) => xref.fields[field]).find(isMoney)?.currency ?? null;
    case "name":
      return nameOf(xref.fields[from.field], names);
    case "line-number":
      return line === undefined ? null : String(index + 1);
    case "line":
      return line === undefined ? null : valueCell(line[from.of]);
    case "state":
      return sideOf(xref, from.connection).state;
    case "problem":
      return sideOf(xref, from.connection).failure?.code ?? null;
    case "documents":
      return String(documents?.filter(({ kind }) => kind === from.of).length ?? 0);
  }
}

/** A value as text, from which the value can be read again where the column's kind is known. */
export function valueCell(value: FieldValue | undefined): ExportCell {
  if (value === undefined || value === null) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number") return String(value);
  if (isMoney(value)) return formatMoney(value);
  if (isReference(value)) return referenceCell(value);
  if (isAllocations(value)) return value.length === 0 ? null : allocationsCell(value);
  return encodeJson(value);
}

/** The canonical id; of a record that is not known yet, its place: `ext#crm#customer#101`. */
function referenceCell(reference: Reference): string {
  if ("canonicalId" in reference) return reference.canonicalId;
  return `ext#${externalRefKey(reference)}`;
}

function allocationsCell(allocations: readonly Allocation[]): string {
  const shown = allocations.map(({ kind, source, target, amount, allocatedOn }) => ({
    kind,
    source,
    target,
    amount: formatMoney(amount),
    currency: amount.currency,
    allocatedOn,
  }));
  return JSON.stringify(shown);
}

function nameOf(value: FieldValue | undefined, names: ReadonlyMap<string, string>): string | null {
  if (!isReference(value) || !("canonicalId" in value)) return null;
  return names.get(value.canonicalId) ?? null;
}

function requireCurrencies(
  columns: readonly RecordColumn[],
  row: readonly ExportCell[],
  xref: CrossReference,
  line: DocumentLine | undefined,
): void {
  for (const { currency, from } of columns) {
    if (currency === undefined) continue;
    const value = from.part === "field" ? xref.fields[from.field] : amountOfLine(from, line);
    if (!isMoney(value)) continue;
    const shown = row[columns.findIndex(({ name }) => name === currency)];
    if (shown !== value.currency) {
      throw new SyncError({ kind: "invalid-input", code: "export-currency-differs" });
    }
  }
}

function amountOfLine(from: CellSource, line: DocumentLine | undefined): FieldValue | undefined {
  return from.part === "line" ? line?.[from.of] : undefined;
}

function requireRoom(cell: ExportCell, charactersMax = Number.POSITIVE_INFINITY): void {
  if (cell === null) return;
  if (cell.includes("\0") || !cell.isWellFormed()) {
    throw new SyncError({ kind: "invalid-input", code: "text-unreadable" });
  }
  if (cell.length > charactersMax) {
    throw new SyncError({ kind: "invalid-input", code: "cell-too-long" });
  }
}
