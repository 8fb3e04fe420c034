/**
 * The tie-out: compares the sides of a snapshot and says where they agree, where they do not, and why.
 *
 * 1. the snapshot must be whole: as many rows as its manifest says;
 * 2. ask for the totals of each side, and for the same totals by class;
 * 3. ask for the differences themselves;
 * 4. build the report, which refuses to be made where a class and its totals do not add up;
 * 5. write it as JSON, as a spreadsheet and as a page, and put its counts on the run.
 *
 * The same snapshot and rules give the same bytes, so a message that comes again writes the same files.
 */
import { limits } from "#shared/config/limits.ts";
import { tieOutMetric, tieOutPrefix } from "#shared/config/names.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import {
  type Answers,
  buildReport,
  differencesAboveTolerance,
} from "#shared/domain/tie-out/build-report.ts";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";
import { reportPage } from "#shared/domain/tie-out/report-page.ts";
import { type TieOutRules, tieOutRules } from "#shared/domain/tie-out/rules.ts";
import type { TieOutChoices, TieOutRequest } from "#shared/ports/queues.ts";
import type { QueryRow } from "#shared/ports/snapshots.ts";
import type { CompareSidesDependencies } from "./dependencies.ts";
import { nowText } from "./now-text.ts";
import { reportSheets } from "./report-sheets.ts";
import {
  readCellCut,
  readCellSums,
  readClassified,
  readWritten,
} from "./tie-out-queries/answers.ts";
import type { Comparison } from "./tie-out-queries/comparison.ts";
import {
  classTotalsQuery,
  listedQuery,
  sideTotalsQuery,
  writtenQuery,
} from "./tie-out-queries/queries.ts";

export interface CompareContext {
  readonly signal: AbortSignal;
}

const SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

export async function compareSides(
  deps: CompareSidesDependencies,
  request: TieOutRequest,
  { signal }: CompareContext,
): Promise<TieOutReport | undefined> {
  const { runId, snapshotId = runId, choices = {} } = request;
  const startedAt = nowText(deps);
  await deps.runs.start({ runId, kind: "tie-out", startedAt, subject: "all sides" });
  const manifest = await deps.snapshots.readManifest(snapshotId);
  const comparison = manifest && { manifest, rules: rulesOf(choices) };
  const rowsCompared = comparison && (await countRows(deps, comparison, signal));
  if (comparison === undefined || rowsCompared === undefined) {
    await end(deps, runId, "snapshot-incomplete", "Start a new tie-out.");
    return undefined;
  }
  const report = buildReport(await answersOf(deps, comparison, rowsCompared, signal));
  await publish(deps, runId, report);
  await note(deps, runId, report);
  return report;
}

function rulesOf({ inFlightSeconds, toleranceMinor, from, to }: TieOutChoices): TieOutRules {
  return {
    ...tieOutRules,
    ...(inFlightSeconds === undefined ? {} : { inFlightMs: inFlightSeconds * 1_000 }),
    ...(toleranceMinor === undefined ? {} : { toleranceMinor }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Step 1; undefined where the objects do not hold what the manifest says. */
async function countRows(
  deps: CompareSidesDependencies,
  comparison: Comparison,
  signal: AbortSignal,
): Promise<number | undefined> {
  const { written } = comparison.manifest;
  if (written.length === 0) return undefined;
  const found = await ask(deps, writtenQuery(comparison), readWritten, signal);
  const isWhole =
    found.length === written.length &&
    written.every(({ side, recordType, rows }) =>
      found.some((one) => one.side === side && one.recordType === recordType && one.rows === rows),
    );
  return isWhole ? found.reduce((sofar, { rows }) => sofar + rows, 0) : undefined;
}

/** Steps 2 and 3. One after the other: an account runs few queries at once. */
async function answersOf(
  deps: CompareSidesDependencies,
  comparison: Comparison,
  rowsCompared: number,
  signal: AbortSignal,
): Promise<Answers> {
  return {
    ...comparison,
    rowsCompared,
    totals: await ask(deps, sideTotalsQuery(comparison), readCellSums, signal),
    cuts: await ask(deps, classTotalsQuery(comparison), readCellCut, signal),
    listed: await ask(deps, listedQuery(comparison), readClassified, signal),
  };
}

async function ask<Answer>(
  { queries }: CompareSidesDependencies,
  sql: string,
  read: (row: QueryRow) => Answer,
  signal: AbortSignal,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for await (const page of queries.run(sql, signal)) {
    for (const row of page) answers.push(read(row));
    if (answers.length > limits.tieOutRowsMax) {
      throw new SyncError({ kind: "bug", code: "query-answer-too-long" });
    }
  }
  return answers;
}

async function publish(
  { files, spreadsheets }: CompareSidesDependencies,
  runId: string,
  report: TieOutReport,
): Promise<void> {
  const name = `${tieOutPrefix}${runId}/tie-out`;
  const sheet = await spreadsheets.write(reportSheets(report));
  await files.publish(`${name}.json`, `${JSON.stringify(report, null, 1)}\n`, "application/json");
  await files.publish(`${name}.xlsx`, sheet, SPREADSHEET);
  await files.publish(`${name}.html`, reportPage(report), "text/html; charset=utf-8");
}

async function note(
  deps: CompareSidesDependencies,
  runId: string,
  report: TieOutReport,
): Promise<void> {
  const above = differencesAboveTolerance(report);
  const counted = report.counts.filter(({ units }) => units > 0);
  const differences = counted.reduce((sofar, { units }) => sofar + units, 0);
  await deps.runs.add(runId, "tie-out", {
    matched: BigInt(report.matchedUnits),
    excluded: BigInt(report.excludedCount),
    differences: BigInt(differences),
    aboveTolerance: BigInt(above),
    ...Object.fromEntries(counted.map((one) => [`differences.${one.class}`, BigInt(one.units)])),
  });
  deps.log.count(tieOutMetric, above, {});
  deps.log.info("sides-compared", { runId, matched: report.matchedUnits, differences, above });
  await deps.runs.finishCapture(runId, nowText(deps));
}

async function end(
  deps: CompareSidesDependencies,
  runId: string,
  code: string,
  fix: string,
): Promise<void> {
  const endedAt = nowText(deps);
  await deps.runs.finishCapture(runId, endedAt, { code, fix });
}
