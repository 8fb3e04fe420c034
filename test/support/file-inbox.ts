/** An inbox with all that stands behind it in memory, for tests of file imports. */
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import type { ChangesBody } from "#shared/contracts/messages.ts";
import type { PlanBounds } from "#shared/domain/file-plan.ts";
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { Fields } from "#shared/domain/records.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { flows } from "#shared/flows/flows.ts";
import type { ChangeEvent } from "#shared/ports/queues.ts";
import type { Run } from "#shared/ports/runs.ts";
import { eInvoiceReading } from "#shared/runtime/e-invoice-reading.ts";
import { readBankFile } from "#shared/runtime/bank-statement-reading.ts";
import type { ImportDependencies } from "#shared/sync/import-dependencies.ts";
import { type ImportOutcome, importFile } from "#shared/sync/import-file.ts";
import { importDocument } from "#shared/sync/import-document.ts";
import { importPart } from "#shared/sync/import-part.ts";
import { createMemoryBankRows, type MemoryBankRows } from "#test/support/memory-bank-rows.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import type { AnyImportMessage } from "#test/support/memory-queues.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

/** What an import calls, in its order. */
type Step = "plan" | "start" | "send" | "save" | "add" | "ask" | "part" | "publish" | "finish";

export interface FileInbox {
  readonly deps: ImportDependencies;
  /** What bank statements said. */
  readonly bankRows: MemoryBankRows;
  /** Puts a file into the inbox, a second later than the one before. */
  drop(key: string, content: string | Uint8Array): void;
  /** Imports once, as one delivery of the bucket's notice does, and reads the parts that it hands on. */
  deliver(key: string): Promise<ImportOutcome>;
  /** Does what an import asks of itself, as one delivery of its message does. */
  askFor(request: AnyImportMessage): Promise<void>;
  /** Does all that imports ask of themselves, delays included; their records stay in the queue. */
  settle(): Promise<void>;
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

export function createFileInbox(
  given: {
    readonly profiles?: readonly FileProfile[];
    readonly planBounds?: Partial<PlanBounds>;
  } = {},
): FileInbox {
  const { profiles = fileProfiles, planBounds } = given;
  const ports = createMemoryPorts({ nowMs: FIRST_DROP_MS + 3_600_000 });
  const { files, runs, changes, imports, staging, clock } = ports;
  const bankRows = createMemoryBankRows();
  const steps: Step[] = [];
  const failing = new Set<Step>();
  const { signal } = new AbortController();
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
  const deps: ImportDependencies = {
    ...ports,
    flows,
    planBounds,
    profiles: async () => profiles,
    opener: createFileOpener(),
    readStatements: readBankFile,
    readEInvoice: eInvoiceReading.read,
    customerFlow: flows.customer,
    bankRows: { save: taking("save", bankRows.save) },
    scanner: createTableScanner(),
    rangeReader: createRangeReader(),
    staging: {
      ...staging,
      savePlan: taking("plan", staging.savePlan),
      writePart: taking("part", staging.writePart),
    },
    files: {
      ...files,
      publish: taking("publish", files.publish),
      publishStream: taking("publish", files.publishStream),
    },
    changes: { send: taking("send", changes.send) },
    imports: { send: taking("ask", imports.send) },
    runs: {
      ...runs,
      start: taking("start", runs.start),
      add: taking("add", runs.add),
      finishCapture: taking("finish", runs.finishCapture),
    },
  };
  const context = { signal, remainingMs: () => 900_000 };
  const askFor = async (request: AnyImportMessage): Promise<void> => {
    if (request.kind === "import-document") await importDocument(deps, request, signal);
    else if (request.kind === "import-file") await importFile(deps, request, context);
    else await importPart(deps, request, context);
  };
  return {
    deps,
    bankRows,
    steps,
    drop(key, content) {
      dropCount += 1;
      files.drop(key, content, FIRST_DROP_MS + dropCount * 1_000);
    },
    async deliver(key) {
      const outcome = await importFile(deps, { key }, context);
      for (const request of imports.take()) await askFor(request);
      return outcome;
    },
    askFor,
    async settle() {
      for (let next = imports.nextAtMs(); next !== undefined; next = imports.nextAtMs()) {
        clock.advance(Math.max(0, next - clock()));
        for (const request of imports.take()) await askFor(request);
      }
    },
    events: () => changes.messages.flatMap(({ body }) => body.events as ChangeEvent[]),
    messages: () => changes.messages.map(({ body }) => body),
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
