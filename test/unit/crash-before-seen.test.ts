/** A worker that dies after a save and before what it saw was remembered as seen. */
import { describe, expect, it } from "vitest";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const { signal } = new AbortController();

/** The world's dependencies in a worker that dies when it comes to that point. */
function dying({ deps }: MemoryWorld): MemoryWorld["deps"] {
  const markSeen = async (): Promise<never> => {
    throw new Error("the worker died");
  };
  return { ...deps, xrefs: { ...deps.xrefs, markSeen } };
}

async function harbour(): Promise<{ world: MemoryWorld; company: string }> {
  const world = createMemoryWorld();
  const company = world.crm.edit("customer", undefined, { name: "Harbour", city: "Aarhus" });
  await world.hint("crm", "customer", company);
  await world.settle();
  return { world, company };
}

describe("a worker that dies before it remembers what it saw", () => {
  it.each([
    [
      "is set back",
      (world: MemoryWorld, id: string) => world.crm.edit("customer", id, { city: "Aarhus" }),
    ],
    ["is restored", (world: MemoryWorld, id: string) => world.crm.end("customer", id, "live")],
  ])(
    "leaves nothing behind where the record %s before the message comes again",
    async (what, back) => {
      const { world, company } = await harbour();
      const change = { connection: "crm", recordType: "customer", externalId: company } as const;
      const { clock } = world.ports;
      const capturedAt = new Date(clock()).toISOString();
      const event = {
        ...change,
        capturedAt,
        via: "webhook",
        tries: 0,
        receipt: "message",
      } as const;
      if (what === "is restored") world.crm.end("customer", company, "archived");
      else world.crm.edit("customer", company, { city: "Bergen" });

      await expect(applyChanges(dying(world), [event], signal)).rejects.toThrow("the worker died");
      back(world, company);
      await applyChanges(world.deps, [{ ...event, isRepeated: true }], signal);
      await world.settle();

      const [xref] = world.ports.all();
      expect(xref?.sides["crm"]?.state).toBe("linked");
      expect(xref?.fields["city"]).toBe("Aarhus");
      expect(world.books.all("customer")[0]?.fields["city"]).toBe("Aarhus");
    },
  );

  it("has what it wrote looked at, where a user set that back", async () => {
    const { world, company } = await harbour();
    const [contact] = world.books.all("customer");
    const { externalId: contactId = "" } = contact ?? {};
    world.books.edit("customer", contactId, { email: "old@harbour.test" });
    await world.poll("incremental");
    await world.settle();
    world.books.edit("customer", contactId, { email: "new@harbour.test" });
    await world.hint("books", "customer", contactId);
    const [changes] = world.ports.changes.take(1);
    const events = (changes?.events ?? []).map((event) => ({ ...event, receipt: "change" }));
    await applyChanges(world.deps, events, signal);
    const [delivery] = world.ports.deliveries.take(1);
    const hints = (delivery?.hints ?? []).map((hint) => ({ ...hint, receipt: "delivery" }));

    await expect(deliverWrites(dying(world), "crm", hints, signal)).rejects.toThrow("died");
    expect(world.crm.get("customer", company)?.fields["email"]).toBe("new@harbour.test");
    world.crm.edit("customer", company, { email: "old@harbour.test" });
    await world.hint("crm", "customer", company);
    await world.settle();
    const repeated = hints.map((hint) => ({ ...hint, isRepeated: true }));
    await deliverWrites(world.deps, "crm", repeated, signal);
    await world.settle();

    const shown = [world.crm, world.books].map(
      (remote) => remote.all("customer")[0]?.fields["email"],
    );
    expect(shown).toEqual([
      world.ports.all()[0]?.fields["email"],
      world.ports.all()[0]?.fields["email"],
    ]);
  });
});
