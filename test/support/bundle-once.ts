/** Bundles the functions once for all tests of a running stack. */
import { bundleFunctions } from "#infra/bundle.ts";

export async function setup(): Promise<void> {
  await bundleFunctions({ quiet: true });
}
