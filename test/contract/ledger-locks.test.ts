/**
 * The locks of the books over the simulated organisation: the whole engine, the real connector, and a
 * bookkeeper who is always faster than the news of it. What Xero would refuse for a lock is not sent;
 * the same deliveries without the look are refused, so the simulator is no easier than Xero.
 */
import { beforeEach, describe, expect, it } from "vitest";
import * as z from "zod";
import { directFetch } from "#infra/local/simulators/direct-fetch.ts";
import { createXeroSimulator, type InProcessXero } from "#infra/local/simulators/xero/simulator.ts";
import { createTransport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { sideOf } from "#shared/domain/cross-reference.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";
import type { Connector } from "#shared/ports/connector.ts";
import { decideCorrection } from "#shared/sync/decide-correction.ts";
import { viewCorrection } from "#shared/sync/view-corrections.ts";
import { createMemoryRemote, type MemoryRemote } from "#test/support/memory-remote.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const START_MS = Date.UTC(2026, 0, 5, 9);
/** Longer than the connector keeps what a ledger said. */
const LATER_MS = 30 * 60_000;
const TENANT = "fe79f7dd-b6d4-4a92-ba7b-538af6289c58";

let world: MemoryWorld;
let xero: InProcessXero;
let crm: MemoryRemote;
let refusals: string[];
let now: () => number;

const refusedElement = z.looseObject({
  ValidationErrors: z.array(z.looseObject({ Message: z.string() })).optional(),
});
const answerSchema = z.record(z.string(), z.unknown());

beforeEach(() => stage("looking"));

async function stage(kind: "looking" | "blind"): Promise<void> {
  now = () => START_MS;
  refusals = [];
  xero = createXeroSimulator({
    token: "fixed-token",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    clientId: "client-1",
    clientSecret: "secret-of-client-1",
    now: () => now(),
    limits: { perMinute: 1_000, perDay: 10_000 },
  });
  crm = createMemoryRemote("crm", ["customer", "product", "order"]);
  world = createMemoryWorld({ connectors: [crm, connect(kind)] });
  now = () => world.ports.clock();
  crm.edit("customer", "c1", { name: "Harbour" });
  await told("crm", "customer", "c1");
}

/** A connector that is no ledger is written to as before there was a look. */
function connect(kind: "looking" | "blind"): Connector {
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    tenantId: TENANT,
    webhookKey: "webhook-key",
    auth: { kind: "token", token: "fixed-token" },
  });
  const send = directFetch(xero.dispatch);
  const transport = createTransport(async (url, init) => {
    const response = await send(url, init);
    const isWrite = init.method === "PUT" || init.method === "POST";
    if (isWrite) noteRefusals(await response.clone().text());
    return response;
  });
  const connector = createXeroConnector(settings, { transport, now: () => now() });
  if (kind === "looking") return connector;
  const { readLedger: _unread, ...blind } = connector;
  return blind;
}

function noteRefusals(body: string): void {
  const answer = answerSchema.safeParse(JSON.parse(body)).data ?? {};
  for (const element of Object.values(answer).flat()) {
    const errors = refusedElement.safeParse(element).data?.ValidationErrors ?? [];
    refusals.push(...errors.map(({ Message }) => Message));
  }
}

async function told(connection: "crm" | "books", type: RecordType, id: string): Promise<void> {
  world.ports.clock.advance(1_000);
  await world.hint(connection, type, id);
  await world.settle();
}

function lineOf(minor: bigint, unitPrice: string): DocumentLine {
  const amount = money(minor, "USD");
  const product = { product: null, productCode: null, description: "Widget" };
  return { ...product, quantity: "1", unitPrice, discountRate: "0", amount };
}

async function sell(over: Fields = {}): Promise<void> {
  crm.edit("order", "d1", {
    number: "SO-1",
    status: "won",
    customer: { connection: "crm", recordType: "customer", externalId: "c1" },
    orderedOn: "2026-01-05",
    currency: "USD",
    lines: [lineOf(10_000n, "100.00")],
    ...over,
  });
  await told("crm", "order", "d1");
}

const more = { lines: [lineOf(12_000n, "120.00")] };

function booksIdOf(recordType: RecordType): string {
  const xref = world.ports.all().find((one) => one.recordType === recordType);
  return (xref && sideOf(xref, "books").externalId) ?? "";
}

async function parkedCodes(): Promise<string[]> {
  const codes = (await world.ports.parked.list(10)).records.map(({ failure }) => failure.code);
  return codes.sort();
}

const lock = (day: string) =>
  xero.user.setLockDates({ periodLockDate: day, endOfYearLockDate: "" });

interface Doing {
  /** Of a bookkeeper, with the draft; the engine is not told. */
  readonly inBooks: (invoice: string) => void;
  readonly codes: readonly string[];
}

const payment = { Account: { Code: "090" }, Date: "2026-01-05" };

const doings: Readonly<Record<string, Doing>> = {
  "closes the period of a draft": {
    inBooks: () => lock("2026-01-05"),
    codes: ["period-closed"],
  },
  "issues the draft, then closes its period": {
    inBooks: (invoice) => {
      xero.user.approveInvoice(invoice);
      lock("2026-01-05");
    },
    codes: ["correction-proposed"],
  },
  "is paid a part of it": {
    inBooks: (invoice) => {
      xero.user.approveInvoice(invoice);
      xero.user.pay(invoice, { ...payment, Amount: "40.00" });
    },
    codes: ["correction-proposed"],
  },
  "is paid all of it": {
    inBooks: (invoice) => {
      xero.user.approveInvoice(invoice);
      xero.user.pay(invoice, { ...payment, Amount: "100.00" });
    },
    codes: ["correction-proposed"],
  },
  "credits it": {
    inBooks: (invoice) => {
      xero.user.approveInvoice(invoice);
      const id = xero.user.createCreditNote({
        Type: "ACCRECCREDIT",
        Contact: { ContactID: booksIdOf("customer") },
        Date: "2026-01-05",
        LineAmountTypes: "NoTax",
        LineItems: [{ Description: "x", Quantity: "1", UnitAmount: "30", AccountCode: "200" }],
      });
      xero.user.approveCreditNote(id);
      const allocation = { Invoice: { InvoiceID: invoice }, Amount: "30.00", Date: "2026-01-05" };
      xero.user.allocate({ id, kind: "CreditNote" }, allocation);
    },
    codes: ["correction-by-hand"],
  },
  "voids it": {
    inBooks: (invoice) => {
      xero.user.approveInvoice(invoice);
      xero.user.voidInvoice(invoice);
    },
    codes: ["document-void"],
  },
};

describe("a change of an order, while a bookkeeper", () => {
  it.each(Object.entries(doings))("%s, is not sent to be refused", async (_name, doing) => {
    await sell();
    world.ports.clock.advance(LATER_MS);
    doing.inBooks(booksIdOf("invoice"));

    await sell(more);

    expect(refusals).toEqual([]);
    expect(await parkedCodes()).toEqual(doing.codes);
  });

  it.each(Object.entries(doings))("%s, would be refused without the look", async (_name, doing) => {
    await stage("blind");
    await sell();
    doing.inBooks(booksIdOf("invoice"));

    await sell(more);

    expect(refusals).not.toEqual([]);
  });
});

describe("an invoice that is to be made", () => {
  it.each([
    ["in a closed period", { orderedOn: "2025-12-31" }, "period-closed"],
    ["in a currency the books lack", { currency: "SEK" }, "currency-not-in-books"],
  ])("%s is not sent to be refused", async (_name, fields, code) => {
    lock("2025-12-31");
    await sell(fields);

    expect(refusals).toEqual([]);
    expect(await parkedCodes()).toEqual([code]);
  });

  it.each([
    ["in a closed period", { orderedOn: "2025-12-31" }],
    ["in a currency the books lack", { currency: "SEK" }],
  ])("%s would be refused without the look", async (_name, fields) => {
    await stage("blind");
    lock("2025-12-31");
    await sell(fields);

    expect(refusals).not.toEqual([]);
  });

  it("for a contact that was archived waits, and is not sent", async () => {
    xero.user.archiveContact(booksIdOf("customer"));
    await told("books", "customer", booksIdOf("customer"));
    await sell();

    expect(refusals).toEqual([]);
    const waiting = (await world.ports.parked.listWaiting(10)).records;
    expect(waiting.map(({ failure }) => failure?.code)).toEqual(["waits-for-ended-record"]);
  });
});

describe("an approved correction", () => {
  it("of an invoice of a closed period makes two drafts of an open day, and nothing is refused", async () => {
    await sell();
    const first = booksIdOf("invoice");
    xero.user.approveInvoice(first);
    await told("books", "invoice", first);
    world.ports.clock.advance(LATER_MS);
    lock("2026-01-31");
    await world.poll("full");
    await sell({ ...more, dueOn: "2026-01-20" });
    const order = world.ports.all().find(({ recordType }) => recordType === "order");
    const orderId = order?.canonicalId ?? "";
    const hash = String((await viewCorrection(world.deps, orderId))?.["hash"]);

    const choice = { orderId, hash, decision: "approved", by: "jane" } as const;
    expect(await decideCorrection(world.deps, choice)).toMatchObject({ datedOn: "2026-02-01" });
    await world.settle();

    expect(refusals).toEqual([]);
    expect(await parkedCodes()).toEqual([]);
    const made = world.ports
      .all()
      .filter(({ recordType }) => recordType === "invoice" || recordType === "creditNote")
      .map(({ recordType, fields }) => [
        recordType,
        fields["status"],
        fields["issuedOn"],
        fields["total"],
      ])
      .sort();
    expect(made).toEqual([
      ["creditNote", "draft", "2026-02-01", money(10_000n, "USD")],
      ["invoice", "draft", "2026-02-01", money(12_000n, "USD")],
      ["invoice", "issued", "2026-01-05", money(10_000n, "USD")],
    ]);
  });
});
