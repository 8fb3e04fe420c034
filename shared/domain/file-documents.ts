/**
 * Files with one row per line of a document. A document lands whole or not at all: one line short,
 * and its total would be wrong without anybody noticing.
 */
import { limits } from "#shared/config/limits.ts";
import { multiplyDecimals, parseDecimal, subtractDecimals } from "./decimal.ts";
import type { BoundProfile } from "./file-profile.ts";
import type { FileReading, FileRecord, FileRow, RowFault } from "./file-rows.ts";
import { encodeJson } from "./json.ts";
import { formatMoney, type Money, roundToMoney, sum } from "./money.ts";
import { type DocumentLine, type FieldValue, isMoney, isReference } from "./records.ts";
import { assert } from "./sync-error.ts";

/** The documents of the file in the order of their first rows, wherever their other rows stand. */
export function settleDocuments(bound: BoundProfile, rows: readonly FileRow[]): FileReading {
  const records: FileRecord[] = [];
  const faultsOf = new Map<FileRow, readonly RowFault[]>();
  for (const [key, members] of groupRows(rows)) {
    const headerFaults = findHeaderFaults(bound, members);
    const isBad = headerFaults.size > 0 || members.some((row) => row.faults.length > 0);
    if (!isBad && members.length <= limits.documentLinesMax) {
      records.push({ externalId: key, fields: documentFields(bound, members) });
      continue;
    }
    const companion = isBad ? badLineFault(key) : tooLongFault(key, members.length);
    for (const row of members.filter((member) => member.faults.length === 0)) {
      faultsOf.set(row, [headerFaults.get(row) ?? companion]);
    }
  }
  return {
    records,
    rows: rows.map((row) => ({
      row: row.row,
      key: row.key,
      faults: faultsOf.get(row) ?? row.faults,
    })),
  };
}

/**
 * Rows by document number. A bad row is counted to every document it may belong to, so that none of
 * them lands without it: a row without a number to the one above, as spreadsheets with merged cells
 * are written out; a row of the wrong width to the documents that either end of it names.
 */
function groupRows(rows: readonly FileRow[]): ReadonlyMap<string, readonly FileRow[]> {
  const documents = new Map<string, FileRow[]>();
  let above: string | undefined;
  for (const row of rows) {
    if (row.key !== "") above = row.key;
    const named = row.key === "" ? row.possibleKeys : [row.key];
    const keys = named.length > 0 ? named : above === undefined ? [] : [above];
    for (const key of new Set(keys)) {
      const members = documents.get(key);
      if (members === undefined) documents.set(key, [row]);
      else members.push(row);
    }
  }
  return documents;
}

/** Rows whose document columns differ from those of the document's first good row. */
function findHeaderFaults(
  bound: BoundProfile,
  members: readonly FileRow[],
): ReadonlyMap<FileRow, RowFault> {
  const [first, ...others] = members.filter((row) => row.faults.length === 0);
  const faults = new Map<FileRow, RowFault>();
  if (first === undefined) return faults;
  for (const row of others) {
    const field = Object.keys(first.fields).find(
      (name) => contentOf(first.fields[name]) !== contentOf(row.fields[name]),
    );
    if (field === undefined) continue;
    const column = bound.columns.find(({ targets }) =>
      targets.some((target) => "field" in target && target.field === field),
    );
    faults.set(row, {
      column: column?.header ?? field,
      value: showValue(row.fields[field]),
      code: "document-header-differs",
      fix: `Write in this column what row ${first.row} has: the rows of a document agree in it.`,
    });
  }
  return faults;
}

function documentFields(bound: BoundProfile, members: readonly FileRow[]): FileRecord["fields"] {
  const fields = { ...bound.profile.constants, ...members[0]?.fields };
  const currency = fields["currency"];
  assert(typeof currency === "string", "profile-without-currency");
  const lines = members.map((row) => documentLine(row, currency));
  const amounts = lines.map((line): Money => line.amount);
  const { shipping } = fields;
  if (isMoney(shipping)) amounts.push(shipping);
  return { ...fields, lines, total: sum(amounts, currency) };
}

function documentLine(row: FileRow, currency: string): DocumentLine {
  const text = (value: FieldValue | undefined): string | null =>
    typeof value === "string" ? value : null;
  const product = row.line.get("product");
  const quantity = text(row.line.get("quantity"));
  const unitPrice = text(row.line.get("unitPrice"));
  assert(quantity !== null && unitPrice !== null, "profile-without-price-or-quantity");
  const discountRate = text(row.line.get("discountRate")) ?? "0";
  return {
    product: isReference(product) ? product : null,
    productCode: text(row.line.get("productCode")),
    description: text(row.line.get("description")),
    quantity,
    unitPrice,
    discountRate,
    amount: lineAmount(quantity, unitPrice, discountRate, currency),
    ...saidOf(row, "taxCode"),
    ...saidOf(row, "unitCost"),
  };
}

/** A part of a line of which only a file that has a column for it says something. */
function saidOf(row: FileRow, part: "taxCode" | "unitCost"): Partial<DocumentLine> {
  const said = row.line.get(part);
  return said === undefined ? {} : { [part]: typeof said === "string" ? said : null };
}

/** Quantity times unit price less discount, rounded once, half up, to the currency's minor unit. */
function lineAmount(
  quantity: string,
  unitPrice: string,
  discountRate: string,
  currency: string,
): Money {
  const gross = multiplyDecimals(parseDecimal(quantity), parseDecimal(unitPrice));
  const share = subtractDecimals(parseDecimal("1"), parseDecimal(discountRate));
  return roundToMoney(multiplyDecimals(gross, share), currency, "half-up");
}

function contentOf(value: FieldValue | undefined): string {
  return value === undefined ? "" : encodeJson(value);
}

/** A document column's value as a person would know it in the file. */
function showValue(value: FieldValue | undefined): string {
  if (value === undefined || value === null) return "";
  if (isMoney(value)) return formatMoney(value);
  if (isReference(value)) return "externalId" in value ? value.externalId : value.canonicalId;
  return typeof value === "object" ? encodeJson(value) : String(value);
}

function badLineFault(key: string): RowFault {
  return {
    column: "",
    value: key,
    code: "document-has-bad-line",
    fix: "Nothing in this row; mend the other rows of its document and drop the file again.",
  };
}

function tooLongFault(key: string, lineCount: number): RowFault {
  return {
    column: "",
    value: `${key}: ${lineCount} lines`,
    code: "document-too-long",
    fix: `Split the document; one has ${limits.documentLinesMax} lines at the most.`,
  };
}
