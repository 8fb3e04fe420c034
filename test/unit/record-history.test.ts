import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { readHistory } from "#shared/sync/read-history.ts";
import { verifyHistory } from "#shared/sync/verify-history.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { createHistoryWorld, type HistoryWorld } from "#test/support/history-world.ts";

async function savedWorld(revisions: number): Promise<HistoryWorld> {
  const world = createHistoryWorld();
  for (let revision = 0; revision < revisions; revision += 1) await world.save("1");
  return world;
}

async function verified(world: HistoryWorld) {
  world.ports.clock.advance(limits.historyLagMs * 2);
  const breaks: unknown[] = [];
  const counts = await verifyHistory(world.deps, { onBreak: (found) => breaks.push(found) });
  return { ...counts, breaks };
}

const whole = (entries: number) => ({ records: 1, entries, pending: 0, begunLate: 0, breaks: [] });

describe("recording the history", () => {
  it("keeps one object of each batch and hour, with every entry once", async () => {
    // Begins ten seconds before the hour, and saves each second.
    const world = await savedWorld(15);

    await world.record(world.images);

    const hours = [...world.history.objects.keys()].map((key) => key.slice(0, 21));
    expect(hours).toEqual(["history/2026/01/05/09", "history/2026/01/05/10"]);
    expect(await verified(world)).toEqual(whole(15));
  });

  it("adds nothing when a batch comes again", async () => {
    const world = await savedWorld(5);
    await world.record(world.images);
    const before = new Map(world.history.objects);

    await world.record(world.images);

    expect(world.history.objects).toEqual(before);
  });

  it("takes batches that overlap and come out of order", async () => {
    const world = await savedWorld(6);

    await world.record(world.images.slice(3, 6));
    await world.record(world.images.slice(1, 5).reverse());
    await world.record(world.images.slice(0, 2));

    expect(await verified(world)).toEqual(whole(6));
    const page = await readHistory(world.deps, aCustomerId("1"), { limit: 10 });
    expect(page?.entries.map(({ revision, status }) => [revision, status])).toEqual(
      [6, 5, 4, 3, 2, 1].map((revision) => [revision, "kept"]),
    );
  });

  it("stores nothing for a batch of nothing", async () => {
    const world = createHistoryWorld();

    await world.record([]);

    expect(world.history.objects.size).toBe(0);
  });

  it("records and reports an item that was changed past its stores", async () => {
    const world = await savedWorld(2);
    world.ports.tamper(aCustomerId("1"), (item) => ({
      ...item,
      body: { S: (item["body"]?.S ?? "").replace("Customer 1", "Somebody") },
    }));

    await world.record(world.images);

    expect(world.ports.log.errorEntries).toMatchObject([
      {
        message: "history-suspect",
        cause: { failure: { kind: "bug", code: "history-record-altered" } },
        fields: { id: aCustomerId("1"), revision: 2 },
      },
    ]);
    const content = [...world.history.objects.values()].join("");
    expect(content.match(/"revision":2/g)).toHaveLength(2);
  });

  it("reports a record that was taken out, and one that lost its history", async () => {
    const world = await savedWorld(1);
    world.ports.tamper(aCustomerId("1"), ({ chain: _chain, savedAt: _at, ...item }) => item);
    // From before there was a history, for all that can be seen of it.
    world.ports.tamper(aCustomerId("1"), (item) => item);
    world.ports.tamper(aCustomerId("1"), () => undefined);

    await world.record(world.images);

    const codes = world.ports.log.errorEntries.map(({ cause }) => cause);
    expect(codes).toMatchObject([
      { failure: { code: "history-record-unsealed" } },
      { failure: { code: "history-record-missing" } },
    ]);
  });

  it("logs ids, codes and counts, and no value", async () => {
    const world = createHistoryWorld();
    await world.save("1", { fields: { name: "Ada Lovelace" } });
    world.ports.tamper(aCustomerId("1"), (item) => ({ ...item, revision: { N: "9" } }));

    await world.record(world.images);

    const { infoEntries, errorEntries } = world.ports.log;
    expect(infoEntries.at(-1)).toEqual({
      message: "history-recorded",
      fields: { entries: 2, suspects: 1 },
    });
    const fields = [...infoEntries, ...errorEntries].map((entry) => entry.fields);
    expect(JSON.stringify(fields)).not.toContain("Ada");
  });
});
