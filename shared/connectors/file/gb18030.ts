/**
 * Text as GB18030, in which Chinese programs and spreadsheets read files without a mark. Node decodes
 * it and does not encode: the table is what its decoder makes of every sequence, turned round
 * (encoding.spec.whatwg.org, "gb18030 encoder", read 2026-11).
 */
import { type Failure, SyncError } from "#shared/domain/sync-error.ts";

const LINE_FEED = 0x0a;
/** Sequences of four bytes that stand for the first 65,536 characters. */
const FOUR_BYTE_POINTERS = 39_420;
/** The pointer of U+10000; from there on they are in the order of the characters. */
const ASTRAL_POINTER = 189_000;
const REPLACEMENT = 0xfffd;

type Encoder = (text: string) => Uint8Array;

export function createGb18030Encoder(): Encoder {
  const table = encodingTable();
  return (text) => {
    const bytes: number[] = [];
    for (const character of text) {
      const code = character.codePointAt(0) ?? 0;
      if (code < 0x80) bytes.push(code);
      else bytes.push(...sequenceOf(code, table));
    }
    return Uint8Array.from(bytes);
  };
}

function sequenceOf(code: number, table: ReadonlyMap<number, readonly number[]>) {
  const sequence = code > 0xffff ? fourBytes(ASTRAL_POINTER + code - 0x1_0000) : table.get(code);
  if (sequence === undefined) throw new SyncError(lacking);
  return sequence;
}

/** Some twenty characters for private use, which the decoder gives to others. */
const lacking: Failure = {
  kind: "invalid-input",
  code: "encoding-lacks-character",
  fix: "Export in utf-8-bom: the encoding lacks a character of a record.",
};

let known: ReadonlyMap<number, readonly number[]> | undefined;

/** Made at the first use: most files are in another encoding. */
function encodingTable(): ReadonlyMap<number, readonly number[]> {
  if (known !== undefined) return known;
  const sequences = [...twoByteSequences(), ...fourByteSequences()];
  const bytes = Uint8Array.from(sequences.flatMap((sequence) => [...sequence, LINE_FEED]));
  const decoded = new TextDecoder("gb18030").decode(bytes).split("\n");
  const table = new Map<number, readonly number[]>();
  for (const [index, sequence] of sequences.entries()) {
    const [character = "", ...others] = [...(decoded[index] ?? "")];
    const code = character.codePointAt(0) ?? REPLACEMENT;
    if (others.length > 0 || code === REPLACEMENT || table.has(code)) continue;
    table.set(code, sequence);
  }
  table.set(REPLACEMENT, fourBytes(39_417));
  known = table;
  return table;
}

function* twoByteSequences(): Generator<readonly number[]> {
  for (let lead = 0x81; lead <= 0xfe; lead += 1) {
    for (let trail = 0x40; trail <= 0xfe; trail += 1) {
      if (trail !== 0x7f) yield [lead, trail];
    }
  }
}

function* fourByteSequences(): Generator<readonly number[]> {
  for (let pointer = 0; pointer < FOUR_BYTE_POINTERS; pointer += 1) yield fourBytes(pointer);
}

function fourBytes(pointer: number): readonly number[] {
  return [
    0x81 + Math.floor(pointer / 12_600),
    0x30 + (Math.floor(pointer / 1_260) % 10),
    0x81 + (Math.floor(pointer / 10) % 126),
    0x30 + (pointer % 10),
  ];
}
