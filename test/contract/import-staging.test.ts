/** What imports keep between two invocations, asked of S3 and of its twin in memory. */
import { PutObjectCommand } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createImportStaging } from "#shared/aws/s3-import-staging.ts";
import { importPlan } from "#shared/contracts/import-plan.ts";
import type { ImportPlan, ImportStaging, PlanCheckpoint } from "#shared/ports/imports.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";
import { createMemoryImportStaging } from "#test/support/memory-import-staging.ts";

const { signal } = new AbortController();
let emulator: FauxqsEmulator;

beforeAll(async () => {
  emulator = await startFauxqsEmulator();
  await emulator.createBucket("staging");
});
afterAll(() => emulator.stop());

const shape = {
  isInPlace: true,
  bytes: 90,
  delimiter: ";",
  profile: "tieout-customers",
  header: ["id", "name"],
  headerRow: 2,
} as const;
const plan: ImportPlan = {
  ...shape,
  key: "customers.csv",
  droppedAtMs: 1,
  contentTag: "t",
  version: 1,
  ranges: [{ from: 8, to: 90, firstRow: 3, rowCount: 7 }],
  conflictingKeys: ["a.b"],
  areKeysUnique: true,
  isWhole: false,
  isRefusedWhole: false,
};
const checkpoint: PlanCheckpoint = {
  ...shape,
  isPresumedUtf8: true,
  reading: "0a1b",
  stops: [{ row: 4, from: 30 }],
};

const onS3 = (): ImportStaging => createImportStaging({ client: emulator.s3, bucket: "staging" });

describe.each([
  ["memory", createMemoryImportStaging],
  ["S3", onS3],
] as const)("what an import keeps in %s", (_name, create) => {
  it("is a plan and how far it has come, each the last that was saved", async () => {
    const staging = create();
    expect(await staging.readPlan("run-1")).toBeUndefined();
    expect(await staging.readCheckpoint("run-1")).toBeUndefined();

    await staging.saveCheckpoint("run-1", { ...checkpoint, stops: [] });
    await staging.saveCheckpoint("run-1", checkpoint);
    await staging.savePlan("run-1", plan);

    expect(await staging.readCheckpoint("run-1")).toEqual(checkpoint);
    expect(await staging.readPlan("run-1")).toEqual(plan);
    expect(await staging.readPlan("run-2")).toBeUndefined();
  });

  it("is rows by the part of the text that they stand in, and by how they are understood", async () => {
    const staging = create();
    const place = { reading: "0a1b", from: 0, to: 30 };
    const rows = Uint8Array.of(0, 255, 10, 13);

    await staging.writeRows("run-1", place, rows);
    await staging.writeRows("run-1", { ...place, reading: "0a1c" }, Uint8Array.of(1));
    await staging.writeRows("run-1", { ...place, from: 30, to: 60 }, new Uint8Array());

    expect(Uint8Array.from(await staging.readRows("run-1", place, signal))).toEqual(rows);
    const empty = await staging.readRows("run-1", { ...place, from: 30, to: 60 }, signal);
    expect(empty.length).toBe(0);
    const missing = { ...place, from: 60, to: 90 };
    await expect(staging.readRows("run-1", missing, signal)).rejects.toThrow();
  });
});

it("of an earlier version what was planned counts, and how far it had come does not", async () => {
  const put = (name: string, content: object) =>
    emulator.s3.send(
      new PutObjectCommand({
        Bucket: "staging",
        Key: `imports/run-9/${name}.json`,
        Body: JSON.stringify(content),
      }),
    );
  await put("plan", { ...plan, contentHash: "0".repeat(64) });
  await put("checkpoint", { ...checkpoint, stops: undefined, places: [] });

  expect(await onS3().readPlan("run-9")).toEqual(importPlan.parse(plan));
  expect(await onS3().readCheckpoint("run-9")).toBeUndefined();
});
