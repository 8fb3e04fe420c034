/**
 * Execution environments of all functions: worker threads, kept warm, capped and thrown away on a
 * time-out, as Lambda does with its own.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Worker } from "node:worker_threads";
import type { WorkerFailure, WorkerReply, WorkerRequest, WorkerSetup } from "./function-worker.ts";
import { describeError, type LogSink } from "./host-log.ts";
import type { FunctionPlan } from "./plan.ts";

const INIT_TIMEOUT_MS = 10_000;
const IDLE_MS_MAX = 60_000;
const REAP_INTERVAL_MS = 5_000;
/** Enough to keep two cores busy with waiting functions, and bounded in memory: some 45 MB each. */
const WORKERS_MAX = Math.min(24, Math.max(12, availableParallelism() * 4));
/** A worker used more recently is not given up for another function: starting anew costs more. */
const EVICTION_IDLE_MS = 2_000;

/** A function ended in an error, as Lambda reports it to the caller. */
export class FunctionError extends Error {
  readonly errorType: string;
  readonly isTimeout: boolean;

  constructor(failure: Pick<WorkerFailure, "errorType" | "errorMessage">, isTimeout = false) {
    super(failure.errorMessage);
    this.name = "FunctionError";
    this.errorType = failure.errorType;
    this.isTimeout = isTimeout;
  }
}

export interface Invocation {
  readonly ok: boolean;
  readonly durationMs: number;
  /** Rounded up to whole milliseconds, with the cold start, which is billed too. */
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly cpuMs: number | undefined;
}

export interface PoolOptions {
  readonly functions: readonly FunctionPlan[];
  readonly environmentOf: (plan: FunctionPlan) => Readonly<Record<string, string>>;
  readonly log: LogSink;
  readonly count: (plan: FunctionPlan, invocation: Invocation) => void;
}

export interface FunctionPool {
  /** Runs one event and resolves with what the handler returned. Rejects with {@link FunctionError}. */
  invoke(functionArn: string, event: unknown, recordCount?: number): Promise<unknown>;
  /** True while an event runs or waits for its turn. */
  isBusy(): boolean;
  /** Ends every worker at once; events under way reject. */
  stop(): Promise<void>;
}

interface Environment {
  readonly plan: FunctionPlan;
  readonly worker: Worker;
  readonly ready: Promise<void>;
  isCold: boolean;
  idleSinceMs: number;
  /** Settles the event under way, if there is one. */
  settle: ((reply: WorkerReply) => void) | undefined;
}

interface Waiting {
  readonly plan: FunctionPlan;
  start(environment: Environment): void;
  fail(error: Error): void;
}

function findBundle(plan: FunctionPlan): WorkerSetup {
  const [file = "", exportName = ""] = plan.handler.split(".");
  const candidates = ["mjs", "js", "cjs"].map((end) => join(plan.bundleFolder, `${file}.${end}`));
  const bundlePath = candidates.find((path) => existsSync(path));
  if (bundlePath === undefined) {
    throw new Error(`${plan.name}: no ${file}.mjs, .js or .cjs in ${plan.bundleFolder}`);
  }
  return { bundlePath, exportName };
}

function brokenReply(errorType: string, errorMessage: string): WorkerReply {
  return { kind: "broken", failure: { errorType, errorMessage, stack: "" } };
}

/** Makes the pool; no worker starts before the first event. Throws when a bundle has no handler file. */
export function createFunctionPool(options: PoolOptions): FunctionPool {
  const plans = new Map(options.functions.map((plan) => [plan.arn, plan]));
  const setups = new Map(options.functions.map((plan) => [plan.arn, findBundle(plan)]));
  const environments = new Set<Environment>();
  const idle = new Set<Environment>();
  const queue: Waiting[] = [];
  const endings = new Set<Promise<unknown>>();
  let isStopped = false;

  function pipeLogs(plan: FunctionPlan, worker: Worker): void {
    for (const stream of [worker.stdout, worker.stderr]) {
      createInterface({ input: stream }).on("line", (text) =>
        options.log({ kind: "function-log", functionName: plan.name, text }),
      );
    }
  }

  function startEnvironment(plan: FunctionPlan): Environment {
    const worker = new Worker(new URL("./function-worker.ts", import.meta.url), {
      workerData: setups.get(plan.arn),
      env: { ...options.environmentOf(plan) },
      execArgv: ["--no-warnings"],
      stdout: true,
      stderr: true,
      resourceLimits: { maxOldGenerationSizeMb: plan.memoryMb },
    });
    pipeLogs(plan, worker);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // The event that waits for the start reports the failure.
    promise.catch(() => undefined);
    const environment: Environment = {
      plan,
      worker,
      ready: promise,
      isCold: true,
      idleSinceMs: 0,
      settle: undefined,
    };
    const finish = (reply: WorkerReply): void => {
      if (reply.kind === "ready") resolve();
      else if (reply.kind === "broken") reject(new FunctionError(reply.failure));
      environment.settle?.(reply);
    };
    worker.on("message", finish);
    worker.on("error", (error) => {
      if (environment.settle === undefined && !isStopped) {
        options.log({ kind: "error", text: `${plan.name}: ${describeError(error)}` });
      }
      finish(brokenReply("Runtime.ExitError", describeError(error)));
    });
    worker.on("exit", (code) => {
      discard(environment);
      finish(brokenReply("Runtime.ExitError", `Runtime exited with code ${code}`));
    });
    environments.add(environment);
    return environment;
  }

  function end(environment: Environment): void {
    environments.delete(environment);
    idle.delete(environment);
    const ending = environment.worker.terminate();
    endings.add(ending);
    ending.finally(() => endings.delete(ending)).catch(() => undefined);
  }

  function discard(environment: Environment): void {
    if (!environments.has(environment)) return;
    end(environment);
    if (!isStopped) drainQueue();
  }

  function countOf(plan: FunctionPlan): number {
    return [...environments].filter((one) => one.plan === plan).length;
  }

  /** Room for a second environment of a function is only what the first of each other leaves. */
  function hasRoom(plan: FunctionPlan): boolean {
    const free = WORKERS_MAX - environments.size;
    if (countOf(plan) === 0) return free > 0;
    const unstarted = options.functions.filter((one) => countOf(one) === 0).length;
    return free > unstarted;
  }

  /** Makes room by ending the worker that was idle longest, where that is worth a cold start. */
  function evict(plan: FunctionPlan): boolean {
    const [oldest] = idle;
    if (oldest === undefined) return false;
    const isStale = performance.now() - oldest.idleSinceMs > EVICTION_IDLE_MS;
    if (!isStale && countOf(plan) > 0) return false;
    end(oldest);
    return true;
  }

  /** A warm environment, else a new one within the caps, else none for now. */
  function acquire(plan: FunctionPlan): Environment | undefined {
    const warm = [...idle].findLast((one) => one.plan === plan);
    if (warm !== undefined) {
      idle.delete(warm);
      return warm;
    }
    if (countOf(plan) >= (plan.concurrencyMax ?? Number.POSITIVE_INFINITY)) return undefined;
    return hasRoom(plan) || evict(plan) ? startEnvironment(plan) : undefined;
  }

  function drainQueue(): void {
    for (let index = 0; index < queue.length; ) {
      const waiting = queue[index];
      const environment = waiting === undefined ? undefined : acquire(waiting.plan);
      if (waiting === undefined || environment === undefined) {
        index += 1;
        continue;
      }
      queue.splice(index, 1);
      waiting.start(environment);
    }
  }

  function release(environment: Environment): void {
    if (!environments.has(environment)) return;
    environment.idleSinceMs = performance.now();
    idle.add(environment);
    drainQueue();
  }

  const reaper = setInterval(() => {
    for (const one of idle) {
      if (performance.now() - one.idleSinceMs > IDLE_MS_MAX) discard(one);
    }
  }, REAP_INTERVAL_MS);
  reaper.unref();

  async function awaitStart(environment: Environment): Promise<void> {
    const timer = setTimeout(() => discard(environment), INIT_TIMEOUT_MS);
    try {
      await environment.ready;
    } finally {
      clearTimeout(timer);
    }
  }

  function exchange(environment: Environment, event: string): Promise<WorkerReply> {
    const { plan, worker } = environment;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        const text = `Task timed out after ${plan.timeoutMs / 1000}.00 seconds`;
        environment.settle?.(brokenReply("Sandbox.Timedout", text));
        discard(environment);
      }, plan.timeoutMs);
      environment.settle = (reply) => {
        if (reply.kind === "ready") return;
        clearTimeout(timer);
        environment.settle = undefined;
        resolve(reply);
      };
      const request: WorkerRequest = {
        event,
        requestId: randomUUID(),
        deadlineEpochMs: Date.now() + plan.timeoutMs,
        functionName: plan.physicalName,
        functionArn: plan.arn,
        memoryMb: plan.memoryMb,
      };
      worker.postMessage(request);
    });
  }

  async function runIn(
    environment: Environment,
    event: string,
    recordCount: number | undefined,
  ): Promise<unknown> {
    const { plan } = environment;
    const startedMs = performance.now();
    let handlerStartedMs = startedMs;
    let reply: WorkerReply;
    try {
      if (environment.isCold) await awaitStart(environment);
      environment.isCold = false;
      handlerStartedMs = performance.now();
      reply = await exchange(environment, event);
    } catch (error) {
      reply = brokenReply(
        "Runtime.InitError",
        error instanceof Error ? error.message : String(error),
      );
      discard(environment);
    }
    const endedMs = performance.now();
    const invocation: Invocation = {
      ok: reply.kind === "done",
      durationMs: endedMs - handlerStartedMs,
      billedMs: Math.ceil(endedMs - startedMs),
      memoryMb: plan.memoryMb,
      cpuMs: "cpuMs" in reply ? reply.cpuMs : undefined,
    };
    if (isStopped) throw new Error("The local host has stopped");
    report(plan, invocation, recordCount);
    release(environment);
    if (reply.kind === "done") {
      return reply.result === undefined ? undefined : JSON.parse(reply.result);
    }
    if (reply.kind === "ready") throw new Error(`${plan.name} answered twice`);
    const { failure } = reply;
    const place = failure.stack.split("\n").find((line) => /^\s+at /.test(line));
    const where = place === undefined ? "" : ` (${place.trim()})`;
    const text = `${plan.name}: ${failure.errorType}: ${failure.errorMessage}${where}`;
    options.log({ kind: "error", text });
    throw new FunctionError(failure, failure.errorType === "Sandbox.Timedout");
  }

  function report(plan: FunctionPlan, invocation: Invocation, records: number | undefined): void {
    options.count(plan, invocation);
    const { ok, durationMs, billedMs, cpuMs } = invocation;
    options.log({
      kind: "invocation",
      functionName: plan.name,
      durationMs,
      billedMs,
      ok,
      ...(cpuMs === undefined ? {} : { cpuMs }),
      ...(records === undefined ? {} : { records }),
    });
  }

  return {
    async invoke(functionArn, event, recordCount) {
      const plan = plans.get(functionArn);
      if (plan === undefined) throw new Error(`No function ${functionArn}`);
      if (isStopped) throw new Error("The local host has stopped");
      const text = JSON.stringify(event ?? null);
      const environment = await new Promise<Environment>((resolve, reject) => {
        queue.push({ plan, start: resolve, fail: reject });
        drainQueue();
      });
      return runIn(environment, text, recordCount);
    },
    isBusy: () => queue.length > 0 || idle.size < environments.size,
    async stop() {
      isStopped = true;
      clearInterval(reaper);
      for (const waiting of queue.splice(0)) waiting.fail(new Error("The local host has stopped"));
      for (const environment of environments) discard(environment);
      await Promise.allSettled(endings);
    },
  };
}
