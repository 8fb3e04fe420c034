/**
 * Parquet with hyparquet-writer: a row group at a time, so that no more of the table is held. Amounts
 * are DECIMAL(38,4), which has room for the minor units of every currency, decimals DECIMAL(38,15),
 * days DATE, counts INT32, all else text.
 */
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { limits } from "#shared/config/limits.ts";
import { parseDecimal } from "#shared/domain/decimal.ts";
import type { ColumnKind, ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell, ExportRow } from "#shared/domain/export/entry.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { ExportTable, TableWriter } from "#shared/ports/exports.ts";

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

const AMOUNT_SCALE = 4;
const DECIMAL_SCALE = 15;
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

const decimal = (scale: number) =>
  ({
    type: "FIXED_LEN_BYTE_ARRAY",
    type_length: DECIMAL_BYTES,
    converted_type: "DECIMAL",
    precision: DECIMAL_DIGITS,
    scale,
  }) as const;

const elements: Readonly<Record<ColumnKind, Omit<SchemaElement, "name">>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8" },
  date: { type: "INT32", converted_type: "DATE" },
  amount: decimal(AMOUNT_SCALE),
  decimal: decimal(DECIMAL_SCALE),
  count: { type: "INT32" },
};

function parquetValue(kind: ColumnKind, cell: ExportCell): string | number | bigint | null {
  if (cell === null) return null;
  switch (kind) {
    case "text":
      return cell;
    case "date":
      return daysOf(cell);
    case "amount":
      return scaled(cell, AMOUNT_SCALE);
    case "decimal":
      return scaled(cell, DECIMAL_SCALE);
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

function scaled(text: string, scale: number): bigint {
  const { units, scale: given } = parseDecimal(text);
  const value =
    given <= scale ? units * 10n ** BigInt(scale - given) : units / 10n ** BigInt(given - scale);
  const isExact = given <= scale || value * 10n ** BigInt(given - scale) === units;
  if (
    !isExact ||
    value >= 10n ** BigInt(DECIMAL_DIGITS) ||
    value <= -(10n ** BigInt(DECIMAL_DIGITS))
  ) {
    throw new SyncError(numberTooLong);
  }
  return value;
}

const numberTooLong = {
  kind: "invalid-input",
  code: "number-too-precise",
  fix: "Choose another format: Parquet has 15 digits behind the point, and 23 before it.",
} as const;
