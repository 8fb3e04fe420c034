/** Files of text, found by their encoding and what they begin with: tables and documents of XML. */
import type { OpenedFile, OpenedTable, OpenedXml } from "#shared/ports/files.ts";
import { collectBytes, createByteReader } from "./byte-reader.ts";
import { decodeText, encodeUtf8 } from "./decode-text.ts";
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { findDelimiter } from "./find-delimiter.ts";
import { findJsonFormat, type JsonFormat, readJsonKeys, writeJsonRows } from "./json-rows.ts";
import { type FoundEncoding, findEncoding, presumeUtf8, type Reread } from "./text-encodings.ts";
import { beginsAsXml, findXmlKind } from "./xml-kind.ts";

/** The content of a file, or of the one file that was packed. */
export interface Content {
  /** Which may name the encoding; the innermost first. */
  readonly names: readonly string[];
  readonly read: Reread;
  readonly compression: OpenedTable["compression"];
}

const HEAD_CHARACTERS = 256 * 1024;
const PIECE_BYTES = 64 * 1024;

/** Throws SyncError `invalid-input`; see `README.md` for the codes. */
export async function openText(
  content: Content,
  bounds: FileBounds,
  mayPresume = false,
): Promise<OpenedFile> {
  const presumed = mayPresume ? await openPresumed(content) : undefined;
  if (presumed !== undefined) return presumed;
  const found = await findEncoding(content.names, content.read);
  const decode = (): AsyncIterable<string> => decodeText(content.read(), found.encoding);
  const { head, isAll } = await readTextHead(decode());
  if (beginsAsXml(head)) return openXml(content, found, head, bounds);
  const format = findJsonFormat(head, isAll);
  if (format !== undefined) return openJson(content, found, format, bounds);
  return openDelimited(content, found, head, isAll);
}

/** A table whose own bytes are its text, as its first bytes have it; what it is else must be read whole. */
async function openPresumed(content: Content): Promise<OpenedTable | undefined> {
  const found = await presumeUtf8(content.names, content.read);
  if (found === undefined) return undefined;
  const { head, isAll } = await readTextHead(decodeText(content.read(), found.encoding));
  if (beginsAsXml(head) || findJsonFormat(head, isAll) !== undefined) return undefined;
  const table = openDelimited(content, found, head, isAll);
  return table.isInPlace ? { ...table, isPresumedUtf8: true } : undefined;
}

async function readTextHead(text: AsyncIterable<string>) {
  let head = "";
  for await (const piece of text) {
    head += piece;
    if (head.length >= HEAD_CHARACTERS) return { head, isAll: false };
  }
  return { head, isAll: true };
}

async function openXml(
  content: Content,
  { encoding }: FoundEncoding,
  head: string,
  { xmlBytesMax }: FileBounds,
): Promise<OpenedXml> {
  if (encoding !== "utf-8") {
    throw refuseFile({
      code: "encoding-not-utf8",
      fix: "Save the file as UTF-8.",
      field: encoding,
    });
  }
  const document = findXmlKind(head);
  const bytes = await collectBytes(content.read(), xmlBytesMax);
  if (bytes !== undefined) return { kind: "xml", document, content: bytes };
  throw refuseFile({
    code: "xml-too-large",
    fix: `Split the file; ${xmlBytesMax} bytes are the most.`,
  });
}

async function openJson(
  content: Content,
  { encoding }: FoundEncoding,
  format: JsonFormat,
  bounds: FileBounds,
): Promise<OpenedTable> {
  const decode = (): AsyncIterable<string> => decodeText(content.read(), encoding);
  const keys = await readJsonKeys(decode(), format, bounds);
  return {
    kind: "table",
    format,
    compression: content.compression,
    encoding,
    delimiter: ",",
    isInPlace: false,
    isPresumedUtf8: false,
    text: () => writeJsonRows(decode(), format, keys, bounds),
  };
}

/** All of the text was found to be of its encoding by then, or is while it is read or scanned. */
function openDelimited(
  content: Content,
  { encoding, markBytes }: FoundEncoding,
  head: string,
  isAll: boolean,
): OpenedTable {
  const { delimiter, separatorLine = "", hasBareReturns } = findDelimiter(head, isAll);
  const isAsItIs = encoding === "utf-8" && separatorLine === "" && !hasBareReturns;
  const isInPlace = isAsItIs && content.compression === undefined;
  const decode = (): AsyncIterable<string> => {
    const text = skipCharacters(decodeText(content.read(), encoding), separatorLine.length);
    return hasBareReturns ? withLineFeeds(text) : text;
  };
  const text = (): AsyncIterable<Uint8Array> => {
    if (isInPlace) return content.read();
    return isAsItIs ? skipBytes(content.read(), markBytes) : encodeUtf8(decode());
  };
  const { compression } = content;
  const shape = { compression, encoding, delimiter, isInPlace, isPresumedUtf8: false };
  return { kind: "table", format: "delimited", ...shape, text };
}

async function* skipBytes(
  content: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  const reader = createByteReader(content);
  try {
    await reader.take(count);
    for (;;) {
      const piece = await reader.next(PIECE_BYTES);
      if (piece === undefined) return;
      yield piece;
    }
  } finally {
    await reader.close();
  }
}

async function* skipCharacters(text: AsyncIterable<string>, count: number): AsyncGenerator<string> {
  let left = count;
  for await (const piece of text) {
    const kept = piece.slice(left);
    left -= piece.length - kept.length;
    if (kept !== "") yield kept;
  }
}

/** CR and CRLF become LF. */
async function* withLineFeeds(text: AsyncIterable<string>): AsyncGenerator<string> {
  let endsInReturn = false;
  for await (const piece of text) {
    const rest = endsInReturn && piece.startsWith("\n") ? piece.slice(1) : piece;
    endsInReturn = piece.endsWith("\r");
    yield rest.replace(/\r\n?/g, "\n");
  }
}
