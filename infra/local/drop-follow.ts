/** Follows the import of a dropped file by the API of the running stack. */
import { describeProgress, type ImportView, isTold } from "./drop-text.ts";
import { callApi } from "./stack-calls.ts";

const FOLLOW_MINUTES_MAX = 15;

/** Where the line of progress goes; shown again and again. */
export interface ProgressLine {
  readonly pollMs: number;
  show(text: string): void;
}

/** The runs listed first, by their ids: those that were there before a drop. */
export async function knownRuns(http: string): Promise<Set<string>> {
  return new Set((await listRuns(http)).map(({ runId }) => runId));
}

/**
 * Resolves with the newest run of the key that is not among `known`, once there is no more to follow,
 * and adds it to them. Throws, with where to look, after 15 minutes.
 */
export async function followImport(
  http: string,
  key: string,
  known: Set<string>,
  line: ProgressLine,
): Promise<ImportView> {
  const deadline = performance.now() + FOLLOW_MINUTES_MAX * 60_000;
  let view: ImportView | undefined;
  while (performance.now() < deadline) {
    view = await look(http, key, known, view);
    if (view !== undefined && isTold(view)) {
      known.add(view.runId);
      return view;
    }
    line.show(`${key}: ${describeProgress(view)}`);
    await new Promise((resolve) => setTimeout(resolve, line.pollMs));
  }
  const where = view === undefined ? "/runs" : `/runs/${view.runId}`;
  throw new Error(
    `${key} had not ended after ${FOLLOW_MINUTES_MAX} minutes and goes on by itself: ${http}${where} shows how far it is.`,
  );
}

async function look(
  http: string,
  key: string,
  known: ReadonlySet<string>,
  before: ImportView | undefined,
): Promise<ImportView | undefined> {
  const isIt = ({ runId, kind, subject }: ListedRun) =>
    kind === "import" && subject === key && !known.has(runId);
  const runId = before?.runId ?? (await listRuns(http)).find(isIt)?.runId;
  if (runId === undefined) return undefined;
  return callApi<ImportView>(`${http}/runs/${encodeURIComponent(runId)}`);
}

interface ListedRun {
  readonly runId: string;
  readonly kind: string;
  readonly subject: string;
}

/** Newest first. */
async function listRuns(http: string): Promise<readonly ListedRun[]> {
  return (await callApi<{ runs: readonly ListedRun[] }>(`${http}/runs?limit=50`)).runs;
}
