import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { plantedImports } from "#test/support/tidy-planted.ts";

const report = z.object({
  diagnostics: z.array(
    z.object({ category: z.string(), location: z.object({ path: z.string() }) }),
  ),
});

const plantedGlobals = ["domain", "flows", "ports", "contracts", "sync", "connectors/xero"].flatMap(
  (folder) =>
    ["fetch", "process", "console"].map((name) => ({
      path: `shared/${folder}/planted-${name}.ts`,
      name,
    })),
);

let folder: string;
let found: ReadonlySet<string>;

/** A copy of the rules and the planted files, away from the code that others work on. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tieout-lint-"));
  for (const name of ["biome.json", ".gitignore"]) cpSync(name, join(folder, name));
  for (const [index, { path, specifier }] of plantedImports.entries()) {
    plant(pathOf(path, index), `import { x } from "${specifier}";\n\nexport const y = x;\n`);
  }
  for (const { path, name } of plantedGlobals) plant(path, `export const y = ${name};\n`);
  const biome = join(process.cwd(), "node_modules/.bin/biome");
  const output = await new Promise<string>((resolve) => {
    const flags = ["lint", "--reporter=json", "--max-diagnostics=none", "."];
    execFile(biome, flags, { cwd: folder, maxBuffer: 64 * 1024 * 1024 }, (_failed, stdout) =>
      resolve(stdout),
    );
  });
  const { diagnostics } = report.parse(JSON.parse(output));
  found = new Set(diagnostics.map(({ category, location }) => `${category} ${location.path}`));
}, 60_000);

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function plant(path: string, text: string): void {
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

function pathOf(path: string, index: number): string {
  return path.replace(/\.ts$/, `-${index}.ts`);
}

describe("Biome's boundaries", () => {
  it.each(plantedImports.map((planted, index) => ({ ...planted, index })))(
    "in $path: $specifier is allowed: $isAllowed",
    ({ path, index, isAllowed }) => {
      expect(found.has(`lint/style/noRestrictedImports ${pathOf(path, index)}`)).toBe(!isAllowed);
    },
  );

  it.each(plantedGlobals)("refuse $name in $path", ({ path }) => {
    expect(found.has(`lint/style/noRestrictedGlobals ${path}`)).toBe(true);
  });
});
