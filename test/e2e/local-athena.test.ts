/** The local Athena by AWS's own client, called from a function whose role is all it may use. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { S3 } from "@aws-sdk/client-s3";
import { build } from "esbuild";
import { parquetWriteBuffer } from "hyparquet-writer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalHost, startHost } from "#infra/local/host/index.ts";
import { parseTemplate } from "#infra/local/host/template.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

/** Starts a query, waits for it, and reads its result in pages of `pageSize`. */
const ASK = `
import { Athena } from "@aws-sdk/client-athena";
const athena = new Athena();
export async function handler({ sql, parameters, pageSize = 1000, token, action }) {
  try {
    if (action !== undefined) return await athena[action]({ WorkGroup: "tie" });
    const { QueryExecutionId } = await athena.startQueryExecution({ QueryString: sql, WorkGroup: "tie",
      ClientRequestToken: token, QueryExecutionContext: { Database: "shop" }, ExecutionParameters: parameters });
    let execution;
    do {
      await new Promise((resolve) => setTimeout(resolve, 20));
      execution = (await athena.getQueryExecution({ QueryExecutionId })).QueryExecution;
    } while (execution.Status.State === "QUEUED" || execution.Status.State === "RUNNING");
    const answer = { id: QueryExecutionId, state: execution.Status.State, reason: execution.Status.StateChangeReason,
      scanned: execution.Statistics.DataScannedInBytes, output: execution.ResultConfiguration.OutputLocation };
    if (answer.state !== "SUCCEEDED") return answer;
    const rows = [];
    let columns, pages = 0, NextToken;
    do {
      const page = await athena.getQueryResults({ QueryExecutionId, NextToken, MaxResults: pageSize });
      columns = page.ResultSet.ResultSetMetadata.ColumnInfo.map((one) => one.Name + " " + one.Type);
      rows.push(...page.ResultSet.Rows.map((row) => row.Data.map((one) => one.VarCharValue ?? null)));
      NextToken = page.NextToken;
      pages += 1;
    } while (NextToken !== undefined);
    return { ...answer, columns, rows, pages };
  } catch (error) {
    return { error: error.name, message: error.message };
  }
}`;

interface Grant {
  readonly actions: readonly string[];
  readonly resource: unknown;
}

const bucketArn = { "Fn::GetAtt": ["Files", "Arn"] };
const below = (prefix: string) => ({ "Fn::Join": ["", [bucketArn, `/${prefix}*`]] });
const glueArn = (path: string) => ({
  "Fn::Sub": `arn:\${AWS::Partition}:glue:\${AWS::Region}:\${AWS::AccountId}:${path}`,
});

/** All that a query needs, in the shape of the product's own role. */
const grants: Readonly<Record<string, Grant>> = {
  query: {
    actions: ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"].map(
      (one) => `athena:${one}`,
    ),
    resource: {
      "Fn::Sub": `arn:\${AWS::Partition}:athena:\${AWS::Region}:\${AWS::AccountId}:workgroup/tie`,
    },
  },
  database: {
    actions: ["glue:GetDatabase"],
    resource: ["catalog", "database/default", "database/shop"].map(glueArn),
  },
  table: {
    actions: ["glue:GetTable"],
    resource: ["catalog", "database/shop", "table/shop/sales"].map(glueArn),
  },
  bucket: { actions: ["s3:GetBucketLocation"], resource: bucketArn },
  list: { actions: ["s3:ListBucket"], resource: bucketArn },
  read: { actions: ["s3:GetObject"], resource: below("sales/") },
  results: { actions: ["s3:GetObject", "s3:PutObject"], resource: below("results/") },
};

/** A function with a role of its own that has all grants but one. */
function functionWithout(missing: string | undefined) {
  const id = nameWithout(missing);
  const statements = Object.entries(grants)
    .filter(([name]) => name !== missing)
    .map(([, { actions, resource }]) => ({ Effect: "Allow", Action: actions, Resource: resource }));
  const trust = {
    Effect: "Allow",
    Principal: { Service: "lambda.amazonaws.com" },
    Action: "sts:AssumeRole",
  };
  return {
    [`${id}Role`]: {
      Type: "AWS::IAM::Role",
      Properties: { AssumeRolePolicyDocument: { Statement: [trust] } },
    },
    [`${id}Policy`]: {
      Type: "AWS::IAM::Policy",
      Properties: {
        PolicyName: id,
        PolicyDocument: { Statement: statements },
        Roles: [{ Ref: `${id}Role` }],
      },
    },
    [id]: {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { S3Bucket: "assets", S3Key: "ask.zip" },
        Handler: "index.handler",
        Runtime: "nodejs24.x",
        Role: { "Fn::GetAtt": [`${id}Role`, "Arn"] },
        Timeout: 60,
        MemorySize: 512,
      },
    },
  };
}

const nameWithout = (missing: string | undefined) =>
  missing === undefined ? "Ask" : `AskWithout${missing}`;

function makeTemplate() {
  const place = (key: string) => ({ "Fn::Join": ["", ["s3://", { Ref: "Files" }, key]] });
  const parquet = "org.apache.hadoop.hive.ql.io.parquet";
  return parseTemplate({
    Resources: {
      Files: { Type: "AWS::S3::Bucket" },
      Shop: {
        Type: "AWS::Glue::Database",
        Properties: { CatalogId: { Ref: "AWS::AccountId" }, DatabaseInput: { Name: "shop" } },
      },
      Sales: {
        Type: "AWS::Glue::Table",
        Properties: {
          CatalogId: { Ref: "AWS::AccountId" },
          DatabaseName: { Ref: "Shop" },
          TableInput: {
            Name: "sales",
            TableType: "EXTERNAL_TABLE",
            Parameters: {
              "projection.enabled": "true",
              "projection.day.type": "injected",
              "projection.side.type": "enum",
              "projection.side.values": "crm,books",
              "storage.location.template": place(`/sales/day=\${day}/side=\${side}/`),
            },
            PartitionKeys: [
              { Name: "day", Type: "string" },
              { Name: "side", Type: "string" },
            ],
            StorageDescriptor: {
              Location: place("/sales/"),
              Columns: [
                { Name: "id", Type: "string" },
                { Name: "minor", Type: "bigint" },
                { Name: "note", Type: "string" },
              ],
              InputFormat: `${parquet}.MapredParquetInputFormat`,
              OutputFormat: `${parquet}.MapredParquetOutputFormat`,
              SerdeInfo: { SerializationLibrary: `${parquet}.serde.ParquetHiveSerDe` },
            },
          },
        },
      },
      Tie: {
        Type: "AWS::Athena::WorkGroup",
        Properties: {
          Name: "tie",
          WorkGroupConfiguration: {
            EnforceWorkGroupConfiguration: true,
            BytesScannedCutoffPerQuery: 10_000_000,
            ResultConfiguration: { OutputLocation: place("/results/") },
          },
        },
      },
      ...functionWithout(undefined),
      ...Object.assign({}, ...Object.keys(grants).map(functionWithout)),
    },
  });
}

async function bundleAsk(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "local-athena-"));
  await build({
    stdin: { contents: ASK, resolveDir: projectFolder, loader: "js" },
    outfile: join(folder, "index.js"),
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  return folder;
}

type Answer = Readonly<Record<string, unknown>>;

interface Options {
  /** The grant that the asking function lacks. */
  readonly missing?: string;
  readonly parameters?: readonly string[];
  readonly pageSize?: number;
  readonly token?: string;
  readonly action?: string;
}

class Started {
  readonly host: LocalHost;
  readonly #s3: S3;

  constructor(host: LocalHost) {
    this.host = host;
    const { region, endpoint, accessKeyId, secretAccessKey } = host.aws;
    this.#s3 = new S3({ region, endpoint, credentials: { accessKeyId, secretAccessKey } });
  }

  async put(key: string, body: Uint8Array): Promise<void> {
    await this.#s3.putObject({ Bucket: this.host.buckets["Files"], Key: key, Body: body });
  }

  async ask(sql: string, { missing, ...more }: Options = {}): Promise<Answer> {
    const answer = await this.host.invoke(nameWithout(missing), { sql, ...more });
    if (typeof answer !== "object" || answer === null) throw new Error("No answer");
    return { ...answer };
  }

  async read(uri: unknown): Promise<string> {
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.*)$/.exec(String(uri)) ?? [];
    const object = await this.#s3.getObject({ Bucket, Key });
    return (await object.Body?.transformToString()) ?? "";
  }
}

async function start(): Promise<Started> {
  const host = await startHost({
    template: makeTemplate(),
    assets: new Map([["ask.zip", await bundleAsk()]]),
    secrets: new Map(),
    onLog: () => undefined,
  });
  return new Started(host);
}

function parquet(rows: readonly { id: string; minor: bigint | null; note: string | null }[]) {
  const buffer = parquetWriteBuffer({
    columnData: [
      { name: "id", type: "STRING", data: rows.map((row) => row.id), nullable: false },
      { name: "minor", type: "INT64", data: rows.map((row) => row.minor) },
      { name: "note", type: "STRING", data: rows.map((row) => row.note) },
    ],
  });
  return new Uint8Array(buffer);
}

const TODAY = "day = '2026-11-27'";

let stack: Started;

beforeAll(async () => {
  stack = await start();
  const crm = parquet([
    { id: "a", minor: 9_007_199_254_740_993n, note: 'he said "hi"' },
    { id: "b", minor: null, note: null },
    { id: "c", minor: 5n, note: "" },
  ]);
  await stack.put("sales/day=2026-11-27/side=crm/part-0.parquet", crm);
  const books = parquet([{ id: "a", minor: 7n, note: null }]);
  await stack.put("sales/day=2026-11-27/side=books/part-0.parquet", books);
  await stack.put("sales/day=2026-11-26/side=books/part-0.parquet", books);
  await stack.put("sales/day=2026-11-27/side=bank/part-0.parquet", books);
});

afterAll(async () => {
  await stack.host.close();
});

describe("a query over Parquet files in S3", () => {
  it("answers exact numbers, and tells null from an empty text", async () => {
    const answer = await stack.ask(
      `SELECT id, minor, note FROM sales WHERE ${TODAY} AND side = 'crm' ORDER BY id`,
    );

    expect(answer).toMatchObject({
      state: "SUCCEEDED",
      columns: ["id varchar", "minor bigint", "note varchar"],
      rows: [
        ["id", "minor", "note"],
        ["a", "9007199254740993", 'he said "hi"'],
        ["b", null, null],
        ["c", "5", ""],
      ],
    });
    expect(await stack.read(answer["output"])).toBe(
      '"id","minor","note"\n"a","9007199254740993","he said ""hi"""\n"b",,\n"c","5",""\n',
    );
  });

  it("reads the partitions that the projection knows, as columns", async () => {
    const sql = `SELECT side, day, count(*) AS many, sum(minor) / 2 AS half FROM "shop"."sales" WHERE ${TODAY} GROUP BY side, day ORDER BY side`;

    expect(await stack.ask(sql)).toMatchObject({
      columns: ["side varchar", "day varchar", "many bigint", "half bigint"],
      rows: [
        ["side", "day", "many", "half"],
        ["books", "2026-11-27", "1", "3"],
        ["crm", "2026-11-27", "3", "4503599627370499"],
      ],
    });
  });

  it("takes parameters, and answers in pages", async () => {
    const answer = await stack.ask("SELECT id FROM sales WHERE day = ? AND minor > ? ORDER BY id", {
      parameters: ["'2026-11-27'", "6"],
      pageSize: 2,
    });

    expect(answer).toMatchObject({ rows: [["id"], ["a"], ["a"]], pages: 2 });
  });

  it("sees a file that was put in the place of another", async () => {
    const key = "sales/day=2026-01-01/side=crm/part-0.parquet";
    const sql = "SELECT sum(minor) AS total FROM sales WHERE day = '2026-01-01'";
    await stack.put(key, parquet([{ id: "a", minor: 1n, note: null }]));
    const before = await stack.ask(sql);
    await stack.put(key, parquet([{ id: "a", minor: 2n, note: null }]));
    const after = await stack.ask(sql);

    expect([before["rows"], after["rows"]]).toEqual([
      [["total"], ["1"]],
      [["total"], ["2"]],
    ]);
  });

  it("is one query for one token, so that a lost answer costs nothing", async () => {
    const token = "run-1-query-1-and-some-more-to-be-long-enough";
    const [one, two] = [
      await stack.ask("SELECT 1 AS n", { token }),
      await stack.ask("SELECT 1 AS n", { token }),
    ];

    expect(one["id"]).toBe(two["id"]);
  });

  it.each([
    ["a day that is not said", "SELECT id FROM sales", "injected projected partition column day"],
    ["a table that is not there", "SELECT 1 FROM nothing", "nothing does not exist"],
    ["a write", "CREATE TABLE x AS SELECT 1", "nothing that writes"],
    ["a file of this machine", "SELECT * FROM read_csv('/etc/hostname')", "DuckDB's own"],
    ["a result of floating point", "SELECT 1e0 AS n", "answers no DOUBLE"],
    ["a sum beyond bigint", `SELECT sum(minor) * 1024 AS n FROM sales WHERE ${TODAY}`, "overflow"],
  ])("fails for %s", async (_, sql, reason) => {
    const answer = await stack.ask(sql);

    expect(answer["state"]).toBe("FAILED");
    expect(answer["reason"]).toContain(reason);
  });

  it("fails for a file whose column has another type than the table", async () => {
    const buffer = parquetWriteBuffer({
      columnData: [{ name: "minor", type: "STRING", data: ["5"] }],
    });
    await stack.put("sales/day=1999-01-01/side=crm/part-0.parquet", new Uint8Array(buffer));

    const answer = await stack.ask("SELECT minor FROM sales WHERE day = '1999-01-01'");

    expect(answer["reason"]).toMatch(/HIVE_BAD_DATA: Field minor's type VARCHAR .* bigint/);
  });

  it("is cancelled above the bytes that the workgroup allows", async () => {
    // Counted before it is read, so that it need not be Parquet.
    await stack.put("sales/day=1998-01-01/side=crm/part-0", new Uint8Array(10_000_001));

    expect(await stack.ask("SELECT 1 AS n FROM sales WHERE day = '1998-01-01'")).toMatchObject({
      state: "CANCELLED",
      reason: "Bytes scanned limit was exceeded",
    });
  });

  it("refuses a call that nobody emulates", async () => {
    expect(await stack.ask("", { action: "listNamedQueries" })).toMatchObject({
      error: "NotImplemented",
    });
  });
});

describe("a role that lacks a grant", () => {
  it.each([
    ["query", { error: "AccessDeniedException", message: /athena:StartQueryExecution/ }],
    ["database", { state: "FAILED", reason: /glue:GetDatabase/ }],
    ["table", { state: "FAILED", reason: /glue:GetTable/ }],
    ["bucket", { error: "InvalidRequestException", message: /create output bucket/ }],
    ["list", { state: "FAILED", reason: /s3:ListBucket/ }],
    ["read", { state: "FAILED", reason: /s3:GetObject.*sales/ }],
    ["results", { state: "FAILED", reason: /s3:PutObject.*results/ }],
  ])("%s is told so", async (missing, expected) => {
    const answer = await stack.ask(`SELECT id FROM sales WHERE ${TODAY}`, { missing });

    const texts = Object.entries(expected).map(([key, value]) => [
      key,
      value instanceof RegExp ? expect.stringMatching(value) : value,
    ]);
    expect(answer).toMatchObject(Object.fromEntries(texts));
  });
});
