import { Stack } from "aws-cdk-lib";
import { CfnWorkGroup } from "aws-cdk-lib/aws-athena";
import { CfnDatabase, CfnTable } from "aws-cdk-lib/aws-glue";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Construct } from "constructs";
import {
  queryResultPrefix,
  snapshotColumns,
  snapshotPartitions,
  snapshotPrefix,
  snapshotRecordTypes,
  snapshotSides,
  snapshotTable,
} from "#shared/config/snapshot-schema.ts";
import { queryBytesScannedMax } from "../config.ts";

const PARQUET = "org.apache.hadoop.hive.ql.io.parquet";

/** How Athena knows the values of a partition without being told of each. */
const PROJECTIONS: Readonly<
  Record<(typeof snapshotPartitions)[number], Readonly<Record<string, string>>>
> = {
  // No list could hold them: the query names the snapshot that it is about.
  snapshot_id: { type: "injected" },
  side: { type: "enum", values: snapshotSides.join(",") },
  record_type: { type: "enum", values: snapshotRecordTypes.join(",") },
};

export interface SnapshotCatalogProps {
  readonly bucket: Bucket;
  /** Begins the names, which are unique in the account and region. */
  readonly namePrefix: string;
}

/**
 * The table of snapshots and the workgroup that may query it. Partitions are projected, so that a new
 * snapshot is queried as soon as its objects are there; results stay in the bucket of the snapshots.
 */
export class SnapshotCatalog extends Construct {
  readonly databaseName: string;
  readonly workgroupName: string;
  readonly databaseArns: readonly string[];
  readonly tableArns: readonly string[];
  readonly workgroupArn: string;

  constructor(scope: Construct, id: string, { bucket, namePrefix }: SnapshotCatalogProps) {
    super(scope, id);
    const stack = Stack.of(this);
    // Athena takes no hyphen in a database's name without quotes.
    const name = namePrefix.replaceAll("-", "_");
    const database = new CfnDatabase(this, "Database", {
      catalogId: stack.account,
      databaseInput: { name, description: "Snapshots of the CRM, the books and the bank" },
    });
    createTable(this, bucket, database);
    const workgroup = createWorkgroup(this, bucket, namePrefix);
    const glue = (resource: string, resourceName?: string) =>
      stack.formatArn({
        service: "glue",
        resource,
        ...(resourceName === undefined ? {} : { resourceName }),
      });
    this.databaseName = database.ref;
    this.workgroupName = workgroup.ref;
    // Athena looks the default database up with every query (docs.aws.amazon.com/athena/latest/ug/
    // fine-grained-access-to-glue-resources.html, read 2026-11).
    this.databaseArns = [glue("catalog"), glue("database", "default"), glue("database", name)];
    this.tableArns = [
      glue("catalog"),
      glue("database", name),
      glue("table", `${name}/${snapshotTable}`),
    ];
    this.workgroupArn = stack.formatArn({
      service: "athena",
      resource: "workgroup",
      resourceName: namePrefix,
    });
  }
}

function createTable(scope: Construct, bucket: Bucket, database: CfnDatabase): void {
  const location = bucket.s3UrlForObject(snapshotPrefix);
  const folders = snapshotPartitions.map((name) => `${name}=\${${name}}/`).join("");
  const projections = snapshotPartitions.flatMap((name) =>
    Object.entries(PROJECTIONS[name]).map(([key, value]) => [`projection.${name}.${key}`, value]),
  );
  new CfnTable(scope, "Table", {
    catalogId: Stack.of(scope).account,
    databaseName: database.ref,
    tableInput: {
      name: snapshotTable,
      tableType: "EXTERNAL_TABLE",
      parameters: {
        classification: "parquet",
        "projection.enabled": "true",
        ...Object.fromEntries(projections),
        "storage.location.template": `${location}${folders}`,
      },
      partitionKeys: snapshotPartitions.map((name) => ({ name, type: "string" })),
      storageDescriptor: {
        columns: snapshotColumns.map(({ name, type }) => ({ name, type })),
        location,
        inputFormat: `${PARQUET}.MapredParquetInputFormat`,
        outputFormat: `${PARQUET}.MapredParquetOutputFormat`,
        serdeInfo: { serializationLibrary: `${PARQUET}.serde.ParquetHiveSerDe` },
      },
    },
  });
}

function createWorkgroup(scope: Construct, bucket: Bucket, name: string): CfnWorkGroup {
  return new CfnWorkGroup(scope, "Workgroup", {
    name,
    // Else a stack whose workgroup has answered a query could not be deleted.
    recursiveDeleteOption: true,
    workGroupConfiguration: {
      enforceWorkGroupConfiguration: true,
      publishCloudWatchMetricsEnabled: false,
      bytesScannedCutoffPerQuery: queryBytesScannedMax,
      engineVersion: { selectedEngineVersion: "Athena engine version 3" },
      resultConfiguration: {
        outputLocation: bucket.s3UrlForObject(queryResultPrefix),
        encryptionConfiguration: { encryptionOption: "SSE_S3" },
        expectedBucketOwner: Stack.of(scope).account,
      },
    },
  });
}
