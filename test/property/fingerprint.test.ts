import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  canonicalIdOf,
  digestField,
  digestRecord,
  digestText,
} from "#shared/domain/fingerprint.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, FieldValue } from "#shared/domain/records.ts";

const anyText = fc.string({ unit: "grapheme" });
const anyMoney = fc
  .record({ minor: fc.bigInt(), currency: fc.constantFrom("EUR", "USD", "JPY") })
  .map(({ minor, currency }) => money(minor, currency));
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.constant(null),
  anyText,
  fc.integer(),
  anyMoney,
  anyText.map((canonicalId) => ({ canonicalId })),
);

describe("digests", () => {
  it("have one shape", () => {
    fc.assert(
      fc.property(value, (one) => {
        expect(digestField(one)).toMatch(/^[0-9a-z]{13}$/);
      }),
    );
  });

  it("differ where values differ, and only there", () => {
    fc.assert(
      fc.property(value, value, (left, right) => {
        const isSame = comparable(left) === comparable(right);

        expect(digestField(left) === digestField(right)).toBe(isSame);
      }),
    );
  });

  it("do not see zeros at the end of a line's decimals", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 12n }),
        fc.integer({ min: 1, max: 6 }),
        fc.nat(6),
        (units, scale, zeros) => {
          const digits = units.toString().padStart(scale + 1, "0");
          const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;

          expect(digestField([aLine(`${text}${"0".repeat(zeros)}`)])).toBe(
            digestField([aLine(text)]),
          );
        },
      ),
    );
  });

  it("of records do not see the order in which fields are given", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), value), (fields) => {
        const digests = Object.entries(fields).map(([name, one]) => [name, digestField(one)]);

        expect(digestRecord(Object.fromEntries([...digests].reverse()))).toBe(
          digestRecord(Object.fromEntries(digests)),
        );
      }),
    );
  });

  it("do not collide among 100,000 generated texts", () => {
    const texts = new Set(
      fc.sample(fc.string({ minLength: 6, maxLength: 40 }), { numRuns: 110_000, seed: 7 }),
    );

    const digests = new Set([...texts].map(digestText));

    expect(texts.size).toBeGreaterThan(100_000);
    expect(digests.size).toBe(texts.size);
  });

  it("do not collide among texts that differ by a counter, as ids do", () => {
    const count = 100_000;
    const texts = Array.from({ length: count }, (_, index) => `crm#customer#${index}`);

    expect(new Set(texts.map(digestText)).size).toBe(count);
    expect(new Set(texts.map((text) => canonicalIdOf("customer", text))).size).toBe(count);
  });
});

describe("canonical ids", () => {
  it("have one shape and depend on nothing but type and origin", () => {
    fc.assert(
      fc.property(fc.constantFrom("customer", "invoice"), anyText, (recordType, origin) => {
        const id = canonicalIdOf(recordType, origin);

        expect(id).toMatch(/^[a-zA-Z]+-[0-9a-z]{24}$/);
        expect(canonicalIdOf(recordType, origin)).toBe(id);
      }),
    );
  });

  it("change in about half of their bits with each bit of the origin", () => {
    const origin = "crm#customer#51230071";
    const base = laneBits(canonicalIdOf("customer", origin));
    let changed = 0;
    let compared = 0;
    for (let index = 0; index < origin.length; index += 1) {
      for (let bit = 0; bit < 7; bit += 1) {
        const flipped = String.fromCharCode(origin.charCodeAt(index) ^ (1 << bit));
        const other = origin.slice(0, index) + flipped + origin.slice(index + 1);
        const bits = laneBits(canonicalIdOf("customer", other));
        for (let at = 0; at < bits.length; at += 1) if (bits[at] !== base[at]) changed += 1;
        compared += bits.length;
      }
    }

    expect(changed / compared).toBeGreaterThan(0.47);
    expect(changed / compared).toBeLessThan(0.53);
  });
});

/** Two values are the same field value iff these texts are the same. */
function comparable(one: FieldValue): string {
  return JSON.stringify(one, (_key, part: unknown) => {
    if (typeof part === "bigint") return `${part}n`;
    return typeof part === "string" ? part.normalize("NFC") : part;
  });
}

/** The three whole lanes of 32 bits that an id holds, as binary digits. */
function laneBits(id: string): string {
  const digits = id.slice(id.indexOf("-") + 1);
  return [0, 7, 14]
    .map((start) => Number.parseInt(digits.slice(start, start + 7), 36))
    .map((lane) => lane.toString(2).padStart(32, "0"))
    .join("");
}

function aLine(quantity: string): DocumentLine {
  return {
    product: null,
    productCode: "W-1",
    description: null,
    quantity,
    unitPrice: "1",
    discountRate: "0",
    amount: money(1n, "EUR"),
  };
}
