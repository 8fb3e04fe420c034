/** Custom fields through the whole engine: they flow, are put back, and clear as their policies say. */
import { beforeEach, describe, expect, it } from "vitest";
import type { CustomField } from "#shared/domain/custom-field.ts";
import { text } from "#shared/domain/lenses.ts";
import { money } from "#shared/domain/money.ts";
import { manual } from "#shared/domain/policies.ts";
import type { FieldValue } from "#shared/domain/records.ts";
import { flowsWith } from "#shared/flows/flows.ts";
import { customFieldsOfTests } from "#test/support/custom-fields.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const riskNote: CustomField = {
  recordType: "customer",
  field: "riskNote",
  holds: { kind: "text" },
  policy: manual,
  places: { crm: { at: "risk_note", lens: text }, books: { at: "LastName", lens: text } },
};

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld({ flows: flowsWith([...customFieldsOfTests, riskNote], []) });
});

async function aLinkedCustomer(fields: Record<string, FieldValue>) {
  const id = world.crm.edit("customer", undefined, { name: "Harbour Coffee", ...fields });
  await world.hint("crm", "customer", id);
  await world.settle();
  return { id, contact: world.books.all("customer")[0]?.externalId ?? "" };
}

async function edit(connection: "crm" | "books", id: string, fields: Record<string, FieldValue>) {
  world[connection].edit("customer", id, fields);
  await world.hint(connection, "customer", id);
  await world.settle();
}

function inCrm(id: string, field: string): FieldValue | undefined {
  return world.crm.get("customer", id)?.fields[field];
}

function inBooks(id: string, field: string): FieldValue | undefined {
  return world.books.get("customer", id)?.fields[field];
}

describe("a custom field with a system of record", () => {
  it("goes where it is written, and an edit there is put back", async () => {
    const { contact } = await aLinkedCustomer({ accountManager: "Ann" });
    expect(inBooks(contact, "accountManager")).toBe("Ann");

    await edit("books", contact, { accountManager: "Bob" });

    expect(inBooks(contact, "accountManager")).toBe("Ann");
  });

  it("is not touched by an observation that does not show it", async () => {
    const { id, contact } = await aLinkedCustomer({ accountManager: "Ann" });
    const record = world.crm.get("customer", id);
    if (record === undefined) throw new Error("no record");

    const version = record.version + 1;
    await world.sight("crm", { ...record, version, fields: { name: "Harbour Two" } });
    await world.settle();

    expect(inBooks(contact, "name")).toBe("Harbour Two");
    expect(inBooks(contact, "accountManager")).toBe("Ann");
  });

  it("is cleared by null", async () => {
    const { id, contact } = await aLinkedCustomer({ accountManager: "Ann" });

    await edit("crm", id, { accountManager: null });

    expect(inBooks(contact, "accountManager")).toBeNull();
  });

  it("is filled by a file that speaks for it", async () => {
    await world.file("customer", "HARBOUR", { name: "Harbour Coffee", accountManager: "Ann" });
    await world.settle();

    expect(world.crm.all("customer")[0]?.fields["accountManager"]).toBe("Ann");
    expect(world.books.all("customer")[0]?.fields["accountManager"]).toBe("Ann");
  });
});

describe("a custom field of which the newest counts", () => {
  it("goes from either side to the other", async () => {
    const { id, contact } = await aLinkedCustomer({ tier: "silver" });

    await edit("books", contact, { tier: "gold" });
    expect(inCrm(id, "tier")).toBe("gold");

    await edit("crm", id, { tier: null });
    expect(inBooks(contact, "tier")).toBeNull();
  });
});

describe("a custom field that a person decides on", () => {
  it("keeps both values where both sides changed it, and writes neither", async () => {
    const { id, contact } = await aLinkedCustomer({ riskNote: "none" });
    world.crm.edit("customer", id, { riskNote: "late payer" });
    world.books.edit("customer", contact, { riskNote: "good payer" });
    await world.poll("full");
    await world.settle();

    expect(inCrm(id, "riskNote")).toBe("late payer");
    expect(inBooks(contact, "riskNote")).toBe("good payer");
    const parked = await world.ports.parked.list(10);
    expect(parked.records.map(({ failure }) => failure.code)).toEqual(["field-conflict"]);
  });
});

describe("an order's custom field", () => {
  it("stands on the draft invoice that the order gives", async () => {
    const customer = world.crm.edit("customer", undefined, { name: "Harbour Coffee" });
    await world.hint("crm", "customer", customer);
    const order = world.crm.edit("order", undefined, {
      number: "SO-1",
      status: "won",
      customer: { connection: "crm", recordType: "customer", externalId: customer },
      orderedOn: "2026-11-22",
      currency: "EUR",
      deliveryNote: "https://notes.example/1",
      lines: [
        {
          product: null,
          productCode: "W-1",
          description: "Widget",
          quantity: "4",
          unitPrice: "25.00",
          discountRate: "0",
          amount: money(10_000n, "EUR"),
        },
      ],
      total: money(10_000n, "EUR"),
    });
    await world.hint("crm", "order", order);
    await world.settle();

    expect(world.books.all("invoice")[0]?.fields["deliveryNote"]).toBe("https://notes.example/1");
  });
});
