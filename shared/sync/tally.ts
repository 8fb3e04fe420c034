/** Counts of one message by run; added to the run once per message, see `RunStore.add`. */
import type { RunStore } from "#shared/ports/runs.ts";

export class Tally {
  readonly #byRun = new Map<string, Map<string, bigint>>();

  /** Does nothing for a record that belongs to no run. */
  count(runId: string | undefined, path: string, amount: bigint = 1n): void {
    if (runId === undefined || amount === 0n) return;
    const counts = this.#byRun.get(runId) ?? new Map<string, bigint>();
    this.#byRun.set(runId, counts);
    counts.set(path, (counts.get(path) ?? 0n) + amount);
  }

  async save(runs: RunStore, receipt: string): Promise<void> {
    for (const [runId, counts] of this.#byRun) {
      await runs.add(runId, receipt, Object.fromEntries(counts));
    }
  }
}
