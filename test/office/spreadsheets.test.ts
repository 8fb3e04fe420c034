/** LibreOffice opens every spreadsheet that Tieout writes, and Tieout reads those that it wrote. */
import { beforeAll, describe, expect, it } from "vitest";
import { createXlsxWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { recordColumns } from "#shared/domain/export/columns.ts";
import { recordEntry } from "#shared/domain/export/record-rows.ts";
import { money } from "#shared/domain/money.ts";
import type { TieOutReport } from "#shared/domain/tie-out/report.ts";
import { reportSheets } from "#shared/sync/report-sheets.ts";
import { plainCell, readTable, writeTable } from "#test/support/export-tables.ts";
import { convertFiles, shownAsCsv } from "#test/support/libreoffice.ts";
import { readRows } from "#test/support/opened-files.ts";
import { aCustomer } from "#test/support/cross-references.ts";

const columns = recordColumns("customer", []);
const texts = [
  '=HYPERLINK("https://x.example")',
  "007",
  "+49 30 901820",
  "北京市朝阳区 🏮",
  '<&> ]]> _x000D_ "quoted"',
  "two\nlines",
  "12345678901234567890",
];
const entries = texts.map((name, index) => {
  const amounts = { balanceCurrency: "EUR", openBalance: money(105_000n * BigInt(index), "EUR") };
  const fields = { name, ...amounts, lastPaymentOn: "2026-11-27", paymentTermsDays: 30 };
  return recordEntry(aCustomer(String(index), { fields }), columns, { names: new Map() });
});
const expected = entries.map(({ rows: [row = []] }) =>
  columns.map(({ kind }, at) => plainCell(kind, row[at] ?? null)),
);

const measures = {
  records: 3,
  amounts: {
    ...{ net: "1000.00", tax: "234.50", gross: "1234.50" },
    ...{ credited: "0.00", paid: "1234.50", open: "0.00" },
  },
  withoutNet: 0,
  withoutGross: 0,
};
const aTieOutReport: TieOutReport = {
  version: 1,
  snapshotId: "tie-out-1",
  snapshotAt: "2026-11-27T04:00:00.000Z",
  from: null,
  to: null,
  lockedThrough: null,
  rules: { inFlightSeconds: 60, toleranceMinor: "0", bankWindowDays: 5 },
  proof: { rowsWritten: 3, rowsCompared: 3, sumsChecked: 6, sumsApart: 0 },
  matchedUnits: 3,
  differences: [],
  counts: [],
  cells: [
    {
      ...{ side: "crm", recordType: "document", period: "2026-11", currency: "EUR" },
      ...{ total: measures, matched: measures, classes: [] },
    },
  ],
  rates: [],
  excluded: [],
  excludedCount: 0,
};

let shown: ReadonlyMap<string, Uint8Array>;
let saved: ReadonlyMap<string, Uint8Array>;

beforeAll(async () => {
  const files = new Map([
    ["customers.xlsx", await writeTable("xlsx", columns, entries)],
    ["nobody.xlsx", await writeTable("xlsx", columns, [])],
    ["tie-out.xlsx", await createXlsxWriter().write(reportSheets(aTieOutReport))],
  ]);
  shown = convertFiles(files, shownAsCsv);
  saved = convertFiles(files, "xlsx");
});

describe("a spreadsheet that Tieout wrote", () => {
  it("shows in LibreOffice what was exported: texts as texts, amounts and days as such", async () => {
    const rows = await readRows("customers.csv", shown.get("customers-export.csv") ?? "");

    const [header = [], ...others] = rows;
    const cellsOf = (name: string) => others.map((row) => row[header.indexOf(name)]);
    expect(header).toEqual(columns.map(({ name }) => name));
    expect(cellsOf("name")).toEqual(texts);
    expect(cellsOf("open_balance").slice(0, 3)).toEqual(["0.00", "1,050.00", "2,100.00"]);
    expect(cellsOf("last_payment_on")[0]).toBe("2026-11-27");
  });

  it("is read by Tieout as it was exported after LibreOffice saved it", async () => {
    const content = saved.get("customers.xlsx") ?? new Uint8Array();

    expect((await readTable("xlsx", columns, content)).rows).toEqual(expected);
  });

  it("has its header where it has no rows", async () => {
    const header = await readRows("nobody.csv", shown.get("nobody-export.csv") ?? "");

    expect(header).toEqual([columns.map(({ name }) => name)]);
  });

  it("of a tie-out opens with all its sheets", async () => {
    const names = [...shown.keys()].filter((name) => name.startsWith("tie-out-"));

    expect(names.sort()).toEqual(
      reportSheets(aTieOutReport)
        .map(({ name }) => `tie-out-${name}.csv`)
        .sort(),
    );
    const totals = new TextDecoder().decode(shown.get("tie-out-Totals.csv"));
    expect(totals.split("\n")[0]).toMatch(/^Month,Currency,Records,Side,Part,Count,/);
    expect(totals).toContain("1,234.50");
  });
});
