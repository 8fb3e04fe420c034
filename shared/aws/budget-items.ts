/** The item of a connection's call budget, with its optimistic lock, and what this process last knew of it. */
import { limits } from "#shared/config/limits.ts";
import { tableSchema } from "#shared/config/names.ts";
import { type CallBudgetState, freshBudget } from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import type { PacedConnection } from "#shared/ports/call-budget.ts";
import { requiredNumber, requiredText } from "./attributes.ts";
import {
  decodeBudgetState,
  decodeQuota,
  encodeBudgetState,
  encodeQuota,
} from "./call-budget-codec.ts";
import { budgetItemKey, budgetPartition } from "./item-keys.ts";
import { type Item, keyOf, type Table } from "./table.ts";

/** A budget as it is stored; revision 0 is none. */
export interface StoredBudget extends PacedConnection {
  readonly state: CallBudgetState;
  readonly revision: number;
}

type SaveOutcome =
  | { readonly kind: "saved" }
  /** Another was first; `stored` is what it saved. */
  | { readonly kind: "lost"; readonly stored: StoredBudget | undefined };

export class BudgetItems {
  readonly #table: Table;
  readonly #known = new Map<ConnectionId, StoredBudget>();

  constructor(table: Table) {
    this.#table = table;
  }

  /** What was last seen of it, which may have changed since. */
  known(connection: ConnectionId): StoredBudget | undefined {
    return this.#known.get(connection);
  }

  async load(connection: ConnectionId): Promise<StoredBudget | undefined> {
    return this.#remember(connection, await this.#table.get(budgetItemKey(connection)));
  }

  async list(): Promise<StoredBudget[]> {
    const { pk, sortKeyPrefix } = budgetPartition;
    return (await this.#table.list(pk, sortKeyPrefix)).map(budgetOfItem);
  }

  /** Saves it as revision + 1, if what is stored is still of its revision. */
  async save(budget: StoredBudget, nowMs: number): Promise<SaveOutcome> {
    const { connection, revision } = budget;
    const next = { ...budget, revision: revision + 1 };
    const outcome = await this.#table.put(
      itemOfBudget(next, nowMs),
      revision === 0
        ? { text: "attribute_not_exists(pk)" }
        : { text: "revision = :revision", values: { ":revision": { N: String(revision) } } },
    );
    if (outcome.kind === "refused") {
      return { kind: "lost", stored: this.#remember(connection, outcome.stored) };
    }
    this.#known.set(connection, next);
    return { kind: "saved" };
  }

  #remember(connection: ConnectionId, item: Item | undefined): StoredBudget | undefined {
    const stored = item === undefined ? undefined : budgetOfItem(item);
    if (stored === undefined) this.#known.delete(connection);
    else this.#known.set(connection, stored);
    return stored;
  }
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
