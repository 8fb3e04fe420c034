/** Customers are companies. */
import { parseCurrency } from "#shared/domain/money.ts";
import type { Fields, FieldValue } from "#shared/domain/records.ts";
import { assert } from "#shared/domain/sync-error.ts";
import {
  type FieldTable,
  ID_PROPERTY,
  inField,
  MERGED_IDS_PROPERTY,
  MODIFIED_PROPERTY,
  type Properties,
  type PropertyPatch,
  readFields,
  readText,
  writeFields,
  writeText,
} from "./mapping.ts";

export const customerTable = {
  name: "name",
  phone: "phone",
  website: "domain",
  city: "city",
  region: "state",
  postalCode: "zip",
  country: "country",
  email: "tieout_email",
  segment: "tieout_segment",
  taxNumber: "tieout_tax_number",
  paymentTermsDays: "tieout_payment_terms_days",
  balanceCurrency: "tieout_balance_currency",
  openBalance: "tieout_open_balance",
  overdueBalance: "tieout_overdue_balance",
  revenue: "tieout_revenue",
  lastPaymentOn: "tieout_last_payment_on",
  costOfSales: "tieout_cost_of_sales",
  grossProfit: "tieout_gross_profit",
  marginRate: "tieout_margin_rate",
  costCoverageRate: "tieout_cost_coverage_rate",
  openCredit: "tieout_open_credit",
  currency: "tieout_currency",
  balanceSummary: "tieout_balance_summary",
} as const satisfies FieldTable;

const FIRST_STREET_LINE = "address";
const MORE_STREET_LINES = "address2";

export const customerProperties: readonly string[] = [
  ...Object.values(customerTable),
  FIRST_STREET_LINE,
  MORE_STREET_LINES,
  ID_PROPERTY,
  MERGED_IDS_PROPERTY,
  MODIFIED_PROPERTY,
];

/** The amounts of a company whose balance currency is blank are null. */
export function readCustomer(properties: Properties): Fields {
  const balanceCurrency = readCurrency(properties, "balanceCurrency");
  const currency = readCurrency(properties, "currency");
  return {
    ...readFields("customer", customerTable, properties, balanceCurrency ?? null),
    ...(currency === undefined ? {} : { currency }),
    ...readStreet(properties),
  };
}

/** People fill it in: what is no currency is refused here, before the books are billed in it. */
function readCurrency(properties: Properties, field: "balanceCurrency" | "currency") {
  const text = properties[customerTable[field]];
  const code = readText(text);
  if (code === null) return text === undefined ? undefined : null;
  return inField(field, () => parseCurrency(code));
}

/** `record` tells the currency of amounts that are owed without it. */
export function writeCustomer(fields: Fields, record: Fields): PropertyPatch {
  const currency = currencyOf(fields["balanceCurrency"] ?? record["balanceCurrency"]);
  const patch = writeFields("customer", customerTable, fields, currency);
  const street = fields["street"];
  if (street === undefined) return patch;
  assert(street === null || typeof street === "string", "field-value-unexpected");
  const [first = "", ...more] = inField("street", () => writeText(street)).split("\n");
  return { ...patch, [FIRST_STREET_LINE]: first, [MORE_STREET_LINES]: more.join("\n") };
}

function readStreet(properties: Properties): Fields {
  const first = properties[FIRST_STREET_LINE];
  const more = properties[MORE_STREET_LINES];
  if (first === undefined || more === undefined) return {};
  const lines = [readText(first), readText(more)].filter((line) => line !== null);
  return { street: readText(lines.join("\n")) };
}

function currencyOf(value: FieldValue | undefined): string | null {
  return typeof value === "string" ? value : null;
}
