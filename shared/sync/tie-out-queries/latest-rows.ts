/**
 * The first steps of every query: the rows of one snapshot, each record once.
 *
 * The subset of SQL that Trino (Athena's engine 3) and DuckDB read alike: no `QUALIFY`, no `FILTER`, no
 * regular expressions, no function over nulls that the two read differently (`GREATEST`), and an order of nulls
 * that is always said. The table is named once, with a literal id: its partitions are projected.
 */
import { snapshotColumns, snapshotTable } from "#shared/config/snapshot-schema.ts";
import { type Comparison, listOf, literal } from "./comparison.ts";

const columns = snapshotColumns.map(({ name }) => name).join(", ");

/**
 * `latest`: a page that moved while it was read may show a record twice; the newest showing counts.
 * `is_ended` is 1 in a state in which the record has ended on its side.
 */
export function latestRows({ manifest, rules }: Comparison): string {
  const { crmDocument, booksDocument, other } = rules.endedStates;
  const sides = [...new Set(manifest.written.map(({ side }) => side))];
  const types = [...new Set(manifest.written.map(({ recordType }) => recordType))];
  return `shown AS (
  SELECT side, record_type, ${columns},
    ROW_NUMBER() OVER (
      PARTITION BY side, record_type, external_id
      ORDER BY changed_at_ms DESC, status NULLS LAST, gross_minor NULLS LAST, open_minor NULLS LAST
    ) AS showing
  FROM ${snapshotTable}
  WHERE snapshot_id = ${literal(manifest.snapshotId)}
    AND side IN (${listOf(sides)}) AND record_type IN (${listOf(types)})
),
latest AS (
  SELECT side, record_type, ${columns},
    CASE
      WHEN status IS NULL THEN 0
      WHEN record_type = 'document' AND side = 'crm' AND status IN (${listOf(crmDocument)}) THEN 1
      WHEN record_type IN ('document', 'credit-note', 'payment') AND side <> 'crm'
        AND status IN (${listOf(booksDocument)}) THEN 1
      WHEN record_type IN ('customer', 'product') AND status IN (${listOf(other)}) THEN 1
      ELSE 0
    END AS is_ended
  FROM shown
  WHERE showing = 1
)`;
}
