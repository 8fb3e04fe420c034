import { inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { createXlsxWriter } from "#shared/connectors/file/xlsx-sheets.ts";
import { writeXlsx } from "#shared/connectors/file/xlsx-write.ts";
import type { SheetCell } from "#shared/ports/files.ts";

interface Entry {
  readonly name: string;
  readonly time: number;
  readonly text: string;
}

/** The files of an archive, by its central directory. */
function entriesOf(archive: Uint8Array): Entry[] {
  const bytes = Buffer.from(archive);
  const end = bytes.length - 22;
  const entries: Entry[] = [];
  for (let at = bytes.readUInt32LE(end + 16); at < end; ) {
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((by) =>
      bytes.readUInt16LE(at + by),
    );
    const local = bytes.readUInt32LE(at + 42);
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    const content = bytes.subarray(start, start + bytes.readUInt32LE(at + 20));
    const isDeflated = bytes.readUInt16LE(at + 10) === 8;
    entries.push({
      name: bytes.toString("utf8", at + 46, at + 46 + (nameLength ?? 0)),
      time: bytes.readUInt32LE(at + 12),
      text: (isDeflated ? inflateRawSync(content) : content).toString("utf8"),
    });
    at += 46 + (nameLength ?? 0) + (extraLength ?? 0) + (noteLength ?? 0);
  }
  return entries;
}

async function sheetOf(
  ...row: SheetCell[]
): Promise<{ entries: Entry[]; sheet: string; styles: string }> {
  const columns = row.map((_, index) => ({ title: `Column ${index}`, widthCharacters: 12 }));
  const entries = entriesOf(
    await createXlsxWriter().write([{ name: "Totals", columns, rows: [row] }]),
  );
  const textOf = (end: string) => entries.find(({ name }) => name.endsWith(end))?.text ?? "";
  return { entries, sheet: textOf("sheet1.xml"), styles: textOf("styles.xml") };
}

describe("a spreadsheet", () => {
  it("has numbers of up to 15 digits as numbers, and larger ones as text", async () => {
    const { sheet, styles } = await sheetOf(
      { kind: "amount", text: "1265793.29" },
      { kind: "amount", text: "-1234567890123.45" },
      { kind: "amount", text: "12345678901234567.89" },
    );

    expect(sheet).toContain("<v>1265793.29</v>");
    expect(sheet).toContain("<v>-1234567890123.45</v>");
    expect(sheet).toContain(">12345678901234567.89</t>");
    expect(styles).toContain('formatCode="#,##0.00"');
  });

  it("has days as days, whatever the zone of the machine", async () => {
    const { sheet } = await sheetOf({ kind: "date", date: "2026-11-27" });

    // Days since 1899-12-30, as spreadsheets count.
    expect(sheet).toContain("<v>46353</v>");
  });

  it("keeps its header in sight, and takes a text that looks like a formula as text", async () => {
    const { sheet } = await sheetOf("=1+1");

    expect(sheet).toContain('state="frozen"');
    expect(sheet).not.toContain("<f>");
    expect(sheet).toContain(">=1+1</t>");
  });

  it("bears no time, so that the same sheets are the same bytes", async () => {
    const { entries } = await sheetOf("a");

    expect(entries.length).toBeGreaterThan(4);
    expect(new Set(entries.map(({ time }) => time))).toEqual(new Set([0x0021_0000]));
  });

  it("writes what XML has no sign for as spreadsheets do, and keeps it apart from what looks like it", async () => {
    const { sheet } = await sheetOf('a\rb\u0001 _x000D_ <&>"');

    expect(sheet).toContain(">a_x000D_b_x0001_ _x005F_x000D_ &lt;&amp;&gt;&quot;</t>");
  });

  it("goes on on another sheet where one is full", async () => {
    const rows = (async function* () {
      for (const text of ["1", "2", "3", "4", "5"]) yield [text];
    })();
    const columns = [{ title: "Number", widthCharacters: 12 }];

    const entries = entriesOf(await collect(writeXlsx([{ name: "Many", columns, rows }], 3)));

    const sheets = entries.filter(({ name }) => name.startsWith("xl/worksheets/"));
    const texts = sheets.map(({ text }) =>
      [...text.matchAll(/>(\w+)<\/t>/g)].map(([, one]) => one),
    );
    expect(texts).toEqual([
      ["Number", "1", "2"],
      ["Number", "3", "4"],
      ["Number", "5"],
    ]);
    const workbook = entries.find(({ name }) => name === "xl/workbook.xml")?.text;
    expect([...(workbook ?? "").matchAll(/ name="([^"]+)"/g)].map(([, one]) => one)).toEqual([
      "Many",
      "Many (2)",
      "Many (3)",
    ]);
  });

  it("has a header even without rows", async () => {
    const [sheet] = entriesOf(
      await createXlsxWriter().write([
        { name: "Empty", columns: [{ title: "Nothing", widthCharacters: 12 }], rows: [] },
      ]),
    );

    expect(sheet?.text).toContain(">Nothing</t>");
  });

  it("refuses a text that no cell holds", async () => {
    await expect(sheetOf("a".repeat(32_768))).rejects.toMatchObject({
      failure: { code: "cell-too-long" },
    });
  });
});

async function collect(content: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}
