/**
 * Snapshots on S3: one Parquet object for each part, where the Glue table looks for it, and a manifest
 * outside of the table. Names are functions of the place and bytes of the rows alone, so that a part
 * which is written again takes its own place.
 *
 * Throws SyncError `retryable` (`files-busy`, `files-unavailable`) or `bug`
 * (`snapshot-part-empty`, `snapshot-amount-too-large`, `snapshot-manifest-unreadable`).
 */
import type { S3Client } from "@aws-sdk/client-s3";
import { snapshotColumns, snapshotPrefix } from "#shared/config/snapshot-schema.ts";
import { assert } from "#shared/domain/sync-error.ts";
import type { SnapshotRow } from "#shared/domain/tie-out/snapshot-row.ts";
import type { SnapshotPlace, SnapshotStore } from "#shared/ports/snapshots.ts";
import { encodeParquetFile } from "./parquet-file.ts";
import { putObject } from "./s3-objects.ts";
import { createManifestReader, manifestKeyOf } from "./snapshot-manifests.ts";

export interface SnapshotStoreOptions {
  readonly client: S3Client;
  readonly bucket: string;
}

export function createSnapshotStore({ client, bucket }: SnapshotStoreOptions): SnapshotStore {
  const put = (Key: string, body: Uint8Array | string, ContentType: string) =>
    putObject(client, { Bucket: bucket, Key, ContentType }, body);
  return {
    async writePart(place, rows) {
      assert(rows.length > 0, "snapshot-part-empty");
      await put(partKeyOf(place), encodeParquet(rows), "application/vnd.apache.parquet");
    },
    async writeManifest(manifest) {
      const text = `${JSON.stringify(manifest)}\n`;
      await put(manifestKeyOf(manifest.snapshotId), text, "application/json");
    },
    ...createManifestReader({ client, bucket }),
  };
}

/** `snapshots/snapshot_id=…/side=crm/record_type=document/part-00000.parquet` */
export function partKeyOf({ snapshotId, side, recordType, part }: SnapshotPlace): string {
  const folder = `snapshot_id=${snapshotId}/side=${side}/record_type=${recordType}`;
  return `${snapshotPrefix}${folder}/part-${String(part).padStart(5, "0")}.parquet`;
}

/** The same bytes for the same rows. */
export function encodeParquet(rows: readonly SnapshotRow[]): Uint8Array {
  const columns = snapshotColumns.map(({ name, type, isNullable }) => ({
    name,
    type,
    isNullable,
    values: rows.map((row) => fitting(row[name])),
  }));
  return encodeParquetFile(columns, rows.length);
}

/** A column holds 64 bits; the writer would cut what is larger without a word. */
function fitting<Value>(value: Value): Value {
  const fits = typeof value !== "bigint" || BigInt.asIntN(64, value) === value;
  assert(fits, "snapshot-amount-too-large");
  return value;
}
