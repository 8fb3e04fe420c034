/**
 * The organisation itself: its settings, chart of accounts, tax rates and subscribed currencies. The
 * chart is fixed; only the lock dates change.
 */
import type { RandomSource } from "../random-source.ts";
import type { RowFaults } from "../row-faults.ts";
import type { TextHabits } from "../text-habits.ts";
import { type Element, sentText } from "./element.ts";
import type { Wire } from "./envelope.ts";
import { guidOf, type Store } from "./store.ts";
import { TAX_RATES, type TaxRate } from "./tax-rates.ts";
import type { Fields } from "./where.ts";
import { spokenDate, wireDate, wireInstant } from "./wire-dates.ts";

const CREATED_AT = Date.UTC(2024, 0, 1);

export interface Account {
  readonly AccountID: string;
  readonly Code: string;
  readonly Name: string;
  readonly Type: string;
  readonly Class: "ASSET" | "EQUITY" | "EXPENSE" | "LIABILITY" | "REVENUE";
  readonly TaxType: string;
  readonly EnablePaymentsToAccount: boolean;
  readonly SystemAccount?: "DEBTORS" | "CREDITORS" | "GST" | "ROUNDING";
  /** Bank accounts only. */
  readonly CurrencyCode?: string;
}

export interface Organisation {
  readonly tenantId: string;
  readonly name: string;
  readonly baseCurrency: string;
  readonly accounts: readonly Account[];
  readonly taxRates: readonly TaxRate[];
  /** Units of each subscribed currency that one unit of the base currency buys: the "day rate". */
  readonly dayRates: ReadonlyMap<string, string>;
}

const CURRENCY_NAMES: Readonly<Record<string, string>> = {
  USD: "United States Dollar",
  EUR: "Euro",
  GBP: "British Pound",
  NZD: "New Zealand Dollar",
  AUD: "Australian Dollar",
};

const DAY_RATES: Readonly<Record<string, string>> = {
  USD: "1.080000",
  EUR: "0.920000",
  GBP: "0.790000",
  NZD: "1.650000",
  AUD: "1.520000",
};

type AccountRow = readonly [
  code: string,
  name: string,
  type: string,
  accountClass: Account["Class"],
  taxType: string,
  more?: Partial<Account>,
];

/** Where what is never paid is written off. */
export const BAD_DEBTS_CODE = "410";

export const SALES_CODE = "200";

const CHART: readonly AccountRow[] = [
  ["090", "Business Bank Account", "BANK", "ASSET", "NONE"],
  ["091", "Euro Bank Account", "BANK", "ASSET", "NONE", { CurrencyCode: "EUR" }],
  [SALES_CODE, "Sales", "REVENUE", "REVENUE", "OUTPUT"],
  ["260", "Other Revenue", "REVENUE", "REVENUE", "OUTPUT"],
  ["270", "Interest Income", "REVENUE", "REVENUE", "NONE"],
  ["310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE", "INPUT"],
  ["400", "Advertising", "EXPENSE", "EXPENSE", "INPUT"],
  ["404", "Bank Fees", "EXPENSE", "EXPENSE", "NONE"],
  [BAD_DEBTS_CODE, "Bad Debts", "EXPENSE", "EXPENSE", "NONE", { EnablePaymentsToAccount: true }],
  ["610", "Accounts Receivable", "CURRENT", "ASSET", "NONE", { SystemAccount: "DEBTORS" }],
  ["620", "Prepayments", "CURRENT", "ASSET", "NONE"],
  ["800", "Accounts Payable", "CURRLIAB", "LIABILITY", "NONE", { SystemAccount: "CREDITORS" }],
  ["820", "Sales Tax", "CURRLIAB", "LIABILITY", "NONE", { SystemAccount: "GST" }],
  ["860", "Rounding", "CURRLIAB", "LIABILITY", "NONE", { SystemAccount: "ROUNDING" }],
  ["880", "Owner Drawings", "EQUITY", "EQUITY", "NONE", { EnablePaymentsToAccount: true }],
];

export function foundOrganisation(tenantId: string, baseCurrency: string): Organisation {
  const dayRates = new Map([[baseCurrency, "1.000000"]]);
  for (const [code, rate] of Object.entries(DAY_RATES)) {
    if (!dayRates.has(code)) dayRates.set(code, rate);
  }
  return {
    tenantId,
    name: "Tieout Demo Company",
    baseCurrency,
    taxRates: TAX_RATES,
    dayRates,
    accounts: CHART.map(([code, name, type, accountClass, taxType, more]) => ({
      AccountID: guidOf(`${tenantId}:account:${code}`),
      Code: code,
      Name: name,
      Type: type,
      Class: accountClass,
      TaxType: taxType,
      EnablePaymentsToAccount: false,
      ...(type === "BANK" ? { CurrencyCode: baseCurrency } : {}),
      ...more,
    })),
  };
}

export function accountByCode(organisation: Organisation, code: string): Account | undefined {
  return organisation.accounts.find((account) => account.Code === code);
}

/** The account that an element names by AccountID, else by Code. */
export function accountNamed(organisation: Organisation, element: Element): Account | undefined {
  const id = sentText(element, "AccountID")?.toLowerCase();
  const code = sentText(element, "Code");
  return organisation.accounts.find((account) =>
    id === undefined ? account.Code === code : account.AccountID === id,
  );
}

/**
 * Why a document of that date is refused, or `undefined`. Both sentence forms were seen in the wild,
 * with the two date formats used here (waynerobinson/xeroizer issue 92 for the year end).
 */
export function lockDateRefusal(store: Store, date: string): string | undefined {
  const { endOfYearLockDate, periodLockDate } = store.settings;
  if (endOfYearLockDate !== "" && date <= endOfYearLockDate) {
    const spoken = spokenDate(endOfYearLockDate).replaceAll(" ", "-");
    return `The document date cannot be before the end of year lock date, currently set at ${spoken}`;
  }
  if (periodLockDate !== "" && date <= periodLockDate) {
    return `The document date cannot be before the period lock date, currently set at ${spokenDate(periodLockDate)}`;
  }
  return undefined;
}

export function organisationView(organisation: Organisation, store: Store): Wire {
  const { endOfYearLockDate, periodLockDate } = store.settings;
  return {
    Name: organisation.name,
    LegalName: organisation.name,
    PaysTax: true,
    Version: "US",
    OrganisationType: "COMPANY",
    BaseCurrency: organisation.baseCurrency,
    CountryCode: "US",
    IsDemoCompany: true,
    OrganisationStatus: "ACTIVE",
    FinancialYearEndDay: 31,
    FinancialYearEndMonth: 12,
    DefaultSalesTax: "Tax Exclusive",
    DefaultPurchasesTax: "Tax Exclusive",
    ...(periodLockDate === "" ? {} : { PeriodLockDate: wireDate(periodLockDate) }),
    ...(endOfYearLockDate === "" ? {} : { EndOfYearLockDate: wireDate(endOfYearLockDate) }),
    CreatedDateUTC: wireInstant(CREATED_AT),
    OrganisationEntityType: "COMPANY",
    Timezone: "UTC",
    ShortCode: "!t1e0t",
    OrganisationID: organisation.tenantId,
    Edition: "BUSINESS",
    Class: "DEMO",
    Addresses: [],
    Phones: [],
    ExternalLinks: [],
    PaymentTerms: {},
  };
}

export function accountView(account: Account): Wire {
  return {
    ...account,
    Status: "ACTIVE",
    ...(account.Type === "BANK" ? { BankAccountType: "BANK", BankAccountNumber: "000123456" } : {}),
    ShowInExpenseClaims: false,
    AddToWatchlist: false,
    HasAttachments: false,
    UpdatedDateUTC: wireInstant(CREATED_AT),
  };
}

export function currencyView(code: string): Wire {
  return { Code: code, Description: CURRENCY_NAMES[code] ?? code };
}

export const ACCOUNT_FIELDS: Fields<Account> = {
  AccountID: (account) => ({ guid: account.AccountID }),
  Code: (account) => account.Code,
  Name: (account) => account.Name,
  Type: (account) => account.Type,
  Class: (account) => account.Class,
  Status: () => "ACTIVE",
  TaxType: (account) => account.TaxType,
  EnablePaymentsToAccount: (account) => account.EnablePaymentsToAccount,
  SystemAccount: (account) => account.SystemAccount ?? null,
  UpdatedDateUTC: () => ({ epochMs: CREATED_AT }),
};

/** Of a subscribed currency's code. */
export const CURRENCY_FIELDS: Fields<string> = { Code: (code) => code };

export const ACCOUNTS_UPDATED_AT = CREATED_AT;

/** What the rules of every resource work on. */
export interface Books {
  readonly store: Store;
  readonly organisation: Organisation;
  readonly random: RandomSource;
  /** Elements that are to fail with these messages. */
  readonly rowFaults: RowFaults<readonly string[]>;
  readonly textHabits: TextHabits;
}

/** A record that was written, or why it was not and what stood there before. */
export type Saved<T> =
  | { readonly kind: "saved"; readonly record: T }
  | { readonly kind: "refused"; readonly messages: readonly string[]; readonly former?: T };

/** PUT makes, POST to the list makes or changes what matches, POST to one address changes that one. */
export type WriteMode<T> =
  | { readonly kind: "create" }
  | { readonly kind: "upsert" }
  | { readonly kind: "update"; readonly former: T };
