/**
 * A query's result as Athena keeps it in S3: a CSV file whose every value is quoted, but for null,
 * which is nothing at all (docs.aws.amazon.com/athena/latest/ug/querying.html, read 2026-11).
 */

/** A value as Athena tells it: always text, or null. */
export type ResultRow = readonly (string | null)[];

/** One line of the file, with its line end. */
export function formatRow(row: ResultRow): string {
  const cells = row.map((value) => (value === null ? "" : `"${value.replaceAll('"', '""')}"`));
  return `${cells.join(",")}\n`;
}

/** The rows of a file that {@link formatRow} wrote, its header first. */
export function* parseRows(text: string): Generator<ResultRow> {
  let row: (string | null)[] = [];
  let at = 0;
  while (at < text.length) {
    let value: string | null = null;
    if (text[at] === '"') {
      let end = text.indexOf('"', at + 1);
      while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
      value = text.slice(at + 1, end).replaceAll('""', '"');
      at = end + 1;
    }
    row.push(value);
    if (text[at] === "\n") {
      yield row;
      row = [];
    }
    at += 1;
  }
}
