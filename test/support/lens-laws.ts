/**
 * The laws of lenses, each as a function that answers what breaks it. A lens keeps them on every
 * value of its kind and on every text, up to the likeness it declares; see `shared/domain/lens.ts`.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import type {
  InLens,
  Lens,
  LensResult,
  LensValue,
  OutLens,
  PlaceText,
  TwoWayLens,
} from "#shared/domain/lens.ts";
import type { FieldKind, FieldValue } from "#shared/domain/records.ts";

const RUNS = 300;

/** One line in a test file: the lens keeps the laws of the ways it goes. */
export function itKeepsTheLaws(name: string, lens: Lens): void {
  it(`${name} keeps the laws of a ${lens.way} lens`, () => {
    expect(lensViolations(lens)).toEqual([]);
  });
}

/** What breaks the laws, one counterexample a law; empty for a lens that keeps them. */
export function lensViolations(lens: Lens): string[] {
  switch (lens.way) {
    case "in":
      return [...readsNothingIntoBlanks(lens)];
    case "out":
      return [...clearsOnlyByNull(lens)];
    case "two-way":
      return [
        ...readsNothingIntoBlanks(lens),
        ...clearsOnlyByNull(lens),
        ...getPut(lens),
        ...putGet(lens),
        ...putPut(lens),
      ];
  }
}

/** Putting back what was read changes nothing, on the place itself and on one that nobody looked at. */
function getPut(lens: TwoWayLens): string[] {
  return broken(
    "GetPut",
    fc.property(placesOf(lens), (remote) => {
      const read = lens.get(remote);
      if (read.kind === "failure" || read.value === undefined) return;
      const before = lens.quotient.remote(remote);
      for (const place of [remote, undefined]) {
        const after = lens.quotient.remote(valueIn(lens.put(read.value, place)));
        expect(after).toEqual(before);
      }
    }),
  );
}

/** What was put is read again. */
function putGet(lens: TwoWayLens): string[] {
  return broken(
    "PutGet",
    fc.property(valuesOf(lens.holds), placesOf(lens), (value, remote) => {
      const read = valueIn(lens.get(valueIn(lens.put(value, remote))));
      expect(lens.quotient.value(read)).toEqual(lens.quotient.value(value));
    }),
  );
}

/** The last put counts, and a place that was never looked at takes it the same. */
function putPut(lens: TwoWayLens): string[] {
  return broken(
    "PutPut",
    fc.property(
      valuesOf(lens.holds),
      valuesOf(lens.holds),
      placesOf(lens),
      (first, last, remote) => {
        const once = lens.quotient.remote(valueIn(lens.put(last, undefined)));
        const between = valueIn(lens.put(first, remote));
        expect(lens.quotient.remote(valueIn(lens.put(last, between)))).toEqual(once);
        expect(lens.quotient.remote(valueIn(lens.put(last, remote)))).toEqual(once);
      },
    ),
  );
}

/** Absent in, absent out; a blank place is null and nothing else. */
function readsNothingIntoBlanks(lens: TwoWayLens | InLens): string[] {
  return broken(
    "blanks are read",
    fc.property(fc.constantFrom(null, "", " ", "\t\n "), (blank) => {
      expect(lens.get(undefined)).toEqual({ kind: "value", value: undefined });
      expect(lens.get(blank)).toEqual({ kind: "value", value: null });
    }),
  );
}

/** Absent leaves the place as it is, to the letter; null blanks it; a value does not. */
function clearsOnlyByNull(lens: TwoWayLens | OutLens): string[] {
  return broken(
    "only null clears",
    fc.property(valuesOf(lens.holds), anyText, (value, remote) => {
      expect(lens.put(undefined, remote)).toEqual({ kind: "value", value: remote });
      expect(lens.put(null, remote)).toEqual({ kind: "value", value: null });
      const written = valueIn(lens.put(value, remote));
      expect(typeof written === "string" && written.trim() !== "").toBe(!isBlank(value));
    }),
  );
}

/** Parts of what people and programs write, which a transform may trip over. */
const word = fc.constantFrom(
  ..."Ann LEE straße O'Neil née 007 -3.50 1,5 1e3 a@b.example https://x.example/1?q=2 true No 2026-02-28 2026-02-28T10:00:00Z ; | 雪 İ".split(
    " ",
  ),
);
const separator = fc.constantFrom(" ", "  ", "\n", ",", "");
const phrase = fc
  .array(fc.tuple(word, separator), { minLength: 1, maxLength: 8 })
  .map((parts) => parts.flat().join(""));
/** Longer than any place that a text is known to stand in, but for the longest. */
const longText = fc.integer({ min: 5, max: 600 }).map((times) => "long text ".repeat(times));
const someText = fc.oneof(
  { arbitrary: fc.string({ unit: "grapheme" }), weight: 3 },
  { arbitrary: phrase, weight: 6 },
  { arbitrary: longText, weight: 1 },
);

const anyText: fc.Arbitrary<PlaceText> = fc.oneof(
  fc.constantFrom(undefined, null, "", "  "),
  someText,
);

/** Any text, and texts as the lens itself writes them, with the space and case of careless hands. */
function placesOf(lens: TwoWayLens): fc.Arbitrary<PlaceText> {
  const own = valuesOf(lens.holds).map((value) => {
    const written = lens.put(value, undefined);
    return written.kind === "value" ? written.value : undefined;
  });
  const careless = fc
    .tuple(own, fc.constantFrom("", " ", "\t"), fc.constantFrom("as is", "lower", "upper"))
    .map(([text, space, hand]) => {
      if (typeof text !== "string") return text;
      const cased =
        hand === "lower" ? text.toLowerCase() : hand === "upper" ? text.toUpperCase() : text;
      return space + cased + space;
    });
  return fc.oneof(anyText, own, careless);
}

/** Values of a kind of field, never absent and never null. */
function valuesOf(holds: FieldKind): fc.Arbitrary<FieldValue> {
  switch (holds.kind) {
    case "text":
      return someText;
    case "decimal":
      return fc
        .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.nat({ max: 999_999 }))
        .map(([whole, fraction]) => `${whole}.${fraction}`);
    case "whole-number":
      return fc.maxSafeInteger();
    case "date":
      return fc
        .date({
          min: new Date("0000-01-01T00:00:00Z"),
          max: new Date("9999-12-31T23:59:59Z"),
          noInvalidDate: true,
        })
        .map((moment) => moment.toISOString().slice(0, 10));
    case "one-of":
      return fc.constantFrom(...holds.values);
    case "money":
    case "reference":
    case "lines":
    case "allocations":
      throw new Error(`no lens holds a ${holds.kind}`);
  }
}

function isBlank(value: FieldValue): boolean {
  return typeof value === "string" && value.trim() === "";
}

function valueIn<Value extends LensValue | PlaceText>(result: LensResult<Value>): Value {
  if (result.kind === "value") return result.value;
  throw new Error(`refused: ${result.failure.code}`);
}

function broken<Given>(law: string, property: fc.IProperty<Given>): string[] {
  const run = fc.check(property, { numRuns: RUNS });
  if (!run.failed) return [];
  const reason = run.errorInstance instanceof Error ? run.errorInstance.message : "";
  const [first = ""] = reason.split("\n");
  return [`${law} is broken by ${fc.stringify(run.counterexample)}: ${first}`];
}
