/** Small spreadsheets (ECMA-376) from the XML of their rows, for tests of reading them. */
import { type ArchivedFile, zipArchive } from "#test/support/zip-archive.ts";

interface WorkbookSheet {
  readonly name: string;
  /** What stands in `sheetData`. */
  readonly rows: string;
  readonly state?: "hidden" | "veryHidden";
  /** What stands behind `sheetData`. */
  readonly behind?: string;
}

export interface Workbook {
  readonly sheets: readonly WorkbookSheet[];
  /** What stands in each `si`. */
  readonly strings?: readonly string[];
  /** Codes of number formats by their ids, from 164. */
  readonly formats?: Readonly<Record<number, string>>;
  /** The number format of each cell style, by its index. */
  readonly styles?: readonly number[];
  readonly has1904Dates?: boolean;
  readonly method?: 0 | 8;
  /** Parts in place of or beside those above. */
  readonly parts?: Readonly<Record<string, string>>;
}

const DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";

export function workbookFile(workbook: Workbook): Uint8Array {
  const method = workbook.method ?? 8;
  const parts = { ...partsOf(workbook), ...workbook.parts };
  return zipArchive(
    Object.entries(parts).map(([name, content]): ArchivedFile => ({ name, content, method })),
  );
}

/** A sheet whose cells are shared strings where they are not given as XML. */
export function textRows(rows: readonly (readonly string[])[]): string {
  return rows.map((cells, index) => row(index + 1, cells.map(inline))).join("");
}

/** `cells` are XML in which `@` stands for the place of the cell. */
export function row(number: number, cells: readonly string[]): string {
  const placed = cells.map((cell, index) =>
    cell.replace("@", `r="${String.fromCharCode(65 + index)}${number}"`),
  );
  return `<row r="${number}">${placed.join("")}</row>`;
}

export function inline(text: string): string {
  if (text === "") return "";
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<c @ t="inlineStr"><is><t xml:space="preserve">${escaped}</t></is></c>`;
}

export function num(value: string, style = 0): string {
  return `<c @ s="${style}"><v>${value}</v></c>`;
}

function partsOf(workbook: Workbook): Record<string, string> {
  const { sheets, strings, has1904Dates } = workbook;
  const numbers = sheets.map((_, index) => index + 1);
  return {
    "[Content_Types].xml": `${DECLARATION}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>${numbers.map((n) => `<Override PartName="/xl/worksheets/sheet${n}.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`).join("")}<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/><Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/></Types>`,
    "_rels/.rels": `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
    "xl/workbook.xml": `${DECLARATION}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><workbookPr${has1904Dates === true ? ' date1904="1"' : ""}/><sheets>${sheets.map((sheet, index) => `<sheet name="${sheet.name}" sheetId="${index + 1}"${sheet.state === undefined ? "" : ` state="${sheet.state}"`} r:id="rId${index + 1}"/>`).join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `${DECLARATION}<Relationships xmlns="${PACKAGE}/relationships">${numbers.map((n) => `<Relationship Id="rId${n}" Type="${OFFICE}/worksheet" Target="worksheets/sheet${n}.xml"/>`).join("")}<Relationship Id="rId90" Type="${OFFICE}/styles" Target="styles.xml"/><Relationship Id="rId91" Type="${OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
    ...Object.fromEntries(
      sheets.map(({ rows, behind = "" }, index) => [
        `xl/worksheets/sheet${index + 1}.xml`,
        `${DECLARATION}<worksheet xmlns="${MAIN}"><sheetData>${rows}</sheetData>${behind}</worksheet>`,
      ]),
    ),
    "xl/styles.xml": stylesOf(workbook),
    "xl/sharedStrings.xml": `${DECLARATION}<sst xmlns="${MAIN}">${(strings ?? []).map((si) => `<si>${si}</si>`).join("")}</sst>`,
  };
}

function stylesOf({ formats = {}, styles = [0] }: Workbook): string {
  const codes = Object.entries(formats).map(
    ([id, code]) => `<numFmt numFmtId="${id}" formatCode="${code.replaceAll('"', "&quot;")}"/>`,
  );
  const cells = styles.map((id) => `<xf numFmtId="${id}" fontId="0" fillId="0" borderId="0"/>`);
  return `${DECLARATION}<styleSheet xmlns="${MAIN}"><numFmts count="${codes.length}">${codes.join("")}</numFmts><fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts><fills count="1"><fill><patternFill patternType="none"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs><cellXfs count="${cells.length}">${cells.join("")}</cellXfs></styleSheet>`;
}
