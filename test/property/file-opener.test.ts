import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeParquetFile } from "#shared/aws/parquet-file.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { encodeGb18030, encodeUtf16 } from "#test/support/encoded-text.ts";
import { fixture, readRows } from "#test/support/opened-files.ts";
import { textRows, workbookFile } from "#test/support/workbook.ts";
import { zipArchive } from "#test/support/zip-archive.ts";

const rows = [
  ["编号", "名称", "n"],
  ["1", "深圳电子", "5"],
  ["2", "上海茶叶", "6"],
];
const csv = rows.map((cells) => `${cells.join(",")}\r\n`).join("");
const records = rows.slice(1).map(([id, name, n]) => ({ 编号: id, 名称: name, n }));
const sheets = [{ name: "S", rows: textRows(rows) }];
const columns = (rows[0] ?? []).map((name, index) => ({
  name,
  type: "string" as const,
  isNullable: false,
  values: rows.slice(1).map((cells) => cells[index] ?? ""),
}));

/** The same table in every format. */
const files: Readonly<Record<string, Uint8Array>> = {
  csv: Buffer.from(csv),
  "utf-16": encodeUtf16(csv, "le"),
  "bare utf-16": encodeUtf16(csv, "be", false),
  gbk: encodeGb18030(csv),
  gzip: gzipSync(csv),
  zip: zipArchive([{ name: "a.csv", content: csv }]),
  "stored zip": zipArchive([{ name: "a.csv", content: csv, method: 0 }]),
  xlsx: workbookFile({ sheets }),
  "stored xlsx": workbookFile({ sheets, method: 0 }),
  json: Buffer.from(JSON.stringify(records)),
  "json in an object": Buffer.from(JSON.stringify({ rows: records, n: 2 })),
  "json lines": Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join("")),
  parquet: encodeParquetFile(columns, 2),
};

/** Formats that say where they end. */
const closed: ReadonlySet<string> = new Set([
  ...["gzip", "zip", "stored zip", "xlsx", "stored xlsx", "json", "json in an object", "parquet"],
]);

/** Rows, or undefined where the file is refused as a person can understand; all else throws. */
async function outcomeOf(content: Uint8Array): Promise<string[][] | undefined> {
  try {
    return await readRows("a.csv", content, { nestedBytesMax: 1_000_000 }, 97);
  } catch (cause) {
    const isRefusal =
      cause instanceof SyncError &&
      cause.failure.kind === "invalid-input" &&
      cause.failure.fix !== undefined;
    if (!isRefusal) throw cause;
    return undefined;
  }
}

describe("a file that is cut off", () => {
  it.each(Object.entries(files))("as %s, is whole where nothing is missing", async (_, content) => {
    expect(await outcomeOf(content)).toEqual(rows);
  });

  it.each(Object.entries(files))(
    "as %s, is refused at every byte, or gives its rows",
    async (name, content) => {
      for (let length = 0; length < content.length; length += 1) {
        const read = await outcomeOf(content.subarray(0, length));
        // "P", "PK" and "PAR" are the name of a column, too.
        if (closed.has(name) && length > 3)
          expect([name, length, read]).toEqual([name, length, undefined]);
        if (read === undefined) continue;
        // Delimited text and lines do not say where they end: what is there is a beginning of what was.
        const whole = read.slice(0, -1);
        if (length > 3) expect(whole).toEqual(rows.slice(0, whole.length));
      }
    },
  );
});

describe("a file with wrong bytes", () => {
  const samples = [
    ...Object.values(files),
    ...["libreoffice-orders.xlsx", "texts.xlsx", "excel-utf-8-mark.csv"].map(fixture),
    ...["excel-semicolon-windows-1252.csv", "orders-in-value.json"].map(fixture),
  ];

  it("ends with rows or a refusal", async () => {
    const edit = fc.record({
      kind: fc.constantFrom("flip", "insert", "delete"),
      at: fc.nat(),
      byte: fc.nat(255),
      length: fc.integer({ min: 1, max: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...samples),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        async (sample, edits) => {
          let bytes = [...sample];
          for (const { kind, at, byte, length } of edits) {
            const place = at % (bytes.length + 1);
            const behind = kind === "insert" ? place : place + (kind === "flip" ? 1 : length);
            const between = kind === "delete" ? [] : [byte];
            bytes = [...bytes.slice(0, place), ...between, ...bytes.slice(behind)];
          }
          const read = await outcomeOf(Uint8Array.from(bytes));
          expect(read === undefined || Array.isArray(read)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("never gains a replacement character", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 60 }), async (bytes) => {
        const read = await outcomeOf(bytes);
        const hasOwn = Buffer.from(bytes).includes("\uFFFD") || bytes.includes(0xfd);

        expect(hasOwn || !JSON.stringify(read ?? "").includes("\uFFFD")).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a table", () => {
  const cell = fc
    .string({ unit: "grapheme", maxLength: 6 })
    .filter((text) => !/[\p{Cc}\uFEFF\uFFFE\uFFFF]/u.test(text))
    .map((text) => text.trim());
  const table = fc
    .array(fc.array(cell, { minLength: 2, maxLength: 2 }), { minLength: 1, maxLength: 8 })
    .map((cells) => [["a", "b"], ...cells.filter((one) => one.some((text) => text !== ""))]);
  const format = (cells: readonly (readonly string[])[]): string =>
    cells.map((one) => one.map((text) => `"${text.replaceAll('"', '""')}"`).join(",")).join("\n");

  it("reads the same from UTF-8, UTF-16, a gzip, a zip, a spreadsheet and JSON", async () => {
    await fc.assert(
      fc.asyncProperty(table, async (cells) => {
        const text = format(cells);
        const objects = cells.slice(1).map(([a, b]) => ({ a, b }));

        const versions = [
          Buffer.from(text),
          encodeUtf16(text, "le"),
          encodeUtf16(text, "be"),
          gzipSync(text),
          zipArchive([{ name: "a.csv", content: text }]),
          workbookFile({ sheets: [{ name: "S", rows: textRows(cells) }] }),
          ...(objects.length > 0 ? [Buffer.from(JSON.stringify(objects))] : []),
        ];
        for (const version of versions) expect(await readRows("a", version)).toEqual(cells);
      }),
      { numRuns: 30 },
    );
  });
});
