/** Inbox and outbox in memory, for tests and simulations. */
import { createHash } from "node:crypto";
import type { FileStore } from "#shared/ports/files.ts";

interface PublishedFile {
  /** Bytes are shown as base64. */
  readonly content: string;
  readonly contentType: string;
}

export interface MemoryFiles extends FileStore {
  /** Drops a file into the inbox, replacing one of the same key. */
  drop(key: string, content: string | Uint8Array, droppedAtMs?: number): void;
  /** Takes a file out of the inbox. */
  withdraw(key: string): void;
  /** The outbox, by key. */
  readonly published: ReadonlyMap<string, PublishedFile>;
}

const CHUNK_BYTES = 64 * 1_024;

export function createMemoryFiles(): MemoryFiles {
  const inbox = new Map<string, { bytes: Uint8Array; droppedAtMs: number }>();
  const published = new Map<string, PublishedFile>();
  return {
    published,
    drop(key, content, droppedAtMs = 0) {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      inbox.set(key, { bytes, droppedAtMs });
    },
    withdraw(key) {
      inbox.delete(key);
    },
    async open(key, signal) {
      signal.throwIfAborted();
      const file = inbox.get(key);
      if (file === undefined) return undefined;
      return {
        key,
        bytes: file.bytes.length,
        droppedAtMs: file.droppedAtMs,
        contentTag: createHash("md5").update(file.bytes).digest("hex"),
        read: ({ from, to } = { from: 0 }) => inChunks(file.bytes.subarray(from, to), signal),
      };
    },
    async publishStream(key, content, contentType) {
      const parts = await Array.fromAsync(content);
      published.set(key, { content: Buffer.concat(parts).toString("utf8"), contentType });
    },
    async quarantine({ key }, copyKey) {
      const file = inbox.get(key);
      const content = Buffer.from(file?.bytes ?? []).toString("base64");
      published.set(copyKey, { content, contentType: "application/octet-stream" });
    },
    async publish(key, content, contentType) {
      const text = typeof content === "string" ? content : Buffer.from(content).toString("base64");
      published.set(key, { content: text, contentType });
    },
  };
}

async function* inChunks(bytes: Uint8Array, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += CHUNK_BYTES) {
    signal.throwIfAborted();
    yield bytes.subarray(start, start + CHUNK_BYTES);
  }
}
