import { describe, expect, it } from "vitest";
import type { Counts, RunStore } from "#shared/ports/runs.ts";
import { Tally } from "#shared/sync/tally.ts";

interface Added {
  readonly runId: string;
  readonly receipt: string;
  readonly counts: Counts;
}

function refuse(): never {
  throw new Error("a tally only adds");
}

function recordingRuns(added: Added[]): RunStore {
  return {
    add: async (runId, receipt, counts) => {
      added.push({ runId, receipt, counts });
    },
    start: refuse,
    finishCapture: refuse,
    get: refuse,
    list: refuse,
  };
}

describe("a tally", () => {
  it("adds up by run and message, and adds each to its run in one step", async () => {
    const added: Added[] = [];
    const tally = new Tally();
    tally.count({ runId: "r1", receipt: "m1" }, "records");
    tally.count({ runId: "r1", receipt: "m1" }, "records");
    tally.count({ runId: "r1", receipt: "m1" }, "total.books.invoice.EUR", 12_345n);
    tally.count({ runId: "r1", receipt: "m1" }, "total.books.invoice.EUR", -345n);
    tally.count({ runId: "r1", receipt: "m2" }, "records", 5n);
    tally.count({ runId: "r2", receipt: "m1" }, "parked");

    await tally.save(recordingRuns(added));

    expect(added).toEqual([
      {
        runId: "r1",
        receipt: "m1",
        counts: { records: 2n, "total.books.invoice.EUR": 12_000n },
      },
      { runId: "r1", receipt: "m2", counts: { records: 5n } },
      { runId: "r2", receipt: "m1", counts: { parked: 1n } },
    ]);
  });

  it("does not count what belongs to no run, or nothing", async () => {
    const added: Added[] = [];
    const tally = new Tally();
    tally.count({ receipt: "m1" }, "records");
    tally.count({ runId: "r1", receipt: "m1" }, "records", 0n);

    await tally.save(recordingRuns(added));

    expect(added).toEqual([]);
  });
});
