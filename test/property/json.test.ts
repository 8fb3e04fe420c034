import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeJson, encodeJson, parseExact } from "#shared/domain/json.ts";

const refused = new Set(["__proto__", "constructor", "prototype", "$bigint"]);
const key = fc.string().filter((text) => !refused.has(text));
const leaf = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string({ unit: "grapheme" }),
  fc.integer(),
  fc.bigInt(),
);
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    leaf,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(key, tie("tree"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

describe("encodeJson and decodeJson", () => {
  it("give back what they were given, bigints of any size included", () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(decodeJson(encodeJson(value))).toEqual(value);
      }),
    );
  });
});

describe("parseExact", () => {
  it("answers with the very digits of a number", () => {
    const number = fc
      .tuple(
        fc.boolean(),
        fc.bigInt({ min: 0n, max: 10n ** 30n }),
        fc.option(fc.stringMatching(/^[0-9]{1,20}$/)),
        fc.option(fc.integer({ min: -400, max: 400 })),
      )
      .map(
        ([isNegative, whole, fraction, exponent]) =>
          `${isNegative ? "-" : ""}${whole}${fraction === null ? "" : `.${fraction}`}${
            exponent === null ? "" : `e${exponent}`
          }`,
      );
    fc.assert(
      fc.property(number, (text) => {
        expect(parseExact(`{"rows":[{"amount": ${text} }]}`)).toEqual({ rows: [{ amount: text }] });
      }),
    );
  });
});
