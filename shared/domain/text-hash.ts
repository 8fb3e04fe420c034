/** Two independent hashes of 32 bits, for tables of many texts where a Map would be too large. */

export type TextHash = readonly [high: number, low: number];

const START: TextHash = [0x2f0b4f17, 0x6a3d52c9];

/** Where texts differ, hashes do but once in some 10^19 pairs. Not for secrets. */
export function hashText(text: string): TextHash {
  let [high, low] = START;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low + unit, 0x2c1b3c6d) ^ (low >>> 15);
  }
  return [scatter(high ^ text.length), scatter(low)];
}

/** The hash of the text that these bytes of ASCII are, without making it. */
export function hashAscii(bytes: Uint8Array, from: number, to: number): TextHash {
  let [high, low] = START;
  for (let index = from; index < to; index += 1) {
    const unit = bytes[index] ?? 0;
    high = Math.imul(high ^ unit, 0x01000193);
    low = Math.imul(low + unit, 0x2c1b3c6d) ^ (low >>> 15);
  }
  return [scatter(high ^ (to - from)), scatter(low)];
}

/** Spreads what differs in a few bits over all of them. */
export function scatter(hash: number): number {
  let bits = hash ^ (hash >>> 16);
  bits = Math.imul(bits, 0x7feb352d);
  bits ^= bits >>> 15;
  bits = Math.imul(bits, 0x846ca68b);
  return bits ^ (bits >>> 16);
}

/** The same text for the same hash; fits a JSON document. */
export function hashKeyOf([high, low]: TextHash): string {
  return `${(high >>> 0).toString(36)}.${(low >>> 0).toString(36)}`;
}
