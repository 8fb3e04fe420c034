import { describe, expect, it } from "vitest";
import {
  composed,
  gives,
  isText,
  type Lens,
  letterCase,
  oneWayIn,
  oneWayOut,
  spaceAround,
  twoWay,
  unreadable,
} from "#shared/domain/lens.ts";
import type * as lenses from "#shared/domain/lenses.ts";
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
import { itKeepsTheLaws, lensViolations } from "#test/support/lens-laws.ts";

const tiers = choice({ G: "gold", S: "silver", "n/a": "none" });

/** By the name of the export: one that is missing here does not compile. */
const shipped: Readonly<Record<keyof typeof lenses, readonly Lens[]>> = {
  text: [text],
  upperCase: [upperCase(), upperCase({ modulo: "case" })],
  decimal: [decimal],
  wholeNumber: [wholeNumber],
  date: [date],
  dayOfMoment: [dayOfMoment],
  shortened: [shortened(5)],
  choice: [tiers, choice({ Gold: "g", Silver: "s" }, [letterCase])],
  yesNo: [yesNo({ yes: "true", no: "false" })],
};

describe("every lens that is shipped", () => {
  for (const [name, ofThatName] of Object.entries(shipped)) {
    for (const lens of ofThatName) itKeepsTheLaws(name, lens);
  }
});

describe("a lens made of others", () => {
  itKeepsTheLaws("composed of text and choice", composed(text, tiers));
  itKeepsTheLaws("composed with what goes in", composed(text, dayOfMoment));
  itKeepsTheLaws("composed with what goes out", composed(text, shortened(5)));
  itKeepsTheLaws("the way in of a two-way lens", oneWayIn(decimal));
  itKeepsTheLaws("the way out of a two-way lens", oneWayOut(decimal));
  itKeepsTheLaws(
    "composed of capitals and choice",
    composed(upperCase({ modulo: "case" }), choice({ GOLD: "gold", SILVER: "silver" })),
  );
});

describe("the laws find a lens that", () => {
  const textual = { holds: { kind: "text" }, accepts: isText, modulo: [spaceAround] } as const;

  it("writes capitals and claims to go both ways with nothing declared", () => {
    const lens = twoWay({
      ...textual,
      parse: (given) => gives(given.toUpperCase()),
      format: gives,
    });

    expect(lensViolations(lens)).toEqual([
      expect.stringMatching(/^GetPut/),
      expect.stringMatching(/^PutGet/),
    ]);
  });

  it("cuts what it writes", () => {
    const lens = twoWay({
      ...textual,
      parse: gives,
      format: (value) => gives(value.trim().slice(0, 3)),
    });

    expect(lensViolations(lens)).toContainEqual(expect.stringMatching(/^PutGet/));
  });

  it("reads two texts as one value", () => {
    const lens = twoWay({
      holds: { kind: "one-of", values: ["gold", "other"] },
      accepts: isText,
      parse: (given) => gives(given === "G" ? "gold" : "other"),
      format: (value) => gives(value === "gold" ? "G" : "-"),
      modulo: [spaceAround],
    });

    expect(lensViolations(lens)).toEqual([expect.stringMatching(/^GetPut/)]);
  });

  it("refuses a value that it says it holds", () => {
    const lens = twoWay({
      holds: { kind: "one-of", values: ["gold", "silver"] },
      accepts: isText,
      parse: (given) => (given === "G" ? gives("gold") : unreadable("choice-unknown", "Mend it.")),
      format: () => gives("G"),
      modulo: [spaceAround],
    });

    expect(lensViolations(lens)).toContainEqual(expect.stringMatching(/^PutGet/));
  });

  it("keeps something of the value before", () => {
    const lens = {
      ...text,
      put: (value: Parameters<typeof text.put>[0], remote: Parameters<typeof text.put>[1]) =>
        typeof remote === "string" && typeof value === "string" && remote.trim() !== ""
          ? gives(`${remote.trim()} ${value.trim()}`)
          : text.put(value, remote),
    };

    expect(lensViolations(lens)).toContainEqual(expect.stringMatching(/^PutPut/));
  });

  it("reads a blank as a value, or clears where nothing was said", () => {
    const reads = { ...text, get: () => gives("none") };
    const clears = { ...text, put: () => gives(null) };

    expect(lensViolations(reads)).toContainEqual(expect.stringMatching(/^blanks are read/));
    expect(lensViolations(clears)).toContainEqual(expect.stringMatching(/^only null clears/));
  });
});
