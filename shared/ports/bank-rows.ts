/** What banks say was paid, from the statements that were imported. */
import type { BankRow } from "#shared/domain/bank-rows.ts";

interface BankRowPage {
  readonly rows: readonly BankRow[];
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface BankRowReader {
  /** All rows there are, in one order. */
  readPage(cursor: string | undefined, signal: AbortSignal): Promise<BankRowPage>;
}
