/**
 * `npm run bench`: what a customer costs, in remote calls, AWS units, processor and wall time.
 *
 *   --sizes 1000,10000    customers of each run
 *   --scenario change     first-load, change, full-check, incremental-check, tie-out, files;
 *                         all by default
 *   --write               puts the result into docs/performance.md
 */
import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join } from "node:path";
import { projectFolder } from "#infra/bundle.ts";
import {
  type Circumstances,
  formatLoad,
  renderDocument,
  renderSize,
  renderSummary,
  withFiles,
} from "./document.ts";
import { filesTables, runFiles } from "./files.ts";
import { type BenchOptions, readOptions } from "./options.ts";
import { runSize, type SizeResult } from "./scenarios.ts";
import { renderText } from "./text-table.ts";
import { runTieOut, tieOutTable } from "./tie-out.ts";

const documentPath = join(projectFolder, "docs", "performance.md");

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function readLoad(): string {
  const [load = 0] = loadavg();
  return formatLoad(load);
}

async function bench(options: BenchOptions, args: readonly string[]): Promise<void> {
  const peakKibibytes = new Map<number, number>();
  const loadAtStart = readLoad();
  const sizes: SizeResult[] = [];
  // First, and in a process that has done nothing else, so that the peak of memory is its own.
  const tieOut = options.hasTieOut ? await runTieOut(progress) : undefined;
  if (tieOut !== undefined) say(`\n${renderText(tieOutTable(tieOut))}`);
  const files = options.hasFiles ? await runFiles(progress) : undefined;
  for (const table of files === undefined ? [] : filesTables(files)) say(`\n${renderText(table)}`);
  const customerCounts = options.scenarios.length === 0 ? [] : options.sizes;
  for (const customers of customerCounts) {
    const size = await runSize(customers, options.scenarios, progress);
    peakKibibytes.set(customers, process.resourceUsage().maxRSS);
    sizes.push(size);
    say(`\n${renderSize(size)}`);
  }
  const circumstances: Circumstances = {
    date: new Date().toISOString().slice(0, 10),
    command: ["npm run bench", ...(args.length === 0 ? [] : ["--", ...args])].join(" "),
    machine: `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? "an unknown make"}, Node ${process.version}`,
    loadAtStart,
    loadAtEnd: readLoad(),
    peakKibibytes,
  };
  // The document is of all scenarios: without customers only its part on files is written.
  if (sizes.length === 0) {
    if (!options.write || files === undefined) return;
    const document = readFileSync(documentPath, "utf8");
    writeFileSync(documentPath, withFiles(document, files, circumstances));
    return;
  }
  say(`\n${renderSummary(sizes, circumstances)}`);
  if (!options.write) return;
  writeFileSync(documentPath, renderDocument(sizes, circumstances, { tieOut, files }));
  progress(`Written to ${documentPath}`);
}

const args = process.argv.slice(2);
try {
  await bench(readOptions(args), args);
} catch (error) {
  process.stderr.write(
    `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exitCode = 1;
}
