import { describe, expect, it } from "vitest";
import { createRelationStore } from "#shared/aws/dynamodb-relations.ts";
import type { Item, Table } from "#shared/aws/table.ts";
import { money } from "#shared/domain/money.ts";

/** A partition that holds these bodies, as an earlier version stored them. */
function storeWith(...bodies: readonly object[]) {
  const items: Item[] = bodies.map((body, index) => ({
    document: { S: `document-${index}` },
    revision: { N: "3" },
    body: { S: JSON.stringify(body) },
  }));
  const table: Pick<Table, "list"> = { list: async () => items };
  return createRelationStore(table as Table);
}

describe("documents that an earlier version stored", () => {
  it("load an invoice as credited with nothing and of unknown cost", async () => {
    const store = storeWith({
      kind: "invoice",
      number: "INV-1",
      status: "issued",
      dueOn: null,
      total: "12000 EUR",
      tax: "2000 EUR",
      amountPaid: "500 EUR",
      amountDue: "11500 EUR",
    });

    expect(await store.list("customer-1")).toEqual([
      {
        kind: "invoice",
        canonicalId: "document-0",
        revision: 3,
        number: "INV-1",
        status: "issued",
        dueOn: null,
        total: money(12_000n, "EUR"),
        tax: money(2_000n, "EUR"),
        amountPaid: money(500n, "EUR"),
        amountCredited: money(0n, "EUR"),
        amountWrittenOff: money(0n, "EUR"),
        amountDue: money(11_500n, "EUR"),
        costOfSales: null,
      },
    ]);
  });

  it("load a payment as a receipt of unknown amount", async () => {
    const store = storeWith({ kind: "payment", isSettled: true, paidOn: "2026-11-10" });

    expect(await store.list("customer-1")).toEqual([
      {
        kind: "payment",
        canonicalId: "document-0",
        revision: 3,
        paymentKind: "receipt",
        isSettled: true,
        paidOn: "2026-11-10",
        amount: null,
        amountOpen: null,
      },
    ]);
  });

  it.each([
    ["kind", { kind: "parcel" }],
    ["paymentKind", { kind: "payment", paymentKind: "gift", isSettled: true, paidOn: null }],
  ])("are refused where a newer version stored their %s", async (field, body) => {
    await expect(storeWith(body).list("customer-1")).rejects.toMatchObject({
      failure: { code: "stored-record-unreadable", field },
    });
  });
});
