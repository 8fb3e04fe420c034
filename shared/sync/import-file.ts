/**
 * A dropped file becomes change events, a run with its counts, and a result file.
 *
 * 1. Open the file. The run's id follows from the key, the time of the drop and the content, so a
 *    second delivery of the same drop finds the run of the first.
 * 2. Plan it: walk over all of it before anything is handed on, because what shows a cut file stands
 *    at its end. The plan is saved; after a crash nothing is planned twice. Where time is over before,
 *    the rest is handed on, to go on from where it stopped.
 * 3. Start the run.
 * 4. Hand on its ranges through the queue, to be read by as many as there are: `import-part.ts`.
 * 5. The last range ends the reading, and asks for the result: `import-result.ts`.
 *
 * All records of a drop bear one version, so an older file that is read late never overwrites a newer
 * one. A file that cannot be trusted as a whole is refused: nothing is queued, the result file has one
 * line, a copy is set aside, and the run ends with the problem. After a crash anywhere the steps are
 * repeated with the same run, the same events and the same receipts.
 */
import { isSafeFileKey } from "#shared/domain/file-key.ts";
import type { FileProblem } from "#shared/domain/file-profile.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import type { InboxFile, OpenedXml } from "#shared/ports/files.ts";
import type { ImportPlan } from "#shared/ports/imports.ts";
import type { OpenDependencies } from "./import-dependencies.ts";
import { type PlanOutcome, planImport } from "./import-plan.ts";
import { readRanges, refuseFile } from "./import-runs.ts";
import type { Invocation } from "./invocation.ts";
import { nowText } from "./now-text.ts";

export type ImportOutcome =
  /** All of it was read, or handed on in ranges. */
  | { readonly kind: "imported"; readonly runId: string; readonly rangeCount: number }
  | { readonly kind: "refused"; readonly runId: string; readonly problem: FileProblem }
  /** Its planning goes on in another invocation. */
  | { readonly kind: "paused"; readonly runId: string }
  /** An earlier delivery of the same drop was finished. */
  | { readonly kind: "repeated"; readonly runId: string }
  /** The file was taken out of the inbox before it could be read. */
  | { readonly kind: "gone" };

/** Imports one dropped file; may be repeated after any failure. Throws what the stores and queues throw. */
export async function importFile(
  deps: OpenDependencies,
  drop: { readonly key: string },
  context: Invocation,
): Promise<ImportOutcome> {
  const { signal } = context;
  const file = await deps.files.open(drop.key, signal);
  if (file === undefined) return { kind: "gone" };
  const runId = runIdOf(file);
  const known = await deps.runs.get(runId);
  if (known?.capturedAt !== undefined) return { kind: "repeated", runId };

  const saved = await deps.staging.readPlan(runId);
  const outcome: PlanOutcome =
    saved === undefined
      ? await planImport(deps, file, runId, context)
      : { kind: "planned", plan: saved };
  if (outcome.kind === "refused") return refuse(deps, file, runId, outcome.problem);
  if (outcome.kind === "document") return handOnDocument(deps, file, runId, outcome.opened, signal);
  if (outcome.kind === "paused") return pause(deps, file, runId, outcome.profile);
  const { plan } = outcome;
  if (saved === undefined) await deps.staging.savePlan(runId, plan);
  await startRun(deps, file, runId, plan.profile);
  await deps.runs.add(runId, `${runId}:plan`, {
    bytesTotal: sum(plan.ranges.map(({ from, to }) => to - from)),
    rowsTotal: sum(plan.ranges.map(({ rowCount }) => rowCount)),
  });
  return handOn(deps, runId, plan);
}

/** The run starts here, so that people see it under way. */
async function pause(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  profile: string,
): Promise<ImportOutcome> {
  await startRun(deps, file, runId, profile);
  await deps.imports.send([{ kind: "import-file", key: file.key }]);
  deps.log.info("file planned in part", { runId, profile });
  return { kind: "paused", runId };
}

async function handOn(
  deps: OpenDependencies,
  runId: string,
  plan: ImportPlan,
): Promise<ImportOutcome> {
  const rangeCount = plan.ranges.length;
  if (plan.isWhole) await deps.imports.send([{ kind: "import-check", runId }]);
  else await readRanges(deps, runId, plan);
  deps.log.info("file planned", { runId, profile: plan.profile, rangeCount, bytes: plan.bytes });
  return { kind: "imported", runId, rangeCount };
}

/** A document is read by another function: who opens tables need not know it. */
async function handOnDocument(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  { document, content }: OpenedXml,
  signal: AbortSignal,
): Promise<ImportOutcome> {
  const bytes = await deps.staging.writeText(runId, ReadableStream.from([content]), signal);
  await startRun(deps, file, runId, undefined);
  const { key } = file;
  await deps.imports.send([{ kind: "import-document", runId, key, document, bytes }]);
  return { kind: "imported", runId, rangeCount: 1 };
}

async function startRun(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  profileName: string | undefined,
): Promise<void> {
  const profile = (await deps.profiles()).find((one) => one.profile === profileName);
  await deps.runs.start({
    runId,
    kind: "import",
    startedAt: nowText(deps),
    subject: isSafeFileKey(file.key) ? file.key : escapeKey(file.key),
    connection: profile?.connection,
  });
}

async function refuse(
  deps: OpenDependencies,
  file: InboxFile,
  runId: string,
  problem: FileProblem,
): Promise<ImportOutcome> {
  await startRun(deps, file, runId, undefined);
  await refuseFile(deps, file, runId, problem);
  return { kind: "refused", runId, problem };
}

function sum(counts: readonly number[]): bigint {
  return counts.reduce((sofar, count) => sofar + BigInt(count), 0n);
}

function runIdOf(file: InboxFile): string {
  const { key, droppedAtMs, bytes, contentTag } = file;
  return `import-${digestText([key, droppedAtMs, bytes, contentTag].join("\n"))}`;
}

function escapeKey(key: string): string {
  return key.replace(/[\p{Cc}\\]/gu, "_").slice(0, 200);
}
