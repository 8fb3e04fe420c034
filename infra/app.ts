/**
 * The program that `cdk synth` and `cdk deploy` run: bundles the functions, then makes the template.
 *
 * It always bundles, so that what is deployed is what was written; TIEOUT_SKIP_BUNDLE=1 takes
 * `dist/` as it is.
 */
import { bundleFunctions } from "./bundle.ts";
import { createApp } from "./synthesize.ts";

if (process.env["TIEOUT_SKIP_BUNDLE"] === undefined) await bundleFunctions();
const { app } = await createApp();
app.synth();
