/**
 * The rows of an export between its two stages: gathered in parts, each in the order of its keys, and
 * merged into one stream in that order. A part is lines of JSON, one for each entry.
 */
import { limits } from "#shared/config/limits.ts";
import { compareKeys, type ExportEntry, type ExportRow } from "#shared/domain/export/entry.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ExportStore } from "#shared/ports/exports.ts";
import type { ByteSource } from "#shared/ports/files.ts";

/** Gathers entries until there are enough of them for a part. */
export class PartBuffer {
  #lines: { readonly key: string; readonly text: string }[] = [];
  #characters = 0;

  add(entries: readonly ExportEntry[]): void {
    for (const { key, rows } of entries) {
      const text = JSON.stringify([key, rows]);
      this.#lines.push({ key, text });
      this.#characters += text.length;
    }
  }

  get isFull(): boolean {
    return this.#characters >= limits.exportPartBytesMax;
  }

  /** What was gathered, and an empty buffer; undefined where there is nothing. */
  take(): Uint8Array | undefined {
    if (this.#lines.length === 0) return undefined;
    const texts = this.#lines.sort(compareKeys).map(({ text }) => `${text}\n`);
    this.#lines = [];
    this.#characters = 0;
    return new TextEncoder().encode(texts.join(""));
  }
}

/** The entries of all parts in the order of their keys; one that stands in two parts comes once. */
export async function* mergeParts(
  store: Pick<ExportStore, "openStaged">,
  names: readonly string[],
): AsyncGenerator<ExportEntry> {
  const readers = await Promise.all(
    names.map(async (name) => new PartReader(await store.openStaged(name))),
  );
  const heads: { reader: PartReader; entry: ExportEntry }[] = [];
  for (const reader of readers) {
    const entry = await reader.next();
    if (entry !== undefined) heads.push({ reader, entry });
  }
  let last: string | undefined;
  while (heads.length > 0) {
    const first = heads.reduce((best, head) =>
      compareKeys(head.entry, best.entry) < 0 ? head : best,
    );
    if (first.entry.key !== last) yield first.entry;
    last = first.entry.key;
    const following = await first.reader.next();
    if (following === undefined) heads.splice(heads.indexOf(first), 1);
    else first.entry = following;
  }
}

const LINE_END = 0x0a;

/**
 * Reads a part in ranges. A transfer that stands open until its turn comes would be cut off, and the
 * number of those that may be open at once is bounded.
 */
class PartReader {
  readonly #source: ByteSource;
  #at = 0;
  #rest: Uint8Array = new Uint8Array();
  #lines: Uint8Array[] = [];

  constructor(source: ByteSource) {
    this.#source = source;
  }

  async next(): Promise<ExportEntry | undefined> {
    while (this.#lines.length === 0 && this.#at < this.#source.bytes) await this.#readAhead();
    const line = this.#lines.shift();
    return line === undefined ? undefined : entryOf(new TextDecoder().decode(line));
  }

  async #readAhead(): Promise<void> {
    const from = this.#at;
    const to = Math.min(from + limits.exportReadAheadBytes, this.#source.bytes);
    const chunks: Uint8Array[] = [this.#rest];
    for await (const chunk of this.#source.read({ from, to })) chunks.push(chunk);
    this.#at = to;
    const bytes = Buffer.concat(chunks);
    let start = 0;
    for (let end = bytes.indexOf(LINE_END); end >= 0; end = bytes.indexOf(LINE_END, start)) {
      this.#lines.push(bytes.subarray(start, end));
      start = end + 1;
    }
    this.#rest = bytes.subarray(start);
  }
}

function entryOf(line: string): ExportEntry {
  const value: unknown = JSON.parse(line);
  if (!Array.isArray(value)) throw new SyncError({ kind: "bug", code: "export-part-unreadable" });
  const [key, rows]: unknown[] = value;
  if (typeof key !== "string" || !Array.isArray(rows)) {
    throw new SyncError({ kind: "bug", code: "export-part-unreadable" });
  }
  return { key, rows: rows as readonly ExportRow[] };
}
