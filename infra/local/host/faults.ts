/**
 * Faults that a person or a test plans for the calls of functions to AWS services.
 */
import type { ServiceName } from "./gateway-actions.ts";

/**
 * - `throttle`: the service's own answer when it is called too fast; nothing is done.
 * - `error`: an internal error (500, or 503 from S3); nothing is done.
 * - `latency`: the call takes effect after `latencyMs`.
 * - `lost-answer`: the call takes effect, then the connection breaks with no answer.
 */
export interface Fault {
  readonly service: ServiceName;
  /** As the SDK calls it, such as `PutItem`; every action of the service when left out. */
  readonly action?: string;
  /** Friendly name; every function when left out. The host's own calls are never hit. */
  readonly functionName?: string;
  readonly kind: "throttle" | "error" | "latency" | "lost-answer";
  readonly times: number;
  readonly latencyMs?: number;
}

export interface FaultPlan {
  add(fault: Fault): void;
  /** The next planned fault for this call, used up by asking. */
  take(functionName: string, service: ServiceName, action: string): Fault | undefined;
  clear(): void;
}

export function createFaultPlan(): FaultPlan {
  let planned: { readonly fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      planned.push({ fault, left: fault.times });
    },
    take(functionName, service, action) {
      const found = planned.find(
        ({ fault, left }) =>
          left > 0 &&
          fault.service === service &&
          (fault.action ?? action) === action &&
          (fault.functionName ?? functionName) === functionName,
      );
      if (found === undefined) return undefined;
      found.left -= 1;
      if (found.left === 0) planned = planned.filter((one) => one !== found);
      return found.fault;
    },
    clear() {
      planned = [];
    },
  };
}
