import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { differenceClasses } from "#shared/domain/tie-out/classes.ts";
import type { DuckdbSnapshots } from "#test/support/duckdb-queries.ts";
import { damages } from "#test/support/tie-out-damage.ts";
import { compareWorld, judge, openWorld, type Compared } from "#test/support/tie-out-stage.ts";
import { startedAtMs } from "#test/support/tie-out-sale.ts";
import { createTieOutWorld } from "#test/support/tie-out-world.ts";

/** The machine may be busy with other tests; alone it takes a tenth of this. */
const QUERIES_MS = 120_000;
const LARGE_MS = 300_000;

describe("a world with damage of every kind", () => {
  const damaged = damages.length * 2;
  const world = createTieOutWorld({ seed: 11, records: 3_000, damaged });
  let store: DuckdbSnapshots;
  let first: Compared;

  beforeAll(async () => {
    store = await openWorld(world);
    first = await compareWorld(store);
  }, QUERIES_MS);
  afterAll(() => store.close());

  it("is told of each damage in its class, and of nothing else", () => {
    const { report } = first;
    if (report === undefined) throw new Error("There is no report");

    const judgement = judge(world, report);

    expect(judgement).toEqual({
      found: damaged,
      right: damaged,
      wrong: [],
      invented: [],
      overlooked: [],
    });
  });

  it("has damage of every class there is", () => {
    const planted = new Set([...world.planted.values()].map((one) => one.class));

    expect([...planted].sort()).toEqual([...differenceClasses].sort());
  });

  it("adds up: what matched and each class come to the totals of each side", () => {
    const cells = first.report?.cells ?? [];

    expect(cells.length).toBeGreaterThan(40);
    for (const { total, matched, classes } of cells) {
      const parts = [matched, ...classes.map(({ sum }) => sum)];
      const minorOf = (text: string | undefined) => BigInt((text ?? "0").replace(".", ""));
      expect(parts.reduce((sofar, part) => sofar + part.records, 0)).toBe(total.records);
      for (const name of ["net", "tax", "gross", "paid", "open"] as const) {
        const sum = parts.reduce((sofar, part) => sofar + minorOf(part.amounts?.[name]), 0n);
        expect(sum).toBe(minorOf(total.amounts?.[name]));
      }
    }
    expect(first.report?.proof.rowsWritten).toBe(world.records);
    expect(first.report?.proof.rowsCompared).toBe(world.records);
  });

  it("puts its counts on the run, and the alarm's figure into the log", async () => {
    const run = await first.runs.get("run-1");
    const timing = run?.counts["differences.timing"] ?? 0n;
    const differences = run?.counts["differences"] ?? 0n;

    expect(run?.kind).toBe("tie-out");
    expect(differences).toBe(BigInt(first.report?.differences.length ?? 0));
    expect(run?.counts["aboveTolerance"]).toBe(differences - timing);
    expect(first.metric).toEqual([Number(differences - timing)]);
  });

  it("gives each difference its records on both sides, its history and a next step", () => {
    const amount = first.report?.differences.find(({ finding }) => finding === "ordered-amount");

    expect(amount?.records.map(({ side }) => side).sort()).toContain("crm");
    expect(amount?.apart).toBe("0.01");
    expect(amount?.history).toMatch(/^\/records\/order-[0-9a-z]{24}\/history$/);
    expect(amount?.records[0]?.record).toMatch(
      /^\/cross-references\/(crm\/order|books\/invoice)\//,
    );
    expect(first.report?.differences.every(({ nextStep }) => nextStep.endsWith("."))).toBe(true);
  });

  it(
    "gives the same bytes a second time",
    async () => {
      const second = await compareWorld(store);

      expect([...second.files.published.keys()]).toEqual([
        "tie-outs/run-1/tie-out.json",
        "tie-outs/run-1/tie-out.xlsx",
        "tie-outs/run-1/tie-out.html",
      ]);
      expect(second.files.published).toEqual(first.files.published);
    },
    QUERIES_MS,
  );

  it(
    "leaves small differences out of the alarm, and other months out of the report",
    async () => {
      const choices = { toleranceMinor: 1n, from: "2026-02", to: "2026-02" };

      const { report } = await compareWorld(store, choices);

      const dated = report?.differences.flatMap(({ records }) => records.map(({ date }) => date));
      expect(new Set(dated?.map((date) => date?.slice(0, 7)))).toEqual(
        new Set(["2026-02", undefined]),
      );
      const locked = report?.counts.find((count) => count.class === "period-locked");
      expect(locked?.units).toBe(6);
      expect(locked?.aboveTolerance).toBe(2);
    },
    QUERIES_MS,
  );
});

describe("a hundred thousand records", () => {
  it(
    "are told of 1,000 differences, each in its class, and of nothing else",
    async () => {
      const world = createTieOutWorld({ seed: 2026, records: 118_000, damaged: 1_000 });
      const store = await openWorld(world);

      const { report } = await compareWorld(store);

      await store.close();
      if (report === undefined) throw new Error("There is no report");
      const { found, right, invented } = judge(world, report);
      expect(world.records).toBeGreaterThan(100_000);
      expect([found, invented.length]).toEqual([1_000, 0]);
      expect(right).toBeGreaterThanOrEqual(990);
      expect(report.proof.rowsCompared).toBe(world.records);
    },
    LARGE_MS,
  );
});

describe("a snapshot", () => {
  it(
    "is not compared where it has other rows than its manifest says",
    async () => {
      const world = createTieOutWorld({ seed: 1, records: 400, damaged: 0 });
      const store = await openWorld(world);
      const manifest = await store.snapshots.readManifest("s");
      const [one, ...others] = manifest?.written ?? [];
      if (one === undefined) throw new Error("Nothing was written");
      const written = [{ ...one, rows: one.rows + 1 }, ...others];
      await store.snapshots.writeManifest({ snapshotId: "s", startedAtMs, written });

      const { report, runs, files } = await compareWorld(store);

      await store.close();
      expect(report).toBeUndefined();
      expect((await runs.get("run-1"))?.problem?.code).toBe("snapshot-incomplete");
      expect(files.published.size).toBe(0);
    },
    QUERIES_MS,
  );

  it(
    "counts a record once that a page showed twice, as it was shown last",
    async () => {
      const world = createTieOutWorld({ seed: 1, records: 400, damaged: 0 });
      for (const { side, recordType, rows } of world.parts) {
        const [row] = rows;
        if (side === "books" && recordType === "document" && row !== undefined) {
          rows.push({ ...row, net_minor: 1n, changed_at_ms: row.changed_at_ms - 1n });
        }
      }
      const store = await openWorld(world);

      const { report, metric } = await compareWorld(store);

      await store.close();
      expect(report?.differences).toEqual([]);
      expect(metric).toEqual([0]);
    },
    QUERIES_MS,
  );
});
