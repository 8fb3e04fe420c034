/** What the proposal of a file's profile is made of; see `compose.ts`. */
import { createS3Client } from "#shared/aws/aws-clients.ts";
import { createInboxReader } from "#shared/aws/s3-files.ts";
import { env } from "#shared/config/names.ts";
import { createCsvRowReader } from "#shared/connectors/file/csv-rows.ts";
import { createFileOpener } from "#shared/connectors/file/open-file.ts";
import type {
  InboxProposalDependencies,
  ProposalDependencies,
} from "#shared/sync/propose-file-profile.ts";
import { required } from "./environment.ts";
import { createJsonLog } from "./json-log.ts";

export const log = createJsonLog({ functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"] });

/** For a file that is at hand: it needs no stack. */
export function composeLocalProposal(): ProposalDependencies {
  return { opener: createFileOpener(), rowReader: createCsvRowReader() };
}

/** For a file in the inbox. */
export function composeProposal(environment: NodeJS.ProcessEnv): InboxProposalDependencies {
  const files = createInboxReader(createS3Client(), required(environment, env.inboxBucket));
  return { ...composeLocalProposal(), files };
}
