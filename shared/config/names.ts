/** Names that the infrastructure and the runtime must spell alike. */

export const functionNames = [
  "receive-webhook",
  "poll-changes",
  "import-file",
  "import-parts",
  "import-document",
  "apply-changes",
  "deliver-writes",
  "derive-records",
  "record-history",
  "take-snapshot",
  "compare-sides",
  "export-records",
  "serve-api",
  "propose-profile",
  "export-document",
] as const;
export type FunctionName = (typeof functionNames)[number];

/** Environment variables of the functions. */
export const env = {
  table: "TABLE_NAME",
  connectionsSecret: "CONNECTIONS_SECRET_ARN",
  publicUrl: "PUBLIC_URL",
  pollsQueueUrl: "POLLS_QUEUE_URL",
  changesQueueUrl: "CHANGES_QUEUE_URL",
  deliveriesQueueUrl: {
    crm: "DELIVERIES_CRM_QUEUE_URL",
    books: "DELIVERIES_BOOKS_QUEUE_URL",
  },
  inboxBucket: "INBOX_BUCKET",
  outboxBucket: "OUTBOX_BUCKET",
  historyBucket: "HISTORY_BUCKET",
  stagingBucket: "STAGING_BUCKET",
  importsQueueUrl: "IMPORTS_QUEUE_URL",
  importPartsQueueUrl: "IMPORT_PARTS_QUEUE_URL",
  importDocumentsQueueUrl: "IMPORT_DOCUMENTS_QUEUE_URL",
} as const;

/** Of `take-snapshot` and `compare-sides`. */
export const tieOutEnv = {
  snapshotsBucket: "SNAPSHOTS_BUCKET",
  snapshotsQueueUrl: "SNAPSHOTS_QUEUE_URL",
  tieOutsQueueUrl: "TIE_OUTS_QUEUE_URL",
  athenaDatabase: "ATHENA_DATABASE",
  athenaWorkgroup: "ATHENA_WORKGROUP",
} as const;

/**
 * The metric that the alarm of the tie-out watches: without dimensions, in the namespace that
 * `shared/runtime/json-log.ts` gives all metrics of a stage, and 0 after a run with nothing to tell.
 */
export const tieOutMetric = "DifferencesAboveTolerance";

/** Where the reports of a tie-out are in the outbox, `<prefix><run id>/tie-out.json|xlsx|html`. */
export const tieOutPrefix = "tie-outs/";

/** Of `export-records`. */
export const exportEnv = { exportsQueueUrl: "EXPORTS_QUEUE_URL" } as const;

/** Where exports are in the outbox, `<prefix><what>/<name>.csv|…`. */
export const exportPrefix = "exports/";

/** Where the rows of exports are gathered, in the bucket of the snapshots; gone after some days. */
export const exportStagingPrefix = "export-staging/";

/** What imports keep between two invocations, in the staging bucket. */
export const importStagingPrefix = "imports/";

/** Copies of refused files in the outbox. */
export const quarantinePrefix = "quarantine/";

/** Where the history's objects are in their bucket. */
export const historyPrefix = "history/";

/** Attributes of the mapping table that its indexes, its stream filter and its TTL name. */
export const tableSchema = {
  partitionKey: "pk",
  sortKey: "sk",
  expiresAt: "expiresAt",
  /** On cross-references: the record type. */
  recordType: "recordType",
  /** Present only on the image in which a side became linked, so that waiters are woken. */
  newlyLinked: "newlyLinked",
  /** Present on records that were merged, with the ids of the others, so that sums follow. */
  mergedWith: "mergedWith",
  /** Sparse index of customers whose balance changes with the calendar. */
  dueIndex: { name: "due", partitionKey: "dueBucket", sortKey: "dueOn" },
  /** Sparse index of sides that wait for a person. */
  parkedIndex: { name: "parked", partitionKey: "parkedBucket", sortKey: "parkedAt" },
  /** Sparse index of runs, newest last. */
  runsIndex: { name: "runs", partitionKey: "runsBucket", sortKey: "startedAt" },
} as const;
