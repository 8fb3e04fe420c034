/** The history's chain holds whoever saves when, and however the stream brings what was saved. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { readHistory } from "#shared/sync/read-history.ts";
import { verifyHistory } from "#shared/sync/verify-history.ts";
import { aCustomer, aCustomerId } from "#test/support/cross-references.ts";
import { createHistoryWorld } from "#test/support/history-world.ts";

/** A worker reads a record, or saves what it read last; clocks may stand still or jump. */
const step = fc.record({
  worker: fc.nat(2),
  record: fc.constantFrom("1", "2"),
  does: fc.constantFrom("read" as const, "save" as const),
  laterMs: fc.constantFrom(0, 1, 7_000, 3_600_000),
});
/** Batches may overlap, repeat and come in any order; what none of them holds comes last. */
const batch = fc.record({ from: fc.nat(20), length: fc.nat(8), isReversed: fc.boolean() });

it("is unbroken for every interleaving of saves and batches", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(batch, { maxLength: 8 }),
      async (steps, batches) => {
        const world = createHistoryWorld();
        const { xrefs, clock } = world.ports;
        const held = new Map<string, CrossReference>();
        let savedCount = 0;
        for (const { worker, record, does, laterMs } of steps) {
          clock.advance(laterMs);
          const key = `${worker} ${record}`;
          const id = aCustomerId(record);
          if (does === "read") {
            held.set(key, (await xrefs.load([id])).get(id) ?? aCustomer(record));
          }
          const next = held.get(key);
          if (does === "save" && next !== undefined) {
            const outcome = await xrefs.save({ ...next, runId: `run-${worker}` }, noClaims, []);
            savedCount += outcome === "saved" ? 1 : 0;
          }
        }
        for (const { from, length, isReversed } of batches) {
          const images = world.images.slice(from, from + length);
          await world.record(isReversed ? images.reverse() : images);
        }
        await world.record(world.images);
        clock.advance(2 * limits.historyLagMs);

        const counts = await verifyHistory(world.deps, { onBreak: () => undefined });

        expect(counts).toMatchObject({ entries: savedCount, pending: 0, begunLate: 0, breaks: 0 });
        for (const { canonicalId, revision } of world.ports.all()) {
          const page = await readHistory(world.deps, canonicalId, { limit: 30 });
          const kept = Array.from({ length: revision }, (_, index) => revision - index).slice(
            0,
            30,
          );
          expect(page?.entries.map((entry) => entry.revision)).toEqual(kept);
          expect(page?.entries.every(({ status }) => status === "kept")).toBe(true);
        }
      },
    ),
  );
});

it("shows any one change of any one line", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), fc.constantFrom("0", "x", '"'), async (line, at, put) => {
      const world = createHistoryWorld();
      await world.withHistory("1", 5);
      await world.withHistory("2", 5);
      clockPastLag(world);
      const keys = [...world.history.objects.keys()];
      const key = keys[line % keys.length] ?? "";
      const content = world.history.objects.get(key) ?? "";
      const place = at % content.length;
      const edited = `${content.slice(0, place)}${put}${content.slice(place + 1)}`;
      fc.pre(edited !== content);
      world.history.objects.set(key, edited);

      const counts = await verifyHistory(world.deps, { onBreak: () => undefined });

      expect(counts.breaks).toBeGreaterThan(0);
    }),
  );
});

function clockPastLag(world: ReturnType<typeof createHistoryWorld>): void {
  world.ports.clock.advance(2 * limits.historyLagMs);
}
