/**
 * The first rows of delimited text, by the grammar of `csv-rows.ts`: for who looks for the header of a
 * table and has its rows read elsewhere.
 */
import { limits } from "#shared/config/limits.ts";
import { describeQuoteFault, rowTooLarge } from "./csv-faults.ts";

const ROW_END = /\r?\n/y;

/**
 * So many rows at the most, blank ones included; no more of the text is read than they take. Throws
 * SyncError `invalid-input` (`quote-misplaced`, `quote-unterminated`, `row-too-large`) as the reader does.
 */
export async function readHeadRows(
  content: AsyncIterable<Uint8Array>,
  delimiter: string,
  rowsMax: number,
): Promise<string[][]> {
  // Told to, the decoder takes marks off that stand later in the text, where a chunk begins with one.
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  let text = "";
  let rows: string[][] = [];
  for await (const chunk of content) {
    text += decoder.decode(chunk, { stream: true });
    const split = new Splitter(withoutMark(text), delimiter).rows(rowsMax);
    rows = split.rows;
    if (split.rows.length === rowsMax) return rows;
    if (text.length - split.end > limits.fileRowBytesMax) {
      throw rowTooLarge(limits.fileRowBytesMax, rows.length + 1);
    }
  }
  text += decoder.decode();
  return new Splitter(withLineEnd(withoutMark(text)), delimiter).lastRows(rowsMax);
}

function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** The last row may lack its line end. A return there belongs to its last cell, and stays so. */
function withLineEnd(text: string): string {
  if (text === "" || text.endsWith("\n")) return text;
  return text.endsWith("\r") ? `${text}\r\n` : `${text}\n`;
}

/** Cells of a text, one row after the other. */
class Splitter {
  readonly #text: string;
  readonly #delimiter: string;
  #at = 0;

  constructor(text: string, delimiter: string) {
    this.#text = text;
    this.#delimiter = delimiter;
  }

  /** The rows that are there to their line ends, and where the last of them ends. */
  rows(rowsMax: number): { readonly rows: string[][]; readonly end: number } {
    const rows: string[][] = [];
    let end = 0;
    while (rows.length < rowsMax) {
      const row = this.#row(rows.length + 1);
      if (row === undefined) break;
      rows.push(row);
      end = this.#at;
    }
    return { rows, end };
  }

  /** All rows of a text that has come to its end. */
  lastRows(rowsMax: number): string[][] {
    const { rows, end } = this.rows(rowsMax);
    if (rows.length < rowsMax && end < this.#text.length) {
      throw describeQuoteFault("quote-unterminated", rows.length + 1);
    }
    return rows;
  }

  /** Undefined where the text ends before the row does. */
  #row(row: number): string[] | undefined {
    const cells: string[] = [];
    for (;;) {
      const cell = this.#text[this.#at] === '"' ? this.#quoted(row) : this.#bare(row);
      if (cell === undefined) return undefined;
      cells.push(cell);
      if (this.#text.startsWith(this.#delimiter, this.#at)) this.#at += 1;
      else break;
    }
    ROW_END.lastIndex = this.#at;
    const end = ROW_END.exec(this.#text);
    if (end === null) return undefined;
    this.#at += end[0].length;
    return cells;
  }

  #bare(row: number): string | undefined {
    const start = this.#at;
    for (let at = start; at < this.#text.length; at += 1) {
      const sign = this.#text[at];
      if (sign === '"') throw describeQuoteFault("quote-misplaced", row);
      if (sign !== this.#delimiter && sign !== "\n") continue;
      const isReturn = sign === "\n" && at > start && this.#text[at - 1] === "\r";
      this.#at = isReturn ? at - 1 : at;
      return this.#text.slice(start, this.#at);
    }
    return undefined;
  }

  #quoted(row: number): string | undefined {
    let close = this.#text.indexOf('"', this.#at + 1);
    while (close >= 0 && this.#text[close + 1] === '"') close = this.#text.indexOf('"', close + 2);
    if (close < 0 || close + 1 === this.#text.length) return undefined;
    const text = this.#text.slice(this.#at + 1, close).replaceAll('""', '"');
    this.#at = close + 1;
    ROW_END.lastIndex = this.#at;
    const isEnd = ROW_END.test(this.#text) || this.#text.startsWith(this.#delimiter, this.#at);
    // A return at the very end may be half of a line end.
    const isOpen = this.#at === this.#text.length - 1 && this.#text[this.#at] === "\r";
    if (!isEnd && !isOpen) throw describeQuoteFault("quote-misplaced", row);
    return text;
  }
}
