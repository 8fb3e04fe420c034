import { Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

export interface PollSchedulesProps {
  readonly groupName: string;
  readonly polls: Queue;
  readonly deadLetters: Queue;
  readonly incrementalPollMinutes: number;
  readonly nightlyPollCron: string;
  readonly timeZone: string;
}

/**
 * Asks for a poll of what changed at short intervals, and for a full one each night.
 *
 * Built from the resources themselves, because the target class would grant its role more than the
 * right to send.
 */
export class PollSchedules extends Construct {
  constructor(scope: Construct, id: string, props: PollSchedulesProps) {
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
        resources: [props.polls.queueArn, props.deadLetters.queueArn],
      }),
    );
    const minutes = props.incrementalPollMinutes;
    const schedules = [
      {
        name: "incremental",
        mode: "incremental",
        expression: `rate(${minutes} ${minutes === 1 ? "minute" : "minutes"})`,
      },
      { name: "nightly", mode: "full", expression: `cron(${props.nightlyPollCron})` },
    ];
    for (const { name, mode, expression } of schedules) {
      const schedule = new CfnSchedule(this, name, {
        name,
        groupName: group.ref,
        scheduleExpression: expression,
        scheduleExpressionTimezone: props.timeZone,
        flexibleTimeWindow: { mode: "OFF" },
        target: {
          arn: props.polls.queueArn,
          roleArn: role.roleArn,
          input: JSON.stringify({ version: 1, kind: "poll", mode }),
          deadLetterConfig: { arn: props.deadLetters.queueArn },
        },
      });
      // The role alone is not enough: its policy is a resource of its own.
      schedule.node.addDependency(role);
    }
  }
}
