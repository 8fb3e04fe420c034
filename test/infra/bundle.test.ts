import { readFile, rm } from "node:fs/promises";
import { builtinModules, createRequire } from "node:module";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type BundledFunctions, bundleFunctions } from "#infra/bundle.ts";
import { type FunctionName, functionNames } from "#shared/config/names.ts";
import { withTemporaryFolder, writeHandlers } from "./stack-template.ts";

const require = createRequire(import.meta.url);
const builtins: ReadonlySet<string> = new Set(builtinModules);

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
    await withTemporaryFolder(async (folder) => {
      ({ metafile } = await bundleFunctions({ bundlesFolder: join(folder, "dist") }));
    });
  });

  const bundleOf = (name: FunctionName) => {
    const paths = Object.keys(metafile.outputs).filter((path) =>
      path.endsWith(`/${name}/index.js`),
    );
    const output = metafile.outputs[paths.join()];
    if (output === undefined) throw new Error(`${paths.length} bundles of ${name}`);
    return output;
  };

  it.each(functionNames)("%s is the real one", (name) => {
    expect(bundleOf(name).entryPoint).toBe(`functions/${name}/handler.ts`);
  });

  it.each(functionNames)("%s stays small, for its cold start", (name) => {
    const { bytes } = bundleOf(name);

    expect(bytes).toBeGreaterThan(100 * 1024);
    expect(bytes).toBeLessThan(600 * 1024);
  });

  it("carries the S3 client only where files or the history are", () => {
    const carriers = functionNames.filter((name) =>
      Object.keys(bundleOf(name).inputs).some((path) => path.includes("/@aws-sdk/client-s3/")),
    );

    expect(carriers).toEqual([
      "import-file",
      "import-parts",
      "import-document",
      "record-history",
      "take-snapshot",
      "compare-sides",
      "export-records",
      "serve-api",
      "propose-profile",
    ]);
  });

  it.each([
    ["/@aws-sdk/client-athena/", "compare-sides"],
    ["/connectors/file/xlsx-write.ts", "compare-sides", "export-records"],
    ["/hyparquet-writer/", "export-records"],
    ["/saxes/", "import-document"],
  ])("carries %s only in %s", (part, ...expected) => {
    const carriers = functionNames.filter((name) =>
      Object.keys(bundleOf(name).inputs).some((path) => path.includes(part)),
    );

    expect(carriers).toEqual(expected);
  });

  it("leaves out the schemas of S3 that nobody calls", () => {
    const [, schemas] =
      Object.entries(bundleOf("record-history").inputs).find(([path]) =>
        path.endsWith("/client-s3/dist-es/schemas/schemas_0.js"),
      ) ?? [];

    expect(schemas?.bytesInOutput).toBeGreaterThan(1_024);
    expect(schemas?.bytesInOutput).toBeLessThan(12 * 1_024);
  });

  it.each(functionNames)("%s requires Node's own modules, and ways to credentials", (name) => {
    const required = bundleOf(name).imports.map(({ path }) => path);
    const others = required.filter((path) => !builtins.has(path.replace(/^node:/, "")));

    expect(required).toContain("node:http");
    expect([...new Set(others)].sort()).toEqual([
      "@aws-sdk/credential-provider-http",
      "@aws-sdk/credential-provider-ini",
      "@aws-sdk/credential-provider-process",
      "@aws-sdk/credential-provider-sso",
      "@aws-sdk/credential-provider-web-identity",
      "@smithy/credential-provider-imds",
    ]);
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
