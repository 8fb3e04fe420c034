import { describe, expect, it } from "vitest";
import {
  composed,
  gives,
  type InLens,
  type LensValue,
  oneWayIn,
  oneWayOut,
  type PlaceText,
  type TwoWayLens,
} from "#shared/domain/lens.ts";
import {
  choice,
  date,
  dayOfMoment,
  decimal,
  shortened,
  text,
  upperCase,
  wholeNumber,
  yesNo,
} from "#shared/domain/lenses.ts";
import { money } from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

function read(lens: TwoWayLens | InLens, remote: PlaceText): LensValue | { code: string } {
  const result = lens.get(remote);
  return result.kind === "value" ? result.value : { code: result.failure.code };
}

function written(
  lens: Pick<TwoWayLens, "put">,
  value: LensValue,
  remote?: PlaceText,
): PlaceText | { code: string; kind: string } {
  const result = lens.put(value, remote);
  if (result.kind === "value") return result.value;
  const { code, kind } = result.failure;
  return { code, kind };
}

describe("what a place says", () => {
  it.each([
    ["nothing", undefined, undefined],
    ["null", null, null],
    ["an empty text", "", null],
    ["nothing but space", " \t", null],
    ["zero", "0", "0"],
  ])("is told apart: %s", (_, remote, value) => {
    expect(read(decimal, remote)).toBe(value);
    expect(read(text, remote)).toBe(value);
  });

  it("is left as it is by what says nothing, blanked by null, and filled by zero", () => {
    expect(written(wholeNumber, undefined, " 7 ")).toBe(" 7 ");
    expect(written(wholeNumber, null, "7")).toBeNull();
    expect(written(wholeNumber, 0, "7")).toBe("0");
  });

  it("is left as it is through a composed lens as well", () => {
    expect(written(composed(text, decimal), undefined, " 7.00 ")).toBe(" 7.00 ");
  });
});

describe("the lens", () => {
  it("text takes the space around away, both ways", () => {
    expect(read(text, "  Ann Lee ")).toBe("Ann Lee");
    expect(written(text, " Ann Lee ")).toBe("Ann Lee");
    expect(text.quotient.modulo).toEqual(["space around it"]);
  });

  it("upperCase goes two ways only where the case is declared to say nothing", () => {
    expect(upperCase().way).toBe("in");
    expect(upperCase({ modulo: "case" }).way).toBe("two-way");
    expect(read(upperCase(), "am-7")).toBe("AM-7");
    expect(written(upperCase({ modulo: "case" }), "am-7")).toBe("AM-7");
    expect(upperCase({ modulo: "case" }).quotient.modulo).toEqual([
      "space around it",
      "upper and lower case",
    ]);
  });

  it.each([
    ["2.50", "2.5"],
    [" 007 ", "7"],
    ["1.5E3", "1500"],
    ["-0.0", "0"],
  ])("decimal reads %j as %j", (remote, value) => {
    expect(read(decimal, remote)).toBe(value);
  });

  it.each(["1,50", "12 EUR", "1e40", "0.0000000000000001"])(
    "decimal refuses %j instead of guessing or rounding",
    (remote) => {
      expect(read(decimal, remote)).toEqual({ code: "number-unreadable" });
      expect(written(decimal, remote)).toEqual({ code: "number-unreadable", kind: "rejected" });
    },
  );

  it("wholeNumber reads numbers, and refuses a broken one", () => {
    expect(read(wholeNumber, "30.0")).toBe(30);
    expect(written(wholeNumber, 30)).toBe("30");
    expect(read(wholeNumber, "30.5")).toEqual({ code: "number-not-whole" });
    expect(read(wholeNumber, "9007199254740993")).toEqual({ code: "number-not-whole" });
  });

  it("date takes days of the calendar, and no moments", () => {
    expect(read(date, " 2026-02-28 ")).toBe("2026-02-28");
    expect(read(date, "2026-02-30")).toEqual({ code: "date-unreadable" });
    expect(read(date, "2026-02-28T10:00:00Z")).toEqual({ code: "date-unreadable" });
    expect(written(date, "28.02.2026")).toEqual({ code: "date-unreadable", kind: "rejected" });
  });

  it("dayOfMoment loses the time of day, and so is only read", () => {
    expect(dayOfMoment.way).toBe("in");
    expect(read(dayOfMoment, "2026-02-28T23:59:59.999Z")).toBe("2026-02-28");
    expect(read(dayOfMoment, "2026-02-28")).toBe("2026-02-28");
    expect(read(dayOfMoment, "2026-02-28 at noon")).toEqual({ code: "date-unreadable" });
  });

  it("shortened cuts what is too long, never through a character, and so is only written", () => {
    const lens = shortened(5);

    expect(lens.way).toBe("out");
    expect(written(lens, "Harbour")).toBe("Harbo");
    expect(written(lens, "Four😀")).toBe("Four");
  });

  it("yesNo tells a tick that was taken away from one that was never set", () => {
    const lens = yesNo({ yes: "true", no: "false" });

    expect([
      read(lens, "True"),
      read(lens, "false"),
      read(lens, ""),
      read(lens, undefined),
    ]).toEqual(["yes", "no", null, undefined]);
    expect(written(lens, "no")).toBe("false");
  });

  it("composed reads from the outside in, and writes from the inside out", () => {
    const lens = composed(
      upperCase({ modulo: "case" }),
      choice({ GOLD: "gold", SILVER: "silver" }),
    );

    expect(read(lens, " Gold ")).toBe("gold");
    expect(written(lens, "silver")).toBe("SILVER");
    expect(lens.holds).toEqual({ kind: "one-of", values: ["gold", "silver"] });
  });

  it("composed goes only those ways that both go", () => {
    expect(composed(text, oneWayIn(decimal)).way).toBe("in");
    expect(composed(text, oneWayOut(decimal)).way).toBe("out");
    expect(composed(text, decimal).way).toBe("two-way");
  });

  it("refuses a value of another kind as our own fault, and never writes it as text", () => {
    expect(written(text, 7)).toEqual({ code: "field-value-unexpected", kind: "bug" });
    expect(written(text, money(700n, "EUR"))).toEqual({
      code: "field-value-unexpected",
      kind: "bug",
    });
    expect(read(composed({ ...text, get: () => gives(7) }, text), "7")).toEqual({
      code: "field-value-unexpected",
    });
  });
});

describe("a choice", () => {
  const tiers = choice({ G: "gold", S: "silver" });

  it("refuses what its table does not have, both ways, and tells what it has", () => {
    expect(tiers.get("B")).toEqual({
      kind: "failure",
      failure: {
        kind: "invalid-input",
        code: "choice-unknown",
        fix: "Choose one of G, S, or add the value to the field's table in shared/flows/custom-fields.ts.",
      },
    });
    expect(written(tiers, "bronze")).toEqual({ code: "choice-unknown", kind: "rejected" });
  });

  it("reads a text in another case only where that is declared", () => {
    expect(read(tiers, "g")).toEqual({ code: "choice-unknown" });
  });

  it.each([
    ["gives two texts one value", { G: "gold", Au: "gold" }],
    ["is empty", {}],
    ["has a blank text", { "": "none" }],
    ["has a blank value", { N: " " }],
    ["has space around a text", { " G": "gold" }],
    ["has space around a value", { G: "gold " }],
  ])("is refused where its table %s", (_, table) => {
    expect(() => choice(table)).toThrow(
      expect.objectContaining({
        failure: expect.objectContaining({ code: "choice-table-unsuitable" }),
      }),
    );
  });

  it("is refused where two texts differ only in what is declared to say nothing", () => {
    expect(() => yesNo({ yes: "y", no: "Y" })).toThrow(SyncError);
  });
});
