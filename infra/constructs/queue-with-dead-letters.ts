import { Duration } from "aws-cdk-lib";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";
import { deadLetterRetentionDays, queueRetentionDays } from "../config.ts";

export interface QueueWithDeadLettersProps {
  readonly queueName: string;
  /** Of the function that reads the queue. */
  readonly timeoutSeconds: number;
  readonly batchWindowSeconds: number;
  readonly receiveCountMax: number;
}

/** A standard queue whose messages are set aside, never lost, when they keep failing. */
export class QueueWithDeadLetters extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: QueueWithDeadLettersProps) {
    super(scope, id);
    this.deadLetters = createDeadLetterQueue(this, "DeadLetters", `${props.queueName}-dead`);
    this.queue = new Queue(this, "Queue", {
      queueName: props.queueName,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(queueRetentionDays),
      // Six times the function's time-out plus the window, so that throttled tries of Lambda's
      // poller do not make a message visible twice (docs.aws.amazon.com/lambda/latest/dg/
      // services-sqs-configure.html, read 2026-11).
      visibilityTimeout: Duration.seconds(6 * props.timeoutSeconds + props.batchWindowSeconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: props.receiveCountMax },
    });
  }
}

/** A queue that nothing reads but an operator, and that keeps messages as long as SQS can. */
export function createDeadLetterQueue(scope: Construct, id: string, queueName: string): Queue {
  return new Queue(scope, id, {
    queueName,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(deadLetterRetentionDays),
  });
}
