/** Synthesizes the stack as the app does, with handlers of one line in place of the real ones. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Template } from "aws-cdk-lib/assertions";
import { bundleFunctions } from "#infra/bundle.ts";
import type { Stage } from "#infra/config.ts";
import { synthesize } from "#infra/synthesize.ts";
import { functionNames } from "#shared/config/names.ts";

/** A new folder that is removed again when `use` has ended. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "tieout-infra-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Writes a handler for each function; returns the folder that holds them. */
export async function writeHandlers(folder: string): Promise<string> {
  for (const name of functionNames) {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(
      join(folder, name, "handler.ts"),
      `export const handler = async (event: { n: number }) => ({ name: "${name}", n: event.n });\n`,
    );
  }
  return folder;
}

export interface SynthesizedStage {
  readonly template: Template;
  readonly report: ValidationReport;
}

interface ValidationReport {
  readonly pluginReports: readonly {
    readonly pluginName: string;
    readonly violations: readonly unknown[];
    readonly suppressedViolations: readonly {
      readonly acknowledgedId: string;
      readonly acknowledgedAt: string;
    }[];
  }[];
}

export async function synthesizeStage(
  stage: Stage,
  context: Readonly<Record<string, string>> = {},
): Promise<SynthesizedStage> {
  return withTemporaryFolder(async (folder) => {
    const { bundlesFolder } = await bundleFunctions({
      functionsFolder: await writeHandlers(join(folder, "functions")),
      bundlesFolder: join(folder, "dist"),
    });
    const { outFolder, stackName } = await synthesize(stage, join(folder, "out"), {
      bundlesFolder,
      context,
    });
    const read = async (name: string) => JSON.parse(await readFile(join(outFolder, name), "utf8"));
    return {
      template: Template.fromJSON(await read(`${stackName}.template.json`)),
      report: await read("validation-report.json"),
    };
  });
}

/**
 * A value of the template as one readable text: `StatefulOutbox.Arn/*`. Logical ids lose
 * the eight hex digits that CDK appends.
 */
export function readable(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const [name, argument] = Object.entries(value)[0] ?? [];
  if (name === "Ref") return withoutDigest(String(argument));
  if (name === "Fn::GetAtt" && Array.isArray(argument)) {
    return `${withoutDigest(String(argument[0]))}.${argument[1]}`;
  }
  if (name === "Fn::Join" && Array.isArray(argument)) {
    return argument[1].map(readable).join(argument[0]);
  }
  return JSON.stringify(value);
}

export function withoutDigest(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, "");
}

/** Properties of all resources of a type, by readable logical id. */
export function propertiesOf(template: Template, type: string) {
  return new Map(
    Object.entries(template.findResources(type)).map(([logicalId, resource]) => [
      withoutDigest(logicalId),
      resource["Properties"],
    ]),
  );
}
