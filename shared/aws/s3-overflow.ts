/**
 * Change events that are too large for a message: kept in the outbox bucket, whose lifecycle rule
 * removes them in the end; the queue carries their key.
 */
import { randomUUID } from "node:crypto";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { type ChangesMessage, changesMessage } from "#shared/contracts/messages.ts";
import { decodeJson } from "#shared/domain/json.ts";
import { SyncError } from "#shared/domain/sync-error.ts";
import { asSyncError, errorName } from "./aws-errors.ts";

export type ChangesBody = Extract<ChangesMessage, { kind: "changes" }>;

export interface OverflowStore {
  /** Keeps the body of a `changes` message; answers the key it can be read by. */
  put(body: string): Promise<string>;
}

export function createOverflowStore(client: S3Client, bucket: string): OverflowStore {
  return {
    async put(body) {
      const key = `overflow/${randomUUID()}.json`;
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: key,
        Body: body,
        ContentType: "application/json",
      });
      await client.send(command).catch((error: unknown) => {
        throw asSyncError("files", error);
      });
      return key;
    },
  };
}

/**
 * The message kept under the key of an `overflow` message; may be read any number of times. Throws
 * SyncError `bug` (`overflow-missing`, `overflow-unreadable`) or `retryable` (`files-unavailable`).
 */
export async function readOverflow(
  client: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<ChangesBody> {
  const text = await readText(client, bucket, key, signal);
  const parsed = changesMessage.safeParse(decodeJson(text));
  if (!parsed.success || parsed.data.kind !== "changes") {
    throw new SyncError({ kind: "bug", code: "overflow-unreadable", field: key });
  }
  return parsed.data;
}

async function readText(
  client: S3Client,
  bucket: string,
  key: string,
  signal: AbortSignal,
): Promise<string> {
  try {
    const command = new GetObjectCommand({ Bucket: bucket, Key: key });
    const answer = await client.send(command, { abortSignal: signal });
    return (await answer.Body?.transformToString("utf-8")) ?? "";
  } catch (error) {
    if (errorName(error) === "NoSuchKey") {
      throw new SyncError({ kind: "bug", code: "overflow-missing", field: key }, error);
    }
    throw asSyncError("files", error);
  }
}
