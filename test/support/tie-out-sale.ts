/** What a tie-out's world is made of, and what damage is. */
import type { BankRow } from "#shared/domain/bank-rows.ts";
import type { ObservedRecord } from "#shared/domain/records.ts";
import type { DifferenceClass } from "#shared/domain/tie-out/classes.ts";

/** When the snapshot of the world began. */
export const startedAtMs = Date.UTC(2026, 10, 27, 2, 0, 0);

/** One order and what belongs to it, as both sides show it; damage changes it in place. */
export interface Sale {
  readonly index: number;
  crm: ObservedRecord[];
  books: ObservedRecord[];
  bank: BankRow[];
}

export interface Damage {
  readonly name: string;
  readonly class: DifferenceClass;
  /** Which kind of sale it is done to. */
  readonly to: SaleKind;
  /** Month of the sale, where it must be closed. */
  readonly month?: string;
  /** Changes the sale; gives one record by which the difference is known again. */
  readonly do: (sale: Sale) => string;
}

export type SaleKind =
  | "plain"
  | "billed-in-parts"
  | "corrected"
  | "credited"
  | "written-off"
  | "customer"
  | "product";
