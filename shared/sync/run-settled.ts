import { isApproved, wasHeld } from "#shared/domain/blast-radius.ts";
import type { Run } from "#shared/ports/runs.ts";

/** Its writes wait for a person. */
export function isHeld({ counts }: Run): boolean {
  return wasHeld(counts) && !isApproved(counts);
}

/** Whether nothing that came of the run is still on its way. */
export function isSettled(run: Run): boolean {
  const { counts } = run;
  const sum = (...paths: readonly string[]): bigint =>
    paths.reduce((sofar, path) => sofar + (counts[path] ?? 0n), 0n);
  if (run.problem !== undefined) return true;
  if (run.capturedAt === undefined || isHeld(run)) return false;
  // Its records are only looked at.
  if (run.kind === "tie-out" || run.kind === "export") return true;
  if (!isDecided(run)) return false;
  return Object.keys(counts)
    .filter((path) => path.startsWith("owed."))
    .every((path) => {
      const where = path.slice("owed.".length);
      const ended = ["created", "updated", "settled", "refused"].map((end) => `${end}.${where}`);
      return sum(path) <= sum(...ended);
    });
}

/** Whether all input was read, and of each record it is decided what becomes of it. */
export function isDecided({ counts, capturedAt, problem }: Run): boolean {
  if (problem !== undefined) return true;
  const { records = 0n, applied = 0n, unchanged = 0n, excluded = 0n, parked = 0n } = counts;
  return capturedAt !== undefined && records <= applied + unchanged + excluded + parked;
}
