import { Match, type Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { propertiesOf, readable, synthesizeStage, withoutDigest } from "./stack-template.ts";

let template: Template;
let local: Template;

beforeAll(async () => {
  template = (await synthesizeStage("prod")).template;
  local = (await synthesizeStage("local")).template;
});

describe("the mapping table", () => {
  it("is billed on demand, keeps a stream of both images and forgets what has expired", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      BillingMode: "PAY_PER_REQUEST",
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
      StreamSpecification: { StreamViewType: "NEW_AND_OLD_IMAGES" },
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
  });

  it("has the three sparse indexes, of keys only", () => {
    const index = (name: string, partitionKey: string, sortKey: string) => ({
      IndexName: name,
      KeySchema: [
        { AttributeName: partitionKey, KeyType: "HASH" },
        { AttributeName: sortKey, KeyType: "RANGE" },
      ],
      Projection: { ProjectionType: "KEYS_ONLY" },
    });

    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      GlobalSecondaryIndexes: [
        index("due", "dueBucket", "dueOn"),
        index("parked", "parkedBucket", "parkedAt"),
        index("runs", "runsBucket", "startedAt"),
      ],
    });
  });

  it("can be restored to any second of 35 days and is not deleted in production", () => {
    template.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Retain",
      UpdateReplacePolicy: "Retain",
      Properties: {
        Replicas: [
          Match.objectLike({
            DeletionProtectionEnabled: true,
            PointInTimeRecoverySpecification: {
              PointInTimeRecoveryEnabled: true,
              RecoveryPeriodInDays: 35,
            },
          }),
        ],
      },
    });
  });

  it("goes with the stack elsewhere", () => {
    local.hasResource("AWS::DynamoDB::GlobalTable", {
      DeletionPolicy: "Delete",
      Properties: { Replicas: [Match.objectLike({ DeletionProtectionEnabled: false })] },
    });
  });
});

describe("the buckets", () => {
  it("are six, private, encrypted and kept in production", () => {
    const buckets = template.findResources("AWS::S3::Bucket");

    expect(Object.keys(buckets).map(withoutDigest).sort()).toEqual([
      "StatefulAccessLogs",
      "StatefulHistory",
      "StatefulInbox",
      "StatefulOutbox",
      "StatefulSnapshots",
      "StatefulStaging",
    ]);
    for (const bucket of Object.values(buckets)) {
      expect(bucket).toMatchObject({
        DeletionPolicy: "Retain",
        Properties: {
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
            ],
          },
        },
      });
    }
  });

  it("refuse all that is not TLS", () => {
    const policies = [...propertiesOf(template, "AWS::S3::BucketPolicy").values()];

    expect(policies.map((policy) => readable(policy.Bucket)).sort()).toEqual([
      "StatefulAccessLogs",
      "StatefulHistory",
      "StatefulInbox",
      "StatefulOutbox",
      "StatefulSnapshots",
      "StatefulStaging",
    ]);
    for (const { PolicyDocument } of policies) {
      expect(PolicyDocument.Statement).toContainEqual(
        expect.objectContaining({
          Effect: "Deny",
          Action: "s3:*",
          Principal: { AWS: "*" },
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        }),
      );
    }
  });

  it.each(["Inbox", "Outbox", "History"])("%s keeps versions and writes access logs", (name) => {
    expect(propertiesOf(template, "AWS::S3::Bucket").get(`Stateful${name}`)).toMatchObject({
      VersioningConfiguration: { Status: "Enabled" },
      LoggingConfiguration: { LogFilePrefix: `${name.toLowerCase()}/` },
    });
  });

  it("forget in time, but not before the last message that points to an object", () => {
    for (const stage of [template, local]) {
      for (const [name, bucket] of propertiesOf(stage, "AWS::S3::Bucket")) {
        const rules: Record<string, unknown>[] = bucket.LifecycleConfiguration.Rules;
        expect(rules).toContainEqual({
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          Status: "Enabled",
        });
        const shortLived = { Prefix: "export-staging/", ExpirationInDays: 5, Status: "Enabled" };
        expect(rules.filter((rule) => "Prefix" in rule)).toEqual(
          name === "StatefulSnapshots" ? [shortLived] : [],
        );
        const expiries = rules.filter((rule) => "ExpirationInDays" in rule && !("Prefix" in rule));
        expect(expiries).toHaveLength(name === "StatefulHistory" ? 0 : 1);
      }
      const { Rules } = propertiesOf(stage, "AWS::S3::Bucket").get(
        "StatefulInbox",
      ).LifecycleConfiguration;
      const days = Rules.flatMap(
        (rule: { ExpirationInDays?: number }) => rule.ExpirationInDays ?? [],
      );
      expect(Math.min(...days)).toBeGreaterThan(14 + 4);
    }
  });

  it("keeps what stands between the parts of an import for as long as a result may be asked for", () => {
    const { Rules } = propertiesOf(template, "AWS::S3::Bucket").get(
      "StatefulStaging",
    ).LifecycleConfiguration;
    const days = Rules.flatMap(
      (rule: { ExpirationInDays?: number }) => rule.ExpirationInDays ?? [],
    );

    expect(days).toEqual([limits.importStagingDays]);
  });

  it("tell the imports queue of each file, once the queue lets S3 do so", () => {
    const inboxes = Object.entries(template.findResources("AWS::S3::Bucket")).filter(([id]) =>
      id.startsWith("StatefulInbox"),
    );

    expect(inboxes.map(([, inbox]) => inbox["DependsOn"].map(withoutDigest))).toEqual([
      ["SyncImportsQueuePolicy"],
    ]);
    const { QueueConfigurations } = propertiesOf(template, "AWS::S3::Bucket").get(
      "StatefulInbox",
    ).NotificationConfiguration;
    expect(
      QueueConfigurations.map(({ Queue, ...others }: { Queue: unknown }) => ({
        ...others,
        Queue: readable(Queue),
      })),
    ).toEqual([{ Event: "s3:ObjectCreated:*", Queue: "SyncImportsQueue.Arn" }]);
  });
});

describe("the history bucket", () => {
  const historyOf = (stage: Template) =>
    propertiesOf(stage, "AWS::S3::Bucket").get("StatefulHistory");

  it("locks each version for ten years in production, and for a day elsewhere", () => {
    const locked = (days: number) => ({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: "Enabled",
        Rule: { DefaultRetention: { Days: days, Mode: "GOVERNANCE" } },
      },
    });

    expect(historyOf(template)).toMatchObject(locked(3_650));
    expect(historyOf(local)).toMatchObject(locked(1));
  });

  it("forgets nothing, and moves what is old and not small to a cheaper place", () => {
    expect(historyOf(template).LifecycleConfiguration.Rules).toEqual([
      { AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: "Enabled" },
      {
        ObjectSizeGreaterThan: 131_072,
        Status: "Enabled",
        Transitions: [{ StorageClass: "GLACIER_IR", TransitionInDays: 90 }],
      },
    ]);
  });

  it("lets nobody delete an object or put another in its place", () => {
    const { PolicyDocument } = propertiesOf(template, "AWS::S3::BucketPolicy").get(
      "StatefulHistoryPolicy",
    );
    const denied = (actions: string | readonly string[], condition: object) =>
      expect.objectContaining({
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: actions,
        ...condition,
      });
    const refusals: { Resource: unknown }[] = PolicyDocument.Statement.slice(1);

    expect(refusals).toEqual([
      denied(["s3:DeleteObject", "s3:DeleteObjectVersion"], {}),
      denied("s3:PutObject", { Condition: { Null: { "s3:if-none-match": "true" } } }),
    ]);
    expect(refusals.map(({ Resource }) => readable(Resource))).toEqual(
      Array(2).fill("StatefulHistory.Arn/*"),
    );
  });
});

describe("the secret", () => {
  it("holds a generated placeholder and is kept in production", () => {
    template.hasResource("AWS::SecretsManager::Secret", {
      DeletionPolicy: "Retain",
      Properties: { GenerateSecretString: {}, SecretString: Match.absent() },
    });
  });
});
