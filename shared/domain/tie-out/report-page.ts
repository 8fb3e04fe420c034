/**
 * The report on one printed page: self-contained HTML, no script, nothing fetched. It leaves out what would not
 * fit, and says how much; the spreadsheet and the JSON have all.
 */
import { parseDecimal, subtractDecimals } from "../decimal.ts";
import { differencesAboveTolerance } from "./build-report.ts";
import { type DifferenceClass, differenceClasses } from "./classes.ts";
import type { Difference, MatchRate, TieOutReport } from "./report.ts";
import {
  type ClassValue,
  classValues,
  type SideSum,
  type SummaryRow,
  summaryRows,
} from "./report-summary.ts";
import { classWords, denominatorWords, sideWords, typeWords } from "./report-words.ts";

const SUMMARY_ROWS_MAX = 8;
const RATE_ROWS_MAX = 9;
const DIFFERENCE_ROWS_MAX = 7;

export function reportPage(report: TieOutReport): string {
  const differences = report.counts.reduce((sofar, { units }) => sofar + units, 0);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tie-out ${text(report.snapshotId)}</title>
<style>${style}</style>
</head>
<body>
<main>
${headOf(report, differences)}
${totalsOf(report)}
${classesOf(report)}
${ratesOf(report)}
${worstOf(report, differences)}
${proofOf(report)}
</main>
</body>
</html>
`;
}

function headOf(report: TieOutReport, differences: number): string {
  const above = differencesAboveTolerance(report);
  const periods =
    report.from === null && report.to === null
      ? "all months"
      : `${report.from ?? "the first month"} to ${report.to ?? "the last month"}`;
  const [word, sentence] =
    differences === 0
      ? ["agrees", "Both sides agree in every record that is compared."]
      : above === 0
        ? ["waits", "What differs is a matter of time, or within the tolerance."]
        : ["differs", `${count(above)} of ${count(differences)} differences need a look.`];
  return `<header class="${word}">
<div><h1>Tie-out</h1><p>Snapshot ${text(report.snapshotId)}, begun ${text(report.snapshotAt)}; ${periods}${
    report.lockedThrough === null ? "" : `; books closed through ${text(report.lockedThrough)}`
  }</p></div>
<p class="verdict"><strong>${count(differences)}</strong> ${differences === 1 ? "difference" : "differences"}<br>${sentence}</p>
</header>`;
}

function totalsOf(report: TieOutReport): string {
  const rows = summaryRows(report);
  const body = rows.slice(0, SUMMARY_ROWS_MAX).map(totalRow).join("\n");
  return section(
    "What both sides have",
    `<table><thead><tr><th>Records</th><th></th><th>Side</th><th class="n">Count</th><th class="n">Matched</th><th class="n">Net</th><th class="n">Tax</th><th class="n">Gross</th><th class="n">Paid</th><th class="n">Open</th></tr></thead>
<tbody>${body}</tbody></table>${more(rows.length - SUMMARY_ROWS_MAX, "rows")}`,
  );
}

function totalRow({ recordType, currency, sides }: SummaryRow): string {
  const present = (["crm", "books", "bank"] as const).flatMap((side) => {
    const sum = sides[side];
    return sum === undefined ? [] : [{ side, sum }];
  });
  return present
    .map(({ side, sum }, index) => {
      const name = index === 0 ? typeWords[recordType] : "";
      const first = index === 0 ? ' class="first"' : "";
      return `<tr${first}><td>${name}</td><td>${index === 0 ? text(currency ?? "") : ""}</td><td>${sideWords[side]}</td><td class="n">${count(sum.records)}</td><td class="n">${count(sum.matched)}</td>${amountCells(sum, recordType === "payment")}</tr>`;
    })
    .join("\n");
}

/** Of a payment there is one amount; the others would be zeros that mean nothing. */
function amountCells({ amounts }: SideSum, isPayment: boolean): string {
  return (["net", "tax", "gross", "paid", "open"] as const)
    .map((name) => {
      const isShown = amounts !== null && (name === "gross" || !isPayment);
      return `<td class="n">${isShown ? grouped(amounts[name]) : ""}</td>`;
    })
    .join("");
}

function classesOf(report: TieOutReport): string {
  const rows = differenceClasses.filter((one) => one === "excluded" || countOf(report, one) > 0);
  const body = rows
    .map((one) => {
      const units = one === "excluded" ? report.excludedCount : countOf(report, one);
      const [crm, books] = [classValues(report, one, "crm"), classValues(report, one, "books")];
      return `<tr><td>${classWords[one]}</td><td class="n">${count(units)}</td><td class="n">${values(crm)}</td><td class="n">${values(books)}</td></tr>`;
    })
    .join("\n");
  return section(
    "Why they differ",
    `<table><thead><tr><th>Class</th><th class="n">How many</th><th class="n">CRM, gross</th><th class="n">Books, gross</th></tr></thead><tbody>${body}</tbody></table>`,
  );
}

function ratesOf({ rates }: TieOutReport): string {
  const shown = rates.filter(
    ({ recordType, rate }) =>
      rate !== null && (recordType === "document" || recordType === "payment"),
  );
  const rows = [...Map.groupBy(shown, rateRowName).values()];
  const sides = [...new Set(shown.map(({ side }) => side))];
  const body = rows
    .slice(0, RATE_ROWS_MAX)
    .map((row) => rateRow(row, sides))
    .join("\n");
  const heads = sides.map((side) => `<th class="n">${sideWords[side]}</th>`).join("");
  return section(
    "How much matches",
    `<table><thead><tr><th>Matched</th><th>by</th><th>counted</th>${heads}</tr></thead><tbody>${body}</tbody></table>${more(rows.length - RATE_ROWS_MAX, "rates")}`,
  );
}

function rateRowName({ recordType, by, currency, denominator }: MatchRate): string {
  return [recordType, by, currency ?? "", denominator].join(" ");
}

function rateRow(row: readonly MatchRate[], sides: readonly MatchRate["side"][]): string {
  const [first] = row;
  if (first === undefined) return "";
  const by = first.by === "count" ? "count" : `value, ${text(first.currency ?? "")}`;
  const cells = sides.map((side) => {
    const rate = row.find((one) => one.side === side);
    return `<td class="n">${rate === undefined ? "" : text(rate.rate ?? "")}</td>`;
  });
  return `<tr><td>${typeWords[first.recordType]}</td><td>${by}</td><td>${denominatorWords[first.denominator]}</td>${cells.join("")}</tr>`;
}

function worstOf(report: TieOutReport, differences: number): string {
  if (differences === 0) return "";
  const inOrder = report.differences.filter((one) => one.class !== "timing");
  const shown = [...(inOrder.length === 0 ? report.differences : inOrder)]
    .sort((left, right) => compareDecimals(right.apart, left.apart))
    .slice(0, DIFFERENCE_ROWS_MAX);
  const body = shown
    .map(
      (one) =>
        `<tr><td>${text(one.key)}</td><td>${classWords[one.class]}</td><td class="n">${apartOf(one)}</td><td>${text(one.what)} ${text(one.nextStep)}</td></tr>`,
    )
    .join("\n");
  return section(
    "What to do first",
    `<table class="todo"><thead><tr><th>Record</th><th>Class</th><th class="n">Apart by</th><th>What it is, and the next step</th></tr></thead><tbody>${body}</tbody></table>${more(differences - shown.length, "differences, all in the spreadsheet")}`,
  );
}

/** By size alone, whatever the currency: a first look, not a sum. What has no amounts comes last. */
function compareDecimals(left: string | null, right: string | null): number {
  const apart = subtractDecimals(parseDecimal(left ?? "-1"), parseDecimal(right ?? "-1")).units;
  return apart === 0n ? 0 : apart < 0n ? -1 : 1;
}

function apartOf({ apart, currency }: Difference): string {
  return apart === null ? "" : `${text(currency ?? "")} ${grouped(apart)}`;
}

function proofOf({ proof, rules }: TieOutReport): string {
  return `<footer>Read ${count(proof.rowsWritten)} records, compared ${count(proof.rowsCompared)}. ${count(proof.sumsChecked)} sums of the classes and what matched were held against the sides' totals: ${proof.sumsApart} apart. Tolerance ${text(rules.toleranceMinor)} minor units; changed less than ${rules.inFlightSeconds} s before the snapshot counts as timing. Amounts are those of the records' own currency; nothing is converted.</footer>`;
}

function countOf({ counts }: TieOutReport, of: DifferenceClass): number {
  return counts.find((one) => one.class === of)?.units ?? 0;
}

function values(sums: readonly ClassValue[]): string {
  return sums.map(({ currency, amount }) => `${text(currency)} ${grouped(amount)}`).join("<br>");
}

function section(title: string, content: string): string {
  return `<section><h2>${title}</h2>${content}</section>`;
}

function more(left: number, of: string): string {
  return left <= 0 ? "" : `<p class="more">and ${count(left)} more ${of}</p>`;
}

/** Thin groups of three: `1 265 793.29`. */
function grouped(amount: string): string {
  const [whole = "", fraction] = amount.split(".");
  const parts = whole.replace(/\B(?=(\d{3})+$)/g, "\u202f");
  return fraction === undefined ? parts : `${parts}.${fraction}`;
}

function count(value: number): string {
  return grouped(String(value));
}

/** What came from a record never is markup. */
function text(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const style = `
@page { size: A4; margin: 12mm }
* { box-sizing: border-box }
body { margin: 0; color: #1b2430; font: 12px/1.4 system-ui, "Segoe UI", Roboto, sans-serif; background: #fff }
main { max-width: 190mm; margin: 0 auto; padding: 12px }
header { display: flex; justify-content: space-between; gap: 24px; padding: 10px 14px; border-left: 6px solid #2e7d4f; background: #eef6f1 }
header.differs { border-color: #b3261e; background: #fbeeed }
header.waits { border-color: #a86500; background: #fdf5e8 }
h1 { margin: 0; font-size: 20px }
header p { margin: 2px 0 0 }
.verdict { text-align: right; min-width: 62mm }
.verdict strong { font-size: 20px }
h2 { margin: 14px 0 4px; font-size: 13px }
table { width: 100%; border-collapse: collapse; font-size: 10.5px }
th { text-align: left; font-weight: 600; border-bottom: 1px solid #9aa5b1; padding: 2px 6px 2px 0 }
td { border-bottom: 1px solid #e3e8ee; padding: 2px 6px 2px 0; vertical-align: top }
tr.first td { border-top: 1px solid #c3ccd6 }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.todo td:first-child { white-space: nowrap }
.more, footer { color: #5b6875; font-size: 10px; margin: 4px 0 0 }
footer { margin-top: 14px; border-top: 1px solid #c3ccd6; padding-top: 6px }
section { break-inside: avoid }
@media print {
main { padding: 0; max-width: none }
body { font-size: 10px; line-height: 1.25 }
table { font-size: 8.5px }
th, td { padding: 1px 5px 1px 0 }
h2 { margin: 9px 0 2px; font-size: 11px }
}
`;
