/** The inbox for who reads files and writes none. */
import type { S3Client } from "@aws-sdk/client-s3";
import type { FileStore } from "#shared/ports/files.ts";
import { createFileStore } from "./s3-files.ts";

export function createInboxReader(client: S3Client, inboxBucket: string): Pick<FileStore, "open"> {
  const { open } = createFileStore({ client, inboxBucket, outboxBucket: "" });
  return { open };
}
