import { glob, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type BundledFunctions, bundleFunctions, projectFolder } from "#infra/bundle.ts";
import { functionNames } from "#shared/config/names.ts";
import { withTemporaryFolder, writeHandlers } from "./stack-template.ts";

const require = createRequire(import.meta.url);

describe("bundling", () => {
  it("makes of each handler a CommonJS module that Lambda can load", async () => {
    await withTemporaryFolder(async (folder) => {
      const { bundlesFolder } = await bundleFunctions({
        functionsFolder: await writeHandlers(join(folder, "functions")),
        bundlesFolder: join(folder, "dist"),
      });

      for (const name of functionNames) {
        const bundle = require(join(bundlesFolder, name, "index.js"));
        expect(await bundle.handler({ n: 7 })).toEqual({ name, n: 7 });
      }
    });
  });

  it("says that the modules are CommonJS, whatever an enclosing package says", async () => {
    await withTemporaryFolder(async (folder) => {
      const { bundlesFolder } = await bundleFunctions({
        functionsFolder: await writeHandlers(join(folder, "functions")),
        bundlesFolder: join(folder, "dist"),
      });
      const text = await readFile(join(bundlesFolder, "serve-api", "package.json"), "utf8");

      expect(JSON.parse(text)).toEqual({ type: "commonjs" });
    });
  });

  it("puts a source map without the sources beside the code", async () => {
    await withTemporaryFolder(async (folder) => {
      const { bundlesFolder } = await bundleFunctions({
        functionsFolder: await writeHandlers(join(folder, "functions")),
        bundlesFolder: join(folder, "dist"),
      });
      const read = (name: string) => readFile(join(bundlesFolder, "serve-api", name), "utf8");
      const map = JSON.parse(await read("index.js.map"));

      expect(await read("index.js")).toContain("//# sourceMappingURL=index.js.map");
      expect(map.sources).toHaveLength(1);
      expect(map.sourcesContent).toBeUndefined();
    });
  });

  it("is refused while a function has no handler", async () => {
    await withTemporaryFolder(async (folder) => {
      const functionsFolder = await writeHandlers(join(folder, "functions"));
      await rm(join(functionsFolder, "serve-api"), { recursive: true });

      await expect(
        bundleFunctions({ functionsFolder, bundlesFolder: join(folder, "dist"), quiet: true }),
      ).rejects.toThrow("serve-api");
    });
  });
});

describe("what is deployed", () => {
  let metafile: BundledFunctions["metafile"];

  beforeAll(async () => {
    const handlers = await Array.fromAsync(glob(join(projectFolder, "functions/*/handler.ts")));
    await withTemporaryFolder(async (folder) => {
      ({ metafile } = await bundleFunctions({
        // A project without any function of its own yet is judged by those of one line.
        ...(handlers.length > 0 ? {} : { functionsFolder: await writeHandlers(folder) }),
        bundlesFolder: join(folder, "dist"),
      }));
    });
  });

  it.each(functionNames)("%s stays below 600 KB, for its cold start", (name) => {
    const [, output] =
      Object.entries(metafile.outputs).find(([path]) => path.endsWith(`/${name}/index.js`)) ?? [];

    expect(output?.bytes).toBeGreaterThan(0);
    expect(output?.bytes).toBeLessThan(600 * 1024);
  });

  it("holds none of zod's locales", () => {
    const packed = Object.values(metafile.outputs).flatMap((output) =>
      Object.entries(output.inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0),
    );
    const locales = packed.map(([path]) => path).filter((path) => /zod\/.*\/locales\//.test(path));

    // English is the default that zod itself imports.
    expect(locales.filter((path) => !/\/en\.[cm]?js$/.test(path))).toEqual([]);
  });
});
