import { readBankStatements } from "#shared/connectors/file/camt-053.ts";
import { type BankRow, bankRowsOf } from "#shared/domain/bank-rows.ts";
import type { BankStatement } from "#shared/domain/bank-statement.ts";
import { documentNumberPatterns } from "#shared/flows/document-numbers.ts";

export interface ReadBankStatement {
  readonly statement: BankStatement;
  readonly rows: readonly BankRow[];
}

/** The statements of a file with their rows; throws SyncError `invalid-input` as {@link readBankStatements}. */
export function readBankFile(content: Uint8Array): readonly ReadBankStatement[] {
  return readBankStatements(content).map((statement) => ({
    statement,
    rows: bankRowsOf(statement, documentNumberPatterns),
  }));
}
