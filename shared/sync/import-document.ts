/** A dropped file of XML, an e-invoice or a bank statement, by whoever takes it from the queue. */
import type { DocumentRequest } from "#shared/ports/imports.ts";
import type { DocumentDependencies } from "./import-dependencies.ts";
import { problemIn } from "./file-problems.ts";
import { refuseFile, refuseRun } from "./import-runs.ts";
import { importXmlFile } from "./import-xml.ts";
import { nowText } from "./now-text.ts";

/**
 * May be repeated after any failure. Throws what the stores and queues throw. The file itself is only
 * needed to set a copy of it aside.
 */
export async function importDocument(
  deps: DocumentDependencies,
  { runId, key, document, bytes }: DocumentRequest,
  signal: AbortSignal,
): Promise<void> {
  const run = await deps.runs.get(runId);
  if (run === undefined || run.capturedAt !== undefined) return;
  const text = deps.staging.openText(runId, bytes, signal).read();
  const content = Buffer.concat(await Array.fromAsync(text));
  const opened = { kind: "xml", document, content } as const;
  const file = await deps.files.open(key, signal);
  const droppedAtMs = file?.droppedAtMs ?? Date.parse(run.startedAt);
  try {
    const counted = await importXmlFile(deps, { key, droppedAtMs }, opened, runId, signal);
    await deps.runs.finishCapture(runId, nowText(deps));
    deps.log.info("file imported", { runId, document, ...counted });
  } catch (cause) {
    const problem = problemIn(cause);
    if (file === undefined) await refuseRun(deps, runId, problem);
    else await refuseFile(deps, file, runId, problem);
  }
}
