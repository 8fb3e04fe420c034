/**
 * JSON without binary floats: numbers are read as their source digits and written digit for digit.
 */

/** A JSON number as its digits; `JSON.stringify` writes it unchanged. */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** ES2026 "JSON.parse source text access", in Node since 21; the installed type library lacks it. */
interface SourceTextJson {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}

const sourceTextJson = JSON as unknown as SourceTextJson;

/** Parses JSON; every number becomes an {@link ExactNumber}. Throws SyntaxError. */
export function parseExact(text: string): unknown {
  return sourceTextJson.parse(text, (_key, value, context) =>
    typeof value === "number" && context.source !== undefined
      ? sourceTextJson.rawJSON(context.source)
      : value,
  );
}

/** Decimal text as a number to write. */
export function exact(text: string): ExactNumber {
  return sourceTextJson.rawJSON(text);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return sourceTextJson.isRawJSON(value);
}
