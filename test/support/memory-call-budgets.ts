/** Call budgets in memory, for tests and simulations; held to the DynamoDB store by the contract suite. */
import {
  askForCall,
  type CallBudgetState,
  freshBudget,
  noteAnswer,
  viewBudget,
} from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { CallBudget, PacedConnection } from "#shared/ports/call-budget.ts";

type Kept = PacedConnection & { readonly state: CallBudgetState };

export function createMemoryCallBudgets(): CallBudget {
  const budgets = new Map<ConnectionId, Kept>();
  let permits = 0;
  return {
    async ask(of, call, nowMs) {
      permits += 1;
      const permit = `permit-${permits}`;
      const state = budgets.get(of.connection)?.state ?? freshBudget(nowMs);
      const asked = askForCall(state, of.quota, { ...call, id: permit }, nowMs);
      if (asked.kind === "refused") {
        return { kind: "refused", code: asked.code, retryAfterMs: asked.retryAfterMs };
      }
      budgets.set(of.connection, { ...of, state: asked.state });
      return { kind: "granted", permit };
    },
    async settle(connection, permit, outcome, nowMs) {
      const kept = budgets.get(connection);
      if (kept === undefined) return;
      const state = noteAnswer(kept.state, permit, outcome, nowMs);
      budgets.set(connection, { ...kept, state });
    },
    async view(nowMs) {
      return [...budgets.values()]
        .sort((left, right) => (left.connection < right.connection ? -1 : 1))
        .map(({ connection, system, quota, state }) => ({
          connection,
          system,
          ...viewBudget(state, quota, nowMs),
        }));
    },
  };
}
