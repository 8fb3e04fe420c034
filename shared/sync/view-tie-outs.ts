import { type DifferenceClass, differenceClasses } from "#shared/domain/tie-out/classes.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";
import type { Run, RunStore } from "#shared/ports/runs.ts";
import type { ReportStore, StoredReport } from "#shared/ports/tie-out-reports.ts";
import type { Refusal } from "./operator-outcome.ts";
import { viewRun } from "./view-runs.ts";

export interface TieOutViewDependencies {
  readonly runs: RunStore;
  readonly reports: ReportStore;
}

type View = Readonly<Record<string, unknown>>;

/** Newest first, each with its counts. */
export async function listTieOuts(
  { runs }: TieOutViewDependencies,
  limit: number,
  cursor: string | undefined,
): Promise<View> {
  const page = await runs.list(limit, cursor, "tie-outs");
  return { tieOuts: page.runs.map(viewRun), cursor: page.cursor };
}

/**
 * A tie-out with its sums, classes and rates, and where its files are. Without a `report` it is under way, or
 * ended with a problem. Undefined where there is no such tie-out.
 */
export async function viewTieOut(
  deps: TieOutViewDependencies,
  runId: string,
): Promise<View | undefined> {
  const run = await findTieOut(deps, runId);
  if (run === undefined) return undefined;
  const stored = await readReport(deps, run);
  if (stored.kind === "missing") return viewRun(run);
  const places = (["json", "xlsx", "html"] as const).map((file) => [
    file,
    deps.reports.placeOf(runId, file),
  ]);
  const files = Object.fromEntries(places);
  if (stored.kind === "too-large") return { ...viewRun(run), files };
  const { differences, excluded, ...summary } = stored.report;
  return { ...viewRun(run), files, report: summary };
}

/** Differences of a tie-out, of one class where one is named, in the order of the report. */
export async function viewDifferences(
  deps: TieOutViewDependencies,
  asked: {
    readonly runId: string;
    readonly differenceClass?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  },
): Promise<{ readonly kind: "page"; readonly page: View } | Refusal> {
  const run = await findTieOut(deps, asked.runId);
  if (run === undefined) return tieOutUnknown;
  const { differenceClass, ...where } = asked;
  const of = differenceClass === undefined ? undefined : classOf(differenceClass);
  const stored = await readReport(deps, run);
  if (stored.kind === "missing") return reportMissing;
  if (stored.kind === "too-large") return reportTooLarge;
  return { kind: "page", page: pageOf(stored.report, of, where) };
}

export const tieOutUnknown: Refusal = {
  kind: "refused",
  status: 404,
  code: "tie-out-unknown",
  fix: "List the tie-outs under /tie-outs.",
};

const reportMissing: Refusal = {
  kind: "refused",
  status: 404,
  code: "report-missing",
  fix: "Wait until the tie-out has ended; where it ended with a problem, do what that says.",
};

const reportTooLarge: Refusal = {
  kind: "refused",
  status: 409,
  code: "report-too-large",
  fix: "Open the files of the tie-out: /tie-outs/{runId} says where they are.",
};

function classOf(text: string): DifferenceClass {
  const found = differenceClasses.find((known) => known === text);
  if (found !== undefined) return found;
  throw new SyncError({
    kind: "invalid-input",
    code: "class-unknown",
    fix: "Take a class that the tie-out lists under its counts.",
  });
}

async function findTieOut({ runs }: TieOutViewDependencies, runId: string) {
  const run = await runs.get(runId);
  return run?.kind === "tie-out" ? run : undefined;
}

/** Of a run that has ended: what is written before that may be of an earlier try. */
async function readReport({ reports }: TieOutViewDependencies, run: Run): Promise<StoredReport> {
  if (run.capturedAt === undefined || run.problem !== undefined) return { kind: "missing" };
  return reports.read(run.runId);
}

function pageOf(
  { differences }: TieOutReport,
  of: DifferenceClass | undefined,
  where: { readonly limit: number; readonly cursor?: string | undefined },
): View {
  const { limit, cursor = "0" } = where;
  if (!/^\d{1,9}$/.test(cursor)) {
    throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
  }
  const wanted = differences.filter((one) => of === undefined || one.class === of);
  const end = Number(cursor) + limit;
  return {
    differences: wanted.slice(Number(cursor), end),
    cursor: end < wanted.length ? String(end) : undefined,
  };
}
