import { describe, expect, it } from "vitest";
import {
  billingTermsOf,
  instalmentOf,
  instalmentsThrough,
  isContract,
  lineOfInstalment,
} from "#shared/domain/billing-schedule.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine } from "#shared/domain/records.ts";

const monthly = { startsOn: "2027-01-31", endsOn: "2027-12-31", periodMonths: 1 };

const line: DocumentLine = {
  product: null,
  productCode: "S-1",
  description: "Support",
  quantity: "2",
  unitPrice: "55.00",
  discountRate: "0.1",
  amount: money(9_900n, "EUR"),
  taxCode: "standard",
  unitCost: "20.00",
};

describe("an instalment", () => {
  it.each([
    [1, "2027-01-31", "2027-02-27"],
    [2, "2027-02-28", "2027-03-30"],
    [3, "2027-03-31", "2027-04-29"],
    [4, "2027-04-30", "2027-05-30"],
    [12, "2027-12-31", "2027-12-31"],
  ])("%i of a contract from 31 January is billed on %s, to %s", (number, billedOn, endsOn) => {
    expect(instalmentOf(monthly, number)).toMatchObject({ number, billedOn, endsOn });
  });

  it("of February is billed on the 29th in a leap year", () => {
    const leap = { ...monthly, startsOn: "2028-01-31", endsOn: undefined };

    expect(instalmentOf(leap, 2)).toMatchObject({ billedOn: "2028-02-29", endsOn: "2028-03-30" });
  });

  it("is none past the end", () => {
    expect(instalmentOf(monthly, 13)).toBeUndefined();
  });

  it("of a whole period bills the lines as they are", () => {
    const instalment = instalmentOf(monthly, 1);

    expect(instalment).toMatchObject({ days: 28, periodDays: 28 });
    expect(instalment && lineOfInstalment(line, instalment)).toBe(line);
  });

  it("that the end cuts short bills the part of its days, with the part of its cost", () => {
    const cut = instalmentOf({ ...monthly, startsOn: "2027-04-01", endsOn: "2027-04-10" }, 1);

    expect(cut).toMatchObject({ days: 10, periodDays: 30, endsOn: "2027-04-10" });
    expect(cut && lineOfInstalment(line, cut)).toEqual({
      ...line,
      description: "Support (10 of 30 days)",
      quantity: "1",
      unitPrice: "33.00",
      discountRate: "0",
      amount: money(3_300n, "EUR"),
      unitCost: "13.333333",
    });
  });
});

describe("a contract's terms", () => {
  const order = { billingPeriod: "quarterly", billingStartsOn: "2027-01-01" };

  it("begin with the order's own date where no start is named, and need no end", () => {
    expect(billingTermsOf({ ...order, billingEndsOn: "2027-12-31" })).toEqual({
      startsOn: "2027-01-01",
      endsOn: "2027-12-31",
      periodMonths: 3,
    });
    expect(billingTermsOf({ billingPeriod: "yearly", orderedOn: "2027-05-05" })).toEqual({
      startsOn: "2027-05-05",
      endsOn: undefined,
      periodMonths: 12,
    });
  });

  it.each([
    ["there is no date", { billingStartsOn: null }],
    ["the end is before the start", { billingEndsOn: "2026-12-31" }],
    ["the period is unknown", { billingPeriod: "weekly" }],
  ])("are none where %s", (_name, change) => {
    expect(billingTermsOf({ ...order, ...change })).toBeUndefined();
  });

  it.each([
    ["monthly", true],
    ["yearly", true],
    ["once", false],
    [null, false],
    [undefined, false],
  ])("of a period that is %s make a contract: %s", (billingPeriod, is) => {
    expect(isContract({ billingPeriod })).toBe(is);
  });
});

describe("the instalments so far", () => {
  it("are those whose day has come", () => {
    expect(instalmentsThrough(monthly, "2027-01-30")).toEqual({ due: [], nextOn: "2027-01-31" });
    expect(instalmentsThrough(monthly, "2027-02-28")).toMatchObject({
      due: [{ number: 1 }, { number: 2 }],
      nextOn: "2027-03-31",
    });
    expect(instalmentsThrough(monthly, "2030-01-01")?.nextOn).toBeUndefined();
    expect(instalmentsThrough(monthly, "2030-01-01")?.due).toHaveLength(12);
  });

  it("are at most twenty years of months", () => {
    const most = { startsOn: "2000-01-01", endsOn: "2019-12-31", periodMonths: 1 };
    const longer = { ...most, endsOn: "2020-01-01" };
    const endless = { ...most, endsOn: undefined };

    expect(instalmentsThrough(most, "2026-01-01")?.due).toHaveLength(240);
    expect(instalmentsThrough(longer, "2000-01-01")).toBeUndefined();
    expect(instalmentsThrough(endless, "2019-12-31")?.due).toHaveLength(240);
    expect(instalmentsThrough(endless, "2020-01-01")).toBeUndefined();
  });
});
