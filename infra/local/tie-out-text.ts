/** A tie-out as a person reads it in a terminal. */
import { formatMoney, type Money, parseMoney, sum } from "#shared/domain/money.ts";
import type { Cell, MatchRate, TieOutReport } from "#shared/domain/tie-out/report.ts";

type Summary = Omit<TieOutReport, "differences" | "excluded">;

const MEASURES = ["net", "tax", "gross", "paid", "open"] as const;

/** The currency of a sum in one, `-` where there is none. */
const currencyOf = ({ currency }: { readonly currency: string | null }) => currency ?? "-";

/** `1234567.89` as `1,234,567.89`. */
function grouped(money: Money): string {
  const [whole = "", fraction] = formatMoney(money).split(".");
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return fraction === undefined ? text : `${text}.${fraction}`;
}

function sumOf(cells: readonly Cell[], measure: (typeof MEASURES)[number]): string {
  const amounts = cells.flatMap(({ currency, total }) =>
    currency === null || total.amounts === null
      ? []
      : [parseMoney(total.amounts[measure], currency)],
  );
  const [first] = amounts;
  return first === undefined ? "" : grouped(sum(amounts, first.currency));
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  // Names begin at the left, figures end at the right.
  const isName = (column: number) => column < 3;
  return rows.map((row) =>
    row
      .map((cell, column) =>
        isName(column) ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}

/** Count and sums of each side, by record type and currency, over all periods. */
function totalRows({ cells }: Summary): string[][] {
  const groups = Map.groupBy(cells, (cell) =>
    [cell.recordType, currencyOf(cell), cell.side].join(" "),
  );
  return [...groups].sort().map(([name, group]) => {
    const records = group.reduce((sofar, { total }) => sofar + total.records, 0);
    const sums = MEASURES.map((measure) => sumOf(group, measure));
    return [...name.split(" "), String(records), ...sums];
  });
}

/** Of all records or all money of a side, matched or not. */
function rateRows({ rates }: Summary): string[][] {
  const isShown = ({ denominator }: MatchRate) => denominator === "all";
  return rates
    .filter(isShown)
    .map((rate) => [
      rate.recordType,
      rate.side,
      rate.by === "count" ? "by count" : `by value, ${currencyOf(rate)}`,
      rate.rate ?? "nothing to match",
      `${rate.matched} of ${rate.of}`,
    ]);
}

export function differencesAboveTolerance({ counts }: Summary): number {
  return counts.reduce((sofar, { aboveTolerance }) => sofar + aboveTolerance, 0);
}

function classLines({ counts, matchedUnits, excludedCount }: Summary): string[] {
  const found = counts.filter(({ units }) => units > 0);
  const differences = found.reduce((sofar, { units }) => sofar + units, 0);
  return [
    `${matchedUnits} matched, ${differences} differences, ${excludedCount} records left out by a rule.`,
    ...found.map(
      ({ class: name, units, aboveTolerance }) =>
        `  ${name.padEnd(18)}${String(units).padStart(6)}   ${aboveTolerance} above the tolerance`,
    ),
  ];
}

/** Counts and money of each side, classes, and rates with what they are of. */
export function describeTieOut(report: Summary): readonly string[] {
  const { snapshotAt, from, to } = report;
  const months = [from, to].some((month) => month !== null)
    ? `${from ?? "the first month"} to ${to ?? "the last"}`
    : "all months";
  const head = ["record type", "currency", "side", "records", ...MEASURES];
  return [
    `Snapshot of ${snapshotAt}, ${months}.`,
    "",
    ...table([head, ...totalRows(report)]),
    "",
    ...classLines(report),
    "",
    "Matched of all:",
    ...table(rateRows(report)).map((line) => `  ${line}`),
  ];
}
