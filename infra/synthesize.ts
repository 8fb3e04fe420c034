/** Makes the CDK app, and synthesizes it in this very program for the local host and for tests. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { App, Validations } from "aws-cdk-lib";
import { AwsSolutionsChecks, ServerlessChecks } from "cdk-nag";
import { defaultBundlesFolder, projectFolder } from "./bundle.ts";
import { readStage, type Stage } from "./config.ts";
import type { TokenIssuer } from "./constructs/sync-api.ts";
import { TieoutStack } from "./stacks/tieout-stack.ts";

export interface AppOptions {
  /** Where the template goes; the CDK tool says so itself. */
  readonly outFolder?: string;
  /** Holds what `bundleFunctions` made. */
  readonly bundlesFolder?: string;
  /** As with `cdk --context`; wins over cdk.json, as it does there. */
  readonly context?: Readonly<Record<string, string>>;
  /** CDK's own check of the template; it takes over a second. */
  readonly checksTemplate?: boolean;
}

export interface Synthesized {
  readonly outFolder: string;
  /** The template is `<stackName>.template.json`. */
  readonly stackName: string;
}

function readText(app: App, name: string): string | undefined {
  const value: unknown = app.node.tryGetContext(name);
  if (value === undefined || (typeof value === "string" && value !== "")) return value;
  throw new Error(`The context ${name} must be a text that is not empty`);
}

function readTokens(app: App): TokenIssuer | undefined {
  const issuer = readText(app, "oidcIssuer");
  const audience = readText(app, "oidcAudience");
  if (issuer !== undefined && audience !== undefined) return { issuer, audience };
  if (issuer === undefined && audience === undefined) return undefined;
  throw new Error("The contexts oidcIssuer and oidcAudience go together");
}

/**
 * The app with its one stack and the rule packs, whose findings make `synth` throw.
 *
 * Context: `stage` (prod), `publicUrl`, `timeZone`, `oidcIssuer` with `oidcAudience`.
 */
export async function createApp(
  options: AppOptions = {},
): Promise<{ app: App; stack: TieoutStack }> {
  const app = new App({
    ...(options.outFolder === undefined ? {} : { outdir: options.outFolder }),
    // The CDK tool hands cdk.json over; without it the flags would be off and the template another.
    context: await readProjectContext(),
    postCliContext: { ...options.context },
    // No usage figures to AWS, and none in the template.
    analyticsReporting: false,
    builtinCloudFormationValidation: options.checksTemplate ?? true,
  });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  const stage = readStage(app.node.tryGetContext("stage") ?? "prod");
  const stack = new TieoutStack(app, `tieout-${stage}`, {
    stage,
    bundlesFolder: options.bundlesFolder ?? defaultBundlesFolder,
    publicUrl: readText(app, "publicUrl"),
    timeZone: readText(app, "timeZone"),
    tokens: readTokens(app),
    tags: { application: "tieout", stage },
  });
  return { app, stack };
}

async function readProjectContext(): Promise<Record<string, unknown>> {
  const text = await readFile(join(projectFolder, "cdk.json"), "utf8");
  return JSON.parse(text).context;
}

/**
 * Writes the template of a stage and the bundles it names into `outFolder`.
 *
 * The bundles must be there already. Rejects when a rule of cdk-nag finds anything new.
 */
export async function synthesize(
  stage: Stage,
  outFolder: string,
  options: Omit<AppOptions, "outFolder"> = {},
): Promise<Synthesized> {
  const { app, stack } = await createApp({
    checksTemplate: false,
    ...options,
    outFolder,
    context: { ...options.context, stage },
  });
  app.synth();
  return { outFolder, stackName: stack.stackName };
}
