import { beforeEach, expect, it } from "vitest";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

let world: MemoryWorld;

beforeEach(() => {
  world = createMemoryWorld();
});

/** Changes applied so far, by connection and door. */
function counted(): Readonly<Record<string, number>> {
  const sums: Record<string, number> = {};
  for (const { name, value, dimensions } of world.ports.log.countEntries) {
    if (name !== "ChangesApplied") continue;
    const { connection, door } = dimensions;
    const place = `${connection} ${door}`;
    sums[place] = (sums[place] ?? 0) + value;
  }
  return sums;
}

async function webhook(externalId: string): Promise<void> {
  const event = { connection: "crm", recordType: "customer" as const, externalId, tries: 0 };
  const capturedAt = new Date(world.ports.clock()).toISOString();
  await world.ports.changes.send([{ ...event, capturedAt, via: "webhook" }]);
}

it("what only the poll found is told from what a webhook told first", async () => {
  for (const id of ["c1", "c2", "c3"]) world.crm.edit("customer", id, { name: id });
  await webhook("c1");
  await webhook("c2");
  await world.settle();
  await world.poll("incremental");
  await world.settle();

  expect(counted()).toEqual({ "crm webhook": 2, "crm poll": 1 });
});

it("a change that shows nothing new is not counted", async () => {
  world.crm.edit("customer", "c1", { name: "One" });
  await webhook("c1");
  await world.settle();
  await webhook("c1");
  await world.poll("full");
  await world.settle();

  expect(counted()).toEqual({ "crm webhook": 1 });
});

it("a full check counts by itself", async () => {
  world.crm.edit("customer", "c1", { name: "One" });
  await world.poll("full");
  await world.settle();

  expect(counted()["crm check"]).toBe(1);
});
