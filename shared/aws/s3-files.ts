/** Inbox and outbox on S3. Throws SyncError `retryable` (`files-busy`, `files-unavailable`). */
import {
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ByteRange, FileStore } from "#shared/ports/files.ts";
import { asSyncError, errorName } from "./aws-errors.ts";

export interface FileStoreOptions {
  readonly client: S3Client;
  readonly inboxBucket: string;
  readonly outboxBucket: string;
}

/** HeadObject's answer has no body to name the error in, so its status does. */
const goneNames: ReadonlySet<string> = new Set(["NotFound", "NoSuchKey"]);

export function createFileStore(options: FileStoreOptions): FileStore {
  const { client, inboxBucket, outboxBucket } = options;
  return {
    async open(key, signal) {
      const object = { Bucket: inboxBucket, Key: key };
      const head = await client
        .send(new HeadObjectCommand(object), { abortSignal: signal })
        .catch((error: unknown) => {
          if (goneNames.has(errorName(error))) return undefined;
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
        read: (range) => streamObject(client, { ...object, IfMatch: ETag }, range, signal),
      };
    },
    ...createFilePublisher(client, outboxBucket),
  };
}

/** For who writes to the outbox and reads no file. */
export function createFilePublisher(
  client: S3Client,
  outboxBucket: string,
): Pick<FileStore, "publish"> {
  return {
    async publish(key, content, contentType) {
      const command = new PutObjectCommand({
        Bucket: outboxBucket,
        Key: key,
        Body: content,
        ContentType: contentType,
      });
      await client.send(command).catch((error: unknown) => {
        throw asSyncError("files", error);
      });
    },
  };
}

/**
 * `IfMatch`: a file that was replaced between its head and its content is not read as the one it
 * replaced; the message that came with the new one opens it anew.
 */
async function* streamObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string; readonly IfMatch: string },
  range: ByteRange | undefined,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    const command = new GetObjectCommand({ ...object, Range: rangeHeader(range) });
    const answer = await client.send(command, { abortSignal: signal });
    if (answer.Body === undefined) return;
    // Leaving this loop early destroys the stream, and with it the transfer.
    for await (const chunk of chunksOf(answer.Body)) yield chunk;
  } catch (error) {
    throw asSyncError("files", error);
  }
}

/** HTTP's ranges end with the last byte that is read (RFC 9110, 14.1.2). */
function rangeHeader(range: ByteRange | undefined): string | undefined {
  if (range === undefined) return undefined;
  return `bytes=${range.from}-${range.to === undefined ? "" : range.to - 1}`;
}

function chunksOf(body: object): AsyncIterable<Uint8Array> {
  if (Symbol.asyncIterator in body) return body as AsyncIterable<Uint8Array>;
  throw new SyncError({ kind: "bug", code: "file-stream-unreadable" });
}
