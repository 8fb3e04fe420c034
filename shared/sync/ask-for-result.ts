import { limits } from "#shared/config/limits.ts";
import type { ImportQueue } from "#shared/ports/imports.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { Run, RunStore } from "#shared/ports/runs.ts";
import { forgotten } from "./import-runs.ts";
import type { Refusal } from "./operator-outcome.ts";

const DAY_MS = 24 * 3_600_000;

/** Has the result of an import written once more, as things stand now. */
export async function askForResult(
  deps: { readonly runs: RunStore; readonly imports: ImportQueue; readonly clock: Clock },
  runId: string,
): Promise<{ readonly kind: "asked"; readonly runId: string } | Refusal> {
  const run = await deps.runs.get(runId);
  if (run?.kind !== "import") {
    const fix = "Name a run of the kind import; /runs lists them.";
    return { kind: "refused", status: 404, code: "run-unknown", fix };
  }
  if (run.capturedAt === undefined) {
    const fix = "Wait until the file was read to its end; /runs/{runId} shows how far it is.";
    return { kind: "refused", status: 409, code: "import-under-way", fix };
  }
  if (!hasPlan(run)) {
    const fix = "Mend the file and drop it again; a result of this kind does not change.";
    return { kind: "refused", status: 409, code: "result-final", fix };
  }
  if (deps.clock() - Date.parse(run.startedAt) > limits.importStagingDays * DAY_MS) {
    return { kind: "refused", status: 409, ...forgotten };
  }
  const looks = limits.importResultLooksMax;
  await deps.imports.send([{ kind: "import-result", runId, looks, next: 0 }]);
  return { kind: "asked", runId };
}

/** A table that was read by its rows; a file of XML, and one that was refused, has none. */
function hasPlan({ counts }: Run): boolean {
  return counts["rowsTotal"] !== undefined;
}
