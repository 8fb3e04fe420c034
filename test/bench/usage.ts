/** What happened between two readings of the local host's counters, as units that AWS bills. */
import type { HostCounters } from "#infra/local/host/index.ts";
import { type FunctionName, functionNames } from "#shared/config/names.ts";
import type { UsageLine } from "./cost.ts";
import type { UnitName } from "./prices.ts";

type CallCount = HostCounters["calls"][string][string];
type FunctionCount = HostCounters["functions"][string];

/** Functions that an HTTP request runs: each invocation is one request to the HTTP API. */
const httpFunctions: ReadonlySet<FunctionName> = new Set([
  "receive-webhook",
  "serve-api",
  "propose-profile",
  "export-document",
]);

/** Whoever drives the benchmark, which no deployment has. */
const OPERATOR = "operator";

/** What the host calls the services that send by themselves. */
const servicesOfAws: ReadonlySet<string> = new Set(["s3", "scheduler", "lambda"]);

const freeS3Actions: ReadonlySet<string> = new Set(["DeleteObject", "DeleteObjects"]);
const s3ReadActions: ReadonlySet<string> = new Set(["GetObject", "HeadObject", "HeadBucket"]);

const noCalls: CallCount = { calls: 0, failed: 0, readUnits: 0, writeUnits: 0, billedRequests: 0 };
const noInvocations: FunctionCount = {
  invocations: 0,
  errors: 0,
  durationMs: 0,
  billedMs: 0,
  gbMs: 0,
  cpuMs: 0,
};

/**
 * The name of a function as its folder has it: the host names functions by their place in the
 * template, such as `SyncFunctionsPollChangesFunction`. Throws on one it does not know, since its
 * units would be priced wrongly.
 */
export function functionNameOf(hostName: string): FunctionName {
  const found = functionNames.find((name) => {
    const words = name.split("-").map((word) => `${word[0]?.toUpperCase()}${word.slice(1)}`);
    return hostName === name || hostName === `SyncFunctions${words.join("")}Function`;
  });
  if (found === undefined) throw new Error(`The host has a function ${hostName} that is not known`);
  return found;
}

/** What was counted after `before`. Both are readings of one host without a reset between them. */
export function countersBetween(before: HostCounters, after: HostCounters): HostCounters {
  const calls = Object.entries(after.calls).map(([caller, actions]) => {
    const ofCaller = before.calls[caller] ?? {};
    return [
      caller,
      Object.fromEntries(
        Object.entries(actions).map(([action, count]) => [
          action,
          subtract(count, ofCaller[action] ?? noCalls),
        ]),
      ),
    ] as const;
  });
  const functions = Object.entries(after.functions).map(
    ([name, count]) => [name, subtract(count, before.functions[name] ?? noInvocations)] as const,
  );
  return { calls: Object.fromEntries(calls), functions: Object.fromEntries(functions) };
}

function subtract<Count extends object>(
  left: Count & Record<keyof Count, number>,
  right: Record<keyof Count, number>,
): Count {
  const names = Object.keys(left) as (keyof Count)[];
  const difference = { ...left };
  for (const name of names) Object.assign(difference, { [name]: left[name] - right[name] });
  return difference;
}

/** The billed units of what was counted; `logBytes` by function. */
export function usageLines(
  counters: HostCounters,
  logBytes: Readonly<Record<string, number>>,
): UsageLine[] {
  const lines: UsageLine[] = [];
  for (const [hostCaller, actions] of Object.entries(counters.calls)) {
    if (hostCaller === OPERATOR) continue;
    const caller = callerNameOf(hostCaller);
    for (const [action, count] of Object.entries(actions)) {
      lines.push(...linesOfCall(caller, action, count));
    }
  }
  for (const [hostName, count] of Object.entries(counters.functions)) {
    lines.push(...linesOfFunction(functionNameOf(hostName), count));
  }
  for (const [hostName, bytes] of Object.entries(logBytes)) {
    lines.push(line(functionNameOf(hostName), "log", "log-bytes", bytes));
  }
  return lines.filter(({ thousandths }) => thousandths > 0n);
}

/** AWS services that act by themselves keep their names. */
function callerNameOf(hostCaller: string): string {
  if (servicesOfAws.has(hostCaller)) return hostCaller;
  const [, source, name = hostCaller] = /^(event-source\/)(.+)$/.exec(hostCaller) ?? [];
  return `${source ?? ""}${functionNameOf(name)}`;
}

function linesOfCall(caller: string, label: string, count: CallCount): UsageLine[] {
  const [service = "", action = ""] = label.split(":");
  switch (service) {
    case "dynamodb":
      // A stream read by Lambda has no units, and costs nothing.
      return [
        line(caller, label, "dynamodb-writes", count.writeUnits),
        line(caller, label, "dynamodb-reads", count.readUnits),
      ];
    case "sqs":
      return [
        line(caller, label, "sqs-requests", count.billedRequests),
        ...(caller === "scheduler" ? [line(caller, label, "schedules", count.calls)] : []),
      ];
    case "s3":
      if (freeS3Actions.has(action)) return [];
      return [
        line(caller, label, s3ReadActions.has(action) ? "s3-reads" : "s3-writes", count.calls),
      ];
    case "secretsmanager":
      return [line(caller, label, "secret-reads", count.calls)];
    default:
      throw new Error(`No price is known for ${label}`);
  }
}

function linesOfFunction(caller: FunctionName, count: FunctionCount): UsageLine[] {
  const isHttp = httpFunctions.has(caller);
  return [
    line(caller, "duration", "lambda-gb-ms", count.gbMs),
    line(caller, "invocation", "lambda-requests", count.invocations),
    ...(isHttp ? [line(caller, "request", "http-api-requests", count.invocations)] : []),
  ];
}

function line(caller: string, action: string, unit: UnitName, quantity: number): UsageLine {
  return { caller, action, unit, thousandths: BigInt(Math.round(quantity * 1_000)) };
}
