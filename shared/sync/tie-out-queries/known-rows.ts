/**
 * Who is who, and what belongs to what: each row of the snapshot with the unit that it is compared in. Links are followed
 * by windows over one pass of the rows and never by joins: Trino works a named step out anew each time it is
 * named, so a chain of joins would read the snapshot hundreds of times.
 */
/** Rows without the key stand alone, else all of them would be one group, on one machine. */
const per = (key: string): string => `PARTITION BY COALESCE(${key}, alone)`;
const max = (when: string, then: string, key: string): string =>
  `MAX(CASE WHEN ${when} THEN ${then} END) OVER (${per(key)})`;

const isOrder = "side = 'crm' AND record_type = 'document'";
const isInvoice = "side = 'books' AND record_type = 'document'";
const isBilling = "side = 'books' AND record_type IN ('document', 'credit-note')";

/**
 * - `sharing`: customers whose id both sides carry, and orders whose number the books refer to. An order may
 *   itself be numbered like one of several invoices, so the whole reference is looked for first.
 * - `keyed`: customers that carry no common id go by an exact key, where no third record has it; a credit note
 *   without an order's number goes with its invoice.
 * - `known`: a document's customer, and what a payment is for.
 */
export const knownRows = `roles AS (
  SELECT l.*,
    'alone|' || side || '|' || record_type || '|' || external_id AS alone,
    CASE WHEN record_type = 'customer' THEN registered_id END AS own_id,
    CASE WHEN record_type IN ('document', 'credit-note') THEN record_key END AS whole_key,
    CASE WHEN ${isOrder} THEN record_key WHEN ${isBilling} THEN order_number END AS stem_key,
    side || '|' || CASE WHEN record_type = 'customer' THEN external_id ELSE customer_external_id END
      AS person_id,
    CASE WHEN ${isInvoice} THEN external_id
      WHEN record_type = 'credit-note' THEN document_external_id END AS invoice_id,
    CASE WHEN ${isBilling} THEN external_id
      WHEN record_type = 'payment' THEN document_external_id END AS paid_id,
    CASE WHEN ${isBilling} THEN document_number WHEN side = 'bank' THEN record_key END AS named
  FROM latest l
),
sharing AS (
  SELECT r.*,
    CASE WHEN own_id IS NOT NULL
      AND MIN(side) OVER (${per("own_id")}) <> MAX(side) OVER (${per("own_id")})
      THEN 1 ELSE 0 END AS is_shared,
    CASE WHEN whole_key IS NOT NULL THEN ${max(isOrder, "1", "whole_key")} END AS has_order,
    CASE WHEN stem_key IS NOT NULL THEN ${max(isOrder, "1", "stem_key")} END AS has_stem,
    CASE WHEN named IS NOT NULL THEN ${max(isBilling, "1", "named")} END AS names_ours
  FROM roles r
),
matching AS (
  SELECT s.*,
    CASE WHEN is_shared = 0 AND record_type = 'customer' THEN match_key END AS free_key
  FROM sharing s
),
counting AS (
  SELECT m.*,
    SUM(CASE WHEN side = 'crm' THEN 1 ELSE 0 END) OVER (${per("free_key")}) AS free_in_crm,
    SUM(CASE WHEN side = 'books' THEN 1 ELSE 0 END) OVER (${per("free_key")}) AS free_in_books,
    ${max("side = 'crm'", "registered_id", "free_key")} AS free_id
  FROM matching m
),
naming AS (
  SELECT c.*,
    CASE
      WHEN record_type = 'customer' AND free_key IS NOT NULL AND free_in_crm = 1 AND free_in_books = 1
        THEN free_id
      WHEN record_type = 'customer' THEN registered_id
      WHEN has_order = 1 THEN record_key
      WHEN has_stem = 1 THEN order_number
      ELSE record_key
    END AS own_unit
  FROM counting c
),
keyed AS (
  SELECT n.*,
    CASE WHEN record_type = 'credit-note' AND has_order IS NULL AND has_stem IS NULL AND invoice_id IS NOT NULL
      THEN COALESCE(${max(isInvoice, "own_unit", "invoice_id")}, own_unit)
      ELSE own_unit END AS unit_key
  FROM naming n
),
known AS (
  SELECT k.*,
    CASE record_type WHEN 'credit-note' THEN 'document' ELSE record_type END AS unit_type,
    CASE WHEN person_id IS NOT NULL
      THEN ${max("record_type = 'customer'", "own_unit", "person_id")} END AS person,
    CASE WHEN side = 'bank' THEN record_key WHEN paid_id IS NOT NULL
      THEN ${max(isBilling, "document_number", "paid_id")} END AS names
  FROM keyed k
)`;
