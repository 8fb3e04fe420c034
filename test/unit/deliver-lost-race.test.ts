import { expect, it } from "vitest";
import { owedConnections } from "#shared/domain/owed.ts";
import { flows } from "#shared/flows/flows.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

it("a write that is saved after a lost race refers to records as its answer does", async () => {
  const world = createMemoryWorld();
  const { xrefs } = world.deps;
  const order = () => world.ports.all().find(({ recordType }) => recordType === "order");
  const externalId = world.crm.edit("customer", undefined, { name: "Harbour" });
  const customer = { connection: "crm", recordType: "customer", externalId } as const;
  const deal = world.crm.edit("order", undefined, { number: "1001", status: "open", customer });
  // The deal is known before its company is.
  for (const [type, id] of [["order", deal] as const, ["customer", externalId] as const]) {
    await world.hint("crm", type, id);
    await world.settle();
  }
  const known = order();
  if (known === undefined) throw new Error("the deal is not known");
  await xrefs.save({ ...known, fields: { ...known.fields, invoiceNumber: "INV-1" } }, noClaims, []);
  let races = 1;
  const save: typeof xrefs.save = async (...given) => {
    races -= 1;
    return races === 0 ? "stale" : xrefs.save(...given);
  };
  const { canonicalId } = known;
  const hint = { canonicalId, recordType: "order", tries: 0, receipt: "message" } as const;

  const { signal } = new AbortController();
  await deliverWrites({ ...world.deps, xrefs: { ...xrefs, save } }, "crm", [hint], signal);

  const saved = order() ?? known;
  expect(world.crm.get("order", deal)?.fields["invoiceNumber"]).toBe("INV-1");
  expect(saved.fields["customer"]).toHaveProperty("canonicalId");
  expect(owedConnections(saved, flows.order)).toEqual([]);
});
