/** Many seeds on all processors of the machine, and their sum. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { type FaultKind, faultKinds } from "./faults.ts";
import type { SimulationResult } from "./simulate.ts";

export interface SeedRange {
  readonly first: number;
  readonly count: number;
  readonly steps: number;
  readonly faults: readonly FaultKind[];
  /** Stops at the first seed that breaks a promise. */
  readonly stopsAtFailure?: boolean;
  /** Told after each seed: how many ended, and how many of them broke a promise. */
  readonly onProgress?: (ended: number, broken: number) => void;
}

/** What a worker thread tells of one seed; a map does not survive as well as a list. */
type SeedReport = Omit<SimulationResult, "faultCounts"> & {
  readonly faultCounts: readonly (readonly [FaultKind, number])[];
};

export interface SeedSummary {
  readonly seedCount: number;
  readonly stepCount: number;
  readonly actCount: number;
  readonly writeCount: number;
  readonly checkCount: number;
  readonly faultCounts: ReadonlyMap<FaultKind, number>;
  readonly failures: readonly SeedReport[];
}

/** Runs every seed of the range; the order of the failures is that of the seeds. */
export async function runSeeds(range: SeedRange): Promise<SeedSummary> {
  const workers = Math.min(availableParallelism(), range.count);
  const reports: SeedReport[] = [];
  await Promise.all(
    Array.from({ length: workers }, (_, index) => runWorker(range, index, workers, reports)),
  );
  return sumUp(reports);
}

/** Every n-th seed in a thread of its own. */
function runWorker(
  range: SeedRange,
  index: number,
  workers: number,
  reports: SeedReport[],
): Promise<void> {
  return new Promise((resolve, reject) => {
    const seeds = Array.from({ length: range.count }, (_, seed) => range.first + seed).filter(
      (seed) => seed % workers === index,
    );
    const { steps, faults, stopsAtFailure } = range;
    const workerData = { seeds, steps, faults, stopsAtFailure };
    const worker = new Worker(new URL("./seed-worker.ts", import.meta.url), { workerData });
    worker.on("message", (report: SeedReport) => {
      reports.push(report);
      const broken = reports.filter(({ violations }) => violations.length > 0).length;
      range.onProgress?.(reports.length, broken);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`A seed worker ended with ${code}`));
    });
  });
}

function sumUp(reports: readonly SeedReport[]): SeedSummary {
  const sum = (of: (report: SeedReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const faultCounts = new Map<FaultKind, number>(faultKinds.map((kind) => [kind, 0]));
  for (const [kind, count] of reports.flatMap((report) => report.faultCounts)) {
    faultCounts.set(kind, (faultCounts.get(kind) ?? 0) + count);
  }
  return {
    seedCount: reports.length,
    stepCount: sum(({ steps }) => steps),
    actCount: sum(({ actCount }) => actCount),
    writeCount: sum(({ writeCount }) => writeCount),
    checkCount: sum(({ checkCount }) => checkCount),
    faultCounts,
    failures: reports
      .filter(({ violations }) => violations.length > 0)
      .sort((left, right) => left.seed - right.seed),
  };
}
