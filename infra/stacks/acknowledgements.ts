/**
 * Every finding of cdk-nag that is left as it is, and why. A finding that is not listed here fails
 * the synthesis; a row that no longer matches a finding fails a test.
 */
import { type Stack, Validations } from "aws-cdk-lib";
import type { IConstruct } from "constructs";

export interface Acknowledgement {
  readonly id: string;
  /** Of a construct below the stack; holds for all that is in it. */
  readonly path: string;
  readonly reason: string;
}

const QUEUES = [
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
] as const;

const OUTBOX = "StatefulOutboxD2E64D8F";
const SNAPSHOTS = "StatefulSnapshotsF3EFC555";

const keepsFailures = "It is itself where failed messages end; an alarm watches it.";

export const acknowledgements: readonly Acknowledgement[] = [
  {
    id: "AwsSolutions::AwsSolutions-SMG4",
    path: "Stateful/Connections",
    reason:
      "The vendors issue these credentials; only their owner can renew them there, then put the new value here.",
  },
  {
    id: "AwsSolutions::AwsSolutions-APIG4",
    path: "Sync/Api/Api/POST--webhooks--{connection}",
    reason:
      "Vendors sign the body, which no authorizer sees: the function checks the signature before all else.",
  },
  {
    id: "AwsSolutions::AwsSolutions-APIG4",
    path: "Sync/Api/Api/GET--health",
    reason: "Answers with nothing but that it answers; uptime checks bring no credentials.",
  },
  {
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::*]",
    path: "Sync/Functions",
    reason: "X-Ray's PutTraceSegments and PutTelemetryRecords know no resources.",
  },
  ...["ImportFile", "ImportParts", "ImportDocument", "ProposeProfile"].map((name) => ({
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<StatefulInboxD0D22C52.Arn>/*]",
    path: `Sync/Functions/${name}`,
    reason: "Whoever uploads a file chooses its key.",
  })),
  ...["ImportFile", "ImportParts", "ImportDocument"].flatMap((name) => [
    {
      id: "AwsSolutions::AwsSolutions-IAM5[Resource::<StatefulOutboxD2E64D8F.Arn>/*]",
      path: `Sync/Functions/${name}`,
      reason: "A result file is named after its file, whose key somebody else chose.",
    },
    {
      id: "AwsSolutions::AwsSolutions-IAM5[Resource::<StatefulStaging423DF366.Arn>/imports/*]",
      path: `Sync/Functions/${name}`,
      reason: "What is kept of a file between its parts is named after its run.",
    },
  ]),
  ...["ImportDocument", "TakeSnapshot"].map((name) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${SNAPSHOTS}.Arn>/bank/*]`,
    path: `Sync/Functions/${name}`,
    reason: "The rows of a bank statement are named after it, and each day brings a new one.",
  })),
  ...["RecordHistory", "ServeApi"].map((name) => ({
    id: "AwsSolutions::AwsSolutions-IAM5[Resource::<StatefulHistory9DA3D326.Arn>/history/*]",
    path: `Sync/Functions/${name}`,
    reason: "An object of the history is named after its time and content.",
  })),
  ...["TakeSnapshot", "CompareSides"].flatMap((name) =>
    ["snapshots", "snapshot-manifests"].map((prefix) => ({
      id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${SNAPSHOTS}.Arn>/${prefix}/*]`,
      path: `Sync/Functions/${name}`,
      reason: "The objects of a snapshot are named after it, and each tie-out takes a new one.",
    })),
  ),
  {
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${SNAPSHOTS}.Arn>/athena-results/*]`,
    path: "Sync/Functions/CompareSides",
    reason: "Athena names a result after the query, whose id it chooses.",
  },
  {
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${SNAPSHOTS}.Arn>/export-staging/*]`,
    path: "Sync/Functions/ExportRecords",
    reason: "What an export gathers is named after its content.",
  },
  ...["ExportRecords", "ServeApi"].map((name) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${OUTBOX}.Arn>/exports/*]`,
    path: `Sync/Functions/${name}`,
    reason: "An export is named after its time and content.",
  })),
  ...["CompareSides", "ExportRecords", "ServeApi"].map((name) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${OUTBOX}.Arn>/tie-outs/*]`,
    path: `Sync/Functions/${name}`,
    reason: "The reports of a tie-out are named after its run.",
  })),
  {
    id: "Serverless::Serverless-LambdaDLQ",
    path: "Sync/Functions",
    reason:
      "That setting is for asynchronous calls, of which there are none: queues, the stream and the API call and wait.",
  },
  ...["StreamFailures", "HistoryFailures", "LostSchedules"].flatMap((name) => [
    { id: "AwsSolutions::AwsSolutions-SQS3", path: `Sync/${name}`, reason: keepsFailures },
    { id: "Serverless::Serverless-SQSRedrivePolicy", path: `Sync/${name}`, reason: keepsFailures },
  ]),
  ...QUEUES.map((name) => ({
    id: "Serverless::Serverless-SQSRedrivePolicy",
    path: `Sync/${name}/DeadLetters`,
    reason: keepsFailures,
  })),
  ...QUEUES.map((name) => ({
    id: "Serverless::Serverless-LambdaEventSourceMappingDestination",
    path: `Sync/Sources/${name}`,
    reason: "For a queue the place of failed messages is the queue's own redrive policy.",
  })),
];

/** Tells the rule packs. Throws when a row names a construct that is not there. */
export function acknowledge(stack: Stack): void {
  for (const { id, path, reason } of acknowledgements) {
    const construct = path
      .split("/")
      .reduce<IConstruct>((parent, child) => parent.node.findChild(child), stack);
    Validations.of(construct).acknowledge({ id, reason });
  }
}
