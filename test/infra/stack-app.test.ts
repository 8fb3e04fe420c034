import { join } from "node:path";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { beforeAll, describe, expect, it } from "vitest";
import { bundleFunctions } from "#infra/bundle.ts";
import { acknowledgements } from "#infra/stacks/acknowledgements.ts";
import { createApp } from "#infra/synthesize.ts";
import {
  propertiesOf,
  readable,
  type SynthesizedStage,
  synthesizeStage,
  withoutDigest,
  withTemporaryFolder,
  writeHandlers,
} from "./stack-template.ts";

let prod: SynthesizedStage;

beforeAll(async () => {
  prod = await synthesizeStage("prod");
});

const queues = [
  "Polls",
  "Imports",
  "ImportParts",
  "ImportDocuments",
  "Changes",
  "DeliveriesCrm",
  "DeliveriesBooks",
  "Snapshots",
  "TieOuts",
  "Exports",
];

describe("the rule packs", () => {
  it("judge every synthesis", () => {
    const judged = prod.report.pluginReports.map((one) => [one.pluginName, one.violations]);

    expect(judged).toEqual([
      ["AwsSolutions", []],
      ["Serverless", []],
    ]);
  });

  it("stop a synthesis that has a finding", async () => {
    await withTemporaryFolder(async (folder) => {
      const { bundlesFolder } = await bundleFunctions({
        functionsFolder: await writeHandlers(join(folder, "functions")),
        bundlesFolder: join(folder, "dist"),
      });
      const { app, stack } = await createApp({
        outFolder: join(folder, "out"),
        bundlesFolder,
        checksTemplate: false,
      });
      new Queue(stack, "WithoutDeadLetters");

      expect(() => app.synth()).toThrow("AwsSolutions-SQS3");
    });
  });

  it("find all that is acknowledged, so that no reason outlives its finding", () => {
    const found = prod.report.pluginReports
      .flatMap((one) => one.suppressedViolations)
      .map((one) => `${one.acknowledgedAt} ${one.acknowledgedId}`);

    expect(new Set(found)).toEqual(
      new Set(acknowledgements.map(({ path, id }) => `tieout-prod/${path} ${id}`)),
    );
  });

  it("are told of these exceptions and of no other", () => {
    const importers = ["ImportFile", "ImportParts", "ImportDocument"];
    const listed = acknowledgements.map(({ path, id }) => `${path} ${id.replace(/^\w+::/, "")}`);

    expect(listed).toEqual([
      "Stateful/Connections AwsSolutions-SMG4",
      "Sync/Api/Api/POST--webhooks--{connection} AwsSolutions-APIG4",
      "Sync/Api/Api/GET--health AwsSolutions-APIG4",
      "Sync/Functions AwsSolutions-IAM5[Resource::*]",
      ...[...importers, "ProposeProfile"].map(
        (name) =>
          `Sync/Functions/${name} AwsSolutions-IAM5[Resource::<StatefulInboxD0D22C52.Arn>/*]`,
      ),
      ...importers.flatMap((name) => [
        `Sync/Functions/${name} AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/*]`,
        `Sync/Functions/${name} AwsSolutions-IAM5[Resource::<StatefulStaging423DF366.Arn>/imports/*]`,
      ]),
      "Sync/Functions/ImportDocument AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/bank/*]",
      "Sync/Functions/TakeSnapshot AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/bank/*]",
      "Sync/Functions/RecordHistory AwsSolutions-IAM5[Resource::<StatefulHistory9DA3D326.Arn>/history/*]",
      "Sync/Functions/ServeApi AwsSolutions-IAM5[Resource::<StatefulHistory9DA3D326.Arn>/history/*]",
      "Sync/Functions/TakeSnapshot AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/snapshots/*]",
      "Sync/Functions/TakeSnapshot AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/snapshot-manifests/*]",
      "Sync/Functions/CompareSides AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/snapshots/*]",
      "Sync/Functions/CompareSides AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/snapshot-manifests/*]",
      "Sync/Functions/CompareSides AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/athena-results/*]",
      "Sync/Functions/ExportRecords AwsSolutions-IAM5[Resource::<StatefulSnapshotsF3EFC555.Arn>/export-staging/*]",
      "Sync/Functions/ExportRecords AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/exports/*]",
      "Sync/Functions/ServeApi AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/exports/*]",
      "Sync/Functions/CompareSides AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/tie-outs/*]",
      "Sync/Functions/ExportRecords AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/tie-outs/*]",
      "Sync/Functions/ServeApi AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/tie-outs/*]",
      "Sync/Functions Serverless-LambdaDLQ",
      "Sync/StreamFailures AwsSolutions-SQS3",
      "Sync/StreamFailures Serverless-SQSRedrivePolicy",
      "Sync/HistoryFailures AwsSolutions-SQS3",
      "Sync/HistoryFailures Serverless-SQSRedrivePolicy",
      "Sync/LostSchedules AwsSolutions-SQS3",
      "Sync/LostSchedules Serverless-SQSRedrivePolicy",
      ...queues.map((name) => `Sync/${name}/DeadLetters Serverless-SQSRedrivePolicy`),
      ...queues.map(
        (name) => `Sync/Sources/${name} Serverless-LambdaEventSourceMappingDestination`,
      ),
    ]);
  });
});

describe("the template", () => {
  it("holds only what the local host runs, and no custom resource", () => {
    const { Resources } = prod.template.toJSON();
    const types = Object.values<{ Type: string }>(Resources).map((resource) => resource.Type);

    expect([...new Set(types)].sort()).toEqual([
      "AWS::ApiGatewayV2::Api",
      "AWS::ApiGatewayV2::Integration",
      "AWS::ApiGatewayV2::Route",
      "AWS::ApiGatewayV2::Stage",
      "AWS::Athena::WorkGroup",
      "AWS::CloudWatch::Alarm",
      "AWS::DynamoDB::GlobalTable",
      "AWS::Glue::Database",
      "AWS::Glue::Table",
      "AWS::IAM::Policy",
      "AWS::IAM::Role",
      "AWS::Lambda::EventSourceMapping",
      "AWS::Lambda::Function",
      "AWS::Lambda::Permission",
      "AWS::Logs::LogGroup",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::SNS::Topic",
      "AWS::SNS::TopicPolicy",
      "AWS::SQS::Queue",
      "AWS::SQS::QueuePolicy",
      "AWS::Scheduler::Schedule",
      "AWS::Scheduler::ScheduleGroup",
      "AWS::SecretsManager::Secret",
    ]);
  });

  it("tells where everything is", () => {
    const outputs = Object.entries(prod.template.findOutputs("*"));

    expect(
      Object.fromEntries(outputs.map(([name, output]) => [name, readable(output["Value"])])),
    ).toEqual({
      ApiUrl: "SyncApi.ApiEndpoint",
      TableName: "StatefulTable",
      InboxBucket: "StatefulInbox",
      OutboxBucket: "StatefulOutbox",
      HistoryBucket: "StatefulHistory",
      SnapshotsBucket: "StatefulSnapshots",
      ConnectionsSecretArn: "StatefulConnections",
      AlarmTopicArn: "ObservabilityAlarms",
      PollsQueueUrl: "SyncPollsQueue",
      ImportsQueueUrl: "SyncImportsQueue",
      ChangesQueueUrl: "SyncChangesQueue",
      DeliveriesCrmQueueUrl: "SyncDeliveriesCrmQueue",
      DeliveriesBooksQueueUrl: "SyncDeliveriesBooksQueue",
      SnapshotsQueueUrl: "SyncSnapshotsQueue",
      TieOutsQueueUrl: "SyncTieOutsQueue",
      ExportsQueueUrl: "SyncExportsQueue",
    });
  });
});

describe("the alarms", () => {
  const alarms = () =>
    [...propertiesOf(prod.template, "AWS::CloudWatch::Alarm").values()].map((alarm) => ({
      metric: alarm.MetricName,
      of: readable(alarm.Dimensions?.[0]?.Value ?? alarm.Namespace),
      threshold: alarm.Threshold,
      comparison: alarm.ComparisonOperator,
      missing: alarm.TreatMissingData,
      to: alarm.AlarmActions.map(readable),
    }));

  it("watch every queue that nothing else reads, from the first message on", () => {
    const names = [...propertiesOf(prod.template, "AWS::SQS::Queue").keys()];
    const watched = alarms().filter((one) => one.metric === "ApproximateNumberOfMessagesVisible");

    expect(watched.map((one) => one.of).sort()).toEqual(
      names
        .filter((name) => !name.endsWith("Queue"))
        .map((name) => `${name}.QueueName`)
        .sort(),
    );
    expect(new Set(watched.map((one) => `${one.comparison} ${one.threshold}`))).toEqual(
      new Set(["GreaterThanThreshold 0"]),
    );
  });

  it("watch how long a change waits", () => {
    expect(alarms().filter((one) => one.metric === "ApproximateAgeOfOldestMessage")).toEqual([
      {
        metric: "ApproximateAgeOfOldestMessage",
        of: "SyncChangesQueue.QueueName",
        threshold: 900,
        comparison: "GreaterThanThreshold",
        missing: "notBreaching",
        to: ["ObservabilityAlarms"],
      },
    ]);
  });

  it("watch what the tie-out counts, and stay until it counts again", () => {
    expect(alarms().filter((one) => one.metric === "DifferencesAboveTolerance")).toEqual([
      {
        metric: "DifferencesAboveTolerance",
        of: "tieout-prod",
        threshold: 0,
        comparison: "GreaterThanThreshold",
        missing: "ignore",
        to: ["ObservabilityAlarms"],
      },
    ]);
  });

  it("watch the errors of every function", () => {
    const functions = [...propertiesOf(prod.template, "AWS::Lambda::Function").keys()];

    expect(
      alarms()
        .filter((one) => one.metric === "Errors")
        .map((one) => one.of)
        .sort(),
    ).toEqual(functions.sort());
  });

  it("all go to the topic, which CloudWatch may write to", () => {
    expect(new Set(alarms().flatMap((one) => one.to))).toEqual(new Set(["ObservabilityAlarms"]));
    const { PolicyDocument, Topics } = propertiesOf(prod.template, "AWS::SNS::TopicPolicy").get(
      "ObservabilityAlarmsPolicy",
    );
    expect(Topics.map(readable)).toEqual(["ObservabilityAlarms"]);
    expect(
      PolicyDocument.Statement.map((one: { Effect: string; Principal: unknown }) => [
        one.Effect,
        one.Principal,
      ]),
    ).toEqual([
      ["Deny", "*"],
      ["Allow", { Service: "cloudwatch.amazonaws.com" }],
    ]);
  });
});

describe("a stage", () => {
  it("names its queues and functions after itself", async () => {
    const { template } = await synthesizeStage("dev");

    template.hasResourceProperties("AWS::SQS::Queue", { QueueName: "tieout-dev-changes" });
    template.hasResourceProperties("AWS::Lambda::Function", {
      FunctionName: "tieout-dev-apply-changes",
    });
    template.hasResourceProperties("AWS::Scheduler::Schedule", {
      Name: "incremental",
      ScheduleExpression: "rate(15 minutes)",
    });
  });

  it("has the same resources in every stage, so that what runs here is what is deployed", async () => {
    const ids = (stage: SynthesizedStage) =>
      Object.keys(stage.template.toJSON()["Resources"]).sort();

    expect(ids(await synthesizeStage("local"))).toEqual(ids(prod));
    expect(ids(await synthesizeStage("dev"))).toEqual(ids(prod));
  });

  it("takes the address that vendors call from its context", async () => {
    const { template } = await synthesizeStage("prod", { publicUrl: "https://sync.example.com" });
    const webhook = propertiesOf(template, "AWS::Lambda::Function").get(
      "SyncFunctionsReceiveWebhookFunction",
    );

    expect(webhook.Environment.Variables.PUBLIC_URL).toBe("https://sync.example.com");
  });

  it("must be one of those there are", async () => {
    await expect(createApp({ context: { stage: "production" } })).rejects.toThrow(
      'Unknown stage "production"; use one of prod, dev, local',
    );
  });

  it("wants issuer and audience of tokens together", async () => {
    await expect(
      createApp({ context: { oidcIssuer: "https://login.example.com" } }),
    ).rejects.toThrow("oidcIssuer and oidcAudience go together");
  });
});

describe("logical ids", () => {
  it("of what holds data do not move, because moving one would replace it", () => {
    const types = ["AWS::DynamoDB::GlobalTable", "AWS::S3::Bucket", "AWS::SecretsManager::Secret"];
    const ids = types.flatMap((type) => Object.keys(prod.template.findResources(type)));

    expect(ids.map((id) => [withoutDigest(id), id])).toEqual([
      ["StatefulTable", "StatefulTable67B3C231"],
      ["StatefulAccessLogs", "StatefulAccessLogsEDA27DB5"],
      ["StatefulInbox", "StatefulInboxD0D22C52"],
      ["StatefulOutbox", "StatefulOutboxD2E64D8F"],
      ["StatefulHistory", "StatefulHistory9DA3D326"],
      ["StatefulSnapshots", "StatefulSnapshotsF3EFC555"],
      ["StatefulStaging", "StatefulStaging423DF366"],
      ["StatefulConnections", "StatefulConnections1C763D85"],
    ]);
  });
});
