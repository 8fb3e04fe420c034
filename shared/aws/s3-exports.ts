/**
 * Exports on S3: staged parts in one bucket, files and manifests in the outbox. A file larger than one
 * part is uploaded in parts, of which nothing shows until all are there.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`) or `bug` (`export-part-missing`,
 * `export-manifest-unreadable`); a failure of the content passes through.
 */
import { createHash } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { limits } from "#shared/config/limits.ts";
import { exportStagingPrefix } from "#shared/config/names.ts";
import { isExportManifest } from "#shared/contracts/export-choices.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ExportManifests, ExportStore, WrittenFile } from "#shared/ports/exports.ts";
import type { ByteRange } from "#shared/ports/files.ts";
import { asSyncError, errorName } from "./aws-errors.ts";

export interface ExportStoreOptions {
  readonly client: S3Client;
  readonly stagingBucket: string;
  readonly outboxBucket: string;
  /** Of an upload; S3 takes no less than 5 MiB. */
  readonly partBytes?: number;
}

export function createExportStore(options: ExportStoreOptions): ExportStore {
  const { client, stagingBucket, outboxBucket } = options;
  return {
    async stage(content) {
      const name = createHash("sha256").update(content).digest("hex");
      const object = { Bucket: stagingBucket, Key: stagedKey(name), Body: content };
      await files(client.send(new PutObjectCommand(object)));
      return name;
    },
    async openStaged(name) {
      const object = { Bucket: stagingBucket, Key: stagedKey(name) };
      const { ContentLength } = await client
        .send(new HeadObjectCommand(object))
        .catch((error: unknown) => {
          const isGone = ["NotFound", "NoSuchKey"].includes(errorName(error));
          if (isGone) throw new SyncError({ kind: "bug", code: "export-part-missing" }, error);
          throw asSyncError("files", error);
        });
      if (ContentLength === undefined) {
        throw new SyncError({ kind: "bug", code: "file-head-incomplete" });
      }
      return {
        bytes: ContentLength,
        read: (range) => readObject(client, object, range ?? { from: 0 }),
      };
    },
    write: (key, contentType, content) =>
      writeObject(options, { Bucket: outboxBucket, Key: key, ContentType: contentType }, content),
    async writeManifest(key, manifest) {
      const Body = `${JSON.stringify(manifest, undefined, 2)}\n`;
      const ContentType = "application/json";
      const object = { Bucket: outboxBucket, Key: key, Body, ContentType };
      await files(client.send(new PutObjectCommand(object)));
    },
  };
}

/** For who only reads what was finished. */
export function createExportManifests(
  options: Pick<ExportStoreOptions, "client" | "outboxBucket">,
): ExportManifests {
  const { client, outboxBucket } = options;
  return {
    async readManifest(key) {
      const object = { Bucket: outboxBucket, Key: key };
      const answer = await client.send(new GetObjectCommand(object)).catch((error: unknown) => {
        if (errorName(error) === "NoSuchKey") return undefined;
        throw asSyncError("files", error);
      });
      if (answer === undefined) return undefined;
      const text = await files(answer.Body?.transformToString() ?? Promise.resolve("null"));
      const manifest: unknown = JSON.parse(text);
      if (isExportManifest(manifest)) return manifest;
      throw new SyncError({ kind: "bug", code: "export-manifest-unreadable" });
    },
    placeOf: (key) => `s3://${outboxBucket}/${key}`,
  };
}

/** A range at once: those who read parts ask for small ones. HTTP's end with the last byte that is read. */
async function* readObject(
  client: S3Client,
  object: { readonly Bucket: string; readonly Key: string },
  { from, to }: ByteRange,
): AsyncGenerator<Uint8Array> {
  const Range = `bytes=${from}-${to === undefined ? "" : to - 1}`;
  const { Body } = await files(client.send(new GetObjectCommand({ ...object, Range })));
  if (Body !== undefined) yield await files(Body.transformToByteArray());
}

interface Destination {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

async function writeObject(
  options: ExportStoreOptions,
  destination: Destination,
  content: AsyncIterable<Uint8Array>,
): Promise<WrittenFile> {
  const { client, partBytes = limits.uploadPartBytes } = options;
  const hash = createHash("sha256");
  let bytes = 0;
  const upload = new Upload(client, destination);
  try {
    for await (const part of inParts(content, partBytes)) {
      hash.update(part);
      bytes += part.length;
      await upload.add(part, part.length < partBytes);
    }
    await upload.finish();
  } catch (cause) {
    await upload.abort();
    throw cause;
  }
  return { bytes, sha256: hash.digest("hex") };
}

/** One object: put at once where the first part is all of it. */
class Upload {
  readonly #client: S3Client;
  readonly #destination: Destination;
  readonly #parts: CompletedPart[] = [];
  #id: string | undefined;
  #isPut = false;

  constructor(client: S3Client, destination: Destination) {
    this.#client = client;
    this.#destination = destination;
  }

  async add(Body: Uint8Array, isLast: boolean): Promise<void> {
    if (isLast && this.#id === undefined) {
      await files(this.#client.send(new PutObjectCommand({ ...this.#destination, Body })));
      this.#isPut = true;
      return;
    }
    this.#id ??= await this.#begin();
    const PartNumber = this.#parts.length + 1;
    const part = { ...this.#object(), PartNumber, Body };
    const { ETag } = await files(this.#client.send(new UploadPartCommand(part)));
    this.#parts.push({ PartNumber, ETag });
  }

  async finish(): Promise<void> {
    if (this.#id === undefined) {
      if (!this.#isPut) await this.add(new Uint8Array(), true);
      return;
    }
    const MultipartUpload = { Parts: this.#parts };
    const command = new CompleteMultipartUploadCommand({ ...this.#object(), MultipartUpload });
    await files(this.#client.send(command));
  }

  /** What cannot be given up is given up by the bucket after a day. */
  async abort(): Promise<void> {
    if (this.#id === undefined) return;
    const command = new AbortMultipartUploadCommand(this.#object());
    await Promise.allSettled([this.#client.send(command)]);
  }

  async #begin(): Promise<string> {
    const command = new CreateMultipartUploadCommand(this.#destination);
    const { UploadId } = await files(this.#client.send(command));
    if (UploadId === undefined) throw new SyncError({ kind: "bug", code: "upload-unnamed" });
    return UploadId;
  }

  #object() {
    const { Bucket, Key } = this.#destination;
    return { Bucket, Key, UploadId: this.#id };
  }
}

/** The content in parts of one size, the last of which is smaller; none of it is empty. */
async function* inParts(
  content: AsyncIterable<Uint8Array>,
  partBytes: number,
): AsyncGenerator<Uint8Array> {
  const part = new Uint8Array(partBytes);
  let filled = 0;
  for await (const chunk of content) {
    for (let from = 0; from < chunk.length; ) {
      const taken = chunk.subarray(from, from + partBytes - filled);
      part.set(taken, filled);
      filled += taken.length;
      from += taken.length;
      if (filled < partBytes) continue;
      yield part;
      filled = 0;
    }
  }
  if (filled > 0) yield part.subarray(0, filled);
}

function stagedKey(name: string): string {
  return `${exportStagingPrefix}${name}.jsonl`;
}

async function files<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw asSyncError("files", error);
  }
}
