import { describe, expect, it } from "vitest";
import { numberKindOf } from "#shared/connectors/file/sheet-formats.ts";
import { showNumber } from "#shared/connectors/file/sheet-numbers.ts";
import { fixture, readRows, refusalOf } from "#test/support/opened-files.ts";
import { inline, num, row, textRows, type Workbook, workbookFile } from "#test/support/workbook.ts";

const sheet = (rows: string, rest: Partial<Workbook> = {}): Uint8Array =>
  workbookFile({ sheets: [{ name: "S", rows }], ...rest });

describe("a spreadsheet", () => {
  it("gives numbers, dates, percents, errors and texts as a person sees them", async () => {
    expect(await readRows("a.xlsx", fixture("libreoffice-orders.xlsx"))).toEqual([
      ["order", "date", "shipped_at", "price", "quantity", "total", "discount", "paid", "remark"],
      [
        ...["00417", "2026-11-27", "2026-11-27T10:30:00", "0.1", "3", "0.3", "7.5%", "1"],
        "two\nlines & bold",
      ],
      [""],
      ["00418", "1900-03-01", "", "-1234.5", "0", "#DIV/0!", "", "0", "Straße 東京 🚲"],
    ]);
    expect(await readRows("a.xlsx", fixture("numbers-and-percents.xlsx"))).toEqual([
      ["sum", "rate", "large", "paid"],
      ["0.3", "19%", "123456789012345", "true"],
      ["1.1", "7%", "0.0000001", "false"],
    ]);
    expect(await readRows("a.xlsx", fixture("error-cells.xlsx"))).toEqual([
      ["code", "name", "unit_price"],
      ["P-1", "Bolt", "#DIV/0!"],
      ["P-2", "#N/A", "0.2"],
      ["P-3", "Pin", "#REF!"],
    ]);
  });

  it("tells days by the workbook's system", async () => {
    expect(await readRows("a.xlsx", fixture("serial-dates-1900.xlsx"))).toEqual([
      ["order", "date", "shipped_at", "bare"],
      ["A-1", "2026-11-27", "2026-11-27T10:30:00", "46353"],
      ["A-2", "2026-11-28", "", "46354"],
      ["A-3", "1900-02-28", "1900-03-01", "61"],
    ]);
    expect(await readRows("a.xlsx", fixture("serial-dates-1904.xlsx"))).toEqual([
      ["order", "date"],
      ["A-1", "2026-11-27"],
      ["A-2", "1904-01-01"],
    ]);
  });

  it("keeps the places of rows and cells that are not there, and the space that is meant", async () => {
    expect(await readRows("a.xlsx", fixture("texts.xlsx"))).toEqual([
      ["id", "shared", "rich", "formula"],
      [""],
      ["1", " two\r\nlines ", "bold plain", "1x"],
      [""],
      ["2", "", "", "last"],
    ]);
    expect(await readRows("a.xlsx", fixture("merged-cells.xlsx"))).toEqual([
      ["order", "line", "price"],
      ["A-1", "Bolt", "0.2"],
      ["", "Nut", "0.1"],
    ]);
  });

  it("fills up short rows to the header's width, and leaves a note further below to its row", async () => {
    const lines = Array.from({ length: 30 }, (_, index) =>
      row(index + 2, index === 28 ? ["", "", "", inline("note")] : [num(String(index))]),
    );
    const rows = await readRows("a.xlsx", sheet(row(1, ["a", "b"].map(inline)) + lines.join("")));

    expect(rows[1]).toEqual(["0", ""]);
    expect(rows[29]).toEqual(["", "", "", "note"]);
    expect(rows[30]).toEqual(["29", ""]);
  });

  it("reads the sheet that is not hidden and not blank, and refuses to choose", async () => {
    expect(await readRows("a.xlsx", fixture("hidden-sheet.xlsx"))).toEqual([
      ["id", "name", "country"],
      ["K-001", "Björklund & Söner", "Sweden"],
    ]);
    const many = Array.from({ length: 30 }, (_, index) => ({
      name: `Sheet ${index}`,
      rows: textRows([["a"]]),
    }));
    expect(await refusalOf("a.xlsx", workbookFile({ sheets: many }))).toMatch(
      /^sheets-several sheets Sheet 0, Sheet 1, .*Sheet 19$/,
    );
    expect(await refusalOf("a.xlsx", sheet(""))).toBe("file-empty");
    expect(
      await refusalOf(
        "a.xlsx",
        workbookFile({ sheets: [{ name: "S", rows: textRows([["a"]]), state: "veryHidden" }] }),
      ),
    ).toBe("file-empty");
    expect(await refusalOf("a.xlsx", workbookFile({ sheets: many }), { sheetsMax: 29 })).toBe(
      "spreadsheet-too-large sheets",
    );
  });

  it("reads blank columns as far as a sheet goes, and refuses what stands in too many", async () => {
    const far = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row>';
    expect(await readRows("a.xlsx", sheet(far))).toEqual([["1"]]);
    const full = Array.from({ length: 16_384 }, () => "<c><v>1</v></c>").join("");
    expect(await refusalOf("a.xlsx", sheet(`<row>${full}</row>`))).toBe(
      "columns-too-many row 1, column 201",
    );
    expect(await refusalOf("a.xlsx", sheet('<row><c r="XFE1"><v>1</v></c></row>'))).toMatch(
      /^spreadsheet-damaged/,
    );
  });

  it("bounds blank rows, shared texts, styles and rows", async () => {
    const apart = `${row(1, [num("1")])}${row(12, [num("2")])}`;
    expect(await readRows("a.xlsx", sheet(apart), { blankRowsMax: 10 })).toHaveLength(12);
    expect(await refusalOf("a.xlsx", sheet(apart), { blankRowsMax: 9 })).toBe(
      "rows-blank-too-many row 12",
    );
    const texts = sheet(row(1, ['<c @ t="s"><v>1</v></c>']), { strings: ["<t>a</t>", "<t>b</t>"] });
    expect(await readRows("a.xlsx", texts)).toEqual([["b"]]);
    expect(await refusalOf("a.xlsx", texts, { sharedStringsMax: 1 })).toBe(
      "spreadsheet-too-large shared strings",
    );
    expect(await refusalOf("a.xlsx", texts, { sharedBytesMax: 5 })).toBe(
      "spreadsheet-too-large shared strings",
    );
    expect(await refusalOf("a.xlsx", sheet(apart, { styles: [0, 1, 2] }), { stylesMax: 2 })).toBe(
      "spreadsheet-too-large styles",
    );
    const long = sheet(row(1, [inline("x".repeat(50)), inline("y".repeat(50))]));
    expect(await refusalOf("a.xlsx", long, { rowBytesMax: 100 })).toBe("row-too-large row 1");
  });

  it.each([
    ["a cell of an unknown kind", '<c @ t="x"><v>1</v></c>', "spreadsheet-damaged row 1, column 1"],
    ["a number that is none", num("1,5"), "spreadsheet-damaged row 1, column 1"],
    ["a shared text that is not there", '<c @ t="s"><v>7</v></c>', "spreadsheet-damaged"],
    ["a truth that is neither", '<c @ t="b"><v>2</v></c>', "spreadsheet-damaged row 1, column 1"],
    ["a formula without a value", "<c @><f>1+1</f></c>", "formula-without-value row 1, column 1"],
    ["an unknown entity", inline("x").replace(">x<", ">&b;<"), "spreadsheet-damaged"],
    ["half a character", inline("_xD800_"), "cell-text-broken row 1"],
    ["a NUL", inline("_x0000_"), "cell-text-broken row 1"],
    ["an attribute without quotes", "<c @ t=n><v>1</v></c>", "spreadsheet-damaged"],
    ["tags that cross", "<c @><v>1</c></v>", "spreadsheet-damaged"],
  ])("with %s is refused", async (_, cell, refusal) => {
    expect(await refusalOf("a.xlsx", sheet(row(1, [cell])))).toBe(refusal);
  });

  it.each([
    ["rows out of order", row(2, [num("1")]) + row(1, [num("2")])],
    ["cells out of order", '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>'],
    ["a row that no sheet has", row(1_048_577, [num("1")])],
    ["a row that is no number", '<row r="x"><c><v>1</v></c></row>'],
  ])("with %s is refused", async (_, rows) => {
    expect(await refusalOf("a.xlsx", sheet(rows))).toMatch(/^spreadsheet-damaged/);
  });

  it("with a DOCTYPE in any part, or elements in too many others, is refused", async () => {
    const laughs = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>`;
    for (const part of [
      "xl/workbook.xml",
      "xl/styles.xml",
      "xl/sharedStrings.xml",
      "_rels/.rels",
    ]) {
      const file = sheet(row(1, [num("1")]), { parts: { [part]: laughs } });
      expect(await refusalOf("a.xlsx", file)).toBe("xml-doctype-refused");
    }
    const deep = `${"<a>".repeat(50)}${"</a>".repeat(50)}`;
    expect(await refusalOf("a.xlsx", sheet(deep))).toBe("spreadsheet-damaged");
  });

  it("does without styles and shared texts, and counts rows and cells that bear no place", async () => {
    const office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const relations = `<Relationships><Relationship Id="rId1" Type="${office}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`;
    const file = sheet('<row><c s="3"><v>46353</v></c><c/><c><v>2</v></c></row><row><c/></row>', {
      styles: [0, 0, 0, 14],
      parts: { "xl/_rels/workbook.xml.rels": relations },
    });

    expect(await readRows("a.xlsx", file)).toEqual([["46353", "", "2"]]);
  });
});

describe("numberKindOf", () => {
  it.each([
    ["General", "plain"],
    ["#,##0.00", "plain"],
    ["0.00E+00", "plain"],
    ['#,##0 "Stk."', "plain"],
    ["#,##0.00\\ [$kr-41D]", "plain"],
    ["[Red]-0.00", "plain"],
    ["0.0%", "percent"],
    ['0"%"', "plain"],
    ["dd.mm.yyyy", "moment"],
    ["[$-409]d\\-mmm\\-yy;@", "moment"],
    ['yyyy"年"m"月"d"日"', "moment"],
    ["h:mm AM/PM", "moment"],
    ["[h]:mm:ss", "duration"],
    ["0;dd", "plain"],
    ["x".repeat(300), "plain"],
  ])("takes %s for %s", (code, kind) => {
    expect(numberKindOf(164, code)).toBe(kind);
  });

  it("knows the formats that have no code, and prefers a code to them", () => {
    expect([0, 10, 14, 22, 46, 57, 164].map((id) => numberKindOf(id, undefined))).toEqual([
      ...["plain", "percent", "moment", "moment", "duration", "moment", "plain"],
    ]);
    expect(numberKindOf(14, "0.00")).toBe("plain");
  });
});

describe("showNumber", () => {
  it.each([
    ["0.30000000000000004", "0.3"],
    ["2.6749999999999998", "2.675"],
    ["1.1000000000000001", "1.1"],
    ["999999999999999.9", "1E+15"],
    ["1.23457E+15", "1.23457E+15"],
    ["1.2345678901234567E+17", "1.23456789012346E+17"],
    ["1234567890123456", "1.23456789012346E+15"],
    ["123456789012345", "123456789012345"],
    ["-0.5", "-0.5"],
    ["5E-2", "0.05"],
    ["1.50", "1.5"],
    ["007", "7"],
    [".5", "0.5"],
    ["1E-30", "1E-30"],
    ["-0", "0"],
    ["1E3", "1000"],
    ["1E999", "1E+999"],
  ])("shows %s as %s", (text, shown) => {
    expect(showNumber(text, "plain", false)).toBe(shown);
  });

  it.each(["", ".", "1,5", "NaN", "1e", "0x10", "1".repeat(70)])(
    "takes %j for no number",
    (text) => {
      expect(showNumber(text, "plain", false)).toBeUndefined();
    },
  );

  it.each([
    ["0", "1900-01-00"],
    ["1", "1900-01-01"],
    ["59", "1900-02-28"],
    ["60", "1900-02-29"],
    ["61", "1900-03-01"],
    ["0.4375", "10:30:00"],
    ["46353.438194444447", "2026-11-27T10:31:00"],
    ["46352.999999", "2026-11-27"],
    ["2958465", "9999-12-31"],
    ["2958466", "2958466"],
    ["-1", "-1"],
  ])("shows the day %s as %s", (text, shown) => {
    expect(showNumber(text, "moment", false)).toBe(shown);
  });

  it("shows percents and durations", () => {
    expect(showNumber("7.0000000000000007E-2", "percent", false)).toBe("7%");
    expect(showNumber("0.075", "percent", false)).toBe("7.5%");
    expect(showNumber("1.5", "duration", false)).toBe("36:00:00");
    expect(showNumber("-0.25", "duration", false)).toBe("-06:00:00");
    expect(showNumber("1E300", "duration", false)).toBe("1E+300");
  });
});
