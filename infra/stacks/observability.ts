import { Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  Metric,
  Stats,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";
import { functionNames, tieOutMetric } from "#shared/config/names.ts";
import { pascalCase } from "../constructs/names.ts";
import type { Sync } from "./sync.ts";

/** Oldest change that waits before somebody is told. */
const CHANGES_AGE_SECONDS_MAX = 15 * 60;
const PERIOD = Duration.minutes(5);

interface AlarmRow {
  readonly id: string;
  readonly metric: IMetric;
  readonly above: number;
  /** Periods of the last three that must be above. */
  readonly periods: number;
  /** Stays as it is until it is measured again; else what is not measured is well. */
  readonly isKept?: boolean;
  /** What it means, and where the way out is written. */
  readonly description: string;
}

/**
 * Alarms for what needs a person, all to one topic, which an operator subscribes to.
 *
 * A queue of dead letters alarms at the first message. A single error of a function does not: its
 * message is delivered again.
 */
export class Observability extends Construct {
  readonly topic: Topic;

  /** `metricNamespace`: what the functions count in, see `shared/runtime/json-log.ts`. */
  constructor(scope: Construct, id: string, sync: Sync, metricNamespace: string) {
    super(scope, id);
    this.topic = createAlarmTopic(this);
    const action = new SnsAction(this.topic);
    for (const row of alarmRows(sync, metricNamespace)) {
      const alarm = new Alarm(this, row.id, {
        metric: row.metric,
        threshold: row.above,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: row.periods === 1 ? 1 : 3,
        datapointsToAlarm: row.periods,
        treatMissingData:
          row.isKept === true ? TreatMissingData.IGNORE : TreatMissingData.NOT_BREACHING,
        alarmDescription: row.description,
      });
      alarm.addAlarmAction(action);
    }
  }
}

function alarmRows(sync: Sync, namespace: string): AlarmRow[] {
  const deadLetters = [...sync.deadLetters].map(([name, queue]) => ({
    id: `${pascalCase(name)}DeadLetters`,
    metric: queue.metricApproximateNumberOfMessagesVisible({
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    }),
    above: 0,
    periods: 1,
    description: `Messages of ${name} were set aside. See docs/operations.md.`,
  }));
  const errors = functionNames.map((name) => ({
    id: `${pascalCase(name)}Errors`,
    metric: sync.functions[name].metricErrors({ period: PERIOD, statistic: Stats.SUM }),
    above: 0,
    periods: 2,
    description: `${name} keeps failing. See docs/operations.md.`,
  }));
  const age = {
    id: "ChangesAge",
    metric: sync.queues.changes.metricApproximateAgeOfOldestMessage({
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    }),
    above: CHANGES_AGE_SECONDS_MAX,
    periods: 1,
    description: "A change waits for more than 15 minutes. See docs/operations.md.",
  };
  const differences = {
    id: tieOutMetric,
    metric: new Metric({
      namespace,
      metricName: tieOutMetric,
      period: PERIOD,
      statistic: Stats.MAXIMUM,
    }),
    above: 0,
    periods: 1,
    // Until the next tie-out says otherwise: the two sides do not mend by themselves.
    isKept: true,
    description: "The last tie-out found differences above the tolerance. See docs/operations.md.",
  };
  return [...deadLetters, ...errors, age, differences];
}

function createAlarmTopic(scope: Construct): Topic {
  // Not encrypted with the AWS managed key: CloudWatch could not publish then.
  const topic = new Topic(scope, "Alarms", { enforceSSL: true });
  // The topic's policy takes the place of the default one, which let the account publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: "AlarmsOfThisAccount",
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      actions: ["sns:Publish"],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(topic).account } },
    }),
  );
  return topic;
}
