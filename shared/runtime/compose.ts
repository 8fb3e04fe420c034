/**
 * Where ports meet adapters: one function per Lambda, each with no more than it uses, so that the
 * bundler leaves the rest out. Called once per execution environment; throws where the environment
 * lacks what the stack should have set.
 */
import { createQueryEngine } from "#shared/aws/athena-queries.ts";
import {
  createAthenaClient,
  createDynamodbClient,
  createS3Client,
  createSecretsClient,
  createSqsClient,
} from "#shared/aws/aws-clients.ts";
import { createCallBudgets } from "#shared/aws/dynamodb-call-budgets.ts";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createDedupStore } from "#shared/aws/dynamodb-dedup.ts";
import { createFileProfileStore } from "#shared/aws/dynamodb-file-profiles.ts";
import { createHistoryHeads } from "#shared/aws/dynamodb-history-heads.ts";
import { createLedgerStore } from "#shared/aws/dynamodb-ledgers.ts";
import { createParkedStore } from "#shared/aws/dynamodb-parked.ts";
import { createRelationStore } from "#shared/aws/dynamodb-relations.ts";
import { createRunStore } from "#shared/aws/dynamodb-runs.ts";
import { createWaitStore } from "#shared/aws/dynamodb-waits.ts";
import { createWatermarkStore } from "#shared/aws/dynamodb-watermarks.ts";
import { createSnapshotStore } from "#shared/aws/parquet-snapshots.ts";
import { createBankRowReader, createBankRowStore } from "#shared/aws/s3-bank-rows.ts";
import { createExportManifests } from "#shared/aws/s3-exports.ts";
import { createFilePublisher, createFileStore } from "#shared/aws/s3-files.ts";
import { createImportStaging } from "#shared/aws/s3-import-staging.ts";
import {
  createHistoryReader,
  createHistoryWriter,
  type HistoryOptions,
} from "#shared/aws/s3-history.ts";
import { createReportStore } from "#shared/aws/s3-reports.ts";
import { createConnectionsReader } from "#shared/aws/secrets.ts";
import { createManifestReader } from "#shared/aws/snapshot-manifests.ts";
import {
  createChangeQueue,
  createDeliveryQueue,
  createExportQueue,
  createImportQueue,
  createPollQueue,
  createSnapshotQueue,
  createTieOutQueue,
} from "#shared/aws/sqs-queues.ts";
import { createTable, type Table } from "#shared/aws/table.ts";
import { env, exportEnv, tieOutEnv } from "#shared/config/names.ts";
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import { createXlsxWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { exportedProfiles } from "#shared/flows/files/exported.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { flows } from "#shared/flows/flows.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import type { ImportQueue } from "#shared/ports/imports.ts";
import type { ChangeQueue, DeliveryQueue, PollQueue } from "#shared/ports/queues.ts";
import type {
  ApplyDependencies,
  CompareSidesDependencies,
  DeliverDependencies,
  DeriveDependencies,
  HistoryDependencies,
  HistoryViewDependencies,
  OperatorDependencies,
  PollDependencies,
  TakeSnapshotDependencies,
  WebhookDependencies,
} from "#shared/sync/dependencies.ts";
import type {
  DocumentDependencies,
  OpenDependencies,
  PartDependencies,
} from "#shared/sync/import-dependencies.ts";
import { createKnownProfiles } from "#shared/sync/known-profiles.ts";
import { readBankFile } from "./bank-statement-reading.ts";
import { createConnectorSource } from "./connectors.ts";
import { eInvoiceReading } from "./e-invoice-reading.ts";
import { required } from "./environment.ts";
import { createJsonLog } from "./json-log.ts";
import { createReaderSource } from "./system-readers.ts";

type Environment = NodeJS.ProcessEnv;

/** What every use case is given. */
const always = {
  flows,
  clock: Date.now,
  log: createJsonLog({ functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"] }),
};
const { clock } = always;
export const { log } = always;

export function composeWebhook(environment: Environment) {
  const changes = changesOf(environment);
  const dedup = createDedupStore(tableOf(environment));
  const connectors = connectorsOf(environment);
  return {
    publicUrl: required(environment, env.publicUrl).replace(/\/+$/, ""),
    dependencies: async (): Promise<WebhookDependencies> => ({
      changes,
      dedup,
      connectors: await connectors(),
      clock,
      log,
    }),
  };
}

export function composePoll(environment: Environment): () => Promise<PollDependencies> {
  const table = tableOf(environment);
  const ports = {
    ...derivationPorts(environment, table),
    watermarks: createWatermarkStore(table),
    ledgers: createLedgerStore(table),
    changes: changesOf(environment),
    polls: pollsOf(environment),
  };
  const connectors = connectorsOf(environment, createCallBudgets(table));
  return async () => ({ ...ports, connectors: await connectors() });
}

export function composeImport(environment: Environment): OpenDependencies {
  return {
    ...importPorts(environment),
    opener: createFileOpener(),
    scanner: createTableScanner(),
  };
}

export function composeImportParts(environment: Environment): PartDependencies {
  const table = tableOf(environment);
  return {
    ...importPorts(environment),
    rangeReader: createRangeReader(),
    flows,
    xrefs: createCrossReferenceStore(table, clock),
    changes: changesOf(environment),
    parked: createParkedStore(table),
  };
}

export function composeImportDocument(environment: Environment): DocumentDependencies {
  const table = tableOf(environment);
  return {
    ...filePorts(environment),
    bankRows: createBankRowStore(snapshotsOf(environment)),
    readStatements: readBankFile,
    readEInvoice: eInvoiceReading.read,
    customerFlow: flows.customer,
    xrefs: createCrossReferenceStore(table, clock),
    relations: createRelationStore(table),
    changes: changesOf(environment),
  };
}

export function composeApply(environment: Environment): () => Promise<ApplyDependencies> {
  const table = tableOf(environment);
  const ports = {
    ...always,
    xrefs: createCrossReferenceStore(table, clock),
    waits: createWaitStore(table),
    parked: createParkedStore(table),
    runs: createRunStore(table, clock),
    changes: changesOf(environment),
    deliveries: deliveriesOf(environment),
  };
  const connectors = connectorsOf(environment, createCallBudgets(table));
  return async () => ({ ...ports, connectors: await connectors() });
}

export function composeDelivery(environment: Environment): () => Promise<DeliverDependencies> {
  const table = tableOf(environment);
  const ports = {
    ...always,
    xrefs: createCrossReferenceStore(table, clock),
    relations: createRelationStore(table),
    ledgers: createLedgerStore(table),
    waits: createWaitStore(table),
    runs: createRunStore(table, clock),
    changes: changesOf(environment),
    deliveries: deliveriesOf(environment),
  };
  const connectors = connectorsOf(environment, createCallBudgets(table));
  return async () => ({ ...ports, connectors: await connectors() });
}

export function composeDerivation(environment: Environment): DeriveDependencies {
  return derivationPorts(environment, tableOf(environment));
}

export function composeHistory(environment: Environment): HistoryDependencies {
  return { history: createHistoryWriter(historyOf(environment)), log };
}

/** For whoever reads the history: the API, and the command that verifies it. */
export function composeHistoryView(environment: Environment): HistoryViewDependencies {
  return {
    history: createHistoryReader(historyOf(environment)),
    heads: createHistoryHeads(tableOf(environment)),
    clock,
  };
}

export function composeTakeSnapshot(
  environment: Environment,
): () => Promise<TakeSnapshotDependencies> {
  const table = tableOf(environment);
  const ports = {
    ...always,
    runs: createRunStore(table, clock),
    snapshots: createSnapshotStore(snapshotsOf(environment)),
    bankRows: createBankRowReader(snapshotsOf(environment)),
    ...tieOutQueuesOf(environment),
  };
  const budget = createCallBudgets(table);
  const connectors = createReaderSource(connectionsOf(environment), { now: clock, log, budget });
  return async () => ({ ...ports, connectors: await connectors() });
}

/** Reads no remote: what it compares is in the snapshot. */
export function composeCompareSides(environment: Environment): CompareSidesDependencies {
  return {
    runs: createRunStore(tableOf(environment), clock),
    snapshots: createManifestReader(snapshotsOf(environment)),
    queries: createQueryEngine({
      client: createAthenaClient(),
      database: required(environment, tieOutEnv.athenaDatabase),
      workgroup: required(environment, tieOutEnv.athenaWorkgroup),
      clock,
    }),
    files: createFilePublisher(createS3Client(), required(environment, env.outboxBucket)),
    spreadsheets: createXlsxWriter(),
    clock,
    log,
  };
}

export function composeApi(environment: Environment) {
  const table = tableOf(environment);
  const operator: OperatorDependencies = {
    ...always,
    xrefs: createCrossReferenceStore(table, clock),
    relations: createRelationStore(table),
    ledgers: createLedgerStore(table),
    waits: createWaitStore(table),
    parked: createParkedStore(table),
    runs: createRunStore(table, clock),
    changes: changesOf(environment),
    deliveries: deliveriesOf(environment),
  };
  return {
    ...operator,
    ...composeHistoryView(environment),
    ...tieOutQueuesOf(environment),
    ...outboxOf(environment),
    exportQueue: createExportQueue({
      client: createSqsClient(),
      queueUrl: required(environment, exportEnv.exportsQueueUrl),
    }),
    budgets: createCallBudgets(table),
    fileProfiles: createFileProfileStore(table),
    polls: pollsOf(environment),
    imports: importsOf(environment),
  };
}

function derivationPorts(environment: Environment, table: Table): DeriveDependencies {
  return {
    ...always,
    xrefs: createCrossReferenceStore(table, clock),
    relations: createRelationStore(table),
    waits: createWaitStore(table),
    parked: createParkedStore(table),
    runs: createRunStore(table, clock),
    deliveries: deliveriesOf(environment),
  };
}

function tableOf(environment: Environment): Table {
  return createTable({ client: createDynamodbClient(), name: required(environment, env.table) });
}

function outboxOf(environment: Environment) {
  const client = createS3Client();
  const outboxBucket = required(environment, env.outboxBucket);
  return {
    reports: createReportStore({ client, bucket: outboxBucket }),
    manifests: createExportManifests({ client, outboxBucket }),
  };
}

function snapshotsOf(environment: Environment) {
  return {
    client: createS3Client(),
    bucket: required(environment, tieOutEnv.snapshotsBucket),
  };
}

function historyOf(environment: Environment): HistoryOptions {
  return { client: createS3Client(), bucket: required(environment, env.historyBucket) };
}

/** Without a budget for a function that makes no call to a remote. */
function connectorsOf(environment: Environment, budget?: CallBudget) {
  return createConnectorSource(connectionsOf(environment), { now: clock, log, budget });
}

function connectionsOf(environment: Environment) {
  const secretId = required(environment, env.connectionsSecret);
  return createConnectionsReader(createSecretsClient(), secretId, clock);
}

function changesOf(environment: Environment): ChangeQueue {
  const queueUrl = required(environment, env.changesQueueUrl);
  return createChangeQueue({ client: createSqsClient(), queueUrl });
}

function deliveriesOf(environment: Environment): DeliveryQueue {
  const { crm, books } = env.deliveriesQueueUrl;
  return createDeliveryQueue({
    client: createSqsClient(),
    queueUrls: { crm: required(environment, crm), books: required(environment, books) },
  });
}

function tieOutQueuesOf(environment: Environment) {
  const client = createSqsClient();
  const { snapshotsQueueUrl, tieOutsQueueUrl } = tieOutEnv;
  return {
    snapshotQueue: createSnapshotQueue({
      client,
      queueUrl: required(environment, snapshotsQueueUrl),
    }),
    tieOuts: createTieOutQueue({ client, queueUrl: required(environment, tieOutsQueueUrl) }),
  };
}

/** What finds out how a table is read, and what reads its parts. */
function importPorts(environment: Environment) {
  return {
    ...filePorts(environment),
    profiles: createKnownProfiles(
      [...fileProfiles, ...exportedProfiles],
      createFileProfileStore(tableOf(environment)),
    ),
  };
}

/** A dropped file, what is kept of it between its parts, and what they ask of each other. */
function filePorts(environment: Environment) {
  const client = createS3Client();
  return {
    clock,
    log,
    files: createFileStore({
      client,
      inboxBucket: required(environment, env.inboxBucket),
      outboxBucket: required(environment, env.outboxBucket),
    }),
    staging: createImportStaging({ client, bucket: required(environment, env.stagingBucket) }),
    imports: importsOf(environment),
    runs: createRunStore(tableOf(environment), clock),
  };
}

function importsOf(environment: Environment): ImportQueue {
  return createImportQueue({
    client: createSqsClient(),
    partsUrl: required(environment, env.importPartsQueueUrl),
    documentsUrl: environment[env.importDocumentsQueueUrl],
    filesUrl: environment[env.importsQueueUrl],
  });
}

function pollsOf(environment: Environment): PollQueue {
  const queueUrl = required(environment, env.pollsQueueUrl);
  return createPollQueue({ client: createSqsClient(), queueUrl });
}
