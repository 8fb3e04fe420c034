import { describe, expect, it } from "vitest";
import { faultKinds } from "./faults.ts";
import { mutations } from "./mutations.ts";
import { runSeeds } from "./run-seeds.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { tryMutations } from "./try-mutations.ts";

const MINUTE_MS = 60_000;

describe("the fault lab", () => {
  it("breaks no promise in 1,000 runs with every kind of fault", {
    timeout: 15 * MINUTE_MS,
  }, async () => {
    const { failures, seedCount, checkCount, faultCounts } = await runSeeds({
      first: 1,
      count: 1_000,
      steps: 150,
      faults: faultKinds,
    });

    expect(failures.map(({ seed, violations }) => ({ seed, first: violations[0] }))).toEqual([]);
    expect(seedCount).toBe(1_000);
    expect(checkCount).toBeGreaterThan(500_000);
    expect([...faultCounts].filter(([, count]) => count === 0)).toEqual([]);
  });

  it("repeats a run to the last await", async () => {
    for (const seed of [7, 8, 9]) {
      const options = { seed, steps: 300, faults: faultKinds };

      expect((await simulate(options)).traceHash).toBe((await simulate(options)).traceHash);
    }
  });

  it("runs differently for every seed", async () => {
    const runs = [1, 2, 3].map((seed) => simulate({ seed, steps: 100, faults: faultKinds }));
    const hashes = (await Promise.all(runs)).map(({ traceHash }) => traceHash);

    expect(new Set(hashes).size).toBe(3);
  });

  it("notices every rule that is taken out of the product", {
    timeout: 15 * MINUTE_MS,
  }, async () => {
    const verdicts = await tryMutations();
    const survivors = verdicts.filter(({ caughtBy }) => caughtBy === undefined);

    expect(survivors.map(({ mutation }) => mutation.name)).toEqual([]);
    expect(verdicts).toHaveLength(mutations.length);
  });
});

describe("shrinking", () => {
  it("finds a smaller run that breaks the same kind of promise", async () => {
    const failing = { seed: 1, steps: 200, faults: faultKinds };
    const simulateBroken: typeof simulate = async (options) => {
      const result = await simulate(options);
      const isBroken = options.steps >= 40 && options.faults.includes("crash");
      const violation = { invariant: "I0", about: "planted" };
      return { ...result, violations: isBroken ? [violation] : [] };
    };

    const { options, result } = await shrink(failing, simulateBroken);

    expect(result.violations).toHaveLength(1);
    expect(options.faults).toEqual(["crash"]);
    expect(options.steps).toBeLessThan(60);
    expect(options.steps).toBeGreaterThanOrEqual(40);
  });
});
