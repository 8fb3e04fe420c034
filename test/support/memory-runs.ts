/** Runs in memory, for tests and simulations; held to the DynamoDB store by the contract suite. */
import { SyncError } from "#shared/domain/sync-error.ts";
import {
  type Counts,
  listingOf,
  type Run,
  type RunListing,
  type RunStore,
} from "#shared/ports/runs.ts";

export function createMemoryRuns(): RunStore {
  const started = new Map<string, Omit<Run, "counts">>();
  const counts = new Map<string, Record<string, bigint>>();
  const receipts = new Set<string>();

  const runOf = (run: Omit<Run, "counts">): Run => ({
    ...structuredClone(run),
    counts: { ...counts.get(run.runId) },
  });
  const newestFirst = (of: RunListing): Run[] =>
    [...started.values()]
      .filter(({ kind }) => listingOf(kind) === of)
      .sort((left, right) => (left.startedAt > right.startedAt ? -1 : 1))
      .map(runOf);

  return {
    async start(run) {
      if (!started.has(run.runId)) started.set(run.runId, structuredClone(run));
    },
    async add(runId, receipt, added: Counts) {
      if (Object.keys(added).length === 0 || receipts.has(`${runId}\n${receipt}`)) return;
      receipts.add(`${runId}\n${receipt}`);
      const sums = counts.get(runId) ?? {};
      for (const [path, count] of Object.entries(added)) sums[path] = (sums[path] ?? 0n) + count;
      counts.set(runId, sums);
    },
    async finishCapture(runId, capturedAt, problem) {
      const run = started.get(runId);
      if (run === undefined) return;
      const { problem: _, ...rest } = run;
      started.set(runId, { ...rest, capturedAt, ...(problem === undefined ? {} : { problem }) });
    },
    async get(runId) {
      const run = started.get(runId);
      return run === undefined ? undefined : runOf(run);
    },
    async list(limit, cursor, of = "others") {
      const runs = newestFirst(of);
      const start = cursor === undefined ? 0 : runs.findIndex((run) => run.runId === cursor) + 1;
      if (cursor !== undefined && start === 0) {
        throw new SyncError({ kind: "invalid-input", code: "cursor-unreadable" });
      }
      const page = runs.slice(start, start + limit);
      const last = page.at(-1);
      const hasMore = start + limit < runs.length && last !== undefined;
      return { runs: page, ...(hasMore ? { cursor: last.runId } : {}) };
    },
  };
}
