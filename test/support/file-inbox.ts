/** An inbox, an outbox and what stands behind them, in memory, for tests of file imports. */
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { changesMessage } from "#shared/contracts/messages.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { FieldValue, Fields } from "#shared/domain/records.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import type { InboxFile } from "#shared/ports/files.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import type { Run } from "#shared/ports/runs.ts";
import { type ImportFileDependencies, type ImportOutcome, importFile } from "#shared/sync/import-file.ts";

export interface FileInbox {
  /** Puts a file into the inbox; the time of the drop grows by a second with each. */
  drop(key: string, content: string | Uint8Array): void;
  /** Runs the import once, as one delivery of the bucket's notice would. */
  deliver(key: string): Promise<ImportOutcome>;
  readonly events: ChangeEvent[];
  readonly sends: { readonly runId: string | undefined; readonly eventCount: number }[];
  readonly results: Map<string, string>;
  readonly runs: Map<string, Run>;
  /** What ran, in order: `start`, `send`, `add`, `publish`, `finish`. */
  readonly steps: string[];
  /** Fails the step of this name once, before it takes effect. */
  failNext(step: string): void;
  readonly deps: ImportFileDependencies;
}

const FIRST_DROP_MS = Date.UTC(2026, 2, 2, 9);

export function createFileInbox(profiles: readonly FileProfile[] = fileProfiles): FileInbox {
  const files = new Map<string, InboxFile>();
  const events: ChangeEvent[] = [];
  const sends: FileInbox["sends"] = [];
  const results = new Map<string, string>();
  const runs = new Map<string, Run>();
  const receipts = new Set<string>();
  const steps: string[] = [];
  const failing = new Set<string>();
  let dropCount = 0;

  const step = (name: string): void => {
    if (failing.delete(name)) throw new Error(`${name} fails once`);
    steps.push(name);
  };
  const deps: ImportFileDependencies = {
    profiles,
    rowReader: createCsvRowReader(),
    clock: () => Date.UTC(2026, 2, 2, 10),
    log: { moved: () => undefined, info: () => undefined, error: () => undefined },
    files: {
      open: async (key) => files.get(key),
      publish: async (key, content) => {
        step("publish");
        results.set(key, content);
      },
    },
    changes: {
      send: async (sent, options) => {
        step("send");
        changesMessage.parse({ version: 1, kind: "changes", events: sent });
        events.push(...sent);
        sends.push({ runId: options?.runId, eventCount: sent.length });
      },
    },
    runs: {
      start: async (run) => {
        step("start");
        if (!runs.has(run.runId)) runs.set(run.runId, { ...run, counts: {} });
      },
      add: async (runId, receipt, counts) => {
        step("add");
        const run = runs.get(runId);
        if (run !== undefined && !receipts.has(receipt)) runs.set(runId, { ...run, counts });
        receipts.add(receipt);
      },
      finishCapture: async (runId, capturedAt, problem) => {
        step("finish");
        const run = runs.get(runId);
        if (run !== undefined) runs.set(runId, { ...run, capturedAt, problem });
      },
      get: async (runId) => runs.get(runId),
      list: async () => ({ runs: [...runs.values()] }),
    },
  };
  return {
    drop: (key, content) => {
      dropCount += 1;
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      files.set(key, {
        key,
        bytes: bytes.length,
        droppedAtMs: FIRST_DROP_MS + dropCount * 1_000,
        contentTag: Buffer.from(bytes).toString("base64"),
        content: { [Symbol.asyncIterator]: () => inChunks(bytes, [7])[Symbol.asyncIterator]() },
      });
    },
    deliver: (key) => importFile(deps, { key }, new AbortController().signal),
    events,
    sends,
    results,
    runs,
    steps,
    failNext: (name) => failing.add(name),
    deps,
  };
}

/** The bytes in chunks of the given lengths, repeated as often as it takes. */
export async function* inChunks(
  bytes: Uint8Array,
  lengths: readonly number[],
): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (let index = 0; start < bytes.length; index += 1) {
    const length = Math.max(1, lengths[index % lengths.length] ?? 1);
    yield bytes.subarray(start, start + length);
    start += length;
  }
}

/** The fields of the event about a record; throws where there is none. */
export function fieldsOf(events: readonly ChangeEvent[], externalId: string): Fields {
  const record = events.find((event) => event.externalId === externalId)?.record;
  if (record === undefined) throw new Error(`no event about ${externalId}`);
  return record.fields;
}

export function fieldOf(
  events: readonly ChangeEvent[],
  externalId: string,
  field: string,
): FieldValue | undefined {
  return fieldsOf(events, externalId)[field];
}
