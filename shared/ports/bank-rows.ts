/** What banks say was paid, from the statements that were imported. */
import type { BankRow } from "#shared/domain/bank-rows.ts";

interface BankRowPage {
  readonly rows: readonly BankRow[];
  /** Stored statements that cannot be read any more, by their key. */
  readonly unreadable: readonly string[];
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface BankRowReader {
  /** All rows there are, in one order; each statement counts once. */
  readPage(cursor: string | undefined, signal: AbortSignal): Promise<BankRowPage>;
}

/** A statement as far as it takes part. */
export interface StatementRows {
  /** Together the name of the statement. */
  readonly account: string;
  readonly statementId: string;
  /** When the bank made it, epoch ms: of two with one name, the later one counts. */
  readonly createdAtMs: number;
  readonly rows: readonly BankRow[];
}

export interface BankRowStore {
  /** May be repeated: the same statement takes its own place. */
  save(statement: StatementRows): Promise<void>;
}
