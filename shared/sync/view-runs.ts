import { isApproved, judgeRun, wasHeld } from "#shared/domain/blast-radius.ts";
import { formatMoney, money } from "#shared/domain/money.ts";
import { blastRadius } from "#shared/flows/blast-radius.ts";
import type { Run } from "#shared/ports/runs.ts";

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

function isHeld({ counts }: Run): boolean {
  return wasHeld(counts) && !isApproved(counts);
}

/** Why the run is held, and the way out. */
function viewHold(run: Run): Readonly<Record<string, string>> | undefined {
  const verdict = judgeRun(blastRadius, run.counts);
  if (!isHeld(run) || verdict.kind === "allowed") return undefined;
  const { code, fix } = verdict;
  return { code, fix, approve: `POST /runs/${encodeURIComponent(run.runId)}/approval` };
}

/** Whether nothing that came of the run is still on its way. */
function isSettled(run: Run): boolean {
  const { counts } = run;
  const sum = (...paths: readonly string[]): bigint =>
    paths.reduce((sofar, path) => sofar + (counts[path] ?? 0n), 0n);
  if (run.problem !== undefined) return true;
  if (run.capturedAt === undefined || isHeld(run)) return false;
  // Its records are only looked at.
  if (run.kind === "tie-out" || run.kind === "export") return true;
  if (sum("records") > sum("applied", "unchanged", "excluded", "parked")) return false;
  return Object.keys(counts)
    .filter((path) => path.startsWith("owed."))
    .every((path) => {
      const where = path.slice("owed.".length);
      const ended = ["created", "updated", "settled", "refused"].map((end) => `${end}.${where}`);
      return sum(path) <= sum(...ended);
    });
}
