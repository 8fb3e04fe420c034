/**
 * What a walk found of each row, as bytes: a walk that goes on elsewhere takes these rows from here and
 * finds what it would have found had it never stopped.
 */
import type { PlannedRow } from "./file-plan.ts";
import { SyncError } from "./sync-error.ts";

/** row (4) · from (8) · flags (1) · key (8) · content (8) */
const ROW_BYTES = 29;
const FIRST_ROWS = 1 << 12;
const HAS_KEY = 1;
const IS_OF_WIDTH = 2;

/** Rows since the last time that they were put away. */
export class RowJournal {
  #view = new DataView(new ArrayBuffer(FIRST_ROWS * ROW_BYTES));
  #bytes = 0;

  add({ row, from, key, content, isOfWidth }: PlannedRow): void {
    if (this.#bytes === this.#view.byteLength) this.#grow();
    const view = this.#view;
    const at = this.#bytes;
    view.setUint32(at, row);
    view.setFloat64(at + 4, from);
    view.setUint8(at + 12, (key === undefined ? 0 : HAS_KEY) | (isOfWidth ? IS_OF_WIDTH : 0));
    view.setInt32(at + 13, key?.[0] ?? 0);
    view.setInt32(at + 17, key?.[1] ?? 0);
    view.setInt32(at + 21, content[0]);
    view.setInt32(at + 25, content[1]);
    this.#bytes += ROW_BYTES;
  }

  /** All rows, after which there are none. The bytes are overwritten by those that come next. */
  take(): Uint8Array {
    const taken = new Uint8Array(this.#view.buffer, 0, this.#bytes);
    this.#bytes = 0;
    return taken;
  }

  #grow(): void {
    const grown = new Uint8Array(this.#view.byteLength * 2);
    grown.set(new Uint8Array(this.#view.buffer));
    this.#view = new DataView(grown.buffer);
  }
}

/** The rows that were put away, in their order. Throws SyncError `bug` on what is no such rows. */
export function* readJournal(bytes: Uint8Array): Generator<PlannedRow> {
  if (bytes.length % ROW_BYTES !== 0) {
    throw new SyncError({ kind: "bug", code: "row-journal-unreadable" });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += ROW_BYTES) {
    const flags = view.getUint8(at + 12);
    yield {
      row: view.getUint32(at),
      from: view.getFloat64(at + 4),
      key: (flags & HAS_KEY) === 0 ? undefined : [view.getInt32(at + 13), view.getInt32(at + 17)],
      content: [view.getInt32(at + 21), view.getInt32(at + 25)],
      isOfWidth: (flags & IS_OF_WIDTH) !== 0,
    };
  }
}
