/** Whatever a record holds: exported in any format and dropped in the inbox untouched, it changes nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportFormats } from "#shared/domain/export/choices.ts";
import { recordTypes } from "#shared/domain/identifiers.ts";
import { noClaims } from "#shared/ports/mapping-table.ts";
import { eventsOfRows, exportFrom, noticesOf, rowsOfFile } from "#test/support/exported-files.ts";
import { goldenRecord } from "#test/support/exported-records.ts";
import { createMemoryWorld } from "#test/support/memory-world.ts";

const every = recordTypes.flatMap((recordType) =>
  exportFormats.map((format) => [recordType, format] as const),
);

describe("an export", () => {
  it.each(every)("of %s as %s comes back without a change", async (recordType, format) => {
    await fc.assert(
      fc.asyncProperty(goldenRecord(recordType), async (record) => {
        const world = createMemoryWorld();
        expect(await world.ports.xrefs.save(record, noClaims, [])).toBe("saved");
        // What follows from the record has nothing to do with its export.
        await world.settle();
        const before = world.ports.all();
        const parked = await world.ports.parked.list(10);

        const file = await exportFrom(world, { of: recordType, format });
        const events = eventsOfRows(world, await rowsOfFile(file));
        world.ports.clock.advance(1_000);
        const runId = "import-1";
        const startedAt = new Date(world.ports.clock()).toISOString();
        await world.ports.runs.start({ runId, kind: "import", startedAt, subject: file.name });
        await world.ports.changes.send(events, { runId });
        await world.settle();

        expect(file.manifest).toMatchObject({ records: 1, leftOut: { count: 0 } });
        expect(events).toHaveLength(1);
        expect(world.ports.all()).toEqual(before);
        expect(await world.ports.parked.list(10)).toEqual(parked);
        expect((await world.ports.runs.get(runId))?.counts).toEqual({ unchanged: 1n });
      }),
      { numRuns: 8 },
    );
  });

  it.each(every)(
    "of %s as %s is told of edits that are not taken, and of no others",
    async (recordType, format) => {
      await fc.assert(
        fc.asyncProperty(goldenRecord(recordType), fc.nat(), async (record, choice) => {
          const world = createMemoryWorld();
          await world.ports.xrefs.save(record, noClaims, []);
          await world.settle();
          const [xref = record] = world.ports.all();
          const [header = [], ...rows] = await rowsOfFile(
            await exportFrom(world, { of: recordType, format }),
          );

          const { told, shown } = noticesOf([header, ...rows], xref);
          expect(told.flat()).toEqual([]);

          const { at = 0 } = shown[choice % shown.length] ?? {};
          const column = header[at] ?? "";
          const edited = rows.map((cells) => cells.with(at, `${cells[at]}7`));
          // The number of a line says which line it is.
          const others = column === "line" ? [] : [column];
          for (const columns of noticesOf([header, ...edited], xref).told) {
            expect(columns).toContain(column);
            if (others.length > 0) expect(columns).toEqual(others);
          }
        }),
        { numRuns: 12 },
      );
    },
  );
});
