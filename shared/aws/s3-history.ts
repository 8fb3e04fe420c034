/** The history's log on S3. Throws SyncError `retryable` (`files-busy`, `files-unavailable`). */
import {
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { limits } from "#shared/config/limits.ts";
import { historyPrefix } from "#shared/config/names.ts";
import type { FoundEntry } from "#shared/domain/history.ts";
import type { CanonicalId } from "#shared/domain/identifiers.ts";
import type {
  HistoryReader,
  HistoryWriter,
  RecordHistory,
  UnreadableEntry,
} from "#shared/ports/history.ts";
import { asSyncError, errorName } from "./aws-errors.ts";
import { inBatches } from "./batches.ts";
import {
  entryOfLine,
  type HistoryObject,
  holdsTime,
  hourPrefix,
  objectsOf,
} from "./history-objects.ts";
import { fromFiles, readText } from "./s3-objects.ts";

export interface HistoryOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

/** S3's own bound on a page of a listing. */
const LIST_KEYS_MAX = 1_000;

export function createHistoryWriter(options: HistoryOptions): HistoryWriter {
  return {
    async append(entries) {
      for (const object of objectsOf(entries)) await put(options, object);
    },
  };
}

/** The bucket refuses to replace an object; one of the same key has the same content. */
async function put({ client, bucket }: HistoryOptions, object: HistoryObject): Promise<void> {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: object.key,
    Body: object.content,
    ContentType: "application/x-ndjson",
    IfNoneMatch: "*",
  });
  await client.send(command).catch((error: unknown) => {
    if (errorName(error) !== "PreconditionFailed") throw asSyncError("files", error);
  });
}

export function createHistoryReader(options: HistoryOptions): HistoryReader {
  return {
    ofRecord: (id) => readRecord(options, id),
    since: (savedAt) => readSince(options, savedAt),
  };
}

function readRecord(options: HistoryOptions, id: CanonicalId): RecordHistory {
  const hours = new Map<string, Promise<string[]>>();
  const objects = new Map<string, Promise<FoundEntry[]>>();
  return {
    async find(savedAt) {
      const prefix = hourPrefix(savedAt);
      const listed = hours.get(prefix) ?? Array.fromAsync(listKeys(options, { prefix }));
      hours.set(prefix, listed);
      const keys = (await listed).filter((key) => holdsTime(key, savedAt));
      const found: FoundEntry[] = [];
      for (const batch of inBatches(keys, limits.historyObjectsAtOnceMax)) {
        const opened = batch.map((key) => {
          const entries = objects.get(key) ?? readEntriesOf(options, key, id);
          objects.set(key, entries);
          return entries;
        });
        found.push(...(await Promise.all(opened)).flat());
      }
      return found;
    },
    openedCount: () => objects.size,
  };
}

async function readEntriesOf(
  options: HistoryOptions,
  key: string,
  id: CanonicalId,
): Promise<FoundEntry[]> {
  const lines = await readLines(options, key);
  return lines
    .filter((line) => line.includes(id))
    .map(entryOfLine)
    .filter((found) => found !== undefined)
    .filter(({ entry }) => entry.canonicalId === id);
}

async function* readSince(
  options: HistoryOptions,
  savedAt: number,
): AsyncGenerator<FoundEntry | UnreadableEntry> {
  const keys = listKeys(options, { prefix: historyPrefix, after: hourPrefix(savedAt) });
  let batch: string[] = [];
  for await (const key of keys) {
    batch.push(key);
    if (batch.length < limits.historyObjectsAtOnceMax) continue;
    yield* readAll(options, batch, savedAt);
    batch = [];
  }
  yield* readAll(options, batch, savedAt);
}

async function* readAll(
  options: HistoryOptions,
  keys: readonly string[],
  savedAt: number,
): AsyncGenerator<FoundEntry | UnreadableEntry> {
  const contents = await Promise.all(keys.map((key) => readLines(options, key)));
  for (const [position, lines] of contents.entries()) {
    for (const line of lines) {
      const found = entryOfLine(line);
      if (found === undefined) yield { object: keys[position] ?? "" };
      else if (found.entry.savedAt >= savedAt) yield found;
    }
  }
}

async function* listKeys(
  { client, bucket }: HistoryOptions,
  { prefix, after }: { readonly prefix: string; readonly after?: string },
): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: bucket,
      Prefix: prefix,
      StartAfter: after,
      MaxKeys: LIST_KEYS_MAX,
      ContinuationToken,
    });
    const page: ListObjectsV2CommandOutput = await fromFiles(client.send(command));
    for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

/** None where the object went between its listing and now. */
async function readLines({ client, bucket }: HistoryOptions, key: string): Promise<string[]> {
  const text = (await readText(client, { Bucket: bucket, Key: key })) ?? "";
  return text.split("\n").filter((line) => line !== "");
}
