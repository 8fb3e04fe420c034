/**
 * How fast a file is read up to the queue, beside the bare parser on the same file: 10 thousand, 100
 * thousand and a million customers of 13 columns, each measured in a process of its own. Both take turns,
 * and of each the run with the least processor time counts: what else the machine did is in the others.
 *
 * Then, how long it takes to make text of a file that is none, which no other invocation can go on with.
 */
import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGzip } from "node:zlib";
import { projectFolder } from "#infra/bundle.ts";
import { splitRows } from "#shared/connectors/file/split-rows.ts";
import { writeXlsx } from "#shared/connectors/file/xlsx-write.ts";
import type { FileMeasurement } from "./files-worker.ts";
import { formatCount, formatRatio, formatSeconds } from "./numbers.ts";
import type { TextTable } from "./text-table.ts";

const ROW_COUNTS = [10_000, 100_000, 1_000_000] as const;
const KIBIBYTES_PER_MEBIBYTE = 1_024;
const PEAK_MEBIBYTES_MAX = 256;
/** As Lambda tells Node of a small function: the heap is bounded, so that garbage goes in time. */
const HEAP = ["--max-old-space-size=128", "--max-semi-space-size=16"];
const ROWS_PER_CHUNK = 1_000;
const TURNS = 3;

export interface FilesResult {
  readonly reading: readonly FileResult[];
  readonly opening: readonly OpeningResult[];
}

interface OpeningResult {
  readonly form: string;
  readonly rows: number;
  readonly bytes: number;
  readonly opened: FileMeasurement;
}

interface FileResult {
  readonly rows: number;
  readonly bytes: number;
  readonly imported: FileMeasurement;
  readonly parsed: FileMeasurement;
}

/** Throws where a row is missing, or a million rows take more memory than a small function has. */
export async function runFiles(progress: (text: string) => void): Promise<FilesResult> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-files-"));
  const reading: FileResult[] = [];
  const opening: OpeningResult[] = [];
  try {
    for (const rows of ROW_COUNTS) {
      const path = join(folder, `${rows}.csv`);
      await pipeline(Readable.from(customers(rows)), createWriteStream(path));
      const { size: bytes } = await stat(path);
      progress(`File of ${formatCount(rows)} rows, ${formatCount(bytes)} bytes`);
      const result = { rows, bytes, ...(await measureInTurns(path)) };
      reading.push(result);
      const { imported, parsed } = result;
      if (imported.rows !== rows || parsed.rows !== rows) {
        throw new Error(`Of ${rows} rows ${imported.rows} were imported, ${parsed.rows} parsed`);
      }
      if (imported.peakKibibytes > PEAK_MEBIBYTES_MAX * KIBIBYTES_PER_MEBIBYTE) {
        throw new Error(`${rows} rows took ${imported.peakKibibytes} KiB of memory`);
      }
    }
    const rows = Math.max(...ROW_COUNTS);
    for (const { form, name, write } of forms) {
      const path = join(folder, name);
      progress(`The same ${formatCount(rows)} rows as ${form}`);
      await pipeline(Readable.from(write(join(folder, `${rows}.csv`))), createWriteStream(path));
      const { size: bytes } = await stat(path);
      const opened = await measure("open", path);
      opening.push({ form, rows, bytes, opened });
      if (opened.rows !== rows) throw new Error(`Of ${rows} rows ${opened.rows} were opened`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return { reading, opening };
}

type Way = "import" | "parse" | "open";

async function measureInTurns(
  path: string,
): Promise<{ readonly imported: FileMeasurement; readonly parsed: FileMeasurement }> {
  const imported: FileMeasurement[] = [];
  const parsed: FileMeasurement[] = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    imported.push(await measure("import", path));
    parsed.push(await measure("parse", path));
  }
  return { imported: leastOf(imported), parsed: leastOf(parsed) };
}

/** The run that took the least processor time, with the highest peak of all. */
function leastOf(runs: readonly FileMeasurement[]): FileMeasurement {
  const least = runs.reduce((one, other) => (other.processorMs < one.processorMs ? other : one));
  return { ...least, peakKibibytes: Math.max(...runs.map((run) => run.peakKibibytes)) };
}

async function measure(way: Way, path: string): Promise<FileMeasurement> {
  const worker = join(projectFolder, "test", "bench", "files-worker.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...HEAP, worker, way, path]);
  return JSON.parse(stdout) as FileMeasurement;
}

/** How the CSV is written anew. */
const forms: readonly {
  readonly form: string;
  readonly name: string;
  readonly write: (path: string) => AsyncIterable<Uint8Array>;
}[] = [
  { form: "CSV in UTF-16", name: "wide.csv", write: asUtf16 },
  {
    form: "CSV in gzip",
    name: "packed.csv.gz",
    write: (path) => createReadStream(path).pipe(createGzip()),
  },
  { form: "XLSX", name: "sheet.xlsx", write: asSpreadsheet },
];

async function* asUtf16(path: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from("\ufeff", "utf16le");
  for await (const text of createReadStream(path, "utf8")) yield Buffer.from(text, "utf16le");
}

async function* asSpreadsheet(path: string): AsyncGenerator<Uint8Array> {
  const lines = createInterface({ input: createReadStream(path) })[Symbol.asyncIterator]();
  const { value: header = "" } = await lines.next();
  const columns = header.split(",").map((title: string) => ({ title, widthCharacters: 12 }));
  async function* rows(): AsyncGenerator<readonly string[]> {
    for await (const line of { [Symbol.asyncIterator]: () => lines }) {
      for (const cells of splitRows(line, ",")) yield cells;
    }
  }
  yield* writeXlsx([{ name: "customers", columns, rows: rows() }]);
}

function* customers(rows: number): Generator<string> {
  const columns = ["id", "name", "email", "phone", "street", "city", "region", "postal_code"];
  let text = `${[...columns, "country", "segment", "tax_number", "currency", "payment_terms_days"].join(",")}\n`;
  for (let row = 0; row < rows; row += 1) {
    const id = String(row).padStart(7, "0");
    text += `K-${id},"Customer ${id}, Söhne",konto${id}@example.com,+46 19 ${id},Storgatan ${row % 200},Örebro,Närke,${10_000 + (row % 90_000)},Sweden,retail,SE5560${id}01,SEK,30\n`;
    if (row % ROWS_PER_CHUNK !== ROWS_PER_CHUNK - 1) continue;
    yield text;
    text = "";
  }
  yield text;
}

export function filesTables({ reading, opening }: FilesResult): readonly TextTable[] {
  return [readingTable(reading), openingTable(opening)];
}

function readingTable(results: readonly FileResult[]): TextTable {
  const perSecond = (rows: number, ms: number) => formatCount(Math.round((rows * 1_000) / ms));
  return {
    title: `Files: read up to the queue, beside the bare parser, the best of ${TURNS} turns (aim: half its rate, 256 MiB)`,
    head: [
      "rows",
      "MB",
      "wall, s",
      "rows a second of processor time",
      "of the bare parser",
      "share of its rate",
      "peak, MiB",
      "its peak, MiB",
    ],
    rows: results.map(({ rows, bytes, imported, parsed }) => [
      formatCount(rows),
      megabytes(bytes),
      formatSeconds(imported.wallMs),
      perSecond(rows, imported.processorMs),
      perSecond(rows, parsed.processorMs),
      formatRatio(Math.round(parsed.processorMs), Math.round(imported.processorMs)),
      mebibytes(imported),
      mebibytes(parsed),
    ]),
  };
}

function openingTable(results: readonly OpeningResult[]): TextTable {
  return {
    title: "Files: made CSV in UTF-8 of, which one invocation of 600 s must do",
    head: ["file", "rows", "MB", "wall, s", "processor, s", "peak, MiB"],
    rows: results.map(({ form, rows, bytes, opened }) => [
      form,
      formatCount(rows),
      megabytes(bytes),
      formatSeconds(opened.wallMs),
      formatSeconds(opened.processorMs),
      mebibytes(opened),
    ]),
  };
}

function megabytes(bytes: number): string {
  return formatCount(Math.round(bytes / 1_000_000));
}

function mebibytes({ peakKibibytes }: FileMeasurement): string {
  return formatCount(Math.round(peakKibibytes / KIBIBYTES_PER_MEBIBYTE));
}
