/** Where a simulator's ids without meaning come from: correlation ids, entropy, ids of answers. */
import { createHash, randomBytes } from "node:crypto";

export interface RandomSource {
  bytes(count: number): Buffer;
}

export const cryptoRandom: RandomSource = { bytes: (count) => randomBytes(count) };

/** The same bytes in the same order for the same seed. */
export function seededRandom(seed: string): RandomSource {
  let blocks = 0;
  let rest = Buffer.alloc(0);
  return {
    bytes: (count) => {
      while (rest.length < count) {
        const block = createHash("sha256").update(`${blocks} ${seed}`).digest();
        rest = Buffer.concat([rest, block]);
        blocks += 1;
      }
      const taken = rest.subarray(0, count);
      rest = rest.subarray(count);
      return taken;
    },
  };
}

/** A version 4 UUID. */
export function uuidFrom(random: RandomSource): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join("-");
}
