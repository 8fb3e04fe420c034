/** DuckDB reads Parquet with code of its own: a second opinion on what was written. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeParquetFile, type ParquetColumn } from "#shared/aws/parquet-file.ts";

const MINOR_MAX = 2n ** 63n - 1n;

let folder: string;
let instance: DuckDBInstance;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tieout-parquet-"));
  instance = await DuckDBInstance.create(":memory:");
});

afterAll(() => {
  instance.closeSync();
  rmSync(folder, { recursive: true });
});

let files = 0;

/** Column by column, in the order of the rows. Each in a file of its own: DuckDB caches by name and time. */
async function readBack(bytes: Uint8Array): Promise<Record<string, unknown[]>> {
  files += 1;
  const path = join(folder, `${files}.parquet`);
  writeFileSync(path, bytes);
  const connection = await instance.connect();
  const reader = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
  const columns = reader.getColumnsObject();
  connection.closeSync();
  return columns;
}

function columnsOf(rows: readonly Row[]): ParquetColumn[] {
  return [
    { name: "id", type: "string", isNullable: false, values: rows.map((row) => row.id) },
    { name: "minor", type: "bigint", isNullable: true, values: rows.map((row) => row.minor) },
    { name: "note", type: "string", isNullable: true, values: rows.map((row) => row.note) },
    { name: "at_ms", type: "bigint", isNullable: false, values: rows.map((row) => row.atMs) },
  ];
}

interface Row {
  readonly id: string;
  readonly minor: bigint | null;
  readonly note: string | null;
  readonly atMs: bigint;
}

const minor = fc.bigInt({ min: -MINOR_MAX - 1n, max: MINOR_MAX });
const row: fc.Arbitrary<Row> = fc.record({
  id: fc.string({ unit: "binary" }),
  minor: fc.option(minor),
  note: fc.option(fc.string({ unit: "binary" })),
  atMs: minor,
});

describe("encodeParquetFile", () => {
  it("gives what every reader reads back: text, exact numbers, nulls", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 40 }), async (rows) => {
        const columns = columnsOf(rows);

        const read = await readBack(encodeParquetFile(columns, rows.length));

        expect(read).toEqual(Object.fromEntries(columns.map(({ name, values }) => [name, values])));
      }),
      { numRuns: 60 },
    );
  });

  it("holds thousands of rows, and more columns than a short list does", async () => {
    const values = Array.from({ length: 20_000 }, (_, index) =>
      index % 3 === 0 ? null : `v${index}`,
    );
    const columns = Array.from({ length: 21 }, (_, index) => ({
      name: `c${index}`,
      type: "string" as const,
      isNullable: true,
      values,
    }));

    const read = await readBack(encodeParquetFile(columns, values.length));

    expect(Object.keys(read)).toEqual(columns.map(({ name }) => name));
    expect(read["c20"]).toEqual(values);
  });

  it("gives the same bytes for the same rows", () => {
    const rows = [{ id: "a", minor: null, note: "", atMs: 1n }];

    expect(encodeParquetFile(columnsOf(rows), 1)).toEqual(encodeParquetFile(columnsOf(rows), 1));
  });
});
