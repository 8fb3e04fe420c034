/**
 * The log on standard output, one JSON object a line. Ids, codes and counts only: an error is written
 * as its class, code and place in our code, never with its message, which may quote a remote.
 */
import { functionNames } from "#shared/config/names.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { Clock, Log } from "#shared/ports/log.ts";

export interface JsonLogOptions {
  readonly write?: (line: string) => void;
  readonly clock?: Clock;
  /** As Lambda names it: `tieout-prod-apply-changes`. */
  readonly functionName?: string | undefined;
}

export function createJsonLog(options: JsonLogOptions = {}): Log {
  const { write = writeLine, clock = Date.now, functionName = "" } = options;
  const namespace = namespaceOf(functionName);
  return {
    count: (name, value, dimensions) =>
      write(JSON.stringify(metricLine(namespace, clock(), name, value, dimensions))),
    moved: (entry) => write(JSON.stringify({ event: "moved", ...entry })),
    info: (message, fields) => write(JSON.stringify({ event: message, ...fields })),
    error: (message, cause, fields) =>
      write(JSON.stringify({ level: "error", event: message, ...describe(cause), ...fields })),
  };
}

/**
 * A line from which CloudWatch takes a metric
 * (docs.aws.amazon.com/AmazonCloudWatch, "Specification: Embedded metric format", read 2026-11). It
 * must reach the log as it is, so never through `console`, whose lines Lambda wraps.
 */
function metricLine(
  namespace: string,
  atMs: number,
  name: string,
  value: number,
  dimensions: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const metrics = [{ Name: name, Unit: "Count" }];
  const directive = {
    Namespace: namespace,
    Dimensions: [Object.keys(dimensions)],
    Metrics: metrics,
  };
  const head = { event: "count", _aws: { Timestamp: atMs, CloudWatchMetrics: [directive] } };
  return { ...head, ...dimensions, [name]: value };
}

/** What the names of a stage's functions begin with, so that stages of one account stay apart. */
function namespaceOf(functionName: string): string {
  const ending = functionNames.find((name) => functionName.endsWith(`-${name}`));
  return ending === undefined ? "tieout" : functionName.slice(0, -ending.length - 1);
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
