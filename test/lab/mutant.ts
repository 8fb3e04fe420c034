/** A process of `try-mutations.ts`: prints the first seed that breaks a promise, or `null`. */
import { faultKinds } from "./faults.ts";
import { simulate } from "./simulate.ts";

const [seedsMax = 0, steps = 0, every = 1] = process.argv.slice(2).map(Number);
let caughtBy: { seed: number; invariants: readonly string[] } | null = null;
for (let seed = every; seed <= seedsMax && caughtBy === null; seed += every) {
  const { violations } = await simulate({ seed, steps, faults: faultKinds });
  const invariants = [...new Set(violations.map(({ invariant }) => invariant))].sort();
  if (invariants.length > 0) caughtBy = { seed, invariants };
}
process.stdout.write(JSON.stringify(caughtBy));
