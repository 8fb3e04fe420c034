/**
 * CRM against books. A *unit* is what the two sides are compared by: a customer, a product, or an order with
 * all invoices and credit notes that bear its number. Every row belongs to one unit, and every unit has
 * one class, so the classes add up to the sides.
 */
import { type Comparison, classOfFinding, lockedThrough, needsBooks } from "./comparison.ts";

const UNIT = "unit_type, unit_key";
const isDocument = "record_type <> 'credit-note'";

/** An aggregate over the rows of a unit that speak for one side. */
const over = (aggregate: string, side: string, value: string, and = "1 = 1"): string =>
  `${aggregate}(CASE WHEN speaks = 1 AND side = '${side}' AND ${and} THEN ${value} END)
      OVER (PARTITION BY ${UNIT})`;
const minor = (side: string, column: string, and = isDocument): string =>
  over("SUM", side, `CAST(${column} AS DECIMAL(38, 0))`, and);
const notes = (column: string, and = "1 = 1"): string =>
  `COALESCE(${minor("books", column, `record_type = 'credit-note' AND ${and}`)}, 0)`;

/** `speaking`: rows that speak for their side of a unit; ended ones only where no other does. */
const speaking = `lively AS (
  SELECT k.*,
    MAX(CASE WHEN excluded_by IS NULL AND is_ended = 0 THEN 1 ELSE 0 END)
      OVER (PARTITION BY ${UNIT}, side) AS is_live
  FROM known k
  WHERE record_type <> 'payment' AND side IN ('crm', 'books')
),
speaking AS (
  SELECT l.*,
    CASE WHEN excluded_by IS NULL AND (is_live = 0 OR is_ended = 0) THEN 1 ELSE 0 END AS speaks
  FROM lively l
),
copied AS (
  SELECT s.*,
    SUM(speaks) OVER (
      PARTITION BY ${UNIT}, side, record_type, record_key, currency, gross_minor
    ) AS copies
  FROM speaking s
)`;

/** What each side of a unit says, on every row of the unit. A side's state is that of all its documents. */
const compared = `compared AS (
  SELECT c.*,
    COALESCE(${over("MAX", "crm", "is_live")}, 0) AS crm_live,
    COALESCE(${over("MAX", "books", "is_live")}, 0) AS books_live,
    ${over("COUNT", "crm", "1")} AS crm_rows, ${over("COUNT", "books", "1")} AS books_rows,
    ${over("COUNT", "crm", "1", isDocument)} AS crm_documents,
    ${over("COUNT", "books", "1", isDocument)} AS books_documents,
    ${over("MAX", "books", "copies", isDocument)} AS books_copies,
    ${over("MIN", "crm", "person")} AS crm_person,
    ${over("MIN", "books", "person")} AS books_person, ${over("MAX", "books", "person")} AS books_person_max,
    ${over("MIN", "crm", "currency")} AS crm_currency,
    ${over("MIN", "books", "currency")} AS books_currency,
    ${over("MAX", "books", "currency")} AS books_currency_max,
    ${over("MIN", "crm", "tax_treatment")} AS treatment,
    ${over("MIN", "crm", "document_date")} AS crm_date,
    ${over("MIN", "books", "document_date", isDocument)} AS books_date,
    ${over("MAX", "books", "document_date", isDocument)} AS books_last_date,
    MAX(CASE WHEN speaks = 1 THEN changed_at_ms END) OVER (PARTITION BY ${UNIT}) AS moved_at_ms,
    ${minor("crm", "ordered_minor")} AS ordered,
    ${minor("books", "net_minor")} AS books_net, ${notes("net_minor")} AS notes_net,
    ${minor("crm", "gross_minor")} AS crm_gross, ${minor("books", "gross_minor")} AS books_gross,
    ${notes("gross_minor")} AS notes_gross,
    ${minor("crm", "tax_minor")} AS crm_tax, ${minor("books", "tax_minor")} AS books_tax,
    ${minor("crm", "paid_minor")} AS crm_paid, ${minor("books", "paid_minor")} AS books_paid,
    ${minor("crm", "open_minor")} AS crm_open, ${minor("books", "open_minor")} AS books_open,
    ${minor("crm", "credited_minor")} AS crm_credited,
    COALESCE(${minor("books", "credited_minor")}, 0)
      + ${notes("credited_minor", "status IN ('issued', 'paid')")} AS books_credited,
    ${over("MIN", "crm", "status")} AS crm_status,
    ${over("MIN", "books", "status", isDocument)} AS status_min,
    ${over("MAX", "books", "status", isDocument)} AS status_max,
    ${over("MAX", "books", "1", `${isDocument} AND status IN ('issued', 'paid')`)} AS has_issued,
    ${over("MAX", "books", "1", `${isDocument} AND status = 'submitted'`)} AS has_submitted
  FROM copied c
),
stated AS (
  SELECT c.*,
    CASE WHEN treatment = 'inclusive' THEN books_gross ELSE books_net END AS billed,
    CASE WHEN treatment = 'inclusive' THEN notes_gross ELSE notes_net END AS taken_back,
    CASE WHEN status_min = status_max THEN status_min WHEN has_issued = 1 THEN 'issued'
      WHEN has_submitted = 1 THEN 'submitted' ELSE 'draft' END AS books_status
  FROM compared c
)`;

/**
 * The finding of each unit, the first that fits (`shared/domain/tie-out/classes.ts`). What the CRM does not say is
 * not compared. An order agrees with its invoices less their credit notes, or with its invoices
 * where the credit notes took back something else: what was credited is compared by itself.
 */
const found = `found AS (
  SELECT s.*,
    CASE
      WHEN crm_live = 0 AND books_live = 0 THEN NULL
      WHEN crm_rows = 0 THEN 'missing-in-crm'
      WHEN books_rows = 0 THEN 'missing-in-books'
      WHEN crm_live <> books_live THEN 'ended'
      WHEN crm_documents > 1 OR (unit_type <> 'document' AND books_documents > 1) THEN 'number-twice'
      WHEN books_copies > 1 AND (ordered IS NULL OR billed - taken_back > ordered) THEN 'counted-twice'
      WHEN crm_person <> books_person OR books_person <> books_person_max THEN 'other-customer'
      WHEN unit_type <> 'document' THEN NULL
      WHEN crm_currency IS DISTINCT FROM books_currency OR books_currency <> books_currency_max
        THEN 'currency'
      WHEN ordered IS NOT NULL AND ordered IS DISTINCT FROM billed - taken_back
        AND (taken_back = 0 OR ordered IS DISTINCT FROM billed) THEN 'ordered-amount'
      WHEN crm_status <> 'unbilled' AND crm_gross IS DISTINCT FROM books_gross
        AND crm_gross - crm_tax <> books_net THEN 'invoiced-amount'
      WHEN crm_tax IS NOT NULL AND crm_tax IS DISTINCT FROM books_tax THEN 'tax'
      WHEN crm_status <> 'unbilled' AND crm_gross IS NOT NULL AND crm_gross IS DISTINCT FROM books_gross
        THEN 'invoiced-amount'
      WHEN crm_status IS DISTINCT FROM books_status THEN 'status'
      WHEN crm_paid IS NOT NULL AND crm_paid IS DISTINCT FROM books_paid THEN 'paid'
      WHEN crm_credited IS NOT NULL AND crm_credited IS DISTINCT FROM books_credited THEN 'credited'
      WHEN crm_open IS NOT NULL AND crm_open IS DISTINCT FROM books_open THEN 'open'
      WHEN ordered IS NOT NULL AND books_documents = 1
        AND SUBSTR(crm_date, 1, 7) <> SUBSTR(books_date, 1, 7) THEN 'other-period'
    END AS finding
  FROM stated s
)`;

/** How far the sides are apart, in minor units: by the amounts that differ, else by all that is at stake. */
const apart = `CASE finding
      WHEN 'ordered-amount' THEN ABS(ordered - COALESCE(billed - taken_back, 0))
      WHEN 'tax' THEN ABS(crm_tax - COALESCE(books_tax, 0))
      WHEN 'invoiced-amount' THEN ABS(crm_gross - COALESCE(books_gross, 0))
      WHEN 'paid' THEN ABS(crm_paid - COALESCE(books_paid, 0))
      WHEN 'credited' THEN ABS(crm_credited - books_credited)
      WHEN 'open' THEN ABS(crm_open - COALESCE(books_open, 0))
      WHEN 'missing-in-crm' THEN ABS(COALESCE(books_gross, 0) - notes_gross)
      ELSE ABS(COALESCE(crm_gross, ordered, books_gross))
    END`;

/**
 * `record_rows`: every row with the class of its unit. Just changed comes before all else, since the other side
 * may not have it yet; a closed period before the class that the finding would have.
 */
export function recordUnits(comparison: Comparison): string {
  const { manifest, rules } = comparison;
  const sinceMs = Math.trunc(manifest.startedAtMs - rules.inFlightMs);
  return `${speaking},
${compared},
${found},
record_rows AS (
  SELECT side, record_type, unit_type, unit_key, external_id, registered_id, document_number,
    document_date, currency, status, ordered_minor, net_minor, tax_minor, gross_minor,
    credited_minor, paid_minor, open_minor,
    CASE
      WHEN speaks = 0 OR (crm_live = 0 AND books_live = 0) THEN 'excluded'
      WHEN finding IS NULL THEN 'matched'
      WHEN finding = 'other-period' OR moved_at_ms >= ${sinceMs} THEN 'timing'
      WHEN COALESCE(books_last_date, crm_date) <= ${lockedThrough(comparison)} AND ${needsBooks()}
        THEN 'period-locked'
      ELSE ${classOfFinding()}
    END AS class,
    CASE WHEN speaks = 1 THEN finding END AS finding,
    COALESCE(excluded_by, status) AS rule,
    CASE WHEN unit_type = 'document' THEN ${apart} END AS apart
  FROM found
)`;
}
