/** The organisation's tax rates: a fixed table. */
import { PERCENT_SCALE, scaled, textOf } from "./decimal.ts";
import type { Wire } from "./envelope.ts";
import { exact } from "./exact-json.ts";
import type { Account, Organisation } from "./organisation.ts";
import type { Fields } from "./where.ts";

export interface TaxRate {
  readonly TaxType: string;
  readonly Name: string;
  readonly ReportTaxType: string;
  /** Per cent, decimal text: the sum of the components, none of which is on top of another. */
  readonly Rate: string;
  readonly components: readonly { readonly Name: string; readonly Rate: string }[];
  /** Of the accounts it can be used with. */
  readonly classes: readonly Account["Class"][];
}

const SALES = ["ASSET", "EQUITY", "LIABILITY", "REVENUE"] as const;
const PURCHASES = ["ASSET", "EQUITY", "LIABILITY", "EXPENSE"] as const;
const ALL = ["ASSET", "EQUITY", "EXPENSE", "LIABILITY", "REVENUE"] as const;

type TaxRow = readonly [
  taxType: string,
  name: string,
  reportTaxType: string,
  classes: TaxRate["classes"],
  ...components: (readonly [name: string, rate: string])[],
];

/** Rates of several countries in one organisation, which no real one has, so that each can be tried. */
const TAX_TABLE: readonly TaxRow[] = [
  ["NONE", "Tax Exempt", "NONE", ALL, ["Tax", "0.0000"]],
  ["OUTPUT", "Tax on Sales", "OUTPUT", SALES, ["Tax", "15.0000"]],
  ["INPUT", "Tax on Purchases", "INPUT", PURCHASES, ["Tax", "15.0000"]],
  ["OUTPUT2", "20% VAT on Income", "OUTPUT", SALES, ["VAT", "20.0000"]],
  ["INPUT2", "20% VAT on Expenses", "INPUT", PURCHASES, ["VAT", "20.0000"]],
  ["RROUTPUT", "5% VAT on Income", "OUTPUT", SALES, ["VAT", "5.0000"]],
  ["ZERORATEDOUTPUT", "Zero Rated Income", "ZERORATEDOUTPUT", SALES, ["VAT", "0.0000"]],
  ["EXEMPTOUTPUT", "Exempt Income", "EXEMPTOUTPUT", SALES, ["VAT", "0.0000"]],
  ["ECOUTPUTSERVICES", "Reverse Charge Income", "ECOUTPUTSERVICES", SALES, ["VAT", "0.0000"]],
  ["TAX001", "Reduced Rate", "OUTPUT", ALL, ["Tax", "8.2500"]],
  ["TAX002", "GST on Sales", "OUTPUT", SALES, ["GST", "5.0000"]],
  ["TAX003", "QST on Sales", "OUTPUT", SALES, ["QST", "9.9750"]],
  ["TAX004", "GST and QST on Sales", "OUTPUT", SALES, ["GST", "5.0000"], ["QST", "9.9750"]],
];

/** Every tax rate of the organisation. */
export const TAX_RATES: readonly TaxRate[] = TAX_TABLE.map(taxRateOfRow);

function taxRateOfRow([TaxType, Name, ReportTaxType, classes, ...rows]: TaxRow): TaxRate {
  const sum = rows.reduce((total, [, rate]) => total + scaled(rate, PERCENT_SCALE), 0n);
  return {
    ...{ TaxType, Name, ReportTaxType, classes },
    Rate: textOf(sum, PERCENT_SCALE),
    components: rows.map(([name, rate]) => ({ Name: name, Rate: rate })),
  };
}

export function taxRateOf(organisation: Organisation, taxType: string): TaxRate | undefined {
  return organisation.taxRates.find((rate) => rate.TaxType === taxType);
}

/** Per cent in 10^-4 units. */
export function percentOf(taxRate: TaxRate): bigint {
  return scaled(taxRate.Rate, PERCENT_SCALE);
}

export function taxRateView(taxRate: TaxRate): Wire {
  const { classes } = taxRate;
  return {
    Name: taxRate.Name,
    TaxType: taxRate.TaxType,
    ReportTaxType: taxRate.ReportTaxType,
    CanApplyToAssets: classes.includes("ASSET"),
    CanApplyToEquity: classes.includes("EQUITY"),
    CanApplyToExpenses: classes.includes("EXPENSE"),
    CanApplyToLiabilities: classes.includes("LIABILITY"),
    CanApplyToRevenue: classes.includes("REVENUE"),
    DisplayTaxRate: exact(taxRate.Rate),
    EffectiveRate: exact(taxRate.Rate),
    Status: "ACTIVE",
    TaxComponents: taxRate.components.map(({ Name, Rate }) => ({
      Name,
      Rate: exact(Rate),
      IsCompound: false,
      IsNonRecoverable: false,
    })),
  };
}

export const TAX_RATE_FIELDS: Fields<TaxRate> = {
  Name: (taxRate) => taxRate.Name,
  TaxType: (taxRate) => taxRate.TaxType,
  Status: () => "ACTIVE",
};
