/**
 * The columns of an export, made from the one list of fields (`records.ts`) and the company's own
 * (`custom-fields.ts`), so that no field can be forgotten. The order is that of the list.
 */
import { type CustomField, kindOfField } from "../custom-field.ts";
import type { ConnectionId, RecordType } from "../identifiers.ts";
import { type DocumentLine, type FieldKind, recordFields } from "../records.ts";

/**
 * - `text`: as it is;
 * - `date`: `2026-11-22`;
 * - `amount`: major units with all digits of its currency, which is in the column `currency` names;
 * - `decimal`: exact decimal text;
 * - `count`: a whole number of at most nine digits.
 */
export type ColumnKind = "text" | "date" | "amount" | "decimal" | "count";

export interface ExportColumn {
  /** In lower case with underscores, the same in every format. */
  readonly name: string;
  readonly kind: ColumnKind;
  /** `record`: the same in each row of a record, and summed once for it. */
  readonly level: "record" | "line";
  /** Of an amount: the column with its currency. */
  readonly currency?: string | undefined;
}

/** Where the cell of a record's column comes from. */
export type CellSource =
  | { readonly part: "id" }
  | { readonly part: "changed-at" }
  | { readonly part: "external-id"; readonly connection: ConnectionId }
  | { readonly part: "field"; readonly field: string }
  /** Of fields that have none of their own beside them: the currency of the first that is filled. */
  | { readonly part: "currency"; readonly fields: readonly string[] }
  /** What a person knows the referenced record by. */
  | { readonly part: "name"; readonly field: string }
  | { readonly part: "line-number" }
  | { readonly part: "line"; readonly of: keyof DocumentLine }
  | { readonly part: "state" | "problem"; readonly connection: ConnectionId }
  | { readonly part: "documents"; readonly of: "invoice" | "credit-note" | "payment" };

export type RecordColumn = ExportColumn & { readonly from: CellSource };

/** The systems whose ids stand in each row. */
const connections: readonly ConnectionId[] = ["crm", "books"];

/** The column that a row is found by when it comes back. */
const idColumn = "record_id";
const changedAtColumn = "changed_at";

/** An order is billed in the currency of its invoices, which need not be its own. */
const billedFields = [
  "amountInvoiced",
  "amountTax",
  "amountCredited",
  "amountPaid",
  "amountWrittenOff",
  "amountDue",
  "revenue",
  "costOfSales",
  "grossProfit",
] as const;

interface CurrencyGroup {
  readonly name: string;
  /** The amounts; all others of the record where absent. */
  readonly of?: readonly string[];
  /** Made for the export: the record has no field of it. */
  readonly isMade?: true;
}

const currencyGroups: Readonly<Record<RecordType, readonly CurrencyGroup[]>> = {
  customer: [{ name: "balance_currency" }],
  product: [],
  order: [{ name: "billed_currency", of: billedFields, isMade: true }, { name: "currency" }],
  invoice: [{ name: "currency" }],
  creditNote: [{ name: "currency" }],
  payment: [{ name: "currency", isMade: true }],
};

/** Columns of a record type; a document has one row for each line. */
export function recordColumns(
  recordType: RecordType,
  customFields: readonly CustomField[],
): readonly RecordColumn[] {
  const own = Object.keys(recordFields[recordType]);
  const custom = customFields.filter((one) => one.recordType === recordType);
  const fields = [...own, ...custom.map(({ field }) => field)];
  const kindOf = (field: string) => kindOfField(customFields, recordType, field);
  const amounts = fields.filter((field) => kindOf(field)?.kind === "money");
  const made = currencyGroups[recordType]
    .filter(({ isMade }) => isMade === true)
    .map(({ name, of = amounts }) => record(name, "text", { part: "currency", fields: of }));
  const columns = fields.flatMap((field) => fieldColumns(recordType, field, kindOf(field)));
  const lines = fields.includes("lines") ? lineColumns : [];
  return [...headColumns, ...made, ...columns, ...lines];
}

/** The joined customer view: a customer with both systems' state, and how many documents it has. */
export function customerViewColumns(customFields: readonly CustomField[]): readonly RecordColumn[] {
  const states = connections.flatMap((connection) => [
    record(`${connection}_state`, "text", { part: "state", connection }),
    record(`${connection}_problem`, "text", { part: "problem", connection }),
  ]);
  return [
    ...recordColumns("customer", customFields),
    ...states,
    record("invoice_count", "count", { part: "documents", of: "invoice" }),
    record("credit_note_count", "count", { part: "documents", of: "credit-note" }),
    record("payment_count", "count", { part: "documents", of: "payment" }),
  ];
}

const headColumns: readonly RecordColumn[] = [
  record(idColumn, "text", { part: "id" }),
  ...connections.map((connection) =>
    record(`${connection}_id`, "text", { part: "external-id", connection }),
  ),
  record(changedAtColumn, "text", { part: "changed-at" }),
];

const lineColumns: readonly RecordColumn[] = [
  { name: "line", kind: "count", level: "line", from: { part: "line-number" } },
  line("line_product_id", "text", "product"),
  line("line_product_code", "text", "productCode"),
  line("line_description", "text", "description"),
  line("line_quantity", "decimal", "quantity"),
  line("line_unit_price", "decimal", "unitPrice"),
  line("line_discount_rate", "decimal", "discountRate"),
  { ...line("line_amount", "amount", "amount"), currency: "currency" },
  line("line_tax_code", "text", "taxCode"),
  { ...line("line_tax", "amount", "tax"), currency: "currency" },
  line("line_unit_cost", "decimal", "unitCost"),
  line("line_role", "text", "role"),
];

function fieldColumns(
  recordType: RecordType,
  field: string,
  kind: FieldKind | undefined,
): readonly RecordColumn[] {
  const name = snakeCase(field);
  const from: CellSource = { part: "field", field };
  switch (kind?.kind) {
    case undefined:
    case "lines":
      return [];
    case "money":
      return [{ ...record(name, "amount", from), currency: currencyColumnOf(recordType, field) }];
    case "reference": {
      const called = kind.to === "customer" ? `${name}_name` : `${name}_number`;
      return [record(`${name}_id`, "text", from), record(called, "text", { part: "name", field })];
    }
    case "date":
      return [record(name, "date", from)];
    case "decimal":
      return [record(name, "decimal", from)];
    case "whole-number":
      return [record(name, "count", from)];
    default:
      return [record(name, "text", from)];
  }
}

function currencyColumnOf(recordType: RecordType, field: string): string | undefined {
  return currencyGroups[recordType].find(({ of }) => of === undefined || of.includes(field))?.name;
}

function record(name: string, kind: ColumnKind, from: CellSource): RecordColumn {
  return { name, kind, level: "record", from };
}

function line(name: string, kind: ColumnKind, of: keyof DocumentLine): RecordColumn {
  return { name, kind, level: "line", from: { part: "line", of } };
}

function snakeCase(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
