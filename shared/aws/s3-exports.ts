/**
 * Exports on S3: staged parts in one bucket, files and manifests in the outbox. A file larger than one
 * part is uploaded in parts, of which nothing shows until all are there.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`) or `bug` (`export-part-missing`,
 * `export-manifest-unreadable`); a failure of the content passes through.
 */
import { createHash, type Hash } from "node:crypto";
import { HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { exportStagingPrefix } from "#shared/config/names.ts";
import { isExportManifest } from "#shared/contracts/export-choices.ts";
import { assert, SyncError } from "#shared/domain/sync-error.ts";
import type { ExportManifests, ExportStore } from "#shared/ports/exports.ts";
import { asSyncError } from "./aws-errors.ts";
import { isGone, putObject, readText } from "./s3-objects.ts";
import { putStream, streamObject } from "./s3-streams.ts";

export interface ExportStoreOptions {
  readonly client: S3Client;
  readonly stagingBucket: string;
  readonly outboxBucket: string;
  /** Of an upload; S3 takes no less than 5 MiB. */
  readonly partBytes?: number;
}

export function createExportStore(options: ExportStoreOptions): ExportStore {
  const { client, stagingBucket, outboxBucket, partBytes } = options;
  return {
    async stage(content) {
      const name = sha256().update(content).digest("hex");
      await putObject(client, { Bucket: stagingBucket, Key: stagedKey(name) }, content);
      return name;
    },
    async openStaged(name) {
      const object = { Bucket: stagingBucket, Key: stagedKey(name) };
      const { ContentLength } = await client
        .send(new HeadObjectCommand(object))
        .catch((error: unknown) => {
          throw isGone(error)
            ? new SyncError({ kind: "bug", code: "export-part-missing" }, error)
            : asSyncError("files", error);
        });
      assert(ContentLength !== undefined, "file-head-incomplete");
      return {
        bytes: ContentLength,
        // At once: of many parts that are read side by side, none holds a connection open.
        read: async function* (range = { from: 0 }) {
          yield Buffer.concat(await Array.fromAsync(streamObject(client, object, range)));
        },
      };
    },
    async write(key, ContentType, content) {
      const hash = sha256();
      const hashed = async function* () {
        for await (const chunk of content) {
          hash.update(chunk);
          yield chunk;
        }
      };
      const place = { Bucket: outboxBucket, Key: key, ContentType };
      const bytes = await putStream(client, place, hashed(), { partBytes });
      return { bytes, sha256: hash.digest("hex") };
    },
    async writeManifest(key, manifest) {
      const place = { Bucket: outboxBucket, Key: key, ContentType: "application/json" };
      await putObject(client, place, `${JSON.stringify(manifest, undefined, 2)}\n`);
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
      const text = await readText(client, { Bucket: outboxBucket, Key: key });
      if (text === undefined) return undefined;
      const manifest: unknown = JSON.parse(text);
      if (isExportManifest(manifest)) return manifest;
      throw new SyncError({ kind: "bug", code: "export-manifest-unreadable" });
    },
    placeOf: (key) => `s3://${outboxBucket}/${key}`,
  };
}

function stagedKey(name: string): string {
  return `${exportStagingPrefix}${name}.jsonl`;
}

function sha256(): Hash {
  return createHash("sha256");
}
