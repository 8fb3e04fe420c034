/** Exports in memory: parts, files and manifests by name, and the walk over records in small pages. */
import { createHash } from "node:crypto";
import { packExport } from "#shared/aws/message-packing.ts";
import { exportMessage } from "#shared/contracts/messages.ts";
import type { CrossReference } from "#shared/domain/cross-reference.ts";
import type { ExportManifest } from "#shared/domain/export/manifest.ts";
import { decodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type {
  ExportManifests,
  ExportQueue,
  ExportRequest,
  ExportStore,
  RecordWalk,
} from "#shared/ports/exports.ts";

export interface MemoryExports extends ExportStore, ExportManifests {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly manifests: ReadonlyMap<string, ExportManifest>;
  readonly partCount: number;
}

export function createMemoryExports(): MemoryExports {
  const parts = new Map<string, Uint8Array>();
  const files = new Map<string, Uint8Array>();
  const manifests = new Map<string, ExportManifest>();
  return {
    files,
    manifests,
    get partCount() {
      return parts.size;
    },
    async stage(content) {
      const name = sha256(content);
      parts.set(name, content.slice());
      return name;
    },
    async openStaged(name) {
      const content = parts.get(name);
      if (content === undefined) throw new SyncError({ kind: "bug", code: "export-part-missing" });
      return {
        bytes: content.length,
        async *read({ from, to } = { from: 0 }) {
          yield content.subarray(from, to);
        },
      };
    },
    async write(key, _contentType, content) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content) chunks.push(chunk.slice());
      const bytes = new Uint8Array(Buffer.concat(chunks));
      files.set(key, bytes);
      return { bytes: bytes.length, sha256: sha256(bytes) };
    },
    async writeManifest(key, manifest) {
      manifests.set(key, structuredClone(manifest));
    },
    async readManifest(key) {
      const manifest = manifests.get(key);
      return manifest === undefined ? undefined : structuredClone(manifest);
    },
    placeOf: (key) => `s3://outbox/${key}`,
  };
}

/** Pages of so many records of any type, as a page of the table holds items of any kind. */
export function createMemoryWalk(
  all: () => readonly CrossReference[],
  pageRecords = 2,
): RecordWalk {
  return {
    async readPage(recordType, cursor = "0") {
      const from = Number(cursor);
      const records = all()
        .slice(from, from + pageRecords)
        .filter((xref) => xref.recordType === recordType);
      const next = from + pageRecords;
      return next < all().length ? { records, cursor: String(next) } : { records };
    },
  };
}

export interface MemoryExportQueue extends ExportQueue {
  /** In the order of sending; each as it came over the wire. */
  readonly requests: ExportRequest[];
  readonly delays: (number | undefined)[];
}

export function createMemoryExportQueue(): MemoryExportQueue {
  const requests: ExportRequest[] = [];
  const delays: (number | undefined)[] = [];
  return {
    requests,
    delays,
    async send(request, { delayMs } = {}) {
      const message = exportMessage.parse(decodeJson(packExport(request)));
      requests.push({ ...message, runId: message.runId ?? "" });
      delays.push(delayMs);
    },
  };
}

function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
