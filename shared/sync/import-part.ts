/** One part of a dropped table, by whoever takes it from the queue. */
import type { ImportPlan, PartRequest } from "#shared/ports/imports.ts";
import type { PartDependencies } from "./import-dependencies.ts";
import { importRange } from "./import-range.ts";
import { writeImportResult } from "./import-result.ts";
import { hasBadRow, openPlanned, type PlannedFile } from "./import-rows.ts";
import { endReading, forgotten, readRanges, refuseRun } from "./import-runs.ts";
import type { Invocation } from "./invocation.ts";

/**
 * May be repeated after any failure. What is not there any more ends the run with a problem. Throws what
 * the stores and queues throw.
 */
export async function importPart(
  deps: PartDependencies,
  request: PartRequest,
  context: Invocation,
): Promise<void> {
  const { signal } = context;
  const { runId } = request;
  if (request.kind === "import-result") return writeImportResult(deps, request, context);
  const plan = await deps.staging.readPlan(runId);
  if (plan === undefined) return refuseRun(deps, runId, forgotten);
  const opened = await openPlanned(deps, runId, plan, signal);
  if (opened.kind === "lost") return refuseRun(deps, runId, opened.problem);
  if (request.kind === "import-check") return checkFile(deps, opened.planned, signal);
  await importRange(deps, opened.planned, request.index, signal);
  await endReading(deps, runId, plan);
}

/** Of a file that lands whole or not at all, every row is looked at before the first one lands. */
async function checkFile(
  deps: PartDependencies,
  planned: PlannedFile,
  signal: AbortSignal,
): Promise<void> {
  const { runId } = planned;
  const isRefusedWhole = await hasBadRow(deps, planned, signal);
  const plan: ImportPlan = { ...planned.plan, isRefusedWhole };
  await deps.staging.savePlan(runId, plan);
  await readRanges(deps, runId, plan);
}
