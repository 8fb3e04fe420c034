/** What banks say was paid, from the statements that were imported. */
import type { BankRow } from "#shared/domain/bank-rows.ts";

export interface BankRowPage {
  readonly rows: readonly BankRow[];
  /** Files that could not be trusted, by their key. */
  readonly unreadable: readonly string[];
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface BankRowReader {
  /** All rows there are, in one order; each statement counts once. */
  readPage(cursor: string | undefined, signal: AbortSignal): Promise<BankRowPage>;
}
