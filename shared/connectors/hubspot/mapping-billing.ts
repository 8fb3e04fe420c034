/**
 * How often and until when a deal is billed. Those who sell by HubSpot's recurring line items say it
 * there (developers.hubspot.com, line items; knowledge.hubspot.com, default line item properties; both
 * read 2026-11). The deal has properties of ours for what no line item says, and for what we write.
 */
import { addDays, addMonths } from "#shared/domain/calendar.ts";
import { parseDecimal } from "#shared/domain/decimal.ts";
import type { BillingPeriod, CalendarDate, Fields } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import {
  type FieldTable,
  inField,
  type Properties,
  type PropertyPatch,
  readDate,
  readFields,
  readText,
} from "./mapping.ts";
import type { RemoteObject } from "./schema.ts";

export const billingTable = {
  billingPeriod: "tieout_billing_period",
  billingStartsOn: "tieout_billing_starts_on",
  billingEndsOn: "tieout_billing_ends_on",
} as const satisfies FieldTable;

const FREQUENCY = "recurringbillingfrequency";
const TERM = "hs_recurring_billing_period";
const START = "hs_recurring_billing_start_date";
const START_DELAYS = ["hs_billing_start_delay_days", "hs_billing_start_delay_months"] as const;

/** What HubSpot itself holds of a line item's billing. */
export const recurringProperties: readonly string[] = [FREQUENCY, TERM, START, ...START_DELAYS];

/** A line item that leaves the billing to its deal. */
export const withoutTerms: PropertyPatch = Object.fromEntries(
  recurringProperties.map((name) => [name, ""]),
);

export function hasTerms(properties: Properties): boolean {
  return recurringProperties.some((name) => readText(properties[name]) !== null);
}

const periods: ReadonlyMap<string, BillingPeriod> = new Map([
  ["monthly", "monthly"],
  ["quarterly", "quarterly"],
  ["per_six_months", "half-yearly"],
  ["annually", "yearly"],
]);

/** Lengths of time as HubSpot takes them: years, months and days, or weeks. */
const ISO_TERM = /^P(?=\d)(?:(\d{1,4})W|(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,5})D)?)$/;

interface Terms {
  readonly billingPeriod: BillingPeriod;
  readonly billingStartsOn: CalendarDate | null;
  readonly billingEndsOn: CalendarDate | null;
}

/**
 * The billing fields of a deal: as its line items agree on them, else as the deal itself has them. A
 * term without a start is counted from the deal's own start, else from `orderedOn`. Throws
 * `invalid-input`: `billing-terms-mixed` where line items disagree with each other or with the deal,
 * `billing-terms-unsupported` for terms that our fields cannot hold.
 */
export function readBilling(
  properties: Properties,
  items: readonly RemoteObject[],
  orderedOn: CalendarDate | null,
): Fields {
  const ofDeal = readFields("order", billingTable, properties, null);
  const recurring = items.filter((item) => readText(item.properties[FREQUENCY]) !== null);
  if (recurring.length === 0) return ofDeal;
  const { billingStartsOn } = ofDeal;
  const startWhereBlank = typeof billingStartsOn === "string" ? billingStartsOn : orderedOn;
  const [first, ...others] = recurring.map((item) => termsOf(item.properties, startWhereBlank));
  if (first === undefined) return ofDeal;
  const isMixed = recurring.length < items.length || others.some((terms) => !isSame(terms, first));
  if (isMixed) throw mixed("lines", linesDiffer);
  const merged: Record<string, Fields[string]> = { ...ofDeal };
  for (const [field, said] of Object.entries(first)) {
    const kept = merged[field] ?? null;
    if (said !== null && kept !== null && kept !== said) throw mixed(field, dealDiffers);
    if (said !== null) merged[field] = said;
  }
  return merged;
}

function termsOf(properties: Properties, startWhereBlank: CalendarDate | null): Terms {
  const billingPeriod = periods.get(readText(properties[FREQUENCY]) ?? "");
  if (billingPeriod === undefined) throw unsupported("billingPeriod", frequencyFix);
  const isDelayed = START_DELAYS.some((name) => {
    const text = readText(properties[name]);
    return text !== null && inField("billingStartsOn", () => parseDecimal(text).units !== 0n);
  });
  if (isDelayed) throw unsupported("billingStartsOn", delayFix);
  const billingStartsOn = inField("billingStartsOn", () => readDate(properties[START]));
  const start = billingStartsOn ?? startWhereBlank;
  const term = readText(properties[TERM]);
  const billingEndsOn =
    term === null || start === null ? null : inField("billingEndsOn", () => lastDayOf(start, term));
  return { billingPeriod, billingStartsOn, billingEndsOn };
}

function lastDayOf(start: CalendarDate, term: string): CalendarDate {
  const [isWhole, weeks = 0, years = 0, months = 0, days = 0] = (ISO_TERM.exec(term) ?? []).map(
    (part: string | undefined) => Number(part ?? "0"),
  );
  if (isWhole === undefined) throw unsupported("billingEndsOn", termFix);
  const end = addDays(addMonths(start, years * 12 + months), weeks * 7 + days - 1);
  if (end < start) throw unsupported("billingEndsOn", termFix);
  return end;
}

function isSame(left: Terms, right: Terms): boolean {
  return (
    left.billingPeriod === right.billingPeriod &&
    left.billingStartsOn === right.billingStartsOn &&
    left.billingEndsOn === right.billingEndsOn
  );
}

const linesDiffer =
  "Give all line items of the deal one billing frequency, start and term; put one-off ones on a deal of their own.";
const dealDiffers =
  "Clear how and until when the deal is billed, or let it say what its line items say.";
const frequencyFix = "Bill the line items monthly, quarterly, every six months or yearly.";
const delayFix = "Give the line items a billing start date in place of a delay.";
const termFix = "Give the line items a term of whole months, such as 12.";

function mixed(field: string, fix: string): SyncError {
  return new SyncError({ kind: "invalid-input", code: "billing-terms-mixed", field, fix });
}

function unsupported(field: string, fix: string): SyncError {
  return new SyncError({ kind: "invalid-input", code: "billing-terms-unsupported", field, fix });
}
