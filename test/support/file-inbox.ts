/** An inbox with all that stands behind it in memory, for tests of file imports. */
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import type { ChangesBody } from "#shared/contracts/messages.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { Fields } from "#shared/domain/records.ts";
import { customerFlow } from "#shared/flows/customer.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import type { Run } from "#shared/ports/runs.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import {
  type ImportFileDependencies,
  type ImportOutcome,
  importFile,
} from "#shared/sync/import-file.ts";
import { createMemoryBankRows, type MemoryBankRows } from "#test/support/memory-bank-rows.ts";
import { createMemoryFiles } from "#test/support/memory-files.ts";
import {
  createMemoryMappingTable,
  type MemoryMappingTable,
} from "#test/support/memory-mapping-table.ts";
import { createMemoryQueues } from "#test/support/memory-queues.ts";
import { createMemoryRuns } from "#test/support/memory-runs.ts";

/** What an import calls, in its order. */
type Step = "start" | "send" | "save" | "add" | "publish" | "finish";

export interface FileInbox {
  readonly deps: ImportFileDependencies;
  /** Puts a file into the inbox, a second later than the one before. */
  drop(key: string, content: string | Uint8Array): void;
  /** Imports once, as one delivery of the bucket's notice does. */
  deliver(key: string): Promise<ImportOutcome>;
  /** What bank statements said. */
  readonly bankRows: MemoryBankRows;
  readonly table: MemoryMappingTable;
  /** Everything queued so far. */
  events(): ChangeEvent[];
  messages(): ChangesBody[];
  runs(): Promise<readonly Run[]>;
  /** A file of the outbox; throws where there is none. */
  result(key: string): string;
  resultKeys(): string[];
  /** The calls so far. */
  readonly steps: readonly Step[];
  /** Lets the next call of this name fail before it takes effect. */
  failNext(step: Step): void;
}

const FIRST_DROP_MS = Date.UTC(2026, 2, 2, 9);

export function createFileInbox(profiles: readonly FileProfile[] = fileProfiles): FileInbox {
  const clock = (): number => FIRST_DROP_MS + 3_600_000;
  const files = createMemoryFiles();
  const runs = createMemoryRuns();
  const queues = createMemoryQueues(clock);
  const bankRows = createMemoryBankRows();
  const table = createMemoryMappingTable(clock);
  const steps: Step[] = [];
  const failing = new Set<Step>();
  let dropCount = 0;

  const taking = <Input extends readonly unknown[]>(
    step: Step,
    call: (...input: Input) => Promise<void>,
  ): ((...input: Input) => Promise<void>) => {
    return async (...input) => {
      if (failing.delete(step)) throw new Error(`${step} fails once`);
      steps.push(step);
      await call(...input);
    };
  };
  const deps: ImportFileDependencies = {
    profiles,
    rowReader: createCsvRowReader(),
    readStatements: readBankFile,
    readEInvoice: eInvoiceReading.read,
    customerFlow,
    xrefs: table.xrefs,
    relations: table.relations,
    bankRows: { save: taking("save", bankRows.save) },
    clock,
    log: {
      moved: () => undefined,
      count: () => undefined,
      info: () => undefined,
      error: () => undefined,
    },
    files: { ...files, publish: taking("publish", files.publish) },
    changes: { send: taking("send", queues.changes.send) },
    runs: {
      ...runs,
      start: taking("start", runs.start),
      add: taking("add", runs.add),
      finishCapture: taking("finish", runs.finishCapture),
    },
  };
  return {
    deps,
    bankRows,
    table,
    steps,
    drop(key, content) {
      dropCount += 1;
      files.drop(key, content, FIRST_DROP_MS + dropCount * 1_000);
    },
    deliver: (key) => importFile(deps, { key }, new AbortController().signal),
    events: () => queues.changes.messages.flatMap(({ body }) => body.events as ChangeEvent[]),
    messages: () => queues.changes.messages.map(({ body }) => body),
    runs: async () => (await runs.list(100)).runs,
    result(key) {
      const file = files.published.get(key);
      if (file === undefined) throw new Error(`no result at ${key}`);
      return file.content;
    },
    resultKeys: () => [...files.published.keys()],
    failNext: (step) => failing.add(step),
  };
}

/** The fields of the event about a record; throws where there is none. */
export function fieldsOf(events: readonly ChangeEvent[], externalId: string): Fields {
  const record = events.find((event) => event.externalId === externalId)?.record;
  if (record === undefined) throw new Error(`no event about ${externalId}`);
  return record.fields;
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
