/**
 * `npm run tie-out`: ties out the stack that `npm start` runs, and says what it found.
 *
 * Exits with 0 where no difference is above the tolerance, 2 where one is, 1 where it could not look.
 */
import { relative } from "node:path";
import { parseArgs } from "node:util";
import { readAddresses } from "./drop.ts";
import { bringFiles, readDifferences, runTieOut } from "./tie-out-calls.ts";
import { describeTieOut, differencesAboveTolerance } from "./tie-out-text.ts";

const USAGE = `Usage: npm run tie-out -- [options]

  --period <month>       only this month, such as 2026-11
  --from, --to <month>   only these months
  --snapshot <run id>    compare again what an earlier tie-out read
  --in-flight <seconds>  how long a change may be on its way (60); 0 where nothing moves

Exits with 0 where no difference is above the tolerance, 2 where one is, 1 where it could not look.
`;

/** Differences that are listed here; the files have all. */
const LISTED_MAX = 20;

function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

function readWish(args: readonly string[]) {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { period: text, from: text, to: text, snapshot: text, "in-flight": text },
  });
  const inFlight = values["in-flight"];
  return {
    ...{ period: values.period, from: values.from, to: values.to, snapshotId: values.snapshot },
    inFlightSeconds: inFlight === undefined ? undefined : Number(inFlight),
  };
}

async function tieOut(): Promise<number> {
  const wish = readWish(process.argv.slice(2));
  const addresses = readAddresses();
  say("Reading every side, then comparing ...");
  const view = await runTieOut(addresses.http, wish);
  say();
  for (const line of describeTieOut(view.report)) say(line);
  const differences = await readDifferences(addresses.http, view.runId);
  if (differences.length > 0) say("\nDifferences:");
  for (const { class: name, key, what, nextStep } of differences.slice(0, LISTED_MAX)) {
    say(`  ${name.padEnd(18)}${key}: ${what} ${nextStep}`);
  }
  if (differences.length > LISTED_MAX) {
    say(`  ... and ${differences.length - LISTED_MAX} more in the files`);
  }
  say("\nReports:");
  for (const path of await bringFiles(addresses, view)) say(`  ${relative(process.cwd(), path)}`);
  return differencesAboveTolerance(view.report) > 0 ? 2 : 0;
}

try {
  process.exitCode = await tieOut();
} catch (error) {
  const isUsage = error instanceof TypeError && "code" in error;
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  if (isUsage) process.stderr.write(`\n${USAGE}`);
  process.exitCode = 1;
}
