import { describe, expect, it } from "vitest";
import { readAwsCall } from "#infra/local/host/gateway-actions.ts";

function read(
  service: string,
  fields: {
    target?: string;
    method?: string;
    path?: string;
    body?: unknown;
    headers?: Record<string, string>;
  },
) {
  const text = typeof fields.body === "string" ? fields.body : JSON.stringify(fields.body ?? {});
  return readAwsCall({
    service,
    region: "eu-west-1",
    method: fields.method ?? "POST",
    url: new URL(fields.path ?? "/", "http://127.0.0.1"),
    headers: { "x-amz-target": `Service.${fields.target ?? ""}`, ...fields.headers },
    body: Buffer.from(text),
    secretArnOf: (id) => `arn-of-${id}`,
    workgroupArnOf: ({ WorkGroup }) => (WorkGroup === "w" ? "arn-of-w" : undefined),
  });
}

const table = (path: string) => `arn:aws:dynamodb:eu-west-1:000000000000:table/${path}`;

describe("what IAM asks for", () => {
  it("on a table and on its index", () => {
    expect(read("dynamodb", { target: "PutItem", body: { TableName: "t" } }).grants).toEqual([
      { action: "dynamodb:PutItem", resource: table("t") },
    ]);
    const query = { TableName: table("t"), IndexName: "byName" };
    expect(read("dynamodb", { target: "Query", body: query }).grants).toEqual([
      { action: "dynamodb:Query", resource: table("t/index/byName") },
    ]);
  });

  it("for each part of a transaction, and once for each table of a batch", () => {
    const TransactItems = [
      { Put: { TableName: "a" } },
      { ConditionCheck: { TableName: "b" } },
      { Update: { TableName: "a" } },
    ];
    expect(
      read("dynamodb", { target: "TransactWriteItems", body: { TransactItems } }).grants,
    ).toEqual([
      { action: "dynamodb:PutItem", resource: table("a") },
      { action: "dynamodb:ConditionCheckItem", resource: table("b") },
      { action: "dynamodb:UpdateItem", resource: table("a") },
    ]);
    const RequestItems = { a: [{ PutRequest: {} }], b: [] };
    expect(read("dynamodb", { target: "BatchWriteItem", body: { RequestItems } }).grants).toEqual([
      { action: "dynamodb:BatchWriteItem", resource: table("a") },
      { action: "dynamodb:BatchWriteItem", resource: table("b") },
    ]);
  });

  it("of a queue, where a batch is the single action", () => {
    const body = { QueueUrl: "http://127.0.0.1:9/000000000000/changes" };
    expect(read("sqs", { target: "DeleteMessageBatch", body }).grants).toEqual([
      { action: "sqs:DeleteMessage", resource: "arn:aws:sqs:eu-west-1:000000000000:changes" },
    ]);
  });

  it.each([
    ["GET", "/box/a/b%20c.csv", "GetObject", "s3:GetObject", "box/a/b c.csv"],
    ["HEAD", "/box/k", "HeadObject", "s3:GetObject", "box/k"],
    ["PUT", "/box/k?x-id=PutObject", "PutObject", "s3:PutObject", "box/k"],
    ["PUT", "/box/k?partNumber=1&uploadId=u", "UploadPart", "s3:PutObject", "box/k"],
    ["POST", "/box/k?uploads", "CreateMultipartUpload", "s3:PutObject", "box/k"],
    ["POST", "/box/k?uploadId=u", "CompleteMultipartUpload", "s3:PutObject", "box/k"],
    ["DELETE", "/box/k?uploadId=u", "AbortMultipartUpload", "s3:AbortMultipartUpload", "box/k"],
    ["DELETE", "/box/k", "DeleteObject", "s3:DeleteObject", "box/k"],
    ["GET", "/box?list-type=2&prefix=a", "ListObjectsV2", "s3:ListBucket", "box"],
    ["GET", "/box/?list-type=2", "ListObjectsV2", "s3:ListBucket", "box"],
  ])("of S3 for %s %s", (method, path, action, iamAction, resource) => {
    const call = read("s3", { method, path, body: "" });

    expect(call.action).toBe(action);
    expect(call.grants).toEqual([{ action: iamAction, resource: `arn:aws:s3:::${resource}` }]);
  });

  it("of a write with the condition that it sets", () => {
    const put = (headers: Record<string, string>) =>
      read("s3", { method: "PUT", path: "/box/k", body: "", headers }).context;

    expect(put({ "if-none-match": "*" })).toEqual({ "s3:if-none-match": "*" });
    expect(put({})).toEqual({});
  });

  it("of both ends of a copy, and of each object of a batch of deletes", () => {
    const headers = { "x-amz-copy-source": "/from/a%20b" };
    expect(read("s3", { method: "PUT", path: "/to/k", body: "", headers }).grants).toEqual([
      { action: "s3:PutObject", resource: "arn:aws:s3:::to/k" },
      { action: "s3:GetObject", resource: "arn:aws:s3:::from/a b" },
    ]);
    const body =
      "<Delete><Object><Key>a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>";
    expect(read("s3", { path: "/box?delete", body }).grants).toEqual([
      { action: "s3:DeleteObject", resource: "arn:aws:s3:::box/a&b" },
      { action: "s3:DeleteObject", resource: "arn:aws:s3:::box/c" },
    ]);
  });

  it("of a secret by its ARN", () => {
    expect(
      read("secretsmanager", { target: "GetSecretValue", body: { SecretId: "s" } }).grants,
    ).toEqual([{ action: "secretsmanager:GetSecretValue", resource: "arn-of-s" }]);
  });

  it("of the workgroup of a query, and of nothing where nobody knows the query", () => {
    const body = { WorkGroup: "w", QueryString: "SELECT 1" };
    expect(read("athena", { target: "StartQueryExecution", body }).grants).toEqual([
      { action: "athena:StartQueryExecution", resource: "arn-of-w" },
    ]);
    expect(read("athena", { target: "GetQueryResults" }).grants).toEqual([]);
  });

  it("is unknown for anything nobody emulates", () => {
    expect(() => read("dynamodb", { target: "ExecuteStatement" })).toThrow(
      "dynamodb:ExecuteStatement",
    );
    expect(() => read("sqs", { target: "StartMessageMoveTask" })).toThrow(
      "sqs:StartMessageMoveTask",
    );
    expect(() => read("s3", { method: "PUT", path: "/box/k?tagging", body: "" })).toThrow(
      "?tagging",
    );
    expect(() => read("athena", { target: "CreateWorkGroup" })).toThrow("athena:CreateWorkGroup");
    expect(() => read("glue", { target: "GetTable" })).toThrow("the service glue");
  });
});
