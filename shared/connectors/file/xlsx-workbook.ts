/**
 * What the small parts of an XLSX file say: which sheets there are and where, the number formats of
 * cell styles, and the day that serial dates count from (ECMA-376, part 1, 18.2, 18.8; part 2, 9.3).
 */
import type { ByteSource } from "#shared/ports/files.ts";
import { decodeText } from "./decode-text.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { type NumberKind, numberKindOf } from "./sheet-formats.ts";
import { attributeOf, damagedSheet, scanXml, type XmlVisitor } from "./xml-scan.ts";
import { readZipEntry } from "./zip-content.ts";
import type { ZipEntry } from "./zip-entries.ts";

export interface Workbook {
  /** Worksheets that a person sees, in their order. */
  readonly sheets: readonly { readonly name: string; readonly path: string }[];
  readonly has1904Dates: boolean;
  /** By the style of a cell. */
  readonly numberKinds: readonly NumberKind[];
  readonly sharedStringsPath: string | undefined;
}

/** The parts of an XLSX file by their names, as text. */
export interface XlsxParts {
  has(path: string): boolean;
  read(path: string): AsyncIterable<string>;
}

/** Some programs write `\` between the folders of a part's name, and case counts for nothing. */
export function openXlsxParts(
  source: ByteSource,
  entries: readonly ZipEntry[],
  bounds: FileBounds,
): XlsxParts {
  const byPath = new Map(entries.map((entry) => [normalizePath(entry.name), entry]));
  return {
    has: (path) => byPath.has(normalizePath(path)),
    read(path) {
      const entry = byPath.get(normalizePath(path));
      if (entry === undefined) throw damagedSheet(path.slice(0, 60));
      const content = readZipEntry(source, entry, bounds);
      return decodeText(content, "utf-8", (cause) => damagedSheet(undefined, cause));
    },
  };
}

function normalizePath(name: string): string {
  return name.replaceAll("\\", "/").replace(/^\/+/, "").toLowerCase();
}

interface Relation {
  /** The last part of its type's address: `worksheet`. */
  readonly type: string;
  readonly path: string;
}

/** Throws SyncError `invalid-input` (`spreadsheet-damaged`, `spreadsheet-too-large`). */
export async function readWorkbook(parts: XlsxParts, bounds: FileBounds): Promise<Workbook> {
  const main = [...(await readRelations(parts, "", bounds)).values()].find(
    ({ type }) => type === "officeDocument",
  );
  if (main === undefined) throw damagedSheet();
  const relations = await readRelations(parts, main.path, bounds);
  const { sheets, has1904Dates } = await readSheets(parts, main.path, relations, bounds);
  const pathOf = (type: string): string | undefined => {
    const path = [...relations.values()].find((relation) => relation.type === type)?.path;
    return path !== undefined && parts.has(path) ? path : undefined;
  };
  const stylesPath = pathOf("styles");
  const numberKinds = stylesPath === undefined ? [] : await readStyles(parts, stylesPath, bounds);
  return { sheets, has1904Dates, numberKinds, sharedStringsPath: pathOf("sharedStrings") };
}

/** Of a part, by their ids; of the file as a whole where `path` is blank. */
async function readRelations(
  parts: XlsxParts,
  path: string,
  { zipEntriesMax }: FileBounds,
): Promise<ReadonlyMap<string, Relation>> {
  const slash = path.lastIndexOf("/") + 1;
  const folder = path.slice(0, slash);
  const relations = new Map<string, Relation>();
  await scanXml(
    parts.read(`${folder}_rels/${path.slice(slash)}.rels`),
    visitTags((name, attributes) => {
      if (name !== "Relationship" || attributeOf(attributes, "TargetMode") === "External") return;
      const id = attributeOf(attributes, "Id") ?? "";
      const type = attributeOf(attributes, "Type")?.split("/").at(-1) ?? "";
      relations.set(id, {
        type,
        path: resolvePath(folder, attributeOf(attributes, "Target") ?? ""),
      });
      if (relations.size > zipEntriesMax) throw tooLarge("relations");
    }),
  );
  return relations;
}

function resolvePath(folder: string, target: string): string {
  const path: string[] = [];
  for (const part of (target.startsWith("/") ? target : folder + target).split("/")) {
    if (part === "..") path.pop();
    else if (part !== "" && part !== ".") path.push(part);
  }
  return path.join("/");
}

async function readSheets(
  parts: XlsxParts,
  path: string,
  relations: ReadonlyMap<string, Relation>,
  { sheetsMax }: FileBounds,
): Promise<Pick<Workbook, "sheets" | "has1904Dates">> {
  const sheets: { name: string; path: string }[] = [];
  let has1904Dates = false;
  let count = 0;
  await scanXml(
    parts.read(path),
    visitTags((name, attributes, depth) => {
      if (name === "workbookPr" && depth === 1) {
        has1904Dates = /^(?:1|true|on)$/.test(attributeOf(attributes, "date1904") ?? "");
      }
      if (name !== "sheet" || depth !== 2) return;
      count += 1;
      if (count > sheetsMax) throw tooLarge("sheets");
      const relation = relations.get(attributeOf(attributes, "id") ?? "");
      if (relation === undefined) throw damagedSheet("sheet");
      const isVisible = /^(?:visible)?$/.test(attributeOf(attributes, "state") ?? "");
      if (!isVisible || relation.type !== "worksheet") return;
      sheets.push({ name: attributeOf(attributes, "name") ?? "", path: relation.path });
    }),
  );
  return { sheets, has1904Dates };
}

async function readStyles(
  parts: XlsxParts,
  path: string,
  { stylesMax }: FileBounds,
): Promise<readonly NumberKind[]> {
  const codes = new Map<number, string>();
  const ids: number[] = [];
  let isInCells = false;
  await scanXml(
    parts.read(path),
    visitTags((name, attributes, depth) => {
      if (depth === 1) isInCells = name === "cellXfs";
      if (depth !== 2) return;
      const id = Number(attributeOf(attributes, "numFmtId") ?? "0");
      if (name === "numFmt") codes.set(id, attributeOf(attributes, "formatCode") ?? "");
      else if (name === "xf" && isInCells) ids.push(id);
      if (codes.size > stylesMax || ids.length > stylesMax) throw tooLarge("styles");
    }),
  );
  return ids.map((id) => numberKindOf(id, codes.get(id)));
}

/** `depth`: elements around it. */
function visitTags(open: (name: string, attributes: string, depth: number) => void): XmlVisitor {
  let depth = 0;
  return {
    open(name, attributes) {
      open(name, attributes, depth);
      depth += 1;
    },
    close() {
      depth -= 1;
    },
    text: () => undefined,
    wantsText: () => false,
  };
}

function tooLarge(what: string): Error {
  return refuseFile({
    code: "spreadsheet-too-large",
    fix: "Copy the rows that are meant into a new file, or save the sheet as CSV UTF-8.",
    field: what,
  });
}
