/**
 * The HTTP API of API Gateway: finds the route, makes the payload of version 2.0, sends the answer.
 *
 * A route with `AWS_IAM` is open to the person at this machine and closed to web pages they visit:
 * the address must be loopback's own and the origin, if there is one, ours.
 */
import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { isFields } from "./aws-client.ts";
import { FunctionError } from "./function-pool.ts";
import { describeError, type LogSink } from "./host-log.ts";
import { ACCOUNT_ID } from "./names.ts";
import type { RoutePlan } from "./plan.ts";

const BODY_BYTES_MAX = 10 * 1024 * 1024;

export interface HttpApiOptions {
  readonly routes: readonly RoutePlan[];
  readonly log: LogSink;
  readonly now: () => number;
  readonly invoke: (functionArn: string, event: unknown) => Promise<unknown>;
}

interface Match {
  readonly route: RoutePlan;
  readonly parameters: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly route: RoutePlan;
  readonly method: string;
  readonly segments: readonly string[];
}

function isGreedy(segment: string | undefined): boolean {
  return segment?.endsWith("+}") ?? false;
}

function matchPath(
  segments: readonly string[],
  path: readonly string[],
): Match["parameters"] | undefined {
  const parameters: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const given = path[index];
    if (given === undefined || given === "") return undefined;
    if (isGreedy(segment)) {
      parameters[segment.slice(1, -2)] = path.slice(index).join("/");
      return parameters;
    }
    if (segment.startsWith("{")) parameters[segment.slice(1, -1)] = given;
    else if (segment !== given) return undefined;
  }
  return segments.length === path.length ? parameters : undefined;
}

/** Literal before variable before greedy, segment by segment; a named method before ANY. */
function specificity({ method, segments }: Pattern): string {
  const ranks = segments.map((one) => (isGreedy(one) ? "2" : one.startsWith("{") ? "1" : "0"));
  return `${ranks.join("")}~${method === "ANY" ? "1" : "0"}`;
}

/** Finds the most specific route, as API Gateway does, with `$default` last. */
export function createRouter(
  routes: readonly RoutePlan[],
): (method: string, path: string) => Match | undefined {
  const fallback = routes.find((route) => route.routeKey === "$default");
  const patterns: Pattern[] = routes
    .filter((route) => route !== fallback)
    .map((route) => {
      const [method = "", path = ""] = route.routeKey.split(" ");
      return { route, method, segments: path.split("/").slice(1) };
    })
    .sort((a, b) => (specificity(a) < specificity(b) ? -1 : 1));
  return (method, path) => {
    const segments = path.split("/").slice(1);
    for (const pattern of patterns) {
      if (pattern.method !== "ANY" && pattern.method !== method) continue;
      const isRoot = pattern.segments.join("") === "" && path === "/";
      const parameters = isRoot ? {} : matchPath(pattern.segments, segments);
      if (parameters !== undefined) return { route: pattern.route, parameters };
    }
    return fallback === undefined ? undefined : { route: fallback, parameters: {} };
  };
}

/** True for a person or tool on this machine; false for a web page that makes their browser call. */
export function isLocalCaller(request: Pick<IncomingMessage, "headers">): boolean {
  const isLoopback = (host: string) => /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  const { host = "", origin, "sec-fetch-site": site } = request.headers;
  if (!isLoopback(host)) return false;
  if (site === "cross-site" || site === "same-site") return false;
  return origin === undefined || origin === `http://${host}`;
}

/** The body, or undefined when it is larger than `bytesMax`. */
export async function readRequestBody(
  request: IncomingMessage,
  bytesMax: number,
): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk);
    bytes += piece.length;
    if (bytes <= bytesMax) chunks.push(piece);
  }
  return bytes > bytesMax ? undefined : Buffer.concat(chunks);
}

function isText(contentType: string): boolean {
  return /^(text\/|application\/(json|javascript|xml|x-www-form-urlencoded)|[^;]+\+(json|xml))/i.test(
    contentType,
  );
}

function joinValues(pairs: Iterable<readonly [string, string]>): Record<string, string> {
  const joined: Record<string, string> = {};
  for (const [name, value] of pairs) {
    joined[name] = joined[name] === undefined ? value : `${joined[name]},${value}`;
  }
  return joined;
}

/** Request headers in lower case, repeated ones joined by a comma, as the payload has them. */
function readHeaders(request: IncomingMessage): Record<string, string> {
  const pairs: [string, string][] = [];
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = request.rawHeaders[index]?.toLowerCase() ?? "";
    if (name !== "cookie") pairs.push([name, request.rawHeaders[index + 1] ?? ""]);
  }
  return joinValues(pairs);
}

function decodePath(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A stray percent sign is part of the value.
    return text;
  }
}

const OPERATOR_ARN = `arn:aws:iam::${ACCOUNT_ID}:user/local-operator`;

function operatorContext(): object {
  return {
    authorizer: {
      iam: {
        accessKey: "LOCAL",
        accountId: ACCOUNT_ID,
        callerId: "local-operator",
        principalOrgId: null,
        userArn: OPERATOR_ARN,
        userId: "local-operator",
      },
    },
  };
}

function makeEvent(
  request: IncomingMessage,
  url: URL,
  body: Buffer,
  { route, parameters }: Match,
  nowEpochMs: number,
): object {
  const headers = readHeaders(request);
  const isBase64Encoded = body.length > 0 && !isText(headers["content-type"] ?? "text/plain");
  const cookies = request.headers.cookie?.split("; ");
  const query = joinValues(url.searchParams);
  const decoded = Object.entries(parameters).map(([name, one]) => [name, decodePath(one)]);
  return {
    version: "2.0",
    routeKey: route.routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookies === undefined ? {} : { cookies }),
    headers,
    ...(Object.keys(query).length === 0 ? {} : { queryStringParameters: query }),
    ...(decoded.length === 0 ? {} : { pathParameters: Object.fromEntries(decoded) }),
    requestContext: {
      accountId: ACCOUNT_ID,
      apiId: "local",
      ...(route.needsOperator ? operatorContext() : {}),
      domainName: headers["host"] ?? "localhost",
      domainPrefix: "local",
      http: {
        method: request.method,
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: request.socket.remoteAddress ?? "127.0.0.1",
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: route.routeKey,
      stage: "$default",
      time: new Date(nowEpochMs).toUTCString(),
      timeEpoch: nowEpochMs,
    },
    ...(body.length === 0 ? {} : { body: body.toString(isBase64Encoded ? "base64" : "utf8") }),
    isBase64Encoded,
  };
}

/** Answers with JSON, the only way API Gateway itself ever does. */
export function sendJson(response: ServerResponse, status: number, fields: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(fields));
}

/** Without a `statusCode` the whole result is the body of a 200, as JSON. */
function sendResult(response: ServerResponse, result: unknown): void {
  if (response.destroyed) return;
  if (!isFields(result) || result["statusCode"] === undefined) {
    const body = typeof result === "string" ? result : JSON.stringify(result ?? null);
    response.writeHead(200, { "content-type": "application/json" });
    response.end(body);
    return;
  }
  const { headers, cookies, body, isBase64Encoded } = result;
  const given = Object.entries(isFields(headers) ? headers : {});
  const lowered = Object.fromEntries(given.map(([name, one]) => [name.toLowerCase(), String(one)]));
  const all: Record<string, string | string[]> = {
    ...(body === undefined ? {} : { "content-type": "text/plain" }),
    ...lowered,
  };
  if (Array.isArray(cookies)) all["set-cookie"] = cookies.map(String);
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  response.writeHead(Number(result["statusCode"]), all);
  response.end(isBase64Encoded === true ? Buffer.from(text, "base64") : text);
}

/** A handler for everything that is not under `/_local/`. */
export function createHttpApi(
  options: HttpApiOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const route = createRouter(options.routes);

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const body = await readRequestBody(request, BODY_BYTES_MAX);
    const match = route(request.method ?? "GET", url.pathname);
    if (match === undefined) {
      sendJson(response, 404, { message: "Not Found" });
      return;
    }
    if (match.route.needsOperator && !isLocalCaller(request)) {
      sendJson(response, 403, { message: "Forbidden" });
      return;
    }
    if (body === undefined) {
      sendJson(response, 413, { message: "Request Too Long" });
      return;
    }
    const event = makeEvent(request, url, body, match, options.now());
    const { promise, resolve } = Promise.withResolvers<"late">();
    const timer = setTimeout(() => resolve("late"), match.route.timeoutMs);
    try {
      const outcome = await Promise.race([
        promise,
        options.invoke(match.route.functionArn, event).then((result) => ({ result })),
      ]);
      if (outcome === "late") sendJson(response, 503, { message: "Service Unavailable" });
      else sendResult(response, outcome.result);
    } finally {
      clearTimeout(timer);
    }
  }

  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      // The pool has reported what a function threw.
      if (!(error instanceof FunctionError) && !request.socket.destroyed) {
        options.log({ kind: "error", text: `http: ${describeError(error)}` });
      }
      sendJson(response, 500, { message: "Internal Server Error" });
    });
  };
}
