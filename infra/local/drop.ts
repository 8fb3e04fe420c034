/**
 * `npm run drop -- <file> ...`: puts files in the inbox of the running stack, and follows what becomes
 * of them.
 */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { projectFolder } from "../bundle.ts";
import { followImport, knownRuns, type ProgressLine } from "./drop-follow.ts";
import { describeEnd, isRefused } from "./drop-text.ts";
import type { StackAddresses } from "./local-stack.ts";
import { fitting } from "./profile-text.ts";

const USAGE = `Usage: npm run drop -- <file> ... [--no-follow]

  --no-follow  ends once the files are in the inbox

Exits with 0 where nothing was refused, 2 where a file or a row was, 1 where it could not look.
`;

/** Of a terminal that does not say how wide it is. */
const COLUMNS_DEFAULT = 80;

/** The addresses of the stack that `npm start` runs. Throws, with what to do, where none does. */
export function readAddresses(
  path: string = join(projectFolder, ".local", "stack.json"),
): StackAddresses {
  try {
    const text = readFileSync(path, "utf8");
    return JSON.parse(text) as StackAddresses;
  } catch (cause) {
    throw new Error("Tieout is not running here: npm start first.", { cause });
  }
}

/** What kind of file it is its content says. */
export async function dropFile(http: string, path: string): Promise<void> {
  const key = basename(path);
  const response = await fetch(`${http}/_local/inbox/${encodeURIComponent(key)}`, {
    method: "PUT",
    headers: { "content-type": "application/octet-stream" },
    body: readFileSync(path),
  });
  if (!response.ok) throw new Error(`${key} was not taken: ${await response.text()}`);
}

/** All files lie in the inbox before the first is followed: one may wait for what another brings. */
async function dropAndFollow(http: string, paths: readonly string[]): Promise<number> {
  const known = await knownRuns(http);
  for (const path of paths) await dropFile(http, path);
  const { line, end } = progressLine(process.stdout);
  let exitCode = 0;
  try {
    for (const path of paths) {
      const view = await followImport(http, basename(path), known, line);
      end();
      process.stdout.write(`${describeEnd(view)}\n`);
      if (isRefused(view)) exitCode = 2;
    }
  } finally {
    end();
  }
  return exitCode;
}

/** On a terminal one line that is written over; elsewhere a line where something has changed. */
function progressLine(out: NodeJS.WriteStream): { line: ProgressLine; end: () => void } {
  const clear = out.isTTY ? "\r\u001b[K" : "";
  const columns = out.columns > 0 ? out.columns : COLUMNS_DEFAULT;
  let shown = "";
  const line: ProgressLine = {
    pollMs: out.isTTY ? 250 : 1_000,
    show: (text) => {
      if (text !== shown) out.write(out.isTTY ? clear + fitting(text, columns) : `${text}\n`);
      shown = text;
    },
  };
  const end = (): void => {
    if (shown !== "") out.write(clear);
    shown = "";
  };
  return { line, end };
}

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    allowNegative: true,
    options: { follow: { type: "boolean", default: true } },
  });
  if (positionals.length === 0) throw new TypeError(USAGE);
  const { http } = readAddresses();
  if (values.follow) return dropAndFollow(http, positionals);
  for (const path of positionals) {
    await dropFile(http, path);
    process.stdout.write(`${basename(path)} is in the inbox.\n`);
  }
  return 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
