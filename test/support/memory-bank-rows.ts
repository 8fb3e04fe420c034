/** What banks say was paid, in memory: the same answers as the objects on S3. */
import { readBankRows, writeBankRows } from "#shared/contracts/bank-rows.ts";
import type { BankRowReader, BankRowStore, StatementRows } from "#shared/ports/bank-rows.ts";

export interface MemoryBankRows extends BankRowStore, BankRowReader {}

interface Kept {
  readonly createdAtMs: number;
  /** As it is stored, so that what that form cannot hold is missed here, too. */
  readonly text: string;
}

export function createMemoryBankRows(): MemoryBankRows {
  const statements = new Map<string, Kept>();
  return {
    async save(statement) {
      const kept = { createdAtMs: statement.createdAtMs, text: writeBankRows(statement.rows) };
      const before = statements.get(nameOf(statement));
      if (before === undefined || isLater(kept, before)) statements.set(nameOf(statement), kept);
    },
    async readPage(cursor, signal) {
      signal.throwIfAborted();
      const names = [...statements.keys()].sort();
      const [name, ...others] = names.filter((one) => cursor === undefined || one > cursor);
      const rows = readBankRows(statements.get(name ?? "")?.text ?? "") ?? [];
      return { rows, unreadable: [], nextCursor: others.length === 0 ? undefined : name };
    },
  };
}

function nameOf({ account, statementId }: StatementRows): string {
  return `${account}\n${statementId}`;
}

function isLater(one: Kept, other: Kept): boolean {
  if (one.createdAtMs !== other.createdAtMs) return one.createdAtMs > other.createdAtMs;
  return one.text > other.text;
}
