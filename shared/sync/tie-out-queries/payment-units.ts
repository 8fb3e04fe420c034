/**
 * The third leg: the bank against the payments in the books, one to one. In turns, each over what the ones before
 * left: the same document and amount; the same day and amount; the same amount some days apart; the same
 * document and another amount. Among equals the n-th of one side goes with the n-th of the other, by day.
 */
import { exclusionRules } from "#shared/domain/tie-out/classes.ts";
import {
  type Comparison,
  classOfFinding,
  literal,
  lockedThrough,
  needsBooks,
} from "./comparison.ts";

const DAYS = "DATE_DIFF('day', CAST(bank_date AS DATE), CAST(books_date AS DATE))";

/**
 * `payments`: rows and what the statements cover. Nothing is said of a payment on a day or in a currency of
 * which there is no statement.
 */
const payments = `covered AS (
  SELECT k.*,
    MIN(CASE WHEN side = 'bank' AND excluded_by IS NULL THEN document_date END)
      OVER (PARTITION BY currency) AS first_day,
    MAX(CASE WHEN side = 'bank' AND excluded_by IS NULL THEN document_date END)
      OVER (PARTITION BY currency) AS last_day
  FROM known k
  WHERE record_type = 'payment' AND side IN ('bank', 'books')
),
payments AS (
  SELECT side, record_type, external_id, registered_id, document_date, currency, gross_minor, open_minor,
    status, changed_at_ms, names, names_ours, last_day,
    CASE
      WHEN excluded_by IS NOT NULL THEN excluded_by
      WHEN is_ended = 1 THEN status
      WHEN side = 'books' AND (last_day IS NULL OR document_date IS NULL
        OR document_date < first_day OR document_date > last_day) THEN ${literal(exclusionRules.noStatement)}
    END AS left_out_by,
    CAST(NULL AS VARCHAR) AS pair_key, CAST(NULL AS VARCHAR) AS bank_date,
    CAST(NULL AS VARCHAR) AS books_date, CAST(NULL AS VARCHAR) AS bank_names,
    CAST(NULL AS VARCHAR) AS books_names, CAST(NULL AS BIGINT) AS pair_ours,
    CAST(NULL AS BIGINT) AS pair_moved_ms, CAST(NULL AS DECIMAL(38, 0)) AS pair_apart,
    CAST(NULL AS VARCHAR) AS turn
  FROM covered
)`;

const carried = `side, record_type, external_id, registered_id, document_date, currency, gross_minor,
    open_minor, status, changed_at_ms, names, names_ours, last_day, left_out_by`;

/**
 * One turn: numbers the free rows of each side within what they share, and pairs equal numbers that lie within the
 * days. `free` is null on rows that are paired already or take no part, so that they meet nobody.
 */
function turnOf(turn: string, from: string, shared: string, daysMax: number | undefined): string {
  const place = `free, ${shared}, number_in_side`;
  const one = (side: string, value: string) =>
    `MAX(CASE WHEN side = '${side}' THEN ${value} END) OVER (PARTITION BY ${place})`;
  const keep = (column: string) =>
    `CASE WHEN meets = 1 THEN new_${column} ELSE ${column} END AS ${column}`;
  const columns = [
    "pair_key",
    "bank_date",
    "books_date",
    "bank_names",
    "books_names",
    "pair_ours",
    "pair_moved_ms",
    "pair_apart",
  ];
  const isNear =
    daysMax === undefined
      ? "1 = 1"
      : `ABS(DATE_DIFF('day', CAST(new_bank_date AS DATE), CAST(new_books_date AS DATE))) <= ${daysMax}`;
  return `${turn}_numbered AS (
  SELECT p.*,
    CASE WHEN free IS NOT NULL
      THEN ROW_NUMBER() OVER (
        PARTITION BY side, free, ${shared} ORDER BY document_date NULLS LAST, external_id
      ) END AS number_in_side
  FROM ${from} p
),
${turn}_met AS (
  SELECT n.*,
    ${one("bank", "external_id")} || '|' || ${one("books", "external_id")} AS new_pair_key,
    ${one("bank", "document_date")} AS new_bank_date, ${one("books", "document_date")} AS new_books_date,
    ${one("bank", "names")} AS new_bank_names, ${one("books", "names")} AS new_books_names,
    ${one("bank", "CAST(names_ours AS BIGINT)")} AS new_pair_ours,
    ${one("books", "changed_at_ms")} AS new_pair_moved_ms,
    CAST(${one("bank", "gross_minor")} - ${one("books", "gross_minor")} AS DECIMAL(38, 0)) AS new_pair_apart,
    CASE WHEN free IS NOT NULL
      AND MIN(side) OVER (PARTITION BY ${place}) <> MAX(side) OVER (PARTITION BY ${place})
      THEN 1 ELSE 0 END AS is_met
  FROM ${turn}_numbered n
),
${turn}_checked AS (
  SELECT m.*, CASE WHEN is_met = 1 AND ${isNear} THEN 1 ELSE 0 END AS meets FROM ${turn}_met m
),
${turn} AS (
  SELECT ${carried},
    ${columns.map(keep).join(",\n    ")},
    CASE WHEN meets = 1 THEN '${turn}' ELSE turn END AS turn
  FROM ${turn}_checked
)`;
}

/** Rows that a turn may pair: those that take part, have no partner yet, and say what must be shared. */
function freeFor(name: string, from: string, shares: readonly string[]): string {
  const test = [
    "left_out_by IS NULL",
    "turn IS NULL",
    ...shares.map((one) => `${one} IS NOT NULL`),
  ];
  return `${name} AS (
  SELECT p.*, CASE WHEN ${test.join(" AND ")} THEN 1 END AS free FROM ${from} p
)`;
}

/** Rows of one amount whose days lie close together are one island; what pairs is in one of them. */
function islandsOf(name: string, from: string, daysMax: number): string {
  const within =
    "PARTITION BY free, currency, gross_minor ORDER BY document_date, side, external_id";
  const gap = "DATE_DIFF('day', CAST(day_before AS DATE), CAST(document_date AS DATE))";
  return `${name}_gaps AS (
  SELECT p.*, LAG(document_date) OVER (${within}) AS day_before FROM ${from} p
),
${name} AS (
  SELECT g.*,
    SUM(CASE WHEN ${gap} > ${daysMax} THEN 1 ELSE 0 END) OVER (
      ${within} ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS island
  FROM ${name}_gaps g
)`;
}

/** `payment_rows`: every row of the third leg, in the shape of `record_rows`. */
export function paymentUnits(comparison: Comparison): string {
  const { manifest, rules } = comparison;
  const { bankWindowDays: daysMax } = rules;
  const sinceMs = Math.trunc(manifest.startedAtMs - rules.inFlightMs);
  const toEnd = "DATE_DIFF('day', CAST(document_date AS DATE), CAST(last_day AS DATE))";
  return `${payments},
${freeFor("free_for_document", "payments", ["names"])},
${turnOf("by_document", "free_for_document", "currency, gross_minor, names", undefined)},
${freeFor("free_for_day", "by_document", ["document_date"])},
${turnOf("by_day", "free_for_day", "currency, gross_minor, document_date", undefined)},
${freeFor("free_for_amount", "by_day", ["document_date"])},
${islandsOf("islands", "free_for_amount", daysMax)},
${turnOf("by_amount", "islands", "currency, gross_minor, island", daysMax)},
${freeFor("free_for_name", "by_amount", ["names", "document_date"])},
${turnOf("by_name", "free_for_name", "currency, names", daysMax)},
payment_left AS (
  SELECT p.*,
    CASE WHEN left_out_by IS NULL AND turn IS NULL AND side = 'bank' AND gross_minor < 0
      AND names_ours IS NULL THEN ${literal(exclusionRules.moneyOut)} ELSE left_out_by END AS rule
  FROM by_name p
),
payment_found AS (
  SELECT p.*,
    CASE
      WHEN rule IS NOT NULL THEN NULL
      WHEN turn = 'by_name' THEN 'paid-amount'
      WHEN turn IS NOT NULL AND pair_ours = 1 AND bank_names <> books_names THEN 'other-document'
      WHEN turn IS NOT NULL AND ABS(${DAYS}) > ${daysMax} THEN 'booked-late'
      WHEN turn IS NOT NULL AND SUBSTR(bank_date, 1, 7) <> SUBSTR(books_date, 1, 7) THEN 'other-period'
      WHEN turn IS NOT NULL THEN NULL
      WHEN ${toEnd} < ${daysMax} THEN 'in-transit'
      WHEN side = 'bank' THEN 'payment-missing-in-books'
      ELSE 'missing-at-bank'
    END AS finding
  FROM payment_left p
),
payment_rows AS (
  SELECT side, record_type, 'payment' AS unit_type,
    COALESCE(pair_key, side || ':' || external_id) AS unit_key,
    external_id, registered_id, names AS document_number, document_date, currency, status,
    CAST(NULL AS BIGINT) AS ordered_minor, CAST(NULL AS BIGINT) AS net_minor,
    CAST(NULL AS BIGINT) AS tax_minor, gross_minor, CAST(NULL AS BIGINT) AS credited_minor,
    CAST(NULL AS BIGINT) AS paid_minor, open_minor,
    CASE
      WHEN rule IS NOT NULL THEN 'excluded'
      WHEN finding IS NULL THEN 'matched'
      WHEN finding IN ('in-transit', 'other-period', 'booked-late') THEN 'timing'
      WHEN COALESCE(pair_moved_ms, CASE side WHEN 'books' THEN changed_at_ms END, 0) >= ${sinceMs}
        THEN 'timing'
      WHEN COALESCE(books_date, document_date) <= ${lockedThrough(comparison)} AND ${needsBooks()}
        THEN 'period-locked'
      ELSE ${classOfFinding()}
    END AS class,
    finding, rule,
    CASE WHEN finding = 'paid-amount' THEN ABS(pair_apart)
      ELSE ABS(CAST(gross_minor AS DECIMAL(38, 0))) END AS apart
  FROM payment_found
)`;
}
