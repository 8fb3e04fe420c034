/**
 * What each function is told and what it may do: one row per function, every action by name.
 *
 * A transaction needs the permission of each of its parts; there is no action for the transaction.
 */
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import type { Secret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import {
  env,
  exportEnv,
  exportPrefix,
  exportStagingPrefix,
  type FunctionName,
  historyPrefix,
  importStagingPrefix,
  tableSchema,
  tieOutEnv,
  tieOutPrefix,
} from "#shared/config/names.ts";
import {
  bankRowPrefix,
  queryResultPrefix,
  snapshotManifestPrefix,
  snapshotPrefix,
} from "#shared/config/snapshot-schema.ts";
import type { QueueName } from "../config.ts";
import type { SnapshotCatalog } from "../constructs/snapshot-catalog.ts";

export interface FunctionResources {
  /** Base URL of the HTTP API as the vendors see it; part of what they sign. */
  readonly publicUrl: string;
  readonly table: TableV2;
  readonly inbox: Bucket;
  readonly outbox: Bucket;
  readonly history: Bucket;
  readonly snapshots: Bucket;
  readonly staging: Bucket;
  readonly catalog: SnapshotCatalog;
  readonly connections: Secret;
  readonly queues: Readonly<Record<QueueName, Queue>>;
  /** Receives the batches of the stream that could not be derived from. */
  readonly streamFailures: Queue;
  /** Receives the batches of the stream that could not be recorded. */
  readonly historyFailures: Queue;
}

const READ_ITEMS = ["GetItem", "BatchGetItem", "Query"];
const CHANGE_ITEMS = [...READ_ITEMS, "PutItem", "UpdateItem", "DeleteItem", "ConditionCheckItem"];

const allow = (actions: readonly string[], ...resources: string[]) =>
  new PolicyStatement({ actions: [...actions], resources });

const onTable = (table: TableV2, actions: readonly string[]) =>
  allow(
    actions.map((action) => `dynamodb:${action}`),
    table.tableArn,
  );

const queryIndexes = (table: TableV2, ...names: string[]) =>
  allow(["dynamodb:Query"], ...names.map((name) => `${table.tableArn}/index/${name}`));

const send = (...queues: Queue[]) =>
  allow(["sqs:SendMessage"], ...queues.map((queue) => queue.queueArn));

/** What Lambda's poller does in the function's name. */
const consume = (...queues: Queue[]) =>
  allow(
    ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
    ...queues.map((queue) => queue.queueArn),
  );

const readStream = (table: TableV2) =>
  allow(
    ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"].map(
      (action) => `dynamodb:${action}`,
    ),
    table.tableStreamArn ?? "",
  );

const readSecret = (secret: Secret) => allow(["secretsmanager:GetSecretValue"], secret.secretArn);

const objects = (bucket: Bucket, action: string, prefix = "") =>
  allow([`s3:${action}`], bucket.arnForObjects(`${prefix}*`));

/**
 * What Athena does in the caller's name, which has to be the caller's to do: it looks the table up,
 * reads the objects and writes the result, in parts where it is large
 * (docs.aws.amazon.com/athena/latest/ug/s3-permissions.html, read 2026-11).
 */
const query = ({ catalog, snapshots }: FunctionResources) => [
  allow(
    ["StartQueryExecution", "GetQueryExecution", "GetQueryResults"].map((one) => `athena:${one}`),
    catalog.workgroupArn,
  ),
  allow(["glue:GetDatabase"], ...catalog.databaseArns),
  allow(["glue:GetTable"], ...catalog.tableArns),
  allow(
    ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
    snapshots.bucketArn,
  ),
  objects(snapshots, "GetObject", snapshotPrefix),
  ...["GetObject", "PutObject", "AbortMultipartUpload", "ListMultipartUploadParts"].map((action) =>
    objects(snapshots, action, queryResultPrefix),
  ),
];

/** Function -> environment variables. Says where things are, never a secret. */
export function environmentsOf(
  resources: FunctionResources,
): Record<FunctionName, Readonly<Record<string, string>>> {
  const { table, inbox, connections, queues } = resources;
  const base = { [env.table]: table.tableName };
  const secret = { [env.connectionsSecret]: connections.secretArn };
  const publicUrl = { [env.publicUrl]: resources.publicUrl };
  const polls = { [env.pollsQueueUrl]: queues.polls.queueUrl };
  const changes = { [env.changesQueueUrl]: queues.changes.queueUrl };
  const log = { [env.historyBucket]: resources.history.bucketName };
  const snapshots = { [tieOutEnv.snapshotsBucket]: resources.snapshots.bucketName };
  const outbox = { [env.outboxBucket]: resources.outbox.bucketName };
  const tieOuts = {
    [tieOutEnv.snapshotsQueueUrl]: queues.snapshots.queueUrl,
    [tieOutEnv.tieOutsQueueUrl]: queues["tie-outs"].queueUrl,
  };
  const queries = {
    [tieOutEnv.athenaDatabase]: resources.catalog.databaseName,
    [tieOutEnv.athenaWorkgroup]: resources.catalog.workgroupName,
  };
  const exports = { [exportEnv.exportsQueueUrl]: queues.exports.queueUrl };
  const imports = { [env.importPartsQueueUrl]: queues["import-parts"].queueUrl };
  const files = {
    ...imports,
    [env.inboxBucket]: inbox.bucketName,
    [env.stagingBucket]: resources.staging.bucketName,
  };
  const deliveries = {
    [env.deliveriesQueueUrl.crm]: queues["deliveries-crm"].queueUrl,
    [env.deliveriesQueueUrl.books]: queues["deliveries-books"].queueUrl,
  };
  return {
    "receive-webhook": { ...base, ...secret, ...changes, ...publicUrl },
    "poll-changes": { ...base, ...secret, ...polls, ...changes, ...deliveries },
    "import-file": {
      ...{ ...base, ...outbox, ...files },
      [env.importDocumentsQueueUrl]: queues["import-documents"].queueUrl,
      [env.importsQueueUrl]: queues.imports.queueUrl,
    },
    "import-parts": { ...base, ...changes, ...outbox, ...files },
    "import-document": { ...base, ...changes, ...outbox, ...files, ...snapshots },
    "apply-changes": { ...base, ...secret, ...changes, ...deliveries },
    "deliver-writes": { ...base, ...secret, ...changes, ...deliveries },
    "derive-records": { ...base, ...deliveries },
    "record-history": { ...log },
    "take-snapshot": { ...base, ...secret, ...snapshots, ...tieOuts },
    "compare-sides": { ...base, ...snapshots, ...outbox, ...queries },
    "export-records": { ...base, ...snapshots, ...outbox, ...exports },
    "propose-profile": { [env.inboxBucket]: inbox.bucketName },
    "serve-api": {
      ...{ ...base, ...polls, ...changes, ...deliveries, ...log, ...tieOuts },
      ...{ ...outbox, ...exports, ...imports },
    },
    "export-document": { ...base, ...secret },
  };
}

/** Function -> all it may do, beside writing its own log and traces. */
export function statementsOf(
  resources: FunctionResources,
): Record<FunctionName, readonly PolicyStatement[]> {
  const { table, inbox, outbox, history, connections, queues } = resources;
  const { streamFailures, historyFailures, snapshots, staging } = resources;
  const deliveries = [queues["deliveries-crm"], queues["deliveries-books"]] as const;
  const { dueIndex, parkedIndex, runsIndex } = tableSchema;
  /** From the inbox, by way of what is kept between two parts, to a result in the outbox. */
  const importing = [
    send(queues["import-parts"]),
    objects(inbox, "GetObject"),
    // Without it S3 answers a missing key with 403, which reads as a denial.
    allow(["s3:ListBucket"], inbox.bucketArn, staging.bucketArn),
    ...["PutObject", "AbortMultipartUpload"].map((action) => objects(outbox, action)),
    ...["GetObject", "PutObject", "AbortMultipartUpload"].map((action) =>
      objects(staging, action, importStagingPrefix),
    ),
  ];
  const allIndexes = [dueIndex.name, parkedIndex.name, runsIndex.name];
  return {
    "receive-webhook": [
      readSecret(connections),
      onTable(table, ["PutItem", "DeleteItem"]),
      send(queues.changes),
    ],
    "poll-changes": [
      readSecret(connections),
      onTable(table, CHANGE_ITEMS),
      queryIndexes(table, dueIndex.name, parkedIndex.name),
      consume(queues.polls),
      send(queues.polls, queues.changes, ...deliveries),
    ],
    "import-file": [
      // Its run, and the profiles that were confirmed.
      onTable(table, ["GetItem", "Query", "PutItem", "UpdateItem"]),
      consume(queues.imports),
      send(queues.imports, queues["import-documents"]),
      ...importing,
    ],
    "import-parts": [
      // Its run; and the records that its rows became.
      onTable(table, [...READ_ITEMS, "PutItem", "UpdateItem"]),
      consume(queues["import-parts"]),
      send(queues.changes),
      ...importing,
    ],
    "import-document": [
      // Its run; and the customer and the document of an e-invoice.
      onTable(table, [...READ_ITEMS, "PutItem", "UpdateItem"]),
      consume(queues["import-documents"]),
      send(queues.changes),
      ...importing,
      objects(snapshots, "PutObject", bankRowPrefix),
    ],
    "apply-changes": [
      readSecret(connections),
      onTable(table, CHANGE_ITEMS),
      consume(queues.changes),
      send(queues.changes, ...deliveries),
    ],
    "deliver-writes": [
      readSecret(connections),
      onTable(table, CHANGE_ITEMS),
      consume(...deliveries),
      send(queues.changes, ...deliveries),
    ],
    "derive-records": [
      onTable(table, CHANGE_ITEMS),
      queryIndexes(table, ...allIndexes),
      readStream(table),
      send(...deliveries, streamFailures),
    ],
    "record-history": [
      readStream(table),
      objects(history, "PutObject", historyPrefix),
      send(historyFailures),
    ],
    "take-snapshot": [
      readSecret(connections),
      // Of its run, and of what the connections may still be asked.
      onTable(table, ["GetItem", "PutItem", "UpdateItem"]),
      consume(queues.snapshots),
      send(queues.snapshots, queues["tie-outs"]),
      objects(snapshots, "PutObject", snapshotPrefix),
      objects(snapshots, "PutObject", snapshotManifestPrefix),
      allow(["s3:ListBucket"], snapshots.bucketArn),
      objects(snapshots, "GetObject", bankRowPrefix),
    ],
    "compare-sides": [
      onTable(table, ["GetItem", "PutItem", "UpdateItem"]),
      consume(queues["tie-outs"]),
      ...query(resources),
      objects(snapshots, "GetObject", snapshotManifestPrefix),
      objects(outbox, "PutObject", tieOutPrefix),
    ],
    "export-records": [
      // It goes through the whole table, and writes its run alone.
      onTable(table, [...READ_ITEMS, "Scan", "PutItem", "UpdateItem"]),
      queryIndexes(table, parkedIndex.name, runsIndex.name),
      consume(queues.exports),
      send(queues.exports),
      objects(snapshots, "GetObject", exportStagingPrefix),
      objects(snapshots, "PutObject", exportStagingPrefix),
      // Without it S3 answers a missing key with 403, which reads as a denial.
      allow(["s3:ListBucket"], snapshots.bucketArn, outbox.bucketArn),
      objects(outbox, "GetObject", tieOutPrefix),
      objects(outbox, "PutObject", exportPrefix),
      objects(outbox, "AbortMultipartUpload", exportPrefix),
    ],
    "propose-profile": [objects(inbox, "GetObject"), allow(["s3:ListBucket"], inbox.bucketArn)],
    "serve-api": [
      onTable(table, [...READ_ITEMS, "PutItem", "UpdateItem", "DeleteItem"]),
      queryIndexes(table, ...allIndexes),
      objects(history, "GetObject", historyPrefix),
      allow(["s3:ListBucket"], history.bucketArn),
      objects(outbox, "GetObject", tieOutPrefix),
      objects(outbox, "GetObject", exportPrefix),
      allow(["s3:ListBucket"], outbox.bucketArn),
      send(queues.polls, queues.changes, ...deliveries, queues.snapshots, queues["tie-outs"]),
      send(queues.exports, queues["import-parts"]),
    ],
    "export-document": [
      readSecret(connections),
      // The document's records, and what the books may still be asked.
      onTable(table, ["GetItem", "BatchGetItem", "PutItem", "UpdateItem"]),
    ],
  };
}
