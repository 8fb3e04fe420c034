/**
 * Every key of a file, where it stands and whether its rows agree, in some 25 bytes a key: a million
 * keys must fit beside the file's rows in the memory of a small function.
 *
 * Keys are known by their hash. Two keys of one hash, once in some 10^19 pairs, are taken for one:
 * their rows are then refused, and never lost.
 */
import type { TextHash } from "./text-hash.ts";

const FIRST_CAPACITY = 1 << 12;
const EMPTY = 0;

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
  #high = new Int32Array(FIRST_CAPACITY);
  #low = new Int32Array(FIRST_CAPACITY);
  #contentHigh = new Int32Array(FIRST_CAPACITY);
  #contentLow = new Int32Array(FIRST_CAPACITY);
  #first = new Int32Array(FIRST_CAPACITY);
  #last = new Int32Array(FIRST_CAPACITY);
  #differs = new Uint8Array(FIRST_CAPACITY);

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
    this.#last[entry] = segment;
    const isSame =
      this.#contentHigh[entry] === content[0] && this.#contentLow[entry] === content[1];
    if (!isSame) this.#differs[entry] = 1;
  }

  /** Keys that stand in more than one segment. */
  *split(): Generator<{
    readonly hash: TextHash;
    readonly first: number;
    readonly last: number;
    readonly differs: boolean;
  }> {
    for (let entry = 0; entry < this.#count; entry += 1) {
      const first = this.#first[entry] ?? 0;
      const last = this.#last[entry] ?? 0;
      if (first === last) continue;
      const hash = [this.#high[entry] ?? 0, this.#low[entry] ?? 0] as const;
      yield { hash, first, last, differs: this.#differs[entry] === 1 };
    }
  }

  #find(high: number, low: number): number {
    const mask = this.#slots.length - 1;
    let slot = (high ^ Math.imul(low, 0x9e3779b1)) & mask;
    for (;;) {
      const entry = (this.#slots[slot] ?? EMPTY) - 1;
      if (entry < 0) return slot;
      if (this.#high[entry] === high && this.#low[entry] === low) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #add(slot: number, high: number, low: number, { segment, content }: KeySighting): void {
    const entry = this.#count;
    this.#high[entry] = high;
    this.#low[entry] = low;
    this.#contentHigh[entry] = content[0];
    this.#contentLow[entry] = content[1];
    this.#first[entry] = segment;
    this.#last[entry] = segment;
    this.#slots[slot] = entry + 1;
    this.#count += 1;
    if (this.#count === this.#capacity) this.#grow();
  }

  #grow(): void {
    this.#capacity *= 2;
    const grown = (column: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(this.#capacity);
      larger.set(column);
      return larger;
    };
    this.#high = grown(this.#high);
    this.#low = grown(this.#low);
    this.#contentHigh = grown(this.#contentHigh);
    this.#contentLow = grown(this.#contentLow);
    this.#first = grown(this.#first);
    this.#last = grown(this.#last);
    const differs = new Uint8Array(this.#capacity);
    differs.set(this.#differs);
    this.#differs = differs;
    this.#slots = new Int32Array(this.#capacity * 2);
    for (let entry = 0; entry < this.#count; entry += 1) {
      const slot = this.#find(this.#high[entry] ?? 0, this.#low[entry] ?? 0);
      this.#slots[slot] = entry + 1;
    }
  }
}
