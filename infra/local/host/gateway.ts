/**
 * The one door between functions and emulators: knows who calls, asks the template's policies, counts,
 * plants faults, and adds what the emulators lack.
 *
 * A caller is known by its access key, which is random for each run; signatures are not checked.
 */
import { randomBytes } from "node:crypto";
import {
  Agent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { Access } from "./access.ts";
import type { Athena } from "./athena.ts";
import type { Emulators } from "./aws-client.ts";
import type { ObjectChange } from "./bucket-notifications.ts";
import type { CallUsage, Counters } from "./counters.ts";
import type { FaultPlan } from "./faults.ts";
import { type AwsCall, readAwsCall, UnknownActionError } from "./gateway-actions.ts";
import { accessDenied, errorAnswer, internalError, throttled } from "./gateway-errors.ts";
import { measureUsage, prepareBody, reshapeAnswer } from "./gateway-rewrites.ts";
import { describeError, type LogSink } from "./host-log.ts";
import { ACCOUNT_ID, STACK_NAME } from "./names.ts";
import type { FunctionPlan } from "./plan.ts";
import type { SecretStore } from "./secrets.ts";

const REQUEST_BYTES_MAX = 64 * 1024 * 1024;
/** What fauxqs takes in one request; larger objects go up in parts. */
const OBJECT_BYTES_MAX = 11 * 1024 * 1024;

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface GatewayOptions {
  readonly region: string;
  readonly gatewayUrl: string;
  readonly emulators: Emulators;
  readonly functions: readonly FunctionPlan[];
  readonly access: Access;
  readonly secrets: SecretStore;
  readonly athena: Athena;
  readonly counters: Counters;
  readonly faults: FaultPlan;
  readonly log: LogSink;
  /** fauxqs cannot set a visibility of 0 when it persists. */
  readonly isPersistent: boolean;
  readonly onTableWrite: () => void;
  /** Awaited before the caller gets its answer, so that a crash between the two loses nothing. */
  readonly onObjectChange: (change: ObjectChange) => Promise<void>;
}

export interface Gateway {
  readonly operator: Credentials;
  credentialsOf(functionArn: string): Credentials;
  handle(request: IncomingMessage, response: ServerResponse): void;
  close(): void;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The operator when `plan` is missing. */
interface Caller {
  readonly name: string;
  readonly accessKeyId: string;
  readonly plan?: FunctionPlan;
}

/** DynamoDB Local takes letters and digits only. */
function makeCredentials(): Credentials {
  return {
    accessKeyId: `LOCAL${randomBytes(8).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(20).toString("hex"),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes > REQUEST_BYTES_MAX) throw new UnknownActionError("A body above 64 MiB");
    chunks.push(piece);
  }
  return Buffer.concat(chunks);
}

function readScope(request: IncomingMessage, url: URL): { key: string; service: string } {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? "")?.[1];
  const scope = header ?? url.searchParams.get("X-Amz-Credential") ?? "";
  const [key = "", , , service = ""] = scope.split("/");
  return { key, service };
}

const OBJECT_WRITES = ["CompleteMultipartUpload", "CopyObject", "DeleteObject", "PutObject"];
const EVENT_NAMES: Readonly<Record<string, string>> = {
  CompleteMultipartUpload: "ObjectCreated:CompleteMultipartUpload",
  CopyObject: "ObjectCreated:Copy",
  DeleteObject: "ObjectRemoved:Delete",
  PutObject: "ObjectCreated:Put",
};
const TABLE_WRITES = [
  "BatchWriteItem",
  "DeleteItem",
  "PutItem",
  "TransactWriteItems",
  "UpdateItem",
];

/** Makes the gateway's request handler; the caller owns the server it hangs on. */
export function createGateway(options: GatewayOptions): Gateway {
  const { region, access, counters, faults } = options;
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const operator = makeCredentials();
  const credentials = new Map(options.functions.map((plan) => [plan.arn, makeCredentials()]));
  const callers = new Map<string, Caller>([
    [operator.accessKeyId, { name: "operator", accessKeyId: operator.accessKeyId }],
  ]);
  for (const plan of options.functions) {
    const own = credentials.get(plan.arn);
    if (own === undefined) continue;
    callers.set(own.accessKeyId, { name: plan.name, accessKeyId: own.accessKeyId, plan });
  }
  const objectTurns = new Map<string, Promise<unknown>>();

  function refusal({ plan }: Caller, call: AwsCall): string | undefined {
    if (plan === undefined) return undefined;
    const caller = { kind: "role" as const, id: plan.roleArn };
    for (const { action, resource } of call.grants) {
      const verdict = access.check(caller, action, resource, call.context);
      if (verdict === "allowed") continue;
      const role = plan.roleArn.slice(plan.roleArn.lastIndexOf("/") + 1);
      const who = `arn:aws:sts::${ACCOUNT_ID}:assumed-role/${role}/${plan.physicalName}`;
      const because =
        verdict === "explicit-deny"
          ? "with an explicit deny"
          : `because no policy of ${STACK_NAME} allows the ${action} action`;
      return `User: ${who} is not authorized to perform: ${action} on resource: ${resource} ${because}`;
    }
    return undefined;
  }

  function forward(
    call: Pick<AwsCall, "service">,
    from: Pick<IncomingMessage, "method" | "url" | "headers">,
    body: Buffer,
  ): Promise<Answered> {
    const { dynamodbUrl, queuesUrl } = options.emulators;
    const base = call.service === "dynamodb" ? dynamodbUrl : queuesUrl;
    const { host, connection, expect, ...headers } = from.headers;
    delete headers["transfer-encoding"];
    return new Promise((resolve, reject) => {
      const upstream = httpRequest(
        new URL(from.url ?? "/", base),
        {
          agent,
          method: from.method ?? "GET",
          headers: { ...headers, "content-length": body.length },
        },
        (answer) => {
          const chunks: Buffer[] = [];
          answer.on("data", (chunk: Buffer) => chunks.push(chunk));
          answer.on("error", reject);
          answer.on("end", () =>
            resolve({
              status: answer.statusCode ?? 502,
              headers: answer.headers,
              body: Buffer.concat(chunks),
            }),
          );
        },
      );
      upstream.on("error", reject);
      upstream.end(body);
    });
  }

  /** One at a time for each object, so that a conditional write sees what the last one left. */
  async function inTurn<T>(object: string, work: () => Promise<T>): Promise<T> {
    const before = objectTurns.get(object) ?? Promise.resolve();
    const turn = before.then(work, work);
    objectTurns.set(object, turn);
    try {
      return await turn;
    } finally {
      if (objectTurns.get(object) === turn) objectTurns.delete(object);
    }
  }

  /** S3's conditional writes, which the emulator ignores. */
  async function isPreconditionMet(call: AwsCall, request: IncomingMessage): Promise<boolean> {
    const { "if-none-match": noneMatch, "if-match": match } = request.headers;
    if (noneMatch === undefined && match === undefined) return true;
    if (call.action !== "PutObject" && call.action !== "CompleteMultipartUpload") return true;
    const path = new URL(request.url ?? "/", options.gatewayUrl).pathname;
    const head = await forward(call, { method: "HEAD", url: path, headers: {} }, Buffer.alloc(0));
    if (noneMatch !== undefined) return head.status === 404;
    return head.status === 200 && head.headers.etag === match;
  }

  async function forwardS3(
    call: AwsCall,
    request: IncomingMessage,
    body: Buffer,
  ): Promise<Answered> {
    if (!OBJECT_WRITES.includes(call.action)) return forward(call, request, body);
    return inTurn(`${call.bucket}/${call.key}`, async () => {
      if (!(await isPreconditionMet(call, request))) {
        const text = "At least one of the pre-conditions you specified did not hold";
        const refused = errorAnswer("s3", 412, "PreconditionFailed", text);
        return { ...refused, body: Buffer.from(refused.body) };
      }
      const answer = await forward(call, request, body);
      if (answer.status < 300) await announce(call);
      return answer;
    });
  }

  async function announce({ action, bucket = "", key = "" }: AwsCall): Promise<void> {
    const eventName = EVENT_NAMES[action] ?? "";
    if (eventName.startsWith("ObjectRemoved")) {
      await options.onObjectChange({ bucket, key, eventName, size: 0, eTag: "" });
      return;
    }
    const path = `/${[bucket, ...key.split("/")].map(encodeURIComponent).join("/")}`;
    const from = { method: "HEAD", url: path, headers: {} };
    const head = await forward({ service: "s3" }, from, Buffer.alloc(0));
    const size = Number(head.headers["content-length"] ?? 0);
    const eTag = (head.headers.etag ?? "").replaceAll('"', "");
    await options.onObjectChange({ bucket, key, eventName, size, eTag });
  }

  /** Without the right to list, S3 does not tell a missing object from a forbidden one. */
  function hideMissingObject(caller: Caller, call: AwsCall, answer: Answered): Answered {
    if (caller.plan === undefined || answer.status !== 404) return answer;
    if (call.action !== "GetObject" && call.action !== "HeadObject") return answer;
    const role = { kind: "role" as const, id: caller.plan.roleArn };
    if (access.check(role, "s3:ListBucket", `arn:aws:s3:::${call.bucket}`) === "allowed") {
      return answer;
    }
    const text = `Access Denied: no such object, and the role has no s3:ListBucket to be told so`;
    const denied = accessDenied("s3", text);
    return { ...denied, body: Buffer.from(call.action === "HeadObject" ? "" : denied.body) };
  }

  async function carryOut(
    caller: Caller,
    call: AwsCall,
    request: IncomingMessage,
    body: Buffer,
  ): Promise<Answered> {
    if (call.service === "secretsmanager") {
      const answer = options.secrets.answer(call);
      return { ...answer, body: Buffer.from(answer.body) };
    }
    if (call.service === "athena") {
      const { accessKeyId, plan } = caller;
      const answer = await options.athena.answer(call, { accessKeyId, roleArn: plan?.roleArn });
      return { ...answer, body: Buffer.from(answer.body) };
    }
    if (call.service === "s3") {
      if (body.length > OBJECT_BYTES_MAX) {
        const text = "More than 11 MiB in one request: the local S3 takes larger objects in parts";
        const refused = errorAnswer("s3", 501, "NotImplemented", text);
        return { ...refused, body: Buffer.from(refused.body) };
      }
      return hideMissingObject(caller, call, await forwardS3(call, request, body));
    }
    const answer = await forward(call, request, prepareBody(call, body, options.isPersistent));
    if (call.service === "dynamodb" && TABLE_WRITES.includes(call.action)) options.onTableWrite();
    return { ...answer, body: reshapeAnswer(call, answer.body, options) };
  }

  function send(response: ServerResponse, answer: Answered, isHead: boolean): void {
    const headers = { ...answer.headers };
    // The checksum is of the emulator's own bytes, and hop-by-hop headers end here.
    for (const name of ["x-amz-crc32", "connection", "keep-alive", "transfer-encoding"]) {
      delete headers[name];
    }
    if (!isHead) headers["content-length"] = String(answer.body.length);
    response.writeHead(answer.status, headers);
    response.end(isHead ? undefined : answer.body);
  }

  function sendError(response: ServerResponse, answer: ReturnType<typeof errorAnswer>): void {
    if (response.headersSent || response.destroyed) return;
    response.writeHead(answer.status, answer.headers);
    response.end(answer.body);
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", options.gatewayUrl);
    const { key, service } = readScope(request, url);
    const body = await readBody(request);
    const caller = callers.get(key);
    if (caller === undefined) {
      const code = service === "s3" ? "InvalidAccessKeyId" : "UnrecognizedClientException";
      sendError(response, errorAnswer(service, 403, code, "Unknown access key"));
      return;
    }
    const { method = "GET", headers } = request;
    const { secrets, athena } = options;
    const call = readAwsCall({
      ...{ service, region, method, url, headers, body },
      secretArnOf: secrets.arnOf,
      workgroupArnOf: athena.workgroupArnOf,
    });
    const label = `${call.service}:${call.action}`;
    const count = (usage: CallUsage) => counters.countCall(caller.name, label, usage);
    const refused = refusal(caller, call);
    if (refused !== undefined) {
      count({ failed: true });
      options.log({ kind: "error", text: `${caller.name}: AccessDenied: ${refused}` });
      sendError(response, accessDenied(call.service, refused));
      return;
    }
    const fault =
      caller.plan === undefined ? undefined : faults.take(caller.name, call.service, call.action);
    if (fault?.kind === "throttle" || fault?.kind === "error") {
      count({ failed: true });
      const answer = fault.kind === "throttle" ? throttled : internalError;
      sendError(response, answer(call.service));
      return;
    }
    if (fault?.kind === "latency") {
      await new Promise((resolve) => setTimeout(resolve, fault.latencyMs ?? 1_000));
    }
    const answer = await carryOut(caller, call, request, body);
    count(measureUsage(call, body, answer));
    if (fault?.kind === "lost-answer") response.destroy();
    else send(response, answer, method === "HEAD");
  }

  return {
    operator,
    credentialsOf(functionArn) {
      const found = credentials.get(functionArn);
      if (found === undefined) throw new Error(`No function ${functionArn}`);
      return found;
    },
    handle(request, response) {
      serve(request, response).catch((error: unknown) => {
        const { service } = readScope(request, new URL(request.url ?? "/", options.gatewayUrl));
        if (error instanceof UnknownActionError) {
          const text = `The local host does not know ${error.message}`;
          options.log({ kind: "error", text });
          sendError(response, errorAnswer(service, 501, "NotImplemented", text));
          return;
        }
        // A caller that goes away while it uploads or polls is no fault of anybody.
        if (!request.socket.destroyed) {
          options.log({ kind: "error", text: `gateway: ${describeError(error)}` });
        }
        sendError(
          response,
          errorAnswer(service, 500, "InternalError", "The emulator did not answer"),
        );
      });
    },
    close: () => agent.destroy(),
  };
}
