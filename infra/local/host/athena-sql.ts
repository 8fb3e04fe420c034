/**
 * Reads a query's text as far as Athena looks at it before it runs: that it only reads, that it is in
 * the SQL both engines understand, and which values it names for injected partitions.
 */
import type { CatalogTablePlan } from "./plan.ts";

/** Athena refuses the query; the message is as Athena words it, where it words it. */
export class QueryRefusedError extends Error {}

/** Athena's own bound on a query, bytes (docs.aws.amazon.com/athena/latest/ug/service-limits.html, read 2026-11). */
const QUERY_BYTES_MAX = 262_144;

/** What DuckDB understands and Athena does not, so that a query that passes here passes there. */
const ONLY_HERE: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/::/, "a cast by ::"],
  [/\bQUALIFY\b/i, "QUALIFY"],
  [/\bILIKE\b/i, "ILIKE"],
  [/\*\s*(EXCLUDE|REPLACE|RENAME)\b/i, "a changed *"],
  [/\bBY\s+(ALL|NAME)\b/i, "BY ALL or BY NAME"],
  [/\b(SEMI|ANTI|ASOF|POSITIONAL)\s+JOIN\b/i, "a join of DuckDB's own"],
  [/\b(read_\w+|parquet_\w+|glob|duckdb_\w+|pragma_\w+)\s*\(/i, "a function of DuckDB's own"],
  [/\bUSING\s+SAMPLE\b/i, "USING SAMPLE"],
  [/(^|[^.])\bFROM\s*'/i, "a file in place of a table"],
];

interface Piece {
  readonly kind: "code" | "text" | "comment";
  readonly content: string;
}

/** Literals and comments apart from the rest. A quoted identifier is code. */
function piecesOf(sql: string): readonly Piece[] {
  const pattern = /('(?:[^']|'')*')|(--[^\n]*|\/\*[\s\S]*?\*\/)|("(?:[^"]|"")*"|[^'"\-/]+|[\s\S])/g;
  return [...sql.matchAll(pattern)].map(([content, text, comment]) => ({
    kind: text !== undefined ? "text" : comment !== undefined ? "comment" : "code",
    content,
  }));
}

const withoutComments = (pieces: readonly Piece[]): readonly Piece[] =>
  pieces.filter(({ kind }) => kind !== "comment");
const join = (pieces: readonly Piece[]): string => pieces.map(({ content }) => content).join("");

/**
 * The query without comments, its parameters in their places. Parameters are SQL text, a literal as
 * a rule. Throws {@link QueryRefusedError}.
 */
export function prepareSql(sql: string, parameters: readonly string[]): string {
  if (Buffer.byteLength(sql) > QUERY_BYTES_MAX) {
    throw new QueryRefusedError("Query string is longer than 262144 bytes");
  }
  let used = 0;
  const pieces = withoutComments(piecesOf(sql)).map((piece) => {
    if (piece.kind !== "code" || piece.content.startsWith('"')) return piece;
    const content = piece.content.replaceAll("?", () => parameters[used++] ?? "?");
    return { ...piece, content };
  });
  if (used !== parameters.length) {
    throw new QueryRefusedError(`Expected ${used} parameters but found ${parameters.length}`);
  }
  const prepared = join(pieces).trim();
  // Literals were put in with the parameters.
  const code = join(piecesOf(prepared).map((one) => (one.kind === "text" ? emptied : one)));
  if (!/^(SELECT|WITH|VALUES|\()/i.test(code) || code.includes(";")) {
    throw new QueryRefusedError("The local Athena runs one SELECT, and nothing that writes");
  }
  const found = ONLY_HERE.find(([pattern]) => pattern.test(code));
  if (found !== undefined) {
    throw new QueryRefusedError(`SYNTAX_ERROR: Athena does not know ${found[1]}`);
  }
  return prepared;
}

const emptied: Piece = { kind: "text", content: "''" };

function timesNamed(sql: string, table: CatalogTablePlan): number {
  const name = `(?:"?${table.database}"?\\s*\\.\\s*)?"?${table.name}"?`;
  return [...sql.matchAll(new RegExp(`(?:\\bFROM|\\bJOIN|,)\\s+${name}(?![\\w".])`, "gi"))].length;
}

/** The tables of the catalogue that the query reads. */
export function tablesOf(
  sql: string,
  tables: readonly CatalogTablePlan[],
): readonly CatalogTablePlan[] {
  return tables.filter((table) => timesNamed(sql, table) > 0);
}

/**
 * Values that the query names for an injected partition, by `= '…'` or `IN ('…', …)`.
 *
 * Athena wants a condition for each time the table is named, and works out nothing from joins here:
 * it throws {@link QueryRefusedError} with Athena's own words where one is missing.
 */
export function injectedValues(
  sql: string,
  table: CatalogTablePlan,
  partition: string,
): ReadonlySet<string> {
  const literal = "'(?:[^']|'')*'";
  const condition = new RegExp(
    `(?<![\\w"])"?${partition}"?\\s*(?:=\\s*(${literal})|IN\\s*\\(\\s*(${literal}(?:\\s*,\\s*${literal})*)\\s*\\))`,
    "gi",
  );
  const conditions = [...sql.matchAll(condition)].map(([, one, many]) => one ?? many ?? "");
  if (conditions.length < timesNamed(sql, table)) {
    throw new QueryRefusedError(
      `CONSTRAINT_VIOLATION: For the injected projected partition column ${partition}, the WHERE clause must contain only static equality conditions, and at least one such condition must be present.`,
    );
  }
  const literals = conditions.flatMap((text) => text.match(new RegExp(literal, "g")) ?? []);
  return new Set(literals.map((text) => text.slice(1, -1).replaceAll("''", "'")));
}
