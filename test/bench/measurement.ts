/** One scenario between two readings of everything that is counted. */
import type { HostCounters } from "#infra/local/host/index.ts";
import type { LocalStack } from "#infra/local/local-stack.ts";
import type { CrmEdits } from "./crm-edits.ts";
import { countRoutes, type CallLimit, type RouteCount } from "./remote-calls.ts";
import { countersBetween } from "./usage.ts";

export interface Measurement {
  readonly counters: HostCounters;
  readonly logBytes: Readonly<Record<string, number>>;
  readonly routes: readonly RouteCount[];
  readonly wallMs: number;
  /** What the host reported as gone wrong. */
  readonly errors: readonly string[];
}

export interface ScenarioResult extends Measurement {
  readonly name: string;
  readonly title: string;
  readonly customers: number;
  readonly limit: CallLimit;
  readonly limitText: string;
  /** Which of the two sets of aims counts. */
  readonly aims: "changed" | "unchanged" | "none";
}

/** What functions log and the host complains about, from the start of the stack. */
export class LogMeter {
  readonly #bytes = new Map<string, number>();
  readonly #errors: string[] = [];

  add(functionName: string, text: string): void {
    // The line's end is not kept by CloudWatch.
    const bytes = (this.#bytes.get(functionName) ?? 0) + Buffer.byteLength(text);
    this.#bytes.set(functionName, bytes);
  }

  addError(text: string): void {
    this.#errors.push(text);
  }

  bytes(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#bytes);
  }

  errors(): readonly string[] {
    return [...this.#errors];
  }
}

/** Runs `work` and waits until nothing moves any more; what happened meanwhile is the result. */
export async function measure(
  stack: Simulated,
  meter: LogMeter,
  edits: CrmEdits,
  work: () => Promise<void>,
): Promise<Measurement> {
  const before = reading(stack, meter, edits);
  const startedMs = performance.now();
  await work();
  await stack.settled();
  const wallMs = performance.now() - startedMs;
  const after = reading(stack, meter, edits);
  return {
    counters: countersBetween(before.host, after.host),
    logBytes: between(before.logBytes, after.logBytes),
    routes: [
      ...countRoutes(
        "hubspot",
        between(before.hubspot, after.hubspot),
        between(before.own, after.own),
      ),
      ...countRoutes("xero", between(before.xero, after.xero), {}),
    ],
    wallMs,
    errors: after.errors.slice(before.errors.length),
  };
}

/** A stack with both simulators. */
export type Simulated = LocalStack & {
  readonly hubspot: NonNullable<LocalStack["hubspot"]>;
  readonly xero: NonNullable<LocalStack["xero"]>;
};

export function requireSimulators(stack: LocalStack): Simulated {
  const { hubspot, xero } = stack;
  if (hubspot === undefined || xero === undefined) throw new Error("The stack has no simulators");
  return { ...stack, hubspot, xero };
}

function reading(stack: Simulated, meter: LogMeter, edits: CrmEdits) {
  return {
    host: stack.host.counters(),
    hubspot: stack.hubspot.calls(),
    xero: stack.xero.calls(),
    own: edits.calls(),
    logBytes: meter.bytes(),
    errors: meter.errors(),
  };
}

function between(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)]),
  );
}
