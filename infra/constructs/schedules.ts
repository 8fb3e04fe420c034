import { Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { scheduledExports } from "#shared/config/exports.ts";

export interface SchedulesProps {
  readonly groupName: string;
  readonly polls: Queue;
  readonly snapshots: Queue;
  readonly exports: Queue;
  readonly deadLetters: Queue;
  readonly incrementalPollMinutes: number;
  readonly nightlyPollCron: string;
  readonly nightlyTieOutCron: string;
  readonly timeZone: string;
}

/**
 * Asks for a poll of what changed at short intervals, for a full one each night, for a tie-out after
 * it, and for the exports that `shared/config/exports.ts` lists.
 *
 * Built from the resources themselves, because the target class would grant its role more than the
 * right to send.
 */
export class Schedules extends Construct {
  constructor(scope: Construct, id: string, props: SchedulesProps) {
    super(scope, id);
    const group = new CfnScheduleGroup(this, "Group", { name: props.groupName });
    const role = new Role(this, "Role", {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: {
          StringEquals: {
            "aws:SourceAccount": Stack.of(this).account,
            "aws:SourceArn": group.attrArn,
          },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["sqs:SendMessage"],
        resources: [
          ...(scheduledExports.length > 0 ? [props.exports] : []),
          ...[props.polls, props.snapshots, props.deadLetters],
        ].map((one) => one.queueArn),
      }),
    );
    const minutes = props.incrementalPollMinutes;
    const poll = (mode: string) => ({ target: props.polls, input: { kind: "poll", mode } });
    const schedules = [
      {
        ...poll("incremental"),
        name: "incremental",
        expression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
      },
      { ...poll("full"), name: "nightly", expression: `cron(${props.nightlyPollCron})` },
      {
        target: props.snapshots,
        input: { kind: "snapshot" },
        name: "tie-out",
        expression: `cron(${props.nightlyTieOutCron})`,
      },
      ...scheduledExports.map(({ name, cron, ...choices }) => ({
        target: props.exports,
        input: { kind: "export", choices },
        name: `export-${name}`,
        expression: `cron(${cron})`,
      })),
    ];
    for (const { name, expression, target, input } of schedules) {
      const schedule = new CfnSchedule(this, name, {
        name,
        groupName: group.ref,
        scheduleExpression: expression,
        scheduleExpressionTimezone: props.timeZone,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: target.queueArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ version: 1, ...input }),
          deadLetterConfig: { arn: props.deadLetters.queueArn },
        },
      });
      // The role alone is not enough: its policy is a resource of its own.
      schedule.node.addDependency(role);
    }
  }
}
