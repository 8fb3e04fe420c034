/**
 * The queries of a tie-out. Only sums and differences come back, however many records there are; every column
 * is text, so that no number is read as a binary float on the way.
 */
import { limits } from "#shared/config/limits.ts";
import { type Comparison, literal, sumOf } from "./comparison.ts";
import { knownRows } from "./known-rows.ts";
import { latestRows } from "./latest-rows.ts";
import { paymentUnits } from "./payment-units.ts";
import { recordUnits } from "./record-units.ts";

const amounts = ["net", "tax", "gross", "credited", "paid", "open"] as const;

/** Of one cell: how many, and each amount with the count of those that do not say it. */
const measures = [
  "CAST(COUNT(*) AS VARCHAR) AS records",
  ...amounts.map((name) => `CAST(COALESCE(${sumOf(`${name}_minor`)}, 0) AS VARCHAR) AS ${name}`),
  ...["net", "gross"].map(
    (name) => `CAST(COUNT(*) - COUNT(${name}_minor) AS VARCHAR) AS without_${name}`,
  ),
].join(", ");

const byCell = "side, record_type, SUBSTR(document_date, 1, 7), currency";
const cell = "side, record_type, SUBSTR(document_date, 1, 7) AS period, currency";

/** What was written, row by row, showings included: what the manifest must say as well. */
export function writtenQuery(comparison: Comparison): string {
  return `WITH ${latestRows(comparison)}
SELECT side, record_type, CAST(COUNT(*) AS VARCHAR) AS records FROM shown
GROUP BY side, record_type ORDER BY side, record_type`;
}

/** Each side's totals, from the rows alone: nothing of the comparison is in this query. */
export function sideTotalsQuery(comparison: Comparison): string {
  return `WITH ${latestRows(comparison)}
SELECT ${cell}, ${measures} FROM latest
WHERE ${inPeriods(comparison)}
GROUP BY ${byCell}
ORDER BY side, record_type, period NULLS LAST, currency NULLS LAST`;
}

function classified(comparison: Comparison): string {
  return `WITH ${latestRows(comparison)},
${knownRows},
${recordUnits(comparison)},
${paymentUnits(comparison)},
classified AS (SELECT * FROM record_rows UNION ALL SELECT * FROM payment_rows)`;
}

/**
 * The same totals, cut by class; and of each cut what lies in the days of which both sides have records.
 * `value` is what a record is worth in a match rate: gross, else what was ordered. `units`: how many of
 * them stand first in this cut, so that each is counted once; `above_tolerance`: in how many of these the
 * sides are further apart than that. A difference without amounts counts as one that is.
 */
export function classTotalsQuery(comparison: Comparison): string {
  const value = "COALESCE(gross_minor, ordered_minor, net_minor, 0)";
  const day = (aggregate: string, side: string) =>
    `${aggregate}(CASE WHEN side ${side} AND class <> 'excluded' THEN document_date END)
      OVER (PARTITION BY unit_type)`;
  const isOverlap = `document_date IS NULL
      OR (document_date >= books_first_day AND document_date >= other_first_day
        AND document_date <= books_last_day AND document_date <= other_last_day)`;
  return `${classified(comparison)},
spans AS (
  SELECT c.*,
    ${day("MIN", "= 'books'")} AS books_first_day, ${day("MAX", "= 'books'")} AS books_last_day,
    ${day("MIN", "<> 'books'")} AS other_first_day, ${day("MAX", "<> 'books'")} AS other_last_day
  FROM classified c
),
weighed AS (
  SELECT s.*, ${value} AS value_minor, CASE WHEN ${isOverlap} THEN 1 ELSE 0 END AS is_overlap,
    CASE WHEN class <> 'excluded' AND ROW_NUMBER() OVER (
      PARTITION BY class, unit_type, unit_key ORDER BY side, record_type, external_id
    ) = 1 THEN 1 ELSE 0 END AS is_unit
  FROM spans s WHERE ${inPeriods(comparison)}
)
SELECT ${cell}, class, ${measures},
  CAST(SUM(is_unit) AS VARCHAR) AS units,
  CAST(SUM(CASE WHEN apart IS NULL OR apart > ${comparison.rules.toleranceMinor} THEN is_unit ELSE 0 END)
    AS VARCHAR) AS above_tolerance,
  CAST(${sumOf("value_minor")} AS VARCHAR) AS value,
  CAST(SUM(is_overlap) AS VARCHAR) AS overlap_records,
  CAST(${sumOf("CASE is_overlap WHEN 1 THEN value_minor ELSE 0 END")} AS VARCHAR) AS overlap_value
FROM weighed
GROUP BY ${byCell}, class
ORDER BY side, record_type, period NULLS LAST, currency NULLS LAST, class`;
}

const shownColumns = [
  "class",
  "finding",
  "rule",
  "unit_type",
  "unit_key",
  "side",
  "record_type",
  "external_id",
  "registered_id",
  "document_number",
  "document_date",
  "currency",
  "status",
].join(", ");
const shownAmounts = [
  ...["ordered", ...amounts].map((name) => `CAST(${name}_minor AS VARCHAR) AS ${name}`),
  "CAST(apart AS VARCHAR) AS apart",
].join(", ");

/**
 * The rows of every unit that differs, unit by unit, and the rows that rules take out: of each class and rule
 * the first so many.
 */
export function listedQuery(comparison: Comparison): string {
  const unitName = `CASE WHEN class = 'excluded' THEN side || '|' || record_type || '|' || external_id
      ELSE unit_type || '|' || unit_key END`;
  return `${classified(comparison)},
named AS (
  SELECT c.*, ${unitName} AS unit_name,
    MAX(CASE WHEN ${inPeriods(comparison)} THEN 1 ELSE 0 END) OVER (PARTITION BY class, ${unitName}) AS is_wanted
  FROM classified c WHERE class <> 'matched'
),
listed AS (
  SELECT n.*,
    DENSE_RANK() OVER (PARTITION BY class, CASE class WHEN 'excluded' THEN rule END ORDER BY unit_name) AS place
  FROM named n WHERE is_wanted = 1
)
SELECT ${shownColumns}, ${shownAmounts} FROM listed
WHERE place <= ${limits.differencesListedMax}
ORDER BY class, CASE class WHEN 'excluded' THEN rule END NULLS FIRST, unit_name, side DESC, record_type DESC,
  external_id`;
}

/** Records without a date belong to every period. */
function inPeriods({ rules }: Comparison): string {
  const bounds = [
    ...(rules.from === undefined ? [] : [`SUBSTR(document_date, 1, 7) >= ${literal(rules.from)}`]),
    ...(rules.to === undefined ? [] : [`SUBSTR(document_date, 1, 7) <= ${literal(rules.to)}`]),
  ];
  return bounds.length === 0 ? "1 = 1" : `(document_date IS NULL OR (${bounds.join(" AND ")}))`;
}
