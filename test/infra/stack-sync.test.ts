import type { Template } from "aws-cdk-lib/assertions";
import { beforeAll, describe, expect, it } from "vitest";
import { compileFilter } from "#infra/local/host/event-filter.ts";
import {
  crossReferenceItemKey,
  externalRefItemKey,
  type ItemKey,
  waitItemKey,
} from "#shared/aws/item-keys.ts";
import { env, exportEnv, tieOutEnv } from "#shared/config/names.ts";
import { propertiesOf, readable, synthesizeStage } from "./stack-template.ts";

/** Function -> memory in MB, time-out in seconds. */
const FUNCTIONS = {
  ReceiveWebhook: [256, 10],
  PollChanges: [512, 300],
  ImportFile: [1024, 600],
  ImportParts: [1024, 300],
  ImportDocument: [512, 120],
  ApplyChanges: [512, 120],
  DeliverWrites: [512, 120],
  DeriveRecords: [512, 60],
  RecordHistory: [512, 60],
  TakeSnapshot: [1024, 300],
  CompareSides: [1024, 900],
  ExportRecords: [1769, 900],
  ServeApi: [512, 29],
  ProposeProfile: [1769, 29],
  ExportDocument: [512, 29],
} as const;

/** Queue -> consumer and the numbers of its event source. */
const QUEUES = {
  Polls: {
    consumer: "PollChanges",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
  Imports: {
    consumer: "ImportFile",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
  ImportParts: {
    consumer: "ImportParts",
    batch: 1,
    window: 0,
    concurrency: 5,
    partial: false,
    receives: 5,
  },
  ImportDocuments: {
    consumer: "ImportDocument",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
  Changes: {
    consumer: "ApplyChanges",
    batch: 10,
    window: 1,
    concurrency: 5,
    partial: true,
    receives: 8,
  },
  DeliveriesCrm: {
    consumer: "DeliverWrites",
    batch: 20,
    window: 2,
    concurrency: 2,
    partial: true,
    receives: 8,
  },
  DeliveriesBooks: {
    consumer: "DeliverWrites",
    batch: 20,
    window: 2,
    concurrency: 2,
    partial: true,
    receives: 8,
  },
  Snapshots: {
    consumer: "TakeSnapshot",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
  TieOuts: {
    consumer: "CompareSides",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
  Exports: {
    consumer: "ExportRecords",
    batch: 1,
    window: 0,
    concurrency: 2,
    partial: false,
    receives: 5,
  },
} as const;

let template: Template;

beforeAll(async () => {
  template = (await synthesizeStage("prod")).template;
});

describe("the queues", () => {
  it("are those with their dead letters, and the three for streams and schedules", () => {
    const names = Object.keys(QUEUES).flatMap((name) => [
      `Sync${name}Queue`,
      `Sync${name}DeadLetters`,
    ]);

    expect([...propertiesOf(template, "AWS::SQS::Queue").keys()].sort()).toEqual(
      [...names, "SyncStreamFailures", "SyncHistoryFailures", "SyncLostSchedules"].sort(),
    );
  });

  it.each(Object.entries(QUEUES))("%s sets aside what keeps failing", (name, { receives }) => {
    const queue = propertiesOf(template, "AWS::SQS::Queue").get(`Sync${name}Queue`);

    expect(readable(queue.RedrivePolicy.deadLetterTargetArn)).toBe(`Sync${name}DeadLetters.Arn`);
    expect(queue.RedrivePolicy.maxReceiveCount).toBe(receives);
  });

  it.each(Object.entries(QUEUES))("%s outwaits six runs of its consumer", (name, queue) => {
    const { VisibilityTimeout } = propertiesOf(template, "AWS::SQS::Queue").get(`Sync${name}Queue`);
    const timeoutSeconds = FUNCTIONS[queue.consumer][1];

    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * timeoutSeconds + queue.window);
  });

  it("are encrypted, and keep dead letters longer than what is still tried", () => {
    for (const [name, queue] of propertiesOf(template, "AWS::SQS::Queue")) {
      const days = name.endsWith("Queue") ? 4 : 14;

      expect(queue).toMatchObject({
        SqsManagedSseEnabled: true,
        MessageRetentionPeriod: days * 24 * 3600,
      });
    }
  });

  it("refuse all that is not TLS", () => {
    const guarded = [...propertiesOf(template, "AWS::SQS::QueuePolicy").values()]
      .filter(({ PolicyDocument }) =>
        PolicyDocument.Statement.some(
          (one: { Effect: string; Action: string; Condition?: unknown }) =>
            one.Effect === "Deny" &&
            one.Action === "sqs:*" &&
            JSON.stringify(one.Condition) === '{"Bool":{"aws:SecureTransport":"false"}}',
        ),
      )
      .flatMap(({ Queues }) => Queues.map(readable));

    expect(guarded.sort()).toEqual([...propertiesOf(template, "AWS::SQS::Queue").keys()].sort());
  });

  it("let nobody in by policy but S3 of this account, into imports", () => {
    const allowed = [...propertiesOf(template, "AWS::SQS::QueuePolicy").values()].flatMap(
      ({ PolicyDocument }) =>
        PolicyDocument.Statement.filter((one: { Effect: string }) => one.Effect === "Allow"),
    );

    expect(allowed).toHaveLength(1);
    expect(allowed[0]).toMatchObject({
      Action: "sqs:SendMessage",
      Principal: { Service: "s3.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceAccount": { Ref: "AWS::AccountId" } } },
    });
    expect(readable(allowed[0].Resource)).toBe("SyncImportsQueue.Arn");
  });
});

describe("the functions", () => {
  it.each(Object.entries(FUNCTIONS))("%s has its size, role and log", (name, [memory, timeout]) => {
    const id = `SyncFunctions${name}`;
    const properties = propertiesOf(template, "AWS::Lambda::Function").get(`${id}Function`);

    expect(properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "index.handler",
      MemorySize: memory,
      Timeout: timeout,
      TracingConfig: { Mode: "Active" },
      LoggingConfig: { LogFormat: "JSON" },
    });
    expect(readable(properties.Role)).toBe(`${id}Role.Arn`);
    expect(readable(properties.LoggingConfig.LogGroup)).toBe(`${id}Log`);
    expect(propertiesOf(template, "AWS::Logs::LogGroup").get(`${id}Log`)).toMatchObject({
      RetentionInDays: 90,
    });
  });

  it("are those, and no other", () => {
    expect([...propertiesOf(template, "AWS::Lambda::Function").keys()].sort()).toEqual(
      Object.keys(FUNCTIONS)
        .map((name) => `SyncFunctions${name}Function`)
        .sort(),
    );
  });

  it("run on when they feed themselves, and no other does", () => {
    const allowed = [...propertiesOf(template, "AWS::Lambda::Function")]
      .filter(([, properties]) => properties.RecursiveLoop === "Allow")
      .map(([name]) => name);

    expect(allowed.sort()).toEqual([
      "SyncFunctionsApplyChangesFunction",
      "SyncFunctionsDeliverWritesFunction",
      "SyncFunctionsExportRecordsFunction",
      "SyncFunctionsImportFileFunction",
      "SyncFunctionsImportPartsFunction",
      "SyncFunctionsPollChangesFunction",
      "SyncFunctionsTakeSnapshotFunction",
    ]);
  });

  const base = { TABLE_NAME: "StatefulTable" };
  const secret = { CONNECTIONS_SECRET_ARN: "StatefulConnections" };
  const polls = { POLLS_QUEUE_URL: "SyncPollsQueue" };
  const history = { HISTORY_BUCKET: "StatefulHistory" };
  const changes = { CHANGES_QUEUE_URL: "SyncChangesQueue" };
  const deliveries = {
    DELIVERIES_CRM_QUEUE_URL: "SyncDeliveriesCrmQueue",
    DELIVERIES_BOOKS_QUEUE_URL: "SyncDeliveriesBooksQueue",
  };
  const tieOuts = {
    SNAPSHOTS_QUEUE_URL: "SyncSnapshotsQueue",
    TIE_OUTS_QUEUE_URL: "SyncTieOutsQueue",
  };
  const snapshots = { SNAPSHOTS_BUCKET: "StatefulSnapshots" };
  const outbox = { OUTBOX_BUCKET: "StatefulOutbox" };
  const exports = { EXPORTS_QUEUE_URL: "SyncExportsQueue" };
  const imports = { IMPORT_PARTS_QUEUE_URL: "SyncImportPartsQueue" };
  const files = {
    ...imports,
    INBOX_BUCKET: "StatefulInbox",
    STAGING_BUCKET: "StatefulStaging",
  };
  const environments = {
    ReceiveWebhook: { ...base, ...secret, ...changes, PUBLIC_URL: "SyncApi.ApiEndpoint" },
    PollChanges: { ...base, ...secret, ...polls, ...changes, ...deliveries },
    ImportFile: {
      ...base,
      ...outbox,
      ...files,
      IMPORT_DOCUMENTS_QUEUE_URL: "SyncImportDocumentsQueue",
      IMPORTS_QUEUE_URL: "SyncImportsQueue",
    },
    ImportParts: { ...base, ...changes, ...outbox, ...files },
    ImportDocument: { ...base, ...changes, ...outbox, ...files, ...snapshots },
    ApplyChanges: { ...base, ...secret, ...changes, ...deliveries },
    DeliverWrites: { ...base, ...secret, ...changes, ...deliveries },
    DeriveRecords: { ...base, ...deliveries },
    RecordHistory: { ...history },
    TakeSnapshot: {
      ...base,
      ...secret,
      ...snapshots,
      ...tieOuts,
    },
    CompareSides: {
      ...base,
      ...snapshots,
      ...outbox,
      ATHENA_DATABASE: "CatalogDatabase",
      ATHENA_WORKGROUP: "CatalogWorkgroup",
    },
    ExportRecords: { ...base, ...snapshots, ...outbox, ...exports },
    ProposeProfile: { INBOX_BUCKET: "StatefulInbox" },
    ServeApi: {
      ...base,
      ...exports,
      ...polls,
      ...changes,
      ...deliveries,
      ...history,
      ...tieOuts,
      ...outbox,
      ...imports,
    },
    ExportDocument: { ...base, ...secret },
  };

  it.each(Object.entries(environments))(
    "%s is told where things are, and no secret",
    (name, expected) => {
      const { Environment } = propertiesOf(template, "AWS::Lambda::Function").get(
        `SyncFunctions${name}Function`,
      );
      const told = Object.entries(Environment.Variables).map(([key, value]) => [
        key,
        readable(value),
      ]);

      expect(Object.fromEntries(told)).toEqual(expected);
    },
  );

  it("are told by the names that the runtime reads, all of them by some function", () => {
    const told = Object.values(environments).flatMap((environment) => Object.keys(environment));
    const { deliveriesQueueUrl, ...others } = env;

    expect(new Set(told)).toEqual(
      new Set([
        ...Object.values(others),
        ...Object.values(deliveriesQueueUrl),
        ...Object.values(tieOutEnv),
        ...Object.values(exportEnv),
      ]),
    );
  });
});

describe("the event sources", () => {
  it.each(Object.entries(QUEUES))("%s is read as its consumer wants it", (name, queue) => {
    const source = propertiesOf(template, "AWS::Lambda::EventSourceMapping").get(
      `SyncSources${name}`,
    );

    expect(readable(source.EventSourceArn)).toBe(`Sync${name}Queue.Arn`);
    expect(readable(source.FunctionName)).toBe(`SyncFunctions${queue.consumer}Function`);
    expect(source).toMatchObject({
      BatchSize: queue.batch,
      MaximumBatchingWindowInSeconds: queue.window,
      ScalingConfig: { MaximumConcurrency: queue.concurrency },
    });
    expect(source.FunctionResponseTypes ?? []).toEqual(
      queue.partial ? ["ReportBatchItemFailures"] : [],
    );
  });

  it("derive-records reads the table's stream and sets aside what it cannot derive from", () => {
    const source = propertiesOf(template, "AWS::Lambda::EventSourceMapping").get(
      "SyncSourcesTable",
    );

    expect(readable(source.EventSourceArn)).toBe("StatefulTable.StreamArn");
    expect(readable(source.FunctionName)).toBe("SyncFunctionsDeriveRecordsFunction");
    expect(readable(source.DestinationConfig.OnFailure.Destination)).toBe("SyncStreamFailures.Arn");
    expect(source).toMatchObject({
      BatchSize: 200,
      MaximumBatchingWindowInSeconds: 1,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 10,
      StartingPosition: "TRIM_HORIZON",
    });
  });

  const streamPatterns = (): string[] =>
    propertiesOf(template, "AWS::Lambda::EventSourceMapping")
      .get("SyncSourcesTable")
      .FilterCriteria.Filters.map((filter: { Pattern: string }) => filter.Pattern);

  it("derive-records sees documents, newly linked sides, merges and new external references", () => {
    expect(streamPatterns().map((pattern) => JSON.parse(pattern))).toEqual([
      {
        dynamodb: {
          NewImage: { recordType: { S: ["product", "order", "invoice", "creditNote", "payment"] } },
        },
      },
      { dynamodb: { NewImage: { newlyLinked: { SS: [{ exists: true }] } } } },
      { dynamodb: { NewImage: { mergedWith: { SS: [{ exists: true }] } } } },
      {
        eventName: ["INSERT"],
        dynamodb: { Keys: { pk: { S: [{ prefix: "ext#" }] }, sk: { S: ["ref"] } } },
      },
    ]);
  });

  it("derive-records is woken by an external reference, and not by who waits for one", () => {
    const isSeen = compileFilter(streamPatterns());
    const insertOf = ({ pk, sk }: ItemKey) => {
      const Keys = { pk: { S: pk }, sk: { S: sk } };
      return { eventName: "INSERT", dynamodb: { Keys, NewImage: Keys } };
    };
    const ref = { connection: "crm", recordType: "customer", externalId: "c#1" } as const;
    const key = externalRefItemKey(ref);
    const wait = waitItemKey(key.pk, { connection: "books", canonicalId: "order-1" });

    expect([isSeen(insertOf(key)), isSeen(insertOf(wait))]).toEqual([true, false]);
  });

  it("record-history reads the same stream on its own, for hours where it must", () => {
    const source = propertiesOf(template, "AWS::Lambda::EventSourceMapping").get(
      "SyncSourcesHistory",
    );

    expect(readable(source.EventSourceArn)).toBe("StatefulTable.StreamArn");
    expect(readable(source.FunctionName)).toBe("SyncFunctionsRecordHistoryFunction");
    expect(readable(source.DestinationConfig.OnFailure.Destination)).toBe(
      "SyncHistoryFailures.Arn",
    );
    expect(source).toMatchObject({
      BatchSize: 10_000,
      MaximumBatchingWindowInSeconds: 20,
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 6 * 3_600,
      StartingPosition: "TRIM_HORIZON",
    });
    expect(source.MaximumRetryAttempts).toBeUndefined();
  });

  it("record-history sees cross-references and nothing else", () => {
    const patterns: string[] = propertiesOf(template, "AWS::Lambda::EventSourceMapping")
      .get("SyncSourcesHistory")
      .FilterCriteria.Filters.map((filter: { Pattern: string }) => filter.Pattern);
    const isSeen = compileFilter(patterns);
    const changeOf = ({ pk, sk }: ItemKey) => ({
      dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } },
    });
    const ref = { connection: "crm", recordType: "customer", externalId: "1" } as const;

    expect(isSeen(changeOf(crossReferenceItemKey("customer-1")))).toBe(true);
    expect(isSeen(changeOf(externalRefItemKey(ref)))).toBe(false);
    expect(isSeen(changeOf({ pk: "customer-1", sk: "due" }))).toBe(false);
  });

  it("are two on the stream at the most, since no more are served", () => {
    const sources = [...propertiesOf(template, "AWS::Lambda::EventSourceMapping").values()];
    const onStream = sources.filter(
      (source) => readable(source.EventSourceArn) === "StatefulTable.StreamArn",
    );

    expect(onStream).toHaveLength(2);
  });

  it("are those, and no other", () => {
    template.resourceCountIs("AWS::Lambda::EventSourceMapping", Object.keys(QUEUES).length + 2);
  });
});
