import type { FileProblem } from "#shared/domain/file-profile.ts";
import { SyncError } from "#shared/domain/sync-error.ts";

/** What is wrong with the file. Throws `cause` on where it is something else. */
export function problemIn(cause: unknown): FileProblem {
  if (!(cause instanceof SyncError) || cause.failure.kind !== "invalid-input") throw cause;
  const { code, fix, field } = cause.failure;
  if (fix === undefined) throw cause;
  return { code, fix, detail: field };
}
