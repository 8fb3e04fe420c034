/** The profiles that files are read by: those in the code and those that a person confirmed. */
import type { FileProfile } from "#shared/domain/file-profile.ts";
import type { FileProfileStore } from "#shared/ports/file-profiles.ts";

/** Reads those confirmed at each call, so that a file dropped after a confirmation is read by it. */
export function createKnownProfiles(
  builtIn: readonly FileProfile[],
  store: Pick<FileProfileStore, "list">,
): () => Promise<readonly FileProfile[]> {
  return async () => [...builtIn, ...(await store.list()).map(({ profile }) => profile)];
}
