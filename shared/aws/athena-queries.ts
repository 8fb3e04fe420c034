/**
 * Queries through Athena: start, wait, and read the pages of the result.
 *
 * Throws SyncError `retryable` (`queries-busy`, `queries-unavailable`, `query-took-too-long`, `query-failed`
 * where Athena says that it may go better again) or `bug` (`queries-request-invalid`, `query-failed`,
 * `query-answer-incomplete`).
 */
import {
  type AthenaClient,
  GetQueryExecutionCommand,
  GetQueryResultsCommand,
  type GetQueryResultsCommandOutput,
  StartQueryExecutionCommand,
} from "@aws-sdk/client-athena";
import { limits } from "#shared/config/limits.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { Clock } from "#shared/ports/log.ts";
import type { QueryEngine, QueryRow } from "#shared/ports/snapshots.ts";
import { asSyncError } from "./aws-errors.ts";

export interface QueryEngineOptions {
  readonly client: AthenaClient;
  readonly database: string;
  readonly workgroup: string;
  readonly clock: Clock;
  readonly wait?: (ms: number) => Promise<void>;
}

/** GetQueryResults' own bound (API reference, read 2026-11). */
const PAGE_ROWS_MAX = 1_000;

export function createQueryEngine(options: QueryEngineOptions): QueryEngine {
  return {
    async *run(sql, signal) {
      const queryId = await start(options, sql, signal);
      await waitFor(options, queryId, signal);
      yield* pagesOf(options, queryId, signal);
    },
  };
}

async function start(
  { client, database, workgroup }: QueryEngineOptions,
  sql: string,
  signal: AbortSignal,
): Promise<string> {
  const command = new StartQueryExecutionCommand({
    QueryString: sql,
    QueryExecutionContext: { Database: database },
    WorkGroup: workgroup,
  });
  const answer = await client.send(command, { abortSignal: signal }).catch(fail);
  assert(answer.QueryExecutionId !== undefined, "query-answer-incomplete");
  return answer.QueryExecutionId;
}

/** Athena tells nobody when a query has ended: it is asked, less and less often. */
async function waitFor(
  { client, clock, wait = sleep }: QueryEngineOptions,
  queryId: string,
  signal: AbortSignal,
): Promise<void> {
  const untilMs = clock() + limits.queryMs;
  for (let pauseMs: number = limits.queryPollMs; ; pauseMs = longer(pauseMs)) {
    const command = new GetQueryExecutionCommand({ QueryExecutionId: queryId });
    const { QueryExecution } = await client.send(command, { abortSignal: signal }).catch(fail);
    const status = QueryExecution?.Status;
    switch (status?.State) {
      case "SUCCEEDED":
        return;
      case "FAILED":
      case "CANCELLED": {
        const isRetryable = status.AthenaError?.Retryable ?? status.State === "CANCELLED";
        const field = String(status.AthenaError?.ErrorType ?? status.State);
        throw new SyncError({
          kind: isRetryable ? "retryable" : "bug",
          code: "query-failed",
          field,
        });
      }
      case "QUEUED":
      case "RUNNING":
        if (clock() >= untilMs) {
          throw new SyncError({ kind: "retryable", code: "query-took-too-long" });
        }
        await wait(pauseMs);
        break;
      default:
        throw new SyncError({ kind: "bug", code: "query-answer-incomplete" });
    }
  }
}

async function* pagesOf(
  { client }: QueryEngineOptions,
  queryId: string,
  signal: AbortSignal,
): AsyncGenerator<readonly QueryRow[]> {
  let token: string | undefined;
  let isFirst = true;
  do {
    const command = new GetQueryResultsCommand({
      QueryExecutionId: queryId,
      MaxResults: PAGE_ROWS_MAX,
      NextToken: token,
    });
    const answer = await client.send(command, { abortSignal: signal }).catch(fail);
    const rows = rowsOf(answer);
    // The first row of the first page are the names of the columns.
    yield isFirst ? rows.slice(1) : rows;
    isFirst = false;
    token = answer.NextToken;
  } while (token !== undefined);
}

function rowsOf({ ResultSet }: GetQueryResultsCommandOutput): QueryRow[] {
  const columns = ResultSet?.ResultSetMetadata?.ColumnInfo;
  assert(columns !== undefined, "query-answer-incomplete");
  return (ResultSet?.Rows ?? []).map(({ Data = [] }) => {
    assert(Data.length === columns.length, "query-answer-incomplete");
    return Object.fromEntries(
      columns.map(({ Name = "" }, index) => [Name, Data[index]?.VarCharValue ?? null]),
    );
  });
}

function longer(pauseMs: number): number {
  return Math.min(pauseMs * 2, limits.queryPollMsMax);
}

async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

function fail(error: unknown): never {
  throw asSyncError("queries", error);
}
