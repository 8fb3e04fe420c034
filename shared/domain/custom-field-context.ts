/** What the checks of custom fields share. */
import type { CustomField, Place, UncheckedField } from "./custom-field.ts";
import type { ConnectionId, RecordType } from "./identifiers.ts";
import type { FieldKind } from "./records.ts";

/** What is wrong with one row. */
export interface Finding {
  /** Stable kebab-case, a heading in `docs/errors.md`. */
  readonly code: string;
  readonly says: string;
  readonly fix: string;
}

/** What the table is checked against. */
export interface CustomFieldContext {
  /** The connections that take part in a record type's flow. */
  readonly sidesOf: (recordType: RecordType) => readonly ConnectionId[];
  /** Fields that a file profile fills, as `customer.accountManager`. */
  readonly inFiles: ReadonlySet<string>;
}

export function pathOf(field: Pick<CustomField, "recordType" | "field">): string {
  return `${field.recordType}.${field.field}`;
}

/** The field of the same name of the other of order and invoice, which the value goes to or comes from. */
export function namesakeOf(
  field: UncheckedField,
  all: readonly UncheckedField[],
): UncheckedField | undefined {
  const other = { order: "invoice", invoice: "order" } as const;
  if (field.recordType !== "order" && field.recordType !== "invoice") return undefined;
  const recordType = other[field.recordType];
  return all.find((one) => one.recordType === recordType && one.field === field.field);
}

export function placesOf(field: UncheckedField): [ConnectionId, Place][] {
  return Object.entries(field.places);
}

export function isSameKind(left: FieldKind, right: FieldKind): boolean {
  return describeKind(left) === describeKind(right);
}

export function describeKind(kind: FieldKind): string {
  return kind.kind === "one-of" ? `one of ${kind.values.toSorted().join(", ")}` : kind.kind;
}
