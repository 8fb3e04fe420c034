/** Inbox and outbox on S3. Throws SyncError `retryable` (`files-busy`, `files-unavailable`). */
import { CopyObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { FileStore } from "#shared/ports/files.ts";
import { asSyncError } from "./aws-errors.ts";
import { fromFiles, isGone, putObject } from "./s3-objects.ts";
import { putStream, streamObject } from "./s3-streams.ts";

export interface FileStoreOptions {
  readonly client: S3Client;
  readonly inboxBucket: string;
  readonly outboxBucket: string;
}

export function createFileStore(options: FileStoreOptions): FileStore {
  const { client, inboxBucket, outboxBucket } = options;
  return {
    publishStream: async (key, content, ContentType, signal) => {
      await putStream(client, { Bucket: outboxBucket, Key: key, ContentType }, content, { signal });
    },
    async quarantine({ key, contentTag }, copyKey) {
      const command = new CopyObjectCommand({
        Bucket: outboxBucket,
        Key: copyKey,
        CopySource: [inboxBucket, ...key.split("/")].map(encodeURIComponent).join("/"),
        CopySourceIfMatch: contentTag,
      });
      await fromFiles(client.send(command));
    },
    ...createInboxReader(client, inboxBucket),
    ...createFilePublisher(client, outboxBucket),
  };
}

/** For who reads files and writes none. */
export function createInboxReader(client: S3Client, inboxBucket: string): Pick<FileStore, "open"> {
  return {
    async open(key, signal) {
      const object = { Bucket: inboxBucket, Key: key };
      const head = await client
        .send(new HeadObjectCommand(object), { abortSignal: signal })
        .catch((error: unknown) => {
          if (isGone(error)) return undefined;
          throw asSyncError("files", error);
        });
      if (head === undefined) return undefined;
      const { ContentLength, LastModified, ETag } = head;
      if (ContentLength === undefined || LastModified === undefined || ETag === undefined) {
        throw new SyncError({ kind: "bug", code: "file-head-incomplete" });
      }
      return {
        key,
        bytes: ContentLength,
        droppedAtMs: LastModified.getTime(),
        contentTag: ETag.replaceAll('"', ""),
        // A file that was replaced between its head and its content is not read as the one it
        // replaced; the message that came with the new one opens it anew.
        read: (range) => streamObject(client, { ...object, IfMatch: ETag }, range, signal),
      };
    },
  };
}

/** For who writes to the outbox and reads no file. */
export function createFilePublisher(
  client: S3Client,
  outboxBucket: string,
): Pick<FileStore, "publish"> {
  return {
    publish: (key, content, ContentType) =>
      putObject(client, { Bucket: outboxBucket, Key: key, ContentType }, content),
  };
}
