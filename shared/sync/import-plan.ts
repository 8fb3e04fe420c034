/**
 * How a dropped file is read, found out before any row of it is handed on: what it is, which profile
 * fits, whether it is whole, and in which parts it can be read.
 */
import { limits } from "#shared/config/limits.ts";
import { findHeaderRow } from "#shared/domain/file-header.ts";
import { fileNameOf, isSafeFileKey, sequenceOf } from "#shared/domain/file-key.ts";
import { FilePlanner } from "#shared/domain/file-plan.ts";
import type { BoundProfile, FileProblem } from "#shared/domain/file-profile.ts";
import { keyTextOf } from "#shared/domain/file-rows.ts";
import type { InboxFile, OpenedTable, OpenedXml } from "#shared/ports/files.ts";
import type { ImportPlan } from "#shared/ports/imports.ts";
import type { OpenDependencies } from "./import-dependencies.ts";
import { problemIn } from "./file-problems.ts";

export type PlanOutcome =
  | { readonly kind: "planned"; readonly plan: ImportPlan }
  | { readonly kind: "document"; readonly opened: OpenedXml }
  | { readonly kind: "refused"; readonly problem: FileProblem };

/** Reads the file as often as it takes. Throws what the stores throw; a file's own faults are answers. */
export async function planImport(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  signal: AbortSignal,
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
    const opened = await deps.opener.open(fileNameOf(file.key), file, signal);
    if (opened.kind === "xml") return { kind: "document", opened };
    return await planTable(deps, file, opened, runId, signal);
  } catch (cause) {
    return { kind: "refused", problem: problemIn(cause) };
  }
}

async function planTable(
  deps: OpenDependencies,
  file: InboxFile,
  opened: OpenedTable,
  runId: string,
  signal: AbortSignal,
): Promise<PlanOutcome> {
  const found = await findHeader(deps, file, opened);
  if (found.kind === "refused") return found;
  const { bound, header, headerRow } = found;
  const { profile } = bound;
  const { delimiter, isInPlace } = opened;
  const text = isInPlace ? file.read() : await stage(deps, opened, runId, signal);
  const planner = new FilePlanner(profile.layout, deps.planBounds);
  const order = {
    delimiter,
    headerRow,
    columns: bound.columns.map(({ isKey, targets }) => ({ isKey, isContent: targets.length > 0 })),
    keyOf: (cell: string) => keyTextOf(cell, bound),
    isPlainTextKey: profile.nullTexts.length === 0,
  };
  const scan = await deps.scanner.scan(text, order, (row) => planner.add(row), signal);
  const planned = planner.plan(scan.bytes);
  if (planned.kind === "refused") return planned;
  const plan: ImportPlan = {
    key: file.key,
    droppedAtMs: file.droppedAtMs,
    contentTag: file.contentTag,
    ...{ ...scan, isInPlace, delimiter, header, headerRow },
    profile: profile.profile,
    version: profile.sequence === undefined ? file.droppedAtMs : sequenceOf(file.key),
    ranges: planned.ranges,
    conflictingKeys: planned.conflictingKeys,
    isWhole: profile.acceptance === "whole-file",
    isRefusedWhole: false,
  };
  if (!isTooLarge(bound, plan.bytes)) return { kind: "planned", plan };
  return refused(
    "file-too-large",
    `Split the file; one that lands whole or not at all has ${limits.fileWholeBytesMax} bytes at the most.`,
    `${plan.bytes} bytes`,
  );
}

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

/** The text of a file that is not text itself: kept, so that no part of it is made twice. */
async function stage(
  { staging }: OpenDependencies,
  opened: OpenedTable,
  runId: string,
  signal: AbortSignal,
): Promise<AsyncIterable<Uint8Array>> {
  const bytes = await staging.writeText(runId, opened.text(), signal);
  return staging.openText(runId, bytes, signal).read();
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
