/** The mapping table is older than what was written: restored to a point in time, or lost altogether. */
import { expect, it } from "vitest";
import { createLifeStage } from "#test/support/life-stage.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

it.each(["draft", "issued", "part-paid", "paid"] as const)(
  "a table that knows nothing any more finds what was made, where deliveries wait for a full check: %s",
  async (documents) => {
    const { crm, books } = (await createLifeStage(documents)).world;
    const writes = () => crm.calls.write + books.calls.write;
    const before = writes();

    // Deliveries are taken only when nothing else is left to do.
    const world = createMemoryWorld({ connectors: [crm, books] });
    await world.poll("full");
    await world.settle();

    expect(writes()).toBe(before);
    const invoices = world.ports.all().filter(({ recordType }) => recordType === "invoice");
    expect(invoices).toMatchObject([
      { sides: { books: { state: "linked" }, tieout: { state: "linked" } } },
    ]);
    expect((await world.ports.parked.list(10)).records).toEqual([]);
  },
);
