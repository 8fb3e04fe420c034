/** A bank's statement of one account, as its file shows it. */
import { add, type CurrencyCode, type Money, subtract, sum } from "./money.ts";
import type { CalendarDate } from "./records.ts";

export interface BankStatement {
  /** The bank's own name of it; unique for the account. */
  readonly statementId: string;
  /** The IBAN, or what the bank numbers the account by. */
  readonly account: string;
  readonly currency: CurrencyCode;
  /** When the bank made it, epoch ms. */
  readonly createdAtMs: number;
  /** Booked balances; below zero where the account is overdrawn. */
  readonly opening: Money;
  readonly closing: Money;
  readonly entries: readonly BankEntry[];
}

/** Only what is `booked` counts in the balances. */
export type BankEntryStatus = "booked" | "pending" | "information";

export interface BankEntry {
  /** The bank's own name of it, where it gives one. */
  readonly reference: string | null;
  readonly status: BankEntryStatus;
  readonly bookedOn: CalendarDate;
  /** Above zero where money came in. */
  readonly amount: Money;
  /** It takes back an earlier entry; its sign is its own, so a reversal of money in is below zero. */
  readonly isReversal: boolean;
  /** What it is made of: several payments may be booked as one entry. */
  readonly transactions: readonly BankTransaction[];
  readonly note: string | null;
}

export interface BankTransaction {
  readonly reference: string | null;
  /** Signed like the entry's; null where the file gives none. */
  readonly amount: Money | null;
  /** What the payer named the payment. */
  readonly endToEndId: string | null;
  /** What the creditor asked the payer to quote. */
  readonly creditorReferences: readonly string[];
  /** Numbers of documents, where the payer gave them as such. */
  readonly documentNumbers: readonly string[];
  /** What the payer wrote. */
  readonly remittance: readonly string[];
  readonly counterparty: string | null;
}

/** What the closing balance has more than opening balance and booked entries give; zero where it adds up. */
export function balanceGapOf({ opening, closing, entries, currency }: BankStatement): Money {
  const booked = entries.filter(({ status }) => status === "booked");
  const moved = sum(
    booked.map(({ amount }) => amount),
    currency,
  );
  return subtract(closing, add(opening, moved));
}
