/** A process of `try-mutations.ts`: prints the first seed that breaks a promise, or `null`. */
import { faultKinds } from "./faults.ts";
import { simulate } from "./simulate.ts";

const [seedsMax, steps] = process.argv.slice(2).map(Number);
let caughtBy: { seed: number; invariants: readonly string[] } | null = null;
for (let seed = 1; seed <= (seedsMax ?? 0) && caughtBy === null; seed += 1) {
  const { violations } = await simulate({ seed, steps: steps ?? 0, faults: faultKinds });
  const invariants = [...new Set(violations.map(({ invariant }) => invariant))].sort();
  if (invariants.length > 0) caughtBy = { seed, invariants };
}
process.stdout.write(JSON.stringify(caughtBy));
