/** The smallest run that still breaks a promise: fewer steps, then fewer kinds of faults. */
import type { FaultKind } from "./faults.ts";
import { type SimulationOptions, type SimulationResult, simulate } from "./simulate.ts";

export interface Shrunk {
  readonly options: SimulationOptions;
  readonly result: SimulationResult;
}

/** `failing` must fail. Every run it tries is one that the caller can repeat. */
export async function shrink(
  failing: SimulationOptions,
  run: typeof simulate = simulate,
): Promise<Shrunk> {
  let best: Shrunk = { options: failing, result: await run(failing) };
  const consider = async (options: SimulationOptions): Promise<boolean> => {
    const result = await run(options);
    if (result.violations.length === 0) return false;
    best = { options, result };
    return true;
  };
  for (let share = 0.5; share < 0.99; ) {
    const steps = Math.max(1, Math.floor(best.options.steps * share));
    const isSmaller = steps < best.options.steps && (await consider({ ...best.options, steps }));
    // What halving cannot do any more, smaller cuts may.
    if (!isSmaller) share += (1 - share) / 2;
  }
  for (const kind of failing.faults) {
    const faults: readonly FaultKind[] = best.options.faults.filter((one) => one !== kind);
    await consider({ ...best.options, faults });
  }
  return best;
}
