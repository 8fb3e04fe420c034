/**
 * The log on standard output, one JSON object a line. Ids, codes and counts only: an error is written
 * as its class, code and place in our code, never with its message, which may quote a remote.
 */
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Log } from "#shared/ports/log.ts";

export function createJsonLog(write: (line: string) => void = writeLine): Log {
  return {
    moved: (entry) => write(JSON.stringify({ event: "moved", ...entry })),
    info: (message, fields) => write(JSON.stringify({ event: message, ...fields })),
    error: (message, cause, fields) =>
      write(JSON.stringify({ level: "error", event: message, ...describe(cause), ...fields })),
  };
}

function describe(cause: unknown): Readonly<Record<string, string | undefined>> {
  if (!(cause instanceof Error)) return { errorClass: typeof cause };
  const inner = cause instanceof SyncError ? cause.failure : undefined;
  const root = cause.cause instanceof Error ? cause.cause.name : undefined;
  const place = cause.stack?.split("\n").find((line) => line.trimStart().startsWith("at "));
  return {
    errorClass: cause.name,
    kind: inner?.kind,
    code: inner?.code,
    rootClass: root,
    place: place?.trim(),
  };
}

function writeLine(line: string): void {
  process.stdout.write(`${line}\n`);
}
