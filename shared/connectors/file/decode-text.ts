/** Bytes of a known encoding as text. No sign is ever replaced: what the encoding lacks refuses the file. */
import type { TextEncodingName } from "#shared/ports/files.ts";
import { contradictedEncoding } from "./text-encodings.ts";

/** Windows-1252 from 0x80 (encoding.spec.whatwg.org, index-windows-1252, read 2026-11); U+FFFD: not in use. */
const HIGH_1252 = "€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ";
const REPLACEMENT = "\uFFFD";

/**
 * Text without a byte order mark. Throws SyncError `invalid-input` (`encoding-contradicted`, or what
 * `refuse` gives) at bytes that are not of the encoding, a NUL included, and where the content ends
 * within a sign.
 */
export async function* decodeText(
  content: AsyncIterable<Uint8Array>,
  encoding: TextEncodingName,
  refuse: Refuse = (cause) => contradictedEncoding(encoding, cause),
): AsyncGenerator<string> {
  const decode = createDecoder(encoding, refuse);
  for await (const chunk of content) {
    const text = decode(chunk);
    if (text !== "") yield text;
  }
  const rest = decode(undefined);
  if (rest !== "") yield rest;
}

type Refuse = (cause?: unknown) => Error;
/** Takes one chunk after the other, then `undefined`. */
type Decode = (chunk: Uint8Array | undefined) => string;

function createDecoder(encoding: TextEncodingName, refuse: Refuse): Decode {
  const decode =
    encoding === "windows-1252"
      ? createWindows1252Decoder(refuse)
      : createWebDecoder(encoding, refuse);
  return (chunk) => {
    const text = decode(chunk);
    if (text.includes("\0")) throw refuse();
    return text;
  };
}

function createWebDecoder(encoding: TextEncodingName, refuse: Refuse): Decode {
  // Left to it, the decoder takes off marks that stand later in the text, where a chunk begins with one.
  const decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: true });
  let isStart = true;
  return (chunk) => {
    try {
      const text = decoder.decode(chunk, { stream: chunk !== undefined });
      if (!isStart || text === "") return text;
      isStart = false;
      return withoutMark(text);
    } catch (cause) {
      throw refuse(cause);
    }
  };
}

/** The text without the byte order mark it may begin with. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function createWindows1252Decoder(refuse: Refuse): Decode {
  return (chunk) => {
    if (chunk === undefined) return "";
    const latin = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString("latin1");
    return latin.replace(/[\x80-\x9f]/g, (sign) => {
      const high = HIGH_1252[sign.charCodeAt(0) - 0x80] ?? REPLACEMENT;
      if (high === REPLACEMENT) throw refuse();
      return high;
    });
  };
}

const CHUNK_CHARACTERS = 64 * 1024;

/** The text as UTF-8. Half a surrogate at the end of a piece waits for the next. */
export async function* encodeUtf8(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let open = "";
  for await (const piece of text) {
    open += piece;
    if (open.length < CHUNK_CHARACTERS) continue;
    const isCut = /[\uD800-\uDBFF]$/.test(open);
    yield Buffer.from(isCut ? open.slice(0, -1) : open, "utf8");
    open = isCut ? open.slice(-1) : "";
  }
  if (open !== "") yield Buffer.from(open, "utf8");
}
