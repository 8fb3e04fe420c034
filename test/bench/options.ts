/** The command line of `npm run bench`. */
import { parseArgs } from "node:util";
import { type ScenarioName, scenarioNames } from "./scenarios.ts";

export interface BenchOptions {
  /** Customers of each run, fewest first, so that the peak of memory is that of the run. */
  readonly sizes: readonly number[];
  readonly scenarios: readonly ScenarioName[];
  /** Also a tie-out of 100,000 records, which needs no stack. */
  readonly hasTieOut: boolean;
  /** Also files of up to a million rows, each read in a process of its own. */
  readonly hasFiles: boolean;
  /** Puts the result into `docs/performance.md`. */
  readonly write: boolean;
}

const TIE_OUT = "tie-out";
const FILES = "files";
const allNames = [...scenarioNames, TIE_OUT, FILES];
const SIZES_DEFAULT = "1000,10000";
const SIZE_MAX = 1_000_000;

/** Throws with what is allowed on anything else. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      sizes: { type: "string", default: SIZES_DEFAULT },
      scenario: { type: "string", default: allNames.join(",") },
      write: { type: "boolean", default: false },
    },
  });
  const sizes = new Set(values.sizes.split(",").map(readSize));
  const names = values.scenario.split(",");
  for (const name of names) {
    if (!allNames.some((known) => known === name)) {
      throw new Error(`Unknown scenario ${name}; there are: ${allNames.join(", ")}`);
    }
  }
  return {
    sizes: [...sizes].sort((left, right) => left - right),
    scenarios: scenarioNames.filter((name) => names.includes(name)),
    hasTieOut: names.includes(TIE_OUT),
    hasFiles: names.includes(FILES),
    write: values.write,
  };
}

function readSize(text: string): number {
  const size = /^[1-9]\d{0,6}$/.test(text) ? Number(text) : 0;
  if (size === 0 || size > SIZE_MAX) {
    throw new Error(`--sizes takes whole numbers from 1 to ${SIZE_MAX}, not ${text}`);
  }
  return size;
}
