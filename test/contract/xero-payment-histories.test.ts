/**
 * Random payment histories: receipts, deposits, overpayments, refunds, credit notes, reversals and
 * write-offs, as a bookkeeper makes them in the simulated Xero and the connector reads them. After every
 * step an invoice's total is what was allocated and what is open, and what was written off is no money
 * that came in.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createXeroSimulator } from "#infra/local/simulators/xero/simulator.ts";
import type { Transport } from "#shared/connectors/transport.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { settlementOf } from "#shared/domain/allocations.ts";
import type { RecordType } from "#shared/domain/identifiers.ts";
import type { Money } from "#shared/domain/money.ts";
import { isAllocations, isMoney, type ObservedRecord } from "#shared/domain/records.ts";
import type { Connector } from "#shared/ports/connector.ts";
import {
  type PaymentHistory,
  paymentHistory,
  SettledInvoice,
} from "#test/support/xero-histories.ts";

/** Many histories a world, since one read tells of as many invoices. */
const HISTORIES_A_WORLD = 40;
const WORLDS = 250;
const ACTS_A_HISTORY = 6;
const { signal } = new AbortController();

describe("10,000 random payment histories", () => {
  it("keep every total at what was allocated and what is open, after every step", async () => {
    const histories = fc.array(paymentHistory(ACTS_A_HISTORY), {
      minLength: HISTORIES_A_WORLD,
      maxLength: HISTORIES_A_WORLD,
    });
    await fc.assert(
      fc.asyncProperty(histories, async (world) => playOut(world)),
      { numRuns: WORLDS, endOnFailure: true },
    );
  }, 600_000);
});

async function playOut(histories: readonly PaymentHistory[]): Promise<void> {
  const { simulator, connector } = openBooks();
  const contactId = simulator.user.createContact({ Name: "Acme" });
  const invoices = histories.map(
    (history) => new SettledInvoice(simulator.user, contactId, history),
  );
  for (let step = 0; step < ACTS_A_HISTORY; step += 1) {
    histories.forEach(({ acts }, index) => {
      const next = acts[step];
      if (next !== undefined) invoices[index]?.act(next);
    });
    await compareInvoices(connector, invoices);
  }
  await compareCredits(connector, invoices);
}

/** What each invoice shows and what the model says of it, side by side and all at once. */
async function compareInvoices(
  connector: Connector,
  invoices: readonly SettledInvoice[],
): Promise<void> {
  const ids = invoices.map(({ invoiceId }) => invoiceId);
  const { records, unreadable, missing } = await connector.readByIds("invoice", ids, signal);
  const byId = new Map(records.map((record) => [record.externalId, record]));
  const shown = invoices.map(({ invoiceId }) => {
    const view = viewOf(byId.get(invoiceId), "amountDue");
    const uses = view.allocations.map(({ kind, source, minor }) => `${kind} ${source} ${minor}`);
    const fields = byId.get(invoiceId)?.fields ?? {};
    const { paid, writtenOff } = settlementOf(fields, fields["total"] as Money);
    const settled = { received: paid.minor, writtenOff: writtenOff.minor };
    return { ...view, ...settled, allocations: uses.sort() };
  });
  expect({ unreadable, missing, shown }).toEqual({
    unreadable: [],
    missing: [],
    shown: invoices.map((invoice) => ({
      status: invoice.due === 0n ? "paid" : "issued",
      total: invoice.total,
      open: invoice.due,
      allocatedAndOpen: invoice.total,
      received: invoice.received,
      writtenOff: invoice.writtenOff,
      allocations: invoice.invoiceAllocations(),
    })),
  });
}

/** Deposits and overpayments come with the payments, credit notes by themselves. */
async function compareCredits(
  connector: Connector,
  invoices: readonly SettledInvoice[],
): Promise<void> {
  const payments = await readEvery(connector, "payment");
  const read = new Map([...payments, ...(await readEvery(connector, "creditNote"))]);
  const credits = invoices.flatMap((invoice) =>
    invoice.credits.map((credit) => ({ invoice, credit })),
  );
  const shown = credits.map(({ credit }) => {
    const { status, ...view } = viewOf(read.get(credit.key.id), "amountOpen");
    const uses = view.allocations.map(({ kind, target, minor }) => `${kind} ${target} ${minor}`);
    return { ...view, allocations: uses.sort() };
  });
  expect(shown).toEqual(
    credits.map(({ invoice, credit }) => ({
      total: credit.total,
      open: invoice.openOf(credit),
      allocatedAndOpen: credit.total,
      allocations: invoice.creditAllocations(credit),
    })),
  );
}

async function readEvery(
  connector: Connector,
  recordType: RecordType,
): Promise<Map<string, ObservedRecord>> {
  const read = new Map<string, ObservedRecord>();
  let cursor: string | undefined;
  for (let page = 0; page < 50; page += 1) {
    const { records, unreadable, nextCursor } = await connector.readChanges(recordType, {
      cursor,
      signal,
    });
    expect(unreadable).toEqual([]);
    for (const record of records) read.set(record.externalId, record);
    if (nextCursor === undefined) return read;
    cursor = nextCursor;
  }
  throw new Error("The pages have no end");
}

function viewOf(record: ObservedRecord | undefined, openField: "amountDue" | "amountOpen") {
  const fields = record?.fields ?? {};
  const { allocations, status, [openField]: open } = fields;
  const total = fields["total"] ?? fields["amount"];
  if (!isMoney(total) || !isMoney(open) || !isAllocations(allocations)) {
    throw new Error(`Not all of ${record?.externalId} is shown`);
  }
  const lines = allocations.map(({ amount, ...rest }) => ({ ...rest, minor: amount.minor }));
  return {
    status,
    total: total.minor,
    open: open.minor,
    allocatedAndOpen: lines.reduce((sum, { minor }) => sum + minor, open.minor),
    allocations: lines,
  };
}

/** Books in this process: a call is a function call. */
function openBooks() {
  let nowMs = Date.UTC(2026, 10, 20);
  const simulator = createXeroSimulator({
    token: "fixed-token",
    tenantId: "fe79f7dd-b6d4-4a92-ba7b-538af6289c58",
    webhookKey: "webhook-key",
    baseCurrency: "USD",
    limits: { perMinute: 1_000_000, perDay: 1_000_000, concurrent: 100 },
    now: () => {
      nowMs += 1;
      return nowMs;
    },
  });
  const transport: Transport = {
    send: async ({ method, url, headers, body }) => {
      const outcome = simulator.dispatch({ method, url, headers, rawBody: body });
      if (typeof outcome === "string") throw new Error(`No answer: ${outcome}`);
      const { status, body: text = "" } = outcome;
      return { status, headers: new Headers(outcome.headers), text };
    },
  };
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    tenantId: simulator.tenantId,
    auth: { kind: "token", token: simulator.token },
    webhookKey: simulator.webhookKey,
    writeOffAccounts: ["410"],
  });
  return { simulator, connector: createXeroConnector(settings, { transport, now: () => nowMs }) };
}
