import { CfnOutput, Stack, type StackProps } from "aws-cdk-lib";
import type { Construct } from "constructs";
import { type Stage, stageSettings } from "../config.ts";
import { SnapshotCatalog } from "../constructs/snapshot-catalog.ts";
import type { TokenIssuer } from "../constructs/sync-api.ts";
import { acknowledge } from "./acknowledgements.ts";
import { Observability } from "./observability.ts";
import { Stateful } from "./stateful.ts";
import { Sync } from "./sync.ts";

export interface TieoutStackProps extends StackProps {
  readonly stage: Stage;
  readonly bundlesFolder: string;
  /** Where vendors reach the API, when it has a name of its own; no slash at the end. */
  readonly publicUrl?: string | undefined;
  /** IANA name for the nightly poll. */
  readonly timeZone?: string | undefined;
  /** Tokens open the API in place of IAM. */
  readonly tokens?: TokenIssuer | undefined;
}

/**
 * One deployment of Tieout for one stage, complete.
 *
 * One stack rather than several: the parts refer to each other both ways (the inbox tells a queue,
 * functions know the table), cdk-nag judges a queue and its dead letters, a bucket and its log
 * bucket only where it sees both, and the local host runs this one template. What must survive is
 * protected by its own removal policy, not by a stack boundary.
 */
export class TieoutStack extends Stack {
  constructor(scope: Construct, id: string, props: TieoutStackProps) {
    super(scope, id, { description: "Tieout keeps a CRM and the books in agreement", ...props });
    const settings = {
      ...stageSettings[props.stage],
      ...(props.timeZone === undefined ? {} : { timeZone: props.timeZone }),
    };
    const stateful = new Stateful(this, "Stateful", settings);
    const catalog = new SnapshotCatalog(this, "Catalog", {
      bucket: stateful.snapshots,
      namePrefix: id,
    });
    const sync = new Sync(this, "Sync", {
      settings,
      stateful,
      catalog,
      namePrefix: id,
      bundlesFolder: props.bundlesFolder,
      publicUrl: props.publicUrl,
      tokens: props.tokens,
    });
    const observability = new Observability(this, "Observability", sync, id);
    this.addOutputs({
      ApiUrl: sync.api.api.apiEndpoint,
      TableName: stateful.table.tableName,
      InboxBucket: stateful.inbox.bucketName,
      OutboxBucket: stateful.outbox.bucketName,
      HistoryBucket: stateful.history.bucketName,
      SnapshotsBucket: stateful.snapshots.bucketName,
      ConnectionsSecretArn: stateful.connections.secretArn,
      AlarmTopicArn: observability.topic.topicArn,
      PollsQueueUrl: sync.queues.polls.queueUrl,
      ImportsQueueUrl: sync.queues.imports.queueUrl,
      ChangesQueueUrl: sync.queues.changes.queueUrl,
      DeliveriesCrmQueueUrl: sync.queues["deliveries-crm"].queueUrl,
      DeliveriesBooksQueueUrl: sync.queues["deliveries-books"].queueUrl,
      SnapshotsQueueUrl: sync.queues.snapshots.queueUrl,
      TieOutsQueueUrl: sync.queues["tie-outs"].queueUrl,
      ExportsQueueUrl: sync.queues.exports.queueUrl,
    });
    acknowledge(this);
  }

  private addOutputs(values: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(values)) new CfnOutput(this, name, { value });
  }
}
