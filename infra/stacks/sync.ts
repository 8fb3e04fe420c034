import { join } from "node:path";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { type FunctionName, functionNames } from "#shared/config/names.ts";
import {
  functionSettings,
  type QueueName,
  queueNames,
  queueSettings,
  type StageSettings,
} from "../config.ts";
import { BundledFunction } from "../constructs/bundled-function.ts";
import {
  notifyOfUploads,
  readForHistory,
  readQueue,
  readTableStream,
} from "../constructs/event-sources.ts";
import { pascalCase } from "../constructs/names.ts";
import {
  createDeadLetterQueue,
  QueueWithDeadLetters,
} from "../constructs/queue-with-dead-letters.ts";
import { Schedules } from "../constructs/schedules.ts";
import type { SnapshotCatalog } from "../constructs/snapshot-catalog.ts";
import { SyncApi, type TokenIssuer } from "../constructs/sync-api.ts";
import { environmentsOf, type FunctionResources, statementsOf } from "./functions.ts";
import type { Stateful } from "./stateful.ts";

export interface SyncProps {
  readonly settings: StageSettings;
  readonly stateful: Stateful;
  readonly catalog: SnapshotCatalog;
  /** Begins the names of queues, functions and log groups. */
  readonly namePrefix: string;
  /** Holds one folder per function with its `index.js`. */
  readonly bundlesFolder: string;
  /** Where vendors reach the API, when it has a name of its own. */
  readonly publicUrl: string | undefined;
  readonly tokens: TokenIssuer | undefined;
}

/** All that moves: queues, functions, their triggers, the HTTP API and the schedules. */
export class Sync extends Construct {
  readonly api: SyncApi;
  readonly queues: Readonly<Record<QueueName, Queue>>;
  /** Every queue in which something that failed for good is kept, by name. */
  readonly deadLetters: ReadonlyMap<string, Queue>;
  readonly functions: Readonly<Record<FunctionName, IFunction>>;

  constructor(scope: Construct, id: string, props: SyncProps) {
    super(scope, id);
    const { stateful, settings, namePrefix } = props;
    const pairs = byName(queueNames, (name) => this.createQueue(name, namePrefix));
    const streamFailures = createDeadLetterQueue(
      this,
      "StreamFailures",
      `${namePrefix}-stream-failures`,
    );
    const historyFailures = createDeadLetterQueue(
      this,
      "HistoryFailures",
      `${namePrefix}-history-failures`,
    );
    const lostSchedules = createDeadLetterQueue(
      this,
      "LostSchedules",
      `${namePrefix}-schedules-dead`,
    );
    this.queues = byName(queueNames, (name) => pairs[name].queue);
    this.deadLetters = new Map([
      ...queueNames.map((name) => [name, pairs[name].deadLetters] as const),
      ["stream-failures", streamFailures],
      ["history-failures", historyFailures],
      ["schedules", lostSchedules],
    ]);
    this.api = new SyncApi(this, "Api", { apiName: namePrefix, ...settings });
    this.functions = this.createFunctions(props, { streamFailures, historyFailures });
    this.api.addRoutes({
      receiveWebhook: this.functions["receive-webhook"],
      serveApi: this.functions["serve-api"],
      proposeProfile: this.functions["propose-profile"],
      exportDocument: this.functions["export-document"],
      tokens: props.tokens,
    });
    notifyOfUploads(stateful.inbox, this.queues.imports);
    new Schedules(this, "Schedules", {
      groupName: namePrefix,
      polls: this.queues.polls,
      snapshots: this.queues.snapshots,
      exports: this.queues.exports,
      deadLetters: lostSchedules,
      ...settings,
    });
  }

  private createQueue(name: QueueName, namePrefix: string): QueueWithDeadLetters {
    const settings = queueSettings[name];
    return new QueueWithDeadLetters(this, pascalCase(name), {
      queueName: `${namePrefix}-${name}`,
      timeoutSeconds: functionSettings[settings.consumer].timeoutSeconds,
      ...settings,
    });
  }

  private createFunctions(
    props: SyncProps,
    failures: Pick<FunctionResources, "streamFailures" | "historyFailures">,
  ): Readonly<Record<FunctionName, IFunction>> {
    const { stateful, settings, namePrefix } = props;
    const { table } = stateful;
    const resources: FunctionResources = {
      publicUrl: props.publicUrl ?? this.api.api.apiEndpoint,
      table,
      inbox: stateful.inbox,
      outbox: stateful.outbox,
      history: stateful.history,
      snapshots: stateful.snapshots,
      staging: stateful.staging,
      catalog: props.catalog,
      connections: stateful.connections,
      queues: this.queues,
      ...failures,
    };
    const environments = environmentsOf(resources);
    const statements = statementsOf(resources);
    const scope = new Construct(this, "Functions");
    const functions = byName(functionNames, (name) => {
      return new BundledFunction(scope, pascalCase(name), {
        ...functionSettings[name],
        environment: environments[name],
        statements: statements[name],
        functionName: `${namePrefix}-${name}`,
        bundleFolder: join(props.bundlesFolder, name),
        logRetentionDays: settings.logRetentionDays,
      }).lambda;
    });
    const sources = new Construct(this, "Sources");
    for (const name of queueNames) {
      const consumer = functions[queueSettings[name].consumer];
      readQueue(sources, pascalCase(name), consumer, this.queues[name], queueSettings[name]);
    }
    const { streamFailures, historyFailures } = failures;
    readTableStream(sources, "Table", functions["derive-records"], table, streamFailures);
    const recorder = functions["record-history"];
    const window = settings.historyWindowSeconds;
    readForHistory(sources, "History", recorder, table, historyFailures, window);
    return functions;
  }
}

/** A record with one value per name. */
function byName<Name extends string, Value>(
  names: readonly Name[],
  make: (name: Name) => Value,
): Readonly<Record<Name, Value>> {
  return Object.fromEntries(names.map((name) => [name, make(name)])) as Record<Name, Value>;
}
