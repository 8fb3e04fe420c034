/**
 * Reads a request to AWS: which service and action it is, and what IAM would ask of the caller.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { RequestContext } from "./iam.ts";
import { arnOf } from "./names.ts";

export type ServiceName = "dynamodb" | "sqs" | "s3" | "secretsmanager" | "athena";

interface Grant {
  /** As written in a policy, such as `dynamodb:PutItem`. */
  readonly action: string;
  readonly resource: string;
}

export interface AwsCall {
  readonly service: ServiceName;
  /** As the SDK calls it, such as `SendMessageBatch`. */
  readonly action: string;
  /** Every one of them is needed. */
  readonly grants: readonly Grant[];
  /** The body's fields; empty for S3. */
  readonly fields: Readonly<Record<string, unknown>>;
  readonly bucket?: string;
  readonly key?: string;
  /** What conditions of a policy may ask of the request. */
  readonly context?: RequestContext;
}

/** The gateway has no idea what is asked for, and says so rather than guess. */
export class UnknownActionError extends Error {}

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readFields(body: Buffer): Fields {
  const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString("utf8"));
  if (!isFields(parsed)) throw new UnknownActionError("The body is not a JSON object");
  return parsed;
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** On one table, or on its index when the request names one. */
const TABLE_ACTIONS = [
  "DeleteItem",
  "DescribeTable",
  "DescribeTimeToLive",
  "GetItem",
  "PutItem",
  "Query",
  "Scan",
  "UpdateItem",
];
/** Only the owner of the machine makes and drops tables. */
const TABLE_ADMIN_ACTIONS = [
  "CreateTable",
  "DeleteTable",
  "ListTables",
  "UpdateTable",
  "UpdateTimeToLive",
];
const TRANSACTION_ACTIONS: Readonly<Record<string, string>> = {
  ConditionCheck: "dynamodb:ConditionCheckItem",
  Delete: "dynamodb:DeleteItem",
  Get: "dynamodb:GetItem",
  Put: "dynamodb:PutItem",
  Update: "dynamodb:UpdateItem",
};

function readDynamoDb(action: string, body: Buffer, region: string): AwsCall {
  const fields = readFields(body);
  const tableArn = (name: unknown) => {
    const text = asText(name);
    return text.startsWith("arn:") ? text : arnOf("dynamodb", region, `table/${text}`);
  };
  const grants: Grant[] = [];
  if (TABLE_ACTIONS.includes(action)) {
    const index = asText(fields["IndexName"]);
    const arn = tableArn(fields["TableName"]);
    grants.push({
      action: `dynamodb:${action}`,
      resource: index === "" ? arn : `${arn}/index/${index}`,
    });
  } else if (TABLE_ADMIN_ACTIONS.includes(action)) {
    grants.push({ action: `dynamodb:${action}`, resource: tableArn(fields["TableName"]) });
  } else if (action === "BatchGetItem" || action === "BatchWriteItem") {
    const tables = isFields(fields["RequestItems"]) ? Object.keys(fields["RequestItems"]) : [];
    for (const table of tables) {
      grants.push({ action: `dynamodb:${action}`, resource: tableArn(table) });
    }
  } else if (action === "TransactWriteItems" || action === "TransactGetItems") {
    const operations = Array.isArray(fields["TransactItems"]) ? fields["TransactItems"] : [];
    for (const [kind, operation] of operations
      .filter(isFields)
      .flatMap((one) => Object.entries(one))) {
      const needed = TRANSACTION_ACTIONS[kind];
      if (needed === undefined) throw new UnknownActionError(`${action} with ${kind}`);
      const table = isFields(operation) ? operation["TableName"] : "";
      grants.push({ action: needed, resource: tableArn(table) });
    }
  } else throw new UnknownActionError(`dynamodb:${action}`);
  return { service: "dynamodb", action, grants, fields };
}

const QUEUE_ACTIONS = [
  "ChangeMessageVisibility",
  "CreateQueue",
  "DeleteMessage",
  "DeleteQueue",
  "GetQueueAttributes",
  "GetQueueUrl",
  "ListQueues",
  "PurgeQueue",
  "ReceiveMessage",
  "SendMessage",
  "SetQueueAttributes",
];

function readSqs(action: string, body: Buffer, region: string): AwsCall {
  const fields = readFields(body);
  const base = action.replace(/Batch$/, "");
  if (!QUEUE_ACTIONS.includes(base)) throw new UnknownActionError(`sqs:${action}`);
  const url = asText(fields["QueueUrl"]);
  const name = url === "" ? asText(fields["QueueName"]) : url.slice(url.lastIndexOf("/") + 1);
  const resource = base === "ListQueues" ? "*" : arnOf("sqs", region, name);
  return { service: "sqs", action, grants: [{ action: `sqs:${base}`, resource }], fields };
}

const SECRET_ACTIONS = ["DescribeSecret", "GetSecretValue", "PutSecretValue"];

function readSecretsManager(
  action: string,
  body: Buffer,
  secretArnOf: (id: string) => string,
): AwsCall {
  const fields = readFields(body);
  if (!SECRET_ACTIONS.includes(action)) throw new UnknownActionError(`secretsmanager:${action}`);
  const resource = secretArnOf(asText(fields["SecretId"]));
  const grants = [{ action: `secretsmanager:${action}`, resource }];
  return { service: "secretsmanager", action, grants, fields };
}

const QUERY_ACTIONS = ["GetQueryExecution", "GetQueryResults", "StartQueryExecution"];

/** Of a query that nobody knows there is no workgroup to ask for; it is answered as unknown. */
function readAthena(
  action: string,
  body: Buffer,
  workgroupArnOf: AwsRequest["workgroupArnOf"],
): AwsCall {
  const fields = readFields(body);
  if (!QUERY_ACTIONS.includes(action)) throw new UnknownActionError(`athena:${action}`);
  const resource = workgroupArnOf(fields);
  const grants = resource === undefined ? [] : [{ action: `athena:${action}`, resource }];
  return { service: "athena", action, grants, fields };
}

/** Query parameters that only shape the answer; any other one names a subresource nobody emulates. */
const S3_PARAMETERS = [
  "continuation-token",
  "delete",
  "delimiter",
  "encoding-type",
  "fetch-owner",
  "list-type",
  "max-keys",
  "partNumber",
  "prefix",
  "start-after",
  "uploadId",
  "uploads",
  "x-id",
];

function isS3Parameter(name: string): boolean {
  return S3_PARAMETERS.includes(name) || /^(x-amz-|response-)/i.test(name);
}

function s3Action(method: string, key: string, query: URLSearchParams): string | undefined {
  if (key === "") {
    if (method === "GET") return "ListObjectsV2";
    if (method === "HEAD") return "HeadBucket";
    if (method === "POST" && query.has("delete")) return "DeleteObjects";
    if (method === "PUT") return "CreateBucket";
    return undefined;
  }
  if (method === "GET") return "GetObject";
  if (method === "HEAD") return "HeadObject";
  if (method === "PUT") return query.has("partNumber") ? "UploadPart" : "PutObject";
  if (method === "DELETE") return query.has("uploadId") ? "AbortMultipartUpload" : "DeleteObject";
  if (method !== "POST") return undefined;
  if (query.has("uploads")) return "CreateMultipartUpload";
  return query.has("uploadId") ? "CompleteMultipartUpload" : undefined;
}

const S3_IAM_ACTIONS: Readonly<Record<string, string>> = {
  AbortMultipartUpload: "s3:AbortMultipartUpload",
  CompleteMultipartUpload: "s3:PutObject",
  CopyObject: "s3:PutObject",
  CreateBucket: "s3:CreateBucket",
  CreateMultipartUpload: "s3:PutObject",
  DeleteObject: "s3:DeleteObject",
  GetObject: "s3:GetObject",
  HeadBucket: "s3:ListBucket",
  HeadObject: "s3:GetObject",
  ListObjectsV2: "s3:ListBucket",
  PutObject: "s3:PutObject",
  UploadPart: "s3:PutObject",
};

export function decodeXml(text: string): string {
  const named: Readonly<Record<string, string>> = {
    amp: "&",
    lt: "<",
    gt: ">",
    quot: '"',
    apos: "'",
  };
  return text.replace(/&(#x?[0-9a-fA-F]+|\w+);/g, (whole, name: string) => {
    if (name.startsWith("#x")) return String.fromCodePoint(Number.parseInt(name.slice(2), 16));
    if (name.startsWith("#")) return String.fromCodePoint(Number(name.slice(1)));
    return named[name] ?? whole;
  });
}

interface S3Request {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

function readS3({ method, url, headers, body }: S3Request): AwsCall {
  const [, bucket = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const key = rest.join("/");
  const unknown = [...url.searchParams.keys()].filter((name) => !isS3Parameter(name));
  if (unknown.length > 0) throw new UnknownActionError(`S3 ${method} with ?${unknown.join("&")}`);
  if (bucket === "" && method === "GET") {
    const grants = [{ action: "s3:ListAllMyBuckets", resource: "*" }];
    return { service: "s3", action: "ListBuckets", grants, fields: {} };
  }
  const source = headers["x-amz-copy-source"];
  const plain = s3Action(method, key, url.searchParams);
  const action = plain === "PutObject" && typeof source === "string" ? "CopyObject" : plain;
  if (action === undefined) throw new UnknownActionError(`S3 ${method} ${url.pathname}`);
  const resource = `arn:aws:s3:::${bucket}${key === "" ? "" : `/${key}`}`;
  const grants: Grant[] = [];
  if (action === "DeleteObjects") {
    for (const [, found = ""] of body.toString("utf8").matchAll(/<Key>([^<]*)<\/Key>/g)) {
      grants.push({ action: "s3:DeleteObject", resource: `${resource}/${decodeXml(found)}` });
    }
  } else grants.push({ action: S3_IAM_ACTIONS[action] ?? `s3:${action}`, resource });
  if (typeof source === "string") {
    const path = decodeURIComponent(source).replace(/^\//, "");
    grants.push({ action: "s3:GetObject", resource: `arn:aws:s3:::${path}` });
  }
  const noneMatch = headers["if-none-match"];
  const context = noneMatch === undefined ? {} : { "s3:if-none-match": noneMatch };
  return { service: "s3", action, grants, fields: {}, bucket, key, context };
}

export interface AwsRequest extends S3Request {
  readonly service: string;
  readonly region: string;
  readonly secretArnOf: (id: string) => string;
  /** Of the workgroup that a call to Athena is about. */
  readonly workgroupArnOf: (fields: AwsCall["fields"]) => string | undefined;
}

/** What the request asks for. Throws {@link UnknownActionError} for what nothing here can answer. */
export function readAwsCall(request: AwsRequest): AwsCall {
  const target = request.headers["x-amz-target"];
  const action = typeof target === "string" ? target.slice(target.indexOf(".") + 1) : "";
  switch (request.service) {
    case "dynamodb":
      return readDynamoDb(action, request.body, request.region);
    case "sqs":
      return readSqs(action, request.body, request.region);
    case "secretsmanager":
      return readSecretsManager(action, request.body, request.secretArnOf);
    case "athena":
      return readAthena(action, request.body, request.workgroupArnOf);
    case "s3":
      return readS3(request);
    default:
      throw new UnknownActionError(`the service ${request.service}`);
  }
}
