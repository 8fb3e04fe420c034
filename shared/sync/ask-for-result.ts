import { limits } from "#shared/config/limits.ts";
import type { ImportQueue } from "#shared/ports/imports.ts";
import type { RunStore } from "#shared/ports/runs.ts";
import type { Refusal } from "./operator-outcome.ts";

/** Has the result of an import written once more, as things stand now. */
export async function askForResult(
  deps: { readonly runs: RunStore; readonly imports: ImportQueue },
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
  const looks = limits.importResultLooksMax;
  await deps.imports.send([{ kind: "import-result", runId, looks, next: 0 }]);
  return { kind: "asked", runId };
}
