/**
 * The synthesized CloudFormation template and its bundles, as they lie in the CDK output folder.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).optional(),
  Condition: z.string().optional(),
});

/** Only the parts of a template that a run needs; `Rules`, `Metadata` and policies of deletion say nothing here. */
const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).optional(),
  Mappings: z
    .record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown())))
    .optional(),
  Conditions: z.record(z.string(), z.unknown()).optional(),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Condition: z.string().optional() }))
    .optional(),
});

export type Template = z.infer<typeof templateSchema>;

export interface Assembly {
  readonly template: Template;
  /** `Code.S3Key` (and the bare asset hash) to the absolute folder that holds the bundle. */
  readonly assets: ReadonlyMap<string, string>;
}

/** The value as a template. Throws a ZodError when it is not one. */
export function parseTemplate(value: unknown): Template {
  return templateSchema.parse(value);
}

const assetsSchema = z.object({
  files: z.record(
    z.string(),
    z.object({
      source: z.object({ path: z.string().optional(), packaging: z.string().optional() }),
      destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
    }),
  ),
});

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}

/**
 * The one stack of a CDK output folder with its asset folders.
 *
 * Throws when the folder holds no template, or several and `stackName` does not say which.
 */
export function readAssembly(cdkOutFolder: string, stackName?: string): Assembly {
  const folder = resolve(cdkOutFolder);
  const suffix = ".template.json";
  const stacks = readdirSync(folder)
    .filter((name) => name.endsWith(suffix) && !name.endsWith(`.nested${suffix}`))
    .map((name) => name.slice(0, -suffix.length))
    .filter((name) => stackName === undefined || name === stackName);
  const [stack, ...others] = stacks;
  if (stack === undefined || others.length > 0) {
    const found = stacks.length === 0 ? "no stack" : `the stacks ${stacks.join(", ")}`;
    throw new Error(`${folder} holds ${found}; the local host runs exactly one`);
  }
  const assets = new Map<string, string>();
  const assetsPath = join(folder, `${stack}.assets.json`);
  if (existsSync(assetsPath)) {
    for (const [hash, file] of Object.entries(assetsSchema.parse(readJson(assetsPath)).files)) {
      if (file.source.path === undefined || file.source.packaging !== "zip") continue;
      const path = resolve(folder, file.source.path);
      assets.set(hash, path);
      for (const destination of Object.values(file.destinations)) {
        assets.set(destination.objectKey, path);
      }
    }
  }
  return { template: parseTemplate(readJson(join(folder, `${stack}${suffix}`))), assets };
}
