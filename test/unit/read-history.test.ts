import { describe, expect, it } from "vitest";
import { chainOf } from "#shared/aws/history-chain.ts";
import { objectsOf } from "#shared/aws/history-objects.ts";
import { limits } from "#shared/config/limits.ts";
import { type HistoryPage, readHistory } from "#shared/sync/read-history.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { createHistoryWorld, type HistoryWorld } from "#test/support/history-world.ts";

async function read(world: HistoryWorld, limit = 30): Promise<HistoryPage> {
  const page = await readHistory(world.deps, aCustomerId("1"), { limit });
  if (page === undefined) throw new Error("no such record");
  return page;
}

/** Revision with status, or code where it is broken. */
function told(page: HistoryPage): [number, string][] {
  return page.entries.map(({ revision, status, code }) => [revision, code ?? status]);
}

async function aWorld(revisions: number): Promise<HistoryWorld> {
  const world = createHistoryWorld();
  await world.withHistory("1", revisions);
  world.ports.clock.advance(2 * limits.historyLagMs);
  return world;
}

/** Takes the line of a revision out of the log. */
function drop(world: HistoryWorld, revision: number): void {
  const { objects } = world.history;
  for (const [key, content] of objects) {
    const lines = content.split("\n").filter((line) => !line.includes(`"revision":${revision},`));
    objects.set(key, lines.join("\n"));
  }
}

describe("the history of a record", () => {
  it("is shown newest first, with what each save did and when", async () => {
    const world = await aWorld(3);
    await world.withHistory("2", 2);

    const page = await read(world);

    expect(page).toEqual({
      canonicalId: aCustomerId("1"),
      recordType: "customer",
      revision: 3,
      entries: [3, 2, 1].map((revision) => ({
        revision,
        savedAt: `2026-01-05T09:59:5${revision}.000Z`,
        status: "kept",
        trail: [
          {
            kind: "intended",
            at: "2026-01-05T09:00:00.000Z",
            connection: "books",
            tries: revision,
          },
        ],
      })),
    });
  });

  it("shows what lost as the values of a record are shown", async () => {
    const world = createHistoryWorld();
    const lost = { value: { minor: 1_050n, currency: "EUR" }, by: "crm" };
    await world.save("1", {
      trail: [
        {
          kind: "seen",
          at: "2026-01-05T09:00:00.000Z",
          connection: "crm",
          externalId: "101",
          version: 1,
          life: "live",
          decisions: [
            { field: "amountDue", kind: "restored", policy: "system-of-record", lost },
            { field: "phone", kind: "taken", policy: "newest" },
          ],
        },
      ],
    });
    await world.record(world.images);

    expect((await read(world)).entries[0]?.trail).toMatchObject([
      {
        decisions: [
          {
            field: "amountDue",
            kind: "restored",
            policy: "system-of-record",
            lost: { value: { amount: "10.50", currency: "EUR" }, by: "crm" },
          },
          { field: "phone", kind: "taken", policy: "newest" },
        ],
      },
    ]);
  });

  it("is of nobody where there is no such record", async () => {
    const world = await aWorld(1);

    expect(await readHistory(world.deps, aCustomerId("2"), { limit: 1 })).toBeUndefined();
  });

  it("is read page by page to its beginning, each entry once", async () => {
    const world = await aWorld(7);
    const seen: number[] = [];
    let cursor: string | undefined;
    do {
      const page = await readHistory(world.deps, aCustomerId("1"), { limit: 3, cursor });
      seen.push(...(page?.entries ?? []).map(({ revision }) => revision));
      cursor = page?.cursor;
    } while (cursor !== undefined);

    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  it("goes on with the page it was at when the record is saved meanwhile", async () => {
    const world = await aWorld(4);
    const { cursor } = await read(world, 2);
    await world.withHistory("1", 1);

    const page = await readHistory(world.deps, aCustomerId("1"), { limit: 9, cursor });

    expect(page?.entries.map(({ revision, status }) => [revision, status])).toEqual([
      [2, "kept"],
      [1, "kept"],
    ]);
  });

  it("ends a page once enough objects were opened", async () => {
    const world = createHistoryWorld();
    const revisions = limits.historyObjectsPerPageMax + 1;
    const perPage = limits.historyEntriesPerPageMax;
    for (let revision = 0; revision < revisions; revision += 1) {
      await world.withHistory("1", 1);
      // Two more objects that may hold the time: as a busy table has them.
      const [image] = world.images;
      expect(image).toBeUndefined();
      const [key = "", content = ""] = [...world.history.objects].at(-1) ?? [];
      for (const copy of ["x", "y"]) {
        world.history.objects.set(key.replace(".jsonl", `${copy}.jsonl`), content);
      }
    }

    const page = await read(world, 100);

    expect(page.entries).toHaveLength(limits.historyObjectsPerPageMax / 3);
    expect(page.entries.length).toBeLessThan(perPage);
    expect(page.cursor).toBeDefined();
  });

  it.each(["", "x", "1~2", "1~2~3~!", `${"9".repeat(13)}~1~1~`])(
    "refuses %j as a cursor",
    async (cursor) => {
      const world = await aWorld(1);

      await expect(
        readHistory(world.deps, aCustomerId("1"), { limit: 1, cursor }),
      ).rejects.toMatchObject({ failure: { kind: "invalid-input", code: "cursor-unreadable" } });
    },
  );
});

describe("a save that is not recorded yet", () => {
  it("is pending, with what the table knows of it", async () => {
    const world = await aWorld(2);
    await world.save("1");

    const page = await read(world);

    expect(told(page)).toEqual([
      [3, "pending"],
      [2, "kept"],
      [1, "kept"],
    ]);
    expect(page.entries[0]?.trail).toMatchObject([{ tries: 3 }]);
  });

  it("hides those before it only where several are", async () => {
    const world = await aWorld(2);
    await world.save("1");
    await world.save("1");

    const page = await read(world);

    expect(told(page)).toEqual([
      [4, "pending"],
      [3, "pending"],
    ]);
    expect(page.entries[1]?.trail).toBeUndefined();
  });

  it("is missing once it is late", async () => {
    const world = await aWorld(2);
    await world.save("1");
    world.ports.clock.advance(limits.historyLagMs + 1);

    expect(told(await read(world))).toEqual([
      [3, "history-link-missing"],
      [2, "kept"],
      [1, "kept"],
    ]);
  });
});

describe("a break", () => {
  it("is shown where an entry is gone, and ends the way", async () => {
    const world = await aWorld(5);
    drop(world, 3);

    const page = await read(world);

    expect(told(page)).toEqual([
      [5, "kept"],
      [4, "kept"],
      [3, "history-link-missing"],
    ]);
    expect(page.cursor).toBeUndefined();
  });

  it("is shown where an entry says something else, and what is before it is still found", async () => {
    const world = await aWorld(4);
    world.edit('"tries":3', '"tries":4');

    const page = await read(world);

    expect(told(page)).toEqual([
      [4, "kept"],
      [3, "history-link-altered"],
      [2, "kept"],
      [1, "kept"],
    ]);
    expect(page.entries[1]?.trail).toBeUndefined();
  });

  it("is shown where an entry was put in another's place, its hash made to fit", async () => {
    const world = await aWorld(3);
    const { images } = world;
    expect(images).toEqual([]);
    const content = [...world.history.objects.values()].join("");
    const [line = ""] = content.split("\n").filter((one) => one.includes('"revision":2,'));
    const forged = { ...JSON.parse(line), trail: [] };
    drop(world, 2);
    for (const object of objectsOf([{ ...forged, chain: chainOf(forged) }])) {
      world.history.objects.set(object.key, object.content);
    }

    expect(told(await read(world))).toEqual([
      [3, "kept"],
      [2, "history-link-altered"],
      [1, "kept"],
    ]);
  });

  it("is shown where the record in the table is not what was saved", async () => {
    const world = await aWorld(2);
    world.ports.tamper(aCustomerId("1"), (item) => ({
      ...item,
      body: { S: (item["body"]?.S ?? "").replace("Customer 1", "Somebody") },
    }));

    expect(told(await read(world))).toEqual([
      [2, "history-record-altered"],
      [1, "kept"],
    ]);
  });

  it("is shown where the table's link was changed", async () => {
    const world = await aWorld(2);
    world.ports.tamper(aCustomerId("1"), (item) => ({ ...item, chain: { S: "c".repeat(32) } }));

    expect(told(await read(world))).toEqual([
      [2, "history-link-altered"],
      [1, "kept"],
    ]);
  });
});

describe("a record from before there was a history", () => {
  async function anOldRecord(): Promise<HistoryWorld> {
    const world = await aWorld(2);
    world.history.objects.clear();
    const seal = ["chain", "savedAt", "priorAt"];
    world.ports.tamper(aCustomerId("1"), (item) =>
      Object.fromEntries(Object.entries(item).filter(([name]) => !seal.includes(name))),
    );
    world.images.splice(0);
    return world;
  }

  it("has none", async () => {
    expect(told(await read(await anOldRecord()))).toEqual([]);
  });

  it("has one from its next save on", async () => {
    const world = await anOldRecord();
    await world.withHistory("1", 2);

    expect(told(await read(world))).toEqual([
      [4, "kept"],
      [3, "kept"],
    ]);
  });
});
