/** What every handler does around its use case. */
import type { MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";
import type { Log } from "#shared/ports/log.ts";
import type { Invocation } from "#shared/sync/invocation.ts";

/** Kept free at the end of an invocation, so that its results are saved before Lambda ends it. */
const ABORT_BEFORE_END_MS = 2_000;

/** Logs a failure by class, code and place before Lambda sees it; never the event. */
export function observe(functionName: string, log: Log): MiddlewareObj<unknown, unknown, Error> {
  return {
    onError: ({ error, context }) => {
      const requestId = context.awsRequestId;
      log.error("invocation-failed", error, { functionName, requestId });
    },
  };
}

/** Aborts shortly before the invocation would be ended from outside. */
export function signalOf(context: Context): AbortSignal {
  const leftMs = context.getRemainingTimeInMillis() - ABORT_BEFORE_END_MS;
  return AbortSignal.timeout(Math.max(1, leftMs));
}

/** What a use case that may have more to do than there is time for goes by. */
export function invocationOf(context: Context): Invocation {
  return {
    signal: signalOf(context),
    remainingMs: () => context.getRemainingTimeInMillis(),
  };
}
