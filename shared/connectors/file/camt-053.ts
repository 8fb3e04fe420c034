/**
 * Bank statements by ISO 20022, camt.053.001.02 and .08 (iso20022.org, BankToCustomerStatement). The
 * two differ in few places: a status is a code or an element with a code, a party stands in `Pty` or
 * not, and a payment's amount stands in `Amt` or in `AmtDtls/TxAmt`.
 */
import {
  type BankEntry,
  type BankEntryStatus,
  type BankStatement,
  type BankTransaction,
  balanceGapOf,
} from "#shared/domain/bank-statement.ts";
import { parseDate } from "#shared/domain/calendar.ts";
import {
  formatMoney,
  type Money,
  negate,
  parseCurrency,
  parseMoney,
  subtract,
} from "#shared/domain/money.ts";
import type { CalendarDate } from "#shared/domain/records.ts";
import {
  attributeOf,
  childAt,
  childrenOf,
  maybeValueAt,
  refusalAt,
  requireChild,
  requireText,
  textAt,
  valueAt,
} from "./xml-fields.ts";
import { readXml, type XmlBounds, type XmlElement } from "./xml-tree.ts";

const versions = [
  "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02",
  "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08",
];
const prefixes = Object.fromEntries(versions.map((namespace) => [namespace, ""]));

/** What a payer writes who names a payment nothing. */
const NO_REFERENCE = "NOTPROVIDED";

const statuses: ReadonlyMap<string, BankEntryStatus> = new Map([
  ["BOOK", "booked"],
  ["PDNG", "pending"],
  ["FUTR", "pending"],
  ["INFO", "information"],
]);

/**
 * All statements of a file, each of which adds up: opening balance and booked entries give the closing
 * balance. Throws SyncError `invalid-input` with a code, a fix and the place, and gives nothing of a
 * file that has anything wrong in it.
 */
export function readBankStatements(
  content: Uint8Array,
  bounds?: XmlBounds,
): readonly BankStatement[] {
  const root = readXml(content, prefixes, bounds);
  if (root.name !== "Document" || !versions.includes(root.namespace)) {
    throw refusalAt(
      "bank-statement-version-unknown",
      "Ask the bank for camt.053.001.02 or camt.053.001.08.",
      root,
    );
  }
  const message = requireChild(root, "BkToCstmrStmt");
  const createdAt = requireText(message, "GrpHdr/CreDtTm");
  const statements = childrenOf(message, "Stmt");
  if (statements.length === 0) requireChild(message, "Stmt");
  return statements.map((element) => readStatement(element, createdAt));
}

function readStatement(element: XmlElement, messageCreatedAt: string): BankStatement {
  const account = requireChild(element, "Acct");
  const opening = readBalance(element, "OPBD") ?? readBalance(element, "PRCD");
  const closing = readBalance(element, "CLBD");
  if (opening === undefined || closing === undefined) {
    throw refusalAt(
      "bank-statement-balance-missing",
      "Get the whole statement: one page of several has no opening or no closing balance.",
      element,
    );
  }
  const currency = maybeValueAt(account, "Ccy", parseCurrency) ?? opening.currency;
  const entries = childrenOf(element, "Ntry").map(readEntry);
  for (const amount of [opening, closing, ...entries.map((entry) => entry.amount)]) {
    if (amount.currency === currency) continue;
    throw refusalAt(
      "currencies-differ",
      "An account is in one currency; get the file again.",
      element,
    );
  }
  const statement = {
    statementId: requireText(element, "Id"),
    account: textAt(account, "Id/IBAN") ?? requireText(account, "Id/Othr/Id"),
    currency,
    createdAtMs: instantOf(textAt(element, "CreDtTm") ?? messageCreatedAt, element),
    opening,
    closing,
    entries,
  };
  checkBalance(statement, element);
  return statement;
}

function checkBalance(statement: BankStatement, element: XmlElement): void {
  const gap = balanceGapOf(statement);
  if (gap.minor === 0n) return;
  const reached = formatMoney(subtract(statement.closing, gap));
  throw refusalAt(
    "bank-statement-does-not-add-up",
    `Get the statement again: its entries lead to ${reached}, its closing balance is ${formatMoney(statement.closing)}.`,
    element,
  );
}

/** `undefined` where the statement has no balance of the kind. */
function readBalance(statement: XmlElement, kind: string): Money | undefined {
  const balances = childrenOf(statement, "Bal").filter(
    (balance) => textAt(balance, "Tp/CdOrPrtry/Cd") === kind,
  );
  const [balance, twin] = balances;
  if (twin !== undefined) {
    throw refusalAt("xml-element-repeated", `A statement has one balance ${kind}.`, twin);
  }
  return balance && readAmount(balance, "Amt", signOf(balance));
}

function readEntry(element: XmlElement): BankEntry {
  const isCredit = signOf(element);
  const transactions = childrenOf(element, "NtryDtls").flatMap((details) =>
    childrenOf(details, "TxDtls"),
  );
  return {
    reference: textAt(element, "AcctSvcrRef") ?? textAt(element, "NtryRef"),
    status: statusOf(element),
    bookedOn: bookedOn(element),
    amount: readAmount(element, "Amt", isCredit),
    isReversal: textAt(element, "RvslInd") === "true" || textAt(element, "RvslInd") === "1",
    transactions: transactions.map((transaction) => readTransaction(transaction, isCredit)),
    note: textAt(element, "AddtlNtryInf"),
  };
}

function readTransaction(element: XmlElement, isEntryCredit: boolean): BankTransaction {
  const isCredit = childAt(element, "CdtDbtInd") === undefined ? isEntryCredit : signOf(element);
  const path = ["Amt", "AmtDtls/TxAmt/Amt"].find((one) => childAt(element, one) !== undefined);
  const endToEndId = textAt(element, "Refs/EndToEndId");
  const remittance = childAt(element, "RmtInf");
  const texts = (parts: readonly XmlElement[]): string[] =>
    parts.map(({ text }) => text.trim()).filter((text) => text !== "");
  const structured = remittance === undefined ? [] : childrenOf(remittance, "Strd");
  return {
    reference: textAt(element, "Refs/AcctSvcrRef") ?? textAt(element, "Refs/TxId"),
    amount: path === undefined ? null : readAmount(element, path, isCredit),
    endToEndId: endToEndId === NO_REFERENCE ? null : endToEndId,
    creditorReferences: structured.flatMap((one) => textAt(one, "CdtrRefInf/Ref") ?? []),
    documentNumbers: structured.flatMap((one) =>
      childrenOf(one, "RfrdDocInf").flatMap((document) => textAt(document, "Nb") ?? []),
    ),
    remittance: [
      ...(remittance === undefined ? [] : texts(childrenOf(remittance, "Ustrd"))),
      ...structured.flatMap((one) => texts(childrenOf(one, "AddtlRmtInf"))),
    ],
    counterparty: counterpartyOf(element, isCredit),
  };
}

/** Who paid money that came in, or was paid money that went out. */
function counterpartyOf(transaction: XmlElement, isCredit: boolean): string | null {
  const party = `RltdPties/${isCredit ? "Dbtr" : "Cdtr"}`;
  return textAt(transaction, `${party}/Pty/Nm`) ?? textAt(transaction, `${party}/Nm`);
}

/** True where the amount is the account owner's gain. A reversal bears the sign of what it does. */
function signOf(element: XmlElement): boolean {
  const indicator = requireText(element, "CdtDbtInd");
  if (indicator === "CRDT" || indicator === "DBIT") return indicator === "CRDT";
  throw refusalAt("value-unknown", "CdtDbtInd is CRDT or DBIT.", element);
}

function readAmount(element: XmlElement, path: string, isCredit: boolean): Money {
  const currency = attributeOf(requireChild(element, path), "Ccy", parseCurrency);
  const amount = valueAt(element, path, (text) => parseMoney(text, currency));
  if (amount.minor < 0n) {
    throw refusalAt(
      "value-unknown",
      "An amount has no sign; CdtDbtInd says which way it went.",
      element,
    );
  }
  return isCredit ? amount : negate(amount);
}

function statusOf(entry: XmlElement): BankEntryStatus {
  const code = textAt(entry, "Sts/Cd") ?? requireText(entry, "Sts");
  const status = statuses.get(code);
  if (status === undefined)
    throw refusalAt("value-unknown", "Sts is BOOK, PDNG, FUTR or INFO.", entry);
  return status;
}

/** As the bank wrote the day, in its own zone: an instant is not moved into another. */
function bookedOn(entry: XmlElement): CalendarDate {
  const paths = ["BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"];
  const path = paths.find((one) => textAt(entry, one) !== null) ?? "BookgDt/Dt";
  return valueAt(entry, path, (text) => parseDate(text.slice(0, "2026-11-27".length)));
}

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(Z|[+-]\d{2}:\d{2})?$/;

/** A time without a zone is taken as UTC; it only tells which of two statements is newer. */
function instantOf(text: string, element: XmlElement): number {
  const zone = INSTANT.exec(text)?.[1];
  const epochMs = INSTANT.test(text)
    ? Date.parse(zone === undefined ? `${text}Z` : text)
    : Number.NaN;
  if (!Number.isNaN(epochMs)) return epochMs;
  throw refusalAt("date-unreadable", "CreDtTm is a date and a time.", element);
}
