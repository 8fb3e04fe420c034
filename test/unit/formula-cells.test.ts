import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disarmCell, rearmCell } from "#shared/domain/formula-cells.ts";

const cell = fc.oneof(
  fc.string({ unit: "binary", maxLength: 20 }),
  fc.string({ unit: fc.constantFrom("'", "=", "+", "-", "@", "\t", "＝", "1", ".", "a") }),
);

describe("a cell that begins like a formula", () => {
  it.each([
    ["=1+1", "'=1+1"],
    ["'=1+1", "''=1+1"],
    ["-1+1", "'-1+1"],
    ["－1", "'－1"],
    ["\tcmd", "'\tcmd"],
    ["+46 19 555", "'+46 19 555"],
    ["-1.50", "-1.50"],
    ["+7", "+7"],
    ["'s-Hertogenbosch", "'s-Hertogenbosch"],
    ["''", "''"],
    ["", ""],
  ])("%j is written as %j and read as it was", (text, written) => {
    expect(disarmCell(text)).toBe(written);
    expect(rearmCell(written)).toBe(text);
  });

  it("is read as it was, whatever it is", () => {
    fc.assert(fc.property(cell, (text) => rearmCell(disarmCell(text)) === text));
  });

  it("never begins with a formula's sign, unless it is a plain number", () => {
    fc.assert(
      fc.property(cell, (text) => {
        const written = disarmCell(text);
        return !/^[=+\-@\t\r\n＝＋－＠]/.test(written) || /^[+-]?\d+(\.\d+)?$/.test(written);
      }),
    );
  });
});
