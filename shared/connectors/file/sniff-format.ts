/** What kind of bytes a file begins with (registered magic numbers of the formats). */

export type FileKind =
  | "gzip"
  | "zip"
  | "parquet"
  | "ole"
  | "other-archive"
  | "not-a-table"
  | "text";

/** UTF-16 of a table has an ASCII sign, and with it a NUL, among so many. */
export const SNIFFED_BYTES = 1_024;
const TEXT_BYTES = 4;

const magics: readonly (readonly [FileKind, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b]],
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["zip", [0x50, 0x4b, 0x05, 0x06]],
  // A zip that was made in parts begins so.
  ["zip", [0x50, 0x4b, 0x07, 0x08]],
  ["parquet", [0x50, 0x41, 0x52, 0x31]],
  ["ole", [0xd0, 0xcf, 0x11, 0xe0]],
  // bzip2, xz, Zstandard, 7-Zip, RAR.
  ["other-archive", [0x42, 0x5a, 0x68]],
  ["other-archive", [0xfd, 0x37, 0x7a, 0x58, 0x5a]],
  ["other-archive", [0x28, 0xb5, 0x2f, 0xfd]],
  ["other-archive", [0x37, 0x7a, 0xbc, 0xaf, 0x27]],
  ["other-archive", [0x52, 0x61, 0x72, 0x21, 0x1a]],
  // PDF, PNG, JPEG, GIF, RTF.
  ["not-a-table", [0x25, 0x50, 0x44, 0x46]],
  ["not-a-table", [0x89, 0x50, 0x4e, 0x47]],
  ["not-a-table", [0xff, 0xd8, 0xff]],
  ["not-a-table", [0x47, 0x49, 0x46, 0x38]],
  ["not-a-table", [0x7b, 0x5c, 0x72, 0x74, 0x66]],
];

/** The first bytes decide; what is nothing else is text, or turns out to be none when it is decoded. */
export function sniffKind(head: Uint8Array): FileKind {
  const found = magics.find(([, magic]) => magic.every((byte, index) => head[index] === byte));
  if (found !== undefined) return found[0];
  const start = head.subarray(0, TEXT_BYTES);
  const mayBeUtf16 = head.includes(0) || ((start[0] ?? 0) >= 0xfe && (start[1] ?? 0) >= 0xfe);
  return start.some(isBinary) && !mayBeUtf16 ? "not-a-table" : "text";
}

/** Control characters that no text begins with. */
function isBinary(byte: number): boolean {
  return byte < 0x09 || (byte > 0x0d && byte < 0x20);
}
