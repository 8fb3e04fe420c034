/** Exports by the API: started, listed, looked at. */
import type { ExportChoices } from "#shared/domain/export/choices.ts";
import { digestText } from "#shared/domain/fingerprint.ts";
import { encodeJson } from "#shared/domain/json.ts";
import type { ExportManifests, ExportQueue } from "#shared/ports/exports.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import { manifestKeyOf } from "./export-records.ts";
import { nowText } from "./now-text.ts";
import { viewRun } from "./view-runs.ts";

type View = Readonly<Record<string, unknown>>;

/** Its run is to be followed under `/exports/{runId}`. The same export asked for twice at once is one. */
export async function startExport(
  deps: { readonly exportQueue: ExportQueue; readonly runs: RunStore; readonly clock: Clock },
  choices: ExportChoices,
): Promise<{ runId: string }> {
  const startedAt = nowText(deps);
  const name = digestText(encodeJson(choices)).slice(0, 6);
  const runId = `export-${startedAt.replace(/[^0-9]/g, "")}-${name}`;
  await deps.runs.start({ runId, kind: "export", startedAt, subject: choices.of });
  await deps.exportQueue.send({ runId, choices, tries: 0 });
  return { runId };
}

export interface ExportViewDependencies {
  readonly runs: RunStore;
  readonly manifests: ExportManifests;
}

/** Newest first. */
export async function listExports(
  { runs }: ExportViewDependencies,
  limit: number,
  cursor: string | undefined,
): Promise<View> {
  const page = await runs.list(limit, cursor, "exports");
  return { exports: page.runs.map(viewRun), cursor: page.cursor };
}

/**
 * An export; with its manifest and the places of both files once it is finished. Undefined where there
 * is no such export.
 */
export async function viewExport(
  { runs, manifests }: ExportViewDependencies,
  runId: string,
): Promise<View | undefined> {
  const run = await runs.get(runId);
  if (run?.kind !== "export") return undefined;
  if (run.capturedAt === undefined || run.problem !== undefined) return viewRun(run);
  const key = manifestKeyOf(run);
  const manifest = await manifests.readManifest(key);
  if (manifest === undefined) return viewRun(run);
  const files = { file: manifests.placeOf(manifest.file), manifest: manifests.placeOf(key) };
  return { ...viewRun(run), files, export: manifest };
}
