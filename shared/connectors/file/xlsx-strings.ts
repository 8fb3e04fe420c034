/**
 * The texts that the cells of a spreadsheet share (ECMA-376, part 1, 18.4). Cells name them by number,
 * in any order, so all are held in memory: as bytes one behind the other, which takes a third of what
 * as many strings would.
 */
import type { FileBounds } from "./file-bounds.ts";
import { refuseFile } from "./file-refusal.ts";
import { attributeOf, damagedSheet, scanXml, type XmlVisitor } from "./xml-scan.ts";

export interface SharedStrings {
  /** Throws SyncError `invalid-input` (`spreadsheet-damaged`) where there is none of this number. */
  get(index: number): string;
}

const BLOCK_BYTES = 1024 * 1024;
const STARTS_PER_BLOCK = 64 * 1024;

/** Throws SyncError `invalid-input` (`spreadsheet-damaged`, `spreadsheet-too-large`). */
export async function readSharedStrings(
  text: AsyncIterable<string> | undefined,
  bounds: Pick<FileBounds, "sharedBytesMax" | "sharedStringsMax">,
): Promise<SharedStrings> {
  const store = createStringStore(bounds);
  if (text !== undefined) {
    const item = createItemText();
    const visitor: XmlVisitor = {
      open(name, attributes) {
        if (name === "si") item.begin();
        item.open(name, attributes);
      },
      close(name) {
        item.close(name);
        if (name === "si") store.add(item.take());
      },
      text: item.text,
      wantsText: item.wantsText,
    };
    await scanXml(text, visitor);
  }
  return store;
}

/** The text of an `si` or `is`: of its runs, without what says how it is read out. */
export function createItemText() {
  let text = "";
  let run = "";
  let isInText = false;
  let keepsSpace = false;
  let readingDepth = 0;
  return {
    begin(): void {
      text = "";
      readingDepth = 0;
    },
    open(name: string, attributes: string): void {
      if (name === "rPh") readingDepth += 1;
      if (name !== "t" || readingDepth > 0) return;
      isInText = true;
      run = "";
      keepsSpace = attributes !== "" && attributeOf(attributes, "space") === "preserve";
    },
    close(name: string): void {
      if (name === "rPh") readingDepth -= 1;
      if (name !== "t" || !isInText) return;
      isInText = false;
      text += keepsSpace ? run : trimSpace(run);
    },
    text(piece: string): void {
      run += piece;
    },
    wantsText: (): boolean => isInText,
    take: (): string => unescapeText(text),
  };
}

/** XML's own space; others are a person's. */
function trimSpace(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, "");
}

/** `_x000D_` for what XML cannot hold, `_x005F_` for such an underscore itself (22.9.2.19, ST_Xstring). */
export function unescapeText(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function createStringStore({
  sharedBytesMax,
  sharedStringsMax,
}: Pick<FileBounds, "sharedBytesMax" | "sharedStringsMax">) {
  const blocks: Buffer[] = [];
  const starts: Uint32Array[] = [];
  let bytes = 0;
  let count = 0;
  let used = BLOCK_BYTES;
  const tooLarge = (): Error =>
    refuseFile({
      code: "spreadsheet-too-large",
      fix: `Save the sheet as CSV UTF-8; the texts of a spreadsheet may have ${sharedBytesMax} bytes.`,
      field: "shared strings",
    });
  const addStart = (start: number): void => {
    if (count % STARTS_PER_BLOCK === 0) starts.push(new Uint32Array(STARTS_PER_BLOCK + 1));
    const block = starts.at(-1);
    if (block !== undefined) block[count % STARTS_PER_BLOCK] = start;
  };
  return {
    add(text: string): void {
      const length = Buffer.byteLength(text, "utf8");
      if (length > BLOCK_BYTES || bytes + length > sharedBytesMax || count >= sharedStringsMax) {
        throw tooLarge();
      }
      if (!text.isWellFormed()) throw damagedSheet("shared strings");
      if (used + length + 4 > BLOCK_BYTES) {
        blocks.push(Buffer.allocUnsafe(BLOCK_BYTES + 4));
        used = 0;
      }
      const block = blocks.at(-1);
      if (block === undefined) return;
      addStart((blocks.length - 1) * BLOCK_BYTES + used);
      block.writeUInt32LE(length, used);
      block.write(text, used + 4, "utf8");
      used += length + 4;
      bytes += length + 4;
      count += 1;
    },
    get(index: number): string {
      if (!Number.isInteger(index) || index < 0 || index >= count) throw damagedSheet();
      const start = starts[Math.floor(index / STARTS_PER_BLOCK)]?.[index % STARTS_PER_BLOCK] ?? 0;
      const block = blocks[Math.floor(start / BLOCK_BYTES)];
      const at = start % BLOCK_BYTES;
      const length = block?.readUInt32LE(at) ?? 0;
      return block?.toString("utf8", at + 4, at + 4 + length) ?? "";
    },
  };
}
