/**
 * Every resource type and property that the local host understands or knowingly passes over.
 *
 * What is not named here is a start-up error that says what and where. A property in the list of
 * ignored names has no effect on one machine (encryption, tags, retention of logs); everything else
 * is honoured.
 */
import * as z from "zod";
import { catalogDatabaseKind, catalogTableKind, workgroupKind } from "./catalog-kinds.ts";
import { flag, kind, type ResourceKind, shape, whole } from "./property-shapes.ts";

const policyDocument = z.unknown();

const keySchema = z.array(
  z.strictObject({ AttributeName: z.string(), KeyType: z.enum(["HASH", "RANGE"]) }),
);
const tableShape = {
  TableName: z.string().optional(),
  AttributeDefinitions: z.array(
    z.strictObject({ AttributeName: z.string(), AttributeType: z.enum(["S", "N", "B"]) }),
  ),
  KeySchema: keySchema,
  GlobalSecondaryIndexes: z
    .array(
      shape(
        {
          IndexName: z.string(),
          KeySchema: keySchema,
          Projection: z.strictObject({
            ProjectionType: z.enum(["ALL", "KEYS_ONLY", "INCLUDE"]),
            NonKeyAttributes: z.array(z.string()).optional(),
          }),
        },
        ["ContributorInsightsSpecification", "OnDemandThroughput", "WarmThroughput"],
      ),
    )
    .optional(),
  BillingMode: z.literal("PAY_PER_REQUEST"),
  StreamSpecification: z
    .strictObject({
      StreamViewType: z.enum(["NEW_AND_OLD_IMAGES", "NEW_IMAGE", "OLD_IMAGE", "KEYS_ONLY"]),
    })
    .optional(),
  TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: flag }).optional(),
};
const TABLE_IGNORED = [
  "ContributorInsightsSpecification",
  "DeletionProtectionEnabled",
  "OnDemandThroughput",
  "PointInTimeRecoverySpecification",
  "SSESpecification",
  "TableClass",
  "Tags",
  "WarmThroughput",
];

export const tableKind = kind("AWS::DynamoDB::Table", shape(tableShape, TABLE_IGNORED));
export const globalTableKind = kind(
  "AWS::DynamoDB::GlobalTable",
  shape(
    {
      ...tableShape,
      Replicas: z
        .array(
          shape({ Region: z.string() }, [
            ...TABLE_IGNORED,
            "GlobalSecondaryIndexes",
            "ReadOnDemandThroughputSettings",
          ]),
        )
        .length(1, "the local host runs one region"),
    },
    [...TABLE_IGNORED, "WriteOnDemandThroughputSettings"],
  ),
);
export type TableProperties = z.infer<typeof tableKind.schema>;

export const queueKind = kind(
  "AWS::SQS::Queue",
  shape(
    {
      QueueName: z.string().optional(),
      VisibilityTimeout: whole.optional(),
      MessageRetentionPeriod: whole.optional(),
      DelaySeconds: whole.optional(),
      MaximumMessageSize: whole.optional(),
      ReceiveMessageWaitTimeSeconds: whole.optional(),
      RedrivePolicy: z
        .strictObject({ deadLetterTargetArn: z.string(), maxReceiveCount: whole })
        .optional(),
      FifoQueue: z.literal(false, "FIFO queues are not supported").optional(),
    },
    ["SqsManagedSseEnabled", "Tags"],
  ),
);
export type QueueProperties = z.infer<typeof queueKind.schema>;

export const queuePolicyKind = kind(
  "AWS::SQS::QueuePolicy",
  shape({ PolicyDocument: policyDocument, Queues: z.array(z.string()) }),
);

const notificationFilter = z
  .strictObject({
    S3Key: z.strictObject({
      Rules: z.array(
        z.strictObject({
          Name: z
            .string()
            .toLowerCase()
            .pipe(z.enum(["prefix", "suffix"])),
          Value: z.string(),
        }),
      ),
    }),
  })
  .optional();
const notificationEvent = z
  .string()
  .regex(/^s3:Object(Created|Removed):(\*|Put|Copy|CompleteMultipartUpload|Delete)$/);

export const bucketKind = kind(
  "AWS::S3::Bucket",
  shape(
    {
      BucketName: z.string().optional(),
      NotificationConfiguration: z
        .strictObject({
          QueueConfigurations: z
            .array(
              z.strictObject({
                Event: notificationEvent,
                Queue: z.string(),
                Filter: notificationFilter,
              }),
            )
            .optional(),
          LambdaConfigurations: z
            .array(
              z.strictObject({
                Event: notificationEvent,
                Function: z.string(),
                Filter: notificationFilter,
              }),
            )
            .optional(),
        })
        .optional(),
    },
    [
      "BucketEncryption",
      "LifecycleConfiguration",
      "LoggingConfiguration",
      // A lock is of versions, and the emulator keeps the last one only.
      "ObjectLockConfiguration",
      "ObjectLockEnabled",
      "OwnershipControls",
      "PublicAccessBlockConfiguration",
      "Tags",
      "VersioningConfiguration",
    ],
  ),
);

export const bucketPolicyKind = kind(
  "AWS::S3::BucketPolicy",
  shape({ Bucket: z.string(), PolicyDocument: policyDocument }),
);

export const functionKind = kind(
  "AWS::Lambda::Function",
  shape(
    {
      FunctionName: z.string().optional(),
      Code: z.strictObject({ S3Bucket: z.unknown(), S3Key: z.string() }),
      Handler: z.string(),
      Runtime: z.string().regex(/^nodejs\d+\.x$/, "only Node.js functions run here"),
      Role: z.string(),
      Environment: z
        .strictObject({
          Variables: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
        })
        .optional(),
      MemorySize: whole.default(128),
      Timeout: whole.default(3),
      ReservedConcurrentExecutions: whole.optional(),
      DeadLetterConfig: z.strictObject({ TargetArn: z.string() }).optional(),
    },
    ["Architectures", "Description", "LoggingConfig", "RecursiveLoop", "Tags", "TracingConfig"],
  ),
);

const onFailure = z
  .strictObject({ OnFailure: z.strictObject({ Destination: z.string() }).optional() })
  .optional();

export const eventSourceKind = kind(
  "AWS::Lambda::EventSourceMapping",
  shape(
    {
      EventSourceArn: z.string(),
      FunctionName: z.string(),
      Enabled: flag.default(true),
      BatchSize: whole.optional(),
      MaximumBatchingWindowInSeconds: whole.default(0),
      FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).default([]),
      ScalingConfig: z.strictObject({ MaximumConcurrency: whole }).optional(),
      BisectBatchOnFunctionError: flag.optional(),
      MaximumRetryAttempts: whole.optional(),
      MaximumRecordAgeInSeconds: whole.optional(),
      DestinationConfig: onFailure,
      StartingPosition: z.enum(["TRIM_HORIZON", "LATEST"]).optional(),
      ParallelizationFactor: whole.optional(),
      FilterCriteria: z
        .strictObject({ Filters: z.array(z.strictObject({ Pattern: z.string() })) })
        .optional(),
    },
    ["Tags"],
  ),
);
export type EventSourceProperties = z.infer<typeof eventSourceKind.schema>;

export const permissionKind = kind(
  "AWS::Lambda::Permission",
  shape({
    Action: z.literal("lambda:InvokeFunction"),
    FunctionName: z.string(),
    Principal: z.string(),
    SourceArn: z.string().optional(),
    SourceAccount: z.string().optional(),
  }),
);

export const invokeConfigKind = kind(
  "AWS::Lambda::EventInvokeConfig",
  shape({
    FunctionName: z.string(),
    Qualifier: z.literal("$LATEST"),
    MaximumRetryAttempts: whole.optional(),
    MaximumEventAgeInSeconds: whole.optional(),
    DestinationConfig: onFailure,
  }),
);

export const roleKind = kind(
  "AWS::IAM::Role",
  shape(
    {
      RoleName: z.string().optional(),
      AssumeRolePolicyDocument: policyDocument,
      ManagedPolicyArns: z.array(z.string()).default([]),
      Policies: z
        .array(z.strictObject({ PolicyName: z.string(), PolicyDocument: policyDocument }))
        .default([]),
    },
    ["Description", "MaxSessionDuration", "Path", "Tags"],
  ),
);

export const rolePolicyKind = kind(
  "AWS::IAM::Policy",
  shape({ PolicyName: z.string(), PolicyDocument: policyDocument, Roles: z.array(z.string()) }),
);

export const apiKind = kind(
  "AWS::ApiGatewayV2::Api",
  shape({ ProtocolType: z.literal("HTTP") }, ["Description", "Name", "Tags"]),
);
export const integrationKind = kind(
  "AWS::ApiGatewayV2::Integration",
  shape(
    {
      ApiId: z.string(),
      IntegrationType: z.literal("AWS_PROXY"),
      IntegrationUri: z.string(),
      PayloadFormatVersion: z.literal("2.0"),
      TimeoutInMillis: whole.default(30_000),
    },
    ["ConnectionType", "Description", "IntegrationMethod"],
  ),
);
export const routeKind = kind(
  "AWS::ApiGatewayV2::Route",
  shape({
    ApiId: z.string(),
    RouteKey: z.string().regex(/^(\$default|[A-Z]+ \/.*)$/),
    Target: z.string().regex(/^integrations\/.+$/),
    AuthorizationType: z.enum(["NONE", "AWS_IAM"]).default("NONE"),
  }),
);
export const stageKind = kind(
  "AWS::ApiGatewayV2::Stage",
  shape({ ApiId: z.string(), StageName: z.literal("$default"), AutoDeploy: z.literal(true) }, [
    "AccessLogSettings",
    "DefaultRouteSettings",
    "Description",
    "RouteSettings",
    "Tags",
  ]),
);

export const scheduleKind = kind(
  "AWS::Scheduler::Schedule",
  shape(
    {
      Name: z.string().optional(),
      GroupName: z.string().default("default"),
      ScheduleExpression: z.string(),
      ScheduleExpressionTimezone: z.string().default("UTC"),
      State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
      FlexibleTimeWindow: z.strictObject({
        Mode: z.enum(["OFF", "FLEXIBLE"]),
        MaximumWindowInMinutes: whole.optional(),
      }),
      Target: z.strictObject({
        Arn: z.string(),
        RoleArn: z.string(),
        Input: z.string().optional(),
        SqsParameters: z.strictObject({}).optional(),
        RetryPolicy: z
          .strictObject({
            MaximumEventAgeInSeconds: whole.optional(),
            MaximumRetryAttempts: whole.optional(),
          })
          .optional(),
        DeadLetterConfig: z.strictObject({ Arn: z.string().optional() }).optional(),
      }),
    },
    ["Description"],
  ),
);
export type ScheduleProperties = z.infer<typeof scheduleKind.schema>;

export const secretKind = kind(
  "AWS::SecretsManager::Secret",
  shape(
    {
      Name: z.string().optional(),
      SecretString: z.string().optional(),
      GenerateSecretString: z
        .strictObject({
          SecretStringTemplate: z.string().optional(),
          GenerateStringKey: z.string().optional(),
          PasswordLength: whole.optional(),
          ExcludeCharacters: z.string().optional(),
          ExcludePunctuation: flag.optional(),
        })
        .optional(),
    },
    ["Description", "Tags"],
  ),
);
export type SecretProperties = z.infer<typeof secretKind.schema>;

/** Types with nothing to do on one machine: nobody is alarmed here, and logs go to the terminal. */
export const PASSED_OVER: readonly string[] = [
  "AWS::CDK::Metadata",
  "AWS::CloudWatch::Alarm",
  "AWS::Logs::LogGroup",
  "AWS::Scheduler::ScheduleGroup",
  "AWS::SNS::Topic",
  "AWS::SNS::TopicPolicy",
];

export const KINDS: readonly ResourceKind<unknown>[] = [
  tableKind,
  globalTableKind,
  queueKind,
  queuePolicyKind,
  bucketKind,
  bucketPolicyKind,
  functionKind,
  eventSourceKind,
  permissionKind,
  invokeConfigKind,
  roleKind,
  rolePolicyKind,
  apiKind,
  integrationKind,
  routeKind,
  stageKind,
  scheduleKind,
  secretKind,
  catalogDatabaseKind,
  catalogTableKind,
  workgroupKind,
];
