/** AWS's refusals as failures of ours. Told apart by the error's name, never by its message. */
import { SyncError } from "#shared/domain/sync-error.ts";

/** The request itself is wrong, so the same one will never be answered. */
const faultyRequests: ReadonlySet<string> = new Set([
  "ValidationException",
  "SerializationException",
  "InvalidMessageContents",
  "InvalidAddress",
  "BatchRequestTooLong",
  "TooManyEntriesInBatchRequest",
  "InvalidRequestException",
]);

const throttles: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "ThrottlingException",
  "ThrottlingError",
  "SlowDown",
  "TooManyRequestsException",
]);

export type AwsService = "table" | "queue" | "files" | "secrets" | "queries";

/** `retryable` (`<service>-busy`, `<service>-unavailable`) or `bug` (`<service>-request-invalid`). */
export function asSyncError(service: AwsService, error: unknown): SyncError {
  if (error instanceof SyncError) return error;
  const name = errorName(error);
  if (faultyRequests.has(name)) {
    return new SyncError({ kind: "bug", code: `${service}-request-invalid` }, error);
  }
  const code = throttles.has(name) ? `${service}-busy` : `${service}-unavailable`;
  return new SyncError({ kind: "retryable", code }, error);
}

export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "";
}

/** Waits longer with each try, by a random part so that losers do not meet again. */
export type Pause = (tries: number) => Promise<void>;

export function createPause(baseMs: number, maxMs: number): Pause {
  return async (tries) => {
    const boundMs = Math.min(baseMs * 2 ** tries, maxMs);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * boundMs));
  };
}
