/** How the run of an import begins its end: all was read, or it was refused. */
import { limits } from "#shared/config/limits.ts";
import { quarantinePrefix } from "#shared/config/names.ts";
import { fileNameOf, isSafeFileKey, resultKeyOf } from "#shared/domain/file-key.ts";
import type { FileProblem } from "#shared/domain/file-profile.ts";
import { formatRefusal, resultContentType } from "#shared/domain/file-result.ts";
import type { InboxFile } from "#shared/ports/files.ts";
import type { ImportPlan } from "#shared/ports/imports.ts";
import type { ImportDependencies } from "./import-dependencies.ts";
import { nowText } from "./now-text.ts";

type RunDependencies = Pick<ImportDependencies, "runs" | "imports" | "clock" | "log">;

/** Of an import whose plan is not there any more. */
export const forgotten = {
  code: "import-forgotten",
  fix: "Drop the file again; what is kept of it between its parts is kept for some days.",
} as const satisfies FileProblem;

/** Every range by itself, by whoever is free: a file of one is read as a file of many. */
export async function readRanges(
  deps: RunDependencies,
  runId: string,
  plan: ImportPlan,
): Promise<void> {
  const all = plan.ranges.map((_, index) => ({ kind: "import-range", runId, index }) as const);
  if (all.length > 0) await deps.imports.send(all);
  else await endReading(deps, runId, plan);
}

/** Ends the reading once every range was counted, and asks for the result; may be asked again. */
export async function endReading(
  deps: RunDependencies,
  runId: string,
  plan: ImportPlan,
): Promise<void> {
  const run = await deps.runs.get(runId);
  const rangesRead = run?.counts["ranges"] ?? 0n;
  if (rangesRead < BigInt(plan.ranges.length)) return;
  const problem = plan.isRefusedWhole ? wholeFileProblem : undefined;
  // Asked for first: who dies in between is followed by one who asks again.
  const delayMs = plan.isRefusedWhole ? 0 : limits.importResultDelayMs;
  await deps.imports.send([{ kind: "import-result", runId, looks: 0, next: 0 }], { delayMs });
  if (run?.capturedAt === undefined) await deps.runs.finishCapture(runId, nowText(deps), problem);
}

export async function refuseRun(
  deps: RunDependencies,
  runId: string,
  { code, fix, detail }: FileProblem,
): Promise<void> {
  const problem = detail === undefined ? { code, fix } : { code, fix, detail };
  await deps.runs.finishCapture(runId, nowText(deps), problem);
  deps.log.info("file refused", { runId, code });
}

/**
 * Refuses a file as a whole: a copy of it is set aside, its result has one line, and its run ends with
 * the problem. The answer to a key that is not safe to write to goes to a folder of our own.
 */
export async function refuseFile(
  deps: RunDependencies & Pick<ImportDependencies, "files">,
  file: InboxFile,
  runId: string,
  problem: FileProblem,
): Promise<void> {
  const isSafe = isSafeFileKey(file.key);
  const copyKey = `${quarantinePrefix}${runId}/${isSafe ? fileNameOf(file.key) : "file"}`;
  await deps.files.quarantine(file, copyKey);
  const resultKey = isSafe ? resultKeyOf(file.key) : `refused/${runId}.result.csv`;
  await deps.files.publish(resultKey, formatRefusal(runId, problem), resultContentType);
  await refuseRun(deps, runId, problem);
}

/** The problem of a file of which one row is bad and that lands whole or not at all. */
const wholeFileProblem = {
  code: "file-has-bad-row",
  fix: "Mend the rejected rows in the result file and drop it again: this file lands whole or not at all.",
};
