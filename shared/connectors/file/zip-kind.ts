/** What a ZIP archive is: a spreadsheet by the names in it, or one file that somebody packed. */
import { refuseFile } from "./file-refusal.ts";
import type { ZipEntry } from "./zip-entries.ts";

export type ZipKind =
  | { readonly kind: "xlsx" }
  | { readonly kind: "packed"; readonly entry: ZipEntry };

const LISTED_MAX = 5;
const NAME_CHARACTERS_MAX = 60;

/**
 * Throws SyncError `invalid-input` (`archive-empty`, `archive-path-refused`, `archive-several-files`,
 * `file-format-unknown`, `spreadsheet-format-unsupported`).
 */
export function judgeZip(entries: readonly ZipEntry[]): ZipKind {
  const names = new Set(entries.map(({ name }) => name.replaceAll("\\", "/").toLowerCase()));
  const has = (pattern: RegExp): boolean => [...names].some((name) => pattern.test(name));
  if (has(/^xl\/workbook\.bin$/)) throw unsupportedSpreadsheet("XLSB");
  if (names.has("mimetype") && names.has("content.xml")) throw unsupportedSpreadsheet("ODS");
  if (has(/\.iwa$/) || has(/^index\.zip$/)) throw unsupportedSpreadsheet("Numbers");
  if (names.has("[content_types].xml")) {
    if (has(/^xl\//)) return { kind: "xlsx" };
    throw unknownFormat();
  }
  return { kind: "packed", entry: findPacked(entries) };
}

/** Folders, files that begin with a dot, and what macOS puts beside them count for nothing. */
function findPacked(entries: readonly ZipEntry[]): ZipEntry {
  for (const { name } of entries) checkPath(name);
  const files = entries.filter(({ name }) => {
    const path = name.split("/");
    return !name.endsWith("/") && path[0] !== "__MACOSX" && !path.at(-1)?.startsWith(".");
  });
  const [first, second] = files;
  if (first === undefined) {
    throw refuseFile({ code: "archive-empty", fix: "Put the file into the archive." });
  }
  if (second === undefined) return first;
  throw refuseFile({
    code: "archive-several-files",
    fix: "Drop each file by itself; an archive has one.",
    field: `${files.length} files, ${files.slice(0, LISTED_MAX).map(nameOf).join(", ")}`,
  });
}

function nameOf({ name }: ZipEntry): string {
  return name.slice(0, NAME_CHARACTERS_MAX);
}

/** Nothing is ever written by such a name; who made it meant harm, or another kind of archive. */
function checkPath(name: string): void {
  const isUnsafe =
    name === "" ||
    /[\p{Cc}\\]/u.test(name) ||
    /^(?:\/|[A-Za-z]:)/.test(name) ||
    name.split("/").includes("..");
  if (!isUnsafe) return;
  throw refuseFile({
    code: "archive-path-refused",
    fix: "Pack the file anew, by its name alone.",
    field: name.replace(/\p{Cc}/gu, "_").slice(0, NAME_CHARACTERS_MAX),
  });
}

export function unsupportedSpreadsheet(kind: string): Error {
  return refuseFile({
    code: "spreadsheet-format-unsupported",
    fix: "Open it in its program and save it as XLSX (Excel workbook).",
    field: kind,
  });
}

export function unknownFormat(): Error {
  return refuseFile({
    code: "file-format-unknown",
    fix: "Drop CSV, XLSX, JSON, JSON Lines, Parquet, UBL or camt.053, as it is or as gzip or zip.",
  });
}
