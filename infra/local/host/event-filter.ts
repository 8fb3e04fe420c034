/**
 * Event filters of Lambda's event sources (docs.aws.amazon.com/lambda, "filter rule syntax"), as far
 * as the template may use them: exact values, `prefix`, `suffix`, `exists`, `anything-but`.
 */

export type EventFilter = (event: unknown) => boolean;

type Fields = Readonly<Record<string, unknown>>;
type LeafRule = (value: unknown) => boolean;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isBare(value: unknown): value is string {
  return typeof value === "string";
}

function compileAnythingBut(argument: unknown, place: string): LeafRule {
  if (isFields(argument)) {
    const { prefix, ...rest } = argument;
    if (!isBare(prefix) || Object.keys(rest).length > 0) {
      throw new Error(`${place}: unknown anything-but rule ${JSON.stringify(argument)}`);
    }
    return (value) => isBare(value) && !value.startsWith(prefix);
  }
  const refused: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (!refused.every(isScalar)) throw new Error(`${place}: anything-but needs plain values`);
  return (value) => isScalar(value) && !refused.includes(value);
}

function compileRule(rule: unknown, place: string): LeafRule {
  if (isScalar(rule)) return (value) => value === rule;
  const [entry, ...others] = isFields(rule) ? Object.entries(rule) : [];
  if (entry === undefined || others.length > 0) {
    throw new Error(`${place}: unknown filter rule ${JSON.stringify(rule)}`);
  }
  const [name, argument] = entry;
  if (name === "prefix" && isBare(argument)) {
    return (value) => isBare(value) && value.startsWith(argument);
  }
  if (name === "suffix" && isBare(argument)) {
    return (value) => isBare(value) && value.endsWith(argument);
  }
  if (name === "exists" && typeof argument === "boolean") {
    return (value) => (value !== undefined) === argument;
  }
  if (name === "anything-but") return compileAnythingBut(argument, place);
  throw new Error(`${place}: the local host does not know the filter rule ${name}`);
}

function compilePattern(pattern: unknown, place: string): EventFilter {
  if (Array.isArray(pattern)) {
    const rules = pattern.map((rule) => compileRule(rule, place));
    // An array in the event matches when any of its elements does.
    return (value) => {
      const candidates: readonly unknown[] = Array.isArray(value) ? value : [value];
      return rules.some((rule) => candidates.some((candidate) => rule(candidate)));
    };
  }
  if (!isFields(pattern)) throw new Error(`${place}: a filter rule must be a list`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, EventFilter] => {
    if (name.startsWith("$")) throw new Error(`${place}: unknown filter operator ${name}`);
    return [name, compilePattern(inner, `${place}.${name}`)];
  });
  return (value) => {
    const given = isFields(value) ? value : {};
    return fields.every(([name, matches]) => matches(given[name]));
  };
}

/** A filter that lets an event through when one pattern (JSON text) matches. Throws on unknown rules. */
export function compileFilter(patterns: readonly string[]): EventFilter {
  const compiled = patterns.map((text, index) =>
    compilePattern(JSON.parse(text), `Filters[${index}]`),
  );
  return (event) => compiled.some((matches) => matches(event));
}
