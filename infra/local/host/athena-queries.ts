/**
 * Runs the queries of the local Athena, one after the other, each in the name of who started it.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Access } from "./access.ts";
import {
  type AthenaEngine,
  createAthenaEngine,
  type QueryResult,
  type TableFiles,
} from "./athena-engine.ts";
import { type CallerObjects, copyObjects, type StoredObject } from "./athena-objects.ts";
import { formatRow } from "./athena-results.ts";
import { injectedValues, prepareSql, QueryRefusedError, tablesOf } from "./athena-sql.ts";
import { missingCatalogGrant, objectPattern, prefixesOf } from "./athena-tables.ts";
import type { CatalogTablePlan, WorkgroupPlan } from "./plan.ts";

/** Executions that are remembered. */
const EXECUTIONS_MAX = 500;

export interface Query {
  readonly id: string;
  readonly sql: string;
  readonly parameters: readonly string[];
  readonly database: string | undefined;
  readonly workgroup: WorkgroupPlan;
  /** Epoch ms. */
  readonly submittedAt: number;
  /** S3 as who started it may use it. */
  readonly objects: CallerObjects;
  /** The operator's when undefined, who may do everything. */
  readonly roleArn: string | undefined;
}

export interface Execution extends Query {
  state: "QUEUED" | "RUNNING" | "SUCCEEDED" | "FAILED" | "CANCELLED";
  reason: string | undefined;
  completedAt: number | undefined;
  bytesScanned: number;
  columns: QueryResult["columns"];
}

/** The query was stopped by a bound of its workgroup. */
class QueryCancelledError extends Error {}

interface FoundObject {
  readonly table: CatalogTablePlan;
  /** Partition to its value. */
  readonly values: Readonly<Record<string, string>>;
  readonly object: StoredObject;
}

export function resultKey({ workgroup, id }: Query): string {
  return `${workgroup.results.prefix}${id}.csv`;
}

export interface AthenaQueriesOptions {
  readonly tables: readonly CatalogTablePlan[];
  readonly access: Access;
  readonly region: string;
  /** Absolute; what is in it is only a copy, and is removed at the start. */
  readonly folder: string;
  readonly now: () => number;
}

export class AthenaQueries {
  readonly #options: AthenaQueriesOptions;
  readonly #engine: AthenaEngine;
  readonly #executions = new Map<string, Execution>();
  #turn: Promise<void> = Promise.resolve();

  constructor(options: AthenaQueriesOptions) {
    this.#options = options;
    rmSync(options.folder, { recursive: true, force: true });
    this.#engine = createAthenaEngine(options.folder);
  }

  get(id: string): Execution | undefined {
    return this.#executions.get(id);
  }

  /** Puts the query last in the queue. */
  start(query: Query): void {
    const execution: Execution = {
      ...query,
      state: "QUEUED",
      reason: undefined,
      completedAt: undefined,
      bytesScanned: 0,
      columns: [],
    };
    this.#executions.set(query.id, execution);
    const [oldest] = this.#executions.keys();
    if (this.#executions.size > EXECUTIONS_MAX && oldest !== undefined) {
      this.#executions.delete(oldest);
    }
    this.#turn = this.#turn.then(() => this.#complete(execution));
  }

  close(): void {
    this.#engine.close();
  }

  /** Never rejects: what goes wrong is the state of the query. */
  async #complete(execution: Execution): Promise<void> {
    execution.state = "RUNNING";
    try {
      await this.#execute(execution);
      execution.state = "SUCCEEDED";
    } catch (error) {
      execution.state = error instanceof QueryCancelledError ? "CANCELLED" : "FAILED";
      execution.reason = error instanceof Error ? error.message : String(error);
    }
    execution.completedAt = this.#options.now();
  }

  async #execute(execution: Execution): Promise<void> {
    const { access, region, tables } = this.#options;
    const { objects, workgroup } = execution;
    const sql = prepareSql(execution.sql, execution.parameters);
    const named = tablesOf(sql, tables);
    for (const table of named) {
      const missing = missingCatalogGrant(access, region, execution.roleArn, table);
      if (missing !== undefined) {
        throw new QueryRefusedError(`Insufficient permissions to execute the query. ${missing}`);
      }
    }
    const found = await this.#find(execution, sql, named);
    const files = await this.#fetch(execution, named, found);
    const { columns, rows } = await this.#engine.run(sql, execution.database, files);
    execution.columns = columns;
    const lines = [formatRow(columns.map(({ name }) => name))];
    for await (const row of rows) lines.push(formatRow(row));
    const content = Buffer.from(lines.join(""));
    await objects.write(workgroup.results.bucket, resultKey(execution), content, "text/csv");
  }

  async #find(
    { objects }: Execution,
    sql: string,
    named: readonly CatalogTablePlan[],
  ): Promise<readonly FoundObject[]> {
    const found: FoundObject[] = [];
    for (const table of named) {
      const injected = new Map(
        table.partitions
          .filter(({ values }) => values === undefined)
          .map(({ name }) => [name, injectedValues(sql, table, name)] as const),
      );
      const valuesIn = objectPattern(table, injected);
      for (const prefix of prefixesOf(table, injected)) {
        for (const object of await objects.list(table.bucket, prefix)) {
          const values = valuesIn(object.key);
          if (values !== undefined) found.push({ table, values, object });
        }
      }
    }
    return found;
  }

  /**
   * Copies what was found. Whole objects count as scanned: more than Athena reads, which looks at the
   * partitions and columns that are asked for.
   */
  async #fetch(
    execution: Execution,
    named: readonly CatalogTablePlan[],
    found: readonly FoundObject[],
  ): Promise<readonly TableFiles[]> {
    const bytesMax = execution.workgroup.bytesScannedMax;
    execution.bytesScanned = found.reduce((sofar, { object }) => sofar + object.bytes, 0);
    if (bytesMax !== undefined && execution.bytesScanned > bytesMax) {
      throw new QueryCancelledError("Bytes scanned limit was exceeded");
    }
    const folder = join(this.#options.folder, "objects");
    const wanted = found.map(({ object }) => object);
    const copies = await copyObjects(folder, execution.objects, wanted);
    return named.map((table) => ({
      table,
      files: found.flatMap(({ values, ...one }, index) => {
        const copy = copies[index];
        return one.table === table && copy !== undefined ? [{ ...copy, values }] : [];
      }),
    }));
  }
}
