/** `npm run simulate`: runs seeds, tells what broke, and how to see it again. */
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./faults.ts";
import { simulate } from "./simulate.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string" },
    seeds: { type: "string" },
    steps: { type: "string", default: "600" },
    faults: { type: "string", default: "all" },
    trace: { type: "boolean", default: false },
  },
});
const steps = Number(values.steps);
const faults: readonly FaultKind[] =
  values.faults === "all"
    ? faultKinds
    : values.faults === "none"
      ? []
      : faultKinds.filter((kind) => values.faults.split(",").includes(kind));
const first = Number(values.seed ?? 1);
const count = Number(values.seeds ?? 1);
let bad = 0;
const startedMs = Date.now();
for (let seed = first; seed < first + count; seed += 1) {
  const onTrace = values.trace
    ? (line: string) => void process.stdout.write(`${line}\n`)
    : undefined;
  const result = await simulate({ seed, steps, faults, onTrace });
  if (result.violations.length > 0) {
    bad += 1;
    process.stdout.write(
      `seed ${seed}: ${result.violations.length} violations, ${result.actCount} acts\n`,
    );
    for (const { invariant, about } of result.violations.slice(0, 6))
      process.stdout.write(`  ${invariant} ${about}\n`);
  } else if (count === 1)
    process.stdout.write(
      `${JSON.stringify({ ...result, faultCounts: Object.fromEntries(result.faultCounts) })}\n`,
    );
}
process.stdout.write(`${count} seeds, ${bad} bad, ${Date.now() - startedMs} ms\n`);
