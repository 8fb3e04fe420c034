/**
 * EventBridge Scheduler: fires schedules when their time has come, or when somebody asks.
 */
import { randomUUID } from "node:crypto";
import type { Access } from "./access.ts";
import { describeError, type LogSink } from "./host-log.ts";
import { ACCOUNT_ID, arnOf } from "./names.ts";
import type { SchedulePlan } from "./plan.ts";

const TICK_MS = 1_000;
const MINUTE_MS = 60_000;
/** After a longer sleep of the machine only the last hour is caught up with. */
const CATCH_UP_MS = 60 * MINUTE_MS;
const RETRIES_MAX = 185;
const RETRY_BASE_MS = 1_000;
const RETRY_MS_MAX = 60_000;

export interface ScheduleOptions {
  readonly schedules: readonly SchedulePlan[];
  readonly region: string;
  readonly access: Access;
  readonly log: LogSink;
  readonly now: () => number;
  /** A target that is not a queue is a function. */
  readonly isQueue: (arn: string) => boolean;
  readonly sendToQueue: (queueArn: string, body: string) => Promise<void>;
  readonly invokeAsync: (functionArn: string, payload: unknown) => Promise<void>;
}

export interface Schedules {
  readonly names: readonly string[];
  /** Takes the friendly name or the one in the template. Rejects when there is no such schedule. */
  fire(name: string): Promise<void>;
  /**
   * As its state does in AWS: a disabled schedule does not fire by itself. Holds until the host ends.
   * Throws when there is no such schedule.
   */
  enable(name: string, isEnabled: boolean): void;
  stop(): void;
}

/** The event a target gets when the schedule gives no input of its own. */
function defaultInput(plan: SchedulePlan, region: string, atEpochMs: number): string {
  return JSON.stringify({
    version: "0",
    id: randomUUID(),
    "detail-type": "Scheduled Event",
    source: "aws.scheduler",
    account: ACCOUNT_ID,
    time: new Date(atEpochMs).toISOString(),
    region,
    resources: [scheduleArn(plan, region)],
    detail: "{}",
  });
}

function scheduleArn(plan: SchedulePlan, region: string): string {
  return arnOf("scheduler", region, `schedule/${plan.groupName}/${plan.physicalName}`);
}

function isMinuteDue(plan: SchedulePlan, minuteEpochMs: number, startedEpochMs: number): boolean {
  const { time } = plan;
  if (time.kind === "cron") return time.isDue(minuteEpochMs);
  if (time.kind === "at") return Math.floor(time.epochMs / MINUTE_MS) * MINUTE_MS === minuteEpochMs;
  const startMinute = Math.floor(startedEpochMs / MINUTE_MS) * MINUTE_MS;
  const elapsedMs = minuteEpochMs - startMinute;
  return elapsedMs > 0 && elapsedMs % time.periodMs === 0;
}

/**
 * Starts the clock. A rate counts from the start of the host and first fires after one period; a
 * flexible window counts as its beginning.
 */
export function startSchedules(options: ScheduleOptions): Schedules {
  const { region, now } = options;
  const startedEpochMs = now();
  let nextMinute = (Math.floor(startedEpochMs / MINUTE_MS) + 1) * MINUTE_MS;
  let isStopped = false;
  const enabled = new Set(
    options.schedules.filter(({ properties }) => properties.State === "ENABLED"),
  );

  function find(name: string): SchedulePlan {
    const plan = options.schedules.find((one) => one.name === name || one.physicalName === name);
    if (plan !== undefined) return plan;
    const known = options.schedules.map((one) => one.name).join(", ");
    throw new Error(`No schedule ${name}; there are: ${known}`);
  }

  async function deliver(plan: SchedulePlan, input: string): Promise<void> {
    const { Arn, RoleArn } = plan.properties.Target;
    const isQueue = options.isQueue(Arn);
    const action = isQueue ? "sqs:SendMessage" : "lambda:InvokeFunction";
    const role = { kind: "role" as const, id: RoleArn };
    if (options.access.check(role, action, Arn) !== "allowed") {
      throw new Error(`AccessDenied: ${RoleArn} may not ${action} on ${Arn}`);
    }
    if (isQueue) await options.sendToQueue(Arn, input);
    else await options.invokeAsync(Arn, JSON.parse(input));
  }

  async function deadLetter(plan: SchedulePlan, input: string): Promise<void> {
    const arn = plan.properties.Target.DeadLetterConfig?.Arn;
    if (arn !== undefined) await options.sendToQueue(arn, input);
  }

  async function fire(plan: SchedulePlan, atEpochMs: number): Promise<void> {
    const { Target } = plan.properties;
    const executionId = randomUUID();
    const retriesMax = Target.RetryPolicy?.MaximumRetryAttempts ?? RETRIES_MAX;
    for (let tries = 1; !isStopped; tries += 1) {
      const input = (Target.Input ?? defaultInput(plan, region, atEpochMs))
        .replaceAll("<aws.scheduler.scheduled-time>", new Date(atEpochMs).toISOString())
        .replaceAll("<aws.scheduler.schedule-arn>", scheduleArn(plan, region))
        .replaceAll("<aws.scheduler.execution-id>", executionId)
        .replaceAll("<aws.scheduler.attempt-number>", String(tries));
      try {
        await deliver(plan, input);
        return;
      } catch (error) {
        if (isStopped) return;
        const text = describeError(error);
        options.log({ kind: "error", text: `schedule ${plan.name}: ${text}` });
        // A missing permission does not heal by itself, and Scheduler does not try it again either.
        if (tries > retriesMax || text.startsWith("AccessDenied")) {
          await deadLetter(plan, input);
          return;
        }
        const delayMs = Math.min(RETRY_MS_MAX, RETRY_BASE_MS * 2 ** (tries - 1));
        await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      }
    }
  }

  function tick(): void {
    const currentMs = now();
    nextMinute = Math.max(nextMinute, Math.ceil((currentMs - CATCH_UP_MS) / MINUTE_MS) * MINUTE_MS);
    for (; nextMinute <= currentMs; nextMinute += MINUTE_MS) {
      for (const plan of enabled) {
        if (!isMinuteDue(plan, nextMinute, startedEpochMs)) continue;
        fire(plan, nextMinute).catch((error: unknown) =>
          options.log({ kind: "error", text: `schedule ${plan.name}: ${describeError(error)}` }),
        );
      }
    }
  }

  const timer = setInterval(tick, TICK_MS);
  timer.unref();
  return {
    names: options.schedules.map((plan) => plan.name),
    async fire(name) {
      await fire(find(name), now());
    },
    enable(name, isEnabled) {
      if (isEnabled) enabled.add(find(name));
      else enabled.delete(find(name));
    },
    stop() {
      isStopped = true;
      clearInterval(timer);
    },
  };
}
