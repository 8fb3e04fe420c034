/**
 * What a tie-out costs: a snapshot of so many records with planted differences, compared twice, and checked to
 * have found each in its class, none beside them, and the same bytes the second time.
 */
import { compareWorld, judge, writeWorld } from "#test/support/tie-out-stage.ts";
import { createDuckdbSnapshots } from "#test/support/duckdb-queries.ts";
import { createTieOutWorld } from "#test/support/tie-out-world.ts";
import { formatCount, formatSeconds } from "./numbers.ts";
import type { TextTable } from "./text-table.ts";

const SEED = 2026;
/** Gives a hundred thousand rows: some sales have more than others. */
const RECORDS = 118_000;
const DAMAGED = 1_000;
const KIBIBYTES_PER_MEBIBYTE = 1_024;

export interface TieOutResult {
  readonly records: number;
  readonly planted: number;
  readonly found: number;
  readonly right: number;
  readonly invented: number;
  readonly isSameAgain: boolean;
  readonly writtenMs: number;
  readonly comparedMs: number;
  readonly processorMs: number;
  readonly peakKibibytes: number;
}

/** Throws where the tie-out did not do what it says. */
export async function runTieOut(progress: (text: string) => void): Promise<TieOutResult> {
  const world = createTieOutWorld({ seed: SEED, records: RECORDS, damaged: DAMAGED });
  const store = await createDuckdbSnapshots();
  progress(`Tie-out of ${formatCount(world.records)} records`);
  const before = process.cpuUsage();
  const startMs = performance.now();
  await writeWorld(store, world);
  const writtenMs = performance.now() - startMs;
  const { report, files } = await compareWorld(store);
  const comparedMs = performance.now() - startMs - writtenMs;
  const { user, system } = process.cpuUsage(before);
  const peakKibibytes = process.resourceUsage().maxRSS;
  const again = await compareWorld(store);
  await store.close();
  if (report === undefined) throw new Error("The tie-out gave no report");
  const { found, right, invented } = judge(world, report);
  const texts = (of: typeof files) => JSON.stringify([...of.published]);
  const result = {
    records: world.records,
    planted: world.planted.size,
    found,
    right,
    invented: invented.length,
    isSameAgain: texts(files) === texts(again.files),
    writtenMs,
    comparedMs,
    processorMs: (user + system) / 1_000,
    peakKibibytes,
  };
  const isRight = right * 100 >= DAMAGED * 99 && found === DAMAGED && invented.length === 0;
  if (!isRight || !result.isSameAgain) throw new Error(`The tie-out: ${JSON.stringify(result)}`);
  return result;
}

export function tieOutTable(result: TieOutResult): TextTable {
  return {
    title: `Tie-out of ${formatCount(result.records)} records with ${formatCount(result.planted)} planted differences`,
    head: ["what", "measured"],
    rows: [
      ["found", formatCount(result.found)],
      ["in the right class", formatCount(result.right)],
      ["found and not planted", formatCount(result.invented)],
      ["second run", result.isSameAgain ? "the same bytes" : "OTHER BYTES"],
      ["written as Parquet, s", formatSeconds(result.writtenMs)],
      ["compared and reported, s", formatSeconds(result.comparedMs)],
      ["processor time of both, s", formatSeconds(result.processorMs)],
      [
        "peak memory so far, MiB",
        formatCount(Math.round(result.peakKibibytes / KIBIBYTES_PER_MEBIBYTE)),
      ],
    ],
  };
}
