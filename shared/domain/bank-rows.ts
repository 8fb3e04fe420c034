/**
 * What a bank statement says of each payment, as rows of the tie-out's snapshot: the third leg beside
 * the CRM and the books, from a source that neither of them wrote.
 */
import type { BankEntry, BankStatement, BankTransaction } from "./bank-statement.ts";
import { readCreditorReference } from "./creditor-reference.ts";
import { digestText } from "./fingerprint.ts";
import { type Money, sum } from "./money.ts";

/** How the numbers of one kind of document look, `INV-0042`: a company's own rule. */
export interface DocumentNumberPattern {
  /** Letters before the digits; blank where a number is all digits. */
  readonly prefix: string;
  /** Between the two, in our own documents. Payers leave it out or put another. */
  readonly separator: string;
  readonly digitsMin: number;
  readonly digitsMax: number;
}

/** Columns of `shared/config/snapshot-schema.ts`; those of a snapshot that are not here are null. */
export interface BankRow {
  /** The number of the document that is paid, `INV-0042`; else `bank:<external id>`. */
  readonly record_key: string;
  /** The same each time the same statement is read. */
  readonly external_id: string;
  readonly document_date: string;
  readonly currency: string;
  /** Above zero where money came in. */
  readonly gross_minor: bigint;
  readonly status: "settled";
  readonly changed_at_ms: bigint;
  readonly excluded_by: "bank-entry-not-booked" | null;
}

/**
 * One row for each payment, else for each entry: where the payments of an entry do not sum to it, the
 * entry stands for them, without a document. Amounts of the rows that take part sum to what the
 * statement moved. Nothing is guessed: a text that names two documents names none.
 */
export function bankRowsOf(
  statement: BankStatement,
  patterns: readonly DocumentNumberPattern[],
): readonly BankRow[] {
  const finders = patterns.map(finderOf);
  const taken = new Set<string>();
  return statement.entries.flatMap((entry, index) =>
    paymentsOf(entry).map((payment, part): BankRow => {
      const reference = payment.transaction?.reference ?? entry.reference;
      const externalId = claimId(statement, reference, `${index}.${part}`, taken);
      const number = payment.transaction && documentNumberIn(payment.transaction, entry, finders);
      return {
        record_key: number ?? `bank:${externalId}`,
        external_id: externalId,
        document_date: entry.bookedOn,
        currency: statement.currency,
        gross_minor: payment.amount.minor,
        status: "settled",
        changed_at_ms: BigInt(statement.createdAtMs),
        excluded_by: entry.status === "booked" ? null : "bank-entry-not-booked",
      };
    }),
  );
}

interface Payment {
  readonly transaction: BankTransaction | undefined;
  readonly amount: Money;
}

function paymentsOf({ transactions, amount }: BankEntry): readonly Payment[] {
  const [first, second] = transactions;
  if (second === undefined) return [{ transaction: first, amount }];
  const amounts = transactions.map((transaction) => transaction.amount);
  if (!amounts.every((one) => one !== null)) return [{ transaction: undefined, amount }];
  if (amounts.some((one) => one.currency !== amount.currency)) {
    return [{ transaction: undefined, amount }];
  }
  if (sum(amounts, amount.currency).minor !== amount.minor) {
    return [{ transaction: undefined, amount }];
  }
  return transactions.map((transaction, index) => ({
    transaction,
    amount: amounts[index] ?? amount,
  }));
}

/** The bank's own name where it gives one, once; else one that follows from the place in the statement. */
function claimId(
  { account, statementId }: BankStatement,
  reference: string | null,
  place: string,
  taken: Set<string>,
): string {
  const isFree = reference !== null && !taken.has(reference);
  const id = isFree ? reference : digestText([account, statementId, place].join("\n"));
  taken.add(id);
  return id;
}

/** The first source that names a document decides: what is meant for it comes before loose words. */
function documentNumberIn(
  transaction: BankTransaction,
  entry: BankEntry,
  finders: readonly Finder[],
): string | undefined {
  const { creditorReferences, documentNumbers, endToEndId, remittance } = transaction;
  const own = creditorReferences.map((text) => readCreditorReference(text));
  const structured = [...own.filter((part) => part !== undefined), ...documentNumbers];
  const sources = [
    structured.map((text) => found(text, finders)[0] ?? text),
    endToEndId === null ? [] : found(endToEndId, finders),
    [
      ...remittance.flatMap((text) => found(text, finders)),
      ...structuredIn(remittance).map((own) => found(own, finders)[0] ?? own),
    ],
    entry.note === null ? [] : found(entry.note, finders),
  ];
  const names = new Set(sources.find((source) => source.length > 0));
  return names.size === 1 ? [...names][0] : undefined;
}

/** Creditor references that a payer wrote among other words, which may follow it: the longest that fits. */
function structuredIn(remittance: readonly string[]): readonly string[] {
  return remittance.flatMap((text) =>
    [...text.toUpperCase().matchAll(/(?<![0-9A-Z])RF\d{2}[0-9A-Z ]{1,26}/g)].flatMap(([words]) => {
      const parts = words.split(" ");
      const lengths = parts.map((_, index) => parts.length - index);
      const owns = lengths.map((length) => readCreditorReference(parts.slice(0, length).join("")));
      return owns.find((own) => own !== undefined) ?? [];
    }),
  );
}

type Finder = (text: string) => readonly string[];

function found(text: string, finders: readonly Finder[]): readonly string[] {
  return finders.flatMap((find) => find(text));
}

function finderOf({ prefix, separator, digitsMin, digitsMax }: DocumentNumberPattern): Finder {
  const letters = prefix.replace(/[^0-9A-Za-z]/g, "\\$&");
  const digits = `(\\d{${digitsMin},${digitsMax}})`;
  const between = prefix === "" ? "" : "[-\\s_./#:]?";
  const pattern = new RegExp(`(?<![0-9A-Za-z])${letters}${between}${digits}(?![0-9A-Za-z])`, "gi");
  return (text) =>
    [...text.matchAll(pattern)].map(([, number = ""]) => `${prefix}${separator}${number}`);
}
