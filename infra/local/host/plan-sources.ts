/**
 * Event source mappings of the template, each with the settings that its kind of source has.
 */
import { compileFilter } from "./event-filter.ts";
import type { Inventory } from "./inventory.ts";
import { nameFromArn } from "./names.ts";
import type {
  FunctionPlan,
  Plan,
  QueuePlan,
  SqsSourcePlan,
  StreamSourcePlan,
  TablePlan,
} from "./plan.ts";
import { type EventSourceProperties, eventSourceKind } from "./resource-kinds.ts";

function refuseSettings(
  source: EventSourceProperties,
  names: readonly (keyof EventSourceProperties)[],
): readonly string[] {
  return names.filter((name) => source[name] !== undefined);
}

export interface SourceTargets {
  readonly queues: readonly QueuePlan[];
  readonly tables: readonly TablePlan[];
  readonly functions: readonly FunctionPlan[];
}

function planSqsSource(
  logicalId: string,
  source: EventSourceProperties,
  queue: QueuePlan,
  functionArn: string,
  problems: string[],
): SqsSourcePlan {
  for (const name of refuseSettings(source, [
    "BisectBatchOnFunctionError",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "DestinationConfig",
    "StartingPosition",
    "ParallelizationFactor",
    "FilterCriteria",
  ])) {
    problems.push(`${logicalId}.${name}: not known for a queue`);
  }
  return {
    logicalId,
    functionArn,
    queue,
    batchSize: source.BatchSize ?? 10,
    windowMs: source.MaximumBatchingWindowInSeconds * 1000,
    reportsFailures: source.FunctionResponseTypes.length > 0,
    concurrencyMax: source.ScalingConfig?.MaximumConcurrency ?? 2,
  };
}

function planStreamSource(
  logicalId: string,
  source: EventSourceProperties,
  table: TablePlan,
  functionArn: string,
  problems: string[],
): StreamSourcePlan {
  if (source.ScalingConfig !== undefined)
    problems.push(`${logicalId}.ScalingConfig: not for a stream`);
  if (source.StartingPosition === undefined) problems.push(`${logicalId}: needs StartingPosition`);
  if (table.properties.StreamSpecification === undefined) {
    problems.push(`${logicalId}.EventSourceArn: the table has no stream`);
  }
  return {
    logicalId,
    functionArn,
    table,
    batchSize: source.BatchSize ?? 100,
    windowMs: source.MaximumBatchingWindowInSeconds * 1000,
    reportsFailures: source.FunctionResponseTypes.length > 0,
    startsAt: source.StartingPosition ?? "TRIM_HORIZON",
    bisects: source.BisectBatchOnFunctionError ?? false,
    retriesMax: source.MaximumRetryAttempts ?? -1,
    ageMaxSeconds: source.MaximumRecordAgeInSeconds ?? -1,
    lanes: source.ParallelizationFactor ?? 1,
    onFailureArn: source.DestinationConfig?.OnFailure?.Destination,
    filter:
      source.FilterCriteria === undefined
        ? undefined
        : compileFilter(source.FilterCriteria.Filters.map((one) => one.Pattern)),
  };
}

/** Plans every event source that is switched on; what is wrong with one is added to `problems`. */
export function planSources(
  inventory: Inventory,
  { queues, tables, functions }: SourceTargets,
  problems: string[],
): Pick<Plan, "sqsSources" | "streamSources"> {
  const sqsSources: SqsSourcePlan[] = [];
  const streamSources: StreamSourcePlan[] = [];
  for (const [logicalId, source] of inventory.read(eventSourceKind)) {
    if (!source.Enabled) continue;
    const functionName = nameFromArn(source.FunctionName);
    const target = functions.find((one) => one.physicalName === functionName);
    const queue = queues.find((one) => one.arn === source.EventSourceArn);
    const table = tables.find((one) => one.streamArn === source.EventSourceArn);
    try {
      if (target === undefined) problems.push(`${logicalId}: no function ${functionName}`);
      else if (queue !== undefined) {
        sqsSources.push(planSqsSource(logicalId, source, queue, target.arn, problems));
      } else if (table !== undefined) {
        streamSources.push(planStreamSource(logicalId, source, table, target.arn, problems));
      } else problems.push(`${logicalId}: neither a queue nor a stream: ${source.EventSourceArn}`);
    } catch (error) {
      problems.push(`${logicalId}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return { sqsSources, streamSources };
}
