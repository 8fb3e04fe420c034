import { describe, expect, it } from "vitest";
import { readBilling } from "#shared/connectors/hubspot/mapping-billing.ts";

type Texts = Record<string, string | null>;

const blank: Texts = {
  tieout_billing_period: null,
  tieout_billing_starts_on: "",
  tieout_billing_ends_on: null,
};

function recurring(frequency: string, start: string | null = null, term: string | null = null) {
  return {
    recurringbillingfrequency: frequency,
    hs_recurring_billing_start_date: start,
    hs_recurring_billing_period: term,
  };
}

const oneOff: Texts = { recurringbillingfrequency: null, hs_recurring_billing_period: "P12M" };

function read(items: readonly Texts[], deal: Texts = blank, orderedOn: string | null = null) {
  const objects = items.map((properties, index) => ({ id: `${index + 1}`, properties }));
  return readBilling(deal, objects, orderedOn);
}

function terms(period: string | null, startsOn: string | null, endsOn: string | null) {
  return { billingPeriod: period, billingStartsOn: startsOn, billingEndsOn: endsOn };
}

describe("how a deal is billed", () => {
  it.each([
    ["monthly", "monthly"],
    ["quarterly", "quarterly"],
    ["per_six_months", "half-yearly"],
    ["annually", "yearly"],
  ])("is %s where its line items are, as our %s", (frequency, period) => {
    expect(read([recurring(frequency)])).toEqual(terms(period, null, null));
  });

  it.each([
    ["2026-01-15", "P12M", "2027-01-14"],
    ["2026-01-01", "P1Y", "2026-12-31"],
    ["2026-01-01", "P1Y6M", "2027-06-30"],
    ["2026-01-31", "P1M", "2026-02-27"],
    ["2026-01-01", "P52W", "2026-12-30"],
    ["2026-01-01", "P90D", "2026-03-31"],
    ["2026-01-01T00:00:00Z", "P1D", "2026-01-01"],
  ])("from %s for %s ends with %s", (start, term, endsOn) => {
    expect(read([recurring("monthly", start, term)])).toMatchObject({ billingEndsOn: endsOn });
  });

  it("is what all line items say in common, however they write the term", () => {
    const items = [
      recurring("annually", "2026-03-01", "P12M"),
      recurring("annually", "2026-03-01", "P1Y"),
    ];
    expect(read(items)).toEqual(terms("yearly", "2026-03-01", "2027-02-28"));
  });

  it("counts a term without a start from the deal's start, else from its close date", () => {
    const items = [recurring("monthly", null, "P12M")];
    const deal = { ...blank, tieout_billing_starts_on: "2026-02-01" };

    expect(read(items, deal, "2026-01-10")).toEqual(terms("monthly", "2026-02-01", "2027-01-31"));
    expect(read(items, blank, "2026-01-10")).toEqual(terms("monthly", null, "2027-01-09"));
    expect(read(items)).toEqual(terms("monthly", null, null));
  });

  it("is what the deal says where no line item says it", () => {
    const deal = {
      tieout_billing_period: "quarterly",
      tieout_billing_starts_on: "2026-01-01",
      tieout_billing_ends_on: "2026-12-31",
    };
    const all = terms("quarterly", "2026-01-01", "2026-12-31");

    expect(read([], deal)).toEqual(all);
    expect(read([oneOff, oneOff], deal)).toEqual(all);
    expect(read([recurring("quarterly")], deal)).toEqual(all);
    expect(read([oneOff])).toEqual(terms(null, null, null));
  });

  it("says nothing of properties that did not come", () => {
    expect(read([], {})).toEqual({});
    expect(read([oneOff], {})).toEqual({});
  });

  it.each([
    ["one-off beside recurring", [recurring("monthly"), oneOff], blank, "lines"],
    ["two frequencies", [recurring("monthly"), recurring("annually")], blank, "lines"],
    ["two starts", [recurring("monthly", "2026-01-01"), recurring("monthly")], blank, "lines"],
    [
      "two terms",
      [recurring("monthly", "2026-01-01", "P12M"), recurring("monthly", "2026-01-01", "P24M")],
      blank,
      "lines",
    ],
    [
      "a deal of another period",
      [recurring("monthly")],
      { ...blank, tieout_billing_period: "once" },
      "billingPeriod",
    ],
    [
      "a deal of another start",
      [recurring("monthly", "2026-01-01")],
      { ...blank, tieout_billing_starts_on: "2026-02-01" },
      "billingStartsOn",
    ],
    [
      "a deal of another end",
      [recurring("monthly", "2026-01-01", "P12M")],
      { ...blank, tieout_billing_ends_on: "2027-12-31" },
      "billingEndsOn",
    ],
  ])("is refused with a fix for %s", (_case, items, deal, field) => {
    expect(() => read(items, deal)).toThrow(`billing-terms-mixed (${field})`);
    expect(() => read([...items].reverse(), deal)).toThrow("billing-terms-mixed");
  });

  it.each([
    [recurring("weekly"), "billing-terms-unsupported (billingPeriod)"],
    [recurring("per_two_years"), "billing-terms-unsupported (billingPeriod)"],
    [recurring("monthly", "2026-01-01", "12"), "billing-terms-unsupported (billingEndsOn)"],
    [recurring("monthly", "2026-01-01", "P"), "billing-terms-unsupported (billingEndsOn)"],
    [recurring("monthly", "2026-01-01", "P0M"), "billing-terms-unsupported (billingEndsOn)"],
    [recurring("monthly", "9999-01-01", "P24M"), "date-unreadable (billingEndsOn)"],
    [recurring("monthly", "soon"), "date-unreadable (billingStartsOn)"],
    [
      { ...recurring("monthly"), hs_billing_start_delay_days: "30" },
      "billing-terms-unsupported (billingStartsOn)",
    ],
    [
      { ...recurring("monthly"), hs_billing_start_delay_months: "x" },
      "number-unreadable (billingStartsOn)",
    ],
  ])("is refused for %j", (item, message) => {
    expect(() => read([item])).toThrow(message);
  });

  it("takes a delay of nothing for none", () => {
    const item = { ...recurring("monthly"), hs_billing_start_delay_days: "0" };
    expect(read([item])).toMatchObject({ billingPeriod: "monthly" });
  });

  it.each([
    [{ ...blank, tieout_billing_period: "fortnightly" }, "value-unknown (billingPeriod)"],
    [{ ...blank, tieout_billing_ends_on: "soon" }, "date-unreadable (billingEndsOn)"],
  ])("is refused for the deal's own %j", (deal, message) => {
    expect(() => read([oneOff], deal)).toThrow(message);
  });
});
