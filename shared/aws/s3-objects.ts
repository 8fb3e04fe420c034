/** Whole objects on S3, small ones. Throws SyncError `retryable` (`files-busy`, `files-unavailable`). */
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { asSyncError, errorName } from "./aws-errors.ts";

export interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
}

export async function putObject(
  client: S3Client,
  place: ObjectPlace & { readonly ContentType?: string },
  Body: Uint8Array | string,
): Promise<void> {
  await fromFiles(client.send(new PutObjectCommand({ ...place, Body })));
}

/** All of the object as UTF-8; undefined where there is none. */
export async function readText(
  client: S3Client,
  place: ObjectPlace,
  signal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await client.send(new GetObjectCommand(place), endedBy(signal));
    return await answer.Body?.transformToString("utf-8");
  } catch (error) {
    if (isGone(error)) return undefined;
    throw asSyncError("files", error);
  }
}

/** HeadObject's answer has no body to name the error in, so its status does. */
export function isGone(error: unknown): boolean {
  return ["NoSuchKey", "NotFound"].includes(errorName(error));
}

/** Of a call that the signal ends, where there is one. */
export function endedBy(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

/** The answer of a call, its error as one of ours. */
export async function fromFiles<Answer>(call: Promise<Answer>): Promise<Answer> {
  try {
    return await call;
  } catch (error) {
    throw asSyncError("files", error);
  }
}
