/**
 * Writes that end a record, or bring it back. Xero refuses those that are done already, by an earlier
 * try whose answer was lost or by a person: such a refusal is no failure.
 */
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { RemoteWrite, WriteResult } from "#shared/ports/connector.ts";
import { isDeletion } from "./mapping-document.ts";
import { readRecordsById, type Source } from "./read-records.ts";

/** Looks at the records whose end was refused, and settles what is as it was to be. */
export async function settleEnds(
  source: Source,
  recordType: RecordType,
  writes: readonly RemoteWrite[],
  results: Map<number, WriteResult>,
  signal: AbortSignal,
): Promise<void> {
  const refused = writes.flatMap((write, index) => {
    const result = results.get(index);
    const isRefused = result?.kind === "failed" && result.failure.kind === "rejected";
    return isRefused && isEnd(write, recordType) ? [{ write, index }] : [];
  });
  if (refused.length === 0) return;
  const ids = refused.flatMap(({ write }) => write.externalId ?? []);
  try {
    const { records } = await readRecordsById(source, recordType, ids, signal);
    const byId = new Map(records.map((record) => [record.externalId, record]));
    for (const { write, index } of refused) {
      const record = byId.get(write.externalId ?? "");
      if (record?.life === "merged") results.set(index, { kind: "failed", failure: merged });
      if (record === undefined || !isDone(write, record)) continue;
      const { externalId, version, fields } = record;
      results.set(index, { kind: "written", externalId, version, observed: fields });
    }
  } catch (cause) {
    if (!(cause instanceof SyncError)) throw cause;
    // Whether it is done already is not known: it is tried again, and refused again where it is.
    const { failure } = cause;
    for (const { index } of refused) results.set(index, { kind: "failed", failure });
  }
}

/** It ended in another way than it was to: the record it leads to is read and merged first. */
const merged: Failure = { kind: "conflict", code: "record-merged" };

function isEnd(write: RemoteWrite, recordType: RecordType): boolean {
  if (recordType === "invoice" || recordType === "creditNote") return isDeletion(write);
  return recordType === "customer" && write.life !== undefined;
}

function isDone(write: RemoteWrite, record: ObservedRecord): boolean {
  if (write.life === "live") return record.life === "live";
  if (write.life === "archived") return record.life === "archived" || record.life === "deleted";
  return record.fields["status"] === "deleted";
}
