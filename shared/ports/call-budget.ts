/** What all workers together may ask of the remotes. */
import type {
  CallBudgetView,
  CallOutcome,
  CallPriority,
  CallRefusalCode,
  QuotaLimits,
} from "#shared/domain/call-budget.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";

export interface PacedConnection {
  readonly connection: ConnectionId;
  readonly system: string;
  readonly quota: QuotaLimits;
}

/** A call to be made. */
interface BudgetedCall {
  readonly priority: CallPriority;
  /** The windows of the quota it counts in, by name. */
  readonly windows: readonly string[];
}

export type CallAnswer =
  | { readonly kind: "granted"; readonly permit: string }
  | {
      readonly kind: "refused";
      /** `quota-undecided`: others asked at the same moment, again and again. */
      readonly code: CallRefusalCode | "quota-undecided";
      readonly retryAfterMs: number;
    };

export interface ConnectionBudget extends CallBudgetView {
  readonly connection: ConnectionId;
  readonly system: string;
}

export interface CallBudget {
  /**
   * Counts the call, or refuses it and keeps nothing. However many workers ask at once, no more calls
   * are granted than the quota allows, and no more than one tries an unreachable connection. Throws
   * SyncError `retryable` where the budget cannot be read; nothing is granted then, but a call that
   * was counted before its answer was lost stays counted until its permit ends.
   */
  ask(of: PacedConnection, call: BudgetedCall, nowMs: number): Promise<CallAnswer>;
  /**
   * Gives the permit back with what became of the call. Harmless when repeated, and when the permit
   * ended before. Throws SyncError `retryable` where it cannot be stored; the permit then ends by
   * itself.
   */
  settle(
    connection: ConnectionId,
    permit: string,
    outcome: CallOutcome,
    nowMs: number,
  ): Promise<void>;
  /** Every connection that was asked for within the last days, by name. */
  view(nowMs: number): Promise<readonly ConnectionBudget[]>;
}
