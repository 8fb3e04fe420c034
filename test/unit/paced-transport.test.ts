import { describe, expect, it } from "vitest";
import { priorityOfSignal, withCallPriority } from "#shared/connectors/call-priority.ts";
import { type CallTable, paceTransport } from "#shared/connectors/paced-transport.ts";
import type { HttpRequest, HttpResponse, Transport } from "#shared/connectors/transport.ts";
import type { CallOutcome, CallPriority } from "#shared/domain/call-budget.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { CallAnswer, CallBudget } from "#shared/ports/call-budget.ts";
import { createMemoryRemote } from "#test/support/memory-remote.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

const NOW_MS = Date.UTC(2026, 10, 22, 9);
const of = {
  connection: "books",
  system: "xero",
  quota: { windows: [{ name: "minute", lengthMs: 60_000, callsMax: 60 }] },
};

/** Says of each answer what its status says; tokens are in no quota. */
const calls: CallTable = {
  windowsOf: ({ url }) => (url.endsWith("/token") ? undefined : ["minute"]),
  outcomeOf: ({ status }) =>
    status === 429 ? { kind: "throttled", waitMs: 7_000 } : { kind: "answered" },
};

/** A budget that answers as told, and the calls that were asked for and settled. */
function aBudget(...answers: readonly (CallAnswer | SyncError)[]) {
  const waiting = [...answers];
  const asked: CallPriority[] = [];
  const settled: { permit: string; outcome: CallOutcome }[] = [];
  const budget: CallBudget = {
    ask: async (_of, { priority }) => {
      asked.push(priority);
      const answer = waiting.shift() ?? { kind: "granted", permit: `permit-${asked.length}` };
      if (answer instanceof SyncError) throw answer;
      return answer;
    },
    settle: async (_connection, permit, outcome) => void settled.push({ permit, outcome }),
    view: async () => [],
  };
  return { budget, asked, settled };
}

function pace(budget: CallBudget, answer: () => Promise<HttpResponse>) {
  const sent: HttpRequest[] = [];
  const transport: Transport = {
    send: (request) => {
      sent.push(request);
      return answer();
    },
  };
  const { log } = createMemoryPorts();
  const paced = paceTransport(transport, of, calls, { budget, now: () => NOW_MS, log });
  const send = (request: Partial<HttpRequest> = {}) =>
    paced.send({
      method: "GET",
      url: "https://books.invalid/api.xro/2.0/Contacts",
      headers: {},
      signal: new AbortController().signal,
      ...request,
    });
  return { send, sent, log };
}

const respond =
  (status: number, headers: Record<string, string> = {}) =>
  async (): Promise<HttpResponse> => ({ status, headers: new Headers(headers), text: "" });

async function failureOf(call: Promise<unknown>) {
  const cause = await call.catch((thrown: unknown) => thrown);
  if (!(cause instanceof SyncError)) throw new Error("no failure", { cause });
  return cause.failure;
}

describe("a paced call", () => {
  it("is asked for, made and settled, and its answer comes through as it is", async () => {
    const { budget, asked, settled } = aBudget();
    const { send, sent } = pace(budget, respond(201));

    expect(await send()).toMatchObject({ status: 201 });

    expect([asked.length, sent.length]).toEqual([1, 1]);
    expect(settled).toEqual([{ permit: "permit-1", outcome: { kind: "answered" } }]);
  });

  it.each(["quota-spent", "quota-reserved", "connection-paused", "quota-undecided"] as const)(
    "that is refused as %s is not made, and nothing is uncertain",
    async (code) => {
      const { budget, settled } = aBudget({ kind: "refused", code, retryAfterMs: 4_000 });
      const { send, sent } = pace(budget, respond(200));

      expect(await failureOf(send({ method: "POST" }))).toEqual({
        kind: "rate-limited",
        code,
        retryAfterMs: 4_000,
      });
      expect(sent).toEqual([]);
      expect(settled).toEqual([]);
    },
  );

  it("is not made where the budget cannot be read, and may be made again soon", async () => {
    const { budget } = aBudget(new SyncError({ kind: "retryable", code: "table-unavailable" }));
    const { send, sent } = pace(budget, respond(200));

    expect(await failureOf(send({ method: "POST" }))).toMatchObject({
      kind: "rate-limited",
      code: "quota-undecided",
    });
    expect(sent).toEqual([]);
  });

  it("fails with a fault of ours as such", async () => {
    const { budget } = aBudget(new SyncError({ kind: "bug", code: "quota-window-unknown" }));
    const { send } = pace(budget, respond(200));

    expect(await failureOf(send())).toEqual({ kind: "bug", code: "quota-window-unknown" });
  });

  it("that no quota counts is made without asking", async () => {
    const { budget, asked, settled } = aBudget();
    const { send, sent } = pace(budget, respond(200));

    await send({ url: "https://identity.invalid/connect/token" });

    expect([asked, settled, sent.length]).toEqual([[], [], 1]);
  });

  it("for which there is no time left is not counted", async () => {
    const { budget, asked } = aBudget();
    const { send } = pace(budget, respond(200));

    await send({ signal: AbortSignal.abort() });

    expect(asked).toEqual([]);
  });
});

describe("the budget is told", () => {
  const unreachable = new SyncError({ kind: "retryable", code: "remote-unreachable" });
  const tooLarge = new SyncError({ kind: "retryable", code: "remote-answer-too-large" });

  it.each([
    ["of a spent quota", respond(429), { kind: "throttled", waitMs: 7_000 }],
    ["that no answer came", () => Promise.reject(unreachable), { kind: "failed" }],
    [
      "that an answer came, too large as it was",
      () => Promise.reject(tooLarge),
      { kind: "answered" },
    ],
    [
      "nothing by a fault of ours",
      () => Promise.reject(new TypeError("ours")),
      { kind: "unheard" },
    ],
  ])("%s", async (_, answer, outcome) => {
    const { budget, settled } = aBudget();
    const { send } = pace(budget, answer);

    await send().catch((cause: unknown) => cause);

    expect(settled).toEqual([{ permit: "permit-1", outcome }]);
  });

  it("nothing of the remote where we gave up ourselves", async () => {
    const { budget, settled } = aBudget();
    const timer = new AbortController();
    const { send } = pace(budget, () => {
      timer.abort();
      return Promise.reject(unreachable);
    });

    expect(await failureOf(send({ signal: timer.signal }))).toEqual(unreachable.failure);
    expect(settled).toEqual([{ permit: "permit-1", outcome: { kind: "unheard" } }]);
  });

  it("later, where it cannot be told now: the answer counts, and the log has it", async () => {
    const { budget } = aBudget();
    const lost = new SyncError({ kind: "retryable", code: "table-unavailable" });
    const { send, log } = pace({ ...budget, settle: () => Promise.reject(lost) }, respond(201));

    expect(await send({ method: "POST" })).toMatchObject({ status: 201 });
    expect(log.errorEntries).toMatchObject([{ message: "call-not-settled", cause: lost }]);
  });
});

describe("a call's priority", () => {
  const { signal } = new AbortController();

  function aConnector() {
    const seen: Record<string, CallPriority> = {};
    const remote = createMemoryRemote("crm", ["customer"]);
    const connector = withCallPriority({
      ...remote,
      readChanges: async (_type, request) => {
        seen["readChanges"] = priorityOfSignal(request.signal);
        return { records: [], unreadable: [] };
      },
      readByIds: async (_type, _ids, own) => {
        seen["readByIds"] = priorityOfSignal(own);
        return { records: [], unreadable: [], missing: [] };
      },
      write: async (_type, _writes, own) => {
        seen["write"] = priorityOfSignal(own);
        return [];
      },
      lookUp: async (_type, _requests, own) => {
        seen["lookUp"] = priorityOfSignal(own);
        return [];
      },
    });
    return { connector, seen };
  }

  it.each([
    ["payment", "payment"],
    ["invoice", "document"],
    ["order", "document"],
    ["customer", "customer"],
    ["product", "customer"],
  ] as const)("of a %s is %s, whatever is done with it", async (recordType, priority) => {
    const { connector, seen } = aConnector();

    await connector.readChanges(recordType, { since: 0, signal });
    await connector.readByIds(recordType, [], signal);
    await connector.write(recordType, [], signal);
    await connector.lookUp(recordType, [], signal);

    expect(seen).toEqual({
      readChanges: priority,
      readByIds: priority,
      write: priority,
      lookUp: priority,
    });
  });

  it("of reading everything is the lowest, on each of its pages", async () => {
    const { connector, seen } = aConnector();

    await connector.readChanges("payment", { cursor: "7", signal });

    expect(seen).toEqual({ readChanges: "backfill" });
  });

  it("stays its own while another operation under the same signal runs", async () => {
    const { budget, asked } = aBudget();
    const { send } = pace(budget, respond(200));
    const remote = createMemoryRemote("crm", ["customer"]);
    const gate = Promise.withResolvers<void>();
    const connector = withCallPriority({
      ...remote,
      write: async (_type, _writes, own) => {
        await gate.promise;
        await send({ signal: own });
        return [];
      },
    });

    const first = connector.write("customer", [], signal);
    const second = connector.write("payment", [], signal);
    gate.resolve();
    await Promise.all([first, second]);

    expect(asked).toEqual(["customer", "payment"]);
  });

  it("ends with the signal it was given", async () => {
    const outer = new AbortController();
    const { connector } = aConnector();
    const own = Promise.withResolvers<AbortSignal>();
    const watched = withCallPriority({
      ...connector,
      write: async (_type, _writes, given) => {
        own.resolve(given);
        return [];
      },
    });
    await watched.write("customer", [], outer.signal);

    outer.abort();

    expect((await own.promise).aborted).toBe(true);
  });

  it("of a call that no operation was noted for is that of a customer", () => {
    expect(priorityOfSignal(signal)).toBe("customer");
  });
});
