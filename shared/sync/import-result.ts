/**
 * The result of an import: the file's own rows, and behind each what became of its record, with the
 * ids in both systems. Written once no record is on its way; rows that wait for something say so.
 *
 * Goes range by range: each part is kept, so that who runs out of time hands on the rest. The parts
 * become one file, and the run says how many rows there are of each status.
 */
import { limits } from "#shared/config/limits.ts";
import { editsNotTaken, shownColumnsOf } from "#shared/domain/export/not-taken.ts";
import { resultKeyOf } from "#shared/domain/file-key.ts";
import type { FileRange } from "#shared/domain/file-plan.ts";
import {
  formatResultHeader,
  formatResultRow,
  type RowResult,
  type RowStatus,
  rowStatuses,
  resultContentType,
} from "#shared/domain/file-result.ts";
import type { FileProblem } from "#shared/domain/file-profile.ts";
import type { RowFault } from "#shared/domain/file-rows.ts";
import type { ImportPlan, ImportRequest } from "#shared/ports/imports.ts";
import type { Run } from "#shared/ports/runs.ts";
import { concurrently } from "./concurrently.ts";
import type { PartDependencies } from "./import-dependencies.ts";
import { openPlanned, type PlannedFile, readRange } from "./import-rows.ts";
import { forgotten, refuseRun } from "./import-runs.ts";
import type { Invocation } from "./invocation.ts";
import { isDecided } from "./run-settled.ts";
import { onItsWay, type Standing, type StandingQuestion, standingsOf } from "./row-standings.ts";

type ResultRequest = Extract<ImportRequest, { kind: "import-result" }>;

/** Records whose standing is asked for at once. */
const RECORDS_PER_QUESTION = 500;
const QUESTIONS_AT_ONCE = 4;

export async function writeImportResult(
  deps: PartDependencies,
  request: ResultRequest,
  context: Invocation,
): Promise<void> {
  const { runId, looks } = request;
  const [run, plan] = await Promise.all([deps.runs.get(runId), deps.staging.readPlan(runId)]);
  if (run === undefined) return;
  if (plan === undefined) return loseResult(deps, run, forgotten);
  const mayLookAgain = looks < limits.importResultLooksMax;
  if (mayLookAgain && request.next === 0 && !isDecided(run)) return lookAgain(deps, request);
  const opened = await openPlanned(deps, runId, plan, context.signal);
  if (opened.kind === "lost") return loseResult(deps, run, opened.problem);
  await writeParts(deps, opened.planned, request, context);
}

/** A result that is there stays as it is, and so does its run: only that it is not written anew is counted. */
async function loseResult(deps: PartDependencies, run: Run, problem: FileProblem): Promise<void> {
  const { runId, counts } = run;
  if (counts["results"] === undefined) return refuseRun(deps, runId, problem);
  await deps.runs.add(runId, `${runId}:result-lost`, { resultsNotRewritten: 1n });
  deps.log.info("result not written anew", { runId, code: problem.code });
}

/** Later each time. */
async function lookAgain(deps: PartDependencies, request: ResultRequest): Promise<void> {
  const { looks } = request;
  const delayMs = Math.min(
    limits.importResultDelayMs * 1.2 ** looks,
    limits.importResultDelayMaxMs,
  );
  await deps.imports.send([{ ...request, looks: looks + 1 }], { delayMs });
}

async function writeParts(
  deps: PartDependencies,
  planned: PlannedFile,
  request: ResultRequest,
  { signal, remainingMs }: Invocation,
): Promise<void> {
  const { plan, runId } = planned;
  for (let next = request.next; next < plan.ranges.length; next += 1) {
    if (next > request.next && remainingMs() < limits.importResultReserveMs) {
      return deps.imports.send([{ ...request, next }]);
    }
    const range = plan.ranges[next];
    if (range === undefined) continue;
    const part = await partOf(deps, planned, range, signal);
    // What was applied may have yet to be written somewhere; what waits for a person or a record may not.
    const mayLookAgain = request.looks < limits.importResultLooksMax;
    if (part.isOnItsWay && mayLookAgain) return lookAgain(deps, { ...request, next });
    await deps.staging.writePart(runId, next, part.text);
    await deps.runs.add(runId, `${runId}:result:${next}`, part.counts);
  }
  const parts = deps.staging.readParts(runId, plan.ranges.length, signal);
  await deps.files.publishStream(
    resultKeyOf(plan.key),
    underHead(plan, parts),
    resultContentType,
    signal,
  );
  await deps.runs.add(runId, `${runId}:results`, { results: 1n });
  deps.log.info("result written", { runId, rangeCount: plan.ranges.length });
}

const BYTE_ORDER_MARK = "\uFEFF";

interface ResultPart {
  readonly text: string;
  readonly counts: Readonly<Record<string, bigint>>;
  /** A record of it has yet to reach a system. */
  readonly isOnItsWay: boolean;
}

async function partOf(
  deps: PartDependencies,
  planned: PlannedFile,
  range: FileRange,
  signal: AbortSignal,
): Promise<ResultPart> {
  const { plan, runId } = planned;
  const { delimiter } = plan;
  const cells: (readonly string[])[] = [];
  const { rows } = await readRange(deps, planned, range, signal, (read) => cells.push(read));
  const keys = rows.filter(({ faults }) => faults.length === 0).map(({ key }) => key);
  const standings = plan.isRefusedWhole
    ? new Map<string, Standing>()
    : await standingsOfAll(deps, planned, [...new Set(keys)]);
  const counts = new Map<RowStatus, bigint>(rowStatuses.map((status) => [status, 0n]));
  const notTakenOf = noticesOf(deps, planned);
  let text = "";
  for (const [at, { row, key, faults }] of rows.entries()) {
    const standing = faults.length > 0 ? rejected(faults) : (standings.get(key) ?? notLanded);
    const rowCells = cells[at] ?? [];
    const told = [...standing.faults, ...notTakenOf(rowCells, standing)];
    const result: RowResult = { row, ...standing, faults: told };
    counts.set(result.status, (counts.get(result.status) ?? 0n) + 1n);
    text += formatResultRow(plan.header, rowCells, result, { runId, delimiter });
  }
  const counted = [...counts].map(([status, count]) => [`rows.${status}`, count] as const);
  const isOnItsWay = [...standings.values()].some(({ faults }) => faults.includes(onItsWay));
  return { text, counts: Object.fromEntries(counted), isOnItsWay };
}

/** What a row of an export says in columns that are only shown. */
function noticesOf(
  { flows }: PartDependencies,
  { plan, bound }: PlannedFile,
): (cells: readonly string[], standing: Standing) => readonly RowFault[] {
  const shown = shownColumnsOf(bound, flows[bound.profile.recordType]);
  return (cells, { held }) =>
    held === undefined ? [] : editsNotTaken(shown, plan.header, cells, held);
}

/** The mark tells a spreadsheet that the text is UTF-8, which all but plain ASCII needs. */
async function* underHead(
  { header, delimiter }: ImportPlan,
  parts: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(BYTE_ORDER_MARK + formatResultHeader(header, delimiter));
  yield* parts;
}

async function standingsOfAll(
  deps: PartDependencies,
  { plan, bound, runId }: PlannedFile,
  keys: readonly string[],
): Promise<ReadonlyMap<string, Standing>> {
  const { connection, recordType } = bound.profile;
  const question: StandingQuestion = { connection, recordType, version: plan.version, runId };
  const slices = Array.from({ length: Math.ceil(keys.length / RECORDS_PER_QUESTION) }, (_, at) =>
    keys.slice(at * RECORDS_PER_QUESTION, (at + 1) * RECORDS_PER_QUESTION),
  );
  const all = new Map<string, Standing>();
  await concurrently(slices, QUESTIONS_AT_ONCE, async (slice) => {
    for (const [key, standing] of await standingsOf(deps, question, slice)) all.set(key, standing);
  });
  return all;
}

function rejected(faults: readonly RowFault[]): Standing {
  return { status: "rejected", faults };
}

/** A good row of a file of which nothing landed. */
const notLanded: Standing = {
  status: "rejected",
  faults: [
    {
      column: "",
      value: "",
      code: "file-has-bad-row",
      fix: "Nothing in this row; mend the others and drop the file again.",
    },
  ],
};
