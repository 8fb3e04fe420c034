/** Payments of every kind, and the walk over the three lists that hold them, without a simulator. */
import { describe, expect, it } from "vitest";
import type { HttpResponse, Transport } from "#shared/connectors/transport.ts";
import { booksOf } from "#shared/connectors/xero/books.ts";
import { createXeroConnector } from "#shared/connectors/xero/index.ts";
import { toOverpayment, toPrepayment } from "#shared/connectors/xero/mapping-deposit.ts";
import { toEmbeddedPayment, toPayment } from "#shared/connectors/xero/mapping-payment.ts";
import { readingFailure } from "#shared/connectors/xero/resources.ts";
import { xeroSettings } from "#shared/contracts/connections.ts";
import { parseExact } from "#shared/domain/json.ts";
import { parseMoney } from "#shared/domain/money.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

const { signal } = new AbortController();
const books = booksOf({
  id: "books",
  salesAccountCode: "200",
  shippingAccountCode: undefined,
  taxTypes: {},
});
const customer = { connection: "books", recordType: "customer", externalId: "c-1" };
const eur = (text: string) => parseMoney(text, "EUR");

describe("a refund", () => {
  const document = { CurrencyCode: "EUR", Contact: { ContactID: "c-1" } };

  it.each([
    ["under its own name", { CreditNote: { ...document, CreditNoteID: "n-1" } }],
    ["under the name of an invoice", { Invoice: { ...document, InvoiceID: "n-1" } }],
  ])("of a credit note shown %s names it", (_name, shown) => {
    const record = toPayment(aPayment({ PaymentType: "ARCREDITPAYMENT", ...shown }), books);

    expect(record.fields).toMatchObject({
      kind: "refund",
      creditNote: { connection: "books", recordType: "creditNote", externalId: "n-1" },
      customer,
      amount: eur("20.00"),
    });
    expect(record.fields).not.toHaveProperty("invoice");
  });

  it.each([
    ["ARPREPAYMENTPAYMENT", { Prepayment: { ...document, PrepaymentID: "d-1" } }],
    ["AROVERPAYMENTPAYMENT", { Overpayment: { ...document, OverpaymentID: "o-1" } }],
  ])("of type %s is for no credit note", (PaymentType, shown) => {
    const { fields } = toPayment(aPayment({ PaymentType, ...shown }), books);

    expect(fields).toMatchObject({ kind: "refund", customer, amount: eur("20.00") });
    expect(fields).not.toHaveProperty("creditNote");
  });

  it("that says of no credit note cannot be read", () => {
    const shown = { PaymentType: "ARCREDITPAYMENT", CreditNote: document };
    expect(failureOf(() => toPayment(aPayment(shown), books))).toMatchObject({
      code: "credit-note-missing",
    });
  });

  it("inside a credit note has that note's version, customer and currency", () => {
    const paid = {
      recordType: "creditNote" as const,
      externalId: "n-1",
      version: 7,
      currency: "EUR",
      customer: { ...customer, recordType: "customer" as const },
    };
    const record = toEmbeddedPayment(exact({ PaymentID: "p-1", Amount: 5 }), paid, books);

    expect(record).toMatchObject({
      version: 7,
      fields: {
        kind: "refund",
        creditNote: { externalId: "n-1" },
        customer,
        amount: eur("5.00"),
      },
    });
  });
});

describe("money that came in ahead, or on top", () => {
  const uses = {
    Allocations: [{ Invoice: { InvoiceID: "v-1" }, Amount: 30, Date: date("2026-10-05") }],
    Payments: [{ PaymentID: "p-7", Amount: 20, Date: date("2026-10-06") }],
    RemainingCredit: 50,
  };

  it.each([
    ["deposit", "RECEIVE-PREPAYMENT", toPrepayment],
    ["deposit", "ARPREPAYMENT", toPrepayment],
    ["overpayment", "RECEIVE-OVERPAYMENT", toOverpayment],
    ["overpayment", "AROVERPAYMENT", toOverpayment],
  ] as const)("is a payment of kind %s in type %s", (kind, Type, read) => {
    const record = read(anAdvance({ Type, ...uses }), books);

    expect(record).toMatchObject({
      recordType: "payment",
      externalId: "a-1",
      life: "live",
      fields: {
        kind,
        customer,
        status: "settled",
        amount: eur("100.00"),
        amountOpen: eur("50.00"),
        paidOn: "2026-10-01",
        reference: "INV-9",
      },
    });
    expect(record.fields["allocations"]).toEqual([
      { kind, source: "a-1", target: "v-1", amount: eur("30.00"), allocatedOn: "2026-10-05" },
      {
        kind: "payment",
        source: "p-7",
        target: "a-1",
        amount: eur("20.00"),
        allocatedOn: "2026-10-06",
      },
    ]);
  });

  it.each([
    ["AUTHORISED", 100, "settled"],
    ["PAID", 100, "settled"],
    ["VOIDED", 0, "deleted"],
  ])("with status %s is %s", (Status, RemainingCredit, status) => {
    const { fields } = toPrepayment(anAdvance({ Status, RemainingCredit }), books);
    expect(fields["status"]).toBe(status);
  });

  it.each(["SPEND-PREPAYMENT", "APPREPAYMENT"])("of type %s takes no part", (Type) => {
    const record = toPrepayment(anAdvance({ Type }), books);
    expect(record).toMatchObject({ excluded: "not-an-invoice-payment", fields: {} });
  });

  it.each([
    ["allocations-unbalanced", "RemainingCredit", { RemainingCredit: 99 }],
    ["value-unknown", "Status", { Status: "HELD" }],
    ["amount-missing", "Total", { Total: undefined }],
    ["amount-missing", "Allocations[0].Amount", { Allocations: [{ Invoice: { InvoiceID: "v" } }] }],
    ["record-unreadable", "Allocations[0].Invoice", { Allocations: [{ Amount: 1 }] }],
  ])("cannot be read where it shows %s at %s", (code, field, part) => {
    expect(
      failureOf(() => toOverpayment(anAdvance({ Type: "AROVERPAYMENT", ...part }), books)),
    ).toEqual({ kind: "invalid-input", code, field });
  });
});

describe("a walk over the lists of payments", () => {
  it("reads first pages first, then each list to its end", async () => {
    const { paths, walk } = connect({ Payments: 3, Prepayments: 1, Overpayments: 2 });

    await walk();

    expect(paths()).toEqual([
      "Payments 1",
      "Prepayments 1",
      "Overpayments 1",
      "Payments 2",
      "Overpayments 2",
      "Payments 3",
    ]);
  });

  it("begins anew where too much time went by between two first pages", async () => {
    const clock = { nowMs: 0 };
    const { connector, paths } = connect({ Payments: 1, Prepayments: 1, Overpayments: 1 }, clock);

    const first = await connector.readChanges("payment", { signal });
    clock.nowMs += 61_000;
    const again = await connector.readChanges("payment", { cursor: first.nextCursor, signal });
    clock.nowMs += 59_000;
    await connector.readChanges("payment", { cursor: again.nextCursor, signal });

    expect(paths()).toEqual(["Payments 1", "Payments 1", "Prepayments 1"]);
  });

  it("goes on however late, once all first pages were read", async () => {
    const clock = { nowMs: 0 };
    const { paths, walk } = connect({ Payments: 3, Prepayments: 1, Overpayments: 1 }, clock);

    await walk((page) => {
      if (page >= 3) clock.nowMs += 3_600_000;
    });

    expect(paths().slice(3)).toEqual(["Payments 2", "Payments 3"]);
  });

  it.each(["2", "0:Payments/2", "x:Payments/2", "0:Bills/2", "0:Payments/0", "0:"])(
    "tells a cursor of its own from %s",
    async (cursor) => {
      const { connector } = connect({ Payments: 2, Prepayments: 1, Overpayments: 1 });
      const read = connector.readChanges("payment", { cursor, signal });
      const isOwn = cursor === "0:Payments/2";

      const outcome = await read.then(
        () => "read",
        (cause: unknown) => (cause instanceof SyncError ? cause.failure.code : "thrown"),
      );
      expect(outcome).toBe(isOwn ? "read" : "cursor-unreadable");
    },
  );
});

function connect(
  pageCounts: Readonly<Record<"Payments" | "Prepayments" | "Overpayments", number>>,
  clock = { nowMs: 0 },
) {
  const asked: string[] = [];
  const transport: Transport = {
    send: async ({ url }) => {
      const { pathname, searchParams } = new URL(url);
      const list = pathname.replace("/api.xro/2.0/", "") as keyof typeof pageCounts;
      asked.push(`${list} ${searchParams.get("page")}`);
      return ok({ [list]: [], pagination: { pageCount: pageCounts[list] } });
    },
  };
  const settings = xeroSettings.parse({
    id: "books",
    system: "xero",
    baseUrl: "https://api.example",
    tenantId: "tenant-1",
    auth: { kind: "token", token: "fixed-token" },
    webhookKey: "webhook-key",
  });
  const connector = createXeroConnector(settings, { transport, now: () => clock.nowMs });
  const walk = async (before: (page: number) => void = () => undefined): Promise<void> => {
    let cursor: string | undefined;
    for (let page = 0; page < 20; page += 1) {
      before(page);
      const read = await connector.readChanges("payment", { cursor, signal });
      cursor = read.nextCursor;
      if (cursor === undefined) return;
    }
    throw new Error("The walk has no end");
  };
  return { connector, paths: () => asked, walk };
}

function ok(body: unknown): HttpResponse {
  return { status: 200, headers: new Headers(), text: JSON.stringify(body) };
}

function aPayment(overrides: object): unknown {
  return exact({
    PaymentID: "p-1",
    PaymentType: "ACCRECPAYMENT",
    Status: "AUTHORISED",
    Date: date("2026-10-01"),
    Amount: 20,
    UpdatedDateUTC: date("2026-10-01"),
    ...overrides,
  });
}

function anAdvance(overrides: object): unknown {
  return exact({
    PrepaymentID: "a-1",
    OverpaymentID: "a-1",
    Type: "RECEIVE-PREPAYMENT",
    Contact: { ContactID: "c-1" },
    Status: "AUTHORISED",
    Date: date("2026-10-01"),
    CurrencyCode: "EUR",
    Reference: "INV-9",
    Total: 100,
    RemainingCredit: 100,
    Allocations: [],
    Payments: [],
    UpdatedDateUTC: date("2026-10-01"),
    ...overrides,
  });
}

/** As it arrives: numbers as text. */
function exact(value: unknown): unknown {
  return parseExact(JSON.stringify(value));
}

function date(day: string): string {
  return `/Date(${Date.parse(day)}+0000)/`;
}

function failureOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (cause) {
    return cause instanceof SyncError ? cause.failure : readingFailure(cause);
  }
}
