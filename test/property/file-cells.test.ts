/** What holds for every number and every date, in whatever form a profile declares. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCell } from "#shared/domain/file-cells.ts";
import { readDate } from "#shared/domain/file-dates.ts";
import {
  type CellFormats,
  type DateOrder,
  decimalSigns,
  groupings,
  negativeForms,
  thousandsSigns,
} from "#shared/domain/file-formats.ts";
import { readNumber } from "#shared/domain/file-numbers.ts";

const formats = fc
  .record({
    decimalSign: fc.constantFrom(...decimalSigns),
    thousandsSign: fc.constantFrom(undefined, ...thousandsSigns),
    grouping: fc.constantFrom(...groupings),
    negatives: fc.subarray([...negativeForms].filter((form) => form !== "debit")),
    wideForms: fc.boolean(),
    currencySigns: fc.constantFrom(undefined, "row" as const, "EUR"),
  })
  .filter(({ decimalSign, thousandsSign }) => decimalSign !== thousandsSign);

const number = fc.record({
  isNegative: fc.boolean(),
  whole: fc.bigInt({ min: 0n, max: 10n ** 15n }).map(String),
  fraction: fc.stringMatching(/^\d{0,6}$/),
});

/** How a person writes it; each choice is one that the formats declare. */
const style = fc.record({
  isGrouped: fc.boolean(),
  negative: fc.nat(),
  sign: fc.constantFrom("€ ", "€", "EUR ", " €", " EUR", ""),
  space: fc.constantFrom(" ", "\u00a0", "\u202f", "\u2009"),
  isWide: fc.boolean(),
});

type Written = typeof number extends fc.Arbitrary<infer One> ? One : never;
type Style = typeof style extends fc.Arbitrary<infer One> ? One : never;

function inGroups(whole: string, sign: string, grouping: "thousands" | "indian"): string {
  const last = whole.slice(-3);
  const head = whole.slice(0, -3);
  const size = grouping === "indian" ? 2 : 3;
  const groups: string[] = [];
  for (let end = head.length; end > 0; end -= size)
    groups.unshift(head.slice(Math.max(0, end - size), end));
  return [...groups, last].join(sign);
}

function write({ isNegative, whole, fraction }: Written, of: CellFormats, as: Style): string {
  const { decimalSign = ".", thousandsSign, grouping = "thousands", negatives = [] } = of;
  const signs = { ",": ",", ".": ".", space: as.space, apostrophe: "'" };
  const isGrouped = as.isGrouped && thousandsSign !== undefined;
  const digits = isGrouped ? inGroups(whole, signs[thousandsSign], grouping) : whole;
  const plain = fraction === "" ? digits : `${digits}${decimalSign}${fraction}`;
  const shown = as.isWide && of.wideForms === true ? widened(plain) : plain;
  const sign = of.currencySigns === undefined ? "" : as.sign;
  const money = sign.startsWith(" ") ? `${shown}${sign}` : `${sign}${shown}`;
  if (!isNegative) return money;
  const forms = ["leading", ...negatives];
  switch (forms[as.negative % forms.length]) {
    case "trailing-minus":
      return `${money}-`;
    case "parentheses":
      return `(${money})`;
    case "minus-sign":
      return `−${money}`;
    case "credit":
      return `${money} CR`;
    default:
      return `-${money}`;
  }
}

function widened(text: string): string {
  return text.replace(/[\d.,]/g, (sign) =>
    String.fromCodePoint((sign.codePointAt(0) ?? 0) + 0xfee0),
  );
}

describe("a number in a form that its profile declares", () => {
  it("is read to its last digit", () => {
    fc.assert(
      fc.property(number, formats, style, (one, of, as) => {
        const expected = `${one.isNegative ? "-" : ""}${one.whole}${one.fraction === "" ? "" : `.${one.fraction}`}`;

        expect(readNumber(write(one, of, as), of, "EUR")).toEqual({
          kind: "number",
          text: expected,
        });
      }),
      { numRuns: 400 },
    );
  });

  it("means the same to every form that reads it without a sign between its digits", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9]\d{0,14}$/), formats, (digits, of) => {
        expect(readNumber(digits, of)).toEqual({ kind: "number", text: digits });
      }),
    );
  });

  it("is never read where the profile declares nothing and the number is not plain", () => {
    fc.assert(
      fc.property(number, formats, style, (one, of, as) => {
        const text = write(one, of, as);
        const isPlain = /^[+-]?\d{1,25}(\.\d{1,12})?$/.test(text);

        expect(readNumber(text, {}, "EUR").kind).toBe(isPlain ? "number" : "fault");
      }),
    );
  });

  it("bears no sign of another currency than its row's", () => {
    fc.assert(
      fc.property(number, fc.constantFrom("$", "US$", "USD", "¥", "￥", "£", "kr"), (one, sign) => {
        const text = `${sign} ${one.whole}`;
        const context = {
          connection: "files",
          currency: "EUR",
          formats: { currencySigns: "row" },
        } as const;

        expect(readCell(text, { as: "amount" }, context)).toMatchObject({
          code: "currency-sign-differs",
        });
      }),
    );
  });
});

const day = fc
  .date({ min: new Date("1970-01-01"), max: new Date("2069-12-31"), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

function inOrder(
  date: string,
  order: DateOrder,
  sign: string,
  isPadded: boolean,
  isShort: boolean,
) {
  const [year = "", month = "", ofMonth = ""] = date.split("-");
  const short = (text: string) => (isPadded ? text : String(Number(text)));
  const parts = { y: isShort ? year.slice(2) : year, m: short(month), d: short(ofMonth) };
  return [...order].map((letter) => parts[letter as "y" | "m" | "d"]).join(sign);
}

describe("a date in a form that its profile declares", () => {
  const orders = fc.constantFrom<DateOrder[]>("ymd", "dmy", "mdy");
  const signs = fc.constantFrom("/", ".", "-");

  it("is the day that was written", () => {
    fc.assert(
      fc.property(
        day,
        orders,
        signs,
        fc.boolean(),
        fc.boolean(),
        (date, order, sign, isPadded, isShort) => {
          const text = inOrder(date, order, sign, isPadded, isShort);

          expect(readDate(text, { dateOrder: order, twoDigitYearsFrom: 1970 })).toEqual({
            kind: "date",
            date,
          });
        },
      ),
    );
  });

  it("is refused where nothing is declared, with the days that it may be", () => {
    fc.assert(
      fc.property(day, fc.constantFrom<DateOrder[]>("dmy", "mdy"), (date, order) => {
        const reading = readDate(inOrder(date, order, "/", true, false), {});

        expect(reading).toMatchObject({
          kind: "fault",
          candidates: expect.arrayContaining([date]),
        });
      }),
    );
  });
});
