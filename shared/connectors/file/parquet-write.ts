/**
 * Parquet with hyparquet-writer: a row group at a time, so that no more of the table is held. Amounts
 * are DECIMAL(38,4), which has room for the minor units of every currency, days DATE, counts INT32. All
 * else is text, decimals too: a rate may have more digits behind the point than any one scale.
 */
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { limits } from "#shared/config/limits.ts";
import { parseDecimal } from "#shared/domain/decimal.ts";
import type { ColumnKind, ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell, ExportRow } from "#shared/domain/export/entry.ts";
import { assert } from "#shared/domain/sync-error.ts";
import type { ExportTable, TableWriter } from "#shared/ports/exports.ts";

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

const AMOUNT_SCALE = 4;
/** 38 digits fill 16 bytes. */
const DECIMAL_BYTES = 16;
const DECIMAL_DIGITS = 38;
const MS_PER_DAY = 86_400_000;

export function createParquetWriter(): TableWriter {
  return {
    extensionOf: () => "parquet",
    contentType: "application/vnd.apache.parquet",
    write: writeParquet,
  };
}

async function* writeParquet({ columns, entries }: ExportTable): AsyncGenerator<Uint8Array> {
  const writer = new ByteWriter();
  const parquet = new ParquetWriter({ writer, schema: schemaOf(columns), createdBy: "tieout" });
  const writeGroup = async (rows: readonly ExportRow[]): Promise<void> => {
    const columnData = columns.map(({ name, kind }, at) => ({
      name,
      data: rows.map((row) => parquetValue(kind, row[at] ?? null)),
    }));
    await parquet.write({ columnData, rowGroupSize: rows.length });
  };
  let rows: ExportRow[] = [];
  for await (const entry of entries) {
    rows.push(...entry.rows);
    if (rows.length < limits.parquetGroupRowsMax) continue;
    await writeGroup(rows);
    rows = [];
    yield taken(writer);
  }
  if (rows.length > 0) await writeGroup(rows);
  await parquet.finish();
  yield taken(writer);
}

/** What was written since; offsets in the file go on counting. */
function taken(writer: ByteWriter): Uint8Array {
  const bytes = writer.getBytes().slice();
  writer.index = 0;
  return bytes;
}

function schemaOf(columns: readonly ExportColumn[]): SchemaElement[] {
  const root = { name: "root", num_children: columns.length };
  return [root, ...columns.map(({ name, kind }) => ({ name, ...optional, ...elements[kind] }))];
}

const optional = { repetition_type: "OPTIONAL" } as const;

const elements: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  date: { type: "INT32", converted_type: "DATE" },
  amount: {
    type: "FIXED_LEN_BYTE_ARRAY",
    type_length: DECIMAL_BYTES,
    converted_type: "DECIMAL",
    precision: DECIMAL_DIGITS,
    scale: AMOUNT_SCALE,
  },
  decimal: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  count: { type: "INT32" },
};

function parquetValue(kind: ColumnKind, cell: ExportCell): string | number | bigint | null {
  if (cell === null) return null;
  switch (kind) {
    case "text":
    case "decimal":
      return cell;
    case "date":
      return daysOf(cell);
    case "amount":
      return scaledAmount(cell);
    case "count":
      return Number(cell);
  }
}

/** Since 1970-01-01. */
function daysOf(date: string): number {
  const days = Date.parse(`${date}T00:00:00Z`) / MS_PER_DAY;
  assert(Number.isInteger(days), "date-unreadable");
  return days;
}

function scaledAmount(text: string): bigint {
  const { units, scale } = parseDecimal(text);
  const value = units * 10n ** BigInt(AMOUNT_SCALE - scale);
  assert(value.toString().length <= DECIMAL_DIGITS, "amount-too-large");
  return value;
}
