/**
 * Counts what AWS would bill: each call by caller and action, DynamoDB's units, Lambda's GB-seconds.
 *
 * Callers are friendly function names, `event-source/<function>` for the polling that Lambda does,
 * `s3` and `scheduler` for what those services send, and `operator` for everybody else.
 */
import type { Invocation } from "./function-pool.ts";

interface CallCount {
  calls: number;
  /** Answers with a status of 400 and above. */
  failed: number;
  /** Capacity units of DynamoDB, as its answers report them; a half for an eventually consistent read. */
  readUnits: number;
  writeUnits: number;
  /** SQS: one per started 64 KB of payload. Others: one per call. */
  billedRequests: number;
}

interface FunctionCount {
  invocations: number;
  errors: number;
  durationMs: number;
  billedMs: number;
  gbMs: number;
  cpuMs: number;
}

export interface HostCounters {
  /** Caller, then `service:Action` as the SDK calls it, such as `dynamodb:TransactWriteItems`. */
  readonly calls: Record<string, Record<string, CallCount>>;
  readonly functions: Record<string, FunctionCount>;
}

export interface CallUsage {
  readonly failed: boolean;
  readonly readUnits?: number;
  readonly writeUnits?: number;
  readonly billedRequests?: number;
}

export interface Counters {
  countCall(caller: string, action: string, usage: CallUsage): void;
  countInvocation(functionName: string, invocation: Invocation): void;
  /** A copy; later calls do not change it. */
  read(): HostCounters;
  reset(): void;
}

const SQS_CHUNK_BYTES = 64 * 1024;

/** SQS bills one request per started 64 KB (aws.amazon.com/sqs/pricing, read 2026-11). */
export function sqsRequests(payloadBytes: number): number {
  return Math.max(1, Math.ceil(payloadBytes / SQS_CHUNK_BYTES));
}

/** Makes counters that start at zero. */
export function createCounters(): Counters {
  let calls: Record<string, Record<string, CallCount>> = {};
  let functions: Record<string, FunctionCount> = {};
  return {
    countCall(caller, action, usage) {
      calls[caller] ??= {};
      const ofCaller = calls[caller];
      ofCaller[action] ??= { calls: 0, failed: 0, readUnits: 0, writeUnits: 0, billedRequests: 0 };
      const count = ofCaller[action];
      count.calls += 1;
      count.failed += usage.failed ? 1 : 0;
      count.readUnits += usage.readUnits ?? 0;
      count.writeUnits += usage.writeUnits ?? 0;
      count.billedRequests += usage.billedRequests ?? 1;
    },
    countInvocation(functionName, { ok, durationMs, billedMs, memoryMb, cpuMs }) {
      functions[functionName] ??= {
        invocations: 0,
        errors: 0,
        durationMs: 0,
        billedMs: 0,
        gbMs: 0,
        cpuMs: 0,
      };
      const count = functions[functionName];
      count.invocations += 1;
      count.errors += ok ? 0 : 1;
      count.durationMs += durationMs;
      count.billedMs += billedMs;
      count.gbMs += (billedMs * memoryMb) / 1024;
      count.cpuMs += cpuMs ?? 0;
    },
    read: () => structuredClone({ calls, functions }),
    reset() {
      calls = {};
      functions = {};
    },
  };
}
