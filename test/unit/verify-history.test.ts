import { describe, expect, it } from "vitest";
import { chainOf } from "#shared/aws/history-chain.ts";
import type { Item } from "#shared/aws/table.ts";
import { limits } from "#shared/config/limits.ts";
import { type VerifyOptions, verifyHistory, verifyRecord } from "#shared/sync/verify-history.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { createHistoryWorld, type HistoryWorld, STARTED_MS } from "#test/support/history-world.ts";

/** Three records with a history each, all of it recorded. */
async function aWorld(): Promise<HistoryWorld> {
  const world = createHistoryWorld();
  await world.withHistory("1", 3);
  await world.withHistory("2", 4);
  await world.withHistory("3", 1);
  world.ports.clock.advance(2 * limits.historyLagMs);
  return world;
}

async function verify(world: HistoryWorld, options: Omit<VerifyOptions, "onBreak"> = {}) {
  const found: string[] = [];
  const counts = await verifyHistory(world.deps, {
    ...options,
    onBreak: (one) => {
      found.push("object" in one ? one.code : `${one.canonicalId} ${one.revision} ${one.code}`);
    },
  });
  expect(counts.breaks).toBe(found.length);
  return { ...counts, breaks: found };
}

const told = (ending: string, revision: number, code: string) =>
  `${aCustomerId(ending)} ${revision} ${code}`;

function dropLines(world: HistoryWorld, ...texts: readonly string[]): void {
  const { objects } = world.history;
  for (const [key, content] of objects) {
    const lines = content.split("\n").filter((line) => !texts.every((text) => line.includes(text)));
    objects.set(key, lines.join("\n"));
  }
}

const whole = { records: 3, entries: 8, pending: 0, begunLate: 0, breaks: [] };

describe("verifying the history", () => {
  it("finds nothing where nothing was touched", async () => {
    expect(await verify(await aWorld())).toEqual(whole);
  });

  it.each([2, 5])("finds the same in %i parts", async (parts) => {
    expect(await verify(await aWorld(), { parts })).toEqual(whole);
  });

  it("names an entry that is gone, and checks those beyond it", async () => {
    const world = await aWorld();
    dropLines(world, aCustomerId("2"), '"revision":3,');

    expect(await verify(world)).toEqual({
      ...whole,
      entries: 7,
      breaks: [told("2", 3, "history-link-missing")],
    });
  });

  it("names every entry of an object that is gone", async () => {
    const world = await aWorld();
    const key = [...world.history.objects.keys()].find((one) =>
      world.history.objects.get(one)?.includes(aCustomerId("1")),
    );
    world.history.objects.delete(key ?? "");

    expect((await verify(world)).breaks).toEqual(
      [3, 2, 1].map((revision) => told("1", revision, "history-link-missing")),
    );
  });

  it("names an entry that says something else", async () => {
    const world = await aWorld();
    world.edit('"tries":4', '"tries":5');

    expect(await verify(world)).toEqual({
      ...whole,
      entries: 7,
      breaks: [told("2", 4, "history-link-altered")],
    });
  });

  it("names a line that is no entry, and the entry that is not there any more", async () => {
    const world = await aWorld();
    world.edit('"tries":4', '"tries":');

    const { breaks } = await verify(world, { parts: 3 });

    expect(breaks.toSorted()).toEqual([
      told("2", 4, "history-link-missing"),
      "history-entry-unreadable",
    ]);
  });

  it("names an entry that was put in, its hash made to fit", async () => {
    const world = await aWorld();
    const line = [...world.history.objects.values()].find((one) => one.includes(aCustomerId("3")));
    const forged = { ...JSON.parse((line ?? "").trim()), trail: [] };
    await world.history.append([{ ...forged, chain: chainOf(forged) }]);

    expect(await verify(world)).toEqual({
      ...whole,
      breaks: [told("3", 1, "history-entry-foreign")],
    });
  });

  it("takes copies of an entry for one", async () => {
    const world = await aWorld();
    const lines = [...world.history.objects.values()].flatMap((one) => one.trim().split("\n"));
    await world.history.append(lines.map((line) => JSON.parse(line)));

    expect(await verify(world)).toEqual(whole);
  });

  it.each<[string, (item: Item) => Item | undefined, string]>([
    [
      "was changed",
      (item) => ({ ...item, body: { S: (item["body"]?.S ?? "").replace("Customer", "C") } }),
      told("1", 3, "history-record-altered"),
    ],
    [
      "has another link",
      (item) => ({ ...item, chain: { S: "c".repeat(32) } }),
      told("1", 3, "history-link-altered"),
    ],
    ["is gone", () => undefined, told("1", 3, "history-record-missing")],
  ])("names a record in the table that %s", async (_, change, expected) => {
    const world = await aWorld();
    world.ports.tamper(aCustomerId("1"), change);

    expect((await verify(world)).breaks).toContain(expected);
  });

  it("names what the log knows of a record that was set back in the table", async () => {
    const world = createHistoryWorld();
    await world.withHistory("1", 2);
    let before: Item = {};
    world.ports.tamper(aCustomerId("1"), (item) => {
      before = item;
      return item;
    });
    world.images.splice(0);
    await world.withHistory("1", 1);
    world.ports.clock.advance(2 * limits.historyLagMs);
    world.ports.tamper(aCustomerId("1"), () => before);

    expect((await verify(world)).breaks).toEqual([told("1", 3, "history-entry-foreign")]);
  });

  it("counts what is on its way, however much of one record it is", async () => {
    const world = await aWorld();
    for (const ending of ["1", "1", "1", "4"]) await world.save(ending);

    expect(await verify(world)).toEqual({ ...whole, records: 4, pending: 4 });
  });

  it("leaves alone what is saved while it reads", async () => {
    const world = await aWorld();
    const { heads, history } = world.deps;
    const late = {
      ...world.deps,
      history: {
        ...history,
        async *since(savedAt: number) {
          await world.withHistory("1", 1);
          await world.withHistory("9", 1);
          yield* history.since(savedAt);
        },
      },
      heads,
    };
    const breaks: unknown[] = [];

    const counts = await verifyHistory(late, { onBreak: (found) => breaks.push(found) });

    expect({ ...counts, breaks }).toEqual(whole);
  });

  it("looks only at what was saved since a time", async () => {
    const world = await aWorld();
    // The second record's saves began in the fourth second.
    const since = STARTED_MS + 5_000;
    expect(await verify(world, { since })).toEqual({ ...whole, entries: 4 });

    dropLines(world, aCustomerId("2"), '"revision":4,');
    dropLines(world, aCustomerId("1"), '"revision":2,');

    expect(await verify(world, { since })).toMatchObject({
      breaks: [told("2", 4, "history-link-missing")],
    });
  });

  it("counts records whose history begins late", async () => {
    const world = await aWorld();
    const seal = ["chain", "savedAt", "priorAt"];
    for (const ending of ["1", "2"]) {
      world.ports.tamper(aCustomerId(ending), (item) =>
        Object.fromEntries(Object.entries(item).filter(([name]) => !seal.includes(name))),
      );
    }
    world.history.objects.clear();
    world.images.splice(0);
    await world.withHistory("1", 1);
    await world.withHistory("3", 1);

    expect(await verify(world)).toMatchObject({ records: 3, begunLate: 2 });
  });
});

describe("verifying one record", () => {
  async function verifyOne(world: HistoryWorld, ending: string) {
    const breaks: unknown[] = [];
    const options = { onBreak: (found: unknown) => void breaks.push(found) };
    const counts = await verifyRecord(world.deps, aCustomerId(ending), options);
    return counts === undefined ? undefined : { ...counts, breaks };
  }

  it("walks its links to the beginning", async () => {
    expect(await verifyOne(await aWorld(), "2")).toEqual({ ...whole, records: 1, entries: 4 });
  });

  it("names what is wrong with it, and nothing of others", async () => {
    const world = await aWorld();
    world.edit('"tries":3', '"tries":9');

    expect(await verifyOne(world, "1")).toMatchObject({
      entries: 2,
      breaks: [{ canonicalId: aCustomerId("1"), revision: 3, code: "history-link-altered" }],
    });
    expect(await verifyOne(world, "3")).toMatchObject({ entries: 1, breaks: [] });
  });

  it("is not done where there is no such record", async () => {
    expect(await verifyOne(await aWorld(), "7")).toBeUndefined();
  });
});
