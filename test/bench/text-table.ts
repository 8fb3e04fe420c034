/** Tables in plain text and in Markdown from the same rows. */

export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns wide enough for their longest cell; those whose cells are all numbers stand to the right. */
export function renderText({ title, head, rows }: TextTable): string {
  const all = [head, ...rows];
  const columns = head.map((_, index) => ({
    width: Math.max(...all.map((row) => (row[index] ?? "").length)),
    isNumeric: isNumericColumn(rows, index),
  }));
  const lines = all.map((row) =>
    columns
      .map(({ width, isNumeric }, index) => {
        const cell = row[index] ?? "";
        return isNumeric ? cell.padStart(width) : cell.padEnd(width);
      })
      .join("  ")
      .trimEnd(),
  );
  const [first = "", ...rest] = lines;
  const rule = columns.map(({ width }) => "-".repeat(width)).join("  ");
  return [title, first, rule, ...rest].join("\n");
}

export function renderMarkdown({ title, head, rows }: TextTable): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  const rule = head.map((_, index) => (isNumericColumn(rows, index) ? "--:" : "---"));
  return [`**${title}**`, "", line(head), line(rule), ...rows.map(line)].join("\n");
}

function isNumericColumn(rows: readonly (readonly string[])[], index: number): boolean {
  const cells = rows.map((row) => row[index] ?? "").filter((cell) => cell !== "");
  return cells.length > 0 && cells.every((cell) => /^(?:-|[$]?[\d,.]+(?: ?%)?)$/.test(cell));
}
