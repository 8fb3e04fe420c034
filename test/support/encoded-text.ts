/** Text in the encodings that Node can read but not write. */

/** Windows-1252 from 0x80 to 0x9F (encoding.spec.whatwg.org, index-windows-1252); U+FFFD: not in use. */
const WINDOWS_1252_HIGH = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";

export function encodeWindows1252(text: string): Uint8Array {
  return Uint8Array.from(text, (sign) => {
    const code = sign.codePointAt(0) ?? 0;
    if (code < 0x80 || (code >= 0xa0 && code <= 0xff)) return code;
    const index = sign === "\uFFFD" ? -1 : WINDOWS_1252_HIGH.indexOf(sign);
    if (index < 0) throw new Error(`${sign} is not in Windows-1252`);
    return 0x80 + index;
  });
}

export function encodeUtf16(text: string, order: "le" | "be", withMark = true): Uint8Array {
  const bytes = Buffer.from(withMark ? `\uFEFF${text}` : text, "utf16le");
  return new Uint8Array(order === "le" ? bytes : bytes.swap16());
}

/** GB18030, of which GBK is the part with two bytes a sign. */
export function encodeGb18030(text: string): Uint8Array {
  return Uint8Array.from([...text].flatMap((sign) => gb18030BytesOf(sign)));
}

function gb18030BytesOf(sign: string): readonly number[] {
  const code = sign.codePointAt(0) ?? 0;
  if (code < 0x80) return [code];
  // Planes above the first stand in one line behind 0x90308130.
  if (code > 0xffff) return fourBytesOf(189_000 + code - 0x10000);
  const bytes = gb18030Table().get(sign);
  if (bytes === undefined) throw new Error(`${sign} is not in GB18030`);
  return bytes;
}

function fourBytesOf(index: number): readonly number[] {
  return [
    0x81 + Math.floor(index / 12_600),
    0x30 + (Math.floor(index / 1_260) % 10),
    0x81 + (Math.floor(index / 10) % 126),
    0x30 + (index % 10),
  ];
}

let table: ReadonlyMap<string, readonly number[]> | undefined;

/** What Node decodes, turned round. */
function gb18030Table(): ReadonlyMap<string, readonly number[]> {
  if (table !== undefined) return table;
  const signs = new Map<string, readonly number[]>();
  const decoder = new TextDecoder("gb18030");
  const add = (bytes: readonly number[]): void => {
    const sign = decoder.decode(Uint8Array.from(bytes));
    if (sign.length === 1 && sign !== "\uFFFD" && !signs.has(sign)) signs.set(sign, bytes);
  };
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) if (trail !== 0x7f) add([lead, trail]);
  }
  for (let index = 0; index < 39_420; index += 1) add(fourBytesOf(index));
  table = signs;
  return signs;
}
