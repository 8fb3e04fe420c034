import { describe, expect, it } from "vitest";
import { type CrossReference, newCrossReference } from "#shared/domain/cross-reference.ts";
import {
  billedDays,
  type ContractToBill,
  deriveContract,
  instalmentIdsOf,
} from "#shared/domain/derive-contract.ts";
import { invoiceIdOf } from "#shared/domain/derive-invoice.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import { money } from "#shared/domain/money.ts";
import type { DocumentLine, Fields } from "#shared/domain/records.ts";

const orderId = "order-000000000000000000000001";
const customer = { canonicalId: "customer-000000000000000000000001" };
const at = "2026-11-22T10:00:00.000Z";
const line: DocumentLine = {
  product: null,
  productCode: "S-1",
  description: "Support",
  quantity: "1",
  unitPrice: "90.00",
  discountRate: "0",
  amount: money(9_000n, "EUR"),
};

function aContract(overrides: Fields = {}): CrossReference {
  return {
    ...newCrossReference(orderId, "order", at),
    fields: {
      number: "SO-17",
      status: "won",
      customer,
      orderedOn: "2026-01-05",
      dueOn: "2026-02-01",
      currency: "EUR",
      taxTreatment: "exclusive",
      lines: [line],
      billingPeriod: "monthly",
      billingStartsOn: "2026-01-15",
      billingEndsOn: "2026-04-04",
      ...overrides,
    },
  };
}

function anInvoice(canonicalId: CanonicalId, fields: Fields): CrossReference {
  const invoice = { ...newCrossReference(canonicalId, "invoice", at), fields };
  const isWithdrawn = fields["status"] === "deleted";
  return isWithdrawn ? { ...invoice, sources: { status: { by: "tieout", at } } } : invoice;
}

function idOf(day: string, turn = 0): CanonicalId {
  return instalmentIdsOf(orderId, day)[turn] ?? "";
}

function derive(contract: Partial<ContractToBill> = {}) {
  const invoices = contract.invoices ?? [];
  return deriveContract({
    order: aContract(),
    termsDays: 14,
    today: "2026-02-20",
    ...contract,
    invoices,
  });
}

describe("a won contract", () => {
  it("gives a draft for each period whose day has come, and names the next day", () => {
    const fields = {
      customer,
      order: { canonicalId: orderId },
      currency: "EUR",
      taxTreatment: "exclusive",
      lines: [line],
    };

    expect(derive()).toEqual({
      kind: "invoices",
      invoices: [
        {
          kind: "invoice",
          canonicalId: idOf("2026-01-15"),
          fields: {
            ...fields,
            reference: "SO-17/2026-01-15",
            issuedOn: "2026-01-15",
            dueOn: "2026-01-29",
          },
        },
        {
          kind: "invoice",
          canonicalId: idOf("2026-02-15"),
          fields: {
            ...fields,
            reference: "SO-17/2026-02-15",
            issuedOn: "2026-02-15",
            dueOn: "2026-03-01",
          },
        },
      ],
      issued: [],
      nextOn: "2026-03-15",
    });
  });

  it("bills a period that its end cuts short by its days, and none after it", () => {
    const last = derive({ today: "2027-01-01" });

    expect(last).toMatchObject({
      nextOn: undefined,
      invoices: [{}, {}, { canonicalId: idOf("2026-03-15") }],
    });
    // 21 of 31 days of 90.00.
    expect(last).toHaveProperty("invoices.2.fields.lines", [
      {
        ...line,
        description: "Support (21 of 31 days)",
        unitPrice: "60.97",
        amount: money(6_097n, "EUR"),
      },
    ]);
  });

  it("bills freight once, with the first period", () => {
    const order = aContract({ shipping: money(500n, "EUR") });

    const derivation = derive({ order });

    expect(derivation).toHaveProperty("invoices.0.fields.lines.1.role", "shipping");
    expect(derivation).toHaveProperty("invoices.1.fields.lines", [line]);
  });

  it("leaves what was issued as it is, and follows with its drafts", () => {
    const invoices = [
      anInvoice(idOf("2026-01-15"), { status: "paid" }),
      anInvoice(idOf("2026-02-15"), { status: "draft" }),
    ];
    const order = aContract({ lines: [{ ...line, amount: money(9_500n, "EUR") }] });

    expect(derive({ order, invoices })).toMatchObject({
      invoices: [{ canonicalId: idOf("2026-02-15") }],
    });
  });

  it("does not make again what a bookkeeper deleted", () => {
    const deleted = newCrossReference(idOf("2026-01-15"), "invoice", at);
    const sources = { status: { by: "books", at } };
    const invoices = [{ ...deleted, fields: { status: "deleted" }, sources }];

    expect(derive({ invoices })).toMatchObject({
      invoices: [{ canonicalId: idOf("2026-02-15") }],
    });
  });

  it("takes back a draft that its terms do not ask for any more", () => {
    const invoices = [
      anInvoice(idOf("2026-01-01"), { status: "draft" }),
      anInvoice(invoiceIdOf(orderId), {}),
    ];

    expect(derive({ invoices })).toMatchObject({
      invoices: [
        { canonicalId: idOf("2026-01-01"), fields: { status: "deleted" } },
        { canonicalId: invoiceIdOf(orderId), fields: { status: "deleted" } },
        { canonicalId: idOf("2026-01-15") },
        { canonicalId: idOf("2026-02-15") },
      ],
    });
  });

  it("names what was issued beside what its terms ask for now, if they ask for it", () => {
    const paid = anInvoice(idOf("2026-01-15"), { status: "paid" });
    const tooMany = anInvoice(idOf("2026-01-01"), { status: "issued" });

    expect(derive({ invoices: [paid, tooMany] })).toMatchObject({
      invoices: [{ canonicalId: idOf("2026-02-15") }],
      issued: [
        { invoice: tooMany, wanted: undefined },
        { invoice: paid, wanted: { reference: "SO-17/2026-01-15", lines: [line] } },
      ],
    });
  });

  it.each([
    ["customer", { customer: null }, "order-has-no-customer"],
    ["lines", { lines: [] }, "order-has-no-lines"],
    ["start", { billingStartsOn: null, orderedOn: null }, "contract-terms-unreadable"],
    ["end after its start", { billingEndsOn: "2026-01-14" }, "contract-terms-unreadable"],
    [
      "end within the calendar",
      { billingStartsOn: "9999-12-31", billingEndsOn: null },
      "contract-terms-unreadable",
    ],
    ["end within bounds", { billingEndsOn: "2046-01-15" }, "contract-too-long"],
  ])("is held without a %s, and says what to do", (_name, fields, code) => {
    expect(derive({ order: aContract(fields), today: "9999-12-31" })).toMatchObject({
      kind: "held",
      code,
      fix: expect.stringMatching(/\S+\.$/),
    });
  });

  it("is billed anew under an id of its own when it was lost and is won again", () => {
    const invoices = [anInvoice(idOf("2026-01-15"), { status: "deleted" })];

    expect(derive({ invoices })).toMatchObject({
      invoices: [{ canonicalId: idOf("2026-01-15", 1) }, { canonicalId: idOf("2026-02-15") }],
    });
  });

  it("is held when it was won and lost too often", () => {
    const invoices = instalmentIdsOf(orderId, "2026-01-15").map((id) =>
      anInvoice(id, { status: "deleted" }),
    );

    expect(derive({ invoices })).toMatchObject({ kind: "held", code: "order-rewon-too-often" });
  });
});

describe("a contract that is won no more", () => {
  it("has its drafts taken back; what was issued stays, and nothing is to come", () => {
    const invoices = [
      anInvoice(idOf("2026-01-15"), { status: "issued" }),
      anInvoice(idOf("2026-02-15"), { status: "draft" }),
    ];

    expect(derive({ order: aContract({ status: "lost" }), invoices })).toEqual({
      kind: "invoices",
      invoices: [{ canonicalId: idOf("2026-02-15"), fields: { status: "deleted" } }],
      issued: [],
      nextOn: undefined,
    });
  });
});

describe("an order that was a contract", () => {
  it("has the drafts of its periods taken back, but not its own; what was issued is named", () => {
    const issued = anInvoice(idOf("2026-02-15"), { status: "issued" });
    const invoices = [
      anInvoice(idOf("2026-01-15"), { status: "draft" }),
      issued,
      anInvoice(invoiceIdOf(orderId), { status: "draft" }),
    ];

    expect(derive({ order: aContract({ billingPeriod: "once" }), invoices })).toEqual({
      kind: "invoices",
      invoices: [{ canonicalId: idOf("2026-01-15"), fields: { status: "deleted" } }],
      issued: [{ invoice: issued, wanted: undefined }],
      nextOn: undefined,
    });
  });
});

describe("the ids of instalments", () => {
  it("are a function of the order and the day, and all differ", () => {
    const ids = [
      ...instalmentIdsOf(orderId, "2026-01-15"),
      ...instalmentIdsOf(orderId, "2026-02-15"),
      ...instalmentIdsOf("order-000000000000000000000002", "2026-01-15"),
      invoiceIdOf(orderId),
    ];

    expect(instalmentIdsOf(orderId, "2026-01-15")).toEqual(ids.slice(0, 10));
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("are needed for the days that have come, of contracts alone", () => {
    expect(billedDays(aContract().fields, "2026-02-20")).toEqual(["2026-01-15", "2026-02-15"]);
    expect(billedDays(aContract({ billingPeriod: null }).fields, "2026-02-20")).toEqual([]);
    expect(billedDays(aContract({ billingStartsOn: "x" }).fields, "2026-02-20")).toEqual([]);
  });
});
