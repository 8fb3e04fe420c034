/** One company's books in Xero: the connection, and what this company calls its accounts and taxes. */
import type { XeroSettings } from "#shared/contracts/connections.ts";
import type { ConnectionId, ExternalId } from "#shared/domain/identifiers.ts";
import type { DocumentLine, TaxTreatment } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

export interface Books {
  readonly connection: ConnectionId;
  readonly salesAccountCode: string;
  /** That of sales where the settings name none. */
  readonly shippingAccountCode: string;
  /** Codes of the accounts of losses. */
  readonly writeOffAccounts: ReadonlySet<string>;
  /** Payments to these that were listed so far, see `write-offs.ts`; only ever added to. */
  readonly writeOffs: Set<ExternalId>;
  /** The company's name of a tax to Xero's TaxType; no TaxType stands twice. */
  readonly taxTypes: ReadonlyMap<string, string>;
}

type BookSettings = Pick<
  XeroSettings,
  "id" | "salesAccountCode" | "shippingAccountCode" | "taxTypes"
> &
  Partial<Pick<XeroSettings, "writeOffAccounts">>;

export function booksOf(settings: BookSettings): Books {
  const { id, salesAccountCode, shippingAccountCode = salesAccountCode, taxTypes } = settings;
  return {
    connection: id,
    salesAccountCode,
    shippingAccountCode,
    writeOffAccounts: new Set(settings.writeOffAccounts),
    writeOffs: new Set(),
    taxTypes: new Map(Object.entries(taxTypes)),
  };
}

/**
 * Xero's TaxType of a line, `undefined` where Xero is to use the one of the line's item or account.
 * Throws SyncError `rejected` (`tax-code-unmapped`): a tax is never guessed.
 */
export function taxTypeOf(
  books: Books,
  taxCode: DocumentLine["taxCode"],
  treatment: TaxTreatment | undefined,
): string | undefined {
  if (taxCode === null || taxCode === undefined || treatment === "none") return undefined;
  const taxType = books.taxTypes.get(taxCode);
  if (taxType !== undefined) return taxType;
  throw new SyncError({
    kind: "rejected",
    code: "tax-code-unmapped",
    field: "lines.taxCode",
    fix: `Add ${JSON.stringify(taxCode)} to taxTypes of the Xero connection, with the TaxType it stands for.`,
  });
}

/** The company's name of a TaxType; null for one that the settings do not name. */
export function taxCodeOf(books: Books, taxType: string | null): string | null {
  const named = [...books.taxTypes].find(([, known]) => known === taxType);
  return named?.[0] ?? null;
}

/** Whether the account is the one of freight, where that is an account of its own. */
export function isShippingAccount(books: Books, accountCode: string | null): boolean {
  const { salesAccountCode, shippingAccountCode } = books;
  return shippingAccountCode !== salesAccountCode && accountCode === shippingAccountCode;
}
