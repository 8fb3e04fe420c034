/** Turns what the functions log into lines that a person can follow. */
import type { HostLog } from "./host/index.ts";

interface Moved {
  readonly from: string;
  readonly recordType: string;
  readonly id: string;
  readonly to: string;
  readonly result: string;
  readonly code?: string;
}

/** One line per record as it moves, one per notice or error; `undefined` for what nobody needs. */
export function narrate(line: HostLog, at: Date): string | undefined {
  const time = at.toTimeString().slice(0, 8);
  switch (line.kind) {
    case "notice":
      return `${time}  ${line.text}`;
    case "error":
      return `${time}  error  ${line.text}`;
    case "invocation":
      return undefined;
    case "function-log":
      return narrateLog(line.functionName, line.text, time);
  }
}

function narrateLog(functionName: string, text: string, time: string): string | undefined {
  const entry = entryOf(text);
  if (entry === undefined) return text === "" ? undefined : `${time}  ${functionName}: ${text}`;
  // For CloudWatch; whoever looks on sees the records themselves.
  if (entry["event"] === "count") return undefined;
  if (entry["event"] === "moved") return narrateMove(entry as unknown as Moved, time);
  const { event, level, ...fields } = entry;
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`);
  return `${time}  ${level === "error" ? "error  " : ""}${String(event)}  ${rest.join(" ")}`;
}

/** Where from, what, where to, result. */
function narrateMove({ from, recordType, id, to, result, code }: Moved, time: string): string {
  const source = from.padEnd(9);
  const record = `${recordType} ${shorten(id)}`.padEnd(40);
  return `${time}  ${source} ${record} -> ${to.padEnd(7)} ${result}${code === undefined ? "" : ` (${code})`}`;
}

function shorten(id: string): string {
  return id.length > 30 ? `${id.slice(0, 29)}…` : id;
}

function entryOf(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    // Not ours: printed as it is.
    return undefined;
  }
}
