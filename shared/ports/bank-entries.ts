/** What banks say was paid, as it was imported from their statements. */
import type { BankEntry } from "#shared/domain/tie-out/snapshot-rows.ts";

export interface BankEntryPage {
  readonly entries: readonly BankEntry[];
  /** Absent on the last page. */
  readonly nextCursor?: string | undefined;
}

export interface BankEntryReader {
  /** All entries there are, each once, in one order. */
  readPage(cursor: string | undefined, signal: AbortSignal): Promise<BankEntryPage>;
}
