import { RemovalPolicy } from "aws-cdk-lib";
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from "aws-cdk-lib/aws-dynamodb";
import type { Bucket } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Construct } from "constructs";
import { exportStagingPrefix, tableSchema } from "#shared/config/names.ts";
import { exportStagingDays, type StageSettings, stagingRetentionDays } from "../config.ts";
import { createHistoryBucket } from "../constructs/history-bucket.ts";
import { createPrivateBucket } from "../constructs/private-bucket.ts";

/** All that holds data for longer than a message lives: the mapping table, the files, the secret. */
export class Stateful extends Construct {
  readonly table: TableV2;
  /** Files are put here to be imported. */
  readonly inbox: Bucket;
  /** What became of each imported file. */
  readonly outbox: Bucket;
  /** What was saved, by which rule: added to, never changed. */
  readonly history: Bucket;
  /** What both sides showed at one time, and the answers of queries over it. */
  readonly snapshots: Bucket;
  /** What a piece of work keeps between two of its messages. */
  readonly staging: Bucket;
  /** Where each system is, and its credentials; filled in after the first deployment. */
  readonly connections: Secret;

  constructor(scope: Construct, id: string, settings: StageSettings) {
    super(scope, id);
    const { retainsData } = settings;
    this.table = createMappingTable(this, settings);
    const accessLogs = createPrivateBucket(this, "AccessLogs", {
      retainsData,
      versioned: false,
      expiryDays: settings.serverAccessLogRetentionDays,
    });
    this.inbox = createPrivateBucket(this, "Inbox", {
      retainsData,
      versioned: true,
      expiryDays: settings.fileRetentionDays,
      accessLogs,
    });
    this.outbox = createPrivateBucket(this, "Outbox", {
      retainsData,
      versioned: true,
      expiryDays: settings.fileRetentionDays,
      accessLogs,
    });
    this.history = createHistoryBucket(this, "History", {
      retainsData,
      lockDays: settings.historyLockDays,
      accessLogs,
    });
    this.snapshots = createPrivateBucket(this, "Snapshots", {
      retainsData,
      // A part that is written again is the same.
      versioned: false,
      expiryDays: settings.snapshotRetentionDays,
      shortLived: { prefix: exportStagingPrefix, days: exportStagingDays },
      accessLogs,
    });
    this.staging = createPrivateBucket(this, "Staging", {
      retainsData,
      // Nobody misses what was replaced: the work is done again.
      versioned: false,
      expiryDays: stagingRetentionDays,
      accessLogs,
    });
    this.connections = new Secret(this, "Connections", {
      description: "Connections of Tieout: a JSON array, see docs/connections.md",
      removalPolicy: retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }
}

function createMappingTable(scope: Construct, settings: StageSettings): TableV2 {
  const text = (name: string) => ({ name, type: AttributeType.STRING });
  const { dueIndex, parkedIndex, runsIndex } = tableSchema;
  return new TableV2(scope, "Table", {
    partitionKey: text(tableSchema.partitionKey),
    sortKey: text(tableSchema.sortKey),
    globalSecondaryIndexes: [dueIndex, parkedIndex, runsIndex].map((index) => ({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      // The stores read the items themselves: a save that moves no key leaves the index alone.
      projectionType: ProjectionType.KEYS_ONLY,
    })),
    billing: Billing.onDemand(),
    // DynamoDB's own key. A customer managed key would add a charge to every call and a way to lose
    // all data by one wrong key policy, and protect against nobody: who may read the table may use
    // the key. A company that must be able to revoke the key changes this line.
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: tableSchema.expiresAt,
    pointInTimeRecoverySpecification: {
      pointInTimeRecoveryEnabled: true,
      recoveryPeriodInDays: settings.recoveryDays,
    },
    deletionProtection: settings.retainsData,
    removalPolicy: settings.retainsData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
