/** What a report calls things, for people. */
import type { DifferenceClass } from "./classes.ts";
import type { MatchRate } from "./report.ts";
import type { SnapshotRecordType, SnapshotSide } from "./snapshot-row.ts";

const byRule = "Excluded by rule";

export const classWords: Readonly<Record<DifferenceClass, string>> = {
  timing: "Timing",
  "missing-in-crm": "Missing in CRM",
  "missing-in-books": "Missing in books",
  "missing-at-bank": "Missing at bank",
  amount: "Amount",
  tax: "Tax",
  currency: "Currency",
  status: "Status",
  "period-locked": "Period locked",
  identity: "Identity",
  excluded: byRule,
};

export const sideWords: Readonly<Record<SnapshotSide | "both", string>> = {
  crm: "CRM",
  books: "Books",
  bank: "Bank",
  both: "Both",
};

export const typeWords: Readonly<Record<SnapshotRecordType, string>> = {
  customer: "Customers",
  product: "Products",
  document: "Orders and invoices",
  "credit-note": "Credit notes",
  payment: "Payments",
};

export const denominatorWords: Readonly<Record<MatchRate["denominator"], string>> = {
  all: "of all records",
  compared: "of those that no rule excludes",
  overlapping: "of those in the days that both sides have",
};
