/**
 * Every key of a file, where it stands and whether its rows agree, in some 24 bytes a key: a million
 * keys must fit beside the file's rows in the memory of a small function.
 *
 * Keys are known by their hash. Two keys of one hash, once in some 10^19 pairs, are taken for one:
 * their rows are then refused, and never lost.
 */
import type { TextHash } from "./text-hash.ts";

const FIRST_CAPACITY = 1 << 12;
const EMPTY = 0;

/** What stands in an entry, side by side: a key that is looked at has come into the cache at once. */
const HIGH = 0;
const LOW = 1;
const CONTENT_HIGH = 2;
const CONTENT_LOW = 3;
const FIRST = 4;
/** The segment, and whether its rows differ in the lowest bit. */
const LAST = 5;
const ENTRY_SIZE = 6;

export interface KeySighting {
  /** Part of the file, counted from 0; never falls from one sighting to the next. */
  readonly segment: number;
  /** Of all that the key's row says. */
  readonly content: TextHash;
}

export class KeyTable {
  #capacity = FIRST_CAPACITY;
  #count = 0;
  /** Entry + 1, by hash; open addressing. */
  #slots = new Int32Array(FIRST_CAPACITY * 2);
  #entries = new Int32Array(FIRST_CAPACITY * ENTRY_SIZE);

  /** Different keys so far. */
  get size(): number {
    return this.#count;
  }

  note([high, low]: TextHash, { segment, content }: KeySighting): void {
    const slot = this.#find(high, low);
    const entry = (this.#slots[slot] ?? EMPTY) - 1;
    if (entry < 0) {
      this.#add(slot, high, low, { segment, content });
      return;
    }
    const entries = this.#entries;
    const at = entry * ENTRY_SIZE;
    const isSame =
      entries[at + CONTENT_HIGH] === content[0] && entries[at + CONTENT_LOW] === content[1];
    const differs = isSame ? (entries[at + LAST] ?? 0) & 1 : 1;
    entries[at + LAST] = segment * 2 + differs;
  }

  /** Keys that stand in more than one segment. */
  *split(): Generator<{
    readonly hash: TextHash;
    readonly first: number;
    readonly last: number;
    readonly differs: boolean;
  }> {
    const entries = this.#entries;
    for (let at = 0; at < this.#count * ENTRY_SIZE; at += ENTRY_SIZE) {
      const first = entries[at + FIRST] ?? 0;
      const told = entries[at + LAST] ?? 0;
      const last = told >> 1;
      if (first === last) continue;
      const hash = [entries[at + HIGH] ?? 0, entries[at + LOW] ?? 0] as const;
      yield { hash, first, last, differs: (told & 1) === 1 };
    }
  }

  #find(high: number, low: number): number {
    const [slots, entries] = [this.#slots, this.#entries];
    const mask = slots.length - 1;
    let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask;
    for (;;) {
      const entry = (slots[slot] ?? EMPTY) - 1;
      if (entry < 0) return slot;
      const at = entry * ENTRY_SIZE;
      if (entries[at + HIGH] === high && entries[at + LOW] === low) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #add(slot: number, high: number, low: number, { segment, content }: KeySighting): void {
    const at = this.#count * ENTRY_SIZE;
    this.#entries[at + HIGH] = high;
    this.#entries[at + LOW] = low;
    this.#entries[at + CONTENT_HIGH] = content[0];
    this.#entries[at + CONTENT_LOW] = content[1];
    this.#entries[at + FIRST] = segment;
    this.#entries[at + LAST] = segment * 2;
    this.#count += 1;
    this.#slots[slot] = this.#count;
    if (this.#count === this.#capacity) this.#grow();
  }

  #grow(): void {
    this.#capacity *= 2;
    const entries = new Int32Array(this.#capacity * ENTRY_SIZE);
    entries.set(this.#entries);
    this.#entries = entries;
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let entry = 0; entry < this.#count; entry += 1) {
      const at = entry * ENTRY_SIZE;
      this.#slots[this.#find(entries[at + HIGH] ?? 0, entries[at + LOW] ?? 0)] = entry + 1;
    }
  }
}
