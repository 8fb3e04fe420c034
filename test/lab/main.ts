/**
 * `npm run simulate`: runs seeds of the fault lab and tells what they did and what broke.
 *
 *   --seed N          one run, or the first of many (default 1)
 *   --seeds N         so many runs (default 1)
 *   --steps N         of each run before all heals (default 400)
 *   --faults LIST     all (default), none, or names separated by commas
 *   --trace           prints every point that goes on
 *   --mutations       takes one rule after another out of the product and shows who notices
 */
import { parseArgs } from "node:util";
import { type FaultKind, faultKinds } from "./faults.ts";
import { runSeeds, type SeedSummary } from "./run-seeds.ts";
import { shrink } from "./shrink.ts";
import { simulate } from "./simulate.ts";
import { tryMutations } from "./try-mutations.ts";

const FAILURES_SHOWN_MAX = 5;
const SEEDS_PER_LINE = 500;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    steps: { type: "string", default: "400" },
    faults: { type: "string", default: "all" },
    trace: { type: "boolean", default: false },
    mutations: { type: "boolean", default: false },
  },
});
const first = wholeNumber("seed", values.seed);
const count = wholeNumber("seeds", values.seeds);
const steps = wholeNumber("steps", values.steps);
const faults = chosenFaults(values.faults);

if (values.mutations) await showMutations();
else if (values.trace) await traceOne();
else await runAll();

async function runAll(): Promise<void> {
  const summary = await runSeeds({ first, count, steps, faults, onProgress: showProgress });
  showSummary(summary);
  for (const failure of summary.failures.slice(0, FAILURES_SHOWN_MAX)) {
    say(`\nseed ${failure.seed} broke ${failure.violations.length} promises:`);
    for (const { invariant, about } of failure.violations.slice(0, 3))
      say(`  ${invariant}  ${about}`);
  }
  const [worst] = summary.failures;
  if (worst === undefined) return;
  process.exitCode = 1;
  const { options, result } = await shrink({ seed: worst.seed, steps, faults });
  say("\nThe smallest run found that still breaks one:");
  say(`  ${result.violations[0]?.invariant}  ${result.violations[0]?.about}`);
  const names = options.faults.length === 0 ? "none" : options.faults.join(",");
  say(
    `  npm run simulate -- --seed ${options.seed} --steps ${options.steps} --faults ${names} --trace`,
  );
}

/** So that who stops a long run knows what it has shown. */
function showProgress(ended: number, broken: number): void {
  if (ended % SEEDS_PER_LINE !== 0 || ended === count) return;
  process.stderr.write(`${ended} of ${count} seeds, ${broken} broke a promise\n`);
}

function showSummary(summary: SeedSummary): void {
  const rows: [string, number][] = [
    ["seeds", summary.seedCount],
    ["steps", summary.stepCount],
    ["what users did", summary.actCount],
    ["calls that changed a remote", summary.writeCount],
    ["checks", summary.checkCount],
    ["seeds that broke a promise", summary.failures.length],
  ];
  for (const [name, value] of rows) say(`${name.padEnd(30)}${format(value).padStart(14)}`);
  say("faults");
  for (const [kind, value] of summary.faultCounts) {
    say(`  ${kind.padEnd(28)}${format(value).padStart(14)}`);
  }
}

async function traceOne(): Promise<void> {
  const result = await simulate({ seed: first, steps, faults, onTrace: say });
  say(`trace ${result.traceHash}`);
  for (const { invariant, about } of result.violations) say(`${invariant}  ${about}`);
  if (result.violations.length > 0) process.exitCode = 1;
}

async function showMutations(): Promise<void> {
  const verdicts = await tryMutations(({ mutation, caughtBy }) => {
    const by = caughtBy && `seed ${caughtBy.seed} (${caughtBy.invariants.join(", ")})`;
    say(`${mutation.name.padEnd(28)} ${by ?? "SURVIVED"}`);
  });
  if (verdicts.some(({ caughtBy }) => caughtBy === undefined)) process.exitCode = 1;
}

function chosenFaults(names: string): readonly FaultKind[] {
  if (names === "all") return faultKinds;
  if (names === "none") return [];
  return names.split(",").map((name) => {
    const kind = faultKinds.find((one) => one === name);
    if (kind === undefined) {
      throw new Error(`No fault is named ${name}. There are: ${faultKinds.join(", ")}`);
    }
    return kind;
  });
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name} takes a whole number`);
  return value;
}

function format(value: number): string {
  return value.toLocaleString("en-US");
}
