/**
 * How fast a file is read up to the queue, beside the bare parser on the same file: 10 thousand, 100
 * thousand and a million customers of 13 columns, each measured in a process of its own.
 */
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { projectFolder } from "#infra/bundle.ts";
import type { FileMeasurement } from "./files-worker.ts";
import { formatCount, formatRatio, formatSeconds } from "./numbers.ts";
import type { TextTable } from "./text-table.ts";

const ROW_COUNTS = [10_000, 100_000, 1_000_000] as const;
const KIBIBYTES_PER_MEBIBYTE = 1_024;
const PEAK_MEBIBYTES_MAX = 256;
/** As Lambda tells Node of a small function: the heap is bounded, so that garbage goes in time. */
const HEAP = ["--max-old-space-size=128", "--max-semi-space-size=16"];
const ROWS_PER_CHUNK = 1_000;

export interface FileResult {
  readonly rows: number;
  readonly bytes: number;
  readonly imported: FileMeasurement;
  readonly parsed: FileMeasurement;
}

/** Throws where a row is missing, or a million rows take more memory than a small function has. */
export async function runFiles(progress: (text: string) => void): Promise<readonly FileResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-files-"));
  const results: FileResult[] = [];
  try {
    for (const rows of ROW_COUNTS) {
      const path = join(folder, `${rows}.csv`);
      await pipeline(Readable.from(customers(rows)), createWriteStream(path));
      const { size: bytes } = await stat(path);
      progress(`File of ${formatCount(rows)} rows, ${formatCount(bytes)} bytes`);
      const imported = await measure("import", path);
      const parsed = await measure("parse", path);
      results.push({ rows, bytes, imported, parsed });
      if (imported.rows !== rows || parsed.rows !== rows) {
        throw new Error(`Of ${rows} rows ${imported.rows} were imported, ${parsed.rows} parsed`);
      }
      if (imported.peakKibibytes > PEAK_MEBIBYTES_MAX * KIBIBYTES_PER_MEBIBYTE) {
        throw new Error(`${rows} rows took ${imported.peakKibibytes} KiB of memory`);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return results;
}

async function measure(way: "import" | "parse", path: string): Promise<FileMeasurement> {
  const worker = join(projectFolder, "test", "bench", "files-worker.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [...HEAP, worker, way, path]);
  return JSON.parse(stdout) as FileMeasurement;
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

export function filesTable(results: readonly FileResult[]): TextTable {
  const perSecond = (rows: number, ms: number) => formatCount(Math.round((rows * 1_000) / ms));
  const mebibytes = ({ peakKibibytes }: FileMeasurement) =>
    formatCount(Math.round(peakKibibytes / KIBIBYTES_PER_MEBIBYTE));
  return {
    title: "Files: read up to the queue, beside the bare parser (aim: half its rate, 256 MiB)",
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
      formatCount(Math.round(bytes / 1_000_000)),
      formatSeconds(imported.wallMs),
      perSecond(rows, imported.processorMs),
      perSecond(rows, parsed.processorMs),
      formatRatio(Math.round(parsed.processorMs), Math.round(imported.processorMs)),
      mebibytes(imported),
      mebibytes(parsed),
    ]),
  };
}
