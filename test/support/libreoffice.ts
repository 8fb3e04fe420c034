/** LibreOffice without a window: converts files as a person would save them. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const CONVERSION_MS = 150_000;
const MISSING =
  "LibreOffice is not installed: apt-get install libreoffice-calc (soffice must be in the PATH).";

/** Of sheets as they are shown, every sheet in a file of its own, in UTF-8. */
export const shownAsCsv =
  "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,true,false,false,-1";

/**
 * Opens all files at once and saves each in the other format; the results by name. Throws, with what
 * to do, where LibreOffice is missing, and with what it said where it converted nothing.
 */
export function convertFiles(
  files: ReadonlyMap<string, Uint8Array>,
  to: string,
): ReadonlyMap<string, Uint8Array> {
  const folder = mkdtempSync(join(tmpdir(), "tieout-office-"));
  try {
    const outcome = join(folder, "out");
    mkdirSync(outcome);
    for (const [name, content] of files) writeFileSync(join(folder, name), content);
    const paths = [...files.keys()].map((name) => join(folder, name));
    // A profile of its own: one that is open on this machine would take the files over.
    const profile = pathToFileURL(join(folder, "profile")).href;
    const args = [`-env:UserInstallation=${profile}`, "--headless", "--norestore"];
    const run = spawnSync("soffice", [...args, "--convert-to", to, "--outdir", outcome, ...paths], {
      encoding: "utf8",
      timeout: CONVERSION_MS,
    });
    if (run.error !== undefined) throw new Error(MISSING, { cause: run.error });
    const names = readdirSync(outcome);
    if (names.length === 0) throw new Error(`LibreOffice converted nothing: ${run.stderr}`);
    return new Map(names.map((name) => [name, readFileSync(join(outcome, name))]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
