import { expect, it } from "vitest";
import { owedConnections } from "#shared/domain/owed.ts";
import { flows } from "#shared/flows/flows.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import type { DeliveryHint } from "#shared/ports/queues.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
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

it("news in the answer of a write goes on, also where what was owed before was written meanwhile", async () => {
  const world = createMemoryWorld();
  const { xrefs } = world.deps;
  const { signal } = new AbortController();
  const company = world.crm.edit("customer", undefined, { name: "Harbour" });
  await world.hint("crm", "customer", company);
  await world.settle();
  const contact = world.books.all("customer")[0]?.externalId ?? "";
  world.crm.edit("customer", company, { name: "Harbour and Sons" });
  world.books.edit("customer", contact, { paymentTermsDays: 14 });
  await world.hint("crm", "customer", company);
  await world.hint("books", "customer", contact);
  for (const { events } of world.ports.changes.take()) {
    await applyChanges(
      world.deps,
      events.map((event) => ({ ...event, receipt: "change" })),
      signal,
    );
  }
  const deliver = async (deps: typeof world.deps, to: string, hints: readonly DeliveryHint[]) =>
    deliverWrites(
      deps,
      to,
      hints.map((hint) => ({ ...hint, receipt: to })),
      signal,
    );
  const owed = new Map(world.ports.deliveries.take().map((one) => [one.connection, one.hints]));
  world.books.complete = (_type, fields) => {
    fields["taxNumber"] = "SE556000000101";
  };
  let races = 1;
  const save: typeof xrefs.save = async (...given) => {
    races -= 1;
    if (races !== 0) return xrefs.save(...given);
    await deliver(world.deps, "crm", owed.get("crm") ?? []);
    return "stale";
  };

  await deliver({ ...world.deps, xrefs: { ...xrefs, save } }, "books", owed.get("books") ?? []);
  await world.settle();

  expect(world.crm.get("customer", company)?.fields).toMatchObject({
    paymentTermsDays: 14,
    taxNumber: "SE556000000101",
  });
});
