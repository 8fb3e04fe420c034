/**
 * Event source mappings without CDK's event source classes: those widen the function's role by
 * grants of their own, and here every permission is a row of `stacks/functions.ts`.
 */
import { Duration, Stack } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import * as lambda from "aws-cdk-lib/aws-lambda";
import { type Bucket, CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { tableSchema } from "#shared/config/names.ts";
import { historyStreamSettings, type QueueSettings, streamSettings } from "../config.ts";

/** Lets the function read the queue in batches. */
export function readQueue(
  scope: Construct,
  id: string,
  target: lambda.IFunction,
  queue: Queue,
  settings: QueueSettings,
): void {
  new lambda.EventSourceMapping(scope, id, {
    target,
    eventSourceArn: queue.queueArn,
    batchSize: settings.batchSize,
    maxBatchingWindow: Duration.seconds(settings.batchWindowSeconds),
    maxConcurrency: settings.concurrencyMax,
    reportBatchItemFailures: settings.reportsFailures,
  });
}

/**
 * Lets the function read those changes of the table that derivations depend on; a batch that keeps
 * failing is halved, and what is left of it goes to `failures`.
 */
export function readTableStream(
  scope: Construct,
  id: string,
  target: lambda.IFunction,
  table: TableV2,
  failures: Queue,
): void {
  if (table.tableStreamArn === undefined) throw new Error("The mapping table has no stream");
  new lambda.EventSourceMapping(scope, id, {
    target,
    eventSourceArn: table.tableStreamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: streamSettings.batchSize,
    maxBatchingWindow: Duration.seconds(streamSettings.batchWindowSeconds),
    bisectBatchOnError: true,
    retryAttempts: streamSettings.retriesMax,
    onFailure: { bind: () => ({ destination: failures.queueArn }) },
    filters: streamFilters().map((filter) => lambda.FilterCriteria.filter(filter)),
  });
}

/** Lets the function read every change of a cross-reference, in batches as large as may be. */
export function readForHistory(
  scope: Construct,
  id: string,
  target: lambda.IFunction,
  table: TableV2,
  failures: Queue,
  windowSeconds: number,
): void {
  if (table.tableStreamArn === undefined) throw new Error("The mapping table has no stream");
  new lambda.EventSourceMapping(scope, id, {
    target,
    eventSourceArn: table.tableStreamArn,
    startingPosition: lambda.StartingPosition.TRIM_HORIZON,
    batchSize: historyStreamSettings.batchSize,
    maxBatchingWindow: Duration.seconds(windowSeconds),
    bisectBatchOnError: true,
    maxRecordAge: Duration.hours(historyStreamSettings.ageMaxHours),
    onFailure: { bind: () => ({ destination: failures.queueArn }) },
    filters: [
      lambda.FilterCriteria.filter({
        dynamodb: {
          Keys: {
            [tableSchema.sortKey]: { S: lambda.FilterRule.isEqual(historyStreamSettings.sortKey) },
          },
        },
      }),
    ],
  });
}

/** A change passes when any of these matches. */
function streamFilters(): Record<string, unknown>[] {
  const { recordType, newlyLinked, mergedWith, partitionKey, sortKey } = tableSchema;
  const { sourceRecordTypes, externalRef } = streamSettings;
  const newImage = (pattern: Record<string, unknown>) => ({ dynamodb: { NewImage: pattern } });
  return [
    newImage({
      [recordType]: { S: lambda.FilterRule.or(...sourceRecordTypes) },
    }),
    // `exists` is only understood at a leaf, so the attribute's type is part of the pattern.
    newImage({ [newlyLinked]: { SS: lambda.FilterRule.exists() } }),
    newImage({ [mergedWith]: { SS: lambda.FilterRule.exists() } }),
    {
      eventName: lambda.FilterRule.isEqual("INSERT"),
      dynamodb: {
        Keys: {
          [partitionKey]: { S: lambda.FilterRule.beginsWith(externalRef.partitionKeyPrefix) },
          // Who waits for a reference stands in its partition.
          [sortKey]: { S: lambda.FilterRule.isEqual(externalRef.sortKey) },
        },
      },
    },
  ];
}

/**
 * Has the bucket tell the queue of each object, whatever its name: what it is, its content says.
 *
 * Set on the resource itself, because the bucket construct would do it through a custom resource.
 * S3 tries the queue when the bucket is made, so the queue's policy comes first; it can therefore
 * name the account but not the bucket.
 */
export function notifyOfUploads(bucket: Bucket, queue: Queue): void {
  const granted = queue.addToResourcePolicy(
    new PolicyStatement({
      sid: "UploadsOfThisAccount",
      principals: [new ServicePrincipal("s3.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(queue).account } },
    }),
  );
  const resource = bucket.node.defaultChild;
  if (!(resource instanceof CfnBucket)) throw new Error("The bucket is not one of this stack");
  resource.notificationConfiguration = {
    queueConfigurations: [{ event: "s3:ObjectCreated:*", queue: queue.queueArn }],
  };
  if (granted.policyDependable === undefined) throw new Error("The queue takes no policy");
  bucket.node.addDependency(granted.policyDependable);
}
