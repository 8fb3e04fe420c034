import type { CallBudget, ConnectionBudget } from "#shared/ports/call-budget.ts";
import type { Clock } from "#shared/ports/log.ts";

export interface ConnectionsViewDependencies {
  readonly budgets: CallBudget;
  readonly clock: Clock;
}

/**
 * How each connection stands: whether calls are made, and what is left of its quota. Nothing of its
 * settings is in it. A connection that was not called for days is left out.
 */
export async function viewConnections({
  budgets,
  clock,
}: ConnectionsViewDependencies): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return (await budgets.view(clock())).map(viewConnection);
}

function viewConnection(budget: ConnectionBudget): Readonly<Record<string, unknown>> {
  const { connection, system, state, untilMs, failuresInARow, windows } = budget;
  const { callsUnderWay, callsAtOnceMax } = budget;
  return {
    connection,
    system,
    state,
    until: untilMs === undefined ? undefined : isoOf(untilMs),
    failuresInARow,
    callsUnderWay,
    callsAtOnceMax,
    quota: windows.map(({ name, lengthMs, callsMax, remaining, told }) => ({
      window: name,
      lengthSeconds: lengthMs / 1_000,
      callsMax,
      remaining,
      told: told === undefined ? undefined : { remaining: told.remaining, at: isoOf(told.atMs) },
    })),
  };
}

function isoOf(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
