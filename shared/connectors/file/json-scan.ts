/** Where the values of a JSON text begin and end, without a tree of it (RFC 8259). */
import { refuseFile } from "./file-refusal.ts";

/** Takes the text piece by piece; gives each value of the rows as text, once it is whole. */
export interface JsonScanner {
  add(piece: string): readonly string[];
  /** At the end of the text: what is whole only then. */
  finish(): readonly string[];
}

const PLAIN = /[^"\\[\]{}]+/y;
const SPACE = /[ \t\r\n]/;

/**
 * The parts of the array of a JSON file, or of the one array in its object. `charactersMax` bounds one part,
 * and what the object holds beside the array. Throws SyncError `invalid-input` (`json-malformed`,
 * `json-no-array`, `json-several-arrays`, `row-too-large`).
 */
export function createArrayScanner(charactersMax: number): JsonScanner {
  const state = new ArrayScan(charactersMax);
  return {
    add: (piece) => state.add(piece),
    finish: () => state.finish(),
  };
}

type Place = "before" | "object" | "array" | "after";

class ArrayScan {
  readonly #charactersMax: number;
  #place: Place = "before";
  #isInObject = false;
  #hasArray = false;
  /** Of the object around the array, with `[]` in the array's place: is it JSON by itself? */
  #frame = "";
  #open = "";
  #depth = 0;
  #isInString = false;
  #isEscaped = false;
  #needsPart = false;
  #partCount = 0;

  constructor(charactersMax: number) {
    this.#charactersMax = charactersMax;
  }

  add(piece: string): readonly string[] {
    const parts: string[] = [];
    let at = 0;
    while (at < piece.length) {
      at = this.#place === "array" ? this.#readPart(piece, at, parts) : this.#readFrame(piece, at);
      if (this.#open.length > this.#charactersMax || this.#frame.length > this.#charactersMax) {
        throw refuseFile({
          code: "row-too-large",
          fix: `Shorten it; a row has ${this.#charactersMax} bytes at the most.`,
          field: `row ${this.#partCount + 2}`,
        });
      }
    }
    return parts;
  }

  finish(): readonly string[] {
    if (this.#place !== "after") throw malformedJson();
    parseOrRefuse(this.#frame);
    if (!this.#hasArray) throw noArray();
    return [];
  }

  /** Signs outside of the array. */
  #readFrame(piece: string, at: number): number {
    const sign = piece[at] ?? "";
    if (this.#isInString) return this.#readString(piece, at, true);
    if (SPACE.test(sign)) return at + 1;
    if (this.#place === "after") throw malformedJson();
    if (this.#place === "before") return this.#readFirst(sign, at);
    this.#readFrameSign(sign);
    return at + 1;
  }

  #readFirst(sign: string, at: number): number {
    if (sign === "[") this.#enterArray();
    else if (sign === "{") {
      this.#isInObject = true;
      this.#place = "object";
      this.#depth = 1;
      this.#frame = sign;
    } else throw malformedJson();
    return at + 1;
  }

  #readFrameSign(sign: string): void {
    if (sign === "[" && this.#depth === 1) {
      if (this.#hasArray) throw severalArrays();
      this.#enterArray();
      return;
    }
    this.#frame += sign;
    if (sign === '"') this.#isInString = true;
    else if (sign === "{" || sign === "[") this.#depth += 1;
    else if (sign === "}" || sign === "]") this.#depth -= 1;
    if (this.#depth === 0) this.#place = "after";
  }

  #enterArray(): void {
    this.#place = "array";
    this.#hasArray = true;
    this.#frame += "[";
    this.#depth = 0;
    this.#needsPart = false;
  }

  #leaveArray(): void {
    this.#frame += "]";
    this.#place = this.#isInObject ? "object" : "after";
    this.#depth = this.#isInObject ? 1 : 0;
  }

  #readString(piece: string, at: number, isFrame: boolean): number {
    let end = at;
    while (end < piece.length) {
      const sign = piece[end];
      end += 1;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (sign === "\\") this.#isEscaped = true;
      else if (sign === '"') {
        this.#isInString = false;
        break;
      }
    }
    if (isFrame) this.#frame += piece.slice(at, end);
    else this.#open += piece.slice(at, end);
    return end;
  }

  #readPart(piece: string, at: number, parts: string[]): number {
    if (this.#isInString) return this.#readString(piece, at, false);
    const sign = piece[at] ?? "";
    if (this.#depth === 0 && (sign === "," || sign === "]")) {
      this.#endPart(sign, parts);
      return at + 1;
    }
    if (this.#depth === 0 && SPACE.test(sign)) return this.#readGap(at);
    PLAIN.lastIndex = at;
    const plain = this.#depth === 0 ? null : PLAIN.exec(piece);
    if (plain !== null) {
      this.#open += plain[0];
      return at + plain[0].length;
    }
    this.#open += sign;
    if (sign === '"') this.#isInString = true;
    else if (sign === "{" || sign === "[") this.#depth += 1;
    else if (sign === "}" || sign === "]") this.#depth -= 1;
    return at + 1;
  }

  /** Space behind a part is kept, so that `1 2` is not taken for 12. */
  #readGap(at: number): number {
    if (this.#open !== "") this.#open += " ";
    return at + 1;
  }

  #endPart(sign: string, parts: string[]): void {
    const isEmptyArray = sign === "]" && this.#open === "" && !this.#needsPart;
    if (!isEmptyArray) {
      if (this.#open === "") throw malformedJson(`row ${this.#partCount + 2}`);
      parts.push(this.#open);
      this.#partCount += 1;
      this.#open = "";
    }
    this.#needsPart = sign === ",";
    if (sign === "]") this.#leaveArray();
  }
}

function parseOrRefuse(frame: string): void {
  try {
    JSON.parse(frame);
  } catch (cause) {
    throw malformedJson(undefined, cause);
  }
}

export function malformedJson(field?: string, cause?: unknown): Error {
  return refuseFile(
    {
      code: "json-malformed",
      fix: "Get the whole file again: it is cut off, or it is no JSON.",
      field,
    },
    cause,
  );
}

function noArray(): Error {
  return refuseFile({
    code: "json-no-array",
    fix: "Put the records in an array: [{…}, {…}].",
  });
}

function severalArrays(): Error {
  return refuseFile({
    code: "json-several-arrays",
    fix: "Leave one array in the object; which of them holds the records is not guessed.",
  });
}
