/**
 * Athena, as far as functions use it: a query is started, asked after, and its result read in pages.
 *
 * The tables are those of the template, the objects are in S3, the result is written where the
 * workgroup says, and all of it is done in the caller's name: what its role may not do in Glue or S3
 * fails the query. Left out: the binary metadata file beside a result, reuse of results, and
 * executions of a former run of the host.
 */
import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCallerObjects } from "./athena-objects.ts";
import {
  AthenaQueries,
  type AthenaQueriesOptions,
  type Execution,
  resultKey,
} from "./athena-queries.ts";
import { parseRows, type ResultRow } from "./athena-results.ts";
import { isFields } from "./aws-client.ts";
import type { AwsCall } from "./gateway-actions.ts";
import { type Answer, errorAnswer } from "./gateway-errors.ts";
import type { WorkgroupPlan } from "./plan.ts";

/** Rows of a page at the most, and by default. */
const PAGE_ROWS_MAX = 1_000;

/** Who asks; the operator has no role and may do everything. */
interface AthenaCaller {
  readonly accessKeyId: string;
  readonly roleArn: string | undefined;
}

export interface Athena {
  /** The ARN of the workgroup that a call is about; undefined where none is known. */
  workgroupArnOf(fields: AwsCall["fields"]): string | undefined;
  answer(call: AwsCall, caller: AthenaCaller): Promise<Answer>;
  close(): void;
}

export interface AthenaOptions extends Omit<AthenaQueriesOptions, "folder"> {
  readonly workgroups: readonly WorkgroupPlan[];
  readonly gatewayUrl: string;
  /** Absolute; a temporary folder when left out. */
  readonly folder: string | undefined;
}

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" ? value : undefined;

function json(fields: unknown): Answer {
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status: 200, headers, body: JSON.stringify(fields) };
}

function refuse(message: string): Answer {
  return errorAnswer("athena", 400, "InvalidRequestException", message);
}

export function createAthena(options: AthenaOptions): Athena {
  const { workgroups } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), "tieout-athena-"));
  const queries = new AthenaQueries({ ...options, folder });
  const readPage = createPageReader();
  const workgroupNamed = (name: unknown) => workgroups.find((one) => one.name === name);

  function start({ fields }: AwsCall, caller: AthenaCaller): Answer {
    const workgroup = workgroupNamed(fields["WorkGroup"]);
    if (workgroup === undefined) return refuse("WorkGroup is not found.");
    const token = textOf(fields["ClientRequestToken"]);
    const id = token === undefined ? randomUUID() : idOf(token);
    // The same token is the same query, asked for again after an answer was lost.
    if (queries.get(id) !== undefined) return json({ QueryExecutionId: id });
    const { bucket } = workgroup.results;
    if (!mayFindBucket(caller, bucket)) {
      return refuse(`Unable to verify/create output bucket ${bucket}`);
    }
    const context = fields["QueryExecutionContext"];
    const parameters = fields["ExecutionParameters"];
    queries.start({
      id,
      sql: textOf(fields["QueryString"]) ?? "",
      parameters: Array.isArray(parameters) ? parameters.map(String) : [],
      database: isFields(context) ? textOf(context["Database"]) : undefined,
      workgroup,
      submittedAt: options.now(),
      objects: createCallerObjects({ ...options, accessKeyId: caller.accessKeyId }),
      roleArn: caller.roleArn,
    });
    return json({ QueryExecutionId: id });
  }

  /** Nobody but Athena asks S3 where a bucket is, so the gateway has no such call. */
  function mayFindBucket({ roleArn }: AthenaCaller, bucket: string): boolean {
    if (roleArn === undefined) return true;
    const caller = { kind: "role" as const, id: roleArn };
    const resource = `arn:aws:s3:::${bucket}`;
    return options.access.check(caller, "s3:GetBucketLocation", resource) === "allowed";
  }

  return {
    workgroupArnOf(fields) {
      const id = textOf(fields["QueryExecutionId"]);
      if (id === undefined) return workgroupNamed(fields["WorkGroup"])?.arn;
      return queries.get(id)?.workgroup.arn;
    },
    async answer(call, caller) {
      if (call.action === "StartQueryExecution") return start(call, caller);
      const id = textOf(call.fields["QueryExecutionId"]) ?? "";
      const execution = queries.get(id);
      if (execution === undefined) return refuse(`QueryExecution ${id} was not found`);
      if (call.action === "GetQueryResults") return readPage(execution, call.fields);
      return json({ QueryExecution: viewExecution(execution) });
    },
    close() {
      queries.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reads pages from S3, as Athena does; the rows of the last result that was read are kept. */
function createPageReader() {
  let last: { readonly id: string; readonly rows: readonly ResultRow[] } | undefined;
  return async (execution: Execution, fields: AwsCall["fields"]): Promise<Answer> => {
    if (execution.state !== "SUCCEEDED") {
      return refuse(`Query did not finish successfully. Final query state: ${execution.state}`);
    }
    if (last?.id !== execution.id) {
      const { bucket } = execution.workgroup.results;
      const content = await execution.objects.read(bucket, resultKey(execution));
      last = { id: execution.id, rows: [...parseRows(content.toString("utf8"))] };
    }
    const from = Number(textOf(fields["NextToken"]) ?? "0");
    const to = from + Math.min(Number(fields["MaxResults"] ?? PAGE_ROWS_MAX), PAGE_ROWS_MAX);
    const datum = (value: string | null) => (value === null ? {} : { VarCharValue: value });
    return json({
      ResultSet: {
        Rows: last.rows.slice(from, to).map((row) => ({ Data: row.map(datum) })),
        ResultSetMetadata: {
          ColumnInfo: execution.columns.map(({ name, type }) => ({ Name: name, Type: type })),
        },
      },
      ...(to < last.rows.length ? { NextToken: String(to) } : {}),
    });
  };
}

/** As long as an id, so that a token may be any text. */
function idOf(token: string): string {
  return createHash("sha256").update(token).digest("hex").slice(0, 36);
}

function viewExecution(execution: Execution) {
  const { id, sql, workgroup, state, reason, submittedAt, completedAt, bytesScanned } = execution;
  return {
    QueryExecutionId: id,
    Query: sql,
    StatementType: "DML",
    ResultConfiguration: {
      OutputLocation: `s3://${workgroup.results.bucket}/${resultKey(execution)}`,
    },
    Status: {
      State: state,
      SubmissionDateTime: submittedAt / 1_000,
      ...(reason === undefined ? {} : { StateChangeReason: reason }),
      ...(completedAt === undefined ? {} : { CompletionDateTime: completedAt / 1_000 }),
    },
    Statistics: { DataScannedInBytes: bytesScanned },
    WorkGroup: workgroup.name,
  };
}
