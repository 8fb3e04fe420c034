/** Planning that stops and goes on: after a crash at any of its steps, and whenever time is over. */
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { limits } from "#shared/config/limits.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { tieoutCustomers } from "#shared/flows/files/tieout-customers.ts";
import type { InboxFile } from "#shared/ports/files.ts";
import type { ImportPlan, ImportStaging } from "#shared/ports/imports.ts";
import type { ImportDependencies } from "#shared/sync/import-dependencies.ts";
import { type ImportOutcome, importFile } from "#shared/sync/import-file.ts";
import type { Invocation } from "#shared/sync/invocation.ts";
import { createFileInbox, inChunks } from "#test/support/file-inbox.ts";

const { signal } = new AbortController();
const context: Invocation = { signal, remainingMs: () => 900_000 };

const CHUNK_BYTES = 100;
const CHECKPOINT_BYTES = 300;
const KEY = "customers.csv";
const customers = [
  "id,name",
  ...Array.from({ length: 150 }, (_, at) => `K${at},${at % 7 === 0 ? `"Name\n${at}"` : at}`),
  // One key says two things, far apart; another says one thing twice.
  ...["K3,Another", "K4,4", "", "K200,Last"],
].join("\n");
const orders = [
  "order_number,customer_id,order_date,currency,unit_price,quantity",
  ...Array.from(
    { length: 60 },
    (_, at) => `A${Math.floor(at / 3)},K1,2026-03-02,EUR,1.50,${at + 1}`,
  ),
].join("\n");

/** An invocation that has time for everything but the walk. */
function shortWalk<Deps extends Pick<ImportDependencies, "scanner">>(deps: Deps) {
  let walks = 0;
  const scanner: ImportDependencies["scanner"] = {
    ...deps.scanner,
    scan: (...input) => {
      walks += 1;
      return deps.scanner.scan(...input);
    },
  };
  return {
    deps: { ...deps, scanner },
    shortOfTime: { signal, remainingMs: () => (walks > 0 ? 0 : 900_000) },
  };
}

interface Planning {
  readonly deps: ImportDependencies;
  /** How often the walk has read each byte. */
  readonly timesRead: readonly number[];
  /** How often it was found out what the file is. */
  opened(): number;
  /** Once, in one invocation. */
  plan(within?: Invocation): Promise<ImportOutcome>;
  readonly shortOfTime: Invocation;
  planOf(outcome: ImportOutcome): Promise<ImportPlan | undefined>;
}

function planning(
  content: string | Uint8Array,
  given: {
    readonly staging?: (staging: ImportStaging) => ImportStaging;
    readonly profiles?: () => readonly FileProfile[];
  } = {},
): Planning {
  const { staging = (one) => one, profiles = () => fileProfiles } = given;
  const inbox = createFileInbox({ planBounds: { rangeBytes: 256 } });
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const timesRead = new Array<number>(bytes.length).fill(0);
  let openedCount = 0;
  const read: InboxFile["read"] = async function* (range) {
    const { from, to } = range ?? { from: 0 };
    let at = from;
    for await (const chunk of inChunks(bytes.subarray(from, to), [CHUNK_BYTES])) {
      // Who finds out what the file is reads it from its start.
      for (let index = 0; range !== undefined && index < chunk.length; index += 1) {
        timesRead[at + index] = (timesRead[at + index] ?? 0) + 1;
      }
      at += chunk.length;
      yield chunk;
    }
  };
  const file: InboxFile = { key: KEY, bytes: bytes.length, droppedAtMs: 1, contentTag: "t", read };
  const { deps, shortOfTime } = shortWalk<ImportDependencies>({
    ...inbox.deps,
    checkpointBytes: CHECKPOINT_BYTES,
    profiles: async () => profiles(),
    files: { ...inbox.deps.files, open: async () => file },
    staging: staging(inbox.deps.staging),
    opener: {
      open: (...input) => {
        openedCount += 1;
        return inbox.deps.opener.open(...input);
      },
    },
  });
  return {
    deps,
    shortOfTime,
    timesRead,
    opened: () => openedCount,
    plan: (within = context) => importFile(deps, { key: KEY }, within),
    planOf: async (outcome) =>
      "runId" in outcome ? inbox.deps.staging.readPlan(outcome.runId) : undefined,
  };
}

/** Lets the `count`th thing that planning puts away fail, before it is there or when it is. */
function failingAt(count: number, isThere: boolean) {
  const calls = { count: 0 };
  const failing = <Input extends readonly unknown[]>(call: (...input: Input) => Promise<void>) => {
    return async (...input: Input): Promise<void> => {
      calls.count += 1;
      const fails = calls.count === count;
      if (!fails || isThere) await call(...input);
      if (fails) throw new Error("the worker dies");
    };
  };
  const staging = (one: ImportStaging): ImportStaging => ({
    ...one,
    savePlan: failing(one.savePlan),
    saveCheckpoint: failing(one.saveCheckpoint),
    writeRows: failing(one.writeRows),
  });
  return { staging, calls };
}

async function wholePlan(content: string): Promise<ImportPlan | undefined> {
  const whole = planning(content);
  return whole.planOf(await whole.plan());
}

describe("planning", () => {
  it.each([
    ["customers", customers],
    ["orders", orders],
  ])("of %s goes on after a crash at each step as if it had not been", async (_name, content) => {
    const plan = await wholePlan(content);
    const undisturbed = failingAt(0, false);
    await planning(content, undisturbed).plan();
    expect(undisturbed.calls.count).toBeGreaterThan(6);

    for (let step = 1; step <= undisturbed.calls.count; step += 1) {
      for (const isThere of [false, true]) {
        const disturbed = planning(content, failingAt(step, isThere));
        await expect(disturbed.plan()).rejects.toThrow("the worker dies");

        expect(await disturbed.planOf(await disturbed.plan())).toEqual(plan);
        const readAgain = disturbed.timesRead.filter((times) => times > 1).length;
        expect(Math.max(...disturbed.timesRead)).toBeLessThanOrEqual(2);
        expect(readAgain).toBeLessThanOrEqual(CHECKPOINT_BYTES + 2 * CHUNK_BYTES);
      }
    }
    expect(plan?.ranges.length).toBeGreaterThan(3);
  });

  it("is handed on whenever time is over, and reads little more than each byte once", async () => {
    const { deps, timesRead, opened, plan, planOf, shortOfTime } = planning(customers);
    let outcome = await plan(shortOfTime);
    let invocations = 1;
    while (outcome.kind === "paused") {
      expect((await deps.runs.get(outcome.runId))?.capturedAt).toBeUndefined();
      outcome = await plan(shortOfTime);
      invocations += 1;
    }

    expect(outcome.kind).toBe("imported");
    expect(await planOf(outcome)).toEqual(await wholePlan(customers));
    expect(invocations).toBeGreaterThan(10);
    expect(opened()).toBe(1);
    // What is read twice are rows that the time ended in.
    expect(Math.max(...timesRead)).toBe(2);
    expect(timesRead.filter((times) => times > 1).length).toBeLessThan(invocations * 20);
  });

  it("tells the run that it began, and goes on by a message of its own", async () => {
    const inbox = createFileInbox();
    inbox.drop(KEY, customers);

    const { deps, shortOfTime } = shortWalk(inbox.deps);

    const outcome = await importFile(deps, { key: KEY }, shortOfTime);

    expect(outcome.kind).toBe("paused");
    expect((await inbox.runs()).map(({ subject, connection }) => [subject, connection])).toEqual([
      [KEY, "files"],
    ]);
    await inbox.settle();
    expect((await inbox.runs())[0]?.counts).toMatchObject({ rows: 153n, records: 150n });
  });

  it("makes text of a file once, however often it stops", async () => {
    const { opened, plan, planOf, shortOfTime } = planning(gzipSync(customers));
    let outcome = await plan(shortOfTime);
    expect(outcome.kind).toBe("paused");
    while (outcome.kind === "paused") outcome = await plan(shortOfTime);

    const whole = await wholePlan(customers);
    expect(opened()).toBe(1);
    expect(await planOf(outcome)).toMatchObject({ isInPlace: false, ranges: whole?.ranges });
  });

  it("begins anew where the profile reads the rows otherwise by then", async () => {
    let profile: FileProfile = tieoutCustomers;
    const { opened, plan, planOf, shortOfTime } = planning(customers, {
      profiles: () => [profile],
    });
    expect((await plan(shortOfTime)).kind).toBe("paused");
    profile = { ...tieoutCustomers, nullTexts: ["K3"] };

    const outcome = await plan();

    expect(opened()).toBe(2);
    // The key that said two things is none any more.
    expect((await planOf(outcome))?.conflictingKeys).toEqual([]);
    expect((await wholePlan(customers))?.conflictingKeys.length).toBe(1);
  });

  it("refuses what cannot be opened in the time of one invocation, with what to do", async () => {
    const { deps, plan } = planning(gzipSync(customers));

    const outcome = await plan({ signal, remainingMs: () => 0 });

    if (outcome.kind !== "refused") throw new Error(outcome.kind);
    expect(outcome.problem).toMatchObject({ code: "file-too-slow" });
    expect((await deps.runs.get(outcome.runId))?.problem?.code).toBe("file-too-slow");
  });

  it("puts nothing away of a file that is walked over at once", async () => {
    const { staging, calls } = failingAt(0, false);
    const inbox = createFileInbox();
    inbox.drop(KEY, customers);

    await importFile(
      { ...inbox.deps, staging: staging(inbox.deps.staging) },
      { key: KEY },
      context,
    );

    expect(customers.length).toBeLessThan(limits.fileCheckpointBytes);
    // The plan alone.
    expect(calls.count).toBe(1);
  });
});
