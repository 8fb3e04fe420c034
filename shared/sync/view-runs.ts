import { judgeRun } from "#shared/domain/blast-radius.ts";
import { progressOf } from "#shared/domain/import-progress.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import { blastRadius } from "#shared/flows/blast-radius.ts";
import type { Run } from "#shared/ports/runs.ts";
import { isHeld, isSettled } from "./run-settled.ts";

/**
 * A run as people read it. `isSettled`: all input was handed on and each record and each write that
 * came of it has ended; only then are the counts final. `isHeld`: it changes too much, and what it
 * would write waits for a person.
 */
export function viewRun(run: Run): Readonly<Record<string, unknown>> {
  const { counts } = run;
  const totals = Object.entries(counts).filter(([path]) => path.startsWith("total."));
  return {
    runId: run.runId,
    kind: run.kind,
    subject: run.subject,
    startedAt: run.startedAt,
    capturedAt: run.capturedAt,
    problem: run.problem,
    isSettled: isSettled(run),
    isHeld: isHeld(run),
    hold: viewHold(run),
    counts: Object.fromEntries(
      Object.entries(counts)
        .filter(([path]) => !path.startsWith("total."))
        .sort(),
    ),
    totals: Object.fromEntries(
      totals.sort().map(([path, minor]) => {
        const currency = path.slice(path.lastIndexOf(".") + 1);
        return [path.slice("total.".length), formatMoney(money(minor, currency))];
      }),
    ),
  };
}

/** As {@link viewRun}; of an import with how far its file was read. */
export function viewRunAt(run: Run, nowMs: number): Readonly<Record<string, unknown>> {
  const endMs = run.capturedAt === undefined ? nowMs : Date.parse(run.capturedAt);
  const progress = progressOf(run.counts, endMs - Date.parse(run.startedAt));
  return { ...viewRun(run), progress };
}

/** Why the run is held, and the way out. */
function viewHold(run: Run): Readonly<Record<string, string>> | undefined {
  const verdict = judgeRun(blastRadius, run.counts);
  if (!isHeld(run) || verdict.kind === "allowed") return undefined;
  const { code, fix } = verdict;
  return { code, fix, approve: `POST /runs/${encodeURIComponent(run.runId)}/approval` };
}
