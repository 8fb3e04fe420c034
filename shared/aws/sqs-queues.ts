/**
 * The queues on SQS. All is stored when a send resolves; a send that throws may have stored a part,
 * which is harmless: messages say look, never do.
 *
 * Throws SyncError `retryable` (`queue-busy`, `queue-unavailable`) or `bug` (`queue-request-invalid`,
 * `queue-message-refused`, `delivery-queue-unknown`).
 */
import {
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import { limits } from "#shared/config/limits.ts";
import type { ConnectionId } from "#shared/domain/identifiers.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import type { ExportQueue } from "#shared/ports/exports.ts";
import type { ImportQueue, ImportRequest } from "#shared/ports/imports.ts";
import type {
  ChangeQueue,
  DeliveryQueue,
  PollQueue,
  SnapshotQueue,
  TieOutQueue,
} from "#shared/ports/queues.ts";
import { asSyncError, createPause, type Pause } from "./aws-errors.ts";
import { createGate } from "./batches.ts";
import {
  packChanges,
  packDeliveries,
  packExport,
  packImport,
  packPoll,
  packSnapshot,
  packTieOut,
} from "./message-packing.ts";

export interface QueueOptions {
  readonly client: SQSClient;
  readonly pause?: Pause;
}

/** SendMessageBatch's own bound (API reference, read 2026-11). */
const BATCH_ENTRIES_MAX = 10;
/** It takes 1 MiB; with less there is less to send again. */
const BATCH_BYTES_MAX = 256 * 1_024;
const SENDS_UNDER_WAY_MAX = 8;
const SEND_TRIES_MAX = 5;
const PAUSE_BASE_MS = 50;
const PAUSE_MAX_MS = 2_000;

export function createChangeQueue(
  options: QueueOptions & { readonly queueUrl: string },
): ChangeQueue {
  return {
    async send(events, { runId, delayMs } = {}) {
      await sendAll(options, options.queueUrl, packChanges(events, runId), delayMs);
    },
  };
}

export function createDeliveryQueue(
  options: QueueOptions & { readonly queueUrls: Readonly<Record<ConnectionId, string>> },
): DeliveryQueue {
  return {
    async send(connection, hints, { delayMs } = {}) {
      const { queueUrls } = options;
      const queueUrl = Object.hasOwn(queueUrls, connection) ? queueUrls[connection] : undefined;
      if (queueUrl === undefined) {
        throw new SyncError({ kind: "bug", code: "delivery-queue-unknown", field: connection });
      }
      await sendAll(options, queueUrl, packDeliveries(connection, hints), delayMs);
    },
  };
}

export function createPollQueue(options: QueueOptions & { readonly queueUrl: string }): PollQueue {
  return {
    async send(request, { delayMs } = {}) {
      await sendAll(options, options.queueUrl, [packPoll(request)], delayMs);
    },
  };
}

export function createImportQueue(
  options: QueueOptions & {
    readonly partsUrl: string;
    /** Of who opens files alone. */
    readonly documentsUrl?: string | undefined;
    readonly filesUrl?: string | undefined;
  },
): ImportQueue {
  const { partsUrl, documentsUrl, filesUrl } = options;
  const urlOf = ({ kind }: ImportRequest): string | undefined => {
    if (kind === "import-document") return documentsUrl;
    return kind === "import-file" ? filesUrl : partsUrl;
  };
  return {
    async send(requests, { delayMs } = {}) {
      for (const [queueUrl, ofQueue] of Map.groupBy(requests, urlOf)) {
        if (queueUrl === undefined) {
          throw new SyncError({ kind: "bug", code: "import-queue-unknown" });
        }
        await sendAll(options, queueUrl, ofQueue.map(packImport), delayMs);
      }
    },
  };
}

export function createSnapshotQueue(
  options: QueueOptions & { readonly queueUrl: string },
): SnapshotQueue {
  return {
    async send(request, { delayMs } = {}) {
      await sendAll(options, options.queueUrl, [packSnapshot(request)], delayMs);
    },
  };
}

export function createTieOutQueue(
  options: QueueOptions & { readonly queueUrl: string },
): TieOutQueue {
  return {
    async send(request, { delayMs } = {}) {
      await sendAll(options, options.queueUrl, [packTieOut(request)], delayMs);
    },
  };
}

export function createExportQueue(
  options: QueueOptions & { readonly queueUrl: string },
): ExportQueue {
  return {
    async send(request, { delayMs } = {}) {
      await sendAll(options, options.queueUrl, [packExport(request)], delayMs);
    },
  };
}

/** Whole seconds, rounded up so that nothing comes early, within what SQS takes. */
export function delaySecondsOf(delayMs: number): number {
  return Math.min(Math.max(0, Math.ceil(delayMs / 1_000)), limits.queueDelaySecondsMax);
}

async function sendAll(
  { client, pause = createPause(PAUSE_BASE_MS, PAUSE_MAX_MS) }: QueueOptions,
  queueUrl: string,
  bodies: readonly string[],
  delayMs: number = 0,
): Promise<void> {
  const DelaySeconds = delaySecondsOf(delayMs);
  const gate = createGate(SENDS_UNDER_WAY_MAX);
  await Promise.all(
    batchesOf(bodies).map((batch) => {
      const entries = batch.map((MessageBody, index) => ({
        Id: String(index),
        MessageBody,
        DelaySeconds,
      }));
      return gate(() => sendBatch(client, pause, queueUrl, entries));
    }),
  );
}

function batchesOf(bodies: readonly string[]): string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const body of bodies) {
    const bodyBytes = Buffer.byteLength(body);
    const last = batches.at(-1);
    if (
      last === undefined ||
      last.length >= BATCH_ENTRIES_MAX ||
      bytes + bodyBytes > BATCH_BYTES_MAX
    ) {
      batches.push([body]);
      bytes = bodyBytes;
    } else {
      last.push(body);
      bytes += bodyBytes;
    }
  }
  return batches;
}

/** Sends again what SQS did not take, and only that. */
async function sendBatch(
  client: SQSClient,
  pause: Pause,
  queueUrl: string,
  entries: readonly SendMessageBatchRequestEntry[],
): Promise<void> {
  let rest = entries;
  for (let tries = 0; ; tries += 1) {
    const command = new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...rest] });
    const answer = await client.send(command).catch((error: unknown) => {
      throw asSyncError("queue", error);
    });
    const failed = answer.Failed ?? [];
    if (failed.length === 0) return;
    if (failed.some((failure) => failure.SenderFault === true)) {
      const code = "queue-message-refused";
      throw new SyncError({ kind: "bug", code, field: failed[0]?.Code });
    }
    if (tries >= SEND_TRIES_MAX) {
      throw new SyncError({ kind: "retryable", code: "queue-busy", field: failed[0]?.Code });
    }
    const failedIds = new Set(failed.map((failure) => failure.Id));
    rest = rest.filter((entry) => failedIds.has(entry.Id));
    await pause(tries);
  }
}
