/**
 * One measurement of `files.ts`, in a process that has done nothing else, so that the peak of memory is
 * its own: `node files-worker.ts import|parse|open <file>` prints what it took as JSON.
 */
import { createReadStream, statSync } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream";
import { parse } from "csv-parse";
import { packChanges } from "#shared/aws/message-packing.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import { createTableScanner } from "#shared/connectors/file/scan-table.ts";
import { createRangeReader } from "#shared/connectors/file/split-rows.ts";
import { fileProfiles } from "#shared/flows/files/profiles.ts";
import { flows } from "#shared/flows/flows.ts";
import type { InboxFile } from "#shared/ports/files.ts";
import { importFile } from "#shared/sync/import-file.ts";
import { importPart } from "#shared/sync/import-part.ts";
import { createMemoryPorts } from "#test/support/stack-of-ports.ts";

export interface FileMeasurement {
  /** Rows below the header, as this way of reading counts them. */
  readonly rows: number;
  readonly wallMs: number;
  readonly processorMs: number;
  readonly peakKibibytes: number;
}

const LINE_FEED = 0x0a;

const [way = "parse", path = ""] = process.argv.slice(2);

/** From the file to the messages of the queue, which are packed and let go. */
async function readAsImport(): Promise<number> {
  const { signal } = new AbortController();
  const ports = createMemoryPorts();
  let rows = 0;
  const deps = {
    ...ports,
    files: { ...ports.files, open: async () => fileOnDisk() },
    opener: createFileOpener(),
    scanner: createTableScanner(),
    rangeReader: createRangeReader(),
    profiles: async () => fileProfiles,
    flows,
    changes: {
      send: async (...[events, options]: Parameters<typeof ports.changes.send>) => {
        packChanges(events, options?.runId);
        rows += events.length;
      },
    },
    log: { moved: ignore, count: ignore, info: ignore, error: ignore },
  };
  const context = { signal, remainingMs: () => 900_000 };
  const outcome = await importFile(deps, { key: "customers.csv" }, context);
  if (outcome.kind !== "imported") throw new Error(`The file was ${outcome.kind}`);
  for (const part of ports.imports.take()) {
    if (part.kind === "import-range") await importPart(deps, part, context);
  }
  return rows;
}

/** What the file is, and its text where it is none. */
async function readAsOpener(): Promise<number> {
  const file = fileOnDisk();
  const { signal } = new AbortController();
  const opened = await createFileOpener().open(basename(path), file, signal);
  if (opened.kind !== "table") throw new Error(`The file is ${opened.kind}`);
  let rows = -1;
  for await (const chunk of opened.text()) {
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) {
      rows += 1;
    }
  }
  return rows;
}

function fileOnDisk(): InboxFile {
  return {
    key: "customers.csv",
    bytes: statSync(path).size,
    droppedAtMs: 1,
    contentTag: "bench",
    // A stream's own end is inclusive.
    read: ({ from, to } = { from: 0 }) =>
      createReadStream(path, { start: from, ...(to === undefined ? {} : { end: to - 1 }) }),
  };
}

function ignore(): void {
  // What is told of each record is not measured here.
}

/** csv-parse, as strict as an import, and nothing else. */
async function readBare(): Promise<number> {
  const parser = parse({
    bom: true,
    delimiter: ",",
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    skip_empty_lines: false,
  });
  pipeline(createReadStream(path), parser, ignore);
  let rows = -1;
  for await (const _cells of parser) rows += 1;
  return rows;
}

const before = process.cpuUsage();
const startMs = performance.now();
const ways: Readonly<Record<string, () => Promise<number>>> = {
  import: readAsImport,
  parse: readBare,
  open: readAsOpener,
};
const rows = await (ways[way] ?? readBare)();
const { user, system } = process.cpuUsage(before);
const measurement: FileMeasurement = {
  rows,
  wallMs: performance.now() - startMs,
  processorMs: (user + system) / 1_000,
  peakKibibytes: process.resourceUsage().maxRSS,
};
process.stdout.write(`${JSON.stringify(measurement)}\n`);
