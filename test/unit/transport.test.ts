import { createServer, type IncomingMessage, type RequestListener, Server } from "node:http";
import { createServer as createSocketServer, type Server as SocketServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import {
  asWriteFailure,
  createTransport,
  type HttpRequest,
  retryAfterMs,
} from "#shared/connectors/transport.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const unreachable = new SyncError({ kind: "retryable", code: "remote-unreachable" });
const MEGABYTE = 1024 * 1024;

let server: SocketServer | undefined;

afterEach(() => {
  if (server instanceof Server) server.closeAllConnections();
  server?.close();
  server = undefined;
});

/** The base URL of a server on this machine that answers as told. */
async function serve(answer: RequestListener): Promise<string> {
  return listen(createServer(answer));
}

async function listen(started: SocketServer): Promise<string> {
  server = started;
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return typeof address === "object" && address !== null ? `http://127.0.0.1:${address.port}` : "";
}

function get(url: string, signal: AbortSignal = new AbortController().signal): HttpRequest {
  return { method: "GET", url, headers: {}, signal };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString("utf8");
}

describe("a call", () => {
  it("carries method, headers and body, and asks for a body that is not packed", async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      const { method, headers } = request;
      seen.push(method, request.url, headers["x-own"], headers["accept-encoding"]);
      seen.push(await textOf(request));
      response.writeHead(201, { "x-answer": "yes" }).end('{"name":"Łódź"}');
    });

    const answer = await createTransport().send({
      method: "POST",
      url: `${url}/rows?x=1`,
      headers: { "x-own": "1", "accept-encoding": "gzip" },
      body: "ü",
      signal: new AbortController().signal,
    });

    expect(seen).toEqual(["POST", "/rows?x=1", "1", "identity", "ü"]);
    expect(answer.status).toBe(201);
    expect(answer.headers.get("x-answer")).toBe("yes");
    expect(answer.text).toBe('{"name":"Łódź"}');
  });

  it.each([204, 304, 400, 401, 404, 429, 500, 503])("takes a %i for an answer", async (status) => {
    const url = await serve((_request, response) => response.writeHead(status).end());

    expect(await createTransport().send(get(url))).toMatchObject({ status, text: "" });
  });

  it.each([301, 302, 303, 307, 308])(
    "does not follow a %i: credentials stay at home",
    async (status) => {
      const paths: (string | undefined)[] = [];
      const url = await serve((request, response) => {
        paths.push(request.url);
        response.writeHead(status, { location: "/elsewhere" }).end("moved");
      });

      const answer = await createTransport().send(get(`${url}/here`));

      expect(answer.status).toBe(status);
      expect(paths).toEqual(["/here"]);
    },
  );

  it("fails as unreachable where nobody listens, and keeps the cause", async () => {
    const url = await serve((_request, response) => response.end());
    await new Promise((resolve) => server?.close(resolve));

    const failure = await createTransport().send(get(url)).catch(asCaught);

    expect(failure).toEqual(unreachable);
    expect(failure instanceof SyncError && failure.cause).toBeInstanceOf(Error);
  });

  it("fails as unreachable when the connection breaks inside the body", async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    });

    await expect(createTransport().send(get(url))).rejects.toThrow(unreachable);
  });

  it("gives up on a body that never ends when its signal says so", async () => {
    const timer = new AbortController();
    const url = await serve((_request, response) => {
      response.writeHead(200);
      response.write("[", () => timer.abort());
    });

    await expect(createTransport().send(get(url, timer.signal))).rejects.toThrow(unreachable);
  });

  it("gives up on headers that never come when its signal says so", async () => {
    const timer = new AbortController();
    const url = await serve(() => timer.abort());

    await expect(createTransport().send(get(url, timer.signal))).rejects.toThrow(unreachable);
  });

  it("gives up on a body that says it is gzip and is not, which by itself never ends", async () => {
    const timer = new AbortController();
    const head = "HTTP/1.1 500 Oops\r\nConnection: close\r\nContent-Encoding: gzip\r\n\r\n";
    const ended = Promise.withResolvers<void>();
    const url = await listen(
      createSocketServer((socket) => {
        socket.once("data", () => socket.end(`${head}plain text`));
        socket.once("close", () => ended.resolve());
      }),
    );
    const transport = createTransport(async (target, init) => {
      const response = await fetch(target, init);
      // The signal comes when the body is being read and nothing more will arrive.
      void ended.promise.then(() => setImmediate(() => timer.abort()));
      return response;
    });

    await expect(transport.send(get(url, timer.signal))).rejects.toThrow(unreachable);
  });

  it("gives up on a body that is deaf to the signal", async () => {
    const timer = new AbortController();
    const deaf = new ReadableStream({ pull: () => timer.abort() }, { highWaterMark: 0 });
    const transport = createTransport(async () => new Response(deaf));

    await expect(transport.send(get("http://any.example", timer.signal))).rejects.toThrow(
      unreachable,
    );
  });

  it("makes no call for a signal that was raised before", async () => {
    let calls = 0;
    const url = await serve((_request, response) => {
      calls += 1;
      response.end();
    });

    await expect(createTransport().send(get(url, AbortSignal.abort()))).rejects.toThrow(
      unreachable,
    );
    expect(calls).toBe(0);
  });
});

describe("a large body", () => {
  const chunk = Buffer.alloc(MEGABYTE, "x");

  it("is read whole up to 30 MB", async () => {
    const url = await serve((_request, response) => response.end(Buffer.alloc(30 * MEGABYTE, "x")));

    const { text } = await createTransport().send(get(url));

    expect(text.length).toBe(30 * MEGABYTE);
  });

  it("is refused beyond that, and the remote is cut off", async () => {
    let sent = 0;
    let cutOff: () => void;
    const isCutOff = new Promise<void>((resolve) => {
      cutOff = resolve;
    });
    const url = await serve((_request, response) => {
      response.on("close", () => cutOff());
      const pump = (): void => {
        while (!response.destroyed && response.write(chunk)) sent += 1;
        response.once("drain", pump);
      };
      pump();
    });

    await expect(createTransport().send(get(url))).rejects.toThrow(
      new SyncError({ kind: "retryable", code: "remote-answer-too-large" }),
    );
    await isCutOff;
    expect(sent).toBeLessThan(200);
  });
});

describe("asWriteFailure", () => {
  it("calls what may have taken effect uncertain, and leaves the rest", () => {
    const failure = { kind: "retryable", code: "remote-unreachable", retryAfterMs: 5 } as const;

    expect(asWriteFailure(failure)).toEqual({ ...failure, kind: "uncertain" });
    for (const kind of ["rate-limited", "rejected", "reauthorise", "bug"] as const) {
      expect(asWriteFailure({ kind, code: "any" })).toEqual({ kind, code: "any" });
    }
  });
});

describe("retryAfterMs", () => {
  const nowMs = Date.UTC(2026, 10, 22, 10, 0, 0);

  it.each([
    ["0", 0],
    ["1", 1_000],
    ["120", 120_000],
    ["Sun, 22 Nov 2026 10:00:30 GMT", 30_000],
    ["Sun, 22 Nov 2026 09:00:00 GMT", 0],
    ["soon", undefined],
    ["", undefined],
    ["99999999999", undefined],
  ])("reads %j as %s", (value, expected) => {
    expect(retryAfterMs(new Headers({ "retry-after": value }), nowMs)).toBe(expected);
  });

  it("has nothing to say without the header", () => {
    expect(retryAfterMs(new Headers(), nowMs)).toBeUndefined();
  });
});

function asCaught(cause: unknown): unknown {
  return cause;
}
