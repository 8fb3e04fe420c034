/** What an export is made of before it has a format: entries with their rows, cell by cell. */

/** In the form of its column's kind; null where it is blank. */
export type ExportCell = string | null;

/** As many cells as there are columns. */
export type ExportRow = readonly ExportCell[];

/** One record: a row, or one for each line. */
export interface ExportEntry {
  /** Unique; entries are in its order, by UTF-16 units. */
  readonly key: string;
  readonly rows: readonly ExportRow[];
}

/** A record that could not be shown, with a code of `docs/errors.md`. */
export interface LeftOut {
  readonly key: string;
  readonly code: string;
}

export function compareKeys(
  left: Pick<ExportEntry, "key">,
  right: Pick<ExportEntry, "key">,
): number {
  return left.key < right.key ? -1 : left.key > right.key ? 1 : 0;
}
