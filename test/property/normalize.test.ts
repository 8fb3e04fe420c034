import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { companyDomain, normalizeName, normalizeTaxNumber } from "#shared/domain/normalize.ts";

const anyText = fc.string({ unit: "grapheme" });
const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
const host = fc.tuple(word, word).map(([name, top]) => `${name}.${top}`);

describe("normalizeName", () => {
  it("leaves what it made as it is", () => {
    fc.assert(
      fc.property(anyText, (name) => {
        expect(normalizeName(normalizeName(name))).toBe(normalizeName(name));
      }),
    );
  });

  it("does not see case, punctuation or blanks between words", () => {
    const separator = fc.constantFrom(" ", "  ", ", ", " - ", ".", "\t");
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), separator, (words, between) => {
        expect(normalizeName(` ${words.join(between).toUpperCase()}! `)).toBe(words.join(" "));
      }),
    );
  });
});

describe("normalizeTaxNumber", () => {
  it("leaves what it made as it is, and makes no short ones", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 5 }), (text) => {
        const made = normalizeTaxNumber(text);
        fc.pre(made !== undefined);

        expect(made.length).toBeGreaterThanOrEqual(5);
        expect(normalizeTaxNumber(made)).toBe(made);
      }),
    );
  });
});

describe("companyDomain", () => {
  it("is the same for a company's address, its website and itself", () => {
    fc.assert(
      fc.property(word, host, (person, domain) => {
        const expected = companyDomain(domain);

        expect(companyDomain(`${person}@${domain}`)).toBe(expected);
        expect(companyDomain(`https://www.${domain}/${person}`)).toBe(expected);
        expect(companyDomain(` ${domain.toUpperCase()} `)).toBe(expected);
      }),
    );
  });

  it("never throws, and answers with a host or nothing", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(companyDomain(text) ?? "a.b").toMatch(/^[^\s@/:?#]+(\.[^\s@/:?#]+)+$/u);
      }),
    );
  });
});
