/**
 * Makes no call that the connection's budget does not allow.
 *
 * 1. ask the budget; where it refuses, throw `rate-limited` at once: nothing was sent, so a write is
 *    not uncertain, and nobody waits in here;
 * 2. call;
 * 3. tell the budget what became of the call, by its status and headers.
 *
 * A worker that dies between 1 and 3 holds its place for some seconds, no longer.
 */
import { limits } from "#shared/config/limits.ts";
import type { CallOutcome } from "#shared/domain/call-budget.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { CallAnswer, CallBudget, PacedConnection } from "#shared/ports/call-budget.ts";
import type { Clock, Log } from "#shared/ports/log.ts";
import { priorityOfSignal } from "./call-priority.ts";
import type { HttpRequest, HttpResponse, Transport } from "./transport.ts";

/** A vendor's way to count calls; a table in the folder of its connector. */
export interface CallTable {
  /** Names of the declared windows that the call counts in; undefined for one that no quota counts. */
  windowsOf(request: HttpRequest): readonly string[] | undefined;
  outcomeOf(response: HttpResponse, nowMs: number): CallOutcome;
}

export interface Pacing {
  readonly budget: CallBudget;
  readonly now: Clock;
  readonly log: Log;
}

/** Throws what `transport` throws, and SyncError `rate-limited` for a call that was not made. */
export function paceTransport(
  transport: Transport,
  of: PacedConnection,
  calls: CallTable,
  pacing: Pacing,
): Transport {
  const { now } = pacing;
  return {
    send: async (request) => {
      const windows = calls.windowsOf(request);
      // Out of time: the transport makes no call for such a signal, so none is counted.
      if (windows === undefined || request.signal.aborted) return transport.send(request);
      const permit = await askFor(
        of,
        { priority: priorityOfSignal(request.signal), windows },
        pacing,
      );
      let outcome: CallOutcome = { kind: "unheard" };
      try {
        const response = await transport.send(request);
        outcome = calls.outcomeOf(response, now());
        return response;
      } catch (cause) {
        outcome = outcomeOfThrow(cause, request);
        throw cause;
      } finally {
        await settle(of, permit, outcome, pacing);
      }
    },
  };
}

async function askFor(
  of: PacedConnection,
  call: Parameters<CallBudget["ask"]>[1],
  { budget, now }: Pacing,
): Promise<string> {
  const answer = await budget.ask(of, call, now()).catch(undecided);
  if (answer.kind === "granted") return answer.permit;
  const { code, retryAfterMs } = answer;
  throw new SyncError({ kind: "rate-limited", code, retryAfterMs });
}

/** A budget that cannot be read allows nothing. */
function undecided(cause: unknown): CallAnswer {
  if (!(cause instanceof SyncError) || cause.failure.kind !== "retryable") throw cause;
  throw new SyncError(
    { kind: "rate-limited", code: "quota-undecided", retryAfterMs: limits.budgetRetryMs },
    cause,
  );
}

/** The call was made, and its answer counts, whether this can be stored or not. */
async function settle(
  of: PacedConnection,
  permit: string,
  outcome: CallOutcome,
  { budget, now, log }: Pacing,
): Promise<void> {
  try {
    await budget.settle(of.connection, permit, outcome, now());
  } catch (cause) {
    log.error("call-not-settled", cause, { connection: of.connection });
  }
}

function outcomeOfThrow(cause: unknown, request: HttpRequest): CallOutcome {
  if (request.signal.aborted || !(cause instanceof SyncError)) return { kind: "unheard" };
  // An answer that was too large to read is one all the same.
  return cause.failure.code === "remote-unreachable" ? { kind: "failed" } : { kind: "answered" };
}
