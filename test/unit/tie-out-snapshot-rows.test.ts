import { describe, expect, it } from "vitest";
import { canonicalIdOf } from "#shared/domain/fingerprint.ts";
import { money } from "#shared/domain/money.ts";
import type { Fields, ObservedRecord } from "#shared/domain/records.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import {
  sideOfConnection,
  snapshotRowOf,
  unreadableRow,
} from "#shared/domain/tie-out/snapshot-rows.ts";

const euro = (minor: bigint) => money(minor, "EUR");
const line = (minor: bigint) => ({
  product: null,
  productCode: null,
  description: null,
  quantity: "1",
  unitPrice: "1",
  discountRate: "0",
  amount: euro(minor),
});

function seen(recordType: ObservedRecord["recordType"], fields: Fields): ObservedRecord {
  return { recordType, externalId: "7", version: 5, life: "live", fields };
}

function order(fields: Fields): ObservedRecord {
  const base = {
    number: "SO-7",
    status: "won",
    currency: "EUR",
    lines: [line(1_000n), line(500n)],
  };
  return seen("order", { ...base, ...fields });
}

describe("the row of an order", () => {
  it("has its own lines and freight, and as gross what it shows as invoiced", () => {
    const row = snapshotRowOf(
      "crm",
      order({ shipping: euro(250n), amountInvoiced: euro(2_118n), amountTax: euro(368n) }),
    );

    expect(row).toMatchObject({
      record_key: "SO-7",
      ordered_minor: 1_750n,
      net_minor: 1_750n,
      tax_minor: 368n,
      gross_minor: 2_118n,
      status: "unbilled",
    });
  });

  it("says nothing of net and gross that it does not know", () => {
    const row = snapshotRowOf("crm", order({ taxTreatment: "inclusive" }));

    expect(row).toMatchObject({ ordered_minor: 1_500n, net_minor: null, gross_minor: 1_500n });
  });

  it("has no single sum where it is billed again and again", () => {
    const row = snapshotRowOf(
      "crm",
      order({ billingPeriod: "monthly", amountInvoiced: euro(600n), amountTax: euro(100n) }),
    );

    expect(row).toMatchObject({ ordered_minor: null, net_minor: 500n, gross_minor: 600n });
  });

  it.each([
    ["open", {}, "open"],
    ["lost", { invoiceStatus: "paid" }, "lost"],
    ["won", { invoiceStatus: "paid" }, "paid"],
    ["won", { invoiceStatus: null }, "unbilled"],
  ])("that is %s has the state of what it shows", (status, shown, state) => {
    expect(snapshotRowOf("crm", order({ status, ...shown })).status).toBe(state);
  });
});

describe("the row of a document in the books", () => {
  it.each([
    ["SO-7", "SO-7", null],
    [" SO-7/002 ", "SO-7/002", "SO-7"],
    ["SO-7/2026-03-31", "SO-7/2026-03-31", "SO-7"],
    ["SO-7/2026-03-31/002", "SO-7/2026-03-31/002", "SO-7"],
    ["2026/7", "2026/7", null],
    ["2026/001", "2026/001", "2026"],
    ["", "books:7", null],
    [null, "books:7", null],
  ])("with the reference %o goes by %s, or by the order %s", (reference, key, number) => {
    const row = snapshotRowOf("books", seen("invoice", { reference }));

    expect([row.record_key, row.order_number]).toEqual([key, number]);
  });

  it("has money that went back below zero", () => {
    const fields = { kind: "refund", amount: euro(100n) };

    expect(snapshotRowOf("books", seen("payment", fields)).gross_minor).toBe(-100n);
  });

  it("takes out what was written off: no bank has seen it, and its invoice is not paid by it", () => {
    const loss = { kind: "write-off", source: "7", target: "8", allocatedOn: null } as const;
    const invoice = {
      total: euro(100n),
      amountPaid: euro(100n),
      amountCredited: euro(0n),
      amountDue: euro(0n),
      allocations: [{ ...loss, amount: euro(60n) }],
    };

    const fields = { kind: "write-off", amount: euro(60n) };
    expect(snapshotRowOf("books", seen("payment", fields)).excluded_by).toBe("written-off");
    expect(snapshotRowOf("books", seen("invoice", invoice)).paid_minor).toBe(40n);
  });
});

describe("every row", () => {
  it("goes by our id where the record carries it, else by the id that its own name gives", () => {
    const customer = seen("customer", {});

    const unmarked = snapshotRowOf("crm", customer).registered_id;
    const marked = snapshotRowOf("crm", { ...customer, registeredId: "customer-x" }).registered_id;

    expect(unmarked).toBe(canonicalIdOf("customer", "crm#customer#7"));
    expect(marked).toBe("customer-x");
  });

  it("tells an ended record and an excluded one", () => {
    const row = snapshotRowOf("books", {
      ...seen("customer", {}),
      life: "archived",
      excluded: "supplier-only",
    });

    expect(row).toMatchObject({ status: "archived", excluded_by: "supplier-only" });
  });

  it("is there for a record that could not be read", () => {
    expect(unreadableRow("crm", "9")).toMatchObject({
      external_id: "9",
      excluded_by: "unreadable",
    });
  });

  it("is of a side that is known", () => {
    expect(sideOfConnection("books")).toBe("books");
    expect(() => sideOfConnection("northwind")).toThrow(SyncError);
  });
});
