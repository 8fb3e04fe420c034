/**
 * Lambda's asynchronous invocations: kept until they are done, retried, then handed to the function's
 * dead-letter queue or failure destination.
 */
import { randomUUID } from "node:crypto";
import * as z from "zod";
import { FunctionError } from "./function-pool.ts";
import { describeError, type LogSink } from "./host-log.ts";
import type { HostState } from "./host-state.ts";
import type { FunctionPlan } from "./plan.ts";

/** Lambda waits one and two minutes; nobody at a terminal should. */
const RETRY_DELAYS_MS = [1_000, 2_000];

const eventSchema = z.object({ functionArn: z.string(), payload: z.unknown() });

export interface AsyncInvocationOptions {
  readonly functions: readonly FunctionPlan[];
  readonly state: HostState;
  readonly log: LogSink;
  readonly now: () => number;
  readonly invoke: (functionArn: string, payload: unknown) => Promise<unknown>;
  readonly sendTo: (
    queueArn: string,
    body: unknown,
    attributes?: Readonly<Record<string, string>>,
  ) => Promise<void>;
}

export interface AsyncInvocations {
  /** Resolves when the event is done with: handled, or given up and handed on. */
  run(functionArn: string, payload: unknown): Promise<void>;
  /** Runs what a former run of the host left unfinished. */
  resume(): void;
  isIdle(): boolean;
  stop(): void;
}

export function createAsyncInvocations(options: AsyncInvocationOptions): AsyncInvocations {
  const { state } = options;
  let running = 0;
  let isStopped = false;

  async function giveUp(
    plan: FunctionPlan,
    requestId: string,
    payload: unknown,
    error: FunctionError,
    tries: number,
  ): Promise<void> {
    if (plan.onFailureArn !== undefined) {
      await options.sendTo(plan.onFailureArn, {
        version: "1.0",
        timestamp: new Date(options.now()).toISOString(),
        requestContext: {
          requestId,
          functionArn: `${plan.arn}:$LATEST`,
          condition: "RetriesExhausted",
          approximateInvokeCount: tries,
        },
        requestPayload: payload,
        responseContext: {
          statusCode: 200,
          executedVersion: "$LATEST",
          functionError: "Unhandled",
        },
        responsePayload: { errorMessage: error.message, errorType: error.errorType },
      });
    }
    if (plan.deadLetterArn !== undefined) {
      await options.sendTo(plan.deadLetterArn, payload, {
        RequestID: requestId,
        ErrorCode: "200",
        ErrorMessage: error.message.slice(0, 1_000),
      });
    }
    options.log({
      kind: "error",
      text: `${plan.name}: an event was given up after ${tries} tries`,
    });
  }

  async function attempt(key: string, plan: FunctionPlan, payload: unknown): Promise<void> {
    for (let tries = 1; !isStopped; tries += 1) {
      try {
        await options.invoke(plan.arn, payload);
        if (!isStopped) state.delete("event", key);
        return;
      } catch (error) {
        if (isStopped || !(error instanceof FunctionError)) return;
        if (tries > plan.retriesMax) {
          await giveUp(plan, key, payload, error, tries);
          state.delete("event", key);
          return;
        }
        const delayMs = RETRY_DELAYS_MS[tries - 1] ?? 0;
        await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      }
    }
  }

  async function start(key: string, functionArn: string, payload: unknown): Promise<void> {
    const plan = options.functions.find((one) => one.arn === functionArn);
    if (plan === undefined) {
      state.delete("event", key);
      options.log({ kind: "error", text: `An event for ${functionArn}, which does not exist` });
      return;
    }
    running += 1;
    try {
      await attempt(key, plan, payload);
    } finally {
      running -= 1;
    }
  }

  return {
    async run(functionArn, payload) {
      const key = randomUUID();
      state.set("event", key, JSON.stringify({ functionArn, payload }));
      await start(key, functionArn, payload);
    },
    resume() {
      for (const { key, value } of state.list("event")) {
        const event = eventSchema.parse(JSON.parse(value));
        start(key, event.functionArn, event.payload).catch((error: unknown) =>
          options.log({ kind: "error", text: describeError(error) }),
        );
      }
    },
    isIdle: () => running === 0,
    stop() {
      isStopped = true;
    },
  };
}
