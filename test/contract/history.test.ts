/** What the history's log promises, asked of its twin in memory and of S3. */
import { DeleteObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { chainOf, hashOf } from "#shared/aws/history-chain.ts";
import { objectsOf } from "#shared/aws/history-objects.ts";
import { createHistoryReader, createHistoryWriter } from "#shared/aws/s3-history.ts";
import type { FoundEntry, HistoryEntry } from "#shared/domain/history.ts";
import type { HistoryReader, HistoryWriter, UnreadableEntry } from "#shared/ports/history.ts";
import { aCustomerId } from "#test/support/cross-references.ts";
import { type FauxqsEmulator, startFauxqsEmulator } from "#test/support/fauxqs-emulator.ts";
import { aTry } from "#test/support/history-world.ts";
import { createMemoryHistory } from "#test/support/memory-history.ts";

/** 2026-01-05T10:00:00Z */
const TEN_MS = 1_767_607_200_000;
const HOUR_MS = 3_600_000;

interface Log {
  readonly reader: HistoryReader;
  readonly writer: HistoryWriter;
  keys(): Promise<readonly string[]>;
  put(key: string, content: string): Promise<void>;
  remove(key: string): Promise<void>;
}

const inMemory = {
  name: "memory",
  start: async () => undefined,
  async fresh(): Promise<Log> {
    const history = createMemoryHistory();
    return {
      reader: history,
      writer: history,
      keys: async () => [...history.objects.keys()].sort(),
      put: async (key, content) => void history.objects.set(key, content),
      remove: async (key) => void history.objects.delete(key),
    };
  },
  stop: async () => undefined,
};

function onS3() {
  let emulator: FauxqsEmulator | undefined;
  let bucketCount = 0;
  return {
    name: "S3",
    async start() {
      emulator = await startFauxqsEmulator();
    },
    async fresh(): Promise<Log> {
      if (emulator === undefined) throw new Error("not started");
      const { s3: client, putObject } = emulator;
      bucketCount += 1;
      const bucket = `history-${bucketCount}`;
      await emulator.createBucket(bucket);
      return {
        reader: createHistoryReader({ client, bucket }),
        writer: createHistoryWriter({ client, bucket }),
        async keys() {
          const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
          return Contents.map(({ Key = "" }) => Key).sort();
        },
        put: (key, content) => putObject(bucket, key, content),
        async remove(Key) {
          await client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
        },
      };
    },
    async stop() {
      await emulator?.stop();
    },
  };
}

function anEntry(ending: string, revision: number, savedAt: number): HistoryEntry {
  const entry: Omit<HistoryEntry, "chain"> = {
    canonicalId: aCustomerId(ending),
    recordType: "customer",
    revision,
    savedAt,
    bodyHash: hashOf(`${ending} ${revision}`),
    trail: [aTry(revision)],
  };
  return { ...entry, chain: chainOf(entry) };
}

const intact = (entry: HistoryEntry): FoundEntry => ({ entry, isIntact: true });
const all = (found: AsyncIterable<FoundEntry | UnreadableEntry>) => Array.fromAsync(found);

describe.each([inMemory, onS3()])("the history on $name", (implementation) => {
  let log: Log;
  beforeAll(() => implementation.start());
  beforeEach(async () => {
    log = await implementation.fresh();
  });
  afterAll(() => implementation.stop());

  it("gives back what was appended, hour by hour", async () => {
    const early = anEntry("1", 1, TEN_MS - 1);
    const late = [anEntry("2", 1, TEN_MS), anEntry("1", 2, TEN_MS + 1)];

    await log.writer.append([...late, early]);

    expect(await all(log.reader.since(0))).toEqual([early, ...late].map(intact));
    expect(await all(log.reader.since(TEN_MS))).toEqual(late.map(intact));
    expect(await all(log.reader.since(TEN_MS + 1))).toEqual(late.slice(1).map(intact));
    expect(await all(log.reader.since(TEN_MS + HOUR_MS))).toEqual([]);
  });

  it("keeps a batch that comes again as it was", async () => {
    const entries = [anEntry("1", 1, TEN_MS), anEntry("2", 1, TEN_MS)];

    await log.writer.append(entries);
    await log.writer.append(entries.toReversed());

    expect(await log.keys()).toEqual(objectsOf(entries).map(({ key }) => key));
    expect(await all(log.reader.since(0))).toEqual(entries.map(intact));
  });

  it("finds one record's entries by time, copies included, and opens no object twice", async () => {
    const wanted = anEntry("1", 2, TEN_MS + 5);
    const other = anEntry("2", 1, TEN_MS + 6);
    await log.writer.append([anEntry("1", 1, TEN_MS), wanted, other]);
    await log.writer.append([wanted, other]);
    await log.writer.append([anEntry("1", 3, TEN_MS + 7)]);
    const record = log.reader.ofRecord(wanted.canonicalId);

    const found = await record.find(wanted.savedAt);

    expect(found.filter(({ entry }) => entry.revision === 2)).toEqual([
      intact(wanted),
      intact(wanted),
    ]);
    expect(found.filter(({ entry }) => entry.canonicalId !== wanted.canonicalId)).toEqual([]);
    expect(record.openedCount()).toBe(2);
    expect(await record.find(TEN_MS)).toHaveLength(2);
    expect(record.openedCount()).toBe(2);
  });

  it("finds nothing where nothing is, in an hour of its own or not", async () => {
    await log.writer.append([anEntry("1", 1, TEN_MS)]);
    const record = log.reader.ofRecord(aCustomerId("1"));

    expect(await record.find(TEN_MS + 1)).toEqual([]);
    expect(await record.find(TEN_MS + HOUR_MS)).toEqual([]);
    expect(await log.reader.ofRecord(aCustomerId("2")).find(TEN_MS)).toEqual([]);
  });

  it("shows what was changed, and what is no entry any more", async () => {
    const [first, second] = [anEntry("1", 1, TEN_MS), anEntry("1", 2, TEN_MS + 1)];
    await log.writer.append([first, second]);
    const [object] = objectsOf([first, second]);
    const key = object?.key ?? "";
    const edited = (object?.content ?? "").replace('"tries":1', '"tries":7');
    await log.put(key, `${edited}not json\n`);

    const found = await all(log.reader.since(0));

    expect(found).toEqual([
      { entry: { ...first, trail: [aTry(7)] }, isIntact: false },
      intact(second),
      { object: key },
    ]);
    expect(await log.reader.ofRecord(first.canonicalId).find(TEN_MS)).toEqual(found.slice(0, 2));
  });

  it("has no entry of an object that is gone", async () => {
    await log.writer.append([anEntry("1", 1, TEN_MS)]);
    for (const key of await log.keys()) await log.remove(key);

    expect(await all(log.reader.since(0))).toEqual([]);
    expect(await log.reader.ofRecord(aCustomerId("1")).find(TEN_MS)).toEqual([]);
  });

  it("reads more objects than one page of a listing names", async () => {
    const content = objectsOf([anEntry("1", 1, TEN_MS)])[0]?.content ?? "";
    const range = `${TEN_MS}-${TEN_MS}`;
    const keys = Array.from(
      { length: 1_003 },
      (_, index) => `history/2026/01/05/10/${range}-${index}.jsonl`,
    );
    await Promise.all(keys.map((key) => log.put(key, content)));

    expect(await log.reader.ofRecord(aCustomerId("1")).find(TEN_MS)).toHaveLength(1_003);
  });
});
