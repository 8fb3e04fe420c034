/**
 * Bundles each function into `dist/<name>/index.js`, ready to deploy.
 *
 * CommonJS output, because Lambda then starts faster: an ES module that imports `node:http` makes
 * Node load all of undici. Source maps lie beside the code; Node reads them only when started with
 * `--enable-source-maps`, which is left off for its cost at each cold start.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { functionNames } from "#shared/config/names.ts";

export const projectFolder = fileURLToPath(new URL("..", import.meta.url));
export const defaultBundlesFolder = join(projectFolder, "dist");

/**
 * Ways to credentials that a Lambda never takes: its role's are in the environment, which is asked
 * first. The SDK loads these on demand only, and Lambda's own copy of the SDK has them.
 */
const unusedCredentialProviders = [
  "@aws-sdk/credential-provider-http",
  "@aws-sdk/credential-provider-ini",
  "@aws-sdk/credential-provider-process",
  "@aws-sdk/credential-provider-sso",
  "@aws-sdk/credential-provider-web-identity",
  "@smithy/credential-provider-imds",
];

/**
 * Writes the names of keys out in the SDK's schemas: `{ [_hH]: x }` becomes `{ "httpHeader": x }`, by
 * the constant of the same file. Nothing else changes, but esbuild leaves an object out only where no
 * key of it is computed: without this each function that uses S3 carries the schemas of all of S3.
 */
const schemasByName: Plugin = {
  name: "schemas-by-name",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]dist-es[\\/]schemas[\\/]schemas_\d+\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8");
      const constants = new Map(
        [...text.matchAll(/^const (\w+) = ("(?:[^"\\]|\\.)*");$/gm)].map(([, name, value]) => [
          name,
          value,
        ]),
      );
      const contents = text.replace(/\[(_\w+)\]:/g, (whole, name: string) => {
        const value = constants.get(name);
        return value === undefined ? whole : `${value}:`;
      });
      return { contents, loader: "js" };
    });
  },
};

/** Of its own package.json a client of the SDK says the version, in the name it gives itself. */
const versionOfClients: Plugin = {
  name: "version-of-clients",
  setup({ onLoad }) {
    onLoad(
      { filter: /[\\/]@aws-sdk[\\/]client-[a-z0-9-]+[\\/]package\.json$/ },
      async ({ path }) => {
        const { version }: { version?: unknown } = JSON.parse(await readFile(path, "utf8"));
        return { contents: JSON.stringify({ version }), loader: "json" };
      },
    );
  },
};

export interface BundleOptions {
  /** Holds `<function name>/handler.ts`. */
  readonly functionsFolder?: string;
  /** Receives `<function name>/index.js` and `meta.json`. */
  readonly bundlesFolder?: string;
  /** Leaves the telling of what went wrong to the error alone. */
  readonly quiet?: boolean;
}

export interface BundledFunctions {
  readonly bundlesFolder: string;
  readonly metafile: Metafile;
}

/** Bundles all functions, replacing what was there. Rejects when one is missing or does not parse. */
export async function bundleFunctions(options: BundleOptions = {}): Promise<BundledFunctions> {
  const functionsFolder = options.functionsFolder ?? join(projectFolder, "functions");
  const bundlesFolder = options.bundlesFolder ?? defaultBundlesFolder;
  const { metafile } = await build({
    absWorkingDir: projectFolder,
    entryPoints: functionNames.map((name) => ({
      in: join(functionsFolder, name, "handler.ts"),
      out: `${name}/index`,
    })),
    outdir: bundlesFolder,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "cjs",
    mainFields: ["module", "main"],
    minify: true,
    legalComments: "none",
    sourcemap: "linked",
    sourcesContent: false,
    metafile: true,
    external: unusedCredentialProviders,
    plugins: [schemasByName, versionOfClients],
    logLevel: options.quiet === true ? "silent" : "warning",
  });
  await mkdir(bundlesFolder, { recursive: true });
  await writeFile(join(bundlesFolder, "meta.json"), JSON.stringify(metafile));
  // Without it, a package.json of an enclosing folder could say that index.js is an ES module.
  for (const name of functionNames) {
    await writeFile(join(bundlesFolder, name, "package.json"), '{"type":"commonjs"}\n');
  }
  return { bundlesFolder, metafile };
}

if (import.meta.main) {
  const { metafile } = await bundleFunctions();
  for (const [path, { bytes }] of Object.entries(metafile.outputs)) {
    if (path.endsWith(".js")) process.stdout.write(`${path} ${Math.ceil(bytes / 1024)} KB\n`);
  }
}
