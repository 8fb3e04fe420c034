/** What the proposal of a file's profile is made of; see `compose.ts`. */
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import type { ProposalDependencies } from "#shared/sync/propose-file-profile.ts";

/** For a file that is at hand: it needs no stack. */
export function composeLocalProposal(): ProposalDependencies {
  return { opener: createFileOpener(), rowReader: createCsvRowReader() };
}
