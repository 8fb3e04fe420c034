/**
 * What speaks for and against GB18030 (GBK is a part of it) and Windows-1252 in bytes that are no
 * UTF-8. Both give a text to nearly all bytes, so it is counted what only one of them would write:
 *
 * - Chinese: signs of two bytes, most of them from the 3,755 common ones that GB 2312 put first
 *   (0xB0A1 to 0xD7F9), or its punctuation (from 0xA1A1).
 * - Western: letters above 127 that stand alone, or two beside an ASCII letter, as in `Müller`, `à` and
 *   `ação`; read as Chinese, such a byte takes the letter behind it along and becomes a rare sign.
 *
 * And what speaks against Windows-1252 even where it fits: capitals and symbols in the midst of small
 * letters, as other code pages of one byte give them (`£ód¼`).
 */

export interface EncodingEvidence {
  /** Every byte is used by the encoding. */
  readonly canBeGb18030: boolean;
  readonly canBeWindows1252: boolean;
  /** Signs of more than one byte, if it is GB18030; how many of these are common. */
  readonly gbSigns: number;
  readonly gbCommonSigns: number;
  /** Runs of bytes above 127 with a letter of Windows-1252 in them; how many are as short as words have them. */
  readonly highRuns: number;
  readonly shortRuns: number;
  /** Of the short ones, those beside an ASCII letter. */
  readonly wordRuns: number;
  /** Bytes between two small letters; how many of these are no small letters themselves. */
  readonly innerSigns: number;
  readonly oddInnerSigns: number;
}

export interface EvidenceCounter {
  add(chunk: Uint8Array): void;
  /** At the end of the content. */
  read(): EncodingEvidence;
}

const isLetter = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a && byte < 0x80),
);
const isSmall = Uint8Array.from({ length: 256 }, (_, byte) => Number(byte >= 0x61 && byte <= 0x7a));
/** Of Windows-1252; what it has beside letters, quotes and currencies, says nothing. */
const isHighLetter = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(
    (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7) ||
      [0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f].includes(byte),
  ),
);
const unusedIn1252: ReadonlySet<number> = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d]);
/** Of Windows-1252: šœž, ß to ÿ without ÷, and what stands for an apostrophe or a hyphen. */
const isInnerSign = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(
    (byte >= 0xdf && byte !== 0xf7) ||
      [0x9a, 0x9c, 0x9e, 0x91, 0x92, 0x96, 0xad, 0xb4, 0xb7].includes(byte),
  ),
);

export function createEvidenceCounter(): EvidenceCounter {
  const gb = createGbCounter();
  const western = createWesternCounter();
  return {
    add(chunk) {
      gb.add(chunk);
      western.add(chunk);
    },
    read: () => ({ ...gb.read(), ...western.read() }),
  };
}

/** `open`: bytes of the sign that was begun. */
function createGbCounter() {
  let canBeGb18030 = true;
  let gbSigns = 0;
  let gbCommonSigns = 0;
  let lead = 0;
  let open = 0;
  const end = (isSign: boolean): void => {
    canBeGb18030 &&= isSign;
    gbSigns += 1;
    open = 0;
  };
  const addSecond = (byte: number): void => {
    if (byte >= 0x30 && byte <= 0x39) {
      open = 2;
      return;
    }
    const isCommon =
      byte >= 0xa1 && ((lead >= 0xb0 && lead <= 0xd7) || (lead >= 0xa1 && lead <= 0xa3));
    gbCommonSigns += Number(isCommon);
    end(byte >= 0x40 && byte !== 0x7f && byte !== 0xff);
  };
  return {
    add(chunk: Uint8Array): void {
      for (const byte of chunk) {
        if (open === 0) {
          if (byte < 0x80) continue;
          if (byte === 0x80 || byte === 0xff) canBeGb18030 = false;
          lead = byte;
          open = 1;
        } else if (open === 1) addSecond(byte);
        else if (open === 2) {
          if (byte >= 0x81 && byte !== 0xff) open = 3;
          else end(false);
        } else end(byte >= 0x30 && byte <= 0x39);
      }
    },
    read: () => ({ canBeGb18030: canBeGb18030 && open === 0, gbSigns, gbCommonSigns }),
  };
}

function createWesternCounter() {
  let canBeWindows1252 = true;
  let highRuns = 0;
  let shortRuns = 0;
  let wordRuns = 0;
  let innerSigns = 0;
  let oddInnerSigns = 0;
  let runLength = 0;
  let runLetters = 0;
  let beforeRun = 0;
  let last = 0;
  let beforeLast = 0;
  const endRun = (after: number): void => {
    const isInWord = isLetter[beforeRun] === 1 || isLetter[after] === 1;
    const isShort = runLength === 1 || (runLength === 2 && isInWord);
    if (runLetters > 0) {
      highRuns += 1;
      shortRuns += Number(isShort);
      wordRuns += Number(isShort && isInWord);
    }
    runLength = 0;
    runLetters = 0;
  };
  const addByte = (byte: number): void => {
    if (byte >= 0x80) {
      if (runLength === 0) beforeRun = last;
      runLength += 1;
      runLetters += isHighLetter[byte] ?? 0;
    } else if (runLength > 0) endRun(byte);
    if (last >= 0x80 && isSmall[beforeLast] === 1 && isSmall[byte] === 1) {
      innerSigns += 1;
      if (isInnerSign[last] === 0) oddInnerSigns += 1;
    }
    if (byte >= 0x80 && byte < 0xa0 && unusedIn1252.has(byte)) canBeWindows1252 = false;
    beforeLast = last;
    last = byte;
  };
  return {
    add(chunk: Uint8Array): void {
      for (const byte of chunk) addByte(byte);
    },
    read() {
      if (runLength > 0) endRun(0);
      return { canBeWindows1252, highRuns, shortRuns, wordRuns, innerSigns, oddInnerSigns };
    },
  };
}
