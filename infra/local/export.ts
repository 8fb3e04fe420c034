/** `npm run export`: has the stack that `npm start` runs export something, and brings the files here. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import { projectFolder } from "../bundle.ts";
import { readAddresses } from "./drop.ts";
import type { StackAddresses } from "./local-stack.ts";
import { callApi, readPlace } from "./stack-calls.ts";

const USAGE = `Usage: npm run export -- --of <what> --format <format> [options]

  --of <what>            customer, product, order, invoice, creditNote, payment,
                         customer-view, differences or parked
  --format <format>      csv, xlsx, jsonl or parquet
  --encoding <name>      of CSV: utf-8, utf-8-bom (for Excel), utf-16le or gb18030
  --delimiter <sign>     of CSV: a comma, a semicolon, a bar, or the word tab
  --changed-since <time> only what changed since, such as 2026-11-01T00:00:00Z
  --tie-out <run id>     of differences: the tie-out; without it, the last one
`;

const POLL_MS = 200;
const WAIT_MS_MAX = 20 * 60_000;

/** As `GET /exports/{runId}` answers. */
interface ExportView {
  readonly isSettled: boolean;
  readonly problem?: { readonly code: string; readonly fix: string; readonly detail?: string };
  readonly files?: { readonly file: string; readonly manifest: string };
  readonly export?: ExportManifest;
}

interface FinishedExport {
  readonly manifest: ExportManifest;
  readonly file: string;
  readonly places: readonly string[];
}

function readWish(args: readonly string[]) {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ of: text, format: text, encoding: text, delimiter: text },
      ...{ "changed-since": text, "tie-out": text },
    },
  });
  const { of, format, encoding, delimiter } = values;
  return {
    ...{ of, format, encoding, delimiter: delimiter === "tab" ? "\t" : delimiter },
    changedSince: values["changed-since"],
    tieOutId: values["tie-out"],
  };
}

/** Resolves when the export is finished. Throws, with the fix, where it ended with a problem. */
export async function runExport(
  { http }: Pick<StackAddresses, "http">,
  wish: Readonly<Record<string, unknown>>,
): Promise<FinishedExport> {
  const { runId } = await callApi<{ runId: string }>(`${http}/exports`, wish);
  const deadline = performance.now() + WAIT_MS_MAX;
  while (performance.now() < deadline) {
    const view = await callApi<ExportView>(`${http}/exports/${runId}`);
    if (view.problem !== undefined) {
      const { code, fix, detail } = view.problem;
      throw new Error(`The export ended with ${[code, detail].filter(Boolean).join(" ")}. ${fix}`);
    }
    const { files, export: manifest } = view;
    if (files !== undefined && manifest !== undefined) {
      return { manifest, file: files.file, places: [files.file, files.manifest] };
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`The export had not ended after ${WAIT_MS_MAX / 60_000} minutes: ${runId}`);
}

/** Copies the files to `.local/exports/<what>/`; answers where each is. */
async function bringFiles(
  addresses: StackAddresses,
  { manifest, places }: FinishedExport,
): Promise<readonly string[]> {
  const folder = join(projectFolder, ".local", "exports", manifest.of);
  mkdirSync(folder, { recursive: true });
  return Promise.all(
    places.map(async (place) => {
      const path = join(folder, place.slice(place.lastIndexOf("/") + 1));
      writeFileSync(path, await readPlace(addresses, place));
      return path;
    }),
  );
}

async function exportFiles(): Promise<void> {
  const addresses = readAddresses();
  const finished = await runExport(addresses, readWish(process.argv.slice(2)));
  const { records, rows, sums, leftOut } = finished.manifest;
  const lines = [`${records} records in ${rows} rows.`];
  for (const [column, byCurrency] of Object.entries(sums)) {
    const texts = Object.entries(byCurrency).map(([currency, sum]) => `${currency} ${sum}`);
    lines.push(`  ${column.padEnd(18)}${texts.join("  ")}`);
  }
  if (leftOut.count > 0) lines.push(`${leftOut.count} left out; the manifest says why.`);
  lines.push("", "Files:");
  for (const path of await bringFiles(addresses, finished)) {
    lines.push(`  ${relative(process.cwd(), path)}`);
  }
  process.stdout.write(`${lines.join("\n")}\n`);
}

if (import.meta.main) {
  try {
    await exportFiles();
  } catch (error) {
    const isUsage = error instanceof TypeError && "code" in error;
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    if (isUsage) process.stderr.write(`\n${USAGE}`);
    process.exitCode = 1;
  }
}
