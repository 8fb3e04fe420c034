/**
 * The columns of a snapshot: what one side showed of one record at one moment, as the tie-out compares
 * it. The files are Parquet; the stack's Glue table, the writer and the queries all read this list.
 *
 * A side is `crm`, `books` or `bank`; a record type is `customer`, `product`, `document` (an order of
 * the CRM, an invoice of the books), `credit-note` or `payment`.
 */
type SnapshotColumnType = "string" | "bigint";

export interface SnapshotColumn {
  readonly name: string;
  readonly type: SnapshotColumnType;
  readonly isNullable: boolean;
}

const text = <Name extends string>(name: Name) =>
  ({ name, type: "string", isNullable: false }) as const;
const maybeText = <Name extends string>(name: Name) =>
  ({ name, type: "string", isNullable: true }) as const;
const maybeMinor = <Name extends string>(name: Name) =>
  ({ name, type: "bigint", isNullable: true }) as const;

export const snapshotColumns = [
  /**
   * What the record is known by on both sides: the number of an order, the reference of an invoice or
   * credit note, the code of a product, the document that a bank row names; where there is none,
   * `<side>:<external id>`.
   */
  text("record_key"),
  /** Of an invoice or credit note whose key is `<order number>/<nnn>`: that order number. */
  maybeText("order_number"),
  text("external_id"),
  /** Our canonical id: as the record carries it in a field of ours, else what its name alone gives. */
  maybeText("registered_id"),
  /** The first exact key of the flow that the record has, for those that carry no id of ours. */
  maybeText("match_key"),
  /** Of a document, credit note or payment: its customer's external id on the same side. */
  maybeText("customer_external_id"),
  /** Of a credit note or payment: external id of the document it is for, on the same side. */
  maybeText("document_external_id"),
  /** What the side itself numbers the document by: `INV-0042`. */
  maybeText("document_number"),
  /** `2026-11-27`; of a document or payment. */
  maybeText("document_date"),
  maybeText("currency"),
  /** What the amounts of the lines say of tax: `exclusive`, `inclusive`, `none`. */
  maybeText("tax_treatment"),
  /**
   * Minor units of the currency, here and below; null where the side does not say. Of an order: its
   * lines and freight, with tax where the treatment is inclusive; null of one billed again and again.
   */
  maybeMinor("ordered_minor"),
  maybeMinor("net_minor"),
  maybeMinor("tax_minor"),
  /** Of an order: what it shows as invoiced. Of money that went out: below zero. */
  maybeMinor("gross_minor"),
  /** Of a credit note: what it has beside what invoices took of it. */
  maybeMinor("credited_minor"),
  maybeMinor("paid_minor"),
  maybeMinor("open_minor"),
  /** Of an order that is won: the status of its invoice that it shows, `unbilled` where it shows none. */
  maybeText("status"),
  /** When it last changed there, epoch ms in that side's clock. */
  { name: "changed_at_ms", type: "bigint", isNullable: false },
  /** The rule by which the record takes no part in the comparison; null where it does. */
  maybeText("excluded_by"),
] as const satisfies readonly SnapshotColumn[];

export const snapshotSides = ["crm", "books", "bank"] as const;
export const snapshotRecordTypes = [
  "customer",
  "product",
  "document",
  "credit-note",
  "payment",
] as const;

/** The folders below the snapshots' prefix, `snapshot_id=…/side=…/record_type=…/`. */
export const snapshotPartitions = ["snapshot_id", "side", "record_type"] as const;

/** The Glue table of the snapshots, in the database that the environment names. */
export const snapshotTable = "snapshots";

/** Where the parts are in their bucket. */
export const snapshotPrefix = "snapshots/";

/** Where Athena writes results in the same bucket. */
export const queryResultPrefix = "athena-results/";

/** Where the manifest of each snapshot is, `<prefix><snapshot id>.json`: outside of the table's files. */
export const snapshotManifestPrefix = "snapshot-manifests/";

/** Where the rows of bank statements are, an object for each statement. */
export const bankRowPrefix = "bank/";
