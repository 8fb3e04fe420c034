/**
 * Manifests of snapshots on S3. Apart from the Parquet writer, so that who only reads does not carry it.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`) or `bug`
 * (`snapshot-manifest-unreadable`).
 */
import type { S3Client } from "@aws-sdk/client-s3";
import { snapshotManifestPrefix } from "#shared/config/snapshot-schema.ts";
import { snapshotManifest } from "#shared/contracts/snapshot-manifest.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { SnapshotManifest } from "#shared/domain/tie-out/snapshot-row.ts";
import type { SnapshotStore } from "#shared/ports/snapshots.ts";
import { readText } from "./s3-objects.ts";

export function createManifestReader(options: {
  readonly client: S3Client;
  readonly bucket: string;
}): Pick<SnapshotStore, "readManifest"> {
  const { client, bucket } = options;
  return {
    async readManifest(snapshotId) {
      const text = await readText(client, { Bucket: bucket, Key: manifestKeyOf(snapshotId) });
      return text === undefined ? undefined : parseManifest(text);
    },
  };
}

export function manifestKeyOf(snapshotId: string): string {
  return `${snapshotManifestPrefix}${snapshotId}.json`;
}

function parseManifest(text: string): SnapshotManifest {
  try {
    return snapshotManifest.parse(JSON.parse(text));
  } catch (cause) {
    throw new SyncError({ kind: "bug", code: "snapshot-manifest-unreadable" }, cause);
  }
}
