/**
 * One execution environment: loads a bundle once and runs one event at a time.
 *
 * Runs in a worker thread. Messages in: {@link WorkerRequest}. Messages out: {@link WorkerReply},
 * the first of them with `kind` "ready" or, when the bundle cannot be loaded, "broken".
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";

export interface WorkerSetup {
  readonly bundlePath: string;
  readonly exportName: string;
}

export interface WorkerRequest {
  /** JSON, since that is all that crosses the border in Lambda. */
  readonly event: string;
  readonly requestId: string;
  readonly deadlineEpochMs: number;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
}

export interface WorkerFailure {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly stack: string;
}

export type WorkerReply =
  | { readonly kind: "ready" }
  | { readonly kind: "broken"; readonly failure: WorkerFailure }
  | { readonly kind: "done"; readonly result: string | undefined; readonly cpuMs: number }
  | { readonly kind: "failed"; readonly failure: WorkerFailure; readonly cpuMs: number };

type Handler = (event: unknown, context: unknown) => unknown;

function describeFailure(error: unknown): WorkerFailure {
  if (error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, stack: error.stack ?? "" };
  }
  return { errorType: "Error", errorMessage: String(error), stack: "" };
}

/** A `.js` bundle is CommonJS as it is in Lambda, whatever a package.json further up says. */
function loadCommonJs(path: string): unknown {
  const module: { exports: unknown } = { exports: {} };
  const wrapper = compileFunction(
    readFileSync(path, "utf8"),
    ["exports", "require", "module", "__filename", "__dirname"],
    // The SDK imports some of its credential providers when it needs them.
    { filename: path, importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER },
  );
  Reflect.apply(wrapper, module.exports, [
    module.exports,
    createRequire(path),
    module,
    path,
    dirname(path),
  ]);
  return module.exports;
}

async function loadHandler({ bundlePath, exportName }: WorkerSetup): Promise<Handler> {
  const loaded: unknown = bundlePath.endsWith(".mjs")
    ? await import(pathToFileURL(bundlePath).href)
    : loadCommonJs(bundlePath);
  const found: unknown =
    typeof loaded === "object" && loaded !== null ? Reflect.get(loaded, exportName) : undefined;
  if (typeof found !== "function") throw new Error(`${bundlePath} exports no ${exportName}`);
  return (event, context) => Reflect.apply(found, undefined, [event, context]);
}

function makeContext(request: WorkerRequest): object {
  return {
    awsRequestId: request.requestId,
    functionName: request.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: request.functionArn,
    memoryLimitInMB: String(request.memoryMb),
    logGroupName: `/aws/lambda/${request.functionName}`,
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, request.deadlineEpochMs - Date.now()),
  };
}

function isSetup(value: unknown): value is WorkerSetup {
  return typeof value === "object" && value !== null && "bundlePath" in value;
}

async function run(handler: Handler, request: WorkerRequest): Promise<WorkerReply> {
  const before = process.threadCpuUsage();
  const cpuMs = () => {
    const used = process.threadCpuUsage(before);
    return (used.user + used.system) / 1000;
  };
  try {
    const result = await handler(JSON.parse(request.event), makeContext(request));
    return { kind: "done", result: JSON.stringify(result), cpuMs: cpuMs() };
  } catch (error) {
    return { kind: "failed", failure: describeFailure(error), cpuMs: cpuMs() };
  }
}

async function serve(setup: WorkerSetup): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error("function-worker.ts runs in a worker thread only");
  const reply = (message: WorkerReply) => port.postMessage(message);
  try {
    const handler = await loadHandler(setup);
    port.on("message", (request: WorkerRequest) => {
      run(handler, request).then(reply, (error) =>
        reply({ kind: "failed", failure: describeFailure(error), cpuMs: 0 }),
      );
    });
    reply({ kind: "ready" });
  } catch (error) {
    reply({ kind: "broken", failure: describeFailure(error) });
  }
}

if (isSetup(workerData)) await serve(workerData);
