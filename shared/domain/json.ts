/**
 * JSON for what the standard form cannot hold: bigints (as `{"$bigint":"123"}`) on the way through
 * queues and tables, and the exact digits of a remote's numbers on the way in.
 */
import { SyncError } from "./sync-error.ts";

const PROTOTYPE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a prototype could be reached by the name: nothing that comes from outside may bear it. */
export function reachesPrototype(name: string): boolean {
  return PROTOTYPE_KEYS.has(name);
}

export function encodeJson(value: unknown): string {
  // To look first is cheaper: asked about each part, the encoder takes three times as long.
  if (!holdsBigint(value)) return JSON.stringify(value);
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "bigint" ? { $bigint: part.toString() } : part,
  );
}

function holdsBigint(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(holdsBigint);
  for (const name in value) if (holdsBigint(value[name as keyof typeof value])) return true;
  return false;
}

/** The inverse of {@link encodeJson}. Throws `invalid-input` on text that is not JSON. */
export function decodeJson(text: string): unknown {
  return parse(text, (_key, part) => {
    if (typeof part !== "object" || part === null) return part;
    const digits = (part as { $bigint?: unknown }).$bigint;
    return typeof digits === "string" ? BigInt(digits) : part;
  });
}

/**
 * A remote's JSON with every number as the text it was written in, so that `12345678901234567.89`
 * loses nothing. Throws SyncError `retryable` (`remote-answer-unreadable`): an HTML page or half a
 * document says nothing about the record.
 */
export function parseExact(text: string): unknown {
  try {
    return parse(text, (_key, part, source) =>
      typeof part === "number" ? (source ?? String(part)) : part,
    );
  } catch (cause) {
    throw new SyncError({ kind: "retryable", code: "remote-answer-unreadable" }, cause);
  }
}

function parse(
  text: string,
  revive: (key: string, part: unknown, source: string | undefined) => unknown,
): unknown {
  const reviver = (key: string, part: unknown, context?: { source?: string }): unknown => {
    if (reachesPrototype(key)) throw new SyncError({ kind: "invalid-input", code: "key-refused" });
    return revive(key, part, context?.source);
  };
  try {
    return JSON.parse(text, reviver);
  } catch (cause) {
    if (cause instanceof SyncError) throw cause;
    throw new SyncError({ kind: "invalid-input", code: "json-unreadable" }, cause);
  }
}
