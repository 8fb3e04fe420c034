/**
 * What all workers together may ask of the remotes: one item a connection, written before and after
 * calls under an optimistic lock. Calls carry many records, so this is a few hundredths of a write for
 * each record.
 *
 * ```
 *  worker A   decides on revision 7 ── put if still 7 ✓ ──────────── calls ── put if still 8 …
 *  worker B   decides on revision 7 ── put if still 7 ✗ ─ decides on 8 ─ put if still 8 ✓ ─ calls
 * ```
 *
 * The put that loses is told what is stored, so it decides again without a read. A worker begins from
 * what it last knew; only a refusal is looked up first, because others may have given back meanwhile.
 */
import { randomBytes } from "node:crypto";
import { viewBudget } from "#shared/domain/call-budget.ts";
import type { CallBudget } from "#shared/ports/call-budget.ts";
import { createPause, type Pause } from "./aws-errors.ts";
import { BudgetItems } from "./budget-items.ts";
import { BudgetTurns } from "./budget-turns.ts";
import type { Table } from "./table.ts";

const PAUSE_BASE_MS = 10;
const PAUSE_MAX_MS = 200;

export function createCallBudgets(
  table: Table,
  pause: Pause = createPause(PAUSE_BASE_MS, PAUSE_MAX_MS),
): CallBudget {
  const items = new BudgetItems(table);
  const turns = new BudgetTurns(items, pause);
  return {
    ask: (of, call, nowMs) => {
      const id = randomBytes(6).toString("base64url");
      return turns.ask(of, { ...call, id }, nowMs);
    },
    settle: (connection, permit, outcome, nowMs) =>
      turns.settle(connection, permit, outcome, nowMs),
    view: async (nowMs) =>
      (await items.list()).map(({ connection, system, quota, state }) => ({
        connection,
        system,
        ...viewBudget(state, quota, nowMs),
      })),
  };
}
