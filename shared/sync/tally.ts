/** Counts by run and message; added to the run once per message, see `RunStore.add`. */
import type { Counts, RunStore } from "#shared/ports/runs.ts";

/** What is counted belongs to a message, and through it to a run; a record of no run is not counted. */
export interface Counted {
  readonly runId?: string | undefined;
  /** The same when the message is delivered again. */
  readonly receipt: string;
}

/** What came in a message that may have been given out before, to whoever died over it. */
export interface Received extends Counted {
  readonly isRepeated?: boolean | undefined;
}

export class Tally {
  readonly #counts = new Map<string, { of: Counted; counts: Map<string, bigint> }>();

  count(of: Counted, path: string, amount: bigint = 1n): void {
    if (of.runId === undefined || amount === 0n) return;
    const key = `${of.runId} ${of.receipt}`;
    const entry = this.#counts.get(key) ?? { of, counts: new Map<string, bigint>() };
    this.#counts.set(key, entry);
    entry.counts.set(path, (entry.counts.get(path) ?? 0n) + amount);
  }

  /** What was counted for a run so far, of all its messages. */
  sumsOf(runId: string): Counts {
    const sums: Record<string, bigint> = {};
    for (const { of, counts } of this.#counts.values()) {
      if (of.runId !== runId) continue;
      for (const [path, count] of counts) sums[path] = (sums[path] ?? 0n) + count;
    }
    return sums;
  }

  async save(runs: RunStore): Promise<void> {
    for (const { of, counts } of this.#counts.values()) {
      if (of.runId !== undefined) await runs.add(of.runId, of.receipt, Object.fromEntries(counts));
    }
  }
}
