/**
 * Refuses what AWS would refuse, or would leave silently idle: a trigger without its permission, a
 * batch without a window, a queue that hides messages for less time than their function may take.
 */
import type { RequestContext } from "./iam.ts";
import { ACCOUNT_ID } from "./names.ts";
import type { BucketPlan, FunctionPlan, Permission, Plan, QueuePlan, RoutePlan } from "./plan.ts";

const QUEUE_READS = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
const STREAM_READS = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];
const BATCH_SIZE_MAX = 10_000;
const BATCH_SIZE_WITHOUT_WINDOW_MAX = 10;
const WINDOW_MS_MAX = 300_000;
const VISIBILITY_SECONDS_DEFAULT = 30;

function functionOf(plan: Plan, arn: string): FunctionPlan | undefined {
  return plan.functions.find((one) => one.arn === arn);
}

function missingGrants(
  plan: Plan,
  target: FunctionPlan | undefined,
  actions: readonly string[],
  resource: string,
): readonly string[] {
  if (target === undefined) return [];
  const role = { kind: "role" as const, id: target.roleArn };
  return actions
    .filter((action) => plan.access.check(role, action, resource) !== "allowed")
    .map((action) => `${target.name}: its role may not ${action} on ${resource}`);
}

function* checkBatch(id: string, batchSize: number, windowMs: number): Generator<string> {
  if (batchSize < 1 || batchSize > BATCH_SIZE_MAX) yield `${id}.BatchSize: out of range`;
  if (windowMs < 0 || windowMs > WINDOW_MS_MAX) {
    yield `${id}.MaximumBatchingWindowInSeconds: out of range`;
  }
}

function* checkQueueSources(plan: Plan): Generator<string> {
  for (const { logicalId, queue, batchSize, windowMs, ...source } of plan.sqsSources) {
    yield* checkBatch(logicalId, batchSize, windowMs);
    if (batchSize > BATCH_SIZE_WITHOUT_WINDOW_MAX && windowMs === 0) {
      yield `${logicalId}.BatchSize: above 10 it needs a MaximumBatchingWindowInSeconds`;
    }
    if (source.concurrencyMax < 2) yield `${logicalId}.ScalingConfig: at least 2 at a time`;
    const target = functionOf(plan, source.functionArn);
    yield* missingGrants(plan, target, QUEUE_READS, queue.arn);
    const visibleMs = (queue.properties.VisibilityTimeout ?? VISIBILITY_SECONDS_DEFAULT) * 1000;
    if (target !== undefined && visibleMs < target.timeoutMs) {
      yield `${queue.name}: its visibility time-out is less than the time-out of ${target.name}`;
    }
  }
}

function* checkStreamSources(plan: Plan): Generator<string> {
  for (const source of plan.streamSources) {
    yield* checkBatch(source.logicalId, source.batchSize, source.windowMs);
    if (source.lanes < 1 || source.lanes > 10) {
      yield `${source.logicalId}.ParallelizationFactor: from 1 to 10`;
    }
    const target = functionOf(plan, source.functionArn);
    yield* missingGrants(plan, target, STREAM_READS, source.table.streamArn);
    if (source.onFailureArn === undefined) continue;
    yield* checkQueueExists(plan.queues, source.logicalId, source.onFailureArn);
    yield* missingGrants(plan, target, ["sqs:SendMessage"], source.onFailureArn);
  }
}

function* checkQueueExists(
  queues: readonly QueuePlan[],
  id: string,
  arn: string,
): Generator<string> {
  if (!queues.some((one) => one.arn === arn)) yield `${id}: ${arn} is no queue of this stack`;
}

function* checkFunctions(plan: Plan): Generator<string> {
  for (const target of plan.functions) {
    for (const arn of [target.deadLetterArn, target.onFailureArn]) {
      if (arn === undefined) continue;
      yield* checkQueueExists(plan.queues, target.logicalId, arn);
      yield* missingGrants(plan, target, ["sqs:SendMessage"], arn);
    }
  }
  for (const queue of plan.queues) {
    const arn = queue.properties.RedrivePolicy?.deadLetterTargetArn;
    if (arn !== undefined) yield* checkQueueExists(plan.queues, queue.logicalId, arn);
  }
}

function arnMatches(pattern: string, arn: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`).test(arn);
}

function hasPermission(
  permissions: readonly Permission[],
  functionArn: string,
  principal: string,
  sourceArn: string,
): boolean {
  return permissions.some(
    (one) =>
      one.functionArn === functionArn &&
      one.principal === principal &&
      (one.sourceArn === undefined || arnMatches(one.sourceArn, sourceArn)),
  );
}

function routeArn(route: RoutePlan, apiArn: string): string {
  const [method = "", path = ""] = route.routeKey.split(" ");
  if (route.routeKey === "$default") return `${apiArn}/$default/$default`;
  return `${apiArn}/$default/${method}${path}`;
}

function* checkRoutes(plan: Plan, permissions: readonly Permission[]): Generator<string> {
  for (const route of plan.routes) {
    if (functionOf(plan, route.functionArn) === undefined) {
      yield `${route.routeKey}: ${route.functionArn} is no function of this stack`;
    } else {
      const arn = routeArn(route, route.apiArn);
      if (!hasPermission(permissions, route.functionArn, "apigateway.amazonaws.com", arn)) {
        yield `${route.routeKey}: API Gateway has no AWS::Lambda::Permission to call its function`;
      }
    }
  }
}

function* checkBucket(
  plan: Plan,
  bucket: BucketPlan,
  permissions: readonly Permission[],
): Generator<string> {
  const caller = { kind: "service" as const, id: "s3.amazonaws.com" };
  const context: RequestContext = {
    "aws:SourceAccount": ACCOUNT_ID,
    "aws:SourceArn": bucket.arn,
  };
  for (const { target } of bucket.notifications) {
    if (target.kind === "function") {
      if (!hasPermission(permissions, target.arn, caller.id, bucket.arn)) {
        yield `${bucket.name}: S3 has no AWS::Lambda::Permission to call ${target.arn}`;
      }
      continue;
    }
    yield* checkQueueExists(plan.queues, bucket.logicalId, target.arn);
    if (plan.access.check(caller, "sqs:SendMessage", target.arn, context) !== "allowed") {
      yield `${bucket.name}: the policy of ${target.arn} does not let S3 send to it`;
    }
  }
}

function* checkSchedules(plan: Plan, region: string): Generator<string> {
  for (const { logicalId, groupName, properties } of plan.schedules) {
    const { Arn, RoleArn, DeadLetterConfig } = properties.Target;
    const context: RequestContext = {
      "aws:SourceAccount": ACCOUNT_ID,
      "aws:SourceArn": `arn:aws:scheduler:${region}:${ACCOUNT_ID}:schedule-group/${groupName}`,
    };
    if (!plan.access.isTrusted(RoleArn, "scheduler.amazonaws.com", context)) {
      yield `${logicalId}.Target.RoleArn: not a role that scheduler.amazonaws.com may take`;
    }
    const isKnown =
      functionOf(plan, Arn) !== undefined || plan.queues.some((one) => one.arn === Arn);
    if (!isKnown) yield `${logicalId}.Target.Arn: ${Arn} is neither a queue nor a function here`;
    if (DeadLetterConfig?.Arn !== undefined) {
      yield* checkQueueExists(plan.queues, logicalId, DeadLetterConfig.Arn);
    }
  }
}

/** One line for each thing that would not work. */
export function checkDeployment(
  plan: Plan,
  permissions: readonly Permission[],
  region: string,
): readonly string[] {
  return [
    ...checkQueueSources(plan),
    ...checkStreamSources(plan),
    ...checkFunctions(plan),
    ...checkRoutes(plan, permissions),
    ...plan.buckets.flatMap((bucket) => [...checkBucket(plan, bucket, permissions)]),
    ...checkSchedules(plan, region),
  ];
}
