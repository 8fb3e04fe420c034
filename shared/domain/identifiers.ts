/** The names by which records are found; all of them plain text, never parsed for meaning. */

/** In the order in which deliveries are made: what others refer to comes first. */
export const recordTypes = [
  "customer",
  "product",
  "order",
  "invoice",
  "creditNote",
  "payment",
] as const;
export type RecordType = (typeof recordTypes)[number];

/** Our own name of a record, the same on every side; made by {@link canonicalIdOf}. */
export type CanonicalId = string;

/** A system we exchange records with, or a source of files: `crm`, `books`, `northwind`. */
export type ConnectionId = string;

/** The name a connection gave to a record; unique with its connection and record type. */
export type ExternalId = string;

export interface ExternalRef {
  readonly connection: ConnectionId;
  readonly recordType: RecordType;
  readonly externalId: ExternalId;
}

/** One text per external reference; ids may hold any character, so the id stands last. */
export function externalRefKey(ref: ExternalRef): string {
  return `${ref.connection}#${ref.recordType}#${ref.externalId}`;
}

export function isOneOf<Known extends string>(
  known: readonly Known[],
  value: unknown,
): value is Known {
  return known.some((one) => one === value);
}

export function isRecordType(text: string): text is RecordType {
  return (recordTypes as readonly string[]).includes(text);
}
