/** The rows of one range of a planned file: read and judged the same, whenever and by whom it is done. */
import { limits } from "#shared/config/limits.ts";
import { settleDocuments } from "#shared/domain/file-documents.ts";
import { findProfile, type ProfileChoice } from "#shared/domain/file-header.ts";
import { fileNameOf } from "#shared/domain/file-key.ts";
import type { FileRange } from "#shared/domain/file-plan.ts";
import type { BoundProfile, FileProblem, FileProfile } from "#shared/domain/file-profile.ts";
import { rejectKeys, settleRecords } from "#shared/domain/file-records.ts";
import {
  type FileReading,
  type FileRow,
  isBlankRow,
  planReading,
  readRow,
} from "#shared/domain/file-rows.ts";
import { hashKeyOf, hashText } from "#shared/domain/text-hash.ts";
import type { ByteSource, InboxFile } from "#shared/ports/files.ts";
import type { ImportPlan } from "#shared/ports/imports.ts";
import type { ImportDependencies } from "./import-dependencies.ts";

/** A file with its plan and the profile that reads it. */
export interface PlannedFile {
  readonly file: InboxFile;
  readonly plan: ImportPlan;
  readonly bound: BoundProfile;
  readonly runId: string;
}

type ReadDependencies = Pick<ImportDependencies, "rangeReader" | "staging">;

/** Rows that are judged and queued at a time where no other can say anything of them: so few are held. */
export const ROWS_AT_ONCE = 5 * limits.changeEventsPerMessageMax;

/**
 * The range in parts, in their order, that are each judged alone: of a file with another key in each row
 * so many rows, of any other the whole range. `onRow` is shown the cells of each row that is not blank,
 * which are not kept.
 */
export async function* readParts(
  deps: ReadDependencies,
  planned: PlannedFile,
  range: FileRange,
  signal: AbortSignal,
  onRow?: (cells: readonly string[]) => void,
): AsyncGenerator<FileReading> {
  const { plan, bound } = planned;
  const { from, to } = range;
  const chunks = await Array.fromAsync(textOf(deps, planned, signal).read({ from, to }));
  signal.throwIfAborted();
  const isPerLine = bound.profile.layout === "row-per-line";
  const rowsMax = plan.areKeysUnique && !isPerLine ? ROWS_AT_ONCE : Number.POSITIVE_INFINITY;
  const settle = isPerLine ? settleDocuments : settleRecords;
  let rows: FileRow[] = [];
  const reading = planReading(bound);
  let row = range.firstRow - 1;
  let faultsLeft: number = limits.fileProblemsMax;
  for (const cells of deps.rangeReader.readRange(Buffer.concat(chunks), plan.delimiter)) {
    row += 1;
    if (isBlankRow(cells)) continue;
    const read = readRow(reading, row, cells, faultsLeft);
    faultsLeft -= read.faults.length;
    rows.push(read);
    onRow?.(cells);
    if (rows.length < rowsMax) continue;
    yield withoutConflicts(settle(bound, rows), planned);
    rows = [];
  }
  if (rows.length > 0) yield withoutConflicts(settle(bound, rows), planned);
}

/** The whole range. */
export async function readRange(...given: Parameters<typeof readParts>): Promise<FileReading> {
  const parts = await Array.fromAsync(readParts(...given));
  return {
    records: parts.flatMap(({ records }) => records),
    rows: parts.flatMap(({ rows }) => rows),
  };
}

/** Whether any row of the file is bad. */
export async function hasBadRow(
  deps: ReadDependencies,
  planned: PlannedFile,
  signal: AbortSignal,
): Promise<boolean> {
  for (const range of planned.plan.ranges) {
    for await (const { rows } of readParts(deps, planned, range, signal)) {
      if (rows.some(({ faults }) => faults.length > 0)) return true;
    }
  }
  return false;
}

/**
 * The file of a plan with the profile it was planned by; or why that is not to be had any more: what
 * was handed on before stays.
 */
export async function openPlanned(
  deps: Pick<ImportDependencies, "files" | "profiles">,
  runId: string,
  plan: ImportPlan,
  signal: AbortSignal,
): Promise<
  | { readonly kind: "opened"; readonly planned: PlannedFile }
  | { readonly kind: "lost"; readonly problem: FileProblem }
> {
  const file = await deps.files.open(plan.key, signal);
  if (file === undefined || file.contentTag !== plan.contentTag) {
    const fix = "Drop the file again, and leave it there until its result has come.";
    return { kind: "lost", problem: { code: "file-replaced", fix } };
  }
  const choice = rebindProfile(await deps.profiles(), plan);
  if (choice.kind === "refused") {
    const fix = "Drop the file again: its profile was changed while it was read.";
    return { kind: "lost", problem: { code: "profile-changed", fix } };
  }
  return { kind: "opened", planned: { file, plan, bound: choice.bound, runId } };
}

/** The profile that a file was planned by, laid on its header again. */
export function rebindProfile(
  profiles: readonly FileProfile[],
  { profile, header, key }: Pick<ImportPlan, "profile" | "header" | "key">,
): ProfileChoice {
  const named = profiles.filter((one) => one.profile === profile);
  return findProfile(named, header, fileNameOf(key));
}

function textOf(
  { staging }: ReadDependencies,
  { file, plan, runId }: PlannedFile,
  signal: AbortSignal,
): ByteSource {
  return plan.isInPlace ? file : staging.openText(runId, plan.bytes, signal);
}

/** Takes out what rows of another range contradict. */
function withoutConflicts(reading: FileReading, { plan, bound }: PlannedFile): FileReading {
  if (plan.conflictingKeys.length === 0) return reading;
  const conflicting = new Set(plan.conflictingKeys);
  return rejectKeys(bound, reading, (key) => conflicting.has(hashKeyOf(hashText(key))));
}
