/** One flat object of JSON as names and texts, with the digits of its numbers as they are written. */
import { reachesPrototype } from "#shared/domain/json.ts";
import { refuseFile } from "./file-refusal.ts";
import { malformedJson } from "./json-scan.ts";

const SPACE = /[ \t\r\n]*/y;
const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const WORD = /true|false|null/y;
const KEY_CHARACTERS_MAX = 60;

/** `null` becomes blank. */
export type JsonRecord = ReadonlyMap<string, string>;

/**
 * Throws SyncError `invalid-input` with row and key (`header-refused`, `json-key-repeated`,
 * `json-malformed`, `json-nested`, `json-row-not-object`).
 */
export function readJsonRecord(text: string, rowNumber: number): JsonRecord {
  const cursor = createCursor(text, `row ${rowNumber}`);
  cursor.skip(SPACE);
  if (!cursor.takeSign("{")) {
    // What is no value at all is no row of another kind either.
    if (cursor.isAtValue()) throw notObject(rowNumber);
    throw malformedJson(`row ${rowNumber}`);
  }
  const record = new Map<string, string>();
  cursor.skip(SPACE);
  if (!cursor.takeSign("}")) {
    do {
      cursor.skip(SPACE);
      const key = unquote(cursor.take(STRING), rowNumber);
      checkKey(key, record, rowNumber);
      cursor.skip(SPACE);
      cursor.expectSign(":");
      cursor.skip(SPACE);
      record.set(key, readValue(cursor, key, rowNumber));
      cursor.skip(SPACE);
    } while (cursor.takeSign(","));
    cursor.expectSign("}");
  }
  cursor.skip(SPACE);
  if (!cursor.isAtEnd()) throw malformedJson(`row ${rowNumber}`);
  return record;
}

type Cursor = ReturnType<typeof createCursor>;

function createCursor(text: string, place: string) {
  let at = 0;
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  return {
    match,
    skip: (pattern: RegExp): void => {
      match(pattern);
    },
    take(pattern: RegExp): string {
      const found = match(pattern);
      if (found === undefined) throw malformedJson(place);
      return found;
    },
    takeSign(sign: string): boolean {
      if (text[at] !== sign) return false;
      at += 1;
      return true;
    },
    expectSign(sign: string): void {
      if (text[at] !== sign) throw malformedJson(place);
      at += 1;
    },
    isAtValue: () => /["[\-\dtfn]/.test(text[at] ?? ""),
    isAtNested: () => text[at] === "{" || text[at] === "[",
    isAtEnd: () => at === text.length,
  };
}

function readValue(cursor: Cursor, key: string, rowNumber: number): string {
  if (cursor.isAtNested()) {
    throw refuseFile({
      code: "json-nested",
      fix: "Write one record a row, with a text, number, true, false or null under each key.",
      field: placeOf(rowNumber, key),
    });
  }
  const text = cursor.match(STRING);
  if (text !== undefined) return unquote(text, rowNumber);
  const word = cursor.match(WORD);
  if (word !== undefined) return word === "null" ? "" : word;
  return cursor.take(NUMBER);
}

function unquote(literal: string, rowNumber: number): string {
  try {
    return String(JSON.parse(literal));
  } catch (cause) {
    throw malformedJson(`row ${rowNumber}`, cause);
  }
}

function checkKey(key: string, record: JsonRecord, rowNumber: number): void {
  if (reachesPrototype(key)) {
    throw refuseFile({
      code: "header-refused",
      fix: "Give the key another name.",
      field: placeOf(rowNumber, key),
    });
  }
  if (!record.has(key)) return;
  throw refuseFile({
    code: "json-key-repeated",
    fix: "Leave one of them; which is meant is not guessed.",
    field: placeOf(rowNumber, key),
  });
}

function notObject(rowNumber: number): Error {
  return refuseFile({
    code: "json-row-not-object",
    fix: 'Write each record as an object: {"id": "K-001"}.',
    field: `row ${rowNumber}`,
  });
}

function placeOf(rowNumber: number, key: string): string {
  return `row ${rowNumber}, key ${key.slice(0, KEY_CHARACTERS_MAX)}`;
}
