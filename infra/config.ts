/**
 * What differs between stages, and the numbers of each function and queue. Only data: the
 * constructs turn it into resources.
 */
import type { RetentionDays } from "aws-cdk-lib/aws-logs";
import type { FunctionName } from "#shared/config/names.ts";

const stages = ["prod", "dev", "local"] as const;
export type Stage = (typeof stages)[number];

export interface StageSettings {
  /** Table, buckets and secret outlive the stack, and the table refuses to be deleted. */
  readonly retainsData: boolean;
  readonly logRetentionDays: RetentionDays;
  /** Point-in-time recovery of the table; 35 is what DynamoDB allows at most. */
  readonly recoveryDays: number;
  /** All objects; longer than a message that points to one can live, no longer than they are needed. */
  readonly fileRetentionDays: number;
  readonly serverAccessLogRetentionDays: number;
  /** What the sides showed, and what queries answered; a past period is tied out again from these. */
  readonly snapshotRetentionDays: number;
  /** An object of the history can be deleted before that only by who may bypass its lock. */
  readonly historyLockDays: number;
  /** How long saved changes are gathered into one object of the history. */
  readonly historyWindowSeconds: number;
  readonly incrementalPollMinutes: number;
  /** EventBridge Scheduler cron, in `timeZone`. */
  readonly nightlyPollCron: string;
  /** Long enough after the poll that what it found has been delivered. */
  readonly nightlyTieOutCron: string;
  /** IANA name; the `timeZone` context overrides it. */
  readonly timeZone: string;
  /** Of the whole HTTP API. */
  readonly requestsPerSecond: number;
  readonly requestBurst: number;
}

const production: StageSettings = {
  retainsData: true,
  logRetentionDays: 90,
  recoveryDays: 35,
  fileRetentionDays: 90,
  serverAccessLogRetentionDays: 365,
  // A year that is closed in its first month can be tied out as it was.
  snapshotRetentionDays: 400,
  // As long as books must be kept in most countries.
  historyLockDays: 3_650,
  historyWindowSeconds: 20,
  incrementalPollMinutes: 5,
  nightlyPollCron: "0 2 * * ? *",
  nightlyTieOutCron: "0 4 * * ? *",
  timeZone: "Etc/UTC",
  requestsPerSecond: 100,
  requestBurst: 200,
};

export const stageSettings: Readonly<Record<Stage, StageSettings>> = {
  prod: production,
  dev: {
    ...production,
    retainsData: false,
    logRetentionDays: 14,
    recoveryDays: 7,
    fileRetentionDays: 30,
    serverAccessLogRetentionDays: 30,
    snapshotRetentionDays: 30,
    historyLockDays: 1,
    // A sandbox of a vendor has a small daily quota.
    incrementalPollMinutes: 15,
  },
  local: {
    ...production,
    retainsData: false,
    logRetentionDays: 1,
    recoveryDays: 1,
    fileRetentionDays: 30,
    serverAccessLogRetentionDays: 1,
    snapshotRetentionDays: 30,
    historyLockDays: 1,
    // Nobody is billed here for one object more.
    historyWindowSeconds: 1,
  },
};

/** The stage of that name. Throws on any other, with the names there are. */
export function readStage(name: unknown): Stage {
  const stage = stages.find((known) => known === name);
  if (stage === undefined) {
    throw new Error(`Unknown stage ${JSON.stringify(name)}; use one of ${stages.join(", ")}`);
  }
  return stage;
}

export interface FunctionSettings {
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /**
   * The function sends to a queue that leads back to it. Lambda stops such a chain after about 16
   * turns unless told otherwise (docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html,
   * read 2026-11); here the turns are bounded by pages and tries.
   */
  readonly feedsItself?: boolean;
}

export const functionSettings: Readonly<Record<FunctionName, FunctionSettings>> = {
  "receive-webhook": { memoryMb: 256, timeoutSeconds: 10 },
  "poll-changes": { memoryMb: 512, timeoutSeconds: 300, feedsItself: true },
  // Long enough to find out what the largest file is, and to make text of it.
  "import-file": { memoryMb: 1024, timeoutSeconds: 600, feedsItself: true },
  "import-parts": { memoryMb: 1024, timeoutSeconds: 300, feedsItself: true },
  "import-document": { memoryMb: 512, timeoutSeconds: 120 },
  "apply-changes": { memoryMb: 512, timeoutSeconds: 120, feedsItself: true },
  "deliver-writes": { memoryMb: 512, timeoutSeconds: 120, feedsItself: true },
  "derive-records": { memoryMb: 512, timeoutSeconds: 60 },
  "record-history": { memoryMb: 512, timeoutSeconds: 60 },
  "take-snapshot": { memoryMb: 1024, timeoutSeconds: 300, feedsItself: true },
  "compare-sides": { memoryMb: 1024, timeoutSeconds: 900 },
  // Twice the memory is twice the processor, which deflating and encoding wait for.
  "export-records": { memoryMb: 1769, timeoutSeconds: 900, feedsItself: true },
  "serve-api": { memoryMb: 512, timeoutSeconds: 29 },
  // A whole file is read while somebody waits: memory brings processor.
  "propose-profile": { memoryMb: 1769, timeoutSeconds: 29 },
  "export-document": { memoryMb: 512, timeoutSeconds: 29 },
};

export const queueNames = [
  "polls",
  "imports",
  "import-parts",
  "import-documents",
  "changes",
  "deliveries-crm",
  "deliveries-books",
  "snapshots",
  "tie-outs",
  "exports",
] as const;
export type QueueName = (typeof queueNames)[number];

export interface QueueSettings {
  readonly consumer: FunctionName;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  /** Only messages the function names are delivered again; else the whole batch is. */
  readonly reportsFailures: boolean;
  /** Consumers at once; a small number protects the remote's quota. */
  readonly concurrencyMax: number;
  /** Receives before a message is set aside. SQS counts those that end in a throttle too. */
  readonly receiveCountMax: number;
}

/** For a message that is a whole piece of work. Two at once is the least that Lambda takes. */
function oneAtATime(consumer: FunctionName): QueueSettings {
  return {
    consumer,
    batchSize: 1,
    batchWindowSeconds: 0,
    reportsFailures: false,
    concurrencyMax: 2,
    receiveCountMax: 5,
  };
}

const delivery: QueueSettings = {
  consumer: "deliver-writes",
  batchSize: 20,
  batchWindowSeconds: 2,
  reportsFailures: true,
  concurrencyMax: 2,
  receiveCountMax: 8,
};

export const queueSettings: Readonly<Record<QueueName, QueueSettings>> = {
  polls: oneAtATime("poll-changes"),
  imports: oneAtATime("import-file"),
  // Ranges of one file are read by so many at once.
  "import-parts": { ...oneAtATime("import-parts"), concurrencyMax: 5 },
  "import-documents": oneAtATime("import-document"),
  changes: {
    consumer: "apply-changes",
    batchSize: 10,
    batchWindowSeconds: 1,
    reportsFailures: true,
    concurrencyMax: 5,
    receiveCountMax: 8,
  },
  "deliveries-crm": delivery,
  "deliveries-books": delivery,
  snapshots: oneAtATime("take-snapshot"),
  "tie-outs": oneAtATime("compare-sides"),
  exports: oneAtATime("export-records"),
};

export const queueRetentionDays = 4;
/** SQS's maximum. A message keeps its age when it is set aside, so this must be the longer one. */
export const deadLetterRetentionDays = 14;

/** What is kept between two messages: longer than one may be set aside and be tried again after that. */
export const stagingRetentionDays = deadLetterRetentionDays + queueRetentionDays + 1;

/** Reads of the mapping table's stream. */
export const streamSettings = {
  batchSize: 200,
  batchWindowSeconds: 1,
  retriesMax: 10,
  /** A change of one of these moves what is derived from it; of a product, the cost of what waited for it. */
  sourceRecordTypes: ["product", "order", "invoice", "creditNote", "payment"],
  /** Keys of external references: a new one wakes those who waited for it. */
  externalRef: { partitionKeyPrefix: "ext#", sortKey: "ref" },
} as const;

/** Reads of the mapping table's stream for the history. */
export const historyStreamSettings = {
  /** Lambda's maximum; its bound of 6 MB a batch is met first, at some thousand changes. */
  batchSize: 10_000,
  /**
   * A batch that fails is tried again for as long: S3 may be away for hours and nothing is lost. The
   * stream itself keeps a change for 24 hours.
   */
  ageMaxHours: 6,
  /** Of cross-references; no other item has a history. */
  sortKey: "xref",
} as const;

/**
 * What one query may read: a snapshot of a million records is a hundredth of it. Athena bills five
 * dollars for each 1 TB, so a query that went wrong costs five cents at the most.
 */
export const queryBytesScannedMax = 10_000_000_000;

/** Objects below this size cost more in the cheaper storage class than they save. */
export const historyColdStorage = { afterDays: 90, bytesMin: 128 * 1024 } as const;

/** An export that is tried again finds what it gathered for as long as its message may live. */
export const exportStagingDays = queueRetentionDays + 1;
