/**
 * Turns a template into a plan, and has it checked as AWS would check it on deployment.
 */
import { existsSync } from "node:fs";
import { type Access, readAccess } from "./access.ts";
import { createResolver, type Resolver } from "./intrinsics.ts";
import { type Inventory, readInventory } from "./inventory.ts";
import {
  ACCOUNT_ID,
  type Addresses,
  arnOf,
  friendlyNames,
  nameResource,
  STACK_NAME,
} from "./names.ts";
import type {
  BucketPlan,
  FunctionPlan,
  Named,
  Permission,
  Plan,
  QueuePlan,
  RoutePlan,
  SchedulePlan,
  TablePlan,
} from "./plan.ts";
import { planCatalog } from "./plan-catalog.ts";
import { planSources } from "./plan-sources.ts";
import {
  apiKind,
  bucketKind,
  functionKind,
  globalTableKind,
  integrationKind,
  invokeConfigKind,
  permissionKind,
  queueKind,
  routeKind,
  scheduleKind,
  secretKind,
  stageKind,
  type TableProperties,
  tableKind,
} from "./resource-kinds.ts";
import { parseSchedule } from "./schedule-expression.ts";
import type { Template } from "./template.ts";

interface Context {
  readonly inventory: Inventory;
  readonly resolver: Resolver;
  readonly access: Access;
  readonly addresses: Addresses;
  readonly problems: string[];
}

function nameAll<T>(
  resolver: Resolver,
  found: ReadonlyMap<string, T>,
): readonly (Named & { readonly properties: T })[] {
  const friendly = friendlyNames(found.keys());
  return [...found].map(([logicalId, properties]) => {
    const { ref, attributes } = resolver.names(logicalId);
    const physicalName = ref.slice(ref.lastIndexOf("/") + 1);
    const arn = attributes["Arn"] ?? ref;
    return { logicalId, name: friendly.get(logicalId) ?? logicalId, physicalName, arn, properties };
  });
}

function planFunctions(
  { inventory, resolver, access, problems }: Context,
  assets: ReadonlyMap<string, string>,
): readonly FunctionPlan[] {
  const configs = [...inventory.read(invokeConfigKind).values()];
  return nameAll(resolver, inventory.read(functionKind)).map(({ properties, ...named }) => {
    const key = properties.Code.S3Key;
    const bundleFolder = assets.get(key) ?? assets.get(key.replace(/\.zip$/, ""));
    if (bundleFolder === undefined || !existsSync(bundleFolder)) {
      problems.push(`${named.logicalId}.Code.S3Key: no bundle folder for ${key}`);
    }
    if (!access.isTrusted(properties.Role, "lambda.amazonaws.com", {})) {
      problems.push(`${named.logicalId}.Role: not a role that lambda.amazonaws.com may take`);
    }
    const config = configs.find((one) => one.FunctionName === named.physicalName);
    const variables = Object.entries(properties.Environment?.Variables ?? {});
    return {
      ...named,
      bundleFolder: bundleFolder ?? "",
      handler: properties.Handler,
      environment: Object.fromEntries(variables.map(([key, value]) => [key, String(value)])),
      memoryMb: properties.MemorySize,
      timeoutMs: properties.Timeout * 1000,
      concurrencyMax: properties.ReservedConcurrentExecutions,
      roleArn: properties.Role,
      retriesMax: config?.MaximumRetryAttempts ?? 2,
      deadLetterArn: properties.DeadLetterConfig?.TargetArn,
      onFailureArn: config?.DestinationConfig?.OnFailure?.Destination,
    };
  });
}

function planQueues({ inventory, resolver, addresses }: Context): readonly QueuePlan[] {
  const found = inventory.read(queueKind);
  const deadLetterArns = [...found.values()].map((one) => one.RedrivePolicy?.deadLetterTargetArn);
  return nameAll(resolver, found).map((one) => ({
    ...one,
    url: `${addresses.gatewayUrl}/${ACCOUNT_ID}/${one.physicalName}`,
    isDeadLetter: deadLetterArns.includes(one.arn),
  }));
}

function planTables({ inventory, resolver }: Context): readonly TablePlan[] {
  const found = new Map<string, TableProperties>([
    ...inventory.read(tableKind),
    ...inventory.read(globalTableKind),
  ]);
  return nameAll(resolver, found).map((one) => ({
    ...one,
    streamArn: resolver.names(one.logicalId).attributes["StreamArn"] ?? "",
  }));
}

type NotificationFilter =
  | { readonly S3Key: { readonly Rules: readonly { Name: string; Value: string }[] } }
  | undefined;

function planBuckets({ inventory, resolver }: Context): readonly BucketPlan[] {
  const affix = (filter: NotificationFilter, name: string) =>
    filter?.S3Key.Rules.find((rule) => rule.Name === name)?.Value ?? "";
  return nameAll(resolver, inventory.read(bucketKind)).map(({ properties, ...named }) => {
    const config = properties.NotificationConfiguration;
    const toQueues = (config?.QueueConfigurations ?? []).map((one) => ({
      event: one.Event,
      filter: one.Filter,
      target: { kind: "queue" as const, arn: one.Queue },
    }));
    const toFunctions = (config?.LambdaConfigurations ?? []).map((one) => ({
      event: one.Event,
      filter: one.Filter,
      target: { kind: "function" as const, arn: one.Function },
    }));
    const notifications = [...toQueues, ...toFunctions].map(({ event, filter, target }) => ({
      event,
      prefix: affix(filter, "prefix"),
      suffix: affix(filter, "suffix"),
      target,
    }));
    return { ...named, notifications };
  });
}

function planRoutes({ inventory, resolver, addresses, problems }: Context): readonly RoutePlan[] {
  if (inventory.read(apiKind).size > 1) problems.push("More than one HTTP API");
  if (inventory.read(apiKind).size > inventory.read(stageKind).size) {
    problems.push("The HTTP API has no stage, so it answers nothing");
  }
  const integrations = new Map(
    [...inventory.read(integrationKind)].map(([id, one]) => [resolver.names(id).ref, one]),
  );
  return [...inventory.read(routeKind)].flatMap(([logicalId, route]) => {
    const integration = integrations.get(route.Target.replace("integrations/", ""));
    if (integration === undefined) {
      problems.push(`${logicalId}.Target: no integration ${route.Target}`);
      return [];
    }
    return {
      apiArn: arnOf("execute-api", addresses.region, route.ApiId),
      routeKey: route.RouteKey,
      functionArn: integration.IntegrationUri,
      needsOperator: route.AuthorizationType === "AWS_IAM",
      timeoutMs: integration.TimeoutInMillis,
    };
  });
}

function planSchedules({ inventory, resolver, problems }: Context): readonly SchedulePlan[] {
  return nameAll(resolver, inventory.read(scheduleKind)).flatMap((one) => {
    try {
      const { ScheduleExpression, ScheduleExpressionTimezone } = one.properties;
      const time = parseSchedule(ScheduleExpression, ScheduleExpressionTimezone);
      return { ...one, time, groupName: one.properties.GroupName };
    } catch (error) {
      problems.push(`${one.logicalId}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  });
}

export interface PlanInput {
  readonly template: Template;
  readonly assets: ReadonlyMap<string, string>;
  readonly addresses: Addresses;
  /** Looks at the finished plan as AWS does on deployment; each line is one refusal. */
  check(plan: Plan, permissions: readonly Permission[]): readonly string[];
}

function readPermissions({ inventory, addresses }: Context): readonly Permission[] {
  return [...inventory.read(permissionKind).values()].map((one) => ({
    functionArn: one.FunctionName.startsWith("arn:")
      ? one.FunctionName
      : `arn:aws:lambda:${addresses.region}:${ACCOUNT_ID}:function:${one.FunctionName}`,
    principal: one.Principal,
    sourceArn: one.SourceArn,
  }));
}

/** Turns the template into a plan. Throws one error that lists every problem found. */
export function planStack({ template, assets, addresses, check }: PlanInput): Plan {
  const resolver: Resolver = createResolver({
    template,
    pseudo: {
      "AWS::Region": addresses.region,
      "AWS::AccountId": ACCOUNT_ID,
      "AWS::Partition": "aws",
      "AWS::StackName": STACK_NAME,
      "AWS::StackId": `arn:aws:cloudformation:${addresses.region}:${ACCOUNT_ID}:stack/${STACK_NAME}/0`,
      "AWS::URLSuffix": "amazonaws.com",
    },
    nameResource: (logicalId) =>
      nameResource(template, logicalId, addresses, (value, place) =>
        resolver.resolve(value, place),
      ),
  });
  const inventory = readInventory(template, resolver);
  const access = readAccess(inventory, resolver, addresses.region);
  const problems: string[] = [];
  const context: Context = { inventory, resolver, access, addresses, problems };
  const functions = planFunctions(context, assets);
  const queues = planQueues(context);
  const tables = planTables(context);
  const outputs = Object.entries(template.Outputs ?? {})
    .filter(([, one]) => one.Condition === undefined || resolver.isConditionTrue(one.Condition))
    .map(([name, one]) => [name, resolver.resolve(one.Value, `Outputs.${name}`)]);
  const buckets = planBuckets(context);
  const plan: Plan = {
    functions,
    queues,
    tables,
    buckets,
    ...planCatalog({ ...context, region: addresses.region }, buckets),
    secrets: nameAll(resolver, inventory.read(secretKind)),
    ...planSources(inventory, { queues, tables, functions }, problems),
    routes: planRoutes(context),
    schedules: planSchedules(context),
    outputs: Object.fromEntries(outputs),
    access,
  };
  problems.push(...check(plan, readPermissions(context)));
  if (problems.length > 0) {
    throw new Error(`The template would not work on AWS or here:\n${problems.join("\n")}`);
  }
  return plan;
}
