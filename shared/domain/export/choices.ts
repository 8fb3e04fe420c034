/** What may be exported, and in which forms; `docs/exports.md` says what each holds. */
import { isOneOf, type RecordType, recordTypes } from "../identifiers.ts";

export const exportSubjects = [...recordTypes, "customer-view", "differences", "parked"] as const;
export type ExportSubject = (typeof exportSubjects)[number];

export const exportFormats = ["csv", "xlsx", "jsonl", "parquet"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** Of CSV; `utf-8-bom` and `utf-16le` begin with a byte order mark, by which Excel knows them. */
export const exportEncodings = ["utf-8", "utf-8-bom", "utf-16le", "gb18030"] as const;
type ExportEncoding = (typeof exportEncodings)[number];

/** Of CSV. */
export const exportDelimiters = [",", ";", "\t", "|"] as const;
type ExportDelimiter = (typeof exportDelimiters)[number];

export interface ExportChoices {
  readonly of: ExportSubject;
  readonly format: ExportFormat;
  /** Of CSV: `utf-8` where absent. */
  readonly encoding?: ExportEncoding | undefined;
  /** Of CSV: a comma where absent. */
  readonly delimiter?: ExportDelimiter | undefined;
  /** Leaves out records that last changed before, ISO 8601 UTC. */
  readonly changedSince?: string | undefined;
  /** Of differences: the tie-out; absent: the last one that ended well. */
  readonly tieOutId?: string | undefined;
}

/** The record type whose records are walked for the export; undefined where it is made from lists. */
export function walkedTypeOf(subject: ExportSubject): RecordType | undefined {
  if (subject === "customer-view") return "customer";
  return isOneOf(recordTypes, subject) ? subject : undefined;
}
