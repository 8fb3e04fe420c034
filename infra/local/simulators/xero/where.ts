/**
 * The `where` and `order` query parameters: comparisons (`== != > >= < <=`) of a field with text, a
 * number, `true`, `false`, `null`, `Guid("…")` or `DateTime(y,m,d[,h,m,s])`, joined by AND and OR, with
 * parentheses. Xero's method calls (`Name.Contains("x")`) are refused as unreadable.
 */
import { scaledOf } from "./decimal.ts";

/** What a field holds for comparing: `""` equals null; `number` is decimal text. */
type FieldValue =
  | string
  | boolean
  | null
  | { readonly guid: string }
  | { readonly epochMs: number }
  | { readonly number: string };

export interface Fields<T> {
  readonly [field: string]: (record: T) => FieldValue;
}

/** The expression cannot be read; answered as `QueryParseException`. */
export class QueryParseError extends Error {}

type Comparable = string | bigint | null;
const NUMBER_SCALE = 6;
const TOKEN =
  /\s*(?:(==|!=|>=|<=|&&|\|\||[()<>=,])|"((?:[^"\\]|\\.)*)"|([A-Za-z_][A-Za-z0-9_.]*)|(-?\d+(?:\.\d+)?))/y;

interface Token {
  readonly kind: "symbol" | "text" | "word" | "number";
  readonly value: string;
}

/** The predicate a `where` expression stands for. Throws QueryParseError. */
export function parseWhere<T>(expression: string, fields: Fields<T>): (record: T) => boolean {
  const parser = new WhereParser(readTokens(expression), fields);
  return parser.parse();
}

/** The comparison an `order` expression such as `UpdatedDateUTC DESC, Name` stands for. Throws QueryParseError. */
export function parseOrder<T>(
  expression: string,
  fields: Fields<T>,
): (left: T, right: T) => number {
  const terms = expression.split(",").map((term) => {
    const [field = "", direction = "ASC", ...rest] = term.trim().split(/\s+/);
    const isDescending = direction.toUpperCase() === "DESC";
    if (rest.length > 0 || (!isDescending && direction.toUpperCase() !== "ASC")) {
      throw new QueryParseError(`Syntax error in order '${expression}'`);
    }
    return { readField: fieldOf(fields, field), sign: isDescending ? -1 : 1 };
  });
  return (left, right) => {
    for (const { readField, sign } of terms) {
      const difference = compare(comparable(readField(left)), comparable(readField(right)));
      if (difference !== 0) return difference * sign;
    }
    return 0;
  };
}

class WhereParser<T> {
  readonly #tokens: readonly Token[];
  readonly #fields: Fields<T>;
  #position = 0;

  constructor(tokens: readonly Token[], fields: Fields<T>) {
    this.#tokens = tokens;
    this.#fields = fields;
  }

  parse(): (record: T) => boolean {
    const predicate = this.#anyOf();
    if (this.#position < this.#tokens.length) throw this.#syntaxError();
    return predicate;
  }

  #anyOf(): (record: T) => boolean {
    const branches = [this.#allOf()];
    while (this.#takes("or", "||")) branches.push(this.#allOf());
    return (record) => branches.some((branch) => branch(record));
  }

  #allOf(): (record: T) => boolean {
    const branches = [this.#condition()];
    while (this.#takes("and", "&&")) branches.push(this.#condition());
    return (record) => branches.every((branch) => branch(record));
  }

  #condition(): (record: T) => boolean {
    if (this.#takes("(")) {
      const inner = this.#anyOf();
      this.#expect(")");
      return inner;
    }
    const field = this.#next();
    if (field.kind !== "word") throw this.#syntaxError();
    const readField = fieldOf(this.#fields, field.value);
    const operator = this.#next().value;
    const test = OPERATORS.get(operator);
    if (test === undefined) throw this.#syntaxError();
    const literal = this.#literal();
    return (record) => test(comparable(readField(record)), literal);
  }

  #literal(): Comparable {
    const token = this.#next();
    if (token.kind === "text") return comparable(token.value);
    if (token.kind === "number") return comparable({ number: token.value });
    if (token.kind === "symbol") throw this.#syntaxError();
    switch (token.value.toLowerCase()) {
      case "null":
        return null;
      case "true":
      case "false":
        return token.value.toLowerCase();
      case "guid":
        return comparable({ guid: this.#guidArgument() });
      case "datetime":
        return comparable({ epochMs: this.#dateArguments() });
      default:
        throw this.#syntaxError();
    }
  }

  #guidArgument(): string {
    this.#expect("(");
    const argument = this.#next();
    if (argument.kind !== "text" || !/^[0-9a-f-]{36}$/i.test(argument.value)) {
      throw new QueryParseError(
        "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
      );
    }
    this.#expect(")");
    return argument.value;
  }

  #dateArguments(): number {
    this.#expect("(");
    const parts: number[] = [];
    do {
      const part = this.#next();
      if (part.kind !== "number") throw this.#syntaxError();
      parts.push(Number(part.value));
    } while (this.#takes(","));
    this.#expect(")");
    const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  }

  #next(): Token {
    const token = this.#tokens[this.#position];
    if (token === undefined) throw this.#syntaxError();
    this.#position += 1;
    return token;
  }

  #takes(...values: readonly string[]): boolean {
    const token = this.#tokens[this.#position];
    if (token === undefined || token.kind === "text") return false;
    if (!values.includes(token.value.toLowerCase())) return false;
    this.#position += 1;
    return true;
  }

  #expect(value: string): void {
    if (!this.#takes(value)) throw this.#syntaxError();
  }

  #syntaxError(): QueryParseError {
    return new QueryParseError(`Syntax error (at index ${this.#position})`);
  }
}

const OPERATORS: ReadonlyMap<string, (left: Comparable, right: Comparable) => boolean> = new Map([
  ["==", (left, right) => left === right],
  ["=", (left, right) => left === right],
  ["!=", (left, right) => left !== right],
  [">", (left, right) => isOrdered(left, right) && compare(left, right) > 0],
  [">=", (left, right) => isOrdered(left, right) && compare(left, right) >= 0],
  ["<", (left, right) => isOrdered(left, right) && compare(left, right) < 0],
  ["<=", (left, right) => isOrdered(left, right) && compare(left, right) <= 0],
]);

function isOrdered(left: Comparable, right: Comparable): boolean {
  return left !== null && right !== null && typeof left === typeof right;
}

function compare(left: Comparable, right: Comparable): number {
  if (left === right) return 0;
  if (left === null) return -1;
  if (right === null) return 1;
  return left < right ? -1 : 1;
}

function comparable(value: FieldValue): Comparable {
  if (value === null || value === "") return null;
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return String(value);
  if ("guid" in value) return `guid:${value.guid.toLowerCase()}`;
  if ("epochMs" in value) return BigInt(value.epochMs);
  return scaledOf(value.number, NUMBER_SCALE) ?? null;
}

function fieldOf<T>(fields: Fields<T>, name: string): (record: T) => FieldValue {
  const found = Object.entries(fields).find(
    ([field]) => field.toLowerCase() === name.toLowerCase(),
  );
  if (found === undefined) throw new QueryParseError(`No property or field '${name}' exists`);
  return found[1];
}

function readTokens(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  const end = expression.trimEnd().length;
  while (TOKEN.lastIndex < end) {
    const index = TOKEN.lastIndex;
    const match = TOKEN.exec(expression);
    if (match === null) throw new QueryParseError(`Syntax error (at index ${index})`);
    const [, symbol, text, word, number] = match;
    if (symbol !== undefined) tokens.push({ kind: "symbol", value: symbol });
    else if (text !== undefined) tokens.push({ kind: "text", value: text.replace(/\\(.)/g, "$1") });
    else if (word !== undefined) tokens.push({ kind: "word", value: word });
    else if (number !== undefined) tokens.push({ kind: "number", value: number });
  }
  return tokens;
}
