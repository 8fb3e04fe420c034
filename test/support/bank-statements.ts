/** Files of camt.053 as banks write them, in either version; what is not said has a fixed value. */

export type CamtVersion = "02" | "08";

export interface AnEntry {
  readonly amount: string;
  readonly sign?: "CRDT" | "DBIT";
  readonly status?: string;
  readonly currency?: string;
  readonly reference?: string;
  readonly bookedOn?: string;
  readonly isReversal?: boolean;
  readonly transactions?: readonly ATransaction[];
  readonly note?: string;
}

export interface ATransaction {
  readonly amount?: string;
  readonly reference?: string;
  readonly endToEndId?: string;
  readonly unstructured?: readonly string[];
  readonly creditorReference?: string;
  readonly documentNumber?: string;
  readonly party?: string;
}

export interface AStatement {
  readonly version?: CamtVersion;
  readonly statementId?: string;
  readonly currency?: string;
  readonly opening?: string;
  readonly closing: string;
  readonly entries: readonly AnEntry[];
}

const CURRENCY = "EUR";

export function aBankFile(statement: AStatement): string {
  const { version = "02" } = statement;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.${version}">`,
    "<BkToCstmrStmt>",
    "<GrpHdr><MsgId>M-1</MsgId><CreDtTm>2026-11-27T06:00:00+01:00</CreDtTm></GrpHdr>",
    statementText(statement),
    "</BkToCstmrStmt>",
    "</Document>",
    "",
  ].join("\n");
}

function statementText(statement: AStatement): string {
  const { version = "02", statementId = "2026-331", currency = CURRENCY } = statement;
  const { opening = "100.00", closing, entries } = statement;
  return [
    `<Stmt><Id>${statementId}</Id><CreDtTm>2026-11-27T06:00:00</CreDtTm>`,
    `<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>${currency}</Ccy></Acct>`,
    balanceText("OPBD", opening, currency),
    balanceText("CLBD", closing, currency),
    ...entries.map((entry) => entryText({ currency, ...entry }, version)),
    "</Stmt>",
  ].join("\n");
}

function balanceText(kind: string, amount: string, currency: string): string {
  const sign = amount.startsWith("-") ? "DBIT" : "CRDT";
  return [
    `<Bal><Tp><CdOrPrtry><Cd>${kind}</Cd></CdOrPrtry></Tp>`,
    `<Amt Ccy="${currency}">${amount.replace("-", "")}</Amt><CdtDbtInd>${sign}</CdtDbtInd>`,
    "<Dt><Dt>2026-11-26</Dt></Dt></Bal>",
  ].join("");
}

function entryText(entry: AnEntry, version: CamtVersion): string {
  const { amount, sign = "CRDT", status = "BOOK", currency = CURRENCY, reference } = entry;
  const { bookedOn = "2026-11-26", isReversal, transactions, note } = entry;
  return [
    `<Ntry><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd>`,
    isReversal === undefined ? "" : `<RvslInd>${isReversal}</RvslInd>`,
    version === "02" ? `<Sts>${status}</Sts>` : `<Sts><Cd>${status}</Cd></Sts>`,
    `<BookgDt><Dt>${bookedOn}</Dt></BookgDt>`,
    reference === undefined ? "" : `<AcctSvcrRef>${reference}</AcctSvcrRef>`,
    transactions === undefined
      ? ""
      : `<NtryDtls>${transactions.map((one) => transactionText(one, entry, version)).join("")}</NtryDtls>`,
    note === undefined ? "" : `<AddtlNtryInf>${note}</AddtlNtryInf>`,
    "</Ntry>",
  ].join("");
}

function transactionText(
  transaction: ATransaction,
  { sign = "CRDT", currency = CURRENCY }: AnEntry,
  version: CamtVersion,
): string {
  const { amount, reference, endToEndId = "NOTPROVIDED", party } = transaction;
  const role = sign === "CRDT" ? "Dbtr" : "Cdtr";
  const name = party === undefined ? "" : `<Nm>${party}</Nm>`;
  const sum = amount === undefined ? "" : `<Amt Ccy="${currency}">${amount}</Amt>`;
  return [
    "<TxDtls><Refs>",
    reference === undefined ? "" : `<AcctSvcrRef>${reference}</AcctSvcrRef>`,
    `<EndToEndId>${endToEndId}</EndToEndId></Refs>`,
    version === "08" || sum === "" ? sum : `<AmtDtls><TxAmt>${sum}</TxAmt></AmtDtls>`,
    `<RltdPties><${role}>${version === "02" ? name : `<Pty>${name}</Pty>`}</${role}></RltdPties>`,
    remittanceText(transaction),
    "</TxDtls>",
  ].join("");
}

function remittanceText({ unstructured, creditorReference, documentNumber }: ATransaction): string {
  const structured = [
    documentNumber === undefined ? "" : `<RfrdDocInf><Nb>${documentNumber}</Nb></RfrdDocInf>`,
    creditorReference === undefined
      ? ""
      : `<CdtrRefInf><Ref>${creditorReference}</Ref></CdtrRefInf>`,
  ].join("");
  return [
    "<RmtInf>",
    ...(unstructured ?? []).map((text) => `<Ustrd>${text}</Ustrd>`),
    structured === "" ? "" : `<Strd>${structured}</Strd>`,
    "</RmtInf>",
  ].join("");
}
