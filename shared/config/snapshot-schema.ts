/**
 * The columns of a snapshot: what one side showed of one record at one moment, as the tie-out compares
 * it. The files are Parquet; the stack's Glue table, the writer and the queries all read this list.
 *
 * A side is `crm`, `books` or `bank`; a record type is `customer`, `product`, `document` (an order of
 * the CRM, an invoice of the books), `credit-note` or `payment`.
 */
export type SnapshotColumnType = "string" | "bigint";

export interface SnapshotColumn {
  readonly name: string;
  readonly type: SnapshotColumnType;
  readonly isNullable: boolean;
}

const text = (name: string): SnapshotColumn => ({ name, type: "string", isNullable: false });
const maybeText = (name: string): SnapshotColumn => ({ name, type: "string", isNullable: true });
const maybeMinor = (name: string): SnapshotColumn => ({ name, type: "bigint", isNullable: true });

export const snapshotColumns = [
  /** What the record is known by on both sides: a document's number, a product's code, else the id. */
  text("record_key"),
  text("external_id"),
  /** Our canonical id, where the record carries it in a field of ours. */
  maybeText("registered_id"),
  /** Of a document: its customer's external id on the same side. */
  maybeText("customer_external_id"),
  /** `2026-11-27`; of a document or payment. */
  maybeText("document_date"),
  maybeText("currency"),
  /** Minor units of the currency; null where the side does not say. */
  maybeMinor("net_minor"),
  maybeMinor("tax_minor"),
  maybeMinor("gross_minor"),
  maybeMinor("paid_minor"),
  maybeMinor("open_minor"),
  maybeText("status"),
  /** When it last changed there, epoch ms in that side's clock. */
  { name: "changed_at_ms", type: "bigint", isNullable: false },
  /** The rule by which the record takes no part in the comparison; null where it does. */
  maybeText("excluded_by"),
] as const satisfies readonly SnapshotColumn[];

/** The folders below the snapshots' prefix, `snapshot_id=…/side=…/record_type=…/`. */
export const snapshotPartitions = ["snapshot_id", "side", "record_type"] as const;
