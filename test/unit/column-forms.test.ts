import { describe, expect, it } from "vitest";
import { inferDates } from "#shared/domain/column-dates.ts";
import { inferCodes } from "#shared/domain/column-forms.ts";
import { inferNumbers } from "#shared/domain/column-numbers.ts";
import { createColumnSurvey } from "#shared/domain/column-survey.ts";
import type { CellFormats } from "#shared/domain/file-formats.ts";

function surveyed(values: readonly string[]) {
  const survey = createColumnSurvey(1);
  for (const value of values) survey.add([value]);
  const [column] = survey.statistics();
  if (column === undefined) throw new Error("no column");
  return column;
}

const numbers = (values: readonly string[], answers = {}) =>
  inferNumbers("n", surveyed(values), answers);
const codes = (values: readonly string[], answers = {}) =>
  inferCodes("c", surveyed(values), answers);
const dates = (values: readonly string[], answers = {}) =>
  inferDates("d", surveyed(values), answers);

describe("how numbers are written", () => {
  it.each<[string[], CellFormats]>([
    [["12", "7"], {}],
    [["12.50", "1234.5"], { decimalSign: "." }],
    [["1,234.50", "7"], { decimalSign: ".", thousandsSign: "," }],
    [["1.234,50", "7,90"], { decimalSign: ",", thousandsSign: "." }],
    [["1,234", "7,90"], { decimalSign: "," }],
    [["1,234", "1,234,567"], { decimalSign: ".", thousandsSign: "," }],
    [["12,34,567"], { decimalSign: ".", thousandsSign: ",", grouping: "indian" }],
    [["1 234,50"], { decimalSign: ",", thousandsSign: "space" }],
    [["1'234.50"], { decimalSign: ".", thousandsSign: "apostrophe" }],
    [["0.125", "0.5"], { decimalSign: "." }],
    [["(7.90)"], { negatives: ["parentheses"], decimalSign: "." }],
    [["7,90-"], { negatives: ["trailing-minus"], decimalSign: "," }],
    [["￥12.00", "-5.5"], { currencySigns: "row", decimalSign: "." }],
    [["１２．５"], { wideForms: true, decimalSign: "." }],
  ])("in %j is proven by the values", (values, formats) => {
    expect(numbers(values)).toMatchObject({ formats, questions: [], misfits: 0 });
  });

  it.each([
    [["1,234", "5,678"], "1,234", ["1234", "1.234"]],
    [["1.234", "12"], "1.234", ["1.234", "1234"]],
  ])("in %j is a question", (values, example, meanings) => {
    const { formats, questions } = numbers(values);

    expect(formats).toEqual({});
    expect(questions).toMatchObject([
      {
        id: "n",
        choices: [
          { answer: "point", means: expect.stringContaining(`${example} is ${meanings[0]}`) },
          { answer: "comma", means: expect.stringContaining(`${example} is ${meanings[1]}`) },
        ],
      },
    ]);
  });

  it("is settled by an answer", () => {
    expect(numbers(["1,234"], { n: "comma" })).toMatchObject({
      formats: { decimalSign: "," },
      questions: [],
    });
    expect(numbers(["1,234"], { n: "point" })).toMatchObject({
      formats: { decimalSign: ".", thousandsSign: "," },
    });
  });

  it("is a question where credit and debit are told by letters", () => {
    expect(numbers(["5.00 CR", "7.00 DR"]).questions).toMatchObject([{ id: "n.sign" }]);
    expect(numbers(["5.00 CR", "7.00 DR"], { "n.sign": "debit" })).toMatchObject({
      formats: { negatives: ["debit"] },
      questions: [],
      misfits: 0,
    });
  });

  it("counts what it does not read, and words for nothing", () => {
    expect(numbers(["1.5", "#DIV/0!", "soon", "N/A", "2 kg"])).toMatchObject({
      misfits: 3,
      nullTexts: ["N/A"],
    });
  });
});

describe("how dates are written", () => {
  it.each<[string[], CellFormats]>([
    [["2026-11-27"], {}],
    [["03/04/2026", "25/06/2026"], { dateOrder: "dmy" }],
    [["03.04.2026", "06.25.2026"], { dateOrder: "mdy" }],
    [["2026/11/27"], { dateOrder: "ymd" }],
    [["2026年11月27日"], { dateForms: ["chinese"] }],
    [["20261127"], { dateForms: ["compact"] }],
    [["27 Nov 2026"], { dateForms: ["month-name"] }],
    [["11/27/2026 3:45 PM"], { dateOrder: "mdy" }],
  ])("in %j is proven by the values", (values, formats) => {
    expect(dates(values)).toMatchObject({ formats, questions: [], misfits: 0 });
  });

  it("is a question where no value has a day above 12", () => {
    expect(dates(["03/04/2026", "05/06/2026"])).toMatchObject({
      formats: {},
      questions: [
        {
          id: "d",
          choices: [
            { answer: "dmy", means: "day before month: 03/04/2026 is 2026-04-03" },
            { answer: "mdy", means: "month before day: 03/04/2026 is 2026-03-04" },
          ],
        },
      ],
    });
    expect(dates(["03/04/2026"], { d: "mdy" })).toMatchObject({ formats: { dateOrder: "mdy" } });
  });

  it("is a question where the values prove both", () => {
    expect(dates(["25/06/2026", "06/25/2026"]).questions).toMatchObject([{ id: "d" }]);
  });

  it("asks for the century of years of two digits", () => {
    expect(dates(["27/11/26"]).questions).toMatchObject([{ id: "d.century" }]);
    expect(dates(["27/11/26"], { "d.century": "2000" })).toMatchObject({
      formats: { dateOrder: "dmy", twoDigitYearsFrom: 2000 },
      questions: [],
    });
  });

  it("does not take a spreadsheet's count of days for a date", () => {
    expect(dates(["46353", "2026-11-27"])).toMatchObject({ misfits: 1 });
  });
});

describe("a column", () => {
  it("of codes has a width where zeros in front prove it", () => {
    expect(codes(["01067", "99084"])).toMatchObject({ formats: { digits: 5 }, questions: [] });
    expect(codes(["0107", "01067"])).toMatchObject({ formats: {}, questions: [] });
    expect(codes(["123456789012345678", "123456789012345000"])).toMatchObject({
      formats: { longNumbers: "whole" },
    });
  });

  it("of codes is asked about where some are shorter than those with zeros in front", () => {
    const shorter = ["01067", "99084", "1067"];

    expect(codes(shorter)).toMatchObject({
      formats: {},
      questions: [{ id: "c.digits", choices: [{ answer: "5" }, { answer: "any" }] }],
    });
    expect(codes(shorter, { "c.digits": "5" })).toMatchObject({
      formats: { digits: 5 },
      questions: [],
    });
    expect(codes(shorter, { "c.digits": "any" })).toMatchObject({ formats: {}, questions: [] });
  });

  it("tells whether values repeat, next to each other or apart", () => {
    expect(surveyed(["a", "b", "a"]).repeats).toBe("yes");
    expect(surveyed(["a", "b", "c"]).repeats).toBe("no");
    const many = Array.from({ length: 5_000 }, (_, index) => `K-${index}`);
    expect(surveyed(many).repeats).toBe("unknown");
    expect(surveyed([...many, "K-4999"]).repeats).toBe("yes");
  });

  it("is surveyed in bounded memory, whatever stands in it", () => {
    const survey = createColumnSurvey(1);
    for (let index = 0; index < 20_000; index += 1) {
      survey.add([`${"x".repeat(index % 90)}${index}${"y-".repeat(index % 7)}`]);
      survey.add([`word${"z".repeat(index % 300)}`]);
    }
    const [column] = survey.statistics();

    expect(column?.filled).toBe(40_000);
    expect(column?.forms.length).toBeLessThanOrEqual(60);
    expect(column?.words.length).toBeLessThanOrEqual(60);
    expect(JSON.stringify(column).length).toBeLessThan(20_000);
  });

  it("names what a spreadsheet damaged", () => {
    expect(surveyed(["1.23E+15", "#N/A", "1-Mar", "fine"]).damage).toEqual({
      "exponent-form": 1,
      "cell-error": 1,
      "code-turned-date": 1,
    });
  });
});
