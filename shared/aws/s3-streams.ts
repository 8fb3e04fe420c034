/**
 * Streams to S3 and from it, in bounded memory. Throws SyncError `retryable` (`files-busy`,
 * `files-unavailable`) or `bug` (`upload-unnamed`); what the stream throws passes through.
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { limits } from "#shared/config/limits.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { ByteRange } from "#shared/ports/files.ts";
import { asSyncError } from "./aws-errors.ts";
import { endedBy, fromFiles, type ObjectPlace } from "./s3-objects.ts";

export interface PutOptions {
  readonly signal?: AbortSignal;
  /** Of one part; S3 takes no less than 5 MiB. */
  readonly partBytes?: number | undefined;
}

/**
 * Writes all that the stream gives as one object, and answers its bytes. In parts where it is large;
 * if anything fails, what was there before is left as it was.
 */
export async function putStream(
  client: S3Client,
  place: ObjectPlace & { readonly ContentType: string },
  content: AsyncIterable<Uint8Array>,
  { signal, partBytes = limits.uploadPartBytes }: PutOptions,
): Promise<number> {
  const parts = partsOf(content, partBytes);
  const first = await parts.next();
  const head = first.done === true ? new Uint8Array() : first.value;
  if (head.length < partBytes) {
    await fromFiles(client.send(new PutObjectCommand({ ...place, Body: head }), endedBy(signal)));
    return head.length;
  }
  const { Bucket, Key } = place;
  const { UploadId } = await fromFiles(client.send(new CreateMultipartUploadCommand(place)));
  assert(UploadId !== undefined, "upload-unnamed");
  const upload = { Bucket, Key, UploadId };
  try {
    const Parts: { PartNumber: number; ETag: string | undefined }[] = [];
    let bytes = 0;
    const put = async (Body: Uint8Array): Promise<void> => {
      const PartNumber = Parts.length + 1;
      const command = new UploadPartCommand({ ...upload, PartNumber, Body });
      const { ETag } = await fromFiles(client.send(command, endedBy(signal)));
      Parts.push({ PartNumber, ETag });
      bytes += Body.length;
    };
    await put(head);
    for await (const part of parts) await put(part);
    const MultipartUpload = { Parts };
    await fromFiles(
      client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload })),
    );
    return bytes;
  } catch (cause) {
    // The bucket's own rule drops what a lost abort leaves.
    await client.send(new AbortMultipartUploadCommand(upload)).catch(() => undefined);
    throw cause;
  }
}

/** Streams an object or a range of it; the transfer begins with the iteration. */
export async function* streamObject(
  client: S3Client,
  object: ObjectPlace & { readonly IfMatch?: string },
  range: ByteRange | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // No object has an empty range, and S3 refuses to be asked for one.
  if (range !== undefined && range.to !== undefined && range.to <= range.from) return;
  try {
    const command = new GetObjectCommand({ ...object, Range: rangeHeader(range) });
    const answer = await client.send(command, endedBy(signal));
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

/** Pieces of exactly one part's size, but the last; each is overwritten when the next is asked for. */
async function* partsOf(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array> {
  const part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let taken = 0; taken < chunk.length; ) {
      const piece = chunk.subarray(taken, taken + partBytes - filled);
      part.set(piece, filled);
      filled += piece.length;
      taken += piece.length;
      if (filled < partBytes) continue;
      yield part;
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}
