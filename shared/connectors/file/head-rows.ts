/** The first rows of delimited text: for who looks for the header of a table and has its rows read elsewhere. */
import { limits } from "#shared/config/limits.ts";
import type { Delimiter } from "#shared/domain/delimiters.ts";
import { rowTooLarge } from "./csv-faults.ts";
import { withoutMark } from "./decode-text.ts";
import { RowSplitter, splitRows } from "./split-rows.ts";

/**
 * So many rows at the most, blank ones included; no more of the text is read than they take. Throws
 * SyncError `invalid-input` (`quote-misplaced`, `quote-unterminated`, `row-too-large`) as the reader does.
 */
export async function readHeadRows(
  content: AsyncIterable<Uint8Array>,
  delimiter: Delimiter,
  rowsMax: number,
): Promise<string[][]> {
  // Told to, the decoder takes marks off that stand later in the text, where a chunk begins with one.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  for await (const chunk of content) {
    text += decoder.decode(chunk, { stream: true });
    const splitter = new RowSplitter(withoutMark(text), delimiter);
    const rows = Array.from(splitter.rows().take(rowsMax));
    if (rows.length === rowsMax) return rows;
    if (text.length - splitter.at > limits.fileRowBytesMax) {
      throw rowTooLarge(limits.fileRowBytesMax, splitter.row);
    }
  }
  text += decoder.decode();
  return Array.from(splitRows(withoutMark(text), delimiter).take(rowsMax));
}
