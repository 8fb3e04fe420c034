/** The spreadsheets under `test/fixtures/files` that are by our own hand, by their names. */
import { inline, num, row, textRows, type Workbook, workbookFile } from "#test/support/workbook.ts";
import { zipArchive } from "#test/support/zip-archive.ts";

const header = (...names: readonly string[]): string => row(1, names.map(inline));

const oneSheet = (rows: string, rest: Partial<Workbook> = {}): Workbook => ({
  sheets: [{ name: "Sheet1", rows }],
  ...rest,
});

const customers = textRows([
  ["id", "name", "country"],
  ["K-001", "Björklund & Söner", "Sweden"],
]);

const error = (text: string): string => `<c @ t="e"><f>1/0</f><v>${text}</v></c>`;

/** Short date, date with time, and two codes of our own. */
const dateStyles = {
  styles: [0, 14, 22, 164, 165, 10],
  formats: { 164: "dd.mm.yyyy", 165: "[h]:mm" },
};

const workbooks: Readonly<Record<string, Workbook>> = {
  "leading-zeros-lost.xlsx": oneSheet(
    header("customer", "zip") +
      row(2, [inline("00417"), inline("01067")]) +
      row(3, [num("418"), num("1067")]) +
      row(4, [inline("00419"), num("99084")]),
  ),
  "scientific-ids.xlsx": oneSheet(
    header("order", "card_number") +
      row(2, [inline("A-1"), inline("1.23457E+15")]) +
      row(3, [inline("A-2"), num("1.23457E+15")]) +
      row(4, [inline("A-3"), inline("1234567890123456")]),
  ),
  "serial-dates-1900.xlsx": oneSheet(
    header("order", "date", "shipped_at", "bare") +
      row(2, [inline("A-1"), num("46353", 1), num("46353.4375", 2), num("46353")]) +
      row(3, [inline("A-2"), num("46354", 3), "", num("46354")]) +
      row(4, [inline("A-3"), num("59", 1), num("61", 1), num("61")]),
    dateStyles,
  ),
  "serial-dates-1904.xlsx": oneSheet(
    header("order", "date") +
      row(2, [inline("A-1"), num("44891", 1)]) +
      row(3, [inline("A-2"), num("0", 3)]),
    { ...dateStyles, has1904Dates: true },
  ),
  "error-cells.xlsx": oneSheet(
    header("code", "name", "unit_price") +
      row(2, [inline("P-1"), inline("Bolt"), error("#DIV/0!")]) +
      row(3, [inline("P-2"), error("#N/A"), num("0.2")]) +
      row(4, [inline("P-3"), inline("Pin"), error("#REF!")]),
  ),
  "dates-ambiguous-text.xlsx": oneSheet(
    textRows([
      ["order", "order_date"],
      ["B-1", "03/04/2026"],
      ["B-2", "05/06/2026"],
    ]),
  ),
  "numbers-decimal-comma-text.xlsx": oneSheet(
    textRows([
      ["invoice", "amount"],
      ["R-1", "1.234,50"],
      ["R-2", "-7,90"],
      ["R-3", "1.000.000,00"],
    ]),
  ),
  "numbers-negative-forms.xlsx": oneSheet(
    header("invoice", "brackets", "trailing", "typed") +
      row(2, [inline("R-1"), inline("(1,234.50)"), inline("1.234,50-"), num("-1234.5", 1)]) +
      row(3, [inline("R-2"), inline("(7.90)"), inline("7,90-"), num("-7.9000000000000004", 1)]),
    { styles: [0, 39] },
  ),
  "numbers-and-percents.xlsx": oneSheet(
    header("sum", "rate", "large", "paid") +
      row(2, [
        num("0.30000000000000004"),
        num("0.19", 1),
        num("123456789012345"),
        `<c @ t="b"><v>1</v></c>`,
      ]) +
      row(3, [
        num("1.1000000000000001"),
        num("7.0000000000000007E-2", 1),
        num("1E-7"),
        `<c @ t="b"><v>0</v></c>`,
      ]),
    { styles: [0, 10] },
  ),
  "texts.xlsx": oneSheet(
    row(1, ["id", "shared", "rich", "formula"].map(inline)) +
      row(3, [
        num("1"),
        '<c @ t="s"><v>0</v></c>',
        '<c @ t="s"><v>1</v></c>',
        '<c @ t="str"><f>A1&amp;"x"</f><v>1x</v></c>',
      ]) +
      '<row r="5"><c r="A5"><v>2</v></c><c r="D5" t="inlineStr"><is><t>last</t></is></c></row>',
    {
      strings: [
        '<t xml:space="preserve"> two_x000D_\nlines </t>',
        '<r><rPr><b/></rPr><t>bold</t></r><r><t xml:space="preserve"> plain</t></r><rPh sb="0" eb="1"><t>reading</t></rPh>',
      ],
    },
  ),
  "merged-cells.xlsx": {
    sheets: [
      {
        name: "Sheet1",
        rows:
          header("order", "line", "price") +
          row(2, [inline("A-1"), inline("Bolt"), num("0.2")]) +
          '<row r="3"><c r="A3"/><c r="B3" t="inlineStr"><is><t>Nut</t></is></c><c r="C3"><v>0.1</v></c></row>',
        behind: '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>',
      },
    ],
  },
  "two-sheets.xlsx": {
    sheets: [
      { name: "Customers", rows: customers },
      { name: "Notes", rows: textRows([["made by hand"]]) },
    ],
  },
  "hidden-sheet.xlsx": {
    sheets: [
      { name: "Lists", rows: textRows([["Sweden"], ["Spain"]]), state: "hidden" },
      { name: "Customers", rows: customers },
      { name: "Sheet3", rows: "" },
    ],
  },
};

const OLE = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/** The head of an OLE container and the name of one stream in its directory. */
function oleFile(stream: string): Uint8Array {
  const bytes = Buffer.alloc(1_024);
  bytes.set(OLE);
  bytes.write(stream, 512, "utf16le");
  return new Uint8Array(bytes);
}

export const writtenWorkbooks: Readonly<Record<string, Uint8Array>> = {
  ...Object.fromEntries(
    Object.entries(workbooks).map(([name, workbook]) => [
      name,
      workbookFile({ ...workbook, method: 0 }),
    ]),
  ),
  "password-protected.xlsx": oleFile("EncryptedPackage"),
  "excel-97.xls": oleFile("Workbook"),
  "open-document.ods": zipArchive([
    { name: "mimetype", content: "application/vnd.oasis.opendocument.spreadsheet", method: 0 },
    { name: "content.xml", content: "<office:document-content/>", method: 0 },
  ]),
  "apple.numbers": zipArchive([
    { name: "Index/Document.iwa", content: "a", method: 0 },
    { name: "Index/Tables/DataList.iwa", content: "b", method: 0 },
    { name: "preview.jpg", content: "c", method: 0 },
  ]),
};
