/**
 * In which parts a table is read: ranges of bytes between which nothing is torn, so that each can be
 * read alone, by whoever, in any order, and again.
 *
 * A range begins with a row, and of a file with documents, with the first row of one: a document that
 * has rows on both sides of a place is never cut there.
 */
import { limits } from "#shared/config/limits.ts";
import type { FileProblem, FileProfile } from "./file-profile.ts";
import { KeyTable } from "./key-table.ts";
import { hashKeyOf, type TextHash } from "./text-hash.ts";

export interface FileRange {
  /** Bytes of the text, `to` exclusive. */
  readonly from: number;
  readonly to: number;
  /** Number of its first row, as a spreadsheet counts. */
  readonly firstRow: number;
  /** Rows that are not blank. */
  readonly rowCount: number;
}

/** A row below the header that is not blank. */
export interface PlannedRow {
  readonly row: number;
  /** Where it begins. */
  readonly from: number;
  /** Hash of its key, undefined where it shows none. */
  readonly key: TextHash | undefined;
  readonly content: TextHash;
  /** Has as many cells as the header. */
  readonly isOfWidth: boolean;
}

export type FilePlan =
  | {
      readonly kind: "planned";
      readonly ranges: readonly FileRange[];
      readonly rowCount: number;
      /** No two rows show one key. */
      readonly areKeysUnique: boolean;
      /** Keys, by `hashKeyOf`, under which rows of different ranges say different things. */
      readonly conflictingKeys: readonly string[];
    }
  | { readonly kind: "refused"; readonly problem: FileProblem };

export interface PlanBounds {
  /** A range is at least so large, but for the last. */
  readonly rangeBytes: number;
  /** Rows of documents that are held in memory at once. */
  readonly rangeRowsMax: number;
  readonly rowsMax: number;
  readonly conflictsMax: number;
}

const defaultBounds: PlanBounds = {
  rangeBytes: limits.fileRangeBytes,
  rangeRowsMax: limits.fileRangeRowsMax,
  rowsMax: limits.fileRowsMax,
  conflictsMax: limits.fileProblemsMax,
};

interface Segment {
  readonly from: number;
  readonly firstRow: number;
  rowCount: number;
}

/** Takes the rows of a file in their order, then says how it is to be read. */
export class FilePlanner {
  readonly #layout: FileProfile["layout"];
  readonly #bounds: PlanBounds;
  readonly #keys = new KeyTable();
  readonly #segments: Segment[] = [];
  #rowCount = 0;
  #keyedRowCount = 0;
  #isTooLong = false;
  #keyAbove: TextHash | undefined;
  /** A row of another width: where its cells belong, and to which document, nobody can say. */
  #misshapenRow: number | undefined;
  #wasMisshapen = false;

  constructor(layout: FileProfile["layout"], bounds: Partial<PlanBounds> = {}) {
    this.#layout = layout;
    this.#bounds = { ...defaultBounds, ...bounds };
  }

  /** False once there are more rows than a file may have; the rest need not be told. */
  add({ row, from, key, content, isOfWidth }: PlannedRow): boolean {
    this.#isTooLong ||= this.#rowCount >= this.#bounds.rowsMax;
    if (this.#isTooLong) return false;
    if (this.#mayCutBefore(from, key, isOfWidth)) {
      this.#segments.push({ from, firstRow: row, rowCount: 0 });
    }
    this.#rowCount += 1;
    const segment = this.#segments.at(-1);
    if (segment !== undefined) segment.rowCount += 1;
    if (!isOfWidth) this.#misshapenRow ??= row;
    this.#wasMisshapen = !isOfWidth;
    if (key === undefined) return true;
    this.#keyAbove = key;
    this.#keyedRowCount += 1;
    this.#keys.note(key, { segment: this.#segments.length - 1, content });
    return true;
  }

  /** `bytes`: where the text ends. */
  plan(bytes: number): FilePlan {
    const { rowsMax, rangeRowsMax, conflictsMax } = this.#bounds;
    if (this.#isTooLong) {
      return refused("rows-too-many", `Split the file; ${rowsMax} rows are the most.`);
    }
    const { cuts, conflictingKeys } = this.#settle();
    const ranges = this.#join(cuts, bytes);
    const longest = ranges.reduce((most, range) => Math.max(most, range.rowCount), 0);
    if (this.#layout === "row-per-line" && ranges.length > 1 && this.#misshapenRow !== undefined) {
      return refused(
        "document-row-misshapen",
        "Give the row as many cells as the header has: in a file of this size its document must be certain.",
        `row ${this.#misshapenRow}`,
      );
    }
    if (longest > rangeRowsMax) {
      return refused(
        "documents-scattered",
        "Sort the file by the number of the document, so that the rows of each stand together.",
        `${longest} rows without a place to part them`,
      );
    }
    if (conflictingKeys.length > conflictsMax) {
      return refused(
        "key-not-unique",
        "Choose the column whose value names one row; this one stands for different rows.",
        `${conflictingKeys.length} keys`,
      );
    }
    const areKeysUnique = this.#keyedRowCount === this.#keys.size;
    return { kind: "planned", ranges, rowCount: this.#rowCount, areKeysUnique, conflictingKeys };
  }

  /** Documents are cut finely first: many of the places will turn out to lie within one. */
  #mayCutBefore(from: number, key: TextHash | undefined, isOfWidth: boolean): boolean {
    const last = this.#segments.at(-1);
    if (last === undefined) return true;
    const { rangeBytes } = this.#bounds;
    if (this.#layout === "row-per-record") return from - last.from >= rangeBytes;
    const above = this.#keyAbove;
    const isAnother = key !== undefined && (key[0] !== above?.[0] || key[1] !== above[1]);
    return isAnother && isOfWidth && !this.#wasMisshapen && from - last.from >= rangeBytes / 16;
  }

  /** Segments that may begin a range, and the keys that no range can judge alone. */
  #settle(): { readonly cuts: readonly boolean[]; readonly conflictingKeys: readonly string[] } {
    const conflictingKeys: string[] = [];
    // +1 where a key that is open begins, -1 where it ends: within, the sum is not 0.
    const steps = new Int32Array(this.#segments.length + 1);
    for (const { hash, first, last, differs } of this.#keys.split()) {
      if (this.#layout === "row-per-record") {
        if (differs) conflictingKeys.push(hashKeyOf(hash));
        continue;
      }
      steps[first + 1] = (steps[first + 1] ?? 0) + 1;
      steps[last + 1] = (steps[last + 1] ?? 0) - 1;
    }
    let open = 0;
    const cuts = this.#segments.map((_, index) => {
      open += steps[index] ?? 0;
      return open === 0;
    });
    return { cuts, conflictingKeys };
  }

  #join(cuts: readonly boolean[], bytes: number): readonly FileRange[] {
    const { rangeBytes } = this.#bounds;
    const starts: Segment[] = [];
    for (const [index, segment] of this.#segments.entries()) {
      const last = starts.at(-1);
      const mayBegin = cuts[index] === true;
      if (last === undefined || (mayBegin && segment.from - last.from >= rangeBytes)) {
        starts.push({ ...segment });
      } else last.rowCount += segment.rowCount;
    }
    return starts.map(({ from, firstRow, rowCount }, index) => {
      return { from, to: starts[index + 1]?.from ?? bytes, firstRow, rowCount };
    });
  }
}

function refused(code: string, fix: string, detail?: string): FilePlan {
  return { kind: "refused", problem: { code, fix, detail } };
}
