/**
 * Asks and answers of one process, taken together: whatever waits for a connection's budget while a
 * write of it is under way is done in the next one. A worker with four calls at once writes hardly
 * more often than a worker with one, and does not make itself lose.
 *
 * ```
 *  ask ────▶ write ────────────▶ granted
 *  ask ─┐                       ┌▶ granted
 *  ask ─┼─ wait ─▶ one write ───┼▶ refused
 *  answer ┘                     └▶ settled
 * ```
 *
 * Answers make room, so they come first. Asks stay in their order: the most urgent have a reserve that
 * those before them cannot take.
 */
import { limits } from "#shared/config/limits.ts";
import {
  type AskedCall,
  askForCall,
  type CallBudgetState,
  type CallOutcome,
  freshBudget,
  noteAnswer,
} from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { CallAnswer, PacedConnection } from "#shared/ports/call-budget.ts";
import type { Pause } from "./aws-errors.ts";
import type { BudgetItems, StoredBudget } from "./budget-items.ts";

interface Ask {
  readonly kind: "ask";
  readonly of: PacedConnection;
  readonly call: AskedCall;
  readonly nowMs: number;
  readonly resolve: (answer: CallAnswer) => void;
  readonly reject: (cause: unknown) => void;
}

interface Settlement {
  readonly kind: "settle";
  readonly permit: string;
  readonly outcome: CallOutcome;
  readonly nowMs: number;
  readonly resolve: () => void;
  readonly reject: (cause: unknown) => void;
}

type Wish = Ask | Settlement;

export class BudgetTurns {
  readonly #items: BudgetItems;
  readonly #pause: Pause;
  readonly #lines = new Map<ConnectionId, Wish[]>();

  /** `pause`: between two tries of a turn. */
  constructor(items: BudgetItems, pause: Pause) {
    this.#items = items;
    this.#pause = pause;
  }

  ask(of: PacedConnection, call: AskedCall, nowMs: number): Promise<CallAnswer> {
    const { promise, resolve, reject } = Promise.withResolvers<CallAnswer>();
    this.#join(of.connection, { kind: "ask", of, call, nowMs, resolve, reject });
    return promise;
  }

  settle(
    connection: ConnectionId,
    permit: string,
    outcome: CallOutcome,
    nowMs: number,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#join(connection, { kind: "settle", permit, outcome, nowMs, resolve, reject });
    return promise;
  }

  #join(connection: ConnectionId, wish: Wish): void {
    const line = this.#lines.get(connection);
    if (line !== undefined) {
      line.push(wish);
      return;
    }
    const opened = [wish];
    this.#lines.set(connection, opened);
    void this.#serve(connection, opened);
  }

  async #serve(connection: ConnectionId, line: Wish[]): Promise<void> {
    while (line.length > 0) {
      const waiting = line.splice(0);
      const wishes = [
        ...waiting.filter(({ kind }) => kind === "settle"),
        ...waiting.filter(({ kind }) => kind === "ask"),
      ];
      try {
        await this.#takeTurn(connection, wishes);
      } catch (cause) {
        for (const wish of wishes) wish.reject(cause);
      }
    }
    this.#lines.delete(connection);
  }

  async #takeTurn(connection: ConnectionId, wishes: readonly Wish[]): Promise<void> {
    let open = wishes;
    const known = this.#items.known(connection);
    let stored = known ?? (await this.#items.load(connection));
    let isLatest = known === undefined;
    for (let tries = 0; open.length > 0; ) {
      const turn = decide(open, stored);
      if (turn.isRefusing && !isLatest) {
        // Others may have given back since.
        stored = await this.#items.load(connection);
        isLatest = true;
        continue;
      }
      if (turn.next === undefined) return turn.finish();
      const outcome = await this.#items.save(turn.next, latestOf(open));
      if (outcome.kind === "saved" || holds(outcome.stored, turn.granted)) return turn.finish();
      stored = outcome.stored;
      isLatest = true;
      await this.#pause(tries);
      tries += 1;
      open = afterTries(open, tries);
    }
  }
}

interface Turn {
  /** What to save; undefined where nothing changes. */
  readonly next: StoredBudget | undefined;
  readonly granted: readonly string[];
  readonly isRefusing: boolean;
  /** Answers everybody, once it is saved. */
  readonly finish: () => void;
}

function decide(wishes: readonly Wish[], stored: StoredBudget | undefined): Turn {
  const before = stored?.state ?? freshBudget(latestOf(wishes));
  let state: CallBudgetState = before;
  let of: PacedConnection | undefined = stored;
  const granted: string[] = [];
  const answers: (() => void)[] = [];
  let asks = 0;
  for (const wish of wishes) {
    if (wish.kind === "settle") {
      // Of a budget that is not there any more, nothing is left to give back.
      if (stored !== undefined) {
        state = noteAnswer(state, wish.permit, wish.outcome, wish.nowMs);
      }
      answers.push(wish.resolve);
      continue;
    }
    asks += 1;
    const asked = askForCall(state, wish.of.quota, wish.call, wish.nowMs);
    if (asked.kind === "granted") {
      ({ of } = wish);
      ({ state } = asked);
      granted.push(wish.call.id);
      answers.push(() => wish.resolve({ kind: "granted", permit: wish.call.id }));
    } else {
      const { code, retryAfterMs } = asked;
      answers.push(() => wish.resolve({ kind: "refused", code, retryAfterMs }));
    }
  }
  const revision = stored?.revision ?? 0;
  return {
    next: of === undefined || state === before ? undefined : { ...of, state, revision },
    granted,
    isRefusing: asks > granted.length,
    finish: () => {
      for (const answer of answers) answer();
    },
  };
}

/** Who may try again after so many lost locks: an answer for longer than an ask, which can come back. */
function afterTries(wishes: readonly Wish[], tries: number): readonly Wish[] {
  return wishes.filter((wish) => {
    if (wish.kind === "ask" && tries >= limits.budgetTriesMax) {
      const retryAfterMs = limits.budgetRetryMs;
      wish.resolve({ kind: "refused", code: "quota-undecided", retryAfterMs });
      return false;
    }
    if (tries < limits.budgetSettleTriesMax) return true;
    wish.reject(new SyncError({ kind: "retryable", code: "save-contended" }));
    return false;
  });
}

/** Whether the save that seemed lost is what is stored: its answer was lost on the way. */
function holds(stored: StoredBudget | undefined, granted: readonly string[]): boolean {
  const permits = new Set(stored?.state.underWay.map(({ id }) => id));
  return granted.length > 0 && granted.every((id) => permits.has(id));
}

function latestOf(wishes: readonly Wish[]): number {
  return Math.max(...wishes.map(({ nowMs }) => nowMs));
}
