/**
 * A small stack that uses every kind of trigger, for the tests of the local host, with functions that
 * are bundled as the product's own are.
 */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { App, CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { CfnIntegration, CfnRoute, HttpApi } from "aws-cdk-lib/aws-apigatewayv2";
import * as dynamodb from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { CfnBucket } from "aws-cdk-lib/aws-s3";
import { CfnSchedule } from "aws-cdk-lib/aws-scheduler";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { build } from "esbuild";
import { type Assembly, readAssembly } from "#infra/local/host/template.ts";

const projectFolder = fileURLToPath(new URL("../..", import.meta.url));

const PREAMBLE = `
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { S3 } from "@aws-sdk/client-s3";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { SQS } from "@aws-sdk/client-sqs";
const { TABLE, SEEN, CHANGES, BUCKET, SECRET } = process.env;
const ddb = new DynamoDB(), s3 = new S3(), sqs = new SQS(), secrets = new SecretsManager();
const put = (pk, note) => ddb.putItem({ TableName: TABLE, Item: { pk: { S: pk }, note: { S: note } } });
const exists = async (pk) => (await ddb.getItem({ TableName: TABLE, Key: { pk: { S: pk } } })).Item !== undefined;
`;

/** A message \`{ id, note, mode? }\` says what to do with itself. */
const SOURCES = {
  Receive: `
export async function handler(event) {
  console.log("received " + event.rawPath);
  const message = { id: event.pathParameters.id, ...JSON.parse(event.body ?? "{}") };
  await sqs.sendMessage({ QueueUrl: CHANGES, MessageBody: JSON.stringify(message) });
  return { statusCode: 202, headers: { "x-made-by": "receive" }, body: JSON.stringify({ id: message.id }) };
}`,
  Apply: `
export async function handler(event) {
  const batchItemFailures = [];
  for (const record of event.Records) {
    const message = JSON.parse(record.body);
    if (message.mode === "poison") { batchItemFailures.push({ itemIdentifier: record.messageId }); continue; }
    if (message.mode === "hold") {
      await put("holding#" + message.id, record.attributes.ApproximateReceiveCount);
      while (!(await exists("release"))) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    if (message.Records !== undefined) await put("object#" + message.Records[0].s3.object.key, String(message.Records[0].s3.object.size));
    else await put("thing#" + message.id, message.note ?? "");
  }
  return { batchItemFailures };
}`,
  Watch: `
export async function handler(event) {
  for (const { eventName, dynamodb } of event.Records) {
    await ddb.updateItem({ TableName: SEEN, Key: { pk: { S: dynamodb.NewImage.pk.S } },
      UpdateExpression: "SET eventName = :e ADD times :one", ExpressionAttributeValues: { ":e": { S: eventName }, ":one": { N: "1" } } });
    if (dynamodb.NewImage.note.S === "bad for watch") throw new Error("cannot watch " + dynamodb.NewImage.pk.S);
  }
}`,
  Record: `
export async function handler(event) {
  for (const { dynamodb } of event.Records) {
    await ddb.updateItem({ TableName: SEEN, Key: { pk: { S: "recorded#" + dynamodb.NewImage.pk.S } },
      UpdateExpression: "ADD times :one", ExpressionAttributeValues: { ":one": { N: "1" } } });
  }
}`,
  Admin: `
export async function handler(event) {
  if (event.tool === "secret") {
    await secrets.putSecretValue({ SecretId: SECRET, SecretString: event.value });
    return (await secrets.getSecretValue({ SecretId: SECRET })).SecretString;
  }
  if (event.tool === "put-once") {
    try { await s3.putObject({ Bucket: BUCKET, Key: event.key, Body: "x", IfNoneMatch: "*" }); return "stored"; }
    catch (error) { return error.name; }
  }
  if (event.tool === "read-object") {
    try { return await (await s3.getObject({ Bucket: BUCKET, Key: event.key })).Body.transformToString(); }
    catch (error) { return error.name; }
  }
  if (event.tool === "transact") {
    try {
      await ddb.transactWriteItems({ TransactItems: [
        { Put: { TableName: TABLE, Item: { pk: { S: "tx" }, note: { S: "" } } } },
        { ConditionCheck: { TableName: TABLE, Key: { pk: { S: "none" } }, ConditionExpression: "attribute_not_exists(pk)" } } ] });
      return "done";
    } catch (error) { return error.name; }
  }
  if (event.tool === "loop") for (;;);
  return { arn: event.requestContext.authorizer.iam.userArn, path: event.pathParameters.proxy, query: event.queryStringParameters };
}`,
} as const;
type FunctionId = keyof typeof SOURCES;

async function bundle(folder: string): Promise<void> {
  await Promise.all(
    Object.entries(SOURCES).map(([id, source]) =>
      build({
        stdin: { contents: PREAMBLE + source, resolveDir: projectFolder, loader: "js" },
        outfile: join(folder, id, "index.js"),
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        mainFields: ["module", "main"],
        logLevel: "error",
      }),
    ),
  );
}

function makeFunction(stack: Stack, folder: string, id: FunctionId, timeoutSeconds: number) {
  return new lambda.Function(stack, id, {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: lambda.Code.fromAsset(join(folder, id)),
    timeout: Duration.seconds(timeoutSeconds),
    memorySize: 256,
  });
}

function makeTable(stack: Stack, id: string, hasStream: boolean): dynamodb.Table {
  return new dynamodb.Table(stack, id, {
    partitionKey: { name: "pk", type: dynamodb.AttributeType.STRING },
    billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
    ...(hasStream ? { stream: dynamodb.StreamViewType.NEW_AND_OLD_IMAGES } : {}),
  });
}

function addBucket(stack: Stack, changes: Queue): CfnBucket {
  changes.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [changes.queueArn],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  return new CfnBucket(stack, "Inbox", {
    notificationConfiguration: {
      queueConfigurations: [
        {
          event: "s3:ObjectCreated:*",
          queue: changes.queueArn,
          filter: { s3Key: { rules: [{ name: "suffix", value: ".csv" }] } },
        },
      ],
    },
  });
}

function addSchedule(stack: Stack, changes: Queue): void {
  const role = new Role(stack, "ScheduleRole", {
    assumedBy: new ServicePrincipal("scheduler.amazonaws.com"),
  });
  changes.grantSendMessages(role);
  new CfnSchedule(stack, "Nightly", {
    scheduleExpression: "cron(15 2 * * ? *)",
    scheduleExpressionTimezone: "Europe/Amsterdam",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: changes.queueArn,
      roleArn: role.roleArn,
      input: JSON.stringify({ id: "nightly", note: "scheduled" }),
    },
  });
}

function addRoute(stack: Stack, api: HttpApi, key: string, target: lambda.Function, auth: string) {
  const id = target.node.id;
  const integration = new CfnIntegration(stack, `${id}Integration`, {
    apiId: api.apiId,
    integrationType: "AWS_PROXY",
    integrationUri: target.functionArn,
    payloadFormatVersion: "2.0",
  });
  new CfnRoute(stack, `${id}Route`, {
    apiId: api.apiId,
    routeKey: key,
    target: `integrations/${integration.ref}`,
    authorizationType: auth,
  });
  target.addPermission("FromApi", {
    principal: new ServicePrincipal("apigateway.amazonaws.com"),
    sourceArn: stack.formatArn({
      service: "execute-api",
      resource: api.apiId,
      resourceName: "*/*",
    }),
  });
}

function addTriggers(
  stack: Stack,
  functions: Readonly<Record<FunctionId, lambda.Function>>,
  changes: Queue,
  table: dynamodb.Table,
  streamFailures: Queue,
): void {
  changes.grantConsumeMessages(functions.Apply);
  new lambda.EventSourceMapping(stack, "ApplySource", {
    target: functions.Apply,
    eventSourceArn: changes.queueArn,
    batchSize: 10,
    maxConcurrency: 3,
    reportBatchItemFailures: true,
  });
  table.grantStreamRead(functions.Watch);
  streamFailures.grantSendMessages(functions.Watch);
  table.grantStreamRead(functions.Record);
  new lambda.EventSourceMapping(stack, "RecordSource", {
    target: functions.Record,
    eventSourceArn: table.tableStreamArn ?? "",
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: 1_000,
    maxBatchingWindow: Duration.seconds(1),
    maxRecordAge: Duration.hours(1),
  });
  new lambda.EventSourceMapping(stack, "WatchSource", {
    target: functions.Watch,
    eventSourceArn: table.tableStreamArn ?? "",
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: 10,
    bisectBatchOnError: true,
    retryAttempts: 1,
    onFailure: { bind: () => ({ destination: streamFailures.queueArn }) },
    filters: [
      lambda.FilterCriteria.filter({
        dynamodb: { NewImage: { pk: { S: lambda.FilterRule.beginsWith("thing#") } } },
      }),
    ],
  });
}

/** Bundles the functions into a new temporary folder and synthesizes the stack beside them. */
export async function synthesizeTestStack(): Promise<Assembly> {
  const folder = await mkdtemp(join(tmpdir(), "local-host-stack-"));
  await bundle(folder);
  const outdir = join(folder, "cdk.out");
  const app = new App({
    outdir,
    analyticsReporting: false,
    builtinCloudFormationValidation: false,
  });
  const stack = new Stack(app, "Small");
  const dead = new Queue(stack, "ChangesDead");
  const streamFailures = new Queue(stack, "StreamFailures");
  const changes = new Queue(stack, "Changes", {
    enforceSSL: true,
    visibilityTimeout: Duration.seconds(2),
    deadLetterQueue: { queue: dead, maxReceiveCount: 2 },
  });
  const table = makeTable(stack, "Things", true);
  const seen = makeTable(stack, "Seen", false);
  const bucket = addBucket(stack, changes);
  const secret = new Secret(stack, "Token");
  const functions = {
    Receive: makeFunction(stack, folder, "Receive", 10),
    Apply: makeFunction(stack, folder, "Apply", 2),
    Watch: makeFunction(stack, folder, "Watch", 10),
    Record: makeFunction(stack, folder, "Record", 10),
    Admin: makeFunction(stack, folder, "Admin", 3),
  };
  for (const one of Object.values(functions)) {
    one.addEnvironment("TABLE", table.tableName);
    one.addEnvironment("SEEN", seen.tableName);
    one.addEnvironment("CHANGES", changes.queueUrl);
    one.addEnvironment("BUCKET", bucket.ref);
    one.addEnvironment("SECRET", secret.secretArn);
  }
  changes.grantSendMessages(functions.Receive);
  table.grant(functions.Apply, "dynamodb:PutItem", "dynamodb:GetItem");
  seen.grant(functions.Watch, "dynamodb:UpdateItem");
  seen.grant(functions.Record, "dynamodb:UpdateItem");
  // Not the check of a condition: the test shows that a transaction needs it on its own.
  table.grant(functions.Admin, "dynamodb:PutItem");
  secret.grantRead(functions.Admin);
  secret.grantWrite(functions.Admin);
  functions.Admin.addToRolePolicy(
    new PolicyStatement({
      actions: ["s3:PutObject", "s3:GetObject"],
      resources: [`${bucket.attrArn}/*`],
    }),
  );
  addTriggers(stack, functions, changes, table, streamFailures);
  addSchedule(stack, changes);
  const api = new HttpApi(stack, "Http");
  addRoute(stack, api, "POST /things/{id}", functions.Receive, "NONE");
  addRoute(stack, api, "GET /admin/{proxy+}", functions.Admin, "AWS_IAM");
  new CfnOutput(stack, "ApiUrl", { value: api.apiEndpoint });
  app.synth();
  return readAssembly(outdir);
}
