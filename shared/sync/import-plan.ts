/**
 * How a dropped file is read, found out before any row of it is handed on: what it is, which profile
 * fits, whether it is whole, and in which parts it can be read.
 */
import { limits } from "#shared/config/limits.ts";
import { findHeaderRow } from "#shared/domain/file-header.ts";
import { fileNameOf, isSafeFileKey, sequenceOf } from "#shared/domain/file-key.ts";
import type { BoundProfile, FileProblem } from "#shared/domain/file-profile.ts";
import { assert, type Failure, SyncError } from "#shared/domain/sync-error.ts";
import type { InboxFile, OpenedTable, OpenedXml } from "#shared/ports/files.ts";
import type { ImportPlan } from "#shared/ports/imports.ts";
import type { OpenDependencies } from "./import-dependencies.ts";
import { problemIn } from "./file-problems.ts";
import { rebindProfile } from "./import-rows.ts";
import { readingOf, type WalkedTable, walkTable } from "./import-walk.ts";
import type { Invocation } from "./invocation.ts";

export type PlanOutcome =
  | { readonly kind: "planned"; readonly plan: ImportPlan }
  | { readonly kind: "document"; readonly opened: OpenedXml }
  /** Time is over; who plans this file next goes on from where this stopped. */
  | { readonly kind: "paused"; readonly profile: string }
  | { readonly kind: "refused"; readonly problem: FileProblem };

/**
 * Reads the file as often as it takes, and goes on from where an earlier planning of it stopped. Throws
 * what the stores throw; a file's own faults are answers.
 */
export async function planImport(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  context: Invocation,
): Promise<PlanOutcome> {
  if (!isSafeFileKey(file.key)) {
    return refused(
      "file-key-refused",
      "Rename the file: no control characters, no backslash, no empty or dotted folder names.",
    );
  }
  if (file.bytes > limits.fileBytesMax) {
    return refused(
      "file-too-large",
      `Split the file; ${limits.fileBytesMax} bytes are the most.`,
      `${file.bytes} bytes`,
    );
  }
  try {
    const kept = await keptTable(deps, file, runId);
    const table = kept ?? (await openTable(deps, file, runId, context, true));
    const outcome = await planOpened(deps, table, context);
    if (outcome.kind !== "presumed-wrongly") return outcome;
    const looked = await planOpened(
      deps,
      await openTable(deps, file, runId, context, false),
      context,
    );
    assert(looked.kind !== "presumed-wrongly", "file-presumed-again");
    return looked;
  } catch (cause) {
    return { kind: "refused", problem: problemIn(cause) };
  }
}

type OpenedForWalk = WalkedTable & { readonly kind: "table" };

/** What its first bytes let one presume of a file does not hold for the rest. */
interface PresumedWrongly {
  readonly kind: "presumed-wrongly";
}

type Opened = OpenedForWalk | PresumedWrongly | Exclude<PlanOutcome, { kind: "planned" }>;

async function planOpened(
  deps: OpenDependencies,
  opened: Opened,
  context: Invocation,
): Promise<PlanOutcome | PresumedWrongly> {
  return opened.kind === "table" ? planTable(deps, opened, context) : opened;
}

/** What an earlier invocation found the file to be, as long as its profile reads it as it did then. */
async function keptTable(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
): Promise<OpenedForWalk | undefined> {
  const checkpoint = await deps.staging.readCheckpoint(runId);
  if (checkpoint === undefined) return undefined;
  const choice = rebindProfile(await deps.profiles(), { ...checkpoint, key: file.key });
  if (choice.kind === "refused") return undefined;
  if (readingOf(choice.bound, checkpoint.isInPlace) !== checkpoint.reading) return undefined;
  return { kind: "table", file, runId, bound: choice.bound, checkpoint };
}

async function openTable(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  context: Invocation,
  mayPresume: boolean,
): Promise<Opened> {
  const { signal } = context;
  const source = within(context, file);
  const opened = await deps.opener.open(fileNameOf(file.key), source, signal, { mayPresume });
  if (opened.kind === "xml") return { kind: "document", opened };
  const { delimiter, isInPlace, isPresumedUtf8 } = opened;
  const found = await findHeader(deps, file, opened);
  if (found.kind === "refused") return isPresumedUtf8 ? { kind: "presumed-wrongly" } : found;
  const { bound, header, headerRow } = found;
  // The text of a file that is not text itself is kept, so that no part of it is made twice.
  const bytes = isInPlace ? file.bytes : await deps.staging.writeText(runId, opened.text(), signal);
  const { profile } = bound.profile;
  const shape = { isInPlace, isPresumedUtf8, bytes, delimiter, header, headerRow };
  const checkpoint = { ...shape, profile, reading: readingOf(bound, isInPlace), stops: [] };
  const { checkpointBytes = limits.fileCheckpointBytes } = deps;
  if (bytes > checkpointBytes) await deps.staging.saveCheckpoint(runId, checkpoint);
  return { kind: "table", file, runId, bound, checkpoint };
}

async function planTable(
  deps: OpenDependencies,
  table: WalkedTable,
  context: Invocation,
): Promise<PlanOutcome | PresumedWrongly> {
  const { file, bound, checkpoint } = table;
  const { profile } = bound;
  const walk = await walkTable(deps, table, context);
  if (walk.kind === "presumed-wrongly") return walk;
  if (walk.kind === "paused") return { kind: "paused", profile: profile.profile };
  const { found, bytes } = walk;
  if (found.kind === "refused") return found;
  const { isInPlace, delimiter, header, headerRow } = checkpoint;
  const plan: ImportPlan = {
    key: file.key,
    droppedAtMs: file.droppedAtMs,
    contentTag: file.contentTag,
    ...{ bytes, isInPlace, delimiter, header, headerRow },
    profile: profile.profile,
    version: profile.sequence === undefined ? file.droppedAtMs : sequenceOf(file.key),
    ranges: found.ranges,
    conflictingKeys: found.conflictingKeys,
    areKeysUnique: found.areKeysUnique,
    isWhole: profile.acceptance === "whole-file",
    isRefusedWhole: false,
  };
  if (!isTooLarge(bound, bytes)) return { kind: "planned", plan };
  return refused(
    "file-too-large",
    `Split the file; one that lands whole or not at all has ${limits.fileWholeBytesMax} bytes at the most.`,
    `${bytes} bytes`,
  );
}

/** What is read to find out what a file is, or to make text of it, has to be read in one invocation. */
function within({ remainingMs }: Invocation, file: InboxFile): InboxFile {
  return {
    ...file,
    async *read(range) {
      for await (const chunk of file.read(range)) {
        if (remainingMs() < limits.invocationReserveMs) throw new SyncError(tooSlow);
        yield chunk;
      }
    },
  };
}

const tooSlow: Failure = {
  kind: "invalid-input",
  code: "file-too-slow",
  fix: "Save it as CSV in UTF-8 and drop it unpacked, or split it.",
};

type FoundHeader =
  | {
      readonly kind: "found";
      readonly bound: BoundProfile;
      readonly header: readonly string[];
      readonly headerRow: number;
    }
  | Extract<PlanOutcome, { kind: "refused" }>;

async function findHeader(
  deps: OpenDependencies,
  file: InboxFile,
  opened: OpenedTable,
): Promise<FoundHeader> {
  const { delimiter } = opened;
  const rows = await deps.scanner.readHead(opened.text(), delimiter, limits.headerRowsMax);
  if (rows.length === 0) {
    return refused("file-empty", "Put the names of the columns in the first row.");
  }
  const widest = rows.reduce((most, cells) => Math.max(most, cells.length), 0);
  if (widest > limits.fileColumnsMax) {
    const fix = `Leave out columns; ${limits.fileColumnsMax} are the most.`;
    return refused("columns-too-many", fix, `${widest} columns`);
  }
  const choice = findHeaderRow(await deps.profiles(), rows, fileNameOf(file.key));
  if (choice.kind === "refused") return choice;
  const { bound, headerRow } = choice;
  return { kind: "found", bound, header: rows[headerRow - 1] ?? [], headerRow };
}

/** A file that lands whole or not at all is looked at whole, at once. */
function isTooLarge(bound: BoundProfile, bytes: number): boolean {
  return bound.profile.acceptance === "whole-file" && bytes > limits.fileWholeBytesMax;
}

function refused(
  code: string,
  fix: string,
  detail?: string,
): Extract<PlanOutcome, { kind: "refused" }> {
  return { kind: "refused", problem: { code, fix, detail } };
}
