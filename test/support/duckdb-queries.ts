/**
 * Snapshots in a folder and DuckDB in place of Athena: the same objects, the same SQL. DuckDB reads
 * Parquet with code of its own, so that it is a second opinion on what was written as well.
 */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { encodeParquet, partKeyOf } from "#shared/aws/parquet-snapshots.ts";
import { snapshotPrefix, snapshotTable } from "#shared/config/snapshot-schema.ts";
import { snapshotManifest } from "#shared/contracts/snapshot-manifest.ts";
import type { SnapshotManifest } from "#shared/domain/tie-out/snapshot-row.ts";
import type { QueryEngine, QueryRow, SnapshotStore } from "#shared/ports/snapshots.ts";

export interface DuckdbSnapshots {
  readonly snapshots: SnapshotStore;
  readonly queries: QueryEngine;
  /** What was asked, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function createDuckdbSnapshots(
  options: { readonly pageRows?: number; readonly threads?: number } = {},
): Promise<DuckdbSnapshots> {
  const { pageRows = 1_000, threads = 2 } = options;
  const folder = await mkdtemp(join(tmpdir(), "tieout-snapshots-"));
  const manifests = new Map<string, string>();
  const asked: string[] = [];
  const instance = await DuckDBInstance.create(":memory:", { threads: String(threads) });
  const connection = await instance.connect();
  return {
    asked,
    snapshots: {
      async writePart(place, rows) {
        const path = join(folder, partKeyOf(place));
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, encodeParquet(rows));
      },
      async writeManifest(manifest: SnapshotManifest) {
        manifests.set(manifest.snapshotId, JSON.stringify(manifest));
      },
      async readManifest(snapshotId) {
        const text = manifests.get(snapshotId);
        return text === undefined ? undefined : snapshotManifest.parse(JSON.parse(text));
      },
    },
    queries: {
      async *run(sql) {
        asked.push(sql);
        const files = join(folder, snapshotPrefix, "**", "*.parquet");
        await connection.run(
          `CREATE OR REPLACE VIEW ${snapshotTable} AS SELECT * FROM read_parquet('${files}',
           hive_partitioning = true, hive_types_autocast = false)`,
        );
        const reader = await connection.runAndReadAll(sql);
        const rows: QueryRow[] = reader.getRowObjects().map(asTexts);
        for (let start = 0; start < rows.length; start += pageRows) {
          yield rows.slice(start, start + pageRows);
        }
      },
    },
    async close() {
      connection.closeSync();
      instance.closeSync();
      await rm(folder, { recursive: true });
    },
  };
}

function asTexts(row: Readonly<Record<string, unknown>>): QueryRow {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, value === null ? null : String(value)]),
  );
}
