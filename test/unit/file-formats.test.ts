import { describe, expect, it } from "vitest";
import { readCell } from "#shared/domain/file-cells.ts";
import type { CellFormats } from "#shared/domain/file-formats.ts";
import type { Conversion } from "#shared/domain/file-profile.ts";

type Simple = Exclude<Conversion["as"], "reference" | "lens" | "one-of" | "amount">;

function read(as: Simple, text: string, formats: CellFormats, timeZone?: string) {
  const context = { connection: "files", currency: "USD", formats, timeZone };
  const reading = readCell(text, { as }, context);
  return reading.kind === "value" ? reading.value : reading.code;
}

function readCode(text: string, formats: CellFormats = {}) {
  const reading = readCell(text, { as: "key" }, { connection: "files", formats, isCode: true });
  return reading.kind === "value" ? reading.value : reading.code;
}

const continental = { decimalSign: ",", thousandsSign: "." } as const;
const english = { thousandsSign: "," } as const;

describe("numbers", () => {
  it.each<[string, CellFormats, string]>([
    ["1.234,50", continental, "1234.5"],
    ["1234,50", continental, "1234.5"],
    ["1.23", continental, "number-unreadable"],
    ["1,234.50", english, "1234.5"],
    ["1,23,456.00", english, "number-unreadable"],
    ["12,34,567.89", { thousandsSign: ",", grouping: "indian" }, "1234567.89"],
    ["1,234,567", { thousandsSign: ",", grouping: "indian" }, "number-unreadable"],
    ["0,123", english, "number-unreadable"],
    ["1 234,50", { decimalSign: ",", thousandsSign: "space" }, "1234.5"],
    ["1\u202f234\u00a0567", { thousandsSign: "space" }, "number-unreadable"],
    ["1’234.50", { thousandsSign: "apostrophe" }, "1234.5"],
    ["１，２３４．５０", { ...english, wideForms: true }, "1234.5"],
    ["１２", {}, "number-unreadable"],
    ["5.00-", { negatives: ["trailing-minus"] }, "-5"],
    ["-5.00-", { negatives: ["trailing-minus"] }, "number-unreadable"],
    ["(5.00)", { negatives: ["parentheses"] }, "-5"],
    ["(-5.00)", { negatives: ["parentheses"] }, "number-unreadable"],
    ["−5", { negatives: ["minus-sign"] }, "-5"],
    ["5.00 CR", { negatives: ["credit"] }, "-5"],
    ["5.00DR", { negatives: ["credit"] }, "5"],
    ["5.00 DR", { negatives: ["debit"] }, "-5"],
    ["5.00 CR", {}, "number-unreadable"],
    ["$5.00", { currencySigns: "row" }, "5"],
    ["($ 5.00)", { currencySigns: "row", negatives: ["parentheses"] }, "-5"],
    ["-US$5", { currencySigns: "row" }, "-5"],
    ["USD -5", { currencySigns: "row" }, "-5"],
    ["5 usd", { currencySigns: "row" }, "5"],
    ["¥5", { currencySigns: "row" }, "currency-sign-differs"],
    ["5元", { currencySigns: "row" }, "currency-sign-differs"],
    ["5 kg", { currencySigns: "row" }, "number-unreadable"],
    ["12.30", {}, "12.3"],
    ["1.23E+15", english, "number-unreadable"],
  ])("%j by %j is %j", (text, formats, expected) => {
    expect(read("decimal", text, formats)).toBe(expected);
  });

  it("may bear the sign that the profile names where rows show no currency", () => {
    const of = (formats: CellFormats) =>
      readCell("￥12.00", { as: "decimal" }, { connection: "files", formats });

    expect(of({ currencySigns: "CNY" })).toEqual({ kind: "value", value: "12" });
    expect(of({ currencySigns: "row" })).toMatchObject({ code: "currency-unreadable" });
  });

  it.each<[string, CellFormats, string]>([
    ["5%", { percent: "sign" }, "0.05"],
    ["0.05", { percent: "sign" }, "0.05"],
    ["5", { percent: "points" }, "0.05"],
    ["12,5 %", { percent: "points", decimalSign: "," }, "0.125"],
    ["13％", { percent: "sign" }, "0.13"],
    ["101%", { percent: "sign" }, "fraction-out-of-range"],
  ])("the fraction %j by %j is %j", (text, formats, expected) => {
    expect(read("fraction", text, formats)).toBe(expected);
  });

  it("are refused with an example in the file's own signs", () => {
    const context = { connection: "files", formats: continental };

    expect(readCell("x", { as: "decimal" }, context)).toMatchObject({
      fix: "Write the number as the file's profile has it, such as 1.234,50.",
    });
  });
});

describe("dates", () => {
  const dmy = { dateOrder: "dmy" } as const;

  it.each<[string, CellFormats, string]>([
    ["27/11/2026", dmy, "2026-11-27"],
    ["27.11.2026", dmy, "2026-11-27"],
    ["7-1-2026", dmy, "2026-01-07"],
    ["2026/11/27", dmy, "2026-11-27"],
    ["11/27/2026", dmy, "date-unreadable"],
    ["11/27/2026 3:45 PM", { dateOrder: "mdy" }, "2026-11-27"],
    ["11/27/2026 13:45 PM", { dateOrder: "mdy" }, "date-unreadable"],
    ["27/11/26", dmy, "year-of-two-digits"],
    ["27/11/69", { ...dmy, twoDigitYearsFrom: 1970 }, "2069-11-27"],
    ["27/11/70", { ...dmy, twoDigitYearsFrom: 1970 }, "1970-11-27"],
    ["2026年11月27日", { dateForms: ["chinese"] }, "2026-11-27"],
    ["２０２６年１月７日", { dateForms: ["chinese"], wideForms: true }, "2026-01-07"],
    ["20261127", { dateForms: ["compact"] }, "2026-11-27"],
    ["20261127", {}, "date-unreadable"],
    ["27 Nov 2026", { dateForms: ["month-name"] }, "2026-11-27"],
    ["27-November-2026", { dateForms: ["month-name"] }, "2026-11-27"],
    ["Nov 27, 2026", { dateForms: ["month-name"] }, "2026-11-27"],
    ["27 Foo 2026", { dateForms: ["month-name"] }, "date-unreadable"],
    ["03/04/2026", {}, "date-order-unknown"],
    ["28.02.2026", {}, "date-unreadable"],
    ["46000", dmy, "date-is-serial"],
  ])("%j by %j is %j", (text, formats, expected) => {
    expect(read("date", text, formats)).toBe(expected);
  });

  it.each([
    ["2026-11-27T23:30:00Z", "Asia/Shanghai", "2026-11-28"],
    ["2026-11-27T23:30:00+08:00", "Asia/Shanghai", "2026-11-27"],
    ["2026-11-28 00:30+0100", "America/New_York", "2026-11-27"],
    ["2026-11-27T23:30:00Z", undefined, "time-zone-missing"],
    ["2026-11-27T23:30:00", undefined, "2026-11-27"],
  ])("%j in %s is %s", (text, timeZone, expected) => {
    expect(read("date", text, {}, timeZone)).toBe(expected);
  });

  it("that may be two days are refused with both", () => {
    expect(readCell("03/04/2026", { as: "date" }, { connection: "files" })).toEqual({
      kind: "fault",
      code: "date-order-unknown",
      fix: "It is 2026-04-03 or 2026-03-04. Write the date as YYYY-MM-DD, or say in the file's profile which comes first, day or month (dateOrder).",
    });
  });

  it("that a spreadsheet counts are refused with the days of both its calendars", () => {
    expect(readCell("46000", { as: "date" }, { connection: "files" })).toMatchObject({
      fix: expect.stringContaining(
        "It is probably 2025-12-09, or 2029-12-10 in a workbook that counts from 1904.",
      ),
    });
  });
});

describe("words", () => {
  it.each([
    ["Net 30", 30],
    ["30", 30],
    ["30 days", 30],
    ["30天", 30],
    ["Due on receipt", 0],
    ["2/10 Net 30", "terms-unreadable"],
    ["月结30天", "terms-unreadable"],
  ])("the terms %j are %j", (text, expected) => {
    expect(read("terms", text, {})).toBe(expected);
  });

  it.each([
    ["是", "yes"],
    ["TRUE", "yes"],
    ["No", "no"],
    ["否", "no"],
  ])("%j is %j where the values are yes and no", (text, expected) => {
    const conversion = { as: "one-of", values: ["yes", "no"] } as const;

    expect(readCell(text, conversion, { connection: "files" })).toEqual({
      kind: "value",
      value: expected,
    });
  });

  it("of the file stand for values where the profile says so", () => {
    const conversion = {
      as: "one-of",
      values: ["draft", "paid"],
      words: { 已付款: "paid" },
    } as const;
    const context = { connection: "files" };

    expect(readCell("已付款", conversion, context)).toMatchObject({ value: "paid" });
    expect(readCell("未付款", conversion, context)).toMatchObject({
      code: "choice-unknown",
      fix: "Write one of 已付款, draft, paid.",
    });
  });
});

describe("what a spreadsheet did to a cell", () => {
  it.each([
    "#N/A",
    "#REF!",
    "#DIV/0!",
    "#VALUE!",
    "#NAME?",
    "#NULL!",
    "#NUM!",
    "#SPILL!",
    "#CALC!",
    "#NV",
    "########",
  ])("is named: %s is no text, no number and no date", (text) => {
    for (const as of ["text", "key", "decimal", "date"] as const) {
      expect(read(as, text, {})).toBe("cell-error");
    }
  });

  it.each<[string, CellFormats, string]>([
    ["1.23E+15", {}, "exponent-form"],
    ["1,23E+15", {}, "exponent-form"],
    ["1E5", {}, "1E5"],
    ["1-Mar", {}, "code-turned-date"],
    ["Mar-02", {}, "code-turned-date"],
    ["01-Mar-26", {}, "code-turned-date"],
    ["3月1日", {}, "code-turned-date"],
    ["MAR-02", {}, "MAR-02"],
    ["1234", { digits: 6 }, "zeros-lost"],
    ["001234", { digits: 6 }, "001234"],
    ["A-12", { digits: 6 }, "A-12"],
    ["123456789012345000", {}, "digits-cut"],
    ["1234567890123450", {}, "digits-cut"],
    ["123456789012345678", {}, "123456789012345678"],
    ["123456789012345000", { longNumbers: "whole" }, "123456789012345000"],
    ["100000000000000", {}, "100000000000000"],
  ])("is named in a code: %j by %j is %j", (text, formats, expected) => {
    expect(readCode(text, formats)).toBe(expected);
  });

  it("leaves a text alone that is no code", () => {
    expect(read("text", "1-Mar", {})).toBe("1-Mar");
    expect(read("text", "1.23E+15", {})).toBe("1.23E+15");
  });
});
