/**
 * Delimited text as rows of cells, by RFC 4180: double quotes, LF or CRLF, rows of any width. Strict
 * where leniency would mend one row by breaking another: a quote in the wrong place refuses the text.
 */
import type { Delimiter } from "#shared/domain/delimiters.ts";
import type { RangeReader } from "#shared/ports/files.ts";
import { describeQuoteFault } from "./csv-faults.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/** For ranges of a table that was scanned, whose faults were found there. */
export function createRangeReader(): RangeReader {
  return {
    readRange: (text, delimiter) => splitRows(new TextDecoder().decode(text), delimiter),
  };
}

/**
 * Every row of a text that has come to its end, blank ones included. Throws SyncError `invalid-input`
 * (`quote-misplaced`, `quote-unterminated`).
 */
export function* splitRows(text: string, delimiter: Delimiter): Generator<string[]> {
  const whole = withLineEnd(text);
  const splitter = new RowSplitter(whole, delimiter);
  yield* splitter.rows();
  if (splitter.at < whole.length) throw describeQuoteFault("quote-unterminated", splitter.row);
}

/** The last row may lack its line end. A return there belongs to its last cell, and stays so. */
function withLineEnd(text: string): string {
  if (text === "" || text.endsWith("\n")) return text;
  return text.endsWith("\r") ? `${text}\r\n` : `${text}\n`;
}

/** Takes the rows off a text that may be cut, one after the other. */
export class RowSplitter {
  readonly #text: string;
  readonly #delimiter: number;
  /** Where the next row begins, and its number. */
  at = 0;
  row = 1;

  constructor(text: string, delimiter: Delimiter) {
    this.#text = text;
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** As many as there are to their line ends. */
  *rows(): Generator<string[]> {
    for (let cells = this.#take(); cells !== undefined; cells = this.#take()) yield cells;
  }

  #take(): string[] | undefined {
    const from = this.at;
    const cells: string[] = [];
    for (;;) {
      const isQuoted = this.#text.charCodeAt(this.at) === QUOTE;
      const cell = isQuoted ? this.#takeQuoted() : this.#takeBare();
      if (cell === undefined) break;
      cells.push(cell);
      const sign = this.#text.charCodeAt(this.at);
      this.at += sign === CARRIAGE_RETURN ? 2 : 1;
      if (sign === this.#delimiter) continue;
      this.row += 1;
      return cells;
    }
    this.at = from;
    return undefined;
  }

  /** Up to the delimiter or line end behind the cell. */
  #takeBare(): string | undefined {
    const text = this.#text;
    const from = this.at;
    for (let at = from; at < text.length; at += 1) {
      const sign = text.charCodeAt(at);
      if (sign === QUOTE) throw describeQuoteFault("quote-misplaced", this.row);
      if (sign !== this.#delimiter && sign !== LINE_FEED) continue;
      const hasReturn =
        sign === LINE_FEED && at > from && text.charCodeAt(at - 1) === CARRIAGE_RETURN;
      this.at = hasReturn ? at - 1 : at;
      return text.slice(from, this.at);
    }
    return undefined;
  }

  #takeQuoted(): string | undefined {
    const text = this.#text;
    const from = this.at + 1;
    let close = text.indexOf('"', from);
    let hasQuotes = false;
    while (close >= 0 && text.charCodeAt(close + 1) === QUOTE) {
      hasQuotes = true;
      close = text.indexOf('"', close + 2);
    }
    // One at the very end may be the first of two, as a return there may be half of a line end.
    if (close < 0 || close + 1 === text.length) return undefined;
    this.at = close + 1;
    const sign = text.charCodeAt(this.at);
    const isReturn = sign === CARRIAGE_RETURN;
    if (isReturn && this.at + 1 === text.length) return undefined;
    const isEnd = isReturn
      ? text.charCodeAt(this.at + 1) === LINE_FEED
      : sign === LINE_FEED || sign === this.#delimiter;
    if (!isEnd) throw describeQuoteFault("quote-misplaced", this.row);
    const cell = text.slice(from, close);
    return hasQuotes ? cell.replaceAll('""', '"') : cell;
  }
}
