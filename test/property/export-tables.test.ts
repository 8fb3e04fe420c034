/** What is written and dropped in the inbox again is read as it was, in every format. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ExportColumn } from "#shared/domain/export/columns.ts";
import type { ExportCell } from "#shared/domain/export/entry.ts";
import { formatMoney } from "#shared/domain/money.ts";
import { plainCell, readTable, writeTable } from "#test/support/export-tables.ts";

const columns: readonly ExportColumn[] = [
  { name: "record_id", kind: "text", level: "record" },
  { name: "name", kind: "text", level: "record" },
  { name: "due_on", kind: "date", level: "record" },
  { name: "currency", kind: "text", level: "record" },
  { name: "total", kind: "amount", level: "record", currency: "currency" },
  { name: "rate", kind: "decimal", level: "record" },
  { name: "days", kind: "count", level: "record" },
];

const telling = fc.constantFrom(
  "=1+1",
  "'=1+1",
  "''@x",
  "-1.50",
  "+49 30 901820",
  "\t=tab",
  "007",
  "12345678901234567890",
  "1.23E+15",
  'say "no", twice',
  "a;b|c\td",
  "line one\nline two",
  "北京市朝阳区 🏮",
  "é",
  "_x000D_ <&> ]]>",
  "TRUE",
  "2026-01-02",
  "null",
  " ",
);
/** What records hold: no NUL, no half of a character, and line ends as one sign. */
const free = fc
  .string({ unit: "grapheme", maxLength: 20 })
  .filter(
    (text) =>
      !/[\0\r\p{Cc}\p{Co}\p{Cn}]/u.test(text.replaceAll(/[\n\t]/g, "")) && text.isWellFormed(),
  );
const text = fc.option(fc.oneof(telling, free), { nil: null });
const date = fc
  .date({ min: new Date("1700-01-01"), max: new Date("2400-01-01"), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const currency = fc.constantFrom("EUR", "JPY", "KWD", "CLF", "UYW");
const minor = fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n });
const rate = fc
  .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, scale]) => {
    const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
    const point = digits.length - scale;
    const sign = units < 0n ? "-" : "";
    return `${sign}${digits.slice(0, point)}${scale === 0 ? "" : `.${digits.slice(point)}`}`;
  });
const row = fc
  .tuple(
    text,
    fc.option(date, { nil: null }),
    currency,
    minor,
    fc.option(rate, { nil: null }),
    fc.option(fc.nat(9_999), { nil: null }),
  )
  .map(([name, due, code, amount, factor, days]): ExportCell[] => [
    name,
    due,
    code,
    formatMoney({ minor: amount, currency: code }),
    factor,
    days === null ? null : String(days),
  ]);

const forms = [
  ["csv", {}],
  ["csv", { encoding: "utf-8-bom", delimiter: ";" }],
  ["csv", { encoding: "utf-16le", delimiter: "\t" }],
  ["csv", { encoding: "gb18030", delimiter: "|" }],
  ["jsonl", {}],
  ["xlsx", {}],
  ["parquet", {}],
] as const;

describe("an export", () => {
  it.each(forms)("as %s %j is read as it was", async (format, form) => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 5 }), async (rows) => {
        // One row tells the encoding of the file, whatever the others hold.
        const sure = ["客户名称与地址", "2026-01-02", "EUR", "10.00", "1", "1"];
        const entries = [sure, ...rows].map((cells, index) => {
          const key = `customer-${index}`;
          return { key, rows: [[key, ...cells]] };
        });

        const content = await writeTable(format, columns, entries, form);
        const read = await readTable(format, columns, content, form);

        expect(read.header).toEqual(columns.map(({ name }) => name));
        expect(read.rows).toEqual(
          entries.flatMap(({ rows: [cells = []] }) => [
            columns.map(({ kind }, at) => plainCell(kind, cells[at] ?? null)),
          ]),
        );
      }),
      { numRuns: 15 },
    );
  });

  it.each(forms)("as %s %j is the same bytes each time", async (format, form) => {
    const entries = [{ key: "a", rows: [["a", "北京", "2026-01-02", "EUR", "1.00", "0.5", "3"]] }];

    const once = await writeTable(format, columns, entries, form);

    expect(Buffer.compare(await writeTable(format, columns, entries, form), once)).toBe(0);
  });

  it.each(forms)("as %s %j has its header without rows", async (format, form) => {
    const content = await writeTable(format, columns, [], form);

    // Lines of JSON have no header but in their rows.
    const names = columns.map(({ name }) => name);
    if (format === "jsonl") expect(content.length).toBe(0);
    else expect((await readTable(format, columns, content, form)).header).toEqual(names);
  });
});
