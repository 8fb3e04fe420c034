/**
 * The report as a spreadsheet: a summary, the match rates, one sheet for each class of differences, and what rules took
 * out. Amounts stand twice: as numbers to work with, and as text, which is exact whatever a spreadsheet
 * does with numbers.
 */
import { differenceClasses } from "#shared/domain/tie-out/classes.ts";
import type {
  Cell,
  Difference,
  DifferingRecord,
  TieOutReport,
} from "#shared/domain/tie-out/report.ts";
import {
  classWords,
  denominatorWords,
  sideWords,
  typeWords,
} from "#shared/domain/tie-out/report-words.ts";
import type { Sheet, SheetCell, SheetColumn } from "#shared/ports/files.ts";

const shownMeasures = ["net", "tax", "gross", "credited", "paid", "open"] as const;

export function reportSheets(report: TieOutReport): Sheet[] {
  const listed = differenceClasses.filter((one) => one !== "excluded");
  return [
    totalsSheet(report),
    ratesSheet(report),
    ...listed.map((one) => ({
      name: classWords[one],
      columns: differenceColumns,
      rows: report.differences.filter((difference) => difference.class === one).flatMap(rowsOf),
    })),
    excludedSheet(report),
  ];
}

/** Each cell of the report, cut by class: the parts of a side's total stand under it. */
function totalsSheet({ cells }: TieOutReport): Sheet {
  return {
    name: "Totals",
    columns: [
      ...columns(["Month", 10], ["Currency", 9], ["Records", 20], ["Side", 8], ["Part", 18]),
      ...columns(["Count", 10]),
      ...columns(...shownMeasures.map((name) => [capital(name), 15] as const)),
      ...columns(["Gross, exact", 18], ["Without net", 12], ["Without gross", 13]),
    ],
    rows: cells.flatMap((cell) => [
      totalRow(cell, "Total", cell.total),
      totalRow(cell, "Matched", cell.matched),
      ...cell.classes.map((part) => totalRow(cell, classWords[part.class], part.sum)),
    ]),
  };
}

function totalRow(cell: Cell, part: string, sum: Cell["total"]): SheetCell[] {
  const { period, currency, recordType, side } = cell;
  return [
    period,
    currency,
    typeWords[recordType],
    sideWords[side],
    part,
    counted(sum.records),
    ...shownMeasures.map((name) => amount(sum.amounts?.[name])),
    sum.amounts?.gross ?? null,
    counted(sum.withoutNet),
    counted(sum.withoutGross),
  ];
}

function ratesSheet({ rates }: TieOutReport): Sheet {
  return {
    name: "Match rates",
    columns: [
      ...columns(["Records", 20], ["Side", 8], ["By", 8], ["Currency", 9], ["Counted", 40]),
      ...columns(["Matched", 18], ["Of", 18], ["Rate", 12]),
    ],
    rows: rates.map(({ recordType, side, by, currency, denominator, matched, of, rate }) => [
      typeWords[recordType],
      sideWords[side],
      by,
      currency,
      denominatorWords[denominator],
      matched,
      of,
      rate,
    ]),
  };
}

const recordColumns: readonly SheetColumn[] = [
  ...columns(["Side", 8], ["Kind", 20], ["External id", 38], ["Number", 16], ["Date", 12]),
  ...columns(["Currency", 9], ["Status", 12], ["Ordered", 15]),
  ...columns(...shownMeasures.map((name) => [capital(name), 15] as const)),
  ...columns(["Gross, exact", 18], ["Record in the API", 60]),
];

const differenceColumns: readonly SheetColumn[] = [
  ...columns(["Record", 24], ["What it is", 44], ["Apart by", 15], ["Next step", 60]),
  ...recordColumns,
  ...columns(["Canonical id", 36], ["History in the API", 60]),
];

function rowsOf(difference: Difference): SheetCell[][] {
  const { key, what, apart, nextStep, canonicalId, history, records } = difference;
  return records.map((record) => [
    key,
    what,
    amount(apart ?? undefined),
    nextStep,
    ...recordCells(record),
    canonicalId,
    history,
  ]);
}

function excludedSheet({ excluded }: TieOutReport): Sheet {
  return {
    name: classWords.excluded,
    columns: [...columns(["Rule", 26], ["Record", 24]), ...recordColumns],
    rows: excluded.map((record) => [record.rule, record.key, ...recordCells(record)]),
  };
}

function recordCells(record: DifferingRecord): SheetCell[] {
  const { side, recordType, externalId, number, date, currency, status, amounts } = record;
  return [
    sideWords[side],
    typeWords[recordType],
    externalId,
    number,
    date === null ? null : { kind: "date", date },
    currency,
    status,
    amount(amounts.ordered),
    ...shownMeasures.map((name) => amount(amounts[name])),
    amounts.gross ?? null,
    record.record,
  ];
}

function columns(...of: readonly (readonly [title: string, widthCharacters: number])[]) {
  return of.map(([title, widthCharacters]) => ({ title, widthCharacters }));
}

function amount(text: string | undefined): SheetCell {
  return text === undefined ? null : { kind: "amount", text };
}

function counted(value: number): SheetCell {
  return { kind: "count", value: BigInt(value) };
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
