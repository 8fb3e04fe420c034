/** A thread of `run-seeds.ts`: simulates its seeds one by one and tells of each. */
import { parentPort, workerData } from "node:worker_threads";
import type { FaultKind } from "./faults.ts";
import { simulate } from "./simulate.ts";

const { seeds, steps, faults, stopsAtFailure } = workerData as {
  readonly seeds: readonly number[];
  readonly steps: number;
  readonly faults: readonly FaultKind[];
  readonly stopsAtFailure: boolean | undefined;
};
for (const seed of seeds) {
  const result = await simulate({ seed, steps, faults });
  parentPort?.postMessage({ ...result, faultCounts: [...result.faultCounts] });
  if (stopsAtFailure === true && result.violations.length > 0) break;
}
