/**
 * Control routes of the local host, under `/_local/` of the HTTP address. AWS has none of them.
 *
 *   GET  /_local/stack                    addresses and names
 *   GET  /_local/counters                 what AWS would bill
 *   POST /_local/schedules/{name}/fire    fires a schedule now
 *   POST /_local/schedules/{name}/disable keeps it from firing by itself, until …/enable
 *   PUT  /_local/inbox/{key}              stores the body in the bucket whose name ends with "Inbox"
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { isLocalCaller, readRequestBody, sendJson } from "./http-api.ts";

const PREFIX = "/_local/";
const UPLOAD_BYTES_MAX = 11 * 1024 * 1024;

export interface LocalRoutesOptions {
  readonly stack: () => unknown;
  readonly counters: () => unknown;
  readonly fireSchedule: (name: string) => Promise<void>;
  readonly enableSchedule: (name: string, isEnabled: boolean) => void;
  /** Absent when the template has no inbox. */
  readonly putInboxObject:
    | ((key: string, body: Buffer, contentType: string) => Promise<void>)
    | undefined;
}

export function isLocalRoute(request: IncomingMessage): boolean {
  return request.url?.startsWith(PREFIX) ?? false;
}

async function upload(
  request: IncomingMessage,
  response: ServerResponse,
  key: string,
  { putInboxObject }: LocalRoutesOptions,
): Promise<void> {
  const body = await readRequestBody(request, UPLOAD_BYTES_MAX);
  if (putInboxObject === undefined)
    sendJson(response, 404, { message: "There is no inbox bucket" });
  else if (body === undefined) sendJson(response, 413, { message: "Larger than 11 MiB" });
  else {
    // curl says form data of any body unless told otherwise; a file dropped here is never a form.
    const given = request.headers["content-type"] ?? "";
    const type = given.includes("form") || given === "" ? "application/octet-stream" : given;
    await putInboxObject(key, body, type);
    sendJson(response, 200, { key, bytes: body.length });
  }
}

/** Answers one request; rejects never, for a failure is a 500 with its reason. */
export async function serveLocalRoute(
  request: IncomingMessage,
  response: ServerResponse,
  options: LocalRoutesOptions,
): Promise<void> {
  if (!isLocalCaller(request)) {
    sendJson(response, 403, { message: "Only from this machine, and not from a web page" });
    return;
  }
  const { pathname } = new URL(request.url ?? "/", "http://127.0.0.1");
  const [area = "", ...rest] = pathname.slice(PREFIX.length).split("/").map(decodeURIComponent);
  const asked = `${request.method} ${area}`;
  try {
    if (asked === "GET stack" && rest.length === 0) sendJson(response, 200, options.stack());
    else if (asked === "GET counters" && rest.length === 0) {
      sendJson(response, 200, options.counters());
    } else if (asked === "POST schedules" && rest.length === 2 && rest[1] === "fire") {
      await options.fireSchedule(rest[0] ?? "");
      sendJson(response, 200, { fired: rest[0] });
    } else if (asked === "POST schedules" && /^(dis|en)able$/.test(rest[1] ?? "")) {
      options.enableSchedule(rest[0] ?? "", rest[1] === "enable");
      sendJson(response, 200, { [`${rest[1]}d`]: rest[0] });
    } else if (asked === "PUT inbox" && rest.join("/") !== "") {
      await upload(request, response, rest.join("/"), options);
    } else sendJson(response, 404, { message: "Not Found" });
  } catch (error) {
    sendJson(response, 500, { message: error instanceof Error ? error.message : String(error) });
  }
}
