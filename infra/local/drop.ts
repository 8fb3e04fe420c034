/** `npm run drop -- <file> ...`: puts files in the inbox of the running stack. */
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { projectFolder } from "../bundle.ts";
import type { StackAddresses } from "./local-stack.ts";

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

export async function dropFile(http: string, path: string): Promise<void> {
  const key = basename(path);
  const isXml = /\.xml$/i.test(key);
  const response = await fetch(`${http}/_local/inbox/${encodeURIComponent(key)}`, {
    method: "PUT",
    headers: { "content-type": isXml ? "application/xml" : "text/csv" },
    body: readFileSync(path),
  });
  if (!response.ok) throw new Error(`${key} was not taken: ${await response.text()}`);
}

if (import.meta.main) {
  const paths = process.argv.slice(2);
  if (paths.length === 0) {
    process.stderr.write("Usage: npm run drop -- <file.csv or file.xml> ...\n");
    process.exit(2);
  }
  try {
    const { http } = readAddresses();
    for (const path of paths) {
      await dropFile(http, path);
      process.stdout.write(`${basename(path)} is in the inbox.\n`);
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
