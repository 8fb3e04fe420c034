/**
 * Walks over delimited UTF-8 text byte by byte: where each row begins, its key, and a hash of what it
 * says. It knows the grammar that `split-rows.ts` reads by (RFC 4180) and makes no cells, so that a file
 * can be judged as a whole before its rows are read in parts.
 */
import { limits } from "#shared/config/limits.ts";
import type { PlannedRow } from "#shared/domain/file-plan.ts";
import type { SyncError } from "#shared/domain/sync-error.ts";
import { hashAscii, hashText, scatter, type TextHash } from "#shared/domain/text-hash.ts";
import type { ScanOrder, TablePlace, TableScanner } from "#shared/ports/files.ts";
import { describeQuoteFault, type QuoteFault, rowTooLarge } from "./csv-faults.ts";
import { readHeadRows } from "./head-rows.ts";
import { createUtf8TextCheck } from "./utf8-check.ts";

const QUOTE = 0x22;
const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BLANK = 0x20;
const ASCII_MAX = 0x7f;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const;
/** Longer keys are refused when their row is read; their beginning is enough to tell them apart. */
const KEY_BYTES_MAX = 4_096;

/** Where the walk stands within a cell. */
const CELL_START = 0;
const BARE = 1;
const QUOTED = 2;
/** A quote within quotes: the next byte says whether it closes the cell. */
const QUOTE_SEEN = 3;
/** A carriage return behind a closing quote: only a line feed may follow. */
const RETURN_SEEN = 4;
type State =
  | typeof CELL_START
  | typeof BARE
  | typeof QUOTED
  | typeof QUOTE_SEEN
  | typeof RETURN_SEEN;

export function createTableScanner(rowBytesMax: number = limits.fileRowBytesMax): TableScanner {
  return {
    readHead: readHeadRows,
    async scan(text, order, onRow, signal, steps) {
      const walk = new Walk(order, onRow, rowBytesMax, steps?.start);
      const isStillUtf8 = order.isPresumedUtf8 ? createUtf8TextCheck() : () => true;
      let bytes = steps?.start.from ?? 0;
      for await (const chunk of text) {
        signal.throwIfAborted();
        if (!isStillUtf8(chunk)) return { kind: "not-utf8" };
        walk.push(chunk, bytes);
        bytes += chunk.length;
        walk.checkOpenRow(bytes);
        if (steps !== undefined && !(await steps.onPlace(walk.place))) return { kind: "stopped" };
      }
      if (!isStillUtf8(undefined)) return { kind: "not-utf8" };
      walk.end(bytes);
      return { kind: "scanned", bytes };
    },
  };
}

class Walk {
  readonly #order: ScanOrder;
  readonly #onRow: (row: PlannedRow) => boolean;
  readonly #rowBytesMax: number;
  readonly #delimiter: number;
  readonly #isContent: Uint8Array;
  readonly #keyColumn: number;
  readonly #key = Buffer.alloc(KEY_BYTES_MAX);
  #keyBytes = 0;
  #isKeyAscii = true;
  #state: State = CELL_START;
  #row: number;
  #rowFrom: number;
  #column = 0;
  #hasText = false;
  #high = 1;
  #low = 1;
  #isTold = true;

  constructor(
    order: ScanOrder,
    onRow: (row: PlannedRow) => boolean,
    rowBytesMax: number,
    start: TablePlace = { row: 1, from: 0 },
  ) {
    this.#row = start.row;
    this.#rowFrom = start.from;
    this.#order = order;
    this.#onRow = onRow;
    this.#rowBytesMax = rowBytesMax;
    this.#delimiter = order.delimiter.charCodeAt(0);
    this.#isContent = Uint8Array.from(order.columns, ({ isContent }) => (isContent ? 1 : 0));
    this.#keyColumn = order.columns.findIndex(({ isKey }) => isKey);
  }

  /** The row that is being walked over: nothing of it is known before it ends. */
  get place(): TablePlace {
    return { row: this.#row, from: this.#rowFrom };
  }

  /** `at`: where the chunk stands in the text. */
  push(chunk: Uint8Array, at: number): void {
    let index = 0;
    // The mark may come in pieces; it is no part of the first cell.
    while (at + index < 3 && index < chunk.length && this.#isMark(chunk[index], at + index))
      index += 1;
    for (; index < chunk.length; index += 1) {
      index = this.#takeRun(chunk, index);
      if (index === chunk.length) break;
      const byte = chunk[index] ?? 0;
      const state = this.#state;
      if (state === QUOTED) this.#state = QUOTE_SEEN;
      else if (byte === this.#delimiter && state !== RETURN_SEEN) this.#endCell();
      else if (byte === LINE_FEED) this.#endRow(at + index + 1);
      else this.#step(state, byte);
    }
  }

  /** `at`: where the text goes on. */
  checkOpenRow(at: number): void {
    if (at - this.#rowFrom > this.#rowBytesMax) throw this.#tooLarge();
  }

  end(at: number): void {
    if (this.#state === QUOTED) throw this.#fault("quote-unterminated");
    if (this.#state === RETURN_SEEN) throw this.#fault("quote-misplaced");
    if (at > this.#rowFrom) this.#endRow(at);
  }

  #isMark(byte: number | undefined, at: number): boolean {
    const isMark = this.#row === 1 && this.#state === CELL_START && byte === BYTE_ORDER_MARK[at];
    return isMark;
  }

  /**
   * Takes the bytes that are the cell's text for certain, and says where the first stands that may not
   * be. All but a few bytes of a file are taken here.
   */
  #takeRun(chunk: Uint8Array, from: number): number {
    const isQuoted = this.#state === QUOTED;
    if (!isQuoted && this.#state !== BARE) return from;
    const delimiter = this.#delimiter;
    let to = from;
    let [high, low] = [this.#high, this.#low];
    let highest = 0;
    for (; to < chunk.length; to += 1) {
      const byte = chunk[to] ?? 0;
      if (byte === QUOTE) break;
      if (!isQuoted && (byte === delimiter || byte <= CARRIAGE_RETURN)) break;
      if (byte > highest) highest = byte;
      high = Math.imul(high ^ byte, 0x01000193);
      low = Math.imul(low + byte, 0x2c1b3c6d) ^ (low >>> 13);
    }
    if (highest > BLANK) this.#hasText = true;
    if (this.#isContent[this.#column] === 1) [this.#high, this.#low] = [high, low];
    if (this.#column === this.#keyColumn) {
      for (let index = from; index < to; index += 1) this.#keepKey(chunk[index] ?? 0);
    }
    return to;
  }

  /** A byte outside of quotes that is neither delimiter nor line feed. */
  #step(state: State, byte: number): void {
    const isQuote = byte === QUOTE;
    if (state === CELL_START && isQuote) this.#state = QUOTED;
    else if (state === CELL_START || (state === BARE && !isQuote)) {
      this.#state = BARE;
      this.#take(byte);
    } else if (state === QUOTE_SEEN && isQuote) {
      this.#state = QUOTED;
      this.#take(byte);
    } else if (state === QUOTE_SEEN && byte === CARRIAGE_RETURN) this.#state = RETURN_SEEN;
    else throw this.#fault("quote-misplaced");
  }

  #take(byte: number): void {
    if (byte > BLANK) this.#hasText = true;
    if (this.#column === this.#keyColumn) this.#keepKey(byte);
    if (this.#isContent[this.#column] === 1 && byte !== CARRIAGE_RETURN) {
      this.#high = Math.imul(this.#high ^ byte, 0x01000193);
      this.#low = Math.imul(this.#low + byte, 0x2c1b3c6d) ^ (this.#low >>> 13);
    }
  }

  #keepKey(byte: number): void {
    if (this.#keyBytes === KEY_BYTES_MAX) return;
    this.#key[this.#keyBytes] = byte;
    this.#keyBytes += 1;
    if (byte > ASCII_MAX) this.#isKeyAscii = false;
  }

  #endCell(): void {
    // What stands in one cell is not what stands in the next.
    this.#high = Math.imul(this.#high ^ (this.#column + 0x100), 0x01000193);
    this.#low = Math.imul(this.#low + this.#column + 0x100, 0x2c1b3c6d);
    this.#column += 1;
    this.#state = CELL_START;
  }

  #endRow(nextFrom: number): void {
    this.checkOpenRow(nextFrom);
    this.#endCell();
    if (this.#hasText && this.#isTold && this.#row > this.#order.headerRow) this.#tell();
    this.#row += 1;
    this.#rowFrom = nextFrom;
    this.#column = 0;
    this.#keyBytes = 0;
    this.#isKeyAscii = true;
    this.#hasText = false;
    this.#high = 1;
    this.#low = 1;
  }

  #tell(): void {
    this.#isTold = this.#onRow({
      row: this.#row,
      from: this.#rowFrom,
      key: this.#hashKey(),
      content: [scatter(this.#high), scatter(this.#low)],
      isOfWidth: this.#column === this.#order.columns.length,
    });
  }

  /** Nearly all keys are a few letters and digits; only the others are made into text. */
  #hashKey(): TextHash | undefined {
    const [key, bytes] = [this.#key, this.#keyBytes];
    const isPlain =
      this.#order.isPlainTextKey &&
      this.#isKeyAscii &&
      isLetterOrDigit(key[0] ?? 0) &&
      isLetterOrDigit(key[bytes - 1] ?? 0);
    if (isPlain && bytes > 0) return hashAscii(key, 0, bytes);
    const text = this.#order.keyOf(key.toString("utf8", 0, bytes));
    return text === undefined ? undefined : hashText(text);
  }

  #fault(code: QuoteFault): SyncError {
    return describeQuoteFault(code, this.#row);
  }

  #tooLarge(): SyncError {
    return rowTooLarge(this.#rowBytesMax, this.#row);
  }
}

function isLetterOrDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (lower >= 0x61 && lower <= 0x7a);
}
