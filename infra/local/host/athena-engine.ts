/**
 * Runs a query by DuckDB over local copies of the objects that a Glue table has in S3.
 *
 * DuckDB is loaded at the first query, with bounds on its memory and threads, and sees no file but
 * those copies. It is set to what Trino does where the two differ and a setting exists: whole numbers
 * divide to whole numbers, and nulls come last. A division by zero is null here and an error there.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from "@duckdb/node-api";
import type { LocalCopy } from "./athena-objects.ts";
import type { ResultRow } from "./athena-results.ts";
import { QueryRefusedError } from "./athena-sql.ts";
import type { CatalogColumn, CatalogTablePlan } from "./plan.ts";

const MEMORY_MAX = "512MB";
const THREADS_MAX = "2";

/** Glue's column type to DuckDB's. */
const DUCKDB_TYPES: Readonly<Record<CatalogColumn["type"], string>> = {
  string: "VARCHAR",
  bigint: "BIGINT",
};

/** DuckDB's type of a result to Athena's. Floating point is left out: the two print it differently. */
const RESULT_TYPES: readonly (readonly [pattern: RegExp, athena: string])[] = [
  [/^VARCHAR$/, "varchar"],
  [/^BIGINT$/, "bigint"],
  // What DuckDB makes of a sum; Trino stays with bigint.
  [/^HUGEINT$/, "bigint"],
  [/^INTEGER$/, "integer"],
  [/^BOOLEAN$/, "boolean"],
  [/^DATE$/, "date"],
  [/^DECIMAL\(\d+,\d+\)$/, "decimal"],
];

interface PartitionFile extends LocalCopy {
  /** Partition to its value. */
  readonly values: Readonly<Record<string, string>>;
}

export interface TableFiles {
  readonly table: CatalogTablePlan;
  readonly files: readonly PartitionFile[];
}

export interface QueryResult {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly rows: AsyncIterable<ResultRow>;
}

export interface AthenaEngine {
  /**
   * Throws what DuckDB says of the query, or {@link QueryRefusedError}. One query at a time, and its
   * rows are read to the end before the next.
   */
  run(
    sql: string,
    database: string | undefined,
    tables: readonly TableFiles[],
  ): Promise<QueryResult>;
  close(): void;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Makes an engine that may read the files of this folder. */
export function createAthenaEngine(folder: string): AthenaEngine {
  let opening: Promise<DuckDBInstance> | undefined;
  /** Path of a file to its columns, with DuckDB's types. */
  const schemas = new Map<string, ReadonlyMap<string, string>>();

  async function connect(): Promise<DuckDBConnection> {
    opening ??= open(folder);
    return (await opening).connect();
  }

  async function readSchema(connection: DuckDBConnection, path: string) {
    const known = schemas.get(path);
    if (known !== undefined) return known;
    const answer = await connection.runAndReadAll(
      `SELECT name, duckdb_type FROM parquet_schema(${literal(path)}) WHERE num_children IS NULL`,
    );
    const schema = new Map(answer.getRows().map(([name, type]) => [String(name), String(type)]));
    schemas.set(path, schema);
    return schema;
  }

  /** As Athena maps columns: by name, absent is null, another type fails the query. */
  async function selectFile(
    connection: DuckDBConnection,
    table: CatalogTablePlan,
    file: PartitionFile,
  ): Promise<string> {
    const schema = await readSchema(connection, file.path);
    const columns = table.columns.map(({ name, type }) => {
      const wanted = DUCKDB_TYPES[type];
      const found = schema.get(name);
      if (found !== undefined && found !== wanted) {
        throw new QueryRefusedError(
          `HIVE_BAD_DATA: Field ${name}'s type ${found} in parquet file s3://${file.bucket}/${file.key} is incompatible with type ${type} defined in table schema`,
        );
      }
      return found === undefined ? `NULL::${wanted} AS ${quoted(name)}` : quoted(name);
    });
    const constants = table.partitions.map(
      ({ name }) => `${literal(file.values[name] ?? "")} AS ${quoted(name)}`,
    );
    return `SELECT ${[...columns, ...constants].join(", ")} FROM read_parquet(${literal(file.path)})`;
  }

  async function makeView(connection: DuckDBConnection, { table, files }: TableFiles) {
    const typed = [
      ...table.columns.map(({ name, type }) => `NULL::${DUCKDB_TYPES[type]} AS ${quoted(name)}`),
      ...table.partitions.map(({ name }) => `NULL::VARCHAR AS ${quoted(name)}`),
    ];
    const parts = [`SELECT ${typed.join(", ")} WHERE false`];
    for (const file of files) parts.push(await selectFile(connection, table, file));
    const database = quoted(table.database);
    await connection.run(`CREATE SCHEMA IF NOT EXISTS ${database}`);
    const name = `${database}.${quoted(table.name)}`;
    await connection.run(`CREATE OR REPLACE VIEW ${name} AS ${parts.join("\nUNION ALL\n")}`);
  }

  return {
    async run(sql, database, tables) {
      const connection = await connect();
      try {
        for (const one of tables) await makeView(connection, one);
        if (database !== undefined) {
          await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(database)}`);
          await connection.run(`SET schema = ${literal(database)}`);
        }
        const result = await connection.stream(sql);
        return { columns: columnsOf(result), rows: readRows(connection, result) };
      } catch (error) {
        connection.closeSync();
        throw error;
      }
    },
    close() {
      // Where it was never opened there is nothing to close.
      opening?.then((instance) => instance.closeSync()).catch(() => undefined);
    },
  };
}

async function open(folder: string): Promise<DuckDBInstance> {
  const { DuckDBInstance } = await import("@duckdb/node-api");
  const spill = join(folder, "spill");
  await mkdir(spill, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", {
    threads: THREADS_MAX,
    memory_limit: MEMORY_MAX,
    temp_directory: spill,
    integer_division: "true",
    default_null_order: "NULLS_LAST",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_directories = [${literal(`${folder}/`)}]`);
  await connection.run("SET enable_external_access = false");
  connection.closeSync();
  return instance;
}

function columnsOf(result: DuckDBResult): QueryResult["columns"] {
  const types = result.columnTypes().map(String);
  return result.columnNames().map((name, index) => {
    const type = types[index] ?? "";
    const known = RESULT_TYPES.find(([pattern]) => pattern.test(type));
    if (known === undefined) {
      throw new QueryRefusedError(`The local Athena answers no ${type}, as ${name} is`);
    }
    return { name, type: known[1] };
  });
}

async function* readRows(
  connection: DuckDBConnection,
  result: DuckDBResult,
): AsyncGenerator<ResultRow> {
  try {
    for (;;) {
      const chunk = await result.fetchChunk();
      if (chunk === null || chunk.rowCount === 0) return;
      for (const row of chunk.getRows()) yield row.map(textOfValue);
    }
  } finally {
    connection.closeSync();
  }
}

const BIGINT_MAX = 2n ** 63n - 1n;

function textOfValue(value: unknown): string | null {
  if (value === null) return null;
  if (typeof value === "bigint" && (value > BIGINT_MAX || value < -BIGINT_MAX - 1n)) {
    throw new QueryRefusedError(`NUMERIC_VALUE_OUT_OF_RANGE: bigint addition overflow: ${value}`);
  }
  return String(value);
}
