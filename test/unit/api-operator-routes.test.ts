import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { beforeEach, describe, expect, it } from "vitest";
import { createRoutes } from "#functions/serve-api/routes.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { money } from "#shared/domain/money.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { aCustomer, aCustomerId, aLinkedSide } from "#test/support/cross-references.ts";
import { lineOf } from "#test/support/life-stage.ts";
import { createMemoryCallBudgets } from "#test/support/memory-call-budgets.ts";
import { createMemoryFileProfiles } from "#test/support/memory-file-profiles.ts";
import { createMemoryHistory } from "#test/support/memory-history.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const at = "2026-01-05T09:00:00.000Z";
const id = aCustomerId("1");
const nobody = aCustomerId("9");

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

const noQueue = {
  send: async () => {
    throw new Error("Nothing here starts a tie-out");
  },
};

interface Asked {
  readonly parameters?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  /** As it is sent: an object as its JSON. */
  readonly body?: unknown;
}

/** Calls a route as API Gateway does, for a caller of IAM. */
async function call(method: "GET" | "POST", path: string, asked: Asked = {}) {
  const history = createMemoryHistory();
  const deps = {
    ...world.deps,
    heads: world.ports.heads,
    history,
    budgets: createMemoryCallBudgets(),
    fileProfiles: createMemoryFileProfiles(),
    imports: world.ports.imports,
    snapshotQueue: noQueue,
    tieOuts: noQueue,
    exportQueue: noQueue,
    manifests: { readManifest: async () => undefined, placeOf: () => "" },
    reports: { read: async () => ({ kind: "missing" as const }), placeOf: () => "" },
  };
  const route = createRoutes(deps).find((one) => one.method === method && one.path === path);
  if (route === undefined) throw new Error(`no route ${method} ${path}`);
  const { body } = asked;
  const event = {
    pathParameters: asked.parameters,
    queryStringParameters: asked.query,
    body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
    requestContext: { requestId: "request-1", authorizer: { iam: { userArn: "arn:jane" } } },
  } as unknown as APIGatewayProxyEventV2;
  const context = { getRemainingTimeInMillis: () => 15_000 } as Context;
  const answer = await route.handler(event, context);
  return { status: answer.statusCode, body: JSON.parse(answer.body ?? "") as unknown };
}

async function save(over: Partial<CrossReference>): Promise<void> {
  expect(await world.ports.xrefs.save(aCustomer("1", over), noClaims, [])).toBe("saved");
}

const decisions = "/records/{canonicalId}/decisions";
const dismissals = "/records/{canonicalId}/dismissals";
const approval = "/runs/{runId}/approval";

describe("a decision", () => {
  const choice = { connection: "books", field: "phone", keep: "proposed" };

  beforeEach(() => {
    const conflict = { field: "phone", golden: "1", proposed: "2", proposedBy: "books", at };
    const side = { ...aLinkedSide("b1", { phone: "2" }), conflicts: [conflict] };
    return save({ fields: { phone: "1" }, sides: { books: { ...side, state: "conflict" } } });
  });

  it("is carried out in the caller's name", async () => {
    const answer = await call("POST", decisions, { parameters: { canonicalId: id }, body: choice });

    expect(answer).toEqual({ status: 200, body: { result: "decided", canonicalId: id } });
    const [xref] = world.ports.all();
    expect(xref?.fields["phone"]).toBe("2");
    expect(xref?.trail).toMatchObject([{ kind: "decided", by: "arn:jane" }]);
  });

  it.each([
    ["nobody's", nobody],
    ["no", "customer"],
  ])("on %s canonical id is not found", async (_name, canonicalId) => {
    expect(await call("POST", decisions, { parameters: { canonicalId }, body: choice })).toEqual({
      status: 404,
      body: { code: "record-unknown", fix: expect.any(String) },
    });
  });

  it.each([
    [{}],
    [{ ...choice, keep: "mine" }],
    [{ ...choice, connection: "" }],
    [{ ...choice, more: 1 }],
    [{ ...choice, conflictAt: "yesterday" }],
    ["{"],
  ])("of %j is refused", async (body) => {
    const answer = await call("POST", decisions, { parameters: { canonicalId: id }, body });

    expect(answer).toEqual({
      status: 400,
      body: { code: "body-unreadable", fix: expect.any(String) },
    });
    expect(world.ports.all()[0]?.fields["phone"]).toBe("1");
  });

  it("of more than a small object is refused", async () => {
    const body = { ...choice, field: "x".repeat(20_000) };

    expect(await call("POST", decisions, { parameters: { canonicalId: id }, body })).toMatchObject({
      status: 413,
      body: { code: "body-too-large" },
    });
  });
});

describe("a retry", () => {
  const failure = { kind: "rejected", code: "name-taken" } as const;

  it("of a side frees it and hints the delivery", async () => {
    const side = { ...aLinkedSide("b1", {}), state: "rejected" as const, failure };
    await save({ sides: { books: side } });

    const body = { canonicalId: id, connection: "books" };

    expect(await call("POST", "/parked/retry", { body })).toEqual({
      status: 202,
      body: { result: "retried", canonicalId: id, connection: "books", state: "dirty" },
    });
    expect(world.ports.deliveries.take()).toMatchObject([{ hints: [{ canonicalId: id }] }]);
  });

  it("of a newcomer asks for it again", async () => {
    const ref = { connection: "crm", recordType: "customer", externalId: "a/b 1" } as const;
    await world.ports.parked.park({ ...ref, failure, parkedAt: at });

    expect(await call("POST", "/parked/retry", { body: ref })).toEqual({
      status: 202,
      body: { result: "looked-at-again", ...ref },
    });
    expect(world.ports.changes.take()).toMatchObject([{ events: [{ ...ref, via: "look-again" }] }]);
  });

  it.each([
    [{ connection: "crm" }],
    [{ canonicalId: id }],
    [{ canonicalId: "1", connection: "crm" }],
    [{ connection: "crm", recordType: "spaceship", externalId: "1" }],
    [{ canonicalId: id, connection: "crm", externalId: "1" }],
  ])("of %j is refused", async (body) => {
    expect(await call("POST", "/parked/retry", { body })).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
  });

  it("of what is not parked is not found", async () => {
    const body = { connection: "crm", recordType: "customer", externalId: "1" };

    expect(await call("POST", "/parked/retry", { body })).toMatchObject({
      status: 404,
      body: { code: "not-parked" },
    });
  });
});

describe("a dismissal", () => {
  it("takes the record off the list", async () => {
    const side = { ...aLinkedSide("b1", {}), review: { code: "ended-elsewhere", at } };
    await save({ sides: { books: side } });
    const asked = { parameters: { canonicalId: id }, body: { connection: "books" } };

    expect(await call("POST", dismissals, asked)).toEqual({
      status: 200,
      body: { result: "dismissed", canonicalId: id, connection: "books" },
    });
    expect((await call("GET", "/parked")).body).toEqual({ records: [] });
  });

  it("of nothing is a conflict with what is there", async () => {
    await save({});
    const asked = { parameters: { canonicalId: id }, body: { connection: "books" } };

    expect(await call("POST", dismissals, asked)).toMatchObject({
      status: 409,
      body: { code: "nothing-to-dismiss" },
    });
  });
});

describe("an approval", () => {
  it("frees what the run held back", async () => {
    const runId = "poll-crm-customer-2026-01-05T09:00:00.000Z";
    await world.ports.runs.start({ runId, kind: "poll", startedAt: at, subject: "crm customer" });
    await world.ports.runs.add(runId, "hold", { holds: 1n });
    const waiter = { connection: "books", canonicalId: id, recordType: "customer", runId } as const;
    await world.ports.waits.register(`run#${runId}`, waiter);
    const state = "awaiting-approval" as const;
    await save({ sides: { books: { ...aLinkedSide("b1", {}), state } } });

    const parameters = { runId: encodeURIComponent(runId) };
    expect(await call("GET", "/runs/{runId}", { parameters })).toMatchObject({
      body: { isHeld: true, hold: { approve: `POST /runs/${parameters.runId}/approval` } },
    });

    expect(await call("POST", approval, { parameters })).toEqual({
      status: 202,
      body: { result: "approved", runId, released: 1, isComplete: true },
    });
    expect(world.ports.all()[0]?.trail).toMatchObject([{ what: "approval", by: "arn:jane" }]);
    const shown = (await call("GET", "/runs/{runId}", { parameters })).body;
    expect(shown).toMatchObject({ isHeld: false });
    expect(shown).not.toHaveProperty("hold");
  });

  it.each([
    ["a run nobody knows", "none", 404, "run-unknown"],
    ["what cannot be a run", "x".repeat(2_000), 404, "run-unknown"],
    ["a run that is not held", "free", 409, "run-not-held"],
  ])("of %s is refused", async (_name, runId, status, code) => {
    const run = { runId: "free", kind: "poll", startedAt: at, subject: "crm customer" } as const;
    await world.ports.runs.start(run);

    expect(await call("POST", approval, { parameters: { runId } })).toMatchObject({
      status,
      body: { code },
    });
  });
});

describe("a correction", () => {
  const one = "/corrections/{orderId}";

  beforeEach(() => {
    world = createMemoryWorld({ ledger: { baseCurrency: "EUR" } });
  });

  /** A deal whose lines changed when its invoice had just been issued, which nobody had told us yet. */
  async function changeBilledDeal(): Promise<string> {
    const company = world.crm.edit("customer", "c1", { name: "Harbour" });
    const customer = { connection: "crm", recordType: "customer", externalId: company } as const;
    const deal = { number: "SO-1", status: "won", customer, orderedOn: "2026-01-05" };
    const billed = { ...deal, currency: "EUR", lines: [lineOf(10_000n)] };
    world.crm.edit("order", "d1", billed);
    await world.poll("full");
    await world.settle();
    const total = money(10_000n, "EUR");
    const invoice = world.books.all("invoice")[0]?.externalId;
    world.books.edit("invoice", invoice, { status: "issued", number: "INV-1", total });
    world.crm.edit("order", "d1", { lines: [lineOf(12_000n)] });
    await world.poll("full");
    await world.settle();
    return world.ports.all().find(({ recordType }) => recordType === "order")?.canonicalId ?? "";
  }

  async function hashOf(orderId: string): Promise<string> {
    const { body } = await call("GET", one, { parameters: { orderId } });
    return String((body as { hash?: string }).hash);
  }

  it("is listed, shown with its lines, and approved in the caller's name, once", async () => {
    const orderId = await changeBilledDeal();
    const amounts = [{ currency: "EUR", before: "100.00", after: "120.00", change: "20.00" }];
    const head = { orderId, order: "SO-1", code: "correction-proposed", number: 1, amounts };
    expect((await call("GET", "/corrections")).body).toMatchObject({ corrections: [head] });
    expect((await call("GET", one, { parameters: { orderId } })).body).toMatchObject({
      ...head,
      datedOn: "2026-01-05",
      takesBack: [{ amount: { amount: "100.00", currency: "EUR" } }],
      billsAnew: [{ amount: { amount: "120.00", currency: "EUR" } }],
      decisions: [],
    });
    const asked = { parameters: { orderId }, body: { hash: await hashOf(orderId) } };

    const first = await call("POST", `${one}/approval`, asked);
    expect(first).toMatchObject({
      status: 202,
      body: { result: "approved", orderId, datedOn: "2026-01-05" },
    });
    await world.settle();
    expect(await call("POST", `${one}/approval`, asked)).toEqual(first);
    await world.settle();

    expect(world.books.all("creditNote")).toMatchObject([
      { fields: { reference: "SO-1", lines: [lineOf(10_000n)], issuedOn: "2026-01-05" } },
    ]);
    expect(world.books.all("invoice")).toHaveLength(2);
    expect((await call("GET", "/corrections")).body).toEqual({ corrections: [] });
    expect((await call("GET", one, { parameters: { orderId } })).body).toMatchObject({
      decisions: [{ decision: "approved", by: "arn:jane", creditNoteId: expect.any(String) }],
    });
  });

  it("is told in the CRM until somebody decides", async () => {
    const orderId = await changeBilledDeal();
    const notice = () => world.crm.get("order", "d1")?.fields["billingNotice"];
    expect(notice()).toMatch(/^Invoice INV-1 \(EUR 100.00, now 120.00\)/);

    const body = { hash: await hashOf(orderId) };
    expect(await call("POST", `${one}/dismissal`, { parameters: { orderId }, body })).toEqual({
      status: 202,
      body: { result: "dismissed", orderId },
    });
    await world.settle();

    expect(notice()).toBeNull();
    expect(world.books.all("creditNote")).toEqual([]);
  });

  it("that changed since it was looked at is not approved", async () => {
    const orderId = await changeBilledDeal();
    const body = { hash: await hashOf(orderId) };
    world.crm.edit("order", "d1", { lines: [lineOf(13_000n)] });
    await world.hint("crm", "order", "d1");
    await world.settle();

    expect(await call("POST", `${one}/approval`, { parameters: { orderId }, body })).toMatchObject({
      status: 409,
      body: { code: "correction-changed" },
    });
    await world.settle();
    expect(world.books.all("creditNote")).toEqual([]);
  });

  it("is not approved where none is proposed", async () => {
    const orderId = await changeBilledDeal();
    world.crm.edit("order", "d1", { lines: [lineOf(10_000n)] });
    await world.hint("crm", "order", "d1");
    await world.settle();

    const asked = { parameters: { orderId }, body: { hash: "x" } };
    expect(await call("POST", `${one}/approval`, asked)).toMatchObject({
      status: 409,
      body: { code: "nothing-to-correct" },
    });
  });

  it.each(["GET", "POST"] as const)("of no order is not found by %s", async (method) => {
    const path = method === "GET" ? one : `${one}/approval`;
    for (const orderId of [nobody, "order"]) {
      const asked = { parameters: { orderId }, body: { hash: "x" } };
      expect(await call(method, path, asked)).toMatchObject({
        status: 404,
        body: { code: "record-unknown" },
      });
    }
  });

  it("without a hash is refused", async () => {
    const parameters = { orderId: nobody };
    expect(await call("POST", `${one}/approval`, { parameters, body: {} })).toMatchObject({
      status: 400,
      body: { code: "body-unreadable" },
    });
  });
});

describe("what waits", () => {
  it("is listed page by page", async () => {
    for (const ending of ["1", "2", "3"]) {
      const side = { state: "blocked", observed: {}, sent: {}, waitsFor: [nobody] } as const;
      const changedAt = `2026-01-05T09:00:0${ending}.000Z`;
      const xref = aCustomer(ending, { changedAt, sides: { books: side } });
      await world.ports.xrefs.save(xref, noClaims, []);
    }
    const page = (cursor?: string) =>
      call("GET", "/waiting", { query: { limit: "2", ...(cursor ? { cursor } : {}) } });

    const first = (await page()).body as { records: unknown[]; cursor: string };
    const second = (await page(first.cursor)).body as { records: unknown[] };

    expect(first.records).toMatchObject([
      {
        canonicalId: aCustomerId("3"),
        waitsFor: [nobody],
        waitingSince: "2026-01-05T09:00:03.000Z",
      },
      { canonicalId: aCustomerId("2"), failure: { code: "waits-for-unknown-record" } },
    ]);
    expect(second).toMatchObject({ records: [{ canonicalId: id }] });
    expect(second).not.toHaveProperty("cursor");
  });
});
