/**
 * What all workers together may ask of the remotes: one item a connection, written before and after
 * each call under an optimistic lock. Calls carry many records, so this is a few hundredths of a write
 * for each record.
 *
 * ```
 *  worker A   decides on revision 7 ── put if still 7 ✓ ──────────── calls ── put if still 9 …
 *  worker B   decides on revision 7 ── put if still 7 ✗ ─ decides on 8 ─ put if still 8 ✓ ─ calls
 * ```
 *
 * The put that loses is told what is stored, so it decides again without a read. A worker begins from
 * what it last knew; only a refusal is looked up first, because others may have given back meanwhile.
 */
import { randomBytes } from "node:crypto";
import { limits } from "#shared/config/limits.ts";
import { tableSchema } from "#shared/config/names.ts";
import {
  askForCall,
  type CallBudgetState,
  type CallOutcome,
  freshBudget,
  noteAnswer,
  viewBudget,
} from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type {
  BudgetedCall,
  CallAnswer,
  CallBudget,
  PacedConnection,
} from "#shared/ports/call-budget.ts";
import { requiredNumber, requiredText } from "./attributes.ts";
import { createPause, type Pause } from "./aws-errors.ts";
import { createGate, type Gate } from "./batches.ts";
import {
  decodeBudgetState,
  decodeQuota,
  encodeBudgetState,
  encodeQuota,
} from "./call-budget-codec.ts";
import { budgetItemKey, budgetPartition } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";

const PAUSE_BASE_MS = 10;
const PAUSE_MAX_MS = 200;

/** A budget as it is stored; revision 0 is none. */
interface StoredBudget extends PacedConnection {
  readonly state: CallBudgetState;
  readonly revision: number;
}

type SaveOutcome =
  | { readonly kind: "saved"; readonly stored: StoredBudget }
  | { readonly kind: "lost"; readonly stored: StoredBudget | undefined };

export function createCallBudgets(
  table: Table,
  pause: Pause = createPause(PAUSE_BASE_MS, PAUSE_MAX_MS),
): CallBudget {
  const known = new Map<ConnectionId, StoredBudget>();
  const gates = new Map<ConnectionId, Gate>();

  /** Workers of one process take turns: they would only make each other lose. */
  const inTurn = <Answer>(connection: ConnectionId, task: () => Promise<Answer>) => {
    const gate = gates.get(connection) ?? createGate(1);
    gates.set(connection, gate);
    return gate(task);
  };

  async function load(connection: ConnectionId): Promise<StoredBudget | undefined> {
    return loaded(connection, await table.get(budgetItemKey(connection)));
  }

  function loaded(connection: ConnectionId, item: Item | undefined): StoredBudget | undefined {
    const stored = item === undefined ? undefined : budgetOfItem(item);
    if (stored === undefined) known.delete(connection);
    else known.set(connection, stored);
    return stored;
  }

  async function save(next: StoredBudget, nowMs: number): Promise<SaveOutcome> {
    const stored = { ...next, revision: next.revision + 1 };
    const outcome = await table.put(itemOfBudget(stored, nowMs), {
      text: next.revision === 0 ? "attribute_not_exists(pk)" : "revision = :revision",
      ...(next.revision === 0 ? {} : { values: { ":revision": { N: String(next.revision) } } }),
    });
    if (outcome.kind === "written") {
      known.set(next.connection, stored);
      return { kind: "saved", stored };
    }
    return { kind: "lost", stored: loaded(next.connection, outcome.stored) };
  }

  async function ask(of: PacedConnection, call: BudgetedCall, nowMs: number): Promise<CallAnswer> {
    const { connection, quota } = of;
    const permit = randomBytes(6).toString("base64url");
    let isLatest = !known.has(connection);
    let stored = known.get(connection) ?? (await load(connection));
    for (let tries = 0; tries < limits.budgetTriesMax; ) {
      const state = stored?.state ?? freshBudget(nowMs);
      const asked = askForCall(state, quota, { ...call, id: permit }, nowMs);
      if (asked.kind === "granted") {
        const next = { ...of, state: asked.state, revision: stored?.revision ?? 0 };
        const outcome = await save(next, nowMs);
        if (outcome.kind === "saved" || holds(outcome.stored, permit)) {
          return { kind: "granted", permit };
        }
        stored = outcome.stored;
        isLatest = true;
        await pause(tries);
        tries += 1;
      } else if (isLatest) {
        return { kind: "refused", code: asked.code, retryAfterMs: asked.retryAfterMs };
      } else {
        stored = await load(connection);
        isLatest = true;
      }
    }
    return { kind: "refused", code: "quota-undecided", retryAfterMs: limits.budgetRetryMs };
  }

  async function settle(
    connection: ConnectionId,
    permit: string,
    outcome: CallOutcome,
    nowMs: number,
  ): Promise<void> {
    let stored = known.get(connection) ?? (await load(connection));
    for (let tries = 0; stored !== undefined; tries += 1) {
      const state = noteAnswer(stored.state, permit, outcome, nowMs);
      const saved = await save({ ...stored, state }, nowMs);
      if (saved.kind === "saved") return;
      if (tries >= limits.budgetTriesMax) {
        throw new SyncError({ kind: "retryable", code: "save-contended" });
      }
      stored = saved.stored;
      await pause(tries);
    }
  }

  return {
    ask: (of, call, nowMs) => inTurn(of.connection, () => ask(of, call, nowMs)),
    settle: (connection, permit, outcome, nowMs) =>
      inTurn(connection, () => settle(connection, permit, outcome, nowMs)),
    view: async (nowMs) => {
      const { pk, sortKeyPrefix } = budgetPartition;
      const items = await table.list(pk, sortKeyPrefix);
      return items.map((item) => {
        const { connection, system, quota, state } = budgetOfItem(item);
        return { connection, system, ...viewBudget(state, quota, nowMs) };
      });
    },
  };
}

/** Whether the save that seemed lost is what is stored: its answer was lost on the way. */
function holds(stored: StoredBudget | undefined, permit: string): boolean {
  return stored?.state.underWay.some(({ id }) => id === permit) === true;
}

function itemOfBudget(budget: StoredBudget, nowMs: number): Item {
  const { connection, system, quota, state, revision } = budget;
  const expiresAt = Math.floor(nowMs / 1_000) + limits.budgetRetentionSeconds;
  return {
    ...keyOf(budgetItemKey(connection)),
    connection: { S: connection },
    system: { S: system },
    quota: { S: encodeQuota(quota) },
    budget: { S: encodeBudgetState(state) },
    revision: { N: String(revision) },
    [tableSchema.expiresAt]: { N: String(expiresAt) },
  };
}

function budgetOfItem(item: Item): StoredBudget {
  return {
    connection: requiredText(item, "connection"),
    system: requiredText(item, "system"),
    quota: decodeQuota(requiredText(item, "quota")),
    // At the beginning of time: whoever asks first brings it to now.
    state: decodeBudgetState(requiredText(item, "budget")) ?? freshBudget(0),
    revision: requiredNumber(item, "revision"),
  };
}
