/** An archive of ours whose worker dies: whoever sees it later must know whose doing it was. */
import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import { type Side, sideOf } from "#shared/domain/cross-reference.ts";
import type { DeliveryHint } from "#shared/ports/queues.ts";
import { applyChanges } from "#shared/sync/apply-changes.ts";
import { deliverWrites } from "#shared/sync/deliver-writes.ts";
import { createMemoryWorld, type MemoryWorld } from "#test/support/memory-world.ts";

const { signal } = new AbortController();

interface Stage {
  readonly world: MemoryWorld;
  readonly company: string;
  readonly contact: string;
  /** The delivery that a worker had when it died. */
  readonly hints: readonly DeliveryHint[];
}

/** A company was archived, and the worker that archives its contact dies before or after its call. */
async function archivedByDying(death: "before its call" | "after its call"): Promise<Stage> {
  const world = createMemoryWorld();
  const company = world.crm.edit("customer", undefined, { name: "Harbour" });
  await world.hint("crm", "customer", company);
  await world.settle();
  const contact = world.books.all("customer")[0]?.externalId ?? "";
  world.crm.end("customer", company, "archived");
  await world.hint("crm", "customer", company);
  const [changes] = world.ports.changes.take(1);
  const events = (changes?.events ?? []).map((event) => ({ ...event, receipt: "change" }));
  await applyChanges(world.deps, events, signal);
  const hints = world.ports.deliveries.take(1).flatMap((one) => one.hints);
  const { write } = world.books;
  world.books.write = async (...given) => {
    if (death === "after its call") await write(...given);
    throw new Error("the worker died");
  };
  await expect(deliver(world, hints)).rejects.toThrow("the worker died");
  world.books.write = write;
  return { world, company, contact, hints };
}

function deliver(world: MemoryWorld, hints: readonly DeliveryHint[], isRepeated = false) {
  const received = hints.map((hint) => ({ ...hint, receipt: "delivery", isRepeated }));
  return deliverWrites(world.deps, "books", received, signal);
}

function booksSide({ ports }: MemoryWorld): Side | undefined {
  const xref = ports.all().find(({ recordType }) => recordType === "customer");
  return xref && sideOf(xref, "books");
}

async function restore({ world, company }: Stage): Promise<void> {
  world.ports.clock.advance(1_000);
  world.crm.end("customer", company, "live");
  await world.hint("crm", "customer", company);
  await world.settle();
}

/** The message of the worker that died is given out again. */
async function comesAgain({ world, hints }: Stage): Promise<void> {
  await deliver(world, hints, true);
  await world.settle();
}

describe("an archive of ours that was not saved", () => {
  it("is ours where its webhook tells of it first, and is taken back with what it was for", async () => {
    const stage = await archivedByDying("after its call");
    const { world, contact } = stage;

    await world.hint("books", "customer", contact);
    await world.settle();
    expect(booksSide(world)).toMatchObject({ state: "tombstoned", ended: { by: "tieout" } });
    expect(booksSide(world)?.archivingSince).toBeUndefined();

    await restore(stage);
    expect(world.books.get("customer", contact)?.life).toBe("live");
    expect(booksSide(world)?.state).toBe("linked");
  });

  it("is ours where nothing tells of it but a look, when what it was for is back", async () => {
    const stage = await archivedByDying("after its call");
    const { world, contact } = stage;
    await restore(stage);

    await comesAgain(stage);

    expect(world.books.get("customer", contact)?.life).toBe("live");
    expect(booksSide(world)).toMatchObject({ state: "linked" });
    expect(booksSide(world)?.archivingSince).toBeUndefined();
  });

  it("is forgotten where it never was: what a user archives later is the user's", async () => {
    const stage = await archivedByDying("before its call");
    const { world, contact } = stage;
    await restore(stage);
    await comesAgain(stage);
    expect(booksSide(world)?.archivingSince).toBeUndefined();

    world.books.end("customer", contact, "archived");
    await world.hint("books", "customer", contact);
    await world.settle();

    expect(booksSide(world)).toMatchObject({ state: "tombstoned", ended: { by: "books" } });
    expect(world.books.get("customer", contact)?.life).toBe("archived");
  });

  it("stands where a live record is shown while its call may be under way", async () => {
    const { world, contact } = await archivedByDying("before its call");
    world.ports.clock.advance(limits.intentLeaseMs - 1);
    world.books.edit("customer", contact, { city: "Bergen" });
    await world.hint("books", "customer", contact);
    const [changes] = world.ports.changes.take(1);
    const events = (changes?.events ?? []).map((event) => ({ ...event, receipt: "change" }));

    await applyChanges(world.deps, events, signal);

    expect(booksSide(world)?.archivingSince).toBeDefined();
  });

  it("is forgotten where the books refuse it", async () => {
    const { world, hints } = await archivedByDying("before its call");
    const failure = { kind: "rejected", code: "not-now", fix: "Later." } as const;
    world.books.failNextWrites({ failure, hasEffect: false });

    await deliver(world, hints, true);

    expect(booksSide(world)).toMatchObject({ state: "rejected" });
    expect(booksSide(world)?.archivingSince).toBeUndefined();
  });
});
