/**
 * An export that comes back. Its rows name records by canonical id, under a connection of their own,
 * `exports`. What a row showed when it was written is no sighting of a system: only what differs from
 * the golden record is news, and it is merged as an edit by whom the file speaks for, or refused.
 *
 * | a column of the row | then |
 * |---|---|
 * | equals the golden value, as far as a file can tell | nothing |
 * | differs, and the field was set after the row was written | refused: the row is older than the record |
 * | differs, and the file may set the field | taken |
 * | differs, and it may not | refused |
 *
 * A refusal is of the whole record. Nothing is remembered of the row: the next export is what counts.
 */
import { type CrossReference, type Side, withSide } from "../cross-reference.ts";
import type { Observation } from "../decide-field.ts";
import { normalizeDecimal } from "../decimal.ts";
import { digestField } from "../fingerprint.ts";
import { type Flow, ruleOf } from "../flow.ts";
import type { CanonicalId, ConnectionId, RecordType } from "../identifiers.ts";
import { type MergeResult, mergeRecord } from "../merge.ts";
import { type Fields, type FieldValue, fieldKindOf } from "../records.ts";
import { type Failure, SyncError } from "../sync-error.ts";
import { valueCell } from "./record-rows.ts";
import { isPlainNumber, isSameCell } from "./same-cell.ts";

/** The connection of rows that come back: its ids are canonical ids, and it has no side. */
export const returnedConnection: ConnectionId = "exports";

/** Carries the column `changed_at`; no record has a field of this name. */
export const shownAtField = "shownAt";

/** The record that a row is about. Throws SyncError `rejected` where there is none, or not any more. */
export function recordOfRow(
  xrefs: ReadonlyMap<CanonicalId, CrossReference>,
  recordType: RecordType,
  id: CanonicalId,
): CrossReference {
  const xref = xrefs.get(id);
  if (xref?.recordType !== recordType) throw new SyncError(recordUnknown);
  if (xref.mergedInto !== undefined) throw new SyncError(changedSince("record_id"));
  return xref;
}

/** Merges the edits of a row; see the head of this file. Throws SyncError `rejected` for a refusal. */
export function mergeReturned(
  xref: CrossReference,
  observation: Observation,
  flow: Flow,
): MergeResult {
  const { connection } = observation;
  const edits = editsOf(xref, observation.fields, flow);
  const edited = Object.keys(edits);
  if (edited.length === 0) return { next: xref, decisions: [], stale: false };
  const shown = withSide(xref, connection, sideThatShowed(xref, edited, observation.externalId));
  const { next, decisions } = mergeRecord(shown, { ...observation, fields: edits }, flow);
  const refused = decisions.find(({ kind }) => kind !== "taken" && kind !== "agreed");
  if (refused !== undefined) throw new SyncError(readOnly(refused.field));
  const { [connection]: _side, ...sides } = next.sides;
  return { next: { ...next, sides }, decisions, stale: false };
}

function editsOf(xref: CrossReference, fields: Fields, flow: Flow): Record<string, FieldValue> {
  const shownAt = fields[shownAtField];
  const edits: Record<string, FieldValue> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined || ruleOf(flow, field) === undefined) continue;
    if (isSame(xref, field, value)) continue;
    const setAt = xref.sources[field]?.at ?? xref.createdAt;
    if (typeof shownAt !== "string" || setAt > shownAt) throw new SyncError(changedSince(field));
    // As text in the row: what a record refers to and what it is worth is changed where it is kept.
    const kind = fieldKindOf(xref.recordType, field)?.kind;
    if (kind === "money" || kind === "reference") throw new SyncError(readOnly(field));
    edits[field] = kind === "decimal" ? decimalOf(field, value) : value;
  }
  return edits;
}

function decimalOf(field: string, value: FieldValue): FieldValue {
  if (value === null) return null;
  const text = typeof value === "string" ? value.trim() : "";
  if (isPlainNumber(text)) return normalizeDecimal(text);
  throw new SyncError({ ...numberUnreadable, field });
}

function isSame({ recordType, fields }: CrossReference, field: string, value: FieldValue): boolean {
  const golden = fields[field] ?? null;
  const kind = fieldKindOf(recordType, field)?.kind;
  const isNumber = kind === "money" || kind === "decimal";
  return isSameCell(valueCell(golden), valueCell(value), isNumber);
}

/** What the row was written from: so an edit is told from what was there, and a blank from a lack. */
function sideThatShowed(
  { fields }: CrossReference,
  edited: readonly string[],
  externalId: string,
): Side {
  const digests = edited.map((field) => [field, digestField(fields[field] ?? null)] as const);
  const shown = Object.fromEntries(digests);
  return { state: "linked", externalId, observed: shown, sent: shown };
}

/** The record's own id in a connection: of a row that came back there is none. */
export function isReturned(connection: ConnectionId): boolean {
  return connection === returnedConnection;
}

const recordUnknown: Failure = {
  kind: "rejected",
  code: "exported-record-unknown",
  fix: "Import the rows under another profile, with ids of your own: this export is of another deployment.",
  field: "record_id",
};

const numberUnreadable: Failure = {
  kind: "rejected",
  code: "number-unreadable",
  fix: "Write the number with a point and without separators or signs of currency, such as 1234.50.",
};

function changedSince(field: string): Failure {
  const fix = "Export the record again, make the edit there, and drop that file.";
  return { kind: "rejected", code: "changed-since-export", fix, field };
}

function readOnly(field: string): Failure {
  const fix = "Put the column back as it was, and change the record in the system that owns it.";
  return { kind: "rejected", code: "column-read-only", fix, field };
}
