/**
 * How differences are told apart. A *finding* says what was found, a *class* what kind of gap that is: each
 * difference has one of each. The queries and the report both read these tables.
 */

export const differenceClasses = [
  "timing",
  "missing-in-crm",
  "missing-in-books",
  "missing-at-bank",
  "amount",
  "tax",
  "currency",
  "status",
  "period-locked",
  "identity",
  "excluded",
] as const;
export type DifferenceClass = (typeof differenceClasses)[number];

/** Of every row of a snapshot. */
export type RowClass = DifferenceClass | "matched";

interface Finding {
  readonly class: DifferenceClass;
  /** Whether the cure is a change in the books, which a closed period does not take. */
  readonly needsBooks: boolean;
  /** One sentence, for a person. */
  readonly text: string;
}

const inBooks = (of: DifferenceClass, text: string): Finding => ({
  class: of,
  needsBooks: true,
  text,
});
const anywhere = (of: DifferenceClass, text: string): Finding => ({
  class: of,
  needsBooks: false,
  text,
});

/** In the order in which they are looked for: the first that fits is the finding. */
export const findings = {
  "missing-in-crm": anywhere("missing-in-crm", "Only the books have it."),
  "missing-in-books": inBooks("missing-in-books", "Only the CRM has it."),
  ended: anywhere("status", "One side has ended it (void, lost, archived), the other has not."),
  "number-twice": anywhere("identity", "One side has the same number or id twice."),
  "counted-twice": inBooks("identity", "The books have the same document twice."),
  "other-customer": inBooks("identity", "The two sides name different customers."),
  currency: inBooks("currency", "The two sides are in different currencies."),
  "ordered-amount": inBooks("amount", "What was ordered is not what was billed."),
  tax: inBooks("tax", "The two sides show different tax."),
  "invoiced-amount": anywhere("amount", "The CRM shows another invoiced amount than the books."),
  status: anywhere("status", "The two sides show different states."),
  paid: anywhere("status", "The two sides show different amounts as paid."),
  credited: anywhere("status", "The two sides show different amounts as credited."),
  open: anywhere("status", "The two sides show different amounts as open."),
  "other-period": anywhere("timing", "The two sides date it in different months."),
  "missing-at-bank": anywhere("missing-at-bank", "Only the books have the payment."),
  "payment-missing-in-books": inBooks("missing-in-books", "Only the bank has the payment."),
  "in-transit": anywhere("timing", "Too close to the statement's end to be on both sides yet."),
  "other-document": inBooks("identity", "The payer names another document than the books."),
  "paid-amount": inBooks("amount", "Bank and books have different amounts."),
  "booked-late": anywhere("timing", "Bank and books date it further apart than payments travel."),
} as const satisfies Readonly<Record<string, Finding>>;
export type FindingName = keyof typeof findings;

export function isFindingName(text: string): text is FindingName {
  return Object.hasOwn(findings, text);
}

/** Rules of the tie-out's own that take a row out, beside those that the connectors name. */
export const exclusionRules = {
  /** No statement of a bank covers its day and currency. */
  noStatement: "no-bank-statement",
  /** Money that went out for something that is none of our documents. */
  moneyOut: "money-out",
  /** A loss in the books: no bank has seen it. */
  writtenOff: "written-off",
} as const;
