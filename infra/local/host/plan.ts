/**
 * What the template asks to be run, in plain records.
 */
import type { Access } from "./access.ts";
import type { EventFilter } from "./event-filter.ts";
import type {
  QueueProperties,
  ScheduleProperties,
  SecretProperties,
  TableProperties,
} from "./resource-kinds.ts";
import type { ScheduleTime } from "./schedule-expression.ts";

export interface Named {
  readonly logicalId: string;
  /** Friendly: the logical id without CDK's hash. */
  readonly name: string;
  readonly physicalName: string;
  readonly arn: string;
}

export interface FunctionPlan extends Named {
  readonly bundleFolder: string;
  readonly handler: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly concurrencyMax: number | undefined;
  readonly roleArn: string;
  /** For asynchronous invocations only. */
  readonly retriesMax: number;
  readonly deadLetterArn: string | undefined;
  readonly onFailureArn: string | undefined;
}

export interface QueuePlan extends Named {
  readonly url: string;
  readonly properties: QueueProperties;
  readonly isDeadLetter: boolean;
}

export interface TablePlan extends Named {
  readonly streamArn: string;
  readonly properties: TableProperties;
}

export interface BucketNotification {
  readonly event: string;
  readonly prefix: string;
  readonly suffix: string;
  readonly target: { readonly kind: "queue" | "function"; readonly arn: string };
}

export interface BucketPlan extends Named {
  readonly notifications: readonly BucketNotification[];
}

interface SourcePlan {
  readonly logicalId: string;
  readonly functionArn: string;
  readonly batchSize: number;
  readonly windowMs: number;
  readonly reportsFailures: boolean;
}

export interface SqsSourcePlan extends SourcePlan {
  readonly queue: QueuePlan;
  readonly concurrencyMax: number;
}

export interface StreamSourcePlan extends SourcePlan {
  readonly table: TablePlan;
  readonly startsAt: "TRIM_HORIZON" | "LATEST";
  readonly bisects: boolean;
  /** -1: retried until it succeeds. */
  readonly retriesMax: number;
  readonly ageMaxSeconds: number;
  readonly lanes: number;
  readonly onFailureArn: string | undefined;
  readonly filter: EventFilter | undefined;
}

export interface RoutePlan {
  /** Of `execute-api`, up to the API's id. */
  readonly apiArn: string;
  readonly routeKey: string;
  readonly functionArn: string;
  readonly needsOperator: boolean;
  readonly timeoutMs: number;
}

export interface SchedulePlan extends Named {
  readonly groupName: string;
  readonly time: ScheduleTime;
  readonly properties: ScheduleProperties;
}

export interface SecretPlan extends Named {
  readonly properties: SecretProperties;
}

/** Of Glue's column types those that are known here. */
export const columnTypes = ["string", "bigint"] as const;

export interface CatalogColumn {
  readonly name: string;
  readonly type: (typeof columnTypes)[number];
}

export interface ProjectedPartition {
  readonly name: string;
  /** The enum's; undefined for an injected one, whose values the query names. */
  readonly values: readonly string[] | undefined;
}

/** A table of the Glue catalogue: Parquet objects in a folder for each combination of partitions. */
export interface CatalogTablePlan {
  readonly database: string;
  readonly name: string;
  readonly columns: readonly CatalogColumn[];
  readonly partitions: readonly ProjectedPartition[];
  readonly bucket: string;
  /** Of a partition's objects, with `${name}` for each partition and a slash at the end. */
  readonly key: string;
}

export interface WorkgroupPlan {
  readonly name: string;
  readonly arn: string;
  readonly results: { readonly bucket: string; readonly prefix: string };
  /** Of one query. */
  readonly bytesScannedMax: number | undefined;
}

export interface Plan {
  readonly functions: readonly FunctionPlan[];
  readonly queues: readonly QueuePlan[];
  readonly tables: readonly TablePlan[];
  readonly buckets: readonly BucketPlan[];
  readonly secrets: readonly SecretPlan[];
  readonly catalogTables: readonly CatalogTablePlan[];
  readonly workgroups: readonly WorkgroupPlan[];
  readonly sqsSources: readonly SqsSourcePlan[];
  readonly streamSources: readonly StreamSourcePlan[];
  readonly routes: readonly RoutePlan[];
  readonly schedules: readonly SchedulePlan[];
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly access: Access;
}

/** From `AWS::Lambda::Permission`. */
export interface Permission {
  readonly functionArn: string;
  readonly principal: string;
  readonly sourceArn: string | undefined;
}
