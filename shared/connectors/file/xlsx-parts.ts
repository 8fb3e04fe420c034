/** The parts of a spreadsheet that are no sheet (ECMA-376, part 1), and text as its XML has it. */

interface TextFile {
  readonly name: string;
  readonly text: string;
}

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml";
const HEADER_COLOR = "FFE8ECF1";
/** Below it are formats that every program knows by heart. */
const FIRST_FORMAT_ID = 164;

/** For sheets of these names, in their order: `xl/worksheets/sheet1.xml` and so on. */
export function workbookFiles(names: readonly string[]): readonly TextFile[] {
  const ids = names.map((_, index) => index + 1);
  const sheets = names.map(
    (name, index) =>
      `<sheet name="${escapeXml(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`,
  );
  const links = ids.map((id) => relation(id, "worksheet", `worksheets/sheet${id}.xml`));
  const parts = ids.map((id) => override(`/xl/worksheets/sheet${id}.xml`, "worksheet"));
  return [
    {
      name: "xl/workbook.xml",
      text: `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets>${sheets.join("")}</sheets></workbook>`,
    },
    {
      name: "xl/_rels/workbook.xml.rels",
      text: relations([...links, relation(names.length + 1, "styles", "styles.xml")]),
    },
    { name: "_rels/.rels", text: relations([relation(1, "officeDocument", "xl/workbook.xml")]) },
    {
      name: "[Content_Types].xml",
      text: `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>${override("/xl/workbook.xml", "sheet.main")}${override("/xl/styles.xml", "styles")}${parts.join("")}</Types>`,
    },
  ];
}

/** Cell formats: none, the header's, then one for each number format. */
export function stylesXml(formats: readonly string[]): TextFile {
  const codes = formats.map(
    (code, index) =>
      `<numFmt numFmtId="${FIRST_FORMAT_ID + index}" formatCode="${escapeXml(code)}"/>`,
  );
  const numbers =
    codes.length === 0 ? "" : `<numFmts count="${codes.length}">${codes.join("")}</numFmts>`;
  const cells = formats.map((_, index) =>
    cellFormat(FIRST_FORMAT_ID + index, 'applyNumberFormat="1"'),
  );
  const header =
    '<xf numFmtId="0" fontId="1" fillId="2" borderId="0" xfId="0" applyFont="1" applyFill="1"/>';
  const font = (bold: string) => `<font>${bold}<sz val="11"/><name val="Calibri"/></font>`;
  const fill = (pattern: string) => `<fill>${pattern}</fill>`;
  return {
    name: "xl/styles.xml",
    text: [
      `${HEAD}<styleSheet xmlns="${MAIN}">${numbers}`,
      `<fonts count="2">${font("")}${font("<b/>")}</fonts>`,
      `<fills count="3">${fill('<patternFill patternType="none"/>')}${fill('<patternFill patternType="gray125"/>')}`,
      `${fill(`<patternFill patternType="solid"><fgColor rgb="${HEADER_COLOR}"/></patternFill>`)}</fills>`,
      '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>',
      '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>',
      `<cellXfs count="${2 + cells.length}">${cellFormat(0, "")}${header}${cells.join("")}</cellXfs>`,
      '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
    ].join(""),
  };
}

const LITERAL_ESCAPE = /_(?=x[0-9A-Fa-f]{4}_)/g;
/** What XML has no sign for, or a reader of it takes for another, as the carriage return. */
const UNWRITABLE = /(?![\t\n])\p{Cc}|[\ufffe\uffff]/gu;

/**
 * Text for an element or attribute. What XML cannot hold is written as spreadsheets do, `_x000D_`, and
 * what looks like that already is kept apart from it (ECMA-376, part 1, 22.9.2.19).
 */
export function escapeXml(text: string): string {
  return text
    .replace(LITERAL_ESCAPE, "_x005F_")
    .replace(UNWRITABLE, (sign) => `_x${hexOf(sign)}_`)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function hexOf(sign: string): string {
  return sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
}

function cellFormat(numberFormat: number, more: string): string {
  return `<xf numFmtId="${numberFormat}" fontId="0" fillId="0" borderId="0" xfId="0" ${more}/>`;
}

function relation(id: number, kind: string, target: string): string {
  return `<Relationship Id="rId${id}" Type="${OFFICE}/${kind}" Target="${target}"/>`;
}

function relations(of: readonly string[]): string {
  return `${HEAD}<Relationships xmlns="${PACKAGE}/relationships">${of.join("")}</Relationships>`;
}

function override(part: string, kind: string): string {
  return `<Override PartName="${part}" ContentType="${CONTENT}.${kind}+xml"/>`;
}
