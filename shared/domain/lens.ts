/**
 * A lens reads a canonical value out of one place of a remote record, and puts a value back into it.
 *
 * Four things stay apart, both ways: *absent* says nothing (absent in, absent out; putting nothing
 * leaves the place as it is), *null* is blank and clears, an empty text in a remote reads as null, and
 * zero is a value like any other.
 *
 * A two-way lens keeps these laws for every value and every place, up to the likeness it declares
 * (`modulo`); `test/support/lens-laws.ts` checks them:
 *
 * | law | says |
 * |---|---|
 * | GetPut | putting back what was read changes nothing, whether the place is known or not |
 * | PutGet | what was put is read again |
 * | PutPut | the last put counts, and nothing of the one before is left |
 *
 * What cannot be read again is one-way and says so: {@link oneWayIn}, {@link oneWayOut}.
 */
import type { FieldKind, FieldValue } from "./records.ts";
import type { Failure } from "./sync-error.ts";

/** What a place holds: text, null or `""` where it is blank, `undefined` where it was not shown. */
export type PlaceText = string | null | undefined;

/** A canonical value; `undefined` where nothing is said. */
export type LensValue = FieldValue | undefined;

export type LensResult<Result> =
  | { readonly kind: "value"; readonly value: Result }
  | { readonly kind: "failure"; readonly failure: Failure };

interface Described {
  readonly holds: FieldKind;
  /** Names the set of values that it reads: places of one field that are read must agree in it. */
  readonly form: string;
}

interface Getter<Remote, Value> {
  readonly get: (remote: Remote) => LensResult<Value>;
}

interface Putter<Remote, Value> {
  readonly put: (value: Value, remote: Remote) => LensResult<Remote>;
}

/** What counts as the same: like things have one normal form. */
interface Quotient<Remote, Value> {
  readonly remote: (remote: Remote) => Remote;
  readonly value: (value: Value) => Value;
  /** What may differ in like things, in words. */
  readonly modulo: readonly string[];
}

export interface TwoWayLens<Remote = PlaceText, Value = LensValue>
  extends Described,
    Getter<Remote, Value>,
    Putter<Remote, Value> {
  readonly way: "two-way";
  readonly quotient: Quotient<Remote, Value>;
}

/** Only read: the place is never written. */
export interface InLens<Remote = PlaceText, Value = LensValue>
  extends Described,
    Getter<Remote, Value> {
  readonly way: "in";
}

/** Only written: what the place shows is never looked at. */
export interface OutLens<Remote = PlaceText, Value = LensValue>
  extends Described,
    Putter<Remote, Value> {
  readonly way: "out";
}

export type Lens<Remote = PlaceText, Value = LensValue> =
  | TwoWayLens<Remote, Value>
  | InLens<Remote, Value>
  | OutLens<Remote, Value>;

/** A difference in text that says nothing: `normalize` gives like texts one form, and twice is once. */
export interface Likeness {
  readonly name: string;
  readonly normalize: (text: string) => string;
}

export const spaceAround: Likeness = {
  name: "space around it",
  normalize: (text) => text.trim(),
};

export const letterCase: Likeness = {
  name: "upper and lower case",
  normalize: (text) => text.toUpperCase(),
};

type Parse<Value> = (text: string) => LensResult<Value>;
type Format<Value> = (value: Value) => LensResult<string>;

interface TwoWayParts<Value extends FieldValue> {
  readonly holds: FieldKind;
  readonly form?: string;
  readonly accepts: (value: FieldValue) => value is Value;
  /** Is given normalized text that is not blank. */
  readonly parse: Parse<Value>;
  readonly format: Format<Value>;
  /** Applied in this order. */
  readonly modulo: readonly Likeness[];
}

/** Says that `format` and `parse` undo each other, up to `modulo`. */
export function twoWay<Value extends FieldValue>(parts: TwoWayParts<Value>): TwoWayLens {
  const { holds, form = holds.kind, accepts, parse, format, modulo } = parts;
  const normalize = (text: string): string =>
    modulo.reduce((sofar, likeness) => likeness.normalize(sofar), text);
  return {
    way: "two-way",
    holds,
    form,
    get: getter(normalize, parse),
    put: putter(accepts, format),
    quotient: {
      modulo: modulo.map(({ name }) => name),
      remote: (remote) => (typeof remote === "string" ? blankAsNull(normalize(remote)) : remote),
      value: (value) => (typeof value === "string" ? blankAsNull(normalize(value)) : value),
    },
  };
}

type InParts<Value extends FieldValue> = Pick<TwoWayParts<Value>, "holds" | "form" | "parse">;
type OutParts<Value extends FieldValue> = Pick<
  TwoWayParts<Value>,
  "holds" | "form" | "accepts" | "format"
>;

/** The way in of a two-way lens, or a reading that cannot be undone; `parse` is given trimmed text. */
export function oneWayIn<Value extends FieldValue>(source: TwoWayLens | InParts<Value>): InLens {
  const { holds, form = holds.kind } = source;
  const get = "parse" in source ? getter(spaceAround.normalize, source.parse) : source.get;
  return { way: "in", holds, form, get };
}

/** The way out of a two-way lens, or a writing that cannot be undone. */
export function oneWayOut<Value extends FieldValue>(source: TwoWayLens | OutParts<Value>): OutLens {
  const { holds, form = holds.kind } = source;
  const put = "format" in source ? putter(source.accepts, source.format) : source.put;
  return { way: "out", holds, form, put };
}

/**
 * One lens after the other: `outer` is the nearer to the remote, and what it reads is text that
 * `inner` reads on. Keeps the laws where both keep them; goes only those ways that both go.
 */
export function composed(outer: TwoWayLens, inner: TwoWayLens): TwoWayLens;
export function composed(outer: TwoWayLens, inner: InLens): InLens;
export function composed(outer: TwoWayLens, inner: OutLens): OutLens;
export function composed(outer: TwoWayLens, inner: Lens): Lens {
  const { holds, form } = inner;
  const get = (source: Getter<PlaceText, LensValue>) => (remote: PlaceText) =>
    andThen(andThen(outer.get(remote), textBetween), source.get);
  const put = (source: Putter<PlaceText, LensValue>) => (value: LensValue, remote: PlaceText) => {
    if (value === undefined) return gives(remote);
    const between = andThen(outer.get(remote), textBetween);
    const known = between.kind === "value" ? between.value : undefined;
    return andThen(source.put(value, known), (text) => outer.put(text, remote));
  };
  switch (inner.way) {
    case "in":
      return { way: "in", holds, form, get: get(inner) };
    case "out":
      return { way: "out", holds, form, put: put(inner) };
    case "two-way":
      return {
        way: "two-way",
        holds,
        form,
        get: get(inner),
        put: put(inner),
        quotient: {
          modulo: [...new Set([...outer.quotient.modulo, ...inner.quotient.modulo])],
          remote: (remote) => likeThrough(outer, inner, remote),
          value: inner.quotient.value,
        },
      };
  }
}

export function gives<Value>(value: Value): LensResult<Value> {
  return { kind: "value", value };
}

/** What is in the place cannot be read. */
export function unreadable(code: string, fix: string): LensResult<never> {
  return { kind: "failure", failure: { kind: "invalid-input", code, fix } };
}

/** The value cannot be said in this place. */
export function unwritable(code: string, fix: string): LensResult<never> {
  return { kind: "failure", failure: { kind: "rejected", code, fix } };
}

export function isText(value: FieldValue): value is string {
  return typeof value === "string";
}

function getter<Value extends FieldValue>(
  normalize: (text: string) => string,
  parse: Parse<Value>,
): (remote: PlaceText) => LensResult<LensValue> {
  return (remote) => {
    if (remote === undefined || remote === null) return gives(remote);
    const text = normalize(remote);
    return text === "" ? gives(null) : parse(text);
  };
}

function putter<Value extends FieldValue>(
  accepts: (value: FieldValue) => value is Value,
  format: Format<Value>,
): (value: LensValue, remote: PlaceText) => LensResult<PlaceText> {
  return (value, remote) => {
    if (value === undefined) return gives(remote);
    if (value === null) return gives(null);
    if (!accepts(value)) return unexpected;
    return andThen(format(value), (text) => gives(blankAsNull(text)));
  };
}

/** The normal form of what `outer` shows, in which what `inner` takes for the same is one as well. */
function likeThrough(outer: TwoWayLens, inner: TwoWayLens, remote: PlaceText): PlaceText {
  const between = andThen(outer.get(remote), textBetween);
  if (between.kind === "failure") return outer.quotient.remote(remote);
  const like = outer.put(inner.quotient.remote(between.value), remote);
  return outer.quotient.remote(like.kind === "value" ? like.value : remote);
}

function textBetween(value: LensValue): LensResult<PlaceText> {
  if (value === undefined || value === null || isText(value)) return gives(value);
  return unexpected;
}

function andThen<Value, Result>(
  result: LensResult<Value>,
  next: (value: Value) => LensResult<Result>,
): LensResult<Result> {
  return result.kind === "value" ? next(result.value) : result;
}

const unexpected: LensResult<never> = {
  kind: "failure",
  failure: { kind: "bug", code: "field-value-unexpected" },
};

function blankAsNull(text: string): string | null {
  return text.trim() === "" ? null : text;
}
