/** What `export-records` is made of; see `compose.ts`. */
import { createDynamodbClient, createS3Client, createSqsClient } from "#shared/aws/aws-clients.ts";
import { createCrossReferenceStore } from "#shared/aws/dynamodb-cross-references.ts";
import { createParkedStore } from "#shared/aws/dynamodb-parked.ts";
import { createRecordWalk } from "#shared/aws/dynamodb-record-walk.ts";
import { createRelationStore } from "#shared/aws/dynamodb-relations.ts";
import { createRunStore } from "#shared/aws/dynamodb-runs.ts";
import { createExportStore } from "#shared/aws/s3-exports.ts";
import { createReportStore } from "#shared/aws/s3-reports.ts";
import { createExportQueue } from "#shared/aws/sqs-queues.ts";
import { createTable } from "#shared/aws/table.ts";
import { env, exportEnv, tieOutEnv } from "#shared/config/names.ts";
import { createCsvWriter } from "#shared/connectors/file/csv-write.ts";
import { createJsonLinesWriter } from "#shared/connectors/file/json-lines-write.ts";
import { createParquetWriter } from "#shared/connectors/file/parquet-write.ts";
import { createXlsxTableWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { customFields } from "#shared/flows/custom-fields.ts";
import type { TableWriters } from "#shared/ports/exports.ts";
import type { ExportRecordsDependencies } from "#shared/sync/dependencies.ts";
import { log } from "./compose.ts";
import { required } from "./environment.ts";

const tableWriters: TableWriters = {
  csv: createCsvWriter(),
  xlsx: createXlsxTableWriter(),
  jsonl: createJsonLinesWriter(),
  parquet: createParquetWriter(),
};

export function composeExportRecords(environment: NodeJS.ProcessEnv): ExportRecordsDependencies {
  const clock = Date.now;
  const name = required(environment, env.table);
  const table = createTable({ client: createDynamodbClient(), name });
  const client = createS3Client();
  const outboxBucket = required(environment, env.outboxBucket);
  const stagingBucket = required(environment, tieOutEnv.snapshotsBucket);
  const queueUrl = required(environment, exportEnv.exportsQueueUrl);
  return {
    xrefs: createCrossReferenceStore(table, clock),
    walk: createRecordWalk(table),
    relations: createRelationStore(table),
    parked: createParkedStore(table),
    runs: createRunStore(table, clock),
    reports: createReportStore({ client, bucket: outboxBucket }),
    exports: createExportStore({ client, stagingBucket, outboxBucket }),
    exportQueue: createExportQueue({ client: createSqsClient(), queueUrl }),
    tableWriters,
    customFields,
    clock,
    log,
  };
}
