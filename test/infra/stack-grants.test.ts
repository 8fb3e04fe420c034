import { beforeAll, describe, expect, it } from "vitest";
import type { FunctionName } from "#shared/config/names.ts";
import { propertiesOf, readable, synthesizeStage } from "./stack-template.ts";

const TABLE = "StatefulTable.Arn";
const STREAM = "StatefulTable.StreamArn";
const SECRET = "StatefulConnections";
const INBOX = "StatefulInbox.Arn";
const OUTBOX = "StatefulOutbox.Arn";
const HISTORY = "StatefulHistory.Arn";
const SNAPSHOTS = "StatefulSnapshots.Arn";
const POLLS = "SyncPollsQueue.Arn";
const IMPORTS = "SyncImportsQueue.Arn";
const PARTS = "SyncImportPartsQueue.Arn";
const DOCUMENTS = "SyncImportDocumentsQueue.Arn";
const STAGING = "StatefulStaging.Arn";
const CHANGES = "SyncChangesQueue.Arn";
const CRM = "SyncDeliveriesCrmQueue.Arn";
const BOOKS = "SyncDeliveriesBooksQueue.Arn";

const TAKE = "SyncSnapshotsQueue.Arn";
const COMPARE = "SyncTieOutsQueue.Arn";
const EXPORT = "SyncExportsQueue.Arn";
const inAccount = (service: string, path: string) =>
  `arn:AWS::Partition:${service}:AWS::Region:AWS::AccountId:${path}`;
const glue = (path: string) => inAccount("glue", path);

const readSecret = ["secretsmanager:GetSecretValue"];
const query = ["dynamodb:Query"];
const send = ["sqs:SendMessage"];
const consume = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
const consumeAndSend = [...consume, ...send].sort();
const readStream = [
  "dynamodb:DescribeStream",
  "dynamodb:GetRecords",
  "dynamodb:GetShardIterator",
  "dynamodb:ListStreams",
];
const changeItems = [
  "dynamodb:BatchGetItem",
  "dynamodb:ConditionCheckItem",
  "dynamodb:DeleteItem",
  "dynamodb:GetItem",
  "dynamodb:PutItem",
  "dynamodb:Query",
  "dynamodb:UpdateItem",
];

/** Function -> resource -> actions: all that each may do beside its own log and its traces. */
const expected: Record<FunctionName, Record<string, readonly string[]>> = {
  "receive-webhook": {
    [SECRET]: readSecret,
    [TABLE]: ["dynamodb:DeleteItem", "dynamodb:PutItem"],
    [CHANGES]: send,
  },
  "poll-changes": {
    [SECRET]: readSecret,
    [TABLE]: changeItems,
    [`${TABLE}/index/due`]: query,
    [`${TABLE}/index/parked`]: query,
    [POLLS]: consumeAndSend,
    [CHANGES]: send,
    [CRM]: send,
    [BOOKS]: send,
  },
  "import-file": {
    [TABLE]: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
    [IMPORTS]: consumeAndSend,
    [PARTS]: send,
    [DOCUMENTS]: send,
    [INBOX]: ["s3:ListBucket"],
    [`${INBOX}/*`]: ["s3:GetObject"],
    [`${OUTBOX}/*`]: ["s3:AbortMultipartUpload", "s3:PutObject"],
    [STAGING]: ["s3:ListBucket"],
    [`${STAGING}/imports/*`]: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
  },
  "import-parts": {
    [TABLE]: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    [PARTS]: consumeAndSend,
    [CHANGES]: send,
    [INBOX]: ["s3:ListBucket"],
    [`${INBOX}/*`]: ["s3:GetObject"],
    [`${OUTBOX}/*`]: ["s3:AbortMultipartUpload", "s3:PutObject"],
    [STAGING]: ["s3:ListBucket"],
    [`${STAGING}/imports/*`]: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
  },
  "import-document": {
    [TABLE]: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    [DOCUMENTS]: consume,
    [PARTS]: send,
    [CHANGES]: send,
    [INBOX]: ["s3:ListBucket"],
    [`${INBOX}/*`]: ["s3:GetObject"],
    [`${OUTBOX}/*`]: ["s3:AbortMultipartUpload", "s3:PutObject"],
    [STAGING]: ["s3:ListBucket"],
    [`${STAGING}/imports/*`]: ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
    [`${SNAPSHOTS}/bank/*`]: ["s3:PutObject"],
  },
  "apply-changes": {
    [SECRET]: readSecret,
    [TABLE]: changeItems,
    [CHANGES]: consumeAndSend,
    [CRM]: send,
    [BOOKS]: send,
  },
  "deliver-writes": {
    [SECRET]: readSecret,
    [TABLE]: changeItems,
    [CRM]: consumeAndSend,
    [BOOKS]: consumeAndSend,
    [CHANGES]: send,
  },
  "derive-records": {
    [TABLE]: changeItems,
    [`${TABLE}/index/due`]: query,
    [`${TABLE}/index/parked`]: query,
    [`${TABLE}/index/runs`]: query,
    [STREAM]: readStream,
    [CRM]: send,
    [BOOKS]: send,
    "SyncStreamFailures.Arn": send,
  },
  "record-history": {
    [STREAM]: readStream,
    [`${HISTORY}/history/*`]: ["s3:PutObject"],
    "SyncHistoryFailures.Arn": send,
  },
  "take-snapshot": {
    [SECRET]: readSecret,
    [TABLE]: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    [TAKE]: consumeAndSend,
    [COMPARE]: send,
    [`${SNAPSHOTS}/snapshots/*`]: ["s3:PutObject"],
    [`${SNAPSHOTS}/snapshot-manifests/*`]: ["s3:PutObject"],
    [SNAPSHOTS]: ["s3:ListBucket"],
    [`${SNAPSHOTS}/bank/*`]: ["s3:GetObject"],
  },
  "compare-sides": {
    [TABLE]: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    [COMPARE]: consume,
    [inAccount("athena", "workgroup/tieout-prod")]: [
      "athena:GetQueryExecution",
      "athena:GetQueryResults",
      "athena:StartQueryExecution",
    ],
    [glue("catalog")]: ["glue:GetDatabase", "glue:GetTable"],
    [glue("database/default")]: ["glue:GetDatabase"],
    [glue("database/tieout_prod")]: ["glue:GetDatabase", "glue:GetTable"],
    [glue("table/tieout_prod/snapshots")]: ["glue:GetTable"],
    [SNAPSHOTS]: ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
    [`${SNAPSHOTS}/snapshots/*`]: ["s3:GetObject"],
    [`${SNAPSHOTS}/snapshot-manifests/*`]: ["s3:GetObject"],
    [`${SNAPSHOTS}/athena-results/*`]: [
      "s3:AbortMultipartUpload",
      "s3:GetObject",
      "s3:ListMultipartUploadParts",
      "s3:PutObject",
    ],
    [`${OUTBOX}/tie-outs/*`]: ["s3:PutObject"],
  },
  "export-records": {
    [TABLE]: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
    ],
    [`${TABLE}/index/parked`]: query,
    [`${TABLE}/index/runs`]: query,
    [EXPORT]: consumeAndSend,
    [SNAPSHOTS]: ["s3:ListBucket"],
    [`${SNAPSHOTS}/export-staging/*`]: ["s3:GetObject", "s3:PutObject"],
    [OUTBOX]: ["s3:ListBucket"],
    [`${OUTBOX}/tie-outs/*`]: ["s3:GetObject"],
    [`${OUTBOX}/exports/*`]: ["s3:AbortMultipartUpload", "s3:PutObject"],
  },
  "propose-profile": {
    [INBOX]: ["s3:ListBucket"],
    [`${INBOX}/*`]: ["s3:GetObject"],
  },
  "serve-api": {
    [TABLE]: [
      "dynamodb:BatchGetItem",
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:Query",
      "dynamodb:UpdateItem",
    ],
    [`${TABLE}/index/due`]: query,
    [`${TABLE}/index/parked`]: query,
    [`${TABLE}/index/runs`]: query,
    [HISTORY]: ["s3:ListBucket"],
    [`${HISTORY}/history/*`]: ["s3:GetObject"],
    [OUTBOX]: ["s3:ListBucket"],
    [`${OUTBOX}/tie-outs/*`]: ["s3:GetObject"],
    [`${OUTBOX}/exports/*`]: ["s3:GetObject"],
    [EXPORT]: send,
    [TAKE]: send,
    [COMPARE]: send,
    [POLLS]: send,
    [PARTS]: send,
    [CHANGES]: send,
    [CRM]: send,
    [BOOKS]: send,
  },
  "export-document": {
    [SECRET]: readSecret,
    [TABLE]: [
      "dynamodb:BatchGetItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ],
  },
};

const idOf = (name: string) => name.replace(/(?:^|-)(.)/g, (_, letter) => letter.toUpperCase());
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

let granted: Map<string, Record<string, string[]>>;
let statements: { Effect: string; Action: unknown; Condition?: unknown }[];
let managedPolicies: unknown[];

beforeAll(async () => {
  const { template } = await synthesizeStage("prod");
  granted = new Map();
  statements = [];
  for (const { Roles, PolicyDocument } of propertiesOf(template, "AWS::IAM::Policy").values()) {
    expect(Roles).toHaveLength(1);
    const actions: Record<string, string[]> = {};
    for (const statement of PolicyDocument.Statement) {
      statements.push(statement);
      for (const resource of asList(statement.Resource).map(readable)) {
        const list = asList(statement.Action).map(String);
        actions[resource] = [...(actions[resource] ?? []), ...list].sort();
      }
    }
    granted.set(readable(Roles[0]), actions);
  }
  managedPolicies = [...propertiesOf(template, "AWS::IAM::Role").values()].flatMap(
    (role) => role.ManagedPolicyArns ?? [],
  );
});

describe("the role of a function", () => {
  it.each(Object.entries(expected))("%s may do exactly this", (name, actions) => {
    const id = `SyncFunctions${idOf(name)}`;

    expect(granted.get(`${id}Role`)).toEqual({
      ...actions,
      [`${id}Log.Arn`]: ["logs:CreateLogStream", "logs:PutLogEvents"],
      "*": ["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
    });
  });

  it("has no policy that AWS manages", () => {
    expect(managedPolicies).toEqual([]);
  });
});

describe("all roles", () => {
  it("are those of the functions and of the schedules", () => {
    const roles = Object.keys(expected).map((name) => `SyncFunctions${idOf(name)}Role`);

    expect([...granted.keys()].sort()).toEqual([...roles, "SyncSchedulesRole"].sort());
  });

  it("name every action in full and only allow", () => {
    const actions = statements.flatMap((statement) => asList(statement.Action).map(String));

    expect(actions.filter((action) => !/^[a-z0-9]+:[A-Za-z]+$/.test(action))).toEqual([]);
    expect(new Set(statements.map((statement) => statement.Effect))).toEqual(new Set(["Allow"]));
  });

  it("lets the schedules send to what they start and to their own dead letters only", () => {
    expect(granted.get("SyncSchedulesRole")).toEqual({
      [POLLS]: send,
      [TAKE]: send,
      [EXPORT]: send,
      "SyncLostSchedules.Arn": send,
    });
  });
});
