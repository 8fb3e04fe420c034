/**
 * Which encoding the text of a file is in: by its mark, else by the name that a person gave, else by
 * all of its bytes. What fits two encodings without clear evidence for one is refused.
 */
import type { TextEncodingName } from "#shared/ports/files.ts";
import { textEncodings } from "#shared/ports/files.ts";
import { readHead } from "./byte-reader.ts";
import { refuseFile } from "./file-refusal.ts";
import { createEvidenceCounter, type EncodingEvidence } from "./gb18030-evidence.ts";
import { createUtf8Check, createUtf8TextCheck } from "./utf8-check.ts";

/** Text that can be read from its first byte more than once. */
export type Reread = () => AsyncIterable<Uint8Array>;

export interface FoundEncoding {
  readonly encoding: TextEncodingName;
  /** Bytes of the byte order mark. */
  readonly markBytes: number;
}

const marks: readonly (readonly [TextEncodingName, readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** GBK's own name is taken for the larger set, which holds it. */
const otherNames: Readonly<Record<string, TextEncodingName>> = {
  gbk: "gb18030",
  gb2312: "gb18030",
  cp1252: "windows-1252",
  utf8: "utf-8",
};

const HEAD_BYTES = 4;
/** Signs of ASCII in one byte order, for each in the other. */
const UTF_16_FACTOR = 4;
/** Of all units: one stray NUL makes no text of two bytes a sign. */
const UTF_16_SHARE_MIN = 0.05;
const GB_SIGNS_MIN = 4;
const SHARE_MIN = { gbCommon: 0.7, short: 0.7, innerSign: 0.9 } as const;

/**
 * Throws SyncError `invalid-input` (`encoding-ambiguous`, `encoding-contradicted`,
 * `encoding-unknown`). The bytes may still be no text of the encoding where it stands in the mark or
 * the name; decoding says so.
 */
export async function findEncoding(names: readonly string[], read: Reread): Promise<FoundEncoding> {
  const survey = await surveyBytes(read());
  const marked = findMark(survey.head);
  const named = findNamed(names);
  if (marked !== undefined) {
    if (named !== undefined && named !== marked.encoding) throw contradictedEncoding(named);
    if (marked.encoding === "utf-8" && !survey.isUtf8) throw contradictedEncoding("utf-8");
    return marked;
  }
  if (named !== undefined) {
    if (named === "utf-8" && !survey.isUtf8) throw contradictedEncoding(named);
    return { encoding: named, markBytes: 0 };
  }
  if (survey.hasNul) return { encoding: chooseUtf16(survey), markBytes: 0 };
  if (survey.isUtf8) return { encoding: "utf-8", markBytes: 0 };
  const counter = createEvidenceCounter();
  for await (const chunk of read()) counter.add(chunk);
  return { encoding: chooseByEvidence(counter.read()), markBytes: 0 };
}

/** Behind this much of a file, what it begins as is presumed of the rest where that may be. */
const PRESUMED_FROM_BYTES = 1024 * 1024;

/**
 * As {@link findEncoding}, of the first bytes alone: UTF-8 where they and the names say nothing else.
 * Undefined where all of the file has to be looked at, and where there is not more of it.
 */
export async function presumeUtf8(
  names: readonly string[],
  read: Reread,
): Promise<FoundEncoding | undefined> {
  if ((findNamed(names) ?? "utf-8") !== "utf-8") return undefined;
  const { head, isAll } = await readHead(read(), PRESUMED_FROM_BYTES);
  // The last sign may be cut.
  if (isAll || !createUtf8TextCheck()(head)) return undefined;
  return { encoding: "utf-8", markBytes: findMark(head)?.markBytes ?? 0 };
}

interface Survey {
  readonly head: Uint8Array;
  /** And has no NUL, which no text has. */
  readonly isUtf8: boolean;
  readonly hasNul: boolean;
  /** Units of two bytes that are ASCII, by byte order. */
  readonly littleUnits: number;
  readonly bigUnits: number;
  /** Units that were looked at. */
  readonly unitCount: number;
}

async function surveyBytes(content: AsyncIterable<Uint8Array>): Promise<Survey> {
  const isStillUtf8 = createUtf8Check();
  const units = createUnitCounter();
  let head: Uint8Array = new Uint8Array(0);
  let isUtf8 = true;
  let hasNul = false;
  for await (const chunk of content) {
    if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
    isUtf8 &&= isStillUtf8(chunk);
    hasNul ||= chunk.includes(0);
    units.add(chunk);
  }
  isUtf8 &&= isStillUtf8(undefined);
  return { head, isUtf8: isUtf8 && !hasNul, hasNul, ...units.read() };
}

/** Looks at the first of them only: a byte order is the same all through a file. */
const UNIT_BYTES_MAX = 1024 * 1024;

function createUnitCounter() {
  let position = 0;
  let first = 0;
  let littleUnits = 0;
  let bigUnits = 0;
  return {
    add(chunk: Uint8Array): void {
      if (position >= UNIT_BYTES_MAX) return;
      const isNulOpen = position % 2 === 1 && first === 0;
      if (!isNulOpen && !chunk.includes(0)) {
        // Nothing to count; it may end within a unit that the next chunk ends.
        position += chunk.length;
        first = chunk.at(-1) ?? first;
        return;
      }
      for (const byte of chunk) {
        if (position % 2 === 0) first = byte;
        else if (byte === 0 && isAsciiText(first)) littleUnits += 1;
        else if (first === 0 && isAsciiText(byte)) bigUnits += 1;
        position += 1;
      }
    },
    read: () => ({ littleUnits, bigUnits, unitCount: Math.ceil(position / 2) }),
  };
}

function isAsciiText(byte: number): boolean {
  return (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function findMark(head: Uint8Array): FoundEncoding | undefined {
  const found = marks.find(([, mark]) => mark.every((byte, index) => head[index] === byte));
  return found === undefined ? undefined : { encoding: found[0], markBytes: found[1].length };
}

/** `customers.gb18030.csv.gz`: a part of the name between dots. */
function findNamed(names: readonly string[]): TextEncodingName | undefined {
  for (const name of names) {
    const parts = name.toLowerCase().split(".").slice(1, -1);
    for (const part of parts.toReversed()) {
      const known = textEncodings.find((encoding) => encoding === part);
      const other = Object.hasOwn(otherNames, part) ? otherNames[part] : undefined;
      if (known !== undefined || other !== undefined) return known ?? other;
    }
  }
  return undefined;
}

function chooseUtf16({ littleUnits, bigUnits, unitCount }: Survey): TextEncodingName {
  const least = Math.max(1, unitCount * UTF_16_SHARE_MIN);
  if (littleUnits >= Math.max(least, bigUnits * UTF_16_FACTOR)) return "utf-16le";
  if (bigUnits >= Math.max(least, littleUnits * UTF_16_FACTOR)) return "utf-16be";
  throw refuseFile({
    code: "encoding-unknown",
    fix: "Save the file as CSV UTF-8 or as XLSX; this is no text in an encoding that is read here.",
  });
}

function chooseByEvidence(evidence: EncodingEvidence): TextEncodingName {
  const { canBeGb18030, canBeWindows1252, gbSigns, gbCommonSigns, highRuns } = evidence;
  const isChinese =
    canBeGb18030 && gbCommonSigns >= GB_SIGNS_MIN && gbCommonSigns >= gbSigns * SHARE_MIN.gbCommon;
  const isWestern =
    canBeWindows1252 &&
    evidence.wordRuns > 0 &&
    evidence.shortRuns >= highRuns * SHARE_MIN.short &&
    evidence.innerSigns - evidence.oddInnerSigns >= evidence.innerSigns * SHARE_MIN.innerSign;
  if (isChinese !== isWestern) return isChinese ? "gb18030" : "windows-1252";
  const candidates = [
    ...(canBeGb18030 ? ["gb18030"] : []),
    ...(canBeWindows1252 ? ["windows-1252"] : []),
  ];
  throw refuseFile({
    code: "encoding-ambiguous",
    fix: "Save the file as CSV UTF-8, or say what it is by its name: customers.gb18030.csv or customers.windows-1252.csv.",
    field: candidates.length === 0 ? undefined : candidates.join(" or "),
  });
}

export function contradictedEncoding(encoding: TextEncodingName, cause?: unknown): Error {
  return refuseFile(
    {
      code: "encoding-contradicted",
      fix: "Save the file as CSV UTF-8, or take the wrong name of an encoding out of the file's name; it may also be cut off.",
      field: encoding,
    },
    cause,
  );
}
