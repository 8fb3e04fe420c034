/** A world put into a snapshot and compared, and what was found held against what was planted. */
import { limits } from "#shared/config/limits.ts";
import { createXlsxWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";
import type { SnapshotTally } from "#shared/domain/tie-out/snapshot-row.ts";
import type { TieOutChoices } from "#shared/ports/queues.ts";
import { compareSides } from "#shared/sync/compare-sides.ts";
import { createDuckdbSnapshots, type DuckdbSnapshots } from "./duckdb-queries.ts";
import { createMemoryFiles, type MemoryFiles } from "./memory-files.ts";
import { createMemoryRuns } from "./memory-runs.ts";
import { startedAtMs } from "./tie-out-sale.ts";
import { lockedThrough, type TieOutWorld } from "./tie-out-world.ts";

export interface Compared {
  readonly report: TieOutReport | undefined;
  readonly files: MemoryFiles;
  readonly runs: ReturnType<typeof createMemoryRuns>;
  /** Values of the metric that the alarm watches. */
  readonly metric: readonly number[];
}

export async function writeWorld(store: DuckdbSnapshots, world: TieOutWorld): Promise<void> {
  const written: SnapshotTally[] = [];
  for (const { side, recordType, rows } of world.parts) {
    let parts = 0;
    for (let at = 0; at < rows.length; at += limits.snapshotPartRowsMax) {
      const some = rows.slice(at, at + limits.snapshotPartRowsMax);
      await store.snapshots.writePart({ snapshotId: "s", side, recordType, part: parts }, some);
      parts += 1;
    }
    written.push({ side, recordType, parts, rows: rows.length });
  }
  const ledger = { baseCurrency: "EUR", lockedThrough };
  await store.snapshots.writeManifest({ snapshotId: "s", startedAtMs, written, ledger });
}

export async function compareWorld(
  store: DuckdbSnapshots,
  choices: TieOutChoices = {},
): Promise<Compared> {
  const files = createMemoryFiles();
  const runs = createMemoryRuns();
  const metric: number[] = [];
  const ignored = (): void => undefined;
  const log = {
    moved: ignored,
    info: ignored,
    error: ignored,
    count: (_name: string, value: number) => metric.push(value),
  };
  const ports = { runs, files, log, clock: () => startedAtMs, spreadsheets: createXlsxWriter() };
  const signal = AbortSignal.timeout(600_000);
  const report = await compareSides(
    { ...ports, snapshots: store.snapshots, queries: store.queries },
    { runId: "run-1", snapshotId: "s", choices, tries: 0 },
    { signal },
  );
  return { report, files, runs, metric };
}

export async function openWorld(world: TieOutWorld): Promise<DuckdbSnapshots> {
  const store = await createDuckdbSnapshots();
  await writeWorld(store, world);
  return store;
}

export interface Judgement {
  readonly found: number;
  readonly right: number;
  /** `name of the damage: class that was given`. */
  readonly wrong: readonly string[];
  /** Differences that nobody planted. */
  readonly invented: readonly string[];
  readonly overlooked: readonly string[];
}

export function judge(world: TieOutWorld, report: TieOutReport): Judgement {
  const left = new Map(world.planted);
  const wrong: string[] = [];
  const invented: string[] = [];
  for (const { records, class: given, finding, key } of report.differences) {
    const names = records.map((one) => `${one.side} ${one.recordType} ${one.externalId}`);
    const name = names.find((one) => world.planted.has(one));
    const planted = world.planted.get(name ?? "");
    if (name === undefined || planted === undefined) invented.push(`${given} ${finding} ${key}`);
    else if (planted.class !== given) wrong.push(`${planted.name}: ${given} (${finding})`);
    left.delete(name ?? "");
  }
  for (const { side, recordType, externalId } of report.excluded) {
    const name = `${side} ${recordType} ${externalId}`;
    if (world.planted.get(name)?.class === "excluded") left.delete(name);
  }
  const found = world.planted.size - left.size;
  const overlooked = [...left].map(([name, planted]) => `${planted.name}: ${name}`);
  return { found, right: found - wrong.length, wrong, invented, overlooked };
}
