/** What holds for every document of a set of books. */
import type { CurrencyCode } from "./money.ts";
import type { CalendarDate } from "./records.ts";

export interface LedgerFacts {
  /** The currency the books are kept in. */
  readonly baseCurrency: CurrencyCode;
  /** Currencies that a document may be in; absent where the books do not say. */
  readonly currencies?: readonly CurrencyCode[] | undefined;
  /** The last day of what is closed: no document of that day or before may be made or changed. */
  readonly lockedThrough?: CalendarDate | undefined;
  /** The last day of what was reported to a tax office, as the company's settings say. */
  readonly filedThrough?: CalendarDate | undefined;
}
