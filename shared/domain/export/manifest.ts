/** What a finished export says of itself; written last, beside its file. */
import { add, type CurrencyCode, formatMoney, type Money, parseMoney } from "../money.ts";
import type { ExportChoices } from "./choices.ts";
import type { ExportColumn } from "./columns.ts";
import type { ExportEntry, LeftOut } from "./entry.ts";

/** Column -> currency -> exact sum in major units. */
export type ExportSums = Readonly<Record<string, Readonly<Record<CurrencyCode, string>>>>;

export interface ExportManifest extends ExportChoices {
  readonly version: 1;
  readonly runId: string;
  /** Key of the file in the outbox. */
  readonly file: string;
  readonly bytes: number;
  /** Of the file's bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  readonly records: number;
  /** Without the header; a document has one for each of its lines. */
  readonly rows: number;
  readonly columns: readonly Omit<ExportColumn, "level">[];
  /** An amount of a record counts once, in however many rows it stands. */
  readonly sums: ExportSums;
  /** Records that could not be shown; the first of them are listed. */
  readonly leftOut: { readonly count: number; readonly listed: readonly LeftOut[] };
  /** Each record is as it was at one moment between these two. */
  readonly asOf: { readonly from: string; readonly to: string };
}

/** A column that is added up, where its cells stand in a row and those of their currency. */
interface AmountColumn extends Pick<ExportColumn, "name" | "level"> {
  readonly at: number;
  readonly currencyAt: number;
}

/** Adds up what goes into a file, entry by entry. */
export class ExportTally {
  readonly #amounts: readonly AmountColumn[];
  readonly #sums = new Map<string, Map<CurrencyCode, Money>>();
  records = 0;
  rows = 0;

  constructor(columns: readonly ExportColumn[]) {
    this.#amounts = columns.flatMap(({ name, level, currency }, at) => {
      if (currency === undefined) return [];
      const currencyAt = columns.findIndex((column) => column.name === currency);
      return [{ name, level, at, currencyAt }];
    });
  }

  add({ rows }: ExportEntry): void {
    this.records += 1;
    this.rows += rows.length;
    for (const { name, level, at, currencyAt } of this.#amounts) {
      const counted = level === "line" ? rows : rows.slice(0, 1);
      for (const row of counted) this.#addCell(name, row[at], row[currencyAt]);
    }
  }

  sums(): ExportSums {
    const texts = [...this.#sums].map(([column, sums]) => {
      const inOrder = [...sums].sort(([left], [right]) => (left < right ? -1 : 1));
      const shown = inOrder.map(([currency, sum]) => [currency, formatMoney(sum)] as const);
      return [column, Object.fromEntries(shown)] as const;
    });
    return Object.fromEntries(texts.sort(([left], [right]) => (left < right ? -1 : 1)));
  }

  #addCell(column: string, text: string | null | undefined, currency: string | null | undefined) {
    if (typeof text !== "string" || typeof currency !== "string") return;
    const sums = this.#sums.get(column) ?? new Map<CurrencyCode, Money>();
    const amount = parseMoney(text, currency);
    const before = sums.get(currency);
    sums.set(currency, before === undefined ? amount : add(before, amount));
    this.#sums.set(column, sums);
  }
}
