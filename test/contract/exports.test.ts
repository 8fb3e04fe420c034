/** What keeping exports promises, asked of the twin in memory and of S3. */
import { createHash } from "node:crypto";
import {
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createExportManifests, createExportStore } from "#shared/aws/s3-exports.ts";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import type { ExportManifests, ExportStore } from "#shared/ports/exports.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";
import { createMemoryExports } from "#test/support/memory-exports.ts";

interface Exports {
  readonly store: ExportStore & ExportManifests;
  /** Keys in the outbox. */
  keys(): Promise<string[]>;
  read(key: string): Promise<Uint8Array>;
}

/** S3's smallest. */
const PART_BYTES = 5 * 1024 * 1024;

const inMemory = {
  name: "memory",
  start: async () => undefined,
  async fresh(): Promise<Exports> {
    const store = createMemoryExports();
    return {
      store,
      keys: async () => [...store.files.keys(), ...store.manifests.keys()],
      read: async (key) => store.files.get(key) ?? new Uint8Array(),
    };
  },
  stop: async () => undefined,
};

let emulator: FauxqsEmulator;
let bucketCount = 0;
const onS3 = {
  name: "S3",
  async start() {
    emulator = await startFauxqsEmulator();
    await emulator.createBucket("staging");
  },
  async fresh(): Promise<Exports> {
    bucketCount += 1;
    const Bucket = `outbox-${bucketCount}`;
    await emulator.createBucket(Bucket);
    const options = {
      client: emulator.s3,
      stagingBucket: "staging",
      outboxBucket: Bucket,
      partBytes: PART_BYTES,
    };
    return {
      store: { ...createExportStore(options), ...createExportManifests(options) },
      async keys() {
        const { Contents = [] } = await emulator.s3.send(new ListObjectsV2Command({ Bucket }));
        return Contents.map(({ Key = "" }) => Key);
      },
      async read(Key) {
        const { Body } = await emulator.s3.send(new GetObjectCommand({ Bucket, Key }));
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      },
    };
  },
  stop: async () => emulator.stop(),
};

async function* chunksOf(bytes: number, sign = 7) {
  const chunk = new Uint8Array(1_000_003).fill(sign);
  for (let left = bytes; left > 0; left -= chunk.length) yield chunk.subarray(0, left);
}

const sha256 = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");

describe.each([inMemory, onS3])("exports on $name", (implementation) => {
  let here: Exports;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    here = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  it("keep parts under names of their content, and read any range of them", async () => {
    const content = new TextEncoder().encode('["a",[]]\n["b",[]]\n');

    const names = [await here.store.stage(content), await here.store.stage(content)];

    expect(new Set(names)).toEqual(new Set([sha256(content)]));
    const part = await here.store.openStaged(names[0] ?? "");
    const chunks = await Array.fromAsync(part.read({ from: 9, to: 17 }));
    expect(part.bytes).toBe(content.length);
    expect(Buffer.concat(chunks).toString()).toBe('["b",[]]');
  });

  it("say that a part is gone", async () => {
    await expect(here.store.openStaged("0".repeat(64))).rejects.toMatchObject({
      failure: { kind: "bug", code: "export-part-missing" },
    });
  });

  it.each([0, 1, PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES + 9])(
    "write a file of %d bytes",
    async (bytes) => {
      const written = await here.store.write("exports/a.csv", "text/csv", chunksOf(bytes));

      const content = await here.read("exports/a.csv");
      expect(content.length).toBe(bytes);
      expect(written).toEqual({ bytes, sha256: sha256(content) });
    },
  );

  it.each([1_000, 2 * PART_BYTES])(
    "show nothing of a file that broke after %d bytes",
    async (bytes) => {
      const broken = async function* () {
        yield* chunksOf(bytes);
        throw new Error("the worker died");
      };

      await expect(here.store.write("exports/a.csv", "text/csv", broken())).rejects.toThrow("died");

      expect(await here.keys()).toEqual([]);
    },
  );

  it("give a manifest back as it was written, and none where there is none", async () => {
    const manifest = {
      version: 1,
      runId: "export-1",
      file: "exports/a.csv",
      bytes: 1,
      sha256: "0",
      sums: { total: { EUR: "1.00" } },
    } as unknown as ExportManifest;

    await here.store.writeManifest("exports/a.manifest.json", manifest);

    expect(await here.store.readManifest("exports/a.manifest.json")).toEqual(manifest);
    expect(await here.store.readManifest("exports/b.manifest.json")).toBeUndefined();
  });
});

describe("exports on S3", () => {
  beforeAll(() => onS3.start());
  afterAll(() => onS3.stop());

  it("give up the upload of a file that broke", async () => {
    const here = await onS3.fresh();
    const broken = async function* () {
      yield* chunksOf(2 * PART_BYTES);
      throw new Error("the worker died");
    };
    await expect(here.store.write("exports/a.csv", "text/csv", broken())).rejects.toThrow("died");

    const command = new ListMultipartUploadsCommand({ Bucket: `outbox-${bucketCount}` });
    const { Uploads = [] } = await emulator.s3.send(command);
    expect(Uploads).toEqual([]);
  });
});
