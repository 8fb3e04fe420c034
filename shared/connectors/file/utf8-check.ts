import { isUtf8 } from "node:buffer";

const NOTHING = new Uint8Array(0);
/** A sign has four bytes at the most. */
const OPEN_BYTES_MAX = 3;

/** Takes one chunk after the other, then `undefined`; whether all so far is UTF-8. */
export function createUtf8Check(): (chunk: Uint8Array | undefined) => boolean {
  let open: Uint8Array = NOTHING;
  return (chunk) => {
    if (chunk === undefined) return isUtf8(open);
    const bytes = open.length === 0 ? chunk : Buffer.concat([open, chunk]);
    const at = lastSignAt(bytes);
    open = new Uint8Array(bytes.subarray(at));
    return isUtf8(bytes.subarray(0, at));
  };
}

/** Where the last sign begins, which the next chunk may end; behind all bytes where it is of ASCII. */
function lastSignAt(bytes: Uint8Array): number {
  for (let at = bytes.length - 1; at >= Math.max(0, bytes.length - OPEN_BYTES_MAX); at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return at;
  }
  return bytes.length;
}

/** As {@link createUtf8Check}, of text, which has no NUL. */
export function createUtf8TextCheck(): (chunk: Uint8Array | undefined) => boolean {
  const isStillUtf8 = createUtf8Check();
  return (chunk) => isStillUtf8(chunk) && chunk?.includes(0) !== true;
}
